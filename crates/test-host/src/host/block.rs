//! A block: what a host gives to a plugin, and what comes back.

use clack_extensions::tail::TailLength;
use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader};
use clack_host::process::ProcessStatus;
use clack_host::utils::{BeatTime, SecondsTime};

use super::Event;

/// What one call of [`Instance::process`](super::Instance::process) gives to the plugin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Block<'a> {
    /// Frames to process: 0 up to the largest block of the activation.
    pub frames: usize,
    /// The main input, channel by channel, each at least `frames` long. Channels that the plugin
    /// has and this has not are silent.
    pub input: &'a [&'a [f32]],
    /// The sidechain input, likewise.
    pub sidechain: &'a [&'a [f32]],
    /// Events in any order; those of one frame keep theirs.
    pub events: &'a [Event],
    /// What the host's transport does, if there is one.
    pub transport: Option<Transport>,
}

/// A host's transport at the first frame of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transport {
    /// Whether it plays.
    pub playing: bool,
    /// Where it is, in seconds.
    pub seconds: f64,
    /// Quarter notes a minute.
    pub tempo: f64,
    /// Where its loop begins and ends, in seconds, if it loops.
    pub looped: Option<(f64, f64)>,
}

/// Quarter notes of a bar.
const BEATS: f64 = 4.0;

impl Transport {
    pub(super) fn event(&self) -> TransportEvent {
        let beats = |seconds: f64| BeatTime::from_float(seconds * self.tempo / 60.0);
        let mut flags = TransportFlags::HAS_TEMPO
            | TransportFlags::HAS_BEATS_TIMELINE
            | TransportFlags::HAS_SECONDS_TIMELINE
            | TransportFlags::HAS_TIME_SIGNATURE;
        flags.set(TransportFlags::IS_PLAYING, self.playing);
        flags.set(TransportFlags::IS_LOOP_ACTIVE, self.looped.is_some());
        let bar = (self.seconds * self.tempo / 60.0 / BEATS).floor() as i32;
        let (start, end) = self.looped.unwrap_or_default();
        TransportEvent {
            header: EventHeader::new_core(0, EventFlags::empty()),
            flags,
            song_pos_beats: beats(self.seconds),
            song_pos_seconds: SecondsTime::from_float(self.seconds),
            tempo: self.tempo,
            tempo_inc: 0.0,
            loop_start_beats: beats(start),
            loop_end_beats: beats(end),
            loop_start_seconds: SecondsTime::from_float(start),
            loop_end_seconds: SecondsTime::from_float(end),
            bar_start: BeatTime::from_float(f64::from(bar) * BEATS),
            bar_number: bar,
            time_signature_numerator: BEATS as u16,
            time_signature_denominator: 4,
        }
    }
}

/// What one call of [`Instance::process`](super::Instance::process) brought.
#[derive(Clone, Debug)]
pub struct Processed {
    /// The main output, channel by channel. What the plugin did not write is NaN.
    pub output: Vec<Vec<f32>>,
    /// The other outputs, port by port, likewise.
    pub further: Vec<Vec<Vec<f32>>>,
    /// What the plugin sent, with frames of this block.
    pub events: Vec<Event>,
    /// Whether the plugin wants to go on.
    pub status: ProcessStatus,
    /// How long the plugin would sound on without events and input: infinite as long as it plays by
    /// itself, and where it does not say.
    pub tail: TailLength,
}

impl Processed {
    /// Whether the plugin plays by itself. Once the performance has ended it only has a tail.
    pub fn is_playing(&self) -> bool {
        self.status == ProcessStatus::Continue && self.tail.is_infinite()
    }
}
