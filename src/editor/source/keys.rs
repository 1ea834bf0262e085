//! The keys of the source. The page of keys has them from `src/editor/keys/list.rs`.

use csound_language::edit::Command;
use egui::{Key, Modifiers, Ui};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Apply,
    Save,
    Evaluate,
    Complete,
    Undo,
    Redo,
    Find,
    Replace,
    Next,
    Previous,
    GoToLine,
    Definition,
    Uses,
    Lines(Command),
    Manual,
    TextBefore,
    NextText,
    Outline,
    Wrap,
    Larger,
    Smaller,
    UsualSize,
}

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;
const COMMAND: Modifiers = Modifiers::COMMAND;
const BOTH: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// All keys, those with more modifiers first.
pub(super) const KEYS: [(Modifiers, Key, Deed); 32] = [
    (BOTH, Key::Enter, Deed::Apply),
    (BOTH, Key::Z, Deed::Redo),
    (BOTH, Key::O, Deed::Outline),
    (BOTH, Key::K, Deed::Lines(Command::Delete)),
    (SHIFT, Key::F3, Deed::Previous),
    (SHIFT, Key::F12, Deed::Uses),
    (COMMAND, Key::Enter, Deed::Evaluate),
    (COMMAND, Key::S, Deed::Save),
    (COMMAND, Key::Space, Deed::Complete),
    (COMMAND, Key::Z, Deed::Undo),
    (COMMAND, Key::Y, Deed::Redo),
    (COMMAND, Key::F, Deed::Find),
    (COMMAND, Key::H, Deed::Replace),
    (COMMAND, Key::G, Deed::GoToLine),
    (COMMAND, Key::Slash, Deed::Lines(Command::ToggleComment)),
    (COMMAND, Key::CloseBracket, Deed::Lines(Command::Indent)),
    (COMMAND, Key::OpenBracket, Deed::Lines(Command::Outdent)),
    (COMMAND, Key::D, Deed::Lines(Command::Duplicate)),
    (COMMAND, Key::Equals, Deed::Larger),
    (COMMAND, Key::Plus, Deed::Larger),
    (COMMAND, Key::Minus, Deed::Smaller),
    (COMMAND, Key::Num0, Deed::UsualSize),
    (COMMAND, Key::PageUp, Deed::TextBefore),
    (COMMAND, Key::PageDown, Deed::NextText),
    (ALT, Key::ArrowUp, Deed::Lines(Command::MoveUp)),
    (ALT, Key::ArrowDown, Deed::Lines(Command::MoveDown)),
    (ALT, Key::Z, Deed::Wrap),
    (NONE, Key::F1, Deed::Manual),
    (NONE, Key::F3, Deed::Next),
    (NONE, Key::F12, Deed::Definition),
    (COMMAND, Key::Questionmark, Deed::Lines(Command::ToggleComment)),
    (BOTH, Key::Slash, Deed::Lines(Command::ToggleComment)),
];

/// The deeds whose keys were pressed in this frame.
pub(super) fn pressed(ui: &Ui) -> Vec<Deed> {
    ui.input_mut(|input| {
        let mut found = Vec::new();
        for (modifiers, key, deed) in KEYS {
            if input.consume_key(modifiers, key) {
                found.push(deed);
            }
        }
        found
    })
}
