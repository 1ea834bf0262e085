//! The parameters: what a host shows, automates and saves. Their ids never change.
//!
//! The plugin that takes any piece has those of the performance, then the channel bank's. An exported piece has its
//! channels, then gain and bypass, then those of the performance if its manifest says so.

mod attached;
mod channel;
mod hidden;
mod saved;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use nice_plug::prelude::{
    BoolParam, Enum, EnumParam, FloatParam, FloatRange, IntParam, IntRange, Param, ParamPtr, Params, util,
};

use csound_performance::engine::AtEnd;
use csound_performance::engine::framing::Timing;

use crate::identity::Exported;
use crate::plugin::audio::transport::Sync;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::session::PIPELINED;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::requests::{StartOptions, Trigger};
use crate::plugin::slots::event_slots::EVENT_SLOTS;
use crate::range::number as typed;
pub use channel::ChannelParam;

/// The bits of a recording.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
pub enum BitsChoice {
    /// 16 bit PCM.
    #[id = "16"]
    #[name = "16 bit"]
    Sixteen,
    /// 24 bit PCM.
    #[id = "24"]
    #[name = "24 bit"]
    TwentyFour,
    /// 32 bit float.
    #[id = "32"]
    #[name = "32 bit float"]
    Float,
}

/// How notes reach the piece.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
pub enum NoteMode {
    /// As MIDI.
    #[id = "midi"]
    #[name = "MIDI"]
    Midi,
    /// As score events, on their exact frame.
    #[id = "score"]
    #[name = "Score events"]
    ScoreEvents,
}

/// How events and k-cycles meet.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
pub enum TimingChoice {
    /// Latency ksmps - 1, every event in its own k-cycle.
    #[id = "exact"]
    #[name = "Exact"]
    Exact,
    /// Latency 0, events at the next k-cycle. Not for the effect, whose input cannot be foreseen.
    #[id = "immediate"]
    #[name = "Immediate"]
    Immediate,
}

/// Whether score events start on their exact frame.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
pub enum AccuracyChoice {
    /// Only if the piece's options say so.
    #[id = "piece"]
    #[name = "As the piece says"]
    Piece,
    /// Always.
    #[id = "on"]
    #[name = "On"]
    On,
}

/// What happens at the end of the score.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
pub enum AtEndChoice {
    /// The performance ends.
    #[id = "stop"]
    #[name = "Stop"]
    Stop,
    /// The score begins again.
    #[id = "loop"]
    #[name = "Loop"]
    Loop,
    /// MIDI and events go on playing.
    #[id = "keep"]
    #[name = "Keep playing"]
    Keep,
}

/// What the parameters of the performance stand at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wishes {
    /// `play`.
    pub play: bool,
    /// `record`.
    pub record: bool,
    /// `offset`, in seconds.
    pub offset: f32,
    /// `sync`.
    pub sync: Sync,
    /// `note_mode`.
    pub note_mode: NoteMode,
    /// `note_instrument`.
    pub instrument: u16,
    /// `remote_channel`, 0 to 15.
    pub remote_channel: Option<u8>,
    /// `gain` as a factor.
    pub gain: f32,
    /// `bypass`.
    pub bypass: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            play: true,
            record: false,
            offset: 0.0,
            sync: Sync::Free,
            note_mode: NoteMode::Midi,
            instrument: 1,
            remote_channel: None,
            gain: 1.0,
            bypass: false,
        }
    }
}

/// The latest score offset, in seconds: a day.
const LONGEST_OFFSET: f32 = 86_400.0;

/// The gain's ends, in decibels. The lower one is silence.
const GAIN: (f32, f32) = (-60.0, 24.0);

