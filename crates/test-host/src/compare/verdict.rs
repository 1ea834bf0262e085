//! What is said of a piece.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where two sounds differ, and how much.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The first frame that differs.
    pub frame: u64,
    /// That frame in seconds.
    pub seconds: f64,
    /// The first channel that differs there, from 0.
    pub channel: usize,
    /// The samples that differ, over all channels.
    pub samples: u64,
    /// The greatest difference of two samples; full scale is 1. In JSON it is in decibels.
    #[serde(rename = "peak_db", serialize_with = "decibels")]
    pub peak: f64,
    /// The numbers of channels, the plugin's and the command's, where they are not the same.
    pub channels: Option<(usize, usize)>,
}

impl Difference {
    /// A difference that begins there, its size still to be told. The rate is in Hz.
    pub fn at(frame: u64, channel: usize, rate: u32) -> Self {
        let seconds = frame as f64 / f64::from(rate);
        Self { frame, seconds, channel, samples: 0, peak: 0.0, channels: None }
    }

    /// The greatest difference of two samples, in decibels below full scale.
    pub fn peak_db(&self) -> f64 {
        20.0 * self.peak.log10()
    }
}

fn decibels<S: Serializer>(peak: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    // JSON has no infinite numbers.
    let found = Some(20.0 * peak.log10()).filter(|found| found.is_finite());
    found.serialize(serializer)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.channels {
            Some((ours, theirs)) => write!(f, "{ours} channels, the command has {theirs}"),
            None if self.samples == 0 => write!(f, "in whether it performs"),
            None => write!(
                f,
                "from {:.4} s (frame {}, channel {}) on, by {:.1} dB at most, in {} samples",
                self.seconds,
                self.frame,
                self.channel + 1,
                self.peak_db(),
                self.samples
            ),
        }
    }
}

/// What was compared where both are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Equal {
    /// Frames that were compared.
    pub frames: u64,
    /// Whether all of them are silent, so that little was compared.
    pub silent: bool,
    /// The command's samples that are no finite number: the plugin makes them silent.
    pub not_numbers: u64,
}

/// How a piece sounds in the plugin, held against the csound command.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The same, bit for bit.
    Equal(Equal),
    /// Not the same.
    Differs(Difference),
    /// The command performs it, the plugin does not, or not all of it: something was refused.
    Refused {
        /// In the plugin's words.
        why: String,
    },
    /// The command itself does not make the same twice.
    NotDeterministic(Difference),
    /// The command does not perform it.
    DoesNotPerform {
        /// In Csound's words.
        why: String,
    },
}

impl Verdict {
    /// All names, as [`name`](Self::name) gives them.
    pub const NAMES: [&str; 5] = ["equal", "differs", "refused", "not deterministic", "does not perform"];

    /// Its name.
    pub fn name(&self) -> &'static str {
        Self::NAMES[match self {
            Self::Equal(_) => 0,
            Self::Differs(_) => 1,
            Self::Refused { .. } => 2,
            Self::NotDeterministic(_) => 3,
            Self::DoesNotPerform { .. } => 4,
        }]
    }

    /// Where, how much or why, in a line; empty where there is nothing to say.
    pub fn details(&self) -> String {
        match self {
            Self::Equal(Equal { silent: true, .. }) => "silent".to_owned(),
            Self::Equal(Equal { not_numbers: 0, .. }) => String::new(),
            Self::Equal(equal) => format!("but for {} samples that are no numbers", equal.not_numbers),
            Self::Differs(difference) | Self::NotDeterministic(difference) => difference.to_string(),
            Self::Refused { why } | Self::DoesNotPerform { why } => {
                why.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_a_name_a_line_and_json() {
        let difference = Difference { samples: 3, peak: 0.1, ..Difference::at(24, 1, 1000) };
        let verdict = Verdict::Differs(difference.clone());
        assert_eq!(verdict.name(), "differs");
        assert_eq!(
            verdict.details(),
            "from 0.0240 s (frame 24, channel 2) on, by -20.0 dB at most, in 3 samples"
        );
        let json = serde_json::to_value(&verdict).unwrap();
        assert_eq!((json["verdict"].as_str(), json["frame"].as_u64()), (Some("differs"), Some(24)));
        assert_eq!(json["peak_db"].as_f64(), Some(-20.0));
        let json =
            serde_json::to_value(Verdict::NotDeterministic(Difference { peak: 0.0, ..difference })).unwrap();
        assert_eq!((json["verdict"].as_str(), json["peak_db"].as_f64()), (Some("not_deterministic"), None));
        assert_eq!(Verdict::Refused { why: "one\n two".into() }.details(), "one two");
    }
}
