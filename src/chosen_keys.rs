//! The keys that the user has chosen for the editor's commands, as his configuration keeps them.
//!
//! Here they are words only: what a command and a chord are, and which of them may stand, the editor knows.

use std::collections::BTreeMap;

/// All that were chosen. Every other command has its usual keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChosenKeys {
    /// The chord of a command by that command's name, such as `Ctrl+Shift+B`; empty where it has none.
    pub chords: BTreeMap<String, String>,
    /// Why those that were kept could not be read, in a sentence; all keys are the usual ones then.
    pub trouble: Option<String>,
}

/// What the user wants of a command's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyChoice {
    /// The usual ones again.
    Usual,
    /// None.
    None,
    /// This chord.
    Chord(String),
}

/// Takes a choice for a command over.
pub fn choose(chords: &mut BTreeMap<String, String>, command: String, choice: KeyChoice) {
    match choice {
        KeyChoice::Usual => drop(chords.remove(&command)),
        KeyChoice::None => drop(chords.insert(command, String::new())),
        KeyChoice::Chord(chord) => drop(chords.insert(command, chord)),
    }
}
