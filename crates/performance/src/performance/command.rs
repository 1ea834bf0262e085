//! What can be asked of a performance, and what comes back for the asker's side to free.

use crate::engine::{Engine, EventKind};
use csound_library::CsoundHandle;

use super::recorder::Tap;
use super::seat::Seat;
use super::state::Change;

/// The function called before each k-cycle.
pub type ProcessCallback = Box<dyn FnMut(&Cycle<'_>) + Send>;

/// What a process callback sees: the moment before a k-cycle is performed.
pub struct Cycle<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) score_time: f64,
    pub(super) frames: i64,
}

impl Cycle<'_> {
    /// Score time of the coming k-cycle, in seconds.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn score_time(&self) -> f64 {
        self.score_time
    }

    /// Frames that Csound has performed. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn frames(&self) -> i64 {
        self.frames
    }

    /// The values of the channel bank's slots after the last k-cycle, for the slots that have a
    /// channel; the others are left as they are.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn read_channels(&self, values: &mut [f64]) {
        self.engine.read_channels(values);
    }

    /// The Csound instance, where it lives in this process.
    ///
    /// # Realtime safety
    /// Safe; what is called on the instance may take Csound's own locks.
    pub fn csound(&self) -> Option<CsoundHandle> {
        self.engine.csound()
    }
}

/// One command to a performance.
pub enum Command {
    /// `play`, `pause`, `toggle_pause`, `stop`.
    Change(Change),
    /// Something for the engine: a score event, a message, a channel, a seek, MIDI.
    Event(EventKind),
    /// Starts recording through this tap.
    Record(Box<Tap>),
    /// Ends the recording.
    StopRecord,
    /// Sets the process callback, or takes it away.
    Callback(Option<Box<ProcessCallback>>),
    /// Marks everything queued before it as executed, under this number.
    Flush(u64),
}

/// What the performing thread is done with and must not free.
#[allow(dead_code, reason = "held only to be dropped on another thread")]
pub enum Spent {
    /// An event with a payload.
    Event(EventKind),
    /// A finished or replaced tap.
    Tap(Box<Tap>),
    /// A replaced callback.
    Callback(Box<ProcessCallback>),
    /// An engine that has left.
    Seat(Box<Seat>),
}
