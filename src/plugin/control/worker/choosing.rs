//! Building the wanted piece by the Csound that is asked for; and *Auto*, which for a piece that is opened anew
//! may try the other one. Which Csound that is [`which`](crate::plugin::pieces::which) decides.

use std::sync::atomic::Ordering;

use csound_library::Library;
use csound_performance::Generation;
use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::Piece;

use super::Worker;
use crate::plugin::control::build::{Built, build};
use crate::plugin::control::choosing::{AtHand, by_that_of_process, written_for_another};
use crate::plugin::control::engines;
use crate::plugin::control::job::Job;
use crate::plugin::pieces::choice::{Choice, Named};
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::Trust;
use crate::plugin::pieces::which::{Moment, Says, Why};
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::shared::csounds::newest;
use crate::plugin::shared::locked::{Begin, Cause, Failure, Locked, Machine, PieceState};

impl Worker {
    /// Hears what a piece that is opened anew wishes.
    pub(super) fn hear_wishes(&self, piece: &Piece) {
        let now = PieceWishes::of(piece);
        self.link.log(now.wrong.iter().map(ConsoleLine::note).collect());
        let mut locked = self.link.lock();
        if self.is_its_session() {
            let last = locked.piece().map(|piece| PieceWishes::of(&piece)).unwrap_or_default();
            // Of pieces that came and went meanwhile nothing was carried out.
            let before = locked.wishes.take().map_or(last, |(before, _)| before);
            locked.wishes = Some((before, now));
        }
    }

    /// Builds a piece by this Csound.
    pub(super) fn build_by(
        &self,
        piece: &Piece,
        job: &Job,
        csound: Option<&Named>,
    ) -> Result<Built, Failure> {
        build(&self.link, piece, job, csound, self.csounds.found())
    }

    /// Builds the session's piece. Where *Auto* has just come to a Csound for it and that fails by the text's
    /// language, the other one is tried, once, and the console says what came of it.
    pub(super) fn build_wanted(&mut self, piece: &Piece, job: &mut Job) -> Result<Built, Failure> {
        let was_opened = job.may_try_other;
        // What is missing is told beside what there is: a loaded session may be the first that asks.
        self.csounds.look_once();
        self.settle(piece, job);
        let mut built = self.build_by(piece, job, job.csound.as_ref());
        if built.is_err() && was_opened && self.here(piece, job.in_process).is_some() {
            // Another instance may have brought a Csound into this process meanwhile.
            let before = job.csound.clone();
            self.settle(piece, job);
            if job.csound != before {
                built = self.build_by(piece, job, job.csound.as_ref());
            }
        }
        match built {
            Ok(built) => {
                self.auto_has_come_to(job, built.generation());
                Ok(built)
            }
            Err(failure) => self.build_otherwise(piece, job, failure, was_opened),
        }
    }

    /// The piece does not perform by the job's Csound.
    fn build_otherwise(
        &mut self,
        piece: &Piece,
        job: &Job,
        mut failure: Failure,
        was_opened: bool,
    ) -> Result<Built, Failure> {
        let Some(tried) = job.csound.as_ref().and_then(Named::known) else {
            // Without any Csound it is as yet to be opened.
            if job.is_auto && job.csound.is_none() {
                let mut locked = self.link.lock();
                locked.may_try_other |= was_opened && is_present(&locked, job);
            }
            return Err(failure);
        };
        if failure.cause != Cause::Language {
            return Err(failure);
        }
        let mut installed = self.csounds.found().iter().map(|found| found.generation);
        let other = installed.find(|generation| *generation != tried);
        // A process that has one Csound takes no other.
        let may_try = job.may_try_other && self.here(piece, job.in_process).is_none();
        let Some(other) = other.filter(|_| may_try) else {
            let at_hand = AtHand::of(self.link.export.is_some());
            if let Some(hint) = written_for_another(piece, tried, job.why, other.is_some(), at_hand) {
                self.link.log(vec![ConsoleLine::note(&hint)]);
                failure.reason = format!("{}. {hint}", failure.reason.trim_end_matches('.'));
            }
            return Err(failure);
        };
        self.try_other(piece, job, failure, [tried, other])
    }

    fn try_other(
        &mut self,
        piece: &Piece,
        job: &Job,
        failure: Failure,
        [tried, other]: [Generation; 2],
    ) -> Result<Built, Failure> {
        let name = &piece.name;
        let why = &failure.reason;
        self.link.log(vec![ConsoleLine::note(format!(
            "{tried} does not take this text ({why}): Auto tries {other}"
        ))]);
        match self.build_by(piece, job, Some(&other.into())) {
            Ok(built) => {
                let change = match AtHand::of(self.link.export.is_some()) {
                    AtHand::Settings => "; choose another Csound on the settings page",
                    AtHand::NoSettings => "",
                };
                self.link.log(vec![ConsoleLine::note(format!(
                    "{name} performs by {other}, because {tried} does not take its text. It stays so, and is saved{change}"
                ))]);
                self.auto_has_come_to(job, Some(other));
                Ok(built)
            }
            // The user can mend that, and then it performs by this one.
            Err(second) if second.cause == Cause::Want => {
                let told = format!("{name} is for {other}, but lacks something that it wants");
                self.link.log(vec![ConsoleLine::note(told)]);
                self.auto_has_come_to(job, Some(other));
                Err(second)
            }
            Err(second) => {
                self.link.log(vec![
                    ConsoleLine::error(format!("nor does {other}: {}", second.reason)),
                    ConsoleLine::note(format!(
                        "{name} performs neither by {tried} nor by {other}: {tried} is kept"
                    )),
                ]);
                Err(failure)
            }
        }
    }

