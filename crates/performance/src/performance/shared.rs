//! The common ground of a performance's handles and its performing thread: a queue of commands in, a
//! queue of spent things out, and readings.
//!
//! Both queues are first-in-first-out and bounded. A full command queue hands the command back to
//! the caller. The queue of spent things is emptied by whoever sends a command and by the driver's
//! own housekeeping; while it is nearly full no command is taken, so it cannot overflow by commands.

use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use atomic_float::AtomicF64;
use crossbeam_queue::ArrayQueue;

use crate::engine::{Engine, Format, Outcome, READ_CHANNELS};
use crate::thread::this_thread;
use csound_library::CsoundHandle;

use super::calls::answer::Waiting;
use super::command::{Command, Spent};
use super::recorder;
use super::state::{Phase, State};

/// Seconds for which a driver may be silent before waiting calls give up on it.
pub(super) const UNATTENDED_SECONDS: f64 = 0.5;

/// The time after which a waiting call looks again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Commands that can wait.
pub const COMMAND_CAPACITY: usize = 4096;

/// Spent things that can wait to be freed.
const SPENT_CAPACITY: usize = 16384;

/// The room that must be left before another command is taken.
const SPENT_MARGIN: usize = 64;

/// The common ground of a performance's handles and its driver: queues and readings. A host makes one, gives
/// it to its [`Blocks`](crate::blocks::Blocks) and to each [`Performance`](crate::Performance), and calls
/// [`free_spent`](Self::free_spent) now and then on a thread that may free.
pub struct Shared {
    commands: ArrayQueue<Command>,
    spent: ArrayQueue<Spent>,
    /// Set once the performing thread will take no further command.
    closed: AtomicBool,
    tickets: AtomicU64,
    flushed: AtomicU64,
    born: Instant,
    /// Milliseconds after `born` of the driver's last call; written by the performing thread.
    attended: AtomicU64,
    /// The performing thread, or 0.
    performing: AtomicUsize,
    phase: AtomicU8,
    status: AtomicI32,
    score_time: AtomicF64,
    frames: AtomicI64,
    /// Seconds of sound that engines have brought in time; written by the performing thread.
    performed: AtomicF64,
    late_turns: AtomicU64,
    late_events: AtomicU64,
    lengthened_events: AtomicU64,
    non_finite: AtomicU64,
    leaked: AtomicU64,
    callback: AtomicBool,
    renewal: AtomicBool,
    spare: AtomicBool,
    /// The last turn found no engine any more; written by the performing thread.
    engine_ended: AtomicBool,
    /// Nobody starts another in its place.
    given_up: AtomicBool,
    sample_rate: AtomicF64,
    ksmps: AtomicU32,
    outputs: AtomicU32,
    sample_accurate: AtomicBool,
    /// Somebody looks at the channels' values.
    watched: AtomicBool,
    /// The bound channels' values by index; written by the performing thread while they are watched.
    channels: [AtomicF64; READ_CHANNELS],
    /// Handles' side only; the performing thread never touches it.
    pub(super) recording: Mutex<Option<recorder::Recording>>,
    /// Recordings that a newer one followed, until they are closed. Handles' side only.
    pub(super) earlier: Mutex<Vec<recorder::Recording>>,
    /// Whoever tells of answers, once somebody wants to be told. Handles' side only.
    pub(super) teller: Mutex<Option<Sender<Waiting>>>,
    /// Handles' side only.
    pub(super) csound: Mutex<Option<CsoundHandle>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            commands: ArrayQueue::new(COMMAND_CAPACITY),
            spent: ArrayQueue::new(SPENT_CAPACITY),
            closed: AtomicBool::new(false),
            tickets: AtomicU64::new(0),
            flushed: AtomicU64::new(0),
            born: Instant::now(),
            attended: AtomicU64::new(0),
            performing: AtomicUsize::new(0),
            phase: AtomicU8::new(0),
            status: AtomicI32::new(0),
            score_time: AtomicF64::new(0.0),
            frames: AtomicI64::new(0),
            performed: AtomicF64::new(0.0),
            late_turns: AtomicU64::new(0),
            late_events: AtomicU64::new(0),
            lengthened_events: AtomicU64::new(0),
            non_finite: AtomicU64::new(0),
            leaked: AtomicU64::new(0),
            callback: AtomicBool::new(false),
            renewal: AtomicBool::new(false),
            spare: AtomicBool::new(false),
            engine_ended: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            sample_rate: AtomicF64::new(0.0),
            ksmps: AtomicU32::new(0),
            outputs: AtomicU32::new(0),
            sample_accurate: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            channels: std::array::from_fn(|_| AtomicF64::new(0.0)),
            recording: Mutex::new(None),
            earlier: Mutex::default(),
            teller: Mutex::new(None),
            csound: Mutex::new(None),
        }
    }
}

