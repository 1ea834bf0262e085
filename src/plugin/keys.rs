//! The keys that the user has chosen for the editor's commands, in his configuration: for all instances.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::chosen_keys::{self, ChosenKeys, KeyChoice};
use crate::plugin::pieces::files::config_file;
use crate::plugin::pieces::files::kept_list::{self, Kind};

/// The list: chords by the names of commands.
const LIST: Kind = Kind { what: "your list of keys", field: "chords", longest: 1 << 16 };

/// What is kept; all is as usual where it cannot be read, and that is said in it.
pub fn read() -> ChosenKeys {
    file().map_or_else(ChosenKeys::default, |file| read_in(&file))
}

/// Takes a choice for a command over.
///
/// # Errors
/// It cannot be kept, in a sentence.
pub fn choose(command: String, choice: KeyChoice) -> Result<(), String> {
    choose_in(&own_file()?, command, choice)
}

/// Forgets all choices.
///
/// # Errors
/// That cannot be kept, in a sentence.
pub fn reset() -> Result<(), String> {
    reset_in(&own_file()?)
}

fn file() -> Option<PathBuf> {
    config_file("keys.json")
}

fn own_file() -> Result<PathBuf, String> {
    file().ok_or_else(|| "this system has no configuration folder to remember your keys in".to_owned())
}

fn read_in(file: &Path) -> ChosenKeys {
    match read_from(file) {
        Ok(chords) => ChosenKeys { chords, trouble: None },
        Err(why) => ChosenKeys { trouble: Some(why), ..ChosenKeys::default() },
    }
}

fn choose_in(file: &Path, command: String, choice: KeyChoice) -> Result<(), String> {
    let mut chords = read_from(file)?;
    chosen_keys::choose(&mut chords, command, choice);
    kept_list::write(file, &LIST, chords)
}

fn reset_in(file: &Path) -> Result<(), String> {
    // What is not understood is not written over.
    read_from(file)?;
    kept_list::write(file, &LIST, BTreeMap::<String, String>::new())
}

fn read_from(file: &Path) -> Result<BTreeMap<String, String>, String> {
    kept_list::read(file, &LIST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> KeyChoice {
        KeyChoice::Chord(text.to_owned())
    }

    #[test]
    fn what_is_chosen_is_kept_with_what_is_not_known_here() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("new/keys.json");
        assert_eq!(read_in(&file), ChosenKeys::default());
        let choose = |command: &str, choice| choose_in(&file, command.to_owned(), choice).unwrap();
        choose("of a later version", chord("Ctrl+Q"));
        choose("browse", chord("Ctrl+J"));
        choose("undo", KeyChoice::None);
        choose("save", chord("F2"));
        choose("save", KeyChoice::Usual);
        let kept = read_in(&file);
        let all: Vec<_> = kept.chords.iter().map(|(name, chord)| (name.as_str(), chord.as_str())).collect();
        assert_eq!(all, [("browse", "Ctrl+J"), ("of a later version", "Ctrl+Q"), ("undo", "")]);
        assert_eq!(kept.trouble, None);
        reset_in(&file).unwrap();
        assert_eq!(read_in(&file), ChosenKeys::default());
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_and_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("keys.json");
        let long = format!("{{\"version\": 1, \"chords\": {{\"browse\": \"{}\"}}}}", "x".repeat(1 << 16));
        let list = r#"{"version": 1, "chords": []}"#;
        let later = r#"{"version": 2, "chords": {}}"#;
        for text in ["", "{", "[]", r#"{"version": 1}"#, r#"{"chords": {}}"#, list, later, &long] {
            std::fs::write(&file, text).unwrap();
            let kept = read_in(&file);
            let why = kept.trouble.unwrap();
            assert!(
                why.starts_with("your list of keys") && why.contains("keys.json cannot be read"),
                "{why}"
            );
            assert_eq!(kept.chords, BTreeMap::new(), "all is as usual");
            for outcome in [choose_in(&file, "browse".into(), chord("Ctrl+J")), reset_in(&file)] {
                assert!(outcome.unwrap_err().contains("keys.json cannot be read"), "{text}");
            }
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        std::fs::write(&file, later).unwrap();
        assert!(read_in(&file).trouble.unwrap().contains("it is of version 2"));
    }
}
