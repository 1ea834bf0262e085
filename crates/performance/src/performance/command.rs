//! The commands to a performance, and the used things that come back to be freed on the side of the handles.

use std::sync::Arc;

use crate::engine::{AnswerError, Engine, EventKind, Reply};
use csound_library::CsoundHandle;

use super::recorder::Tap;
use super::seat::Seat;
use super::state::Change;

/// The function that is called before each k-cycle, on the performing thread.
pub type ProcessCallback = Box<dyn FnMut(&Cycle<'_>) + Send>;

/// A function that the performing thread runs once, between two k-cycles.
pub struct Request {
    callback: Box<dyn FnMut(&Cycle<'_>) + Send>,
    reply: Arc<Reply>,
    is_done: bool,
}

impl Request {
    pub(super) fn new(callback: impl FnMut(&Cycle<'_>) + Send + 'static) -> (Box<Self>, Arc<Reply>) {
        let reply = Arc::<Reply>::default();
        let request = Self { callback: Box::new(callback), reply: Arc::clone(&reply), is_done: false };
        (Box::new(request), reply)
    }

    /// Runs it, the first time.
    pub(super) fn call(&mut self, cycle: &Cycle<'_>) {
        if !std::mem::replace(&mut self.is_done, true) {
            (self.callback)(cycle);
        }
    }
}

impl Drop for Request {
    /// Answers, on the thread that frees it.
    fn drop(&mut self) {
        let answer = if self.is_done { Ok(0.0) } else { Err(AnswerError::NotPerforming) };
        self.reply.set(answer);
    }
}

/// A process callback's view of the performance, at the moment before a k-cycle is performed.
///
/// # Realtime safety
/// Safe; calls on the [instance](Self::csound) may take Csound's own locks.
pub struct Cycle<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) score_time: f64,
    pub(super) frames: i64,
}

impl Cycle<'_> {
    /// Score time of the coming k-cycle, in seconds.
    pub fn score_time(&self) -> f64 {
        self.score_time
    }

    /// Frames that Csound has performed. A seek makes it jump.
    pub fn frames(&self) -> i64 {
        self.frames
    }

    /// The values of the channels that the engine was told to [bind](crate::Engine::bind), by their index,
    /// after the last k-cycle. An index without a channel is left as it is.
    pub fn read_channels(&self, values: &mut [f64]) {
        self.engine.read_channels(values);
    }

    /// The Csound instance, if it lives in this process.
    pub fn csound(&self) -> Option<CsoundHandle> {
        self.engine.csound()
    }
}

/// One command to a performance, such as a full queue hands back.
pub enum Command {
    /// `play`, `pause`, `toggle_pause`, `stop`.
    Change(Change),
    /// An event for the engine: a score event, a message, a channel's value, a seek, MIDI.
    Event(EventKind),
    /// Starts recording through this tap.
    Record(Box<Tap>),
    /// Ends the recording.
    StopRecord,
    /// Sets the process callback, or takes it away.
    Callback(Option<Box<ProcessCallback>>),
    /// Runs a function once, between two k-cycles.
    Request(Box<Request>),
    /// Another engine takes over: one that performs at the same rate and k-cycle.
    Seat(Box<Seat>),
    /// Marks everything queued before it as executed, under this number.
    Flush(u64),
}

impl Command {
    /// Notes that the performing thread has it.
    ///
    /// # Realtime safety
    /// Safe.
    pub(super) fn take(&self) {
        match self {
            Self::Event(EventKind::Code(code)) => code.take(),
            Self::Request(request) => request.reply.take(),
            _ => {}
        }
    }
}

/// A used thing that the performing thread must not free.
#[allow(dead_code, reason = "held only to be dropped on another thread")]
pub enum Spent {
    /// An event with a payload.
    Event(EventKind),
    /// A finished or replaced tap.
    Tap(Box<Tap>),
    /// A replaced callback.
    Callback(Box<ProcessCallback>),
    /// A function that was run once, or will not be.
    Request(Box<Request>),
    /// An engine that has left.
    Seat(Box<Seat>),
}