/// The handles' side. Readings are realtime safe; sending and freeing are not.
impl Shared {
    /// Queues a command, or hands it back if the queue is full. After the end it is dropped here.
    pub(super) fn send(&self, command: Command) -> Result<(), Command> {
        self.free_spent();
        if self.closed.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.commands.push(command)?;
        // The performing thread closes first and empties the queue then. A command that slipped
        // in between is dropped here: one of the two sides sees it.
        if self.closed.load(Ordering::SeqCst) {
            self.drop_commands();
        }
        Ok(())
    }

    pub(super) fn next_ticket(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn is_flushed(&self, ticket: u64) -> bool {
        self.flushed.load(Ordering::Acquire) >= ticket
    }

    /// Frees what the performing thread is done with.
    pub fn free_spent(&self) {
        while let Some(spent) = self.spent.pop() {
            drop(spent);
        }
    }

    /// Seconds since the driver last attended to the performance.
    pub(super) fn seconds_unattended(&self) -> f64 {
        let now = self.born.elapsed().as_millis() as u64;
        now.saturating_sub(self.attended.load(Ordering::Relaxed)) as f64 / 1000.0
    }

    /// True if the driver was at work within the last half second, so that what is sent is carried out.
    pub fn is_attended(&self) -> bool {
        self.seconds_unattended() <= UNATTENDED_SECONDS
    }

    pub(super) fn is_performing_thread(&self) -> bool {
        self.performing.load(Ordering::Relaxed) == this_thread()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The state of the performance: playing, paused or ended.
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Playing,
            1 => Phase::Paused,
            _ => Phase::Ended,
        }
    }

    /// The status of the performance: zero until its end; see [`Performance`](crate::Performance::status).
    pub fn status(&self) -> i32 {
        self.status.load(Ordering::Acquire)
    }

    /// Score time in seconds.
    pub fn score_time(&self) -> f64 {
        self.score_time.load(Ordering::Relaxed)
    }

    /// Frames that Csound counts as performed.
    pub fn frames(&self) -> i64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Seconds of sound that the engines so far have performed and brought in time. Unlike score time, it
    /// goes on through seeks, loops and new engines.
    pub fn performed_seconds(&self) -> f64 {
        self.performed.load(Ordering::Relaxed)
    }

    /// The format of the present engine, once there is one.
    pub fn running_format(&self) -> Option<RunningFormat> {
        let ksmps = self.ksmps.load(Ordering::Acquire) as usize;
        let outputs = self.outputs.load(Ordering::Relaxed) as usize;
        let sample_rate = self.sample_rate.load(Ordering::Relaxed);
        (ksmps > 0).then_some(RunningFormat { sample_rate, ksmps, outputs })
    }

    /// Counts of the things that went wrong so far.
    pub fn troubles(&self) -> Troubles {
        Troubles {
            late_turns: self.late_turns.load(Ordering::Relaxed),
            late_events: self.late_events.load(Ordering::Relaxed),
            lengthened_events: self.lengthened_events.load(Ordering::Relaxed),
            non_finite_samples: self.non_finite.load(Ordering::Relaxed),
        }
    }

    pub(super) fn has_callback(&self) -> bool {
        self.callback.load(Ordering::Relaxed)
    }

    /// Has the channels' values published after every turn, or no longer.
    pub fn watch_channels(&self, watched: bool) {
        self.watched.store(watched, Ordering::Relaxed);
    }

    /// The value of the bound channel at `index` after the last turn, while channels are watched.
    pub fn channel_value(&self, index: usize) -> Option<f64> {
        self.channels.get(index).map(|value| value.load(Ordering::Relaxed))
    }

    /// True if a fresh engine was asked for since the last call.
    pub fn take_renewal(&self) -> bool {
        self.renewal.swap(false, Ordering::AcqRel)
    }

    /// True if a spare engine was asked for since the last call: one of the same piece, at its start, for when
    /// the host's transport starts.
    pub fn take_spare(&self) -> bool {
        self.spare.swap(false, Ordering::AcqRel)
    }

    /// True if the last turn found no engine any more.
    pub fn has_engine_ended(&self) -> bool {
        self.engine_ended.load(Ordering::Relaxed)
    }

    /// Says where the score stood when the engine ended, before the performing thread has seen the end.
    pub fn ended_at(&self, score_time: f64) {
        self.score_time.store(score_time, Ordering::Relaxed);
    }

    /// Says whether an engine that has ended stays so: the performance is then over, until another comes.
    pub fn give_up(&self, given_up: bool) {
        self.given_up.store(given_up, Ordering::Relaxed);
    }

    fn drop_commands(&self) {
        while let Some(command) = self.commands.pop() {
            if let Command::Flush(ticket) = command {
                self.flushed(ticket);
            }
        }
    }
}

