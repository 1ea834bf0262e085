//! Which keys every command has: the usual ones, or what the user has chosen.

use std::collections::BTreeMap;

use egui::{Key, Modifiers};

use super::chord::Chord;
use super::command::KeyCommand;
use super::list::{Entry, KEYS, Keys, Place, of};
use crate::chosen_keys::ChosenKeys;

/// Which keys every command has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::editor) struct KeyMap {
    /// The commands whose keys are not the usual ones.
    chosen: BTreeMap<KeyCommand, Option<Chord>>,
    /// What was kept and is not followed, and why, in sentences.
    pub notes: Vec<String>,
}

impl KeyMap {
    /// What the user has chosen, as far as it may stand together. Of what may not, the usual keys are taken.
    pub fn of(kept: &ChosenKeys) -> Self {
        let mut map = Self { chosen: BTreeMap::new(), notes: kept.trouble.clone().into_iter().collect() };
        for (name, text) in &kept.chords {
            match (KeyCommand::named(name), Chord::read(text)) {
                (None, _) => {
                    map.notes.push(format!("A key is chosen for {name:?}, which is no command here"))
                }
                (Some(command), None) if text.is_empty() => drop(map.chosen.insert(command, None)),
                (Some(_), None) => map.notes.push(format!("{text:?}, chosen for {name:?}, is no key")),
                (Some(command), chord) => drop(map.chosen.insert(command, chord)),
            }
        }
        // To leave one out gives its usual keys back, which may be another one's by now.
        while let Some((command, why)) = map.first_refused() {
            map.chosen.remove(&command);
            map.notes.push(format!("{}: {why}", does(command)));
        }
        map
    }

    fn first_refused(&self) -> Option<(KeyCommand, String)> {
        let refused = |(command, chord): (&KeyCommand, &Option<Chord>)| {
            let why = self.allows(*command, (*chord)?, false).err()?;
            Some((*command, why))
        };
        self.chosen.iter().find_map(refused)
    }

    /// Whether what is pressed is a command's.
    pub fn is_pressed(&self, command: KeyCommand, modifiers: Modifiers, key: Key) -> bool {
        let Some(pressed) = Chord::pressed(modifiers, key) else { return false };
        match self.chosen.get(&command) {
            Some(chosen) => *chosen == Some(pressed),
            None => all_usual(command).any(|chord| chord == pressed),
        }
    }

    /// How the keys of a command are called; None: it has none.
    pub fn called(&self, command: KeyCommand) -> Option<String> {
        match self.chosen.get(&command) {
            Some(chosen) => chosen.map(|chord| chord.to_string()),
            None => Some(called_usually(command)),
        }
    }

    /// Whether the user has chosen its keys.
    pub fn is_chosen(&self, command: KeyCommand) -> bool {
        self.chosen.contains_key(&command)
    }

    /// Whether the keys of an entry have this one.
    pub(super) fn has(&self, entry: &Entry, modifiers: Modifiers, key: Key) -> bool {
        match entry.keys {
            Keys::Fixed(..) => entry.has_fixed(modifiers, key),
            Keys::Of(command, ..) => self.is_pressed(command, modifiers, key),
        }
    }

    /// Whether a command may have a chord; `writes`: pressed in a text, it writes a character.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub fn allows(&self, command: KeyCommand, chord: Chord, writes: bool) -> Result<(), String> {
        let Some(entry) = of(command) else { return Ok(()) };
        if !chord.command && !chord.alt && !chord.is_function_key() {
            return Err(format!(
                "{chord} is for writing, playing or the DAW: add Ctrl or Alt, or take F1 to F35"
            ));
        }
        if chord.is_the_clipboards() {
            return Err(format!("{chord} is the clipboard's"));
        }
        if writes && entry.place.meets(Place::Text) {
            return Err(format!("{chord} writes a character"));
        }
        self.is_free(entry, chord)
    }

    /// Whether a command may have its usual keys again.
    ///
    /// # Errors
    /// Another one has them, in a sentence.
    pub fn allows_usual(&self, command: KeyCommand) -> Result<(), String> {
        let Some(entry) = of(command) else { return Ok(()) };
        let others = |other: &&Entry| matches!(other.keys, Keys::Of(..));
        all_usual(command).try_for_each(|chord| self.is_free_of(entry, chord, others))
    }

    fn is_free(&self, of: &Entry, chord: Chord) -> Result<(), String> {
        self.is_free_of(of, chord, |_| true)
    }

    /// Whether none of these others has a chord where the focus may be for this one.
    fn is_free_of(
        &self,
        of: &Entry,
        chord: Chord,
        others: impl Fn(&&'static Entry) -> bool,
    ) -> Result<(), String> {
        let modifiers = Modifiers {
            alt: chord.alt,
            shift: chord.shift,
            ctrl: chord.command && cfg!(not(target_os = "macos")),
            mac_cmd: chord.command && cfg!(target_os = "macos"),
            command: chord.command,
        };
        let mut met = KEYS.iter().filter(|other| other.keys != of.keys && other.place.meets(of.place));
        match met.find(|other| others(other) && self.has(other, modifiers, chord.key)) {
            Some(other) => Err(format!("{chord} is taken: {}", other.does)),
            None => Ok(()),
        }
    }
}

/// What a command does.
pub(super) fn does(command: KeyCommand) -> &'static str {
    of(command).map_or("", |entry| entry.does)
}

/// How the usual keys of a command are called.
pub(super) fn called_usually(command: KeyCommand) -> String {
    usual(command).map(|chord| chord.to_string()).collect::<Vec<_>>().join(", ")
}

/// The usual keys of a command.
pub(super) fn usual(command: KeyCommand) -> impl Iterator<Item = Chord> {
    let chords = of(command).map_or(&[][..], |entry| match entry.keys {
        Keys::Of(_, usual, _) => usual,
        Keys::Fixed(..) => &[],
    });
    chords.iter().copied()
}

/// The same with what those are on other keyboards.
fn all_usual(command: KeyCommand) -> impl Iterator<Item = Chord> {
    let also = of(command).map_or(&[][..], |entry| match entry.keys {
        Keys::Of(_, _, also) => also,
        Keys::Fixed(..) => &[],
    });
    usual(command).chain(also.iter().copied())
}

#[cfg(test)]
mod tests;
