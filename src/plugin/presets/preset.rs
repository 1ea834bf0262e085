//! The format of a preset's file: JSON, versioned, every field named. Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::plugin::slots::event_slots::SlotText;

/// The version written. Newer ones are refused.
pub const VERSION: u32 = 1;

/// The ending of a preset's file.
pub const ENDING: &str = "csdpreset";

/// The longest file that is read or written, in bytes.
pub const LONGEST: u64 = 16 << 20;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// The most tags, and the longest one in characters.
const MOST_TAGS: usize = 32;
const LONGEST_TAG: usize = 64;

/// A preset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// The version of the format.
    #[serde(rename = "csound_performer_preset")]
    pub version: u32,
    /// What the user calls it.
    pub name: String,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The piece that it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<PieceOf>,
    /// The channels by name: a number, a text, or nothing, which is where the piece begins.
    #[serde(default)]
    pub channels: BTreeMap<String, Value>,
    /// The lines of the event slots; none: they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<SlotText>>,
    /// How the piece is started and played, by the ids of parameters; what is not named stays.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// The tuning: its files with their texts, or `null`, which is twelve equal steps; none: it stays. What is wrong
    /// with it is found when the preset is loaded ([`SavedTuning::of_preset`](crate::plugin::tuning::SavedTuning::of_preset)).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub tuning: Option<Value>,
    /// Fields of a later version, kept as they are.
    #[serde(flatten)]
    pub kept: Map<String, Value>,
}

/// What stands in a field that is there, be it `null`.
fn named<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(field).map(Some)
}

/// The piece that a preset was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceOf {
    /// The file's name, such as `bells.csd`.
    pub name: String,
    /// The folder that it lay in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
}

