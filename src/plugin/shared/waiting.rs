//! What the host's threads want of an instance, and how they wait for it: as long as it takes offline, never
//! or not long in real time.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::blocks::Seat;
use csound_performance::command::Spent;
use csound_performance::engine::{ConsoleLine, EventKind};

use super::errand::Errand;
use super::link::Link;
use super::locked::{Begin, HostFormat};
use super::requests::StartOptions;
use super::score_line::ScoreLine;

/// What building an engine takes beside the piece's own time.
const BUILD_MARGIN: Duration = Duration::from_secs(3);

/// How long the host's main thread waits in real time for a piece to start.
const ACTIVATION_LIMIT: Duration = Duration::from_secs(1);

/// How long an offline render waits for an engine that ended to be noticed.
const NOTICE_LIMIT: Duration = Duration::from_secs(1);

/// How long it waits for the control thread to make an event of a line, or to have a recording stand by: that
/// may be at a disk.
const ERRAND_LIMIT: Duration = Duration::from_secs(10);

/// How often it looks whether a recording stands by.
const LOOK: Duration = Duration::from_millis(2);

impl Link {
    /// Notes what the host performs at and how pieces are started; wants another engine if that
    /// changed, and from the start if `afresh`.
    pub fn activate(&self, host: HostFormat, options: StartOptions, afresh: bool) {
        let mut locked = self.lock();
        let rate_changed = locked.host.is_none_or(|before| before.sample_rate != host.sample_rate);
        let first = locked.host.is_none();
        if rate_changed {
            locked.forget_comparison();
        }
        // What is being built is built for the blocks that there were.
        let outgrown = locked.host.is_some_and(|before| before.largest < host.largest) && self.is_pending();
        locked.host = Some(host);
        // What an export lacked may be there by now.
        if (first || self.export.is_some()) && locked.session.piece.is_none() {
            locked.errands.push_back((self.requests.generation(), Errand::Begin));
        }
        self.requests.set_options(options);
        let options_changed = locked.options.replace(options) != Some(options);
        if afresh {
            self.want(&mut locked, Begin::AtStart);
        } else if rate_changed || options_changed || outgrown {
            self.want(&mut locked, Begin::SamePlace);
        }
    }

    /// Wants another engine if the start options are not those of the last one.
    pub fn notice_options(&self) {
        let options = self.requests.options();
        let mut locked = self.lock();
        if locked.options.replace(options).is_some_and(|before| before != options) {
            self.want(&mut locked, Begin::SamePlace);
        }
    }

    /// Whether an engine is wanted and not yet built.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Waits, before an offline block, for the engine that is wanted; also where the last one has ended, or is
    /// to be started otherwise, and the control thread has not seen it yet. Never in real time.
    pub fn wait_for_engine(&self) {
        self.notice_options();
        self.notice_restart();
        self.wait_for_notice();
        if self.is_pending() {
            self.wait_built();
        }
    }

    /// Waits as [`wait_for_engine`](Self::wait_for_engine) does, and gives the engine that came. Never in real time.
    pub fn next_engine(&self) -> Option<Box<Seat>> {
        self.wait_for_engine();
        self.arrivals.pop()
    }

    /// Wants another engine if one was asked for by a parameter, a message or the end of the score.
    pub fn notice_restart(&self) {
        // Both the control thread and an offline block take it: who finds it taken finds it wanted.
        let mut locked = self.lock();
        if self.shared.take_renewal() {
            self.want(&mut locked, Begin::Restart);
        } else if self.shared.take_spare() {
            self.want(&mut locked, Begin::Spare);
        }
    }

    /// Where the engine has ended, waits until the control thread has heard of that from the watch, and wants
    /// it again or says that it will not.
    fn wait_for_notice(&self) {
        let mut locked = self.lock();
        let until = Instant::now() + NOTICE_LIMIT;
        while self.shared.has_engine_ended()
            && !self.is_pending()
            && !locked.stays_ended
            && self.arrivals.is_empty()
        {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            locked = self.changed.wait_timeout(locked, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Has the control thread make an event of a line, and waits for it; nothing if it cannot be sent, which the
    /// console then says. Never in real time.
    pub fn wait_for_line(&self, line: ScoreLine) -> Option<EventKind> {
        let until = Instant::now() + ERRAND_LIMIT;
        let mut locked = self.lock();
        if let Some(Some(stale)) = self.made_line.pop() {
            self.shared.spend(Spent::Event(stale));
        }
        self.awaited_line.force_push(line);
        locked.is_woken = true;
        self.changed.notify_all();
        loop {
            if let Some(made) = self.made_line.pop() {
                return made;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || locked.has_no_thread {
                // Late is better than never.
                if let Some(line) = self.awaited_line.pop() {
                    self.send_line_later(line);
                }
                return None;
            }
            locked = self.changed.wait_timeout(locked, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until a recording stands by, if there is a folder for it and an engine. Never in real time.
    pub fn wait_for_standby(&self) {
        let until = Instant::now() + ERRAND_LIMIT;
        let mut locked = self.lock();
        while self.standby.is_empty()
            && locked.session.recording_folder.is_some()
            && self.shared.running_format().is_some()
            && !locked.has_no_thread
            && Instant::now() < until
        {
            locked.is_woken = true;
            self.changed.notify_all();
            locked = self.changed.wait_timeout(locked, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the wanted engine is built or has failed, as long as its piece may take. Never in
    /// real time.
    pub fn wait_built(&self) {
        self.wait_until_done(None);
    }

    /// The same when the host activates the instance: in real time a second at most. The engine then comes
    /// in when it is built.
    pub fn wait_at_activation(&self, offline: bool) {
        if offline {
            return self.wait_built();
        }
        if !self.wait_until_done(Some(ACTIVATION_LIMIT)) && !self.lock().has_no_thread {
            self.lock().log(ConsoleLine::note(
                "the piece takes more than a second to start: it is silent until then",
            ));
        }
    }

    /// True if all that is wanted is there, or has failed, within `most`: by default as long as the piece may
    /// take, which the control thread may still have to read.
    fn wait_until_done(&self, most: Option<Duration>) -> bool {
        let began = Instant::now();
        let mut locked = self.lock();
        while !locked.is_done() {
            let most = most.unwrap_or_else(|| locked.compile_limit() + BUILD_MARGIN);
            let left = most.saturating_sub(began.elapsed());
            if left.is_zero() || locked.has_no_thread {
                return false;
            }
            locked = self.changed.wait_timeout(locked, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