/// The parameters of both plugins.
pub struct PerformerParams {
    /// Plays or pauses. The value stands in three places, because each is asked at another time: the parameter
    /// is what the host saves and shows; its callback leaves it in [`Requests`](crate::plugin::shared::requests::Requests)
    /// for the control thread, which starts an engine that way while no block is performed; the audio thread
    /// compares it with the last block's, because a parameter asks only when it changes.
    pub play: BoolParam,
    /// Trigger: ends the performance.
    pub stop: BoolParam,
    /// Trigger: a fresh performance from the beginning.
    pub restart: BoolParam,
    /// The score time to go to, in seconds.
    pub offset: FloatParam,
    /// Records.
    pub record: BoolParam,
    /// The bits of the next recording.
    pub record_bits: EnumParam<BitsChoice>,
    /// The buffers of its ring.
    pub record_buffers: IntParam,
    /// Triggers: the event slots.
    pub events: Vec<BoolParam>,
    /// What moves the piece's time.
    pub sync: EnumParam<Sync>,
    /// Not automatable: it changes how the piece is started.
    pub note_mode: EnumParam<NoteMode>,
    /// The instrument that score-event notes start.
    pub note_instrument: IntParam,
    /// The MIDI channel of the remote control, 0 for none.
    pub remote_channel: IntParam,
    /// Not automatable: it changes the latency.
    pub timing: EnumParam<TimingChoice>,
    /// Not automatable: it changes how the piece is started.
    pub sample_accurate: EnumParam<AccuracyChoice>,
    /// Not automatable: it changes how the piece is started.
    pub at_end: EnumParam<AtEndChoice>,
    /// In decibels.
    pub gain: FloatParam,
    /// The host's bypass.
    pub bypass: BoolParam,
    /// The channel bank, `c001` to `c128`; an exported piece has the first of them, under ids of its own.
    pub channels: Vec<ChannelParam>,
    /// Not automatable: it changes the latency. A parameter of its own, because a third value of `timing` would
    /// move the two that hosts have saved.
    pub pipelined: BoolParam,
    link: Arc<Link>,
}

impl PerformerParams {
    /// The parameters, at their defaults.
    pub fn new(link: Arc<Link>) -> Self {
        let (plays, offset, follows) = (Arc::clone(&link), Arc::clone(&link), Arc::clone(&link));
        let (bits_link, buffers_link) = (Arc::clone(&link), Arc::clone(&link));
        Self {
            play: switch("Play", true).with_callback(Arc::new(move |play| plays.requests.set_plays(play))),
            stop: trigger("Stop", Trigger::Stop, &link),
            restart: trigger("Restart", Trigger::Restart, &link),
            offset: FloatParam::new("Offset", 0.0, FloatRange::Linear { min: 0.0, max: LONGEST_OFFSET })
                .with_unit(" s")
                .with_value_to_string(Arc::new(|seconds| format!("{seconds:.3}")))
                .with_string_to_value(Arc::new(|text| Some(number(text, "s", (0.0, LONGEST_OFFSET))? as f32)))
                .with_callback(Arc::new(move |seconds| offset.requests.set_offset(seconds))),
            record: switch("Record", false),
            record_bits: EnumParam::new("Record bits", BitsChoice::TwentyFour).with_callback(Arc::new(
                move |bits| {
                    bits_link.requests.set_record_bits(match bits {
                        BitsChoice::Sixteen => 16,
                        BitsChoice::TwentyFour => 24,
                        BitsChoice::Float => 32,
                    });
                },
            )),
            record_buffers: IntParam::new("Record buffers", 64, IntRange::Linear { min: 1, max: 1024 })
                .with_string_to_value(Arc::new(|text| whole(text, 1..=1024)))
                .with_callback(Arc::new(move |buffers| {
                    buffers_link.requests.set_record_buffers(buffers.max(1) as u32);
                })),
            events: (0..EVENT_SLOTS)
                .map(|slot| trigger(&format!("Event {}", slot + 1), Trigger::Event(slot), &link))
                .collect(),
            sync: EnumParam::new("Sync", Sync::Free)
                .with_callback(Arc::new(move |sync| follows.requests.set_follows(sync == Sync::Host))),
            note_mode: EnumParam::new("Notes", NoteMode::Midi).non_automatable(),
            note_instrument: IntParam::new("Note instrument", 1, IntRange::Linear { min: 1, max: 9999 })
                .with_string_to_value(Arc::new(|text| whole(text, 1..=9999))),
            remote_channel: IntParam::new("Remote channel", 0, IntRange::Linear { min: 0, max: 16 })
                .with_value_to_string(Arc::new(|channel| match channel {
                    0 => "Off".to_owned(),
                    channel => channel.to_string(),
                }))
                .with_string_to_value(Arc::new(|text| match typed::switch(text) {
                    Some(on) => (!on).then_some(0),
                    None => whole(text, 0..=16),
                })),
            timing: EnumParam::new("Timing", TimingChoice::Exact).non_automatable(),
            sample_accurate: EnumParam::new("Sample-accurate", AccuracyChoice::Piece).non_automatable(),
            at_end: EnumParam::new("At the end", AtEndChoice::Keep).non_automatable(),
            gain: FloatParam::new("Gain", 0.0, FloatRange::Linear { min: GAIN.0, max: GAIN.1 })
                .with_unit(" dB")
                .with_value_to_string(Arc::new(|decibels| format!("{decibels:.1}")))
                .with_string_to_value(Arc::new(|text| match text.trim().to_ascii_lowercase().as_str() {
                    "-inf" | "-inf db" | "off" => Some(GAIN.0),
                    text => Some(number(text, "dB", GAIN)? as f32),
                })),
            bypass: switch("Bypass", false).make_bypass(),
            channels: ChannelParam::bank(&link.bank, link.export.as_deref()),
            pipelined: switch("Pipelined", false).non_automatable(),
            link,
        }
    }