/// Why a text is no preset.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    /// It is something else, or damaged.
    #[error("it is no preset, or is damaged ({0})")]
    Damaged(#[from] serde_json::Error),
    /// It comes from a later version.
    #[error("it is of version {found}, and this plugin reads up to {VERSION}: update Csound Performer")]
    TooNew {
        /// The preset's version.
        found: u32,
    },
    /// It is Cabbage's, and damaged.
    #[error("it is no file of Cabbage's presets, or is damaged ({0})")]
    Snaps(String),
    /// Nobody could find it again.
    #[error("{0}")]
    Name(&'static str),
}

impl Preset {
    /// Reads a preset.
    ///
    /// # Errors
    /// [`PresetError`].
    pub fn read(bytes: &[u8]) -> Result<Self, PresetError> {
        // The version first: a later format may differ in everything else.
        #[derive(Deserialize)]
        struct Versioned {
            csound_performer_preset: u32,
        }
        let Versioned { csound_performer_preset: found } = serde_json::from_slice(bytes)?;
        if found > VERSION {
            return Err(PresetError::TooNew { found });
        }
        let mut preset: Self = serde_json::from_slice(bytes)?;
        preset.name = name(&preset.name)?;
        preset.tags = tags(&preset.tags);
        Ok(preset)
    }

    /// The preset as a text to read and to edit.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// A name as it is kept.
///
/// # Errors
/// Nothing would be seen of it, or it is too long.
pub fn name(typed: &str) -> Result<String, PresetError> {
    let shown: String = typed.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let shown = shown.trim();
    match shown.chars().count() {
        0 => Err(PresetError::Name("a preset needs a name")),
        length if length > LONGEST_NAME => {
            Err(PresetError::Name("a preset's name has 100 characters at most"))
        }
        _ => Ok(shown.to_owned()),
    }
}

/// Tags as they are kept: each once, none blank.
pub fn tags(typed: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in typed {
        let tag: String =
            tag.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST_TAG).collect();
        if !tag.is_empty() && !kept.contains(&tag) && kept.len() < MOST_TAGS {
            kept.push(tag);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use serde_json::json;
    use test_host::testing::seed;

    use super::*;

    fn read(text: &str) -> Result<Preset, PresetError> {
        Preset::read(text.as_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(seed(1)), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_kind_of_value_comes_back_to_the_last_bit(
            numbers in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 0..20),
            texts in prop::collection::vec(any::<String>(), 0..10),
            called in "[a-zA-Z\u{e4}\u{20ac}\u{1d11e}][^\\x00-\\x1f\\x7f-\u{9f}]{0,40}[a-z]",
        ) {
            let mut preset = Preset { version: VERSION, name: called, ..Preset::default() };
            for (at, text) in texts.iter().enumerate() {
                preset.channels.insert(text.clone(), json!(text));
                preset.channels.insert(format!("t{at}"), json!(text));
            }
            for (at, number) in numbers.iter().enumerate() {
                preset.channels.insert(format!("n{at}"), json!(number));
            }
            preset.channels.insert("none".into(), Value::Null);
            let again = Preset::read(&preset.write().unwrap()).unwrap();
            for (at, number) in numbers.iter().enumerate() {
                let read = again.channels[&format!("n{at}")].as_f64().unwrap();
                prop_assert_eq!(read.to_bits(), number.to_bits());
            }
            prop_assert_eq!(again, preset);
        }
    }

    #[test]
    fn a_text_of_any_length_comes_back() {
        let long = "\u{1d11e}\u{e9}\0\n\"\\".repeat(100_000);
        let mut preset = Preset { version: VERSION, name: "long".into(), ..Preset::default() };
        preset.channels.insert("words".into(), json!(long));
        assert_eq!(Preset::read(&preset.write().unwrap()).unwrap(), preset);
    }

    #[test]
    fn what_a_later_version_adds_is_kept_and_a_later_format_is_refused() {
        let text = r#"{"csound_performer_preset":1,"name":"a","channels":{"x":1.5},"mood":{"deep":[1]}}"#;
        let preset = read(text).unwrap();
        assert_eq!(preset.kept["mood"]["deep"][0], 1);
        assert_eq!(Preset::read(&preset.write().unwrap()).unwrap(), preset);
        let newer = read(r#"{"csound_performer_preset":2,"name":7}"#).unwrap_err().to_string();
        assert!(newer.contains("version 2") && newer.contains("update"), "{newer}");
    }

    #[test]
    fn damaged_files_are_refused_and_none_makes_the_reader_panic() {
        for text in [
            "",
            "{",
            "[]",
            "null",
            "{}",
            r#"{"csound_performer_preset":-1,"name":"a"}"#,
            r#"{"csound_performer_preset":1}"#,
            r#"{"csound_performer_preset":1,"name":" "}"#,
            r#"{"csound_performer_preset":1,"name":7}"#,
            r#"{"csound_performer_preset":1,"name":"a","channels":[]}"#,
            r#"{"csound_performer_preset":1,"name":"a","channels":{"x":NaN}}"#,
            r#"{"csound_performer_preset":1,"name":"a","channels":{"x":1e999}}"#,
            r#"{"csound_performer_preset":1,"name":"a","events":"i 1"}"#,
            r#"{"csound_performer_preset":1,"name":"a","tags":"b"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let whole = r#"{"csound_performer_preset":1,"name":"a","channels":{"x":1.5,"y":"z"},"tags":["t"]}"#;
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err());
        }
        assert!(Preset::read(b"\xff\xfe").is_err());
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_tuning_that_is_named_comes_back_and_one_that_is_not_stays_unnamed() {
        for (field, said) in [
            ("", None),
            (r#","tuning":null"#, Some(Value::Null)),
            (
                r#","tuning":{"scale":{"name":"a.scl","text":"x"}}"#,
                Some(json!({ "scale": { "name": "a.scl", "text": "x" } })),
            ),
            // Whatever it is, the rest of the preset is read.
            (r#","tuning":[7]"#, Some(json!([7]))),
        ] {
            let preset = read(&format!(r#"{{"csound_performer_preset":1,"name":"a"{field}}}"#)).unwrap();
            assert_eq!(preset.tuning, said);
            assert_eq!(Preset::read(&preset.write().unwrap()).unwrap(), preset);
        }
    }

    #[test]
    fn names_and_tags_can_be_shown() {
        assert_eq!(name(" a\nb ").unwrap(), "a b");
        assert!(name("\t\0").is_err() && name(&"x".repeat(101)).is_err());
        assert_eq!(tags(&[" pad ".into(), "".into(), "pad".into(), "b\nass".into()]), ["pad", "bass"]);
    }
}
