//! Building the wanted piece by the Csound that is asked for; and *Auto*, which for a piece that is opened anew
//! may try the other one.

use std::sync::atomic::Ordering;

use csound_performance::Generation;
use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::Piece;

use super::Worker;
use crate::plugin::control::build::{Built, build};
use crate::plugin::control::choosing::written_for_another;
use crate::plugin::control::job::Job;
use crate::plugin::pieces::choice::{Choice, Named};
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::shared::csounds::newest;
use crate::plugin::shared::locked::{Begin, Cause, Failure, PieceState};

impl Worker {
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
    pub(super) fn build_wanted(&mut self, piece: &Piece, job: &Job) -> Result<Built, Failure> {
        let built = self.build_by(piece, job, job.csound.as_ref());
        let mut failure = match built {
            Ok(built) => {
                self.auto_has_come_to(job, built.generation());
                return Ok(built);
            }
            Err(failure) => failure,
        };
        let Some(tried) =
            job.csound.as_ref().and_then(Named::known).filter(|_| failure.cause == Cause::Language)
        else {
            return Err(failure);
        };
        let other =
            self.csounds.found().iter().find(|found| found.generation != tried).map(|found| found.generation);
        let Some(other) = other.filter(|_| job.may_try_other) else {
            if let Some(hint) = written_for_another(piece, tried, other.is_some()) {
                self.link.log(vec![ConsoleLine::note(&hint)]);
                failure.reason = format!("{}. {hint}", failure.reason.trim_end_matches('.'));
            }
            return Err(failure);
        };
        let name = &piece.name;
        let why = &failure.reason;
        self.link.log(vec![ConsoleLine::note(format!(
            "{tried} does not take this text ({why}): Auto tries {other}"
        ))]);
        match self.build_by(piece, job, Some(&other.into())) {
            Ok(built) => {
                self.link.log(vec![ConsoleLine::note(format!(
                    "{name} performs by {other}, because {tried} does not take its text. It stays so, and is saved; choose \
                     another Csound on the settings page"
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

    /// Looks which Csounds there are and which versions they are, for an editor that is open.
    pub(super) fn show_csounds(&mut self) {
        if self.csounds.is_complete() {
            return;
        }
        let found = self.csounds.look_with_versions();
        self.link.lock().csounds = Some(found.into());
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Keeps what *Auto* has come to, unless the user or another session has said something else since.
    fn auto_has_come_to(&self, job: &Job, generation: Option<Generation>) {
        let mut locked = self.link.lock();
        let session = &locked.session;
        let is_its = self.link.requests.generation() == job.session
            && session.csound == Choice::Auto
            && session.csound_of_auto == job.csound
            && locked.piece() == job.piece;
        if is_its && let Some(generation) = generation {
            locked.session.csound_of_auto = Some(generation.into());
        }
    }

    /// The user has chosen *Auto*: it comes to a Csound as for a piece that is opened now.
    pub(super) fn come_to_auto(&mut self) {
        let newest = newest(self.csounds.look());
        let mut locked = self.link.lock();
        if !self.is_its_session()
            || locked.session.csound != Choice::Auto
            || locked.session.csound_of_auto.is_some()
        {
            return;
        }
        let Some(piece) = locked.piece() else { return };
        locked.come_to(PieceWishes::of(&piece).csound, newest);
        // What performs so already goes on.
        let now = locked.session.named().and_then(Named::known);
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
