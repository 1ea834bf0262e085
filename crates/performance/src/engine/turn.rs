//! A turn, and what performs one.

use std::ops::Range;
use std::sync::Arc;

use csound_library::{CsoundHandle, MidiMessage};
use serde::{Deserialize, Serialize};

use super::active::ActiveInstrument;
use super::cabbage::Exchange;
use super::event::Event;
use super::planes::Planes;
use super::timing::{Grid, Rounding};

/// The most MIDI messages that one turn can bring out of an engine.
pub const MIDI_OUT_CAPACITY: usize = 1024;

/// Channels of the bank, from the first, whose values can be read back: the bank of 128 that parameters
/// drive, and 64 that only the piece writes.
pub const READ_CHANNELS: usize = 192;

/// The largest k-cycle that is performed in a host, in frames. Csound itself fails at 65536.
pub const MAX_KSMPS: usize = 16384;

/// Most channels either way. Csound crashes on absurd numbers.
pub(crate) const MAX_CHANNELS: usize = 256;

/// The format in which a started engine performs. Fixed for its life.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Format {
    /// Frames per second: the host's rate, whatever the piece says.
    pub sample_rate: f64,
    /// Frames in a k-cycle, 1 to [`MAX_KSMPS`] in a host.
    pub ksmps: usize,
    /// Channels of input (`nchnls_i`).
    pub inputs: usize,
    /// Channels of output (`nchnls`).
    pub outputs: usize,
    /// True if score events start on their exact frame (`--sample-accurate`).
    pub sample_accurate: bool,
}

impl Format {
    /// How the engine cuts time, over a Csound that rounds so.
    pub fn grid(&self, rounding: Rounding) -> Grid {
        let Self { ksmps, sample_rate, sample_accurate, .. } = *self;
        Grid { ksmps, sample_rate, sample_accurate, rounding }
    }
}

/// How a turn went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// K-cycles performed, at most the turn's.
    pub performed: usize,
    /// Csound's own word if it ended within the turn: positive at the end of the score,
    /// negative after an error.
    pub end: Option<i32>,
    /// The engine did not answer in time: the turn's output is silence, its events are performed.
    pub late: bool,
    /// The engine has ended: silence, until another one comes.
    pub engine_ended: bool,
    /// Samples that were not finite, and were made silence.
    pub non_finite: u32,
    /// Score events that came after their time and were shortened or dropped.
    pub late_events: u32,
    /// Score events whose p3 was raised to what a sample-accurate performance survives.
    pub lengthened_events: u32,
    /// Score time after the turn, in seconds.
    pub score_time: f64,
    /// Csound's count of performed frames after the turn. A seek makes it jump.
    pub frames: i64,
}

/// A MIDI message that a piece sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidiOut {
    /// The k-cycle of the turn.
    pub cycle: usize,
    /// The message.
    pub message: MidiMessage,
}

/// Consecutive k-cycles, and where their frames lie in the buffers of a performance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// How many k-cycles. None is a span too: its events are executed, nothing is performed.
    pub cycles: usize,
    /// The frame of the input buffer with which the first k-cycle begins.
    pub input_at: usize,
    /// The frame of the output buffer with which the first k-cycle begins.
    pub output_at: usize,
}

impl Span {
    /// `cycles` k-cycles from frame 0 of both buffers.
    pub fn at_front(cycles: usize) -> Self {
        Self { cycles, input_at: 0, output_at: 0 }
    }

    /// Some of its k-cycles, counted from 0, of `ksmps` frames each.
    pub fn part(self, cycles: Range<usize>, ksmps: usize) -> Self {
        let skipped = cycles.start * ksmps;
        Self { cycles: cycles.len(), input_at: self.input_at + skipped, output_at: self.output_at + skipped }
    }
}

/// How long a turn that was posted is waited for when it is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// As long as one in real time, even if it was posted offline: for a thread that must not be held up.
    Shortly,
    /// To its end: for an offline render.
    ToTheEnd,
}

impl Wait {
    /// The way in which a host waits that renders offline, or does not.
    pub fn of(offline: bool) -> Self {
        if offline { Self::ToTheEnd } else { Self::Shortly }
    }
}

/// What one call asks of an engine.
pub struct Turn<'a> {
    /// The k-cycles to perform.
    pub span: Span,
    /// Input, full scale 1.0. Channels that the piece lacks are not read.
    pub input: &'a Planes,
    /// Output, full scale 1.0, finite. At least the engine's channels.
    pub output: &'a mut Planes,
    /// In ascending order of k-cycle.
    pub events: &'a mut [Event],
    /// Room for the MIDI messages that the piece sends; never grown past its capacity.
    pub midi_out: &'a mut Vec<MidiOut>,
    /// True if the host renders offline: the turn may then wait as long as it takes.
    pub offline: bool,
}

/// A piece that performs.
///
/// An engine is made and dropped on a thread that may block, and performs on one that may not.
///
/// # Realtime safety
/// [`format`](Self::format) and [`read_channels`](Self::read_channels) are safe. Performing is as far as this
/// crate goes: no allocation, lock, file or unbounded wait of ours. What the opcodes of the piece do inside
/// libcsound is theirs.
pub trait Engine: Send {
    /// The format in which the engine performs.
    fn format(&self) -> Format;

    /// Performs a turn. Fills the turn's whole span of `output`, with silence after an end.
    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome;

    /// Takes a turn and lets its caller go on, who [collects](Self::collect) it before another. An engine that
    /// performs on its caller's thread does nothing here: the turn is performed when it is collected.
    fn post(&mut self, turn: &mut Turn<'_>) {
        let _ = turn;
    }

    /// Gives what came of the turn that was [posted](Self::post), as [`perform`](Self::perform) does, and waits for
    /// it so long. The turn is the same one: its output may lie elsewhere, all else stands as it stood. An engine
    /// that performs on its caller's thread takes as long as the turn takes.
    fn collect(&mut self, turn: &mut Turn<'_>, wait: Wait) -> Outcome {
        let _ = wait;
        self.perform(turn)
    }

    /// True if the engine has ended without a turn that has told it yet. Realtime safe.
    fn has_ended(&self) -> bool {
        false
    }

    /// Gives the channels of the bank their names; `None` leaves an index without one. Not for the
    /// audio thread.
    fn bind(&mut self, names: &[Option<String>]) {
        let _ = names;
    }

    /// The present values of the bank's channels, for each index that has one.
    fn read_channels(&self, values: &mut [f64]) {
        let _ = values;
    }

    /// Counts the instances of instruments that are active, in the place of what is in `into`, and measures from now on
    /// what they take. It may take memory: not for a thread that must not.
    fn count_active(&mut self, into: &mut Vec<ActiveInstrument>) {
        into.clear();
    }

    /// Nobody wants to know any more: what was measured for it is not, from now on.
    fn stop_counting(&mut self) {}

    /// What the piece changes of its widgets, if it performs in this process and changes any.
    fn panel(&self) -> Option<Arc<Exchange>> {
        None
    }

    /// The Csound instance, if it lives in this process.
    fn csound(&self) -> Option<CsoundHandle> {
        None
    }
}
