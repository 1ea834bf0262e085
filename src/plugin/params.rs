//! The parameters: what a host shows, automates and saves. Their ids never change.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use nice_plug::prelude::{
    BoolParam, Enum, EnumParam, FloatParam, FloatRange, IntParam, IntRange, Param, ParamPtr, Params, util,
};

use csound_performance::engine::AtEnd;
use csound_performance::engine::framing::Timing;

use crate::plugin::audio::transport::Sync;
use crate::plugin::channels::bank::{ChannelBank, PARAMETERS};
use crate::plugin::session::PIPELINED;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::requests::{StartOptions, Trigger};
use crate::plugin::slots::event_slots::EVENT_SLOTS;
use crate::range::number as typed;

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
    /// The channel bank, `c001` to `c128`.
    pub channels: Vec<FloatParam>,
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
            channels: (0..PARAMETERS).map(|index| channel_param(index, &link.bank)).collect(),
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

    /// Whether a parameter of this id exists.
    pub fn knows(id: &str) -> bool {
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
/// bank's: they come last.
pub fn place_at(index: usize) -> Option<usize> {
    index.checked_sub(PLAIN_IDS.len() + EVENT_SLOTS).filter(|place| *place < PARAMETERS)
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

fn channel_param(index: usize, bank: &Arc<ChannelBank>) -> FloatParam {
    let (moved, shown, parsed) = (Arc::clone(bank), Arc::clone(bank), Arc::clone(bank));
    FloatParam::new(format!("Channel {:03}", index + 1), 0.0, FloatRange::Linear { min: 0.0, max: 1.0 })
        .with_callback(Arc::new(move |position| moved.moved_to(index, position)))
        .with_value_to_string(Arc::new(move |position| shown.text(index, position)))
        .with_string_to_value(Arc::new(move |text| parsed.position(index, text)))
}

// SAFETY: the pointers are to fields of `self`, which lives in an `Arc` that the wrapper holds for
// as long as it uses them; `events` and `channels` are never resized.
unsafe impl Params for PerformerParams {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        let mut map: Vec<_> =
            self.plain().map(|(id, param, group)| (id.to_owned(), param, group.to_owned())).into();
        for (slot, event) in self.events.iter().enumerate() {
            map.push((format!("event_{}", slot + 1), event.as_ptr(), "Events".to_owned()));
        }
        for (index, channel) in self.channels.iter().enumerate() {
            map.push((format!("c{:03}", index + 1), channel.as_ptr(), "Channels".to_owned()));
        }
        // Behind all others, for hosts that count them.
        map.push((PIPELINED.to_owned(), self.pipelined.as_ptr(), "Performance".to_owned()));
        map
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        self.link.save()
    }

    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
        // The parameters of the state were set just before.
        self.link.requests.set_options(self.start_options());
        self.link.load(fields);
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::ParamFlags;

    use super::*;

    #[test]
    fn every_parameter_is_known_by_its_id_and_no_other_is() {
        let params = PerformerParams::new(Arc::new(Link::default()));
        let map = params.param_map();
        assert_eq!(map.len(), 16 + EVENT_SLOTS + PARAMETERS + 1);
        assert_eq!(map.last().unwrap().0, "pipelined", "those that were there keep their number");
        for (id, _, _) in &map {
            assert!(PerformerParams::knows(id), "{id}");
        }
        for id in [
            "", "c", "c000", "c129", "c1", "c0001", "x001", "Timing", "event_0", "event_17", "event_01",
            "event_",
        ] {
            assert!(!PerformerParams::knows(id), "{id}");
        }
    }

    #[test]
    fn what_changes_the_start_or_the_latency_cannot_be_automated() {
        let params = PerformerParams::new(Arc::new(Link::default()));
        let flags = [
            params.timing.flags(),
            params.pipelined.flags(),
            params.sample_accurate.flags(),
            params.at_end.flags(),
            params.note_mode.flags(),
        ];
        for flags in flags {
            assert!(flags.contains(ParamFlags::NON_AUTOMATABLE));
        }
    }

    #[test]
    fn every_value_has_a_text_with_its_unit_that_is_read_back() {
        let params = PerformerParams::new(Arc::new(Link::default()));
        for (id, param, _) in params.param_map() {
            for position in [0.0, 0.25, 1.0] {
                // SAFETY: `params` lives as long as the pointer is used.
                let (text, read) = unsafe {
                    let text = param.normalized_value_to_string(position, true);
                    (text.clone(), param.string_to_normalized_value(&text))
                };
                let read = read.unwrap_or_else(|| panic!("{id}: {text:?} is not read back"));
                // SAFETY: as above.
                let again = unsafe { param.normalized_value_to_string(read, true) };
                assert_eq!(again, text, "{id}");
            }
        }
        // SAFETY: as above.
        assert_eq!(unsafe { params.offset.as_ptr().normalized_value_to_string(0.5, true) }, "43200.000 s");
    }

    #[test]
    fn what_is_typed_is_read_by_every_parameter_or_refused() {
        let params = PerformerParams::new(Arc::new(Link::default()));
        let map: BTreeMap<_, _> = params.param_map().into_iter().map(|(id, param, _)| (id, param)).collect();
        // SAFETY: `params` lives as long as the pointers are used.
        let read = |id: &str, text: &str| unsafe { map[id].string_to_normalized_value(text) };
        for switch in ["play", "stop", "restart", "record", "event_16", "bypass"] {
            for (text, value) in
                [("1", 1.0), ("on", 1.0), ("True", 1.0), ("yes", 1.0), ("0", 0.0), ("OFF", 0.0)]
            {
                assert_eq!(read(switch, text), Some(value), "{switch} {text}");
            }
            for wrong in ["", "2", "0.5", "play", "perhaps"] {
                assert_eq!(read(switch, wrong), None, "{switch} {wrong}");
            }
        }
        // SAFETY: as above.
        let plain = |id: &str, text: &str| Some(unsafe { map[id].preview_plain(read(id, text)?) });
        for (id, text, value) in [
            ("offset", "500 ms", 0.5),
            ("offset", "1,5", 1.5),
            ("offset", "2 k", 2000.0),
            ("gain", "-6 dB", -6.0),
            ("gain", "\u{2212}6,5", -6.5),
            ("gain", "-inf", -60.0),
            ("gain", "99", 24.0),
            ("record_buffers", "1k", 1000.0),
            ("note_instrument", "12", 12.0),
            ("remote_channel", "no", 0.0),
            ("remote_channel", "16", 16.0),
            ("c001", "0.25", 0.25),
            ("c001", "on", 1.0),
        ] {
            let read = plain(id, text).unwrap_or_else(|| panic!("{id} {text}"));
            assert!((read - value).abs() < 1e-2, "{id} {text} {read}");
        }
        for (id, text) in [
            ("offset", "5 Hz"),
            ("gain", "loud"),
            ("gain", "6 s"),
            ("record_buffers", "2000"),
            ("note_instrument", "1.5"),
            ("remote_channel", "on"),
            ("remote_channel", "17"),
            ("c001", "much"),
        ] {
            assert_eq!(plain(id, text), None, "{id} {text}");
        }
    }
}
