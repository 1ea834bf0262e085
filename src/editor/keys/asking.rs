//! The user's choice of keys: kept up to date, asked for, and followed before anything else sees a key.

use std::sync::Arc;

use csound_window::{Press, Whose};
use egui::{Context, Event, EventFilter, Id, Key, Modifiers, Ui};

use super::chord::{Chord, is_modifier};
use super::command::KeyCommand;
use super::focus::{self, Focus};
use super::map::{KeyMap, usual};
use super::{set_map, whose};
use crate::chosen_keys::{ChosenKeys, KeyChoice};
use crate::editor::model::{Action, EditorState, Tab, View};

/// The keys of an editor's commands, and the choice that the user is busy with.
#[derive(Default)]
pub(in crate::editor) struct Keys {
    /// What was chosen, as it was read last.
    read: Arc<ChosenKeys>,
    pub(super) map: Arc<KeyMap>,
    pub(super) asked: Option<Asked>,
    /// What was refused last, and why.
    pub(super) refused: Option<(KeyCommand, String)>,
    /// The user is asked whether all keys are to be as usual.
    pub(super) asks_reset: bool,
    /// The page is unfolding, and is to be brought into view.
    pub(super) unfolds: bool,
    /// It is unfolded as a whole.
    pub(super) is_open: bool,
}

/// The next key that is pressed becomes this command's.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub command: KeyCommand,
    /// The button that asks. It has the focus meanwhile.
    pub button: Id,
    /// It had it before.
    pub had_focus: bool,
    /// The last frame has drawn it.
    pub is_drawn: bool,
}

impl Keys {
    /// Before anything else sees the keys of a frame: brings what was chosen up to date, takes the key that is asked
    /// for, and drops those that the user has taken from us.
    pub fn begin_frame(&mut self, ui: &Ui, view: &View) -> Option<Action> {
        if *self.read != *view.keys {
            self.read = Arc::clone(&view.keys);
            self.map = Arc::new(KeyMap::of(&self.read));
        }
        set_map(ui.ctx(), Arc::clone(&self.map));
        let chosen = self.take_asked(ui);
        drop_freed(ui, &self.map);
        if let Some(asked) = &mut self.asked {
            asked.is_drawn = false;
        }
        chosen
    }

    /// After all is drawn: where the page is gone, nothing is asked for any more.
    pub fn end_frame(&mut self, context: &Context, view: &View, state: &EditorState) {
        if self.asked.is_some_and(|asked| !asked.is_drawn) {
            self.stop_asking(context);
        }
        self.asks_reset &= state.tab == Tab::Settings;
        focus::set_asked(context, self.asked.is_some());
        let in_source = state.tab == Tab::Source && !view.shows_panel_only(state);
        focus::set_in_source(context, in_source);
    }

    /// Asks for a key.
    pub(super) fn ask(&mut self, context: &Context, command: KeyCommand, button: Id) {
        let had_focus = context.memory(|memory| memory.has_focus(button));
        self.refused = None;
        self.asked = Some(Asked { command, button, had_focus, is_drawn: true });
        context.memory_mut(|memory| memory.request_focus(button));
        // Only a frame that finds it with the focus lets it keep Tab and the like.
        context.request_repaint();
    }

    pub(super) fn stop_asking(&mut self, context: &Context) {
        let Some(asked) = self.asked.take() else { return };
        self.refused.take_if(|(command, _)| *command == asked.command);
        context.memory_mut(|memory| {
            // Tab and the like move it again.
            memory.set_focus_lock_filter(asked.button, EventFilter::default());
            if !asked.had_focus {
                memory.surrender_focus(asked.button);
            }
        });
    }

    fn take_asked(&mut self, ui: &Ui) -> Option<Action> {
        let asked = self.asked?;
        if !ui.input(|input| input.focused) {
            self.stop_asking(ui.ctx());
            return None;
        }
        let (pressed, writes) = ui.input_mut(|input| {
            let pressed = input.events.iter().find_map(|event| match event {
                Event::Key { key, modifiers, pressed: true, repeat: false, .. } if !is_modifier(*key) => {
                    Some((*modifiers, *key))
                }
                _ => None,
            });
            let writes = input.events.iter().any(|event| matches!(event, Event::Text(_)));
            input.events.retain(|event| !is_of_a_press(event));
            (pressed, writes)
        });
        let (modifiers, key) = pressed?;
        let is_left = key == Key::Escape && modifiers.is_none();
        let chosen = if is_left { None } else { self.choose(asked.command, (modifiers, key), writes) };
        // What comes after a refused key is the next try, and no command.
        if is_left || chosen.is_some() {
            self.stop_asking(ui.ctx());
        }
        chosen
    }

    fn choose(
        &mut self,
        command: KeyCommand,
        (modifiers, key): (Modifiers, Key),
        writes: bool,
    ) -> Option<Action> {
        let Some(chord) = Chord::pressed(modifiers, key) else {
            let why = "Hold Ctrl, Shift or Alt, and nothing else, with a key";
            self.refused = Some((command, why.to_owned()));
            return None;
        };
        if usual(command).eq([chord]) {
            return self.choose_usual(command);
        }
        match self.map.allows(command, chord, writes) {
            Ok(()) => Some(keep(command, KeyChoice::Chord(chord.to_string()))),
            Err(why) => {
                self.refused = Some((command, why));
                None
            }
        }
    }

    /// Has a command have its usual keys again.
    pub(super) fn choose_usual(&mut self, command: KeyCommand) -> Option<Action> {
        self.refused = self.map.allows_usual(command).err().map(|why| (command, why));
        self.refused.is_none().then(|| keep(command, KeyChoice::Usual))
    }

    /// Has it have none.
    pub(super) fn choose_none(&mut self, command: KeyCommand) -> Action {
        self.refused = None;
        keep(command, KeyChoice::None)
    }
}

fn keep(command: KeyCommand, choice: KeyChoice) -> Action {
    Action::ChooseKey(command.name().to_owned(), choice)
}

fn is_of_a_press(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { pressed: true, .. } | Event::Text(_) | Event::Copy | Event::Cut | Event::Paste(_)
    )
}

/// Drops what would be ours by the usual keys, and is the host's by the user's choice: where there is no host, it does
/// nothing all the same.
fn drop_freed(ui: &Ui, map: &KeyMap) {
    let focus = Focus::of(ui.ctx());
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, modifiers, pressed: true, .. } = event else { return true };
            let press = Press { key: Some(*key), modifiers: *modifiers, ..Press::default() };
            let goes = |map: &KeyMap| whose(&press, focus, map);
            goes(map) == Whose::Ours || goes(&KeyMap::default()) == Whose::Host
        });
    });
}
