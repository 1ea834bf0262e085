//! Keys: what the window system says of one becomes what egui and its [`App`](super::App) know of it.

mod dead;

use std::collections::HashMap;

use egui::Key;
use keyboard_types::{Code, KeyboardEvent, NamedKey};

use super::app::{Press, Whose};

pub(crate) use dead::{Accent, Waiting};

/// egui's name for what a key means; where its letters are not Latin, for where it lies.
pub(crate) fn meaning(event: &KeyboardEvent) -> Option<Key> {
    let meant = match &event.key {
        keyboard_types::Key::Named(named) => Key::from_name(&named.to_string()),
        keyboard_types::Key::Character(written) => Key::from_name(written),
    };
    meant.or_else(|| lying_at(event.code))
}

/// egui's name for the key that lies at a place, as a US keyboard has it.
pub(crate) fn lying_at(code: Code) -> Option<Key> {
    Key::from_name(&code.to_string())
}

/// What a pressed key writes, with what else is held.
pub(crate) fn written(event: &KeyboardEvent, modifiers: egui::Modifiers) -> Option<&str> {
    let keyboard_types::Key::Character(written) = &event.key else { return None };
    let is_text = !written.is_empty() && !written.chars().any(char::is_control);
    (is_text && !commands(modifiers)).then_some(written)
}

/// Whether what is held makes a key a command, which writes nothing.
fn commands(modifiers: egui::Modifiers) -> bool {
    // On Windows, AltGr is Control and Alt; elsewhere neither.
    let is_alt_graph = cfg!(windows) && modifiers.ctrl && modifiers.alt;
    let commands = modifiers.ctrl || modifiers.command || (modifiers.alt && !cfg!(target_os = "macos"));
    commands && !is_alt_graph
}

/// Whether a key would write with what else is held, and writes nothing: so it is with dead keys.
pub(crate) fn is_silent(event: &KeyboardEvent, modifiers: egui::Modifiers) -> bool {
    let is_empty = matches!(&event.key, keyboard_types::Key::Character(written) if written.is_empty());
    is_empty && !commands(modifiers)
}

/// What the editor decides by. An accent writes, if only with the next key.
pub(crate) fn press(event: &KeyboardEvent, modifiers: egui::Modifiers, accent: Option<Accent>) -> Press {
    Press {
        key: meaning(event),
        modifiers,
        writes: accent.is_some() || written(event, modifiers).is_some(),
        is_modifier: is_modifier(&event.key),
    }
}

fn is_modifier(key: &keyboard_types::Key) -> bool {
    use NamedKey::{Alt, AltGraph, CapsLock, Control, Fn, FnLock, Meta, NumLock, ScrollLock, Shift};
    let all = [Alt, AltGraph, CapsLock, Control, Fn, FnLock, Meta, NumLock, ScrollLock, Shift];
    matches!(key, keyboard_types::Key::Named(named) if all.contains(named))
}

/// The clipboard's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clip {
    Cut,
    Copy,
    Paste,
}

/// What a pressed key does with the clipboard.
pub(crate) fn clip(press: &Press) -> Option<Clip> {
    let command = press.modifiers.command && !press.modifiers.shift && !press.modifiers.alt;
    let older = |held: bool| held && cfg!(not(target_os = "macos"));
    match press.key? {
        Key::X if command => Some(Clip::Cut),
        Key::C if command => Some(Clip::Copy),
        Key::V if command => Some(Clip::Paste),
        Key::Cut => Some(Clip::Cut),
        Key::Copy => Some(Clip::Copy),
        Key::Paste => Some(Clip::Paste),
        Key::Delete if older(press.modifiers.shift) => Some(Clip::Cut),
        Key::Insert if older(press.modifiers.ctrl) => Some(Clip::Copy),
        Key::Insert if older(press.modifiers.shift) => Some(Clip::Paste),
        _ => None,
    }
}

/// Who got the keys that are down, so their releases find the way.
#[derive(Default)]
pub(crate) struct Held(HashMap<Code, (Whose, Option<Key>)>);

impl Held {
    /// Who got a key that is down. What has no code is one key only by chance.
    pub fn owner(&self, code: Code) -> Option<Whose> {
        self.0.get(&code).filter(|_| code != Code::Unidentified).map(|(whose, _)| *whose)
    }

    /// A key goes down.
    pub fn press(&mut self, code: Code, whose: Whose, key: Option<Key>) {
        self.0.insert(code, (whose, key));
    }

    /// A key goes up: who got its press. The host has seen the press of what went down elsewhere.
    pub fn release(&mut self, code: Code) -> Whose {
        self.0.remove(&code).map_or(Whose::Host, |(whose, _)| whose)
    }

    /// The focus goes: nobody tells us any more when a key goes up. Gives our keys that were down.
    pub fn let_go(&mut self) -> Vec<Key> {
        self.0
            .drain()
            .filter(|(_, (whose, _))| *whose == Whose::Ours)
            .filter_map(|(_, (_, key))| key)
            .collect()
    }
}

#[cfg(test)]
mod tests;
