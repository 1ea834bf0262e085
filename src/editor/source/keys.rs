//! The keys of the source. The page of keys has them from `src/editor/keys/list.rs`.

use csound_language::edit::Command;
use egui::{Key, Modifiers, Ui};

use crate::editor::keys::{self, KeyCommand};

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

/// The keys of commands, which the user may choose.
const CHOSEN: [(KeyCommand, Deed); 26] = [
    (KeyCommand::Apply, Deed::Apply),
    (KeyCommand::Outline, Deed::Outline),
    (KeyCommand::DeleteLines, Deed::Lines(Command::Delete)),
    (KeyCommand::FindBefore, Deed::Previous),
    (KeyCommand::Uses, Deed::Uses),
    (KeyCommand::Send, Deed::Evaluate),
    (KeyCommand::Save, Deed::Save),
    (KeyCommand::Complete, Deed::Complete),
    (KeyCommand::Find, Deed::Find),
    (KeyCommand::Replace, Deed::Replace),
    (KeyCommand::GoToLine, Deed::GoToLine),
    (KeyCommand::Comment, Deed::Lines(Command::ToggleComment)),
    (KeyCommand::IndentMore, Deed::Lines(Command::Indent)),
    (KeyCommand::IndentLess, Deed::Lines(Command::Outdent)),
    (KeyCommand::Double, Deed::Lines(Command::Duplicate)),
    (KeyCommand::LargerLetters, Deed::Larger),
    (KeyCommand::SmallerLetters, Deed::Smaller),
    (KeyCommand::UsualLetters, Deed::UsualSize),
    (KeyCommand::TextBefore, Deed::TextBefore),
    (KeyCommand::NextText, Deed::NextText),
    (KeyCommand::MoveUp, Deed::Lines(Command::MoveUp)),
    (KeyCommand::MoveDown, Deed::Lines(Command::MoveDown)),
    (KeyCommand::Wrap, Deed::Wrap),
    (KeyCommand::Manual, Deed::Manual),
    (KeyCommand::FindNext, Deed::Next),
    (KeyCommand::Definition, Deed::Definition),
];

const COMMAND: Modifiers = Modifiers::COMMAND;
const BOTH: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Those that stay as they are in every text, the one with more modifiers first.
const FIXED: [(Modifiers, Key, Deed); 3] =
    [(BOTH, Key::Z, Deed::Redo), (COMMAND, Key::Z, Deed::Undo), (COMMAND, Key::Y, Deed::Redo)];

/// Whether the key that finds was pressed in this frame.
pub(super) fn finds(ui: &Ui) -> bool {
    keys::take(ui, KeyCommand::Find)
}

/// The deeds whose keys were pressed in this frame.
pub(super) fn pressed(ui: &Ui) -> Vec<Deed> {
    let chosen = CHOSEN.into_iter().filter(|(command, _)| keys::take(ui, *command)).map(|(_, deed)| deed);
    let mut found: Vec<_> = chosen.collect();
    let fixed = FIXED
        .into_iter()
        .filter(|(modifiers, key, _)| ui.input_mut(|input| input.consume_key(*modifiers, *key)));
    found.extend(fixed.map(|(.., deed)| deed));
    found
}
