//! An instance seen from any thread.

use std::sync::{Arc, PoisonError};

use super::instance::Instance;
use super::messages::{Level, Message, TAP};
use super::version::Generation;

/// An instance seen from any thread: what Csound allows while it performs. It keeps the instance
/// alive; the last one to go destroys it, so it must not go on an audio thread.
///
/// # Realtime safety
/// Times, ksmps, channels, rate and full scale are safe to read. Named channels and messages take locks.
///
/// Its channels are beside those of [`Csound`](super::Csound), in `channels`.
#[derive(Clone)]
pub struct CsoundHandle(pub(super) Arc<Instance>);

impl CsoundHandle {
    /// Csound's generation.
    pub fn generation(&self) -> Generation {
        self.0.library.generation()
    }

    /// Csound's version: major, minor, patch.
    pub fn version(&self) -> (i32, i32, i32) {
        self.0.library.version()
    }

    /// Score time in seconds; 0 before the start.
    pub fn score_time(&self) -> f64 {
        self.0.score_time()
    }

    /// Frames per second; 0 before the start.
    pub fn sample_rate(&self) -> f64 {
        self.0.header.get().map_or(0.0, |header| header.sample_rate)
    }

    /// Frames in a k-cycle; 0 before the start.
    pub fn ksmps(&self) -> u32 {
        self.0.header.get().map_or(0, |header| header.ksmps)
    }

    /// Output channels; 0 before the start.
    pub fn nchnls(&self) -> u32 {
        self.0.header.get().map_or(0, |header| header.nchnls)
    }

    /// Input channels; 0 before the start.
    pub fn nchnls_input(&self) -> u32 {
        self.0.header.get().map_or(0, |header| header.nchnls_input)
    }

    /// The sample value that is full scale; 0 before the start.
    pub fn zero_dbfs(&self) -> f64 {
        self.0.header.get().map_or(0.0, |header| header.zero_dbfs)
    }

    /// Says a line in Csound's place, where its own messages go.
    ///
    /// # Realtime safety
    /// As Csound's own messages: safe, but for a tap of this process that writes them somewhere.
    pub fn tell(&self, level: Level, line: &str) {
        for text in [line, "\n"] {
            match TAP.get() {
                Some(tap) => tap(level, text.as_bytes()),
                None => self.0.host.messages.push(level, text.as_bytes()),
            }
        }
    }

    /// Gives each whole line that Csound has printed since the last call, in order. A line without
    /// its end yet waits for it. With several readers each line goes to one of them.
    pub fn drain_messages(&self, give: impl FnMut(Message)) {
        // The lock is for the readers' sake only: Csound's side never takes it.
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let messages = self.0.host.messages.drain(&mut lines);
        drop(lines);
        messages.into_iter().for_each(give);
    }
}
