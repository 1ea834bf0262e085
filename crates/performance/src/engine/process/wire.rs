//! The layout of a turn in the memory that a host and its engine process share. Pure: offsets and bytes.
//!
//! One side writes a block of words, the other reads it; the order is kept by two counters, of which
//! each side owns one. The host puts a turn down and raises *request*; the engine performs it, puts
//! the outcome down and raises *answer* to the same number. In between the memory is the engine's,
//! at all other times the host's. Neither side believes what it reads: a number is held to its range
//! where it is used, and bytes that make no sense end the reading.

pub(crate) mod events;

use std::time::Duration;

use csound_library::MidiMessage;

use crate::engine::turn::{MAX_KSMPS, MIDI_OUT_CAPACITY, MidiOut, READ_CHANNELS};

/// Channels of input that a turn can carry: the most that a host gives.
pub(crate) const INPUTS: usize = 32;

/// Channels of output that a turn can carry.
pub(crate) const OUTPUTS: usize = 256;

/// Bytes of events in one turn: the longest text of live orchestra code, with what is around it, and others.
pub(crate) const EVENT_BYTES: usize = (1 << 20) + (1 << 16);

/// Frames of a turn, unless one k-cycle is longer. Longer requests of a host are several turns.
const TURN_FRAMES: usize = 4096;

/// Frames of a step of a turn, unless one k-cycle is longer: an engine tells of each step that it gets on.
const STEP_FRAMES: usize = 1024;

/// The host's words. The counter that the host raises: a turn waits.
pub const REQUEST: usize = 0;
/// 1 while the host sleeps on the answer.
pub(crate) const HOST_SLEEPS: usize = 4;
/// K-cycles to perform, with input and output.
pub(crate) const CYCLES: usize = 8;
/// K-cycles to perform before those, unheard: time that went by while the engine was late.
pub(crate) const SKIPPED: usize = 12;
/// Bytes of events.
pub(crate) const EVENTS_LEN: usize = 16;
/// Bit 0: the host renders offline.
pub(crate) const FLAGS: usize = 20;
/// The processor that the host's audio thread runs on.
pub(crate) const HOST_PROCESSOR: usize = 32;

/// The engine's words, on a page of their own. The counter that the engine raises: a turn is done.
pub const ANSWER: usize = 4096;
/// 1 while the engine sleeps on a request.
pub(crate) const ENGINE_SLEEPS: usize = ANSWER + 4;
/// K-cycles performed since the engine began, wrapping: whether it gets on.
pub const PROGRESS: usize = ANSWER + 8;
/// K-cycles of the turn that were performed.
pub const PERFORMED: usize = ANSWER + 12;
/// 1 if Csound has ended.
pub(crate) const ENDED: usize = ANSWER + 16;
/// Csound's result at its end; see [`ENDED`].
pub(crate) const END: usize = ANSWER + 20;
/// Samples that were not finite.
pub(crate) const NON_FINITE: usize = ANSWER + 24;
/// Late score events.
pub(crate) const LATE_EVENTS: usize = ANSWER + 28;
/// Lengthened score events.
pub(crate) const LENGTHENED: usize = ANSWER + 32;
/// MIDI messages that the piece sent.
pub const MIDI_LEN: usize = ANSWER + 36;
/// Score time, the bits of an f64.
pub const SCORE_TIME: usize = ANSWER + 40;
/// Csound's count of frames.
pub(crate) const FRAME_COUNT: usize = ANSWER + 48;

/// The processor that the engine's perform thread runs on.
pub(crate) const ENGINE_PROCESSOR: usize = ANSWER + 56;

/// Values of the bank's channels after the turn, f64 bits.
pub const READINGS: usize = 8192;

/// MIDI messages that the piece sent.
pub(crate) const MIDI: usize = READINGS + READ_CHANNELS * 8;

/// Bytes of one of them: the k-cycle, the length, three bytes.
pub const MIDI_BYTES: usize = 8;

/// The turn's events.
pub const EVENTS: usize = MIDI + MIDI_OUT_CAPACITY * MIDI_BYTES;

/// Planes of input, then planes of output.
const PLANES: usize = EVENTS + EVENT_BYTES;

/// Bytes of the whole. Most are never touched, and so never there.
pub const BYTES: usize = PLANES + (INPUTS + OUTPUTS) * MAX_KSMPS * 4;

/// The time that either side looks for the other before it sleeps, if that has paid lately and the
/// other is on another processor.
pub(super) const SPIN: Duration = Duration::from_micros(30);

/// The offsets of a piece's planes: as close together as its k-cycle allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    ksmps: usize,
}

impl Layout {
    /// For k-cycles of `ksmps` frames, 1 to [`MAX_KSMPS`].
    pub(crate) fn new(ksmps: usize) -> Self {
        Self { ksmps: ksmps.clamp(1, MAX_KSMPS) }
    }

    /// The most k-cycles of one turn.
    pub(crate) fn cycles(&self) -> usize {
        (TURN_FRAMES / self.ksmps).max(1)
    }

    /// The most k-cycles of one step.
    pub(crate) fn step(&self) -> usize {
        (STEP_FRAMES / self.ksmps).max(1)
    }

    /// The steps of so many k-cycles: one at least.
    pub(crate) fn steps(&self, cycles: usize) -> usize {
        cycles.div_ceil(self.step()).max(1)
    }

    /// The most frames of one turn.
    pub(crate) fn frames(&self) -> usize {
        self.cycles() * self.ksmps
    }

    /// The offset of a channel of input.
    pub(crate) fn input(&self, channel: usize) -> usize {
        PLANES + channel.min(INPUTS - 1) * self.frames() * 4
    }

    /// The offset of a channel of output.
    pub(crate) fn output(&self, channel: usize) -> usize {
        PLANES + (INPUTS + channel.min(OUTPUTS - 1)) * self.frames() * 4
    }
}

/// A MIDI message that the piece sent, as bytes.
pub fn midi_to_bytes(sent: &MidiOut) -> [u8; MIDI_BYTES] {
    let mut bytes = [0; MIDI_BYTES];
    let message = sent.message.bytes();
    bytes[..4].copy_from_slice(&(sent.cycle as u32).to_le_bytes());
    bytes[4] = message.len() as u8;
    bytes[5..5 + message.len()].copy_from_slice(message);
    bytes
}

/// The message in `bytes`, if there is one, in a turn of `cycles` k-cycles.
pub fn midi_from_bytes(bytes: [u8; MIDI_BYTES], cycles: usize) -> Option<MidiOut> {
    let [c0, c1, c2, c3, len, message @ ..] = bytes;
    let cycle = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
    let message = MidiMessage::new(message.get(..usize::from(len))?)?;
    (cycle < cycles).then_some(MidiOut { cycle, message })
}

#[cfg(test)]
mod tests;