    /// When k-cycles are performed.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn timing(&self) -> Timing {
        match self.timing.value() {
            _ if self.pipelined.value() => Timing::Pipelined,
            TimingChoice::Exact => Timing::Exact,
            TimingChoice::Immediate => Timing::Immediate,
        }
    }

    /// How a piece is started. Notes that are score events need exact ones.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn start_options(&self) -> StartOptions {
        let at_end = match self.at_end.value() {
            AtEndChoice::Stop => AtEnd::Stop,
            AtEndChoice::Loop => AtEnd::Loop,
            AtEndChoice::Keep => AtEnd::Keep,
        };
        let exact = self.sample_accurate.value() == AccuracyChoice::On;
        StartOptions { at_end, sample_accurate: exact || self.note_mode.value() == NoteMode::ScoreEvents }
    }

    /// What the parameters of the performance stand at.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn wishes(&self) -> Wishes {
        let decibels = self.gain.value();
        Wishes {
            play: self.play.value(),
            record: self.record.value(),
            offset: self.offset.value(),
            sync: self.sync.value(),
            note_mode: self.note_mode.value(),
            instrument: self.note_instrument.value().clamp(1, 9999) as u16,
            remote_channel: u8::try_from(self.remote_channel.value() - 1).ok(),
            gain: if decibels <= GAIN.0 { 0.0 } else { util::db_to_gain(decibels) },
            bypass: self.bypass.value(),
        }
    }

    /// Whether a host has a parameter of this id.
    pub fn knows(export: Option<&Exported>, id: &str) -> bool {
        match export {
            None => Self::knows_any(id),
            Some(export) => {
                let shows =
                    export.manifest.performance_parameters && Self::knows_any(id) && !id.starts_with('c');
                let is_channel = |id: &str| export.parameters().any(|(parameter, _)| parameter.id() == id);
                OF_EVERY_EXPORT.contains(&id) || shows || is_channel(id)
            }
        }
    }

    fn knows_any(id: &str) -> bool {
        let channel =
            |digits: &str| digits.len() == 3 && (1..=PARAMETERS).contains(&digits.parse().unwrap_or(0));
        let event = |digits: &str| {
            !digits.starts_with('0') && (1..=EVENT_SLOTS).contains(&digits.parse().unwrap_or(0))
        };
        PLAIN_IDS.contains(&id)
            || id == PIPELINED
            || id.strip_prefix("event_").is_some_and(event)
            || id.strip_prefix('c').is_some_and(channel)
    }

    /// The parameters that are not of a row of equal ones, with their group.
    fn plain(&self) -> [(&'static str, ParamPtr, &'static str); PLAIN_IDS.len()] {
        [
            ("play", self.play.as_ptr(), "Transport"),
            ("stop", self.stop.as_ptr(), "Transport"),
            ("restart", self.restart.as_ptr(), "Transport"),
            ("offset", self.offset.as_ptr(), "Transport"),
            ("sync", self.sync.as_ptr(), "Transport"),
            ("record", self.record.as_ptr(), "Recording"),
            ("record_bits", self.record_bits.as_ptr(), "Recording"),
            ("record_buffers", self.record_buffers.as_ptr(), "Recording"),
            ("note_mode", self.note_mode.as_ptr(), "Notes"),
            ("note_instrument", self.note_instrument.as_ptr(), "Notes"),
            ("remote_channel", self.remote_channel.as_ptr(), "Notes"),
            ("timing", self.timing.as_ptr(), "Performance"),
            ("sample_accurate", self.sample_accurate.as_ptr(), "Performance"),
            ("at_end", self.at_end.as_ptr(), "Performance"),
            ("gain", self.gain.as_ptr(), "Output"),
            ("bypass", self.bypass.as_ptr(), "Output"),
        ]
    }
}

