//! The control thread's work: carries out errands, builds engines, brings back those that have ended, and
//! carries what comes and goes beside the audio.

mod activity;
mod catalogue;
mod choosing;
mod comparing;
mod drafts;
mod errands;
mod exporting;
mod files;
mod gather;
mod images;
mod keys;
mod lines;
mod manual;
mod opcodes;
mod presets;
mod preview;
mod readable;
mod texts;
mod tuning;
mod widgets;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use csound_performance::engine::piece::Piece;
use csound_performance::engine::{Abandoned, ConsoleLine};
use csound_performance::{Generation, Phase};

use super::aside::Aside;
use super::build::{Built, by_their_own_name};
use super::codes::Codes;
use super::comparing::Comparing;
use super::csounds::Csounds;
use super::engines::RunningEngine;
use super::faults::{self, Reader, Said};
use super::gather::Gather;
use super::job::Job;
use super::listing::{Last, Listing};
use super::preview::Previewing;
use super::recordings::Recordings;
use super::troubles::Told;
use crate::catalogue::Catalogue;
use crate::exporting::Stands;
use crate::manual::Manual;
use crate::plugin::pieces::choice::Named;
use crate::plugin::pieces::limits::Limits;
use crate::plugin::pieces::watch::FileWatch;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::{Begin, PieceState};
use crate::plugin::shared::ranges::ChangingRanges;

/// How often the thread looks after its queues, which the audio thread fills and nobody else tells of.
const LOOK_AFTER: Duration = Duration::from_millis(20);

/// An engine that ended is started again so often within so many seconds of performed sound; then the user has
/// to say so. The clock does not count: a piece that hangs takes its time before each end.
const REVIVALS: usize = 3;
const REVIVAL_SPAN: f64 = 10.0;

/// See the module.
pub(super) struct Worker {
    link: Arc<Link>,
    /// The running engine, as seen from here.
    running: Option<RunningEngine>,
    /// The engine that performs for keys while a spare one waits.
    standing_in: Option<RunningEngine>,
    /// What it performs.
    performing: Option<Piece>,
    /// By which Csound.
    performing_by: Option<Generation>,
    /// The Csounds of this machine.
    csounds: Csounds,
    /// The seconds that were performed when engines that had ended were started again, lately.
    revivals: VecDeque<f64>,
    recordings: Recordings,
    /// The count of loaded sessions to which the present errand belongs.
    session: u32,
    /// Watches the piece's files.
    files: Option<FileWatch>,
    /// Orchestra code that is not answered yet.
    codes: Codes,
    /// When the list of opened pieces was read.
    recent_read: Option<Instant>,
    told: Told,
    faults: Reader,
    /// The presets on the disk, as they were found last.
    shelved: presets::Shelved,
    /// The pictures of the panel.
    pictures: images::Pictures,
    /// What it shows of other files.
    panel_files: files::PanelReads,
    /// It was told that changes of widgets have no room.
    told_of_widgets: bool,
    /// The ranges that the piece changes.
    ranges: ChangingRanges,
    /// The comparison that is under way.
    comparing: Option<Comparing>,
    /// The one that begins once that has ended, until it is given up.
    compares_next: Option<Abandoned>,
    /// The export that is under way.
    exporting: Option<Aside<Stands>>,
    /// The collecting of files that is under way.
    gathering: Option<Gather>,
    /// The look at all pieces and presets that is under way.
    looking: Option<Aside<Catalogue>>,
    /// The preview that is under way.
    previewing: Option<Previewing>,
    /// The look into the manual that is under way.
    reading: Option<Aside<Manual>>,
    /// What is known of the texts in the piece's folder.
    folder: texts::Folder,
    /// What is typed and not saved, and what was left of that.
    drafts: drafts::Drafts,
    /// The list of opcodes that is being made, and what the last one was made for.
    listing: Option<Listing>,
    listed: Option<Last>,
}

