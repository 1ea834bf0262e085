//! The parameters: what a host shows, automates and saves. Their ids never change.

use std::collections::BTreeMap;
use std::sync::Arc;

use nice_plug::prelude::{Enum, EnumParam, FloatParam, FloatRange, Param, ParamPtr, Params};

use crate::engine::AtEnd;
use crate::engine::framing::Timing;

use super::channels::{ChannelBank, SLOTS};
use super::control::Link;

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

/// How a piece is started, as the parameters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartOptions {
    /// What happens at the end of the score.
    pub at_end: AtEnd,
    /// Whether score events are exact even where the piece does not ask for it.
    pub sample_accurate: bool,
}

/// The parameters of both plugins.
pub struct PerformerParams {
    /// Not automatable: it changes the latency.
    pub timing: EnumParam<TimingChoice>,
    /// Not automatable: it changes how the piece is started.
    pub sample_accurate: EnumParam<AccuracyChoice>,
    /// Not automatable: it changes how the piece is started.
    pub at_end: EnumParam<AtEndChoice>,
    /// The channel bank, `c001` to `c128`.
    pub channels: Vec<FloatParam>,
    link: Arc<Link>,
}

impl PerformerParams {
    /// The parameters, at their defaults.
    pub fn new(link: Arc<Link>) -> Self {
        Self {
            timing: EnumParam::new("Timing", TimingChoice::Exact).non_automatable(),
            sample_accurate: EnumParam::new("Sample-accurate", AccuracyChoice::Piece).non_automatable(),
            at_end: EnumParam::new("At the end", AtEndChoice::Keep).non_automatable(),
            channels: (0..SLOTS).map(|slot| channel_param(slot, &link.bank)).collect(),
            link,
        }
    }

    /// When k-cycles are performed.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn timing(&self) -> Timing {
        match self.timing.value() {
            TimingChoice::Exact => Timing::Exact,
            TimingChoice::Immediate => Timing::Immediate,
        }
    }

    /// How a piece is started.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn start_options(&self) -> StartOptions {
        let at_end = match self.at_end.value() {
            AtEndChoice::Stop => AtEnd::Stop,
            AtEndChoice::Loop => AtEnd::Loop,
            AtEndChoice::Keep => AtEnd::Keep,
        };
        StartOptions { at_end, sample_accurate: self.sample_accurate.value() == AccuracyChoice::On }
    }

    /// Whether a parameter of this id exists.
    pub fn knows(id: &str) -> bool {
        let channel = |digits: &str| digits.len() == 3 && (1..=SLOTS).contains(&digits.parse().unwrap_or(0));
        matches!(id, "timing" | "sample_accurate" | "at_end") || id.strip_prefix('c').is_some_and(channel)
    }
}

fn channel_param(slot: usize, bank: &Arc<ChannelBank>) -> FloatParam {
    let (moved, shown, parsed) = (Arc::clone(bank), Arc::clone(bank), Arc::clone(bank));
    FloatParam::new(format!("Channel {:03}", slot + 1), 0.0, FloatRange::Linear { min: 0.0, max: 1.0 })
        .with_callback(Arc::new(move |position| moved.moved_to(slot, position)))
        .with_value_to_string(Arc::new(move |position| shown.text(slot, position)))
        .with_string_to_value(Arc::new(move |text| parsed.position(slot, text)))
}

// SAFETY: the pointers are to fields of `self`, which lives in an `Arc` that the wrapper holds for
// as long as it uses them; `channels` is never resized.
unsafe impl Params for PerformerParams {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        let mut map = vec![
            ("timing".to_owned(), self.timing.as_ptr(), "Performance".to_owned()),
            ("sample_accurate".to_owned(), self.sample_accurate.as_ptr(), "Performance".to_owned()),
            ("at_end".to_owned(), self.at_end.as_ptr(), "Performance".to_owned()),
        ];
        for (slot, channel) in self.channels.iter().enumerate() {
            map.push((format!("c{:03}", slot + 1), channel.as_ptr(), "Channels".to_owned()));
        }
        map
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        self.link.save()
    }

    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
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
        assert_eq!(map.len(), 3 + SLOTS);
        for (id, _, _) in &map {
            assert!(PerformerParams::knows(id), "{id}");
        }
        for id in ["", "c", "c000", "c129", "c1", "c0001", "x001", "Timing"] {
            assert!(!PerformerParams::knows(id), "{id}");
        }
    }

    #[test]
    fn what_changes_the_start_or_the_latency_cannot_be_automated() {
        let params = PerformerParams::new(Arc::new(Link::default()));
        for flags in [params.timing.flags(), params.sample_accurate.flags(), params.at_end.flags()] {
            assert!(flags.contains(ParamFlags::NON_AUTOMATABLE));
        }
    }
}
