//! The present piece by the other Csound: begun, looked after and given up here, carried out on a thread of its own.

use std::sync::atomic::Ordering;

use csound_library::how_to_install;
use csound_performance::Generation;
use csound_performance::engine::{Abandoned, ConsoleLine, PieceSpec};

use super::Worker;
use crate::plugin::control::aside::no_thread;
use crate::plugin::control::build::{isolation_of, spec_of, users_options, with_what_is_told};
use crate::plugin::control::comparing::{Comparing, Subject};
use crate::plugin::control::engines;
use crate::plugin::control::job::Job;
use crate::plugin::pieces::choice::Named;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::Trust;
use crate::plugin::shared::comparison::{Comparison, Finding, FindingKind, Stands};
use crate::plugin::shared::csounds::InstalledCsound;

impl Worker {
    /// Begins to compare the present piece by both Csounds. Why not, for the user.
    pub(super) fn compare(&mut self) -> Option<String> {
        if !self.is_its_session() {
            return None;
        }
        if self.comparing.is_some() {
            self.compare_next();
            return None;
        }
        self.begin_to_compare(Abandoned::default()).err()
    }

    /// A comparison has not ended yet. Of the present piece it is what is asked for; otherwise this one comes next.
    fn compare_next(&mut self) {
        let mut locked = self.link.lock();
        let Some(piece) = locked.session.piece.clone() else { return };
        let answers = |compared: &Comparison| compared.piece == piece && !compared.given_up.is_abandoned();
        if locked.comparison.as_ref().is_some_and(answers) {
            return;
        }
        locked.give_up_comparison();
        let given_up = Abandoned::default();
        locked.comparison = Some(Comparison { piece, stands: Stands::UnderWay, given_up: given_up.clone() });
        self.compares_next = Some(given_up);
    }

    fn begin_to_compare(&mut self, given_up: Abandoned) -> Result<(), String> {
        self.csounds.look();
        let csounds = self.csounds_to_compare()?;
        if !engines::has_program() {
            return Err(
                "pieces are compared in processes of their own, and the program csound-performer-engine for \
                        that is not beside the plugin: install Csound Performer again"
                    .to_owned(),
            );
        }
        let requests = &self.link.requests;
        let (job, saved) = {
            let locked = self.link.lock();
            let job = Job::to_look_at(&locked, requests.generation(), requests.score_start());
            (job, locked.session.piece.clone())
        };
        let job = job.ok_or("nothing can be compared before the host has activated the plugin")?;
        let (Some(piece), Some(saved)) = (job.piece.clone(), saved) else {
            return Err("there is no piece to compare: open one".to_owned());
        };
        let trust = Trust::read().map_err(|error| format!("what pieces may do cannot be read: {error}"))?;
        let isolation = isolation_of(&self.link, &trust, &piece, job.in_process);
        let mut lines = Vec::new();
        let specs = csounds.each_ref().map(|csound| {
            let by = Some(csound.generation);
            let users_options = users_options(&self.link, Plan::Isolated { trusted: false }, by, &mut lines);
            let spec =
                PieceSpec { users_options, ..spec_of(&self.link, &piece, &job, self.link.bank.values(), by) };
            with_what_is_told(spec, Plan::Isolated { trusted: false }, &isolation.granted)
        });
        let [own, other] = csounds.each_ref().map(|csound| csound.generation);
        lines.push(ConsoleLine::note(format!("comparing {}: by {own} and by {other}", piece.name)));
        let mut patience = job.patience.clone();
        patience.abandoned = given_up.clone();
        let subject = Subject { specs, csounds, granted: isolation.granted, patience };
        let comparing = Comparing::begin(subject).map_err(|error| no_thread("compare", &error))?;
        self.comparing = Some(comparing);
        let mut locked = self.link.lock();
        // The instance may go meanwhile.
        if locked.closing {
            given_up.abandon();
        }
        locked.comparison = Some(Comparison { piece: saved, stands: Stands::UnderWay, given_up });
        lines.into_iter().for_each(|line| locked.log(line));
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// The Csound that performs the piece, or is to, and the other one.
    fn csounds_to_compare(&self) -> Result<[InstalledCsound; 2], String> {
        let named = self.link.lock().named();
        let own = named.as_ref().and_then(Named::known).or(self.performing_by).unwrap_or(Generation::Six);
        let found = |own_one: bool| {
            let mut found = self.csounds.found().iter();
            found.find(|csound| (csound.generation == own) == own_one).cloned()
        };
        let missing = |is_own: bool| {
            let generation = Generation::ALL.into_iter().find(|one| (*one == own) == is_own).unwrap_or(own);
            format!(
                "the piece cannot be compared: {generation} is not installed here. Install it ({}) and press Reload",
                how_to_install(generation)
            )
        };
        let own = found(true).ok_or_else(|| missing(true))?;
        Ok([own, found(false).ok_or_else(|| missing(false))?])
    }

    /// Looks after the comparison that is under way, and tells what came of it. One of a piece that is another by now
    /// is given up.
    pub(super) fn look_at_comparison(&mut self) {
        let Some(comparing) = &mut self.comparing else { return };
        {
            let locked = self.link.lock();
            let is_of_present =
                |compared: &Comparison| locked.session.piece.as_ref() == Some(&compared.piece);
            if let Some(compared) = locked.comparison.as_ref().filter(|compared| !is_of_present(compared)) {
                compared.given_up.abandon();
            }
        }
        let Some(finding) = comparing.look() else { return };
        let given_up = comparing.is_given_up();
        self.comparing = None;
        let next = self.compares_next.take().filter(|next| !next.is_abandoned());
        let mut locked = self.link.lock();
        locked.log(if given_up { ConsoleLine::note(&finding.told) } else { line_of(&finding) });
        if given_up && next.is_none() {
            locked.comparison = None;
        } else if !given_up && let Some(compared) = &mut locked.comparison {
            compared.stands = Stands::Done(finding);
        }
        drop(locked);
        if let Some(next) = next {
            self.begin_the_next(next);
        }
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Begins the comparison that waited for the one before it to end.
    fn begin_the_next(&mut self, given_up: Abandoned) {
        let Err(why) = self.begin_to_compare(given_up) else { return };
        let mut locked = self.link.lock();
        locked.comparison = None;
        locked.log(ConsoleLine::error(&why));
        locked.refusals.push(why);
    }
}

fn line_of(finding: &Finding) -> ConsoleLine {
    match finding.kind {
        FindingKind::Alike | FindingKind::Different => ConsoleLine::note(&finding.told),
        FindingKind::Failed => ConsoleLine::error(&finding.told),
    }
}
