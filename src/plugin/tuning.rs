//! The tuning of an instance: the files that the user has chosen, saved whole with the session, and the channels by which a
//! piece reads it.
//!
//! ```csound
//! icps chnget sprintf("tuning.%d", notnum())   ; Hz of the key, 0 where it has no note
//! ```

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bounded::read_bounded;
use crate::tuning::{KEYS, Keyboard, LONGEST, Scale, Tuning, TuningError, text_of};

/// The beginning of its channels' names.
const PREFIX: &str = "tuning.";

/// A file with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFile {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl SavedFile {
    fn wrong(&self, error: &TuningError) -> String {
        format!("{}: {error}", self.name)
    }
}

/// The chosen files; one of them at least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTuning {
    /// A scale, else twelve equal steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<SavedFile>,
    /// A keyboard mapping, else each key the next note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyboard: Option<SavedFile>,
}

impl SavedTuning {
    /// With another file: a `.kbm` is a keyboard mapping, any other a scale.
    ///
    /// # Errors
    /// The file cannot be read, or not be used, in a sentence.
    pub fn with(mut self, path: &Path) -> Result<Self, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = read_bounded(path, LONGEST).map_err(|error| format!("{name} cannot be read: {error}"))?;
        let is_keyboard = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("kbm"));
        let file = Some(SavedFile { name, text: text_of(bytes) });
        *(if is_keyboard { &mut self.keyboard } else { &mut self.scale }) = file;
        self.tuning()?;
        Ok(self)
    }

    /// What a preset says of the tuning; none is twelve equal steps.
    ///
    /// # Errors
    /// A file is missing in it, or cannot be used: which one and why, in a sentence.
    pub fn of_preset(said: &Value) -> Result<Option<Self>, String> {
        if said.is_null() {
            return Ok(None);
        }
        let file = |kind: &str| {
            let Some(file) = said.get(kind).filter(|file| !file.is_null()) else { return Ok(None) };
            let name = file.get("name").and_then(Value::as_str).unwrap_or(kind);
            match file.get("text").and_then(Value::as_str) {
                None => Err(format!("the text of {name} is missing in it")),
                Some(text) if text.len() as u64 > LONGEST => Err(format!("{name} is too long")),
                Some(text) => Ok(Some(SavedFile { name: name.to_owned(), text: text.to_owned() })),
            }
        };
        let tuning = Self { scale: file("scale")?, keyboard: file("keyboard")? };
        if tuning == Self::default() {
            return Err("it has neither a scale nor a keyboard".to_owned());
        }
        tuning.tuning()?;
        Ok(Some(tuning))
    }

    /// The frequencies of the keys.
    ///
    /// # Errors
    /// A file cannot be used: which one, where and why.
    pub fn tuning(&self) -> Result<Tuning, String> {
        let scale =
            self.scale.as_ref().map(|file| Scale::read(&file.text).map_err(|error| file.wrong(&error)));
        let keyboard =
            self.keyboard.as_ref().map(|file| Keyboard::read(&file.text).map_err(|error| file.wrong(&error)));
        let (scale, keyboard) = (scale.transpose()?, keyboard.transpose()?);
        Tuning::of(scale.as_ref(), keyboard.as_ref()).map_err(|error| format!("{}: {error}", self.names()))
    }

    /// The names of the files.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.scale.iter().chain(&self.keyboard).map(|file| file.name.as_str()).collect();
        names.join(", ")
    }
}

/// Whether a piece's text names channels of the tuning, so that they have to be made for it.
pub fn reads_tuning(text: &str) -> bool {
    text.contains("\"tuning.")
}

/// Whether a channel is one of the tuning's, which have no place in a channel bank.
pub fn is_tuning_channel(name: &str) -> bool {
    let key = name.strip_prefix(PREFIX).and_then(|key| key.parse::<usize>().ok());
    key.is_some_and(|key| key < KEYS)
}