/// The place of the channel bank that the parameter at this index of the host's list drives, if it is one of the
/// bank's: they come last, and in an export first.
pub fn place_at(export: Option<&Exported>, index: usize) -> Option<usize> {
    match export {
        Some(export) => (index < export.channels.len()).then_some(index),
        None => index.checked_sub(PLAIN_IDS.len() + EVENT_SLOTS).filter(|place| *place < PARAMETERS),
    }
}

/// The ids of the parameters that every export has besides its channels.
const OF_EVERY_EXPORT: [&str; 2] = ["gain", "bypass"];

type Mapped = (String, ParamPtr, String);

impl PerformerParams {
    /// Those of the performance.
    fn map_of_performance(&self) -> Vec<Mapped> {
        let mut map: Vec<_> =
            self.plain().map(|(id, param, group)| (id.to_owned(), param, group.to_owned())).into();
        for (slot, event) in self.events.iter().enumerate() {
            map.push((format!("event_{}", slot + 1), event.as_ptr(), "Events".to_owned()));
        }
        map
    }

    fn map_of_bank(&self) -> impl Iterator<Item = Mapped> {
        let channels = self.channels.iter().enumerate();
        channels
            .map(|(index, channel)| (format!("c{:03}", index + 1), channel.as_ptr(), "Channels".to_owned()))
    }

    /// Behind all others, for hosts that count them.
    fn map_of_pipelined(&self) -> Mapped {
        (PIPELINED.to_owned(), self.pipelined.as_ptr(), "Performance".to_owned())
    }

    fn map_of_export(&self, export: &Exported) -> Vec<Mapped> {
        let parameters = export.parameters().zip(&self.channels);
        let channels = parameters
            .map(|((parameter, _), channel)| (parameter.id(), channel.as_ptr(), parameter.shown_module()));
        let (every, others): (Vec<_>, Vec<_>) = self
            .map_of_performance()
            .into_iter()
            .partition(|(id, ..)| OF_EVERY_EXPORT.contains(&id.as_str()));
        let others = others.into_iter().chain([self.map_of_pipelined()]);
        let others = others.filter(|_| export.manifest.performance_parameters);
        channels.chain(every).chain(others).collect()
    }
}

/// The ids of [`PerformerParams::plain`].
const PLAIN_IDS: [&str; 16] = [
    "play",
    "stop",
    "restart",
    "offset",
    "sync",
    "record",
    "record_bits",
    "record_buffers",
    "note_mode",
    "note_instrument",
    "remote_channel",
    "timing",
    "sample_accurate",
    "at_end",
    "gain",
    "bypass",
];

/// A number with or without its unit, brought between the ends.
fn number(text: &str, unit: &str, (least, most): (f32, f32)) -> Option<f64> {
    let (least, most) = (f64::from(least), f64::from(most));
    Some(typed::number(text, unit)?.between(least, most)?.clamp(least, most))
}

/// A whole number of these.
fn whole(text: &str, ends: RangeInclusive<i32>) -> Option<i32> {
    let value = typed::number(text, "")?.between(f64::from(*ends.start()), f64::from(*ends.end()))?;
    Some(value as i32).filter(|whole| value.fract() == 0.0 && ends.contains(whole))
}

/// A switch, which is read by any of its words and by 0 and 1. What cannot be read does not switch it off.
fn switch(name: &str, on: bool) -> BoolParam {
    let read = |text: &str| typed::switch(text).or(whole(text, 0..=1).map(|number| number == 1));
    BoolParam::new(name, on).with_string_to_value(Arc::new(read))
}

fn trigger(name: &str, trigger: Trigger, link: &Arc<Link>) -> BoolParam {
    let link = Arc::clone(link);
    switch(name, false).with_callback(Arc::new(move |is_on| {
        if is_on {
            link.requests.rise(trigger);
        }
    }))
}

// SAFETY: the pointers are to fields of `self`, which lives in an `Arc` that the wrapper holds for
// as long as it uses them; `events` and `channels` are never resized.
unsafe impl Params for PerformerParams {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        match &self.link.export {
            Some(export) => self.map_of_export(export),
            None => {
                let performance = self.map_of_performance().into_iter();
                performance.chain(self.map_of_bank()).chain([self.map_of_pipelined()]).collect()
            }
        }
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        let mut fields = self.link.save();
        self.save_hidden(&mut fields);
        fields
    }

    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
        // The parameters of the state were set just before.
        self.load_hidden(fields);
        self.link.requests.set_options(self.start_options());
        self.link.load(fields);
    }
}

#[cfg(test)]
mod tests;
