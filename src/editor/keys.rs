//! Keys: which of them the editor uses, and which the host gets.
//!
//! One list says it all. It is what decides, before egui sees a key; what the page of keys shows; and what
//! docs/keys.md is checked against. A new key of the editor has to be put into it: what is not in it goes to the host.
//! Where the list has a command, the user may choose its key, and whoever carries it out asks for the command.
//!
//! Reading order: `list` (the keys), `command` and `chord` (what it speaks of), `map` (what the user has chosen),
//! `asking` (a key is chosen), `page`.

mod asking;
mod chord;
mod command;
mod focus;
mod list;
mod map;
mod page;
mod played;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use csound_window::{Press, Whose};
use egui::{Context, Event, Id, Ui};

pub(super) use asking::Keys;
pub(super) use command::KeyCommand;
pub(super) use focus::Focus;
#[cfg(test)]
pub(super) use focus::On;
use list::KEYS;
pub(super) use list::PASTE;
pub(super) use map::KeyMap;
pub(super) use played::{COMPUTER, play_on};

/// Who gets a key that is pressed.
pub(super) fn whose(press: &Press, focus: Focus, map: &KeyMap) -> Whose {
    // A modifier by itself belongs to what is typed, and is nothing of ours otherwise.
    let writes = focus.is_text() && (press.writes || press.is_modifier);
    let uses =
        |key| KEYS.iter().any(|entry| entry.place.holds(focus) && map.has(entry, press.modifiers, key));
    if focus.is_asked || writes || press.key.is_some_and(uses) { Whose::Ours } else { Whose::Host }
}

/// Under this egui remembers the keys of all commands.
fn place() -> Id {
    Id::unique("the keys of all commands")
}

/// The keys of all commands, as the last frame had them.
pub(super) fn map(context: &Context) -> Arc<KeyMap> {
    context.data(|data| data.get_temp(place())).unwrap_or_default()
}

/// Has these be the keys of all commands from now on.
fn set_map(context: &Context, map: Arc<KeyMap>) {
    context.data_mut(|data| data.insert_temp(place(), map));
}

/// Whether the keys of a command were pressed in this frame. Nobody else sees them then, nor what they would write.
pub(super) fn take(ui: &Ui, command: KeyCommand) -> bool {
    let map = map(ui.ctx());
    let is_it = |event: &Event| match event {
        Event::Key { key, modifiers, pressed: true, .. } => map.is_pressed(command, *modifiers, *key),
        _ => false,
    };
    ui.input_mut(|input| {
        let mut is_taken = false;
        while let Some(at) = input.events.iter().position(is_it) {
            is_taken = true;
            input.events.remove(at);
            if matches!(input.events.get(at), Some(Event::Text(_))) {
                input.events.remove(at);
            }
        }
        is_taken
    })
}

/// How the keys of a command are called; None: it has none.
pub(super) fn called(context: &Context, command: KeyCommand) -> Option<String> {
    map(context).called(command)
}

/// The same behind words about the command: in brackets, or nothing.
pub(super) fn in_brackets(context: &Context, command: KeyCommand) -> String {
    called(context, command).map_or_else(String::new, |called| format!(" ({called})"))
}