/// The channels and their values. A tuning that cannot be used is twelve equal steps.
pub fn tuning_channels(tuning: Option<&SavedTuning>) -> impl Iterator<Item = (String, f64)> {
    let tuning = tuning.and_then(|tuning| tuning.tuning().ok()).unwrap_or_default();
    tuning.0.into_iter().enumerate().map(|(key, frequency)| (format!("{PREFIX}{key}"), frequency))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_takes_the_place_of_one_of_its_kind_and_a_damaged_one_of_none() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let of_one = SavedTuning::default().with(&put("one.scl", b"one\n1\n2/1\n")).unwrap();
        let both = of_one.clone().with(&put("low.KBM", b"0\n0\n127\n60\n60\n100\n0\n")).unwrap();
        assert_eq!((both.names().as_str(), both.tuning().unwrap().0[61]), ("one.scl, low.KBM", 200.0));
        let other = both.clone().with(&put("other.scl", b"\xe9\n1\n3/1\n")).unwrap();
        assert_eq!((other.names().as_str(), other.tuning().unwrap().0[61]), ("other.scl, low.KBM", 300.0));
        for (name, bytes, why) in [
            ("bad.scl", &b"bad\n1\n1/0\n"[..], "bad.scl: line 3: "),
            ("bad.kbm", b"x\n", "bad.kbm: line 1: "),
            ("long.scl", &vec![b'!'; 2 << 20], "longer than"),
        ] {
            let error = both.clone().with(&put(name, bytes)).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert!(both.clone().with(folder.path()).unwrap_err().contains("cannot be read"));
        assert!(both.with(&folder.path().join("none.scl")).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn what_a_preset_says_of_a_tuning_is_taken_as_a_whole_or_not_at_all() {
        let text = "one\n1\n2/1\n";
        let scale = SavedFile { name: "one.scl".into(), text: text.into() };
        let kept = SavedTuning { scale: Some(scale), keyboard: None };
        let said = serde_json::to_value(&kept).unwrap();
        assert_eq!(SavedTuning::of_preset(&said), Ok(Some(kept)));
        assert_eq!(SavedTuning::of_preset(&Value::Null), Ok(None));
        let keyboard = json!({ "name": "low.kbm", "text": "x" });
        for (said, why) in [
            (json!({ "scale": { "name": "one.scl" } }), "the text of one.scl is missing"),
            (json!({ "scale": { "name": "one.scl", "text": 7 } }), "the text of one.scl is missing"),
            (json!({ "keyboard": "low.kbm" }), "the text of keyboard is missing"),
            (json!({ "scale": { "name": "one.scl", "text": "one\n1\n1/0\n" } }), "one.scl: line 3: "),
            (
                json!({ "scale": { "name": "one.scl", "text": text }, "keyboard": keyboard }),
                "low.kbm: line 1: ",
            ),
            (json!({ "scale": { "name": "one.scl", "text": "!".repeat(2 << 20) } }), "one.scl is too long"),
            (json!({}), "neither a scale nor a keyboard"),
            (json!([]), "neither a scale nor a keyboard"),
            (json!("one.scl"), "neither a scale nor a keyboard"),
        ] {
            let error = SavedTuning::of_preset(&said).unwrap_err();
            assert!(error.contains(why), "{said}: {error}");
        }
    }

    #[test]
    fn a_tuning_has_a_channel_for_each_key() {
        let channels: Vec<_> = tuning_channels(None).collect();
        assert_eq!((channels.len(), &channels[69]), (128, &("tuning.69".to_owned(), 440.0)));
        assert!(channels.iter().all(|(name, _)| is_tuning_channel(name)));
        for other in ["tuning.128", "tuning.", "tuning.x", "tuning", "note.1.tuning"] {
            assert!(!is_tuning_channel(other), "{other}");
        }
        let broken = SavedFile { name: "b.scl".into(), text: "b\n1\n0\n".into() };
        let broken = SavedTuning { scale: Some(broken), keyboard: None };
        assert_eq!(tuning_channels(Some(&broken)).nth(69).unwrap().1, 440.0);
    }
}