impl Worker {
    pub(super) fn new(link: Arc<Link>) -> Self {
        let told = Told::of(&link);
        Self {
            link,
            running: None,
            standing_in: None,
            performing: None,
            performing_by: None,
            csounds: Csounds::default(),
            revivals: VecDeque::new(),
            recordings: Recordings::default(),
            session: 0,
            files: None,
            codes: Codes::default(),
            recent_read: None,
            told,
            faults: Reader::default(),
            shelved: presets::Shelved::default(),
            pictures: images::Pictures::default(),
            panel_files: files::PanelReads::default(),
            told_of_widgets: false,
            ranges: ChangingRanges::default(),
            comparing: None,
            compares_next: None,
            exporting: None,
            gathering: None,
            looking: None,
            previewing: None,
            reading: None,
            folder: texts::Folder::default(),
            drafts: drafts::Drafts::default(),
            listing: None,
            listed: None,
        }
    }

    /// Works until the instance goes. A panic is a defect of ours, which is told; the thread goes on.
    pub(super) fn run(mut self) {
        self.read_limits();
        while !self.link.lock().closing {
            if std::panic::catch_unwind(AssertUnwindSafe(|| self.step())).is_err() {
                self.give_up_after_panic();
            }
        }
        self.comparing = None;
        self.exporting = None;
        self.gathering = None;
        self.looking = None;
        self.previewing = None;
        self.reading = None;
        self.listing = None;
        self.write_what_waits();
    }