    /// Has *Auto* come to a Csound where it has not yet, or has for a piece that was opened just now and may be in
    /// the wrong process for it.
    fn settle(&mut self, piece: &Piece, job: &mut Job) {
        if !job.is_auto || job.csound.is_some() && !job.may_try_other {
            return;
        }
        let moment = if job.may_try_other { Moment::Anew } else { Moment::Later };
        let wished = PieceWishes::of(piece).csound;
        let Machine { here, newest } = self.machine(Some(piece), job.in_process);
        let before = job.csound.clone();
        let says =
            Says { pinned: None, choice: &Choice::Auto, of_auto: before.as_ref(), wished, here, newest };
        let verdict = says.decide(moment);
        (job.csound, job.why, job.may_try_other) = (verdict.named, verdict.why, verdict.may_try_other);
        if job.csound == before {
            return;
        }
        let mut locked = self.link.lock();
        if is_present(&locked, job) && self.link.requests.generation() == job.session && locked.is_auto() {
            locked.session.csound_of_auto = job.csound.clone();
        }
        tell_of_process(&mut locked, &piece.name, job.why, here);
    }

    /// The Csounds that there are for a piece, as far as that matters for *Auto*. This reads the disk.
    pub(super) fn machine(&mut self, piece: Option<&Piece>, in_process: bool) -> Machine {
        let here = piece.and_then(|piece| self.here(piece, in_process));
        Machine { here, newest: newest(self.csounds.look()) }
    }

    /// The Csound that this process has loaded, where the piece performs in it.
    fn here(&self, piece: &Piece, in_process: bool) -> Option<Generation> {
        let loaded = Library::loaded()?.generation();
        // What the user lets the piece do is asked only where there is one: rarely.
        let granted = Trust::read().unwrap_or_default().granted(piece);
        let is_here = match engines::plan(&granted, in_process) {
            Plan::InProcess => true,
            Plan::Isolated { trusted } => trusted && !engines::has_program(),
        };
        is_here.then_some(loaded)
    }

    /// Looks which Csounds there are and which versions they are, for an editor that is open.
    pub(super) fn show_csounds(&mut self) {
        let Some(found) = self.csounds.with_versions() else { return };
        let mut locked = self.link.lock();
        if locked.csounds.as_deref() == Some(found) {
            return;
        }
        locked.csounds = Some(found.into());
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Keeps what *Auto* has come to, unless the user or another session has said something else since.
    fn auto_has_come_to(&self, job: &Job, generation: Option<Generation>) {
        let mut locked = self.link.lock();
        let is_its = self.link.requests.generation() == job.session
            && locked.is_auto()
            && locked.session.csound_of_auto == job.csound
            && is_present(&locked, job);
        if is_its && let Some(generation) = generation {
            locked.session.csound_of_auto = Some(generation.into());
        }
    }

    /// A piece is opened anew, or the user has chosen *Auto*: that comes to a Csound.
    pub(super) fn come_to(&self, locked: &mut Locked, piece: &Piece, machine: Machine) {
        let verdict = locked.come_to(PieceWishes::of(piece).csound, machine);
        tell_of_process(locked, &piece.name, verdict.why, machine.here);
    }

    /// The user has chosen *Auto*: it comes to a Csound as for a piece that is opened now.
    pub(super) fn come_to_auto(&mut self) {
        let (piece, in_process) = {
            let locked = self.link.lock();
            (locked.piece(), locked.session.in_process)
        };
        let machine = self.machine(piece.as_ref(), in_process);
        let mut locked = self.link.lock();
        let Some(piece) = piece.filter(|piece| locked.piece().as_ref() == Some(piece)) else { return };
        if !self.is_its_session() || !locked.is_auto() {
            return;
        }
        self.come_to(&mut locked, &piece, machine);
        // What performs so already goes on.
        let now = locked.named().as_ref().and_then(Named::known);
        let performs_so =
            now.is_some() && self.performing_by == now && self.performing.as_ref() == Some(&piece);
        if performs_so && locked.state == PieceState::Ready {
            // Nothing is opened, so nothing may be tried.
            locked.may_try_other = false;
        } else {
            self.link.want(&mut locked, Begin::SamePlace);
        }
    }
}

/// Whether the job's piece is still the one that is wanted.
fn is_present(locked: &Locked, job: &Job) -> bool {
    locked.piece() == job.piece
}

/// Says that *Auto* has come to the process's own Csound.
fn tell_of_process(locked: &mut Locked, piece: &str, why: Why, here: Option<Generation>) {
    if let Some(here) = here.filter(|_| why == Why::Process) {
        locked.log(ConsoleLine::note(by_that_of_process(piece, here)));
    }
}
