//! What the host's parameters ask for between two blocks, for whoever acts on it: triggers that have
//! risen, and how the session wants the performance to begin. A parameter is a request, acted on
//! when it changes; what a loaded session sets is a beginning, not a request.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use atomic_float::AtomicF32;

use csound_performance::engine::AtEnd;

use crate::plugin::slots::event_slots::EVENT_SLOTS;

/// How a piece is started, as the parameters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartOptions {
    /// What happens at the end of the score.
    pub at_end: AtEnd,
    /// Whether score events are exact even where the piece does not ask for it.
    pub sample_accurate: bool,
}

/// A parameter that acts once on each rise from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// `stop`.
    Stop,
    /// `restart`.
    Restart,
    /// `event_1` … `event_16`, counted from 0.
    Event(usize),
}

/// Triggers that have risen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Risen(u32);

impl Risen {
    /// Whether this one has.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn has(self, trigger: Trigger) -> bool {
        self.0 & bit(trigger) != 0
    }

    /// The event slots among them.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn events(self) -> impl Iterator<Item = usize> {
        (0..EVENT_SLOTS).filter(move |slot| self.has(Trigger::Event(*slot)))
    }
}

fn bit(trigger: Trigger) -> u32 {
    match trigger {
        Trigger::Stop => 1,
        Trigger::Restart => 2,
        Trigger::Event(slot) => 4 << slot.min(EVENT_SLOTS - 1),
    }
}

/// Written by the parameters' callbacks, on whatever thread the host sets them.
pub struct Requests {
    risen: AtomicU32,
    generation: AtomicU32,
    plays: AtomicBool,
    follows: AtomicBool,
    offset: AtomicF32,
    record_bits: AtomicU32,
    record_buffers: AtomicU32,
    /// How a piece is started, in three bits.
    options: AtomicU8,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            risen: AtomicU32::new(0),
            generation: AtomicU32::new(1),
            plays: AtomicBool::new(true),
            follows: AtomicBool::new(false),
            offset: AtomicF32::new(0.0),
            record_bits: AtomicU32::new(24),
            record_buffers: AtomicU32::new(64),
            options: AtomicU8::new(0),
        }
    }
}

impl Requests {
    /// A trigger has risen.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn rise(&self, trigger: Trigger) {
        self.risen.fetch_or(bit(trigger), Ordering::AcqRel);
    }

    /// The triggers that have risen since the last call.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_risen(&self) -> Risen {
        match self.risen.load(Ordering::Relaxed) {
            0 => Risen(0),
            _ => Risen(self.risen.swap(0, Ordering::AcqRel)),
        }
    }

    /// Notes how `play` stands.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_plays(&self, plays: bool) {
        self.plays.store(plays, Ordering::Relaxed);
    }

    /// How `play` stands.
    pub fn plays(&self) -> bool {
        self.plays.load(Ordering::Relaxed)
    }

    /// Notes whether the host's transport moves the piece.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_follows(&self, follows: bool) {
        self.follows.store(follows, Ordering::Relaxed);
    }

    /// Where the score is to start, in seconds: at `offset`, unless the host's transport will say.
    pub fn score_start(&self) -> f32 {
        if self.follows.load(Ordering::Relaxed) { 0.0 } else { self.offset() }
    }

    /// Notes how `offset` stands, in seconds.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_offset(&self, seconds: f32) {
        self.offset.store(seconds, Ordering::Relaxed);
    }

    /// How `offset` stands, in seconds.
    pub fn offset(&self) -> f32 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Notes the bits of the next recording: 16, 24 or 32.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_record_bits(&self, bits: u32) {
        self.record_bits.store(bits, Ordering::Relaxed);
    }

    /// Notes the buffers of its ring.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_record_buffers(&self, buffers: u32) {
        self.record_buffers.store(buffers, Ordering::Relaxed);
    }

    /// How the next recording is made: its bits, and the buffers of its ring.
    pub fn recording(&self) -> (u32, usize) {
        (self.record_bits.load(Ordering::Relaxed), self.record_buffers.load(Ordering::Relaxed) as usize)
    }

    /// Notes how a piece is started.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_options(&self, options: StartOptions) {
        let at_end = match options.at_end {
            AtEnd::Keep => 0,
            AtEnd::Stop => 1,
            AtEnd::Loop => 2,
        };
        self.options.store(at_end | u8::from(options.sample_accurate) << 2, Ordering::Relaxed);
    }

    /// How a piece is started.
    pub fn options(&self) -> StartOptions {
        let bits = self.options.load(Ordering::Relaxed);
        let at_end = match bits & 3 {
            1 => AtEnd::Stop,
            2 => AtEnd::Loop,
            _ => AtEnd::Keep,
        };
        StartOptions { at_end, sample_accurate: bits & 4 != 0 }
    }

    /// A session was loaded: what its parameters were set to is no request.
    pub fn begin_afresh(&self) {
        self.risen.store(0, Ordering::Release);
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts loaded sessions.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rise_is_given_out_once() {
        let requests = Requests::default();
        assert_eq!(requests.take_risen(), Risen(0));
        requests.rise(Trigger::Restart);
        requests.rise(Trigger::Event(0));
        requests.rise(Trigger::Event(15));
        let risen = requests.take_risen();
        assert!(risen.has(Trigger::Restart) && !risen.has(Trigger::Stop));
        assert_eq!(risen.events().collect::<Vec<_>>(), [0, 15]);
        assert_eq!(requests.take_risen(), Risen(0));
    }

    #[test]
    fn start_options_come_back_as_they_were_noted() {
        let requests = Requests::default();
        for at_end in [AtEnd::Keep, AtEnd::Stop, AtEnd::Loop] {
            for sample_accurate in [true, false] {
                let options = StartOptions { at_end, sample_accurate };
                requests.set_options(options);
                assert_eq!(requests.options(), options);
            }
        }
    }

    #[test]
    fn a_loaded_session_asks_for_nothing() {
        let requests = Requests::default();
        let before = requests.generation();
        requests.rise(Trigger::Stop);
        requests.begin_afresh();
        assert_eq!(requests.take_risen(), Risen(0));
        assert_ne!(requests.generation(), before);
    }
}