/// The performing thread's side.
///
/// # Realtime safety
/// All safe, but for `close`, which frees what is still queued.
impl Shared {
    /// Says that the driver is at work, on this thread.
    pub(super) fn attend(&self) {
        self.performing.store(this_thread(), Ordering::Relaxed);
        self.attended.store(self.born.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Takes no further command and drops those that wait. Not for a realtime thread.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.drop_commands();
        self.performing.store(0, Ordering::Relaxed);
    }

    pub(super) fn next_command(&self) -> Option<Command> {
        self.commands.pop().inspect(Command::take)
    }

    pub(super) fn has_room_for_spent(&self) -> bool {
        self.spent.len() + SPENT_MARGIN < self.spent.capacity()
    }

    /// Hands something back to be freed elsewhere. If nobody has emptied the queue it is leaked
    /// and counted: a leak is the lesser evil on this thread.
    pub fn spend(&self, spent: Spent) {
        if let Err(spent) = self.spent.push(spent) {
            std::mem::forget(spent);
            self.leaked.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn flushed(&self, ticket: u64) {
        // Pairs with the waiter's Acquire: what was executed before is visible to it.
        self.flushed.fetch_max(ticket, Ordering::AcqRel);
    }

    pub(super) fn publish_state(&self, state: &State) {
        // The status first: who sees the end (Acquire) must see its status.
        self.status.store(state.status(), Ordering::Release);
        let phase = match state.phase() {
            Phase::Playing => 0,
            Phase::Paused => 1,
            Phase::Ended => 2,
        };
        self.phase.store(phase, Ordering::Release);
    }

    pub(super) fn publish_format(&self, format: &Format) {
        self.sample_rate.store(format.sample_rate, Ordering::Relaxed);
        self.outputs.store(format.outputs as u32, Ordering::Relaxed);
        self.sample_accurate.store(format.sample_accurate, Ordering::Relaxed);
        self.ksmps.store(format.ksmps as u32, Ordering::Release);
    }

    pub(super) fn publish_outcome(&self, outcome: &Outcome) {
        self.engine_ended.store(outcome.engine_ended, Ordering::Relaxed);
        self.score_time.store(outcome.score_time, Ordering::Relaxed);
        self.frames.store(outcome.frames, Ordering::Relaxed);
    }

    /// Adds a turn of an engine of `format` to what was performed.
    pub(super) fn count_performed(&self, outcome: &Outcome, format: &Format) {
        if !outcome.late && outcome.performed > 0 {
            let seconds = (outcome.performed * format.ksmps) as f64 / format.sample_rate;
            // Nobody else writes it.
            self.performed.store(self.performed_seconds() + seconds, Ordering::Relaxed);
        }
    }

    /// Adds what a turn lost to the troubles.
    pub fn count(&self, outcome: &Outcome) {
        if outcome.late {
            self.late_turns.fetch_add(1, Ordering::Relaxed);
        }
        if outcome.late_events > 0 {
            self.late_events.fetch_add(u64::from(outcome.late_events), Ordering::Relaxed);
        }
        if outcome.lengthened_events > 0 {
            self.lengthened_events.fetch_add(u64::from(outcome.lengthened_events), Ordering::Relaxed);
        }
        if outcome.non_finite > 0 {
            self.non_finite.fetch_add(u64::from(outcome.non_finite), Ordering::Relaxed);
        }
    }

    pub(super) fn publish_callback(&self, set: bool) {
        self.callback.store(set, Ordering::Relaxed);
    }

    pub(super) fn publish_channels(&self, engine: &dyn Engine) {
        if !self.watched.load(Ordering::Relaxed) {
            return;
        }
        let mut values = [0.0; READ_CHANNELS];
        engine.read_channels(&mut values);
        for (channel, value) in self.channels.iter().zip(values) {
            channel.store(value, Ordering::Relaxed);
        }
    }

    /// Asks for a fresh engine of the same piece.
    pub fn ask_for_renewal(&self) {
        self.renewal.store(true, Ordering::Release);
    }

    /// Asks for a spare engine.
    ///
    /// # Realtime safety
    /// Safe.
    pub(crate) fn ask_for_spare(&self) {
        self.spare.store(true, Ordering::Release);
    }
}

/// The format of a running engine, as any thread may read it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunningFormat {
    /// Frames per second.
    pub sample_rate: f64,
    /// Frames in a k-cycle.
    pub ksmps: usize,
    /// Channels of output.
    pub outputs: usize,
}

impl RunningFormat {
    /// The engine's output, for a recording.
    pub fn sound(&self) -> recorder::Sound {
        let sample_rate = self.sample_rate.round() as u32;
        recorder::Sound { channels: self.outputs, sample_rate, ksmps: self.ksmps }
    }
}

/// Locks a mutex of the handles' side; what a panicking thread left is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The things that went wrong in a performance, counted since its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Turns that the engine did not finish in time.
    pub late_turns: u64,
    /// Score events that came after their time and were shortened or dropped.
    pub late_events: u64,
    /// Score events that were too short for a sample-accurate performance and were lengthened.
    pub lengthened_events: u64,
    /// Samples that were not finite and became silence.
    pub non_finite_samples: u64,
}