    /// Does what is to be done next, or waits for something.
    fn step(&mut self) {
        if self.next_errand() {
            return;
        }
        let mut locked = self.link.lock();
        if locked.closing || !locked.errands.is_empty() {
            return;
        }
        let requests = &self.link.requests;
        if let Some(job) = Job::of(&mut locked, requests.generation(), requests.score_start()) {
            drop(locked);
            return self.carry_out(job);
        }
        if std::mem::take(&mut locked.is_woken) {
            drop(locked);
        } else {
            let waited = self.link.changed.wait_timeout(locked, LOOK_AFTER);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        self.look_after();
    }

    /// Nobody waits for what a panic has left undone.
    fn give_up_after_panic(&self) {
        let why = "Csound Performer failed on its control thread; this is our fault. Reload the piece";
        let mut locked = self.link.lock();
        locked.log(ConsoleLine::error(why));
        if locked.built != locked.wanted {
            locked.built = locked.wanted;
            locked.state = PieceState::Failed(why.to_owned().into());
        }
        self.link.pending.store(!locked.is_done(), Ordering::Release);
        self.link.changed.notify_all();
        drop(locked);
        // What panics again and again does not take the processor.
        std::thread::sleep(LOOK_AFTER);
    }

    fn look_after(&mut self) {
        self.link.shared.free_spent();
        self.link.notice_options();
        self.link.notice_restart();
        self.make_line();
        self.send_lines();
        self.send_texts();
        self.send_strokes();
        self.codes.look(&self.link);
        self.take_changes();
        self.look_at_activity();
        self.recordings.keep_ready(&self.link, self.performing.as_ref());
        self.look_at_files();
        self.load_what_waits();
        self.follow_programs();
        self.look_at_comparison();
        self.look_at_export();
        self.look_at_gathering();
        self.look_at_catalogue();
        self.look_at_preview();
        self.look_at_manual();
        self.look_at_drafts();
        self.look_at_images();
        self.look_at_panel_files();
        self.link.log(self.told.news(&self.link));
        self.link.log(self.standing_in.as_ref().map(RunningEngine::drain).unwrap_or_default());
        let mut lines = self.running.as_ref().map(RunningEngine::drain).unwrap_or_default();
        if let Some(piece) = &self.performing {
            by_their_own_name(&mut lines, &piece.name);
        }
        let said = self.faults.read(&lines);
        self.note_faults(said);
        self.link.log(lines);
        if let Some(how) = self.running.as_ref().and_then(RunningEngine::take_end) {
            self.revive(how);
        }
    }

    /// Keeps what is wrong with the piece that performs.
    fn note_faults(&self, said: Vec<Said>) {
        let Some(piece) = self.performing.as_ref().filter(|_| !said.is_empty()) else { return };
        let (mut known, granted) = {
            let locked = self.link.lock();
            (locked.faults.to_vec(), locked.isolation.granted.clone())
        };
        // It looks for files on the disk.
        faults::add(&mut known, said, piece, &granted);
        self.link.lock().faults = known.into();
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Sends string channels to the running piece.
    fn send_texts(&mut self) {
        let texts = std::mem::take(&mut self.link.lock().texts);
        for (name, text) in texts {
            if let Some(standing_in) = &self.standing_in {
                // The same is said of the other one.
                let _ = standing_in.set_text(&name, &text);
            }
            if let Some(Err(error)) = self.running.as_ref().map(|running| running.set_text(&name, &text)) {
                self.link.log(vec![ConsoleLine::error(format!("channel {name}: {error}"))]);
            }
        }
    }

    /// The running engine has ended: starts it again where it was, if that has not failed too often.
    fn revive(&mut self, how: String) {
        // The audio thread may still be about to find the end.
        if let Some(score_time) = self.running.as_ref().and_then(RunningEngine::score_time) {
            self.link.shared.ended_at(score_time);
        }
        let how = format!("{how} (at {:.3} s of its score)", self.link.shared.score_time());
        let now = self.link.shared.performed_seconds();
        self.revivals.retain(|then| now - then < REVIVAL_SPAN);
        let again = self.revivals.len() < REVIVALS;
        let over = self.link.shared.phase() == Phase::Ended;
        let mut locked = self.link.lock();
        locked.log(ConsoleLine::error(&how));
        locked.crash = Some(how.clone());
        if over {
            locked.log(ConsoleLine::note("the performance was over; play starts it again"));
            locked.stays_ended = true;
        } else if again {
            self.revivals.push_back(now);
            locked.log(ConsoleLine::note("starting it again where it was"));
            self.link.want(&mut locked, Begin::AfterCrash);
        } else {
            locked.stays_ended = true;
            // The editor of an export has no file to read again.
            let again =
                if self.link.export.is_some() { "restart it in its editor" } else { "reload the piece" };
            let why = format!(
                "{how}. It has ended {} times without {REVIVAL_SPAN} seconds of sound in between; {again} to try again",
                REVIVALS + 1
            );
            locked.log(ConsoleLine::error(&why));
            locked.state = PieceState::Failed(why.into());
            self.link.shared.give_up(true);
        }
        // Whoever renders offline waits for this to be seen.
        self.link.changed.notify_all();
    }

    /// What the user's configuration allows.
    fn read_limits(&self) {
        let limits = Limits::read();
        let mut locked = self.link.lock();
        match limits {
            Ok(limits) => locked.limits = limits,
            Err(error) => {
                let told = format!("your limits cannot be read, so the usual ones hold: {error}");
                locked.log(ConsoleLine::error(told));
                locked.limits = Limits::default();
            }
        }
        self.link.changed.notify_all();
    }

    /// Builds the wanted engine; if its piece fails and nothing performs yet, the last good one.
    fn carry_out(&mut self, mut job: Job) {
        if job.begin == Begin::AtStart {
            // The user or the host has said so.
            self.revivals.clear();
        }
        if job.begin != Begin::AfterCrash {
            // Their files may have changed with the piece's.
            self.pictures.read_again();
            self.panel_files.read_again();
        }
        let mut state = PieceState::None;
        let mut good = None;
        // What is begun again is what performs, not what took its place in the text and failed.
        let is_again = match job.begin {
            Begin::AfterCrash | Begin::Spare => true,
            Begin::Restart => matches!(job.before, PieceState::Failed(_)),
            Begin::AtStart | Begin::SamePlace => false,
        };
        let again = self.performing.clone().filter(|_| is_again);
        if let Some(piece) = &again.clone().or_else(|| job.piece.clone()) {
            let built = match &again {
                // By what it performed by.
                Some(piece) => self.build_by(piece, &job, self.performing_by.map(Named::Known).as_ref()),
                None => self.build_wanted(piece, &mut job),
            };
            match built {
                Ok(built) => {
                    // What is brought back need not be what was wanted and failed.
                    let wanted = job.piece.as_ref() == Some(piece);
                    state = if wanted { PieceState::Ready } else { job.before.clone() };
                    good = Some((SavedPiece::from(piece), built.generation().map(Named::Known)));
                    self.deliver(built);
                }
                // What performs performs on, and goes back when the transport starts.
                Err(failure) if job.begin == Begin::Spare => {
                    self.link.log(vec![ConsoleLine::error(&failure.reason)]);
                    state = job.before.clone();
                }
                Err(failure) => {
                    self.link.log(vec![ConsoleLine::error(&failure.reason)]);
                    state = PieceState::Failed(failure);
                    self.fall_back(&job);
                }
            }
        } else {
            self.running = None;
            self.standing_in = None;
            self.performing = None;
            self.performing_by = None;
            let mut locked = self.link.lock();
            locked.performs_by = None;
            locked.faults = [].into();
            locked.performing = None;
            locked.score = [].into();
            if let Some(missing) = locked.missing.clone() {
                state = PieceState::Failed(missing.into());
            }
            drop(locked);
            self.link.emptied.store(true, Ordering::Release);
            drop(self.link.arrivals.pop());
        }
        let failed = matches!(state, PieceState::Failed(_)) && self.link.arrivals.is_empty();
        let mut locked = self.link.lock();
        locked.built = job.wanted;
        if let Some((piece, by)) = good {
            locked.session.last_good = Some(piece);
            locked.session.csound_of_last_good = by;
        }
        if locked.built == locked.wanted {
            // An engine that has ended and could not be brought back stays so until something is wanted. The audio
            // thread may still be about to find the end.
            let has_ended = self.running.as_ref().is_some_and(RunningEngine::has_ended);
            locked.stays_ended = failed && (has_ended || self.link.shared.has_engine_ended());
            locked.state = state;
        }
        self.link.pending.store(!locked.is_done(), Ordering::Release);
        self.link.done.fetch_add(1, Ordering::Release);
        self.link.changed.notify_all();
    }

    fn fall_back(&mut self, job: &Job) {
        let nothing_performs = self.link.shared.running_format().is_none();
        if let Some(piece) = job.last_good.as_ref().filter(|_| nothing_performs)
            && let Ok(built) = self.build_by(piece, job, job.csound_of_last_good.as_ref())
        {
            let by = built.generation().map(|by| format!(" by {by}")).unwrap_or_default();
            let told = format!("{} performs instead{by}, as it did last", piece.name);
            self.link.log(vec![ConsoleLine::note(told)]);
            self.deliver(built);
        }
    }

    fn deliver(&mut self, built: Built) {
        self.link.performance().set_csound(built.running.csound());
        self.link.host_channels.store(built.wiring.host_channels, Ordering::Relaxed);
        self.link.input.set_used(&built.wiring.used);
        self.link.expressions.store(built.wiring.expressions, Ordering::Relaxed);
        self.link.modulated.set(&built.wiring.modulated);
        self.link.instrument.store(built.shown.instrument.map_or(0, u32::from), Ordering::Relaxed);
        self.link.score_length.store(built.shown.score_length.unwrap_or(f64::NAN), Ordering::Relaxed);
        let link = Arc::downgrade(&self.link);
        built.running.at_end(move || {
            if let Some(link) = link.upgrade() {
                link.wake_control();
            }
        });
        // The engine before this one says no more that anybody waits for, unless it performs until the transport
        // starts.
        self.performing_by = built.generation();
        let before = self.running.replace(built.running);
        self.standing_in = before.filter(|_| built.seat.is_spare);
        self.faults = Reader::of(&built.piece);
        self.performing = Some(built.piece);
        self.link.shared.give_up(false);
        {
            let mut locked = self.link.lock();
            locked.faults = [].into();
            locked.score = built.shown.score.into();
        }
        self.note_faults(built.said);
        // Newest wins: one that the audio thread has not taken yet is dropped here.
        drop(self.link.arrivals.force_push(built.seat));
        // It may have changed since the piece was given it.
        self.link.tell_piece_of_track();
    }
}
