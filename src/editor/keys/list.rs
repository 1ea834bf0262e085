//! The list of the editor's keys.

use egui::{Key, Modifiers};

use super::chord::Chord;
use super::command::KeyCommand;
use super::focus::{Focus, On};
use super::played::COMPUTER;

/// Where the focus has to be for a key to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    /// Where no text is typed.
    NoText,
    /// In a field that text is typed into.
    Text,
    /// On a control or on the keys to play.
    Control,
    /// On the keys to play.
    Piano,
    /// While a menu, a list or a dialog is open.
    Open,
    /// With some text selected that cannot be edited.
    Selected,
    /// On the page Source, whatever has the focus there.
    Source,
}

impl Place {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 8] = [
        Self::Anywhere,
        Self::NoText,
        Self::Control,
        Self::Piano,
        Self::Open,
        Self::Selected,
        Self::Source,
        Self::Text,
    ];

    /// Its heading on the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anywhere => "Everywhere",
            Self::NoText => "While no text is typed",
            Self::Text => "While text is typed",
            Self::Control => "On a control that has the focus",
            Self::Piano => "On the keys to play, while they have the focus",
            Self::Open => "While a menu, a list or a dialog is open",
            Self::Selected => "With text selected on the console or in a message",
            Self::Source => "On the page Source",
        }
    }

    /// Whether the focus is there.
    pub fn holds(self, focus: Focus) -> bool {
        match self {
            Self::Anywhere => true,
            Self::NoText => focus.on != On::Text,
            Self::Text => focus.on == On::Text,
            Self::Control => matches!(focus.on, On::Control | On::Piano),
            Self::Piano => focus.on == On::Piano,
            Self::Open => focus.is_open,
            Self::Selected => focus.selects,
            Self::Source => focus.in_source && !focus.is_open,
        }
    }

    /// Whether the focus may be in both.
    pub fn meets(self, other: Self) -> bool {
        let ons = [On::Nothing, On::Control, On::Piano, On::Text];
        ons.into_iter().any(|on| {
            (0..8).any(|flags| {
                let [is_open, selects, in_source] = [1, 2, 4].map(|flag| flags & flag != 0);
                let focus = Focus { on, is_open, selects, in_source, ..Focus::NOTHING };
                self.holds(focus) && other.holds(focus)
            })
        })
    }
}

/// What else is held with a key that stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing, or Shift.
    Plain,
    /// Control, on macOS Command.
    Command,
    CommandShift,
    /// Whatever it is, but for the usual keys of commands.
    Any,
}

/// A key that stays as it is, with what else is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fixed(pub Held, pub Key);

impl Fixed {
    /// Whether it is this one.
    fn is(self, modifiers: Modifiers, key: Key) -> bool {
        let Modifiers { alt, ctrl, shift, mac_cmd, command } = modifiers;
        let held = match self.0 {
            Held::Plain => !alt && !ctrl && !mac_cmd && !command,
            Held::Command => command && !shift && !alt,
            Held::CommandShift => command && shift && !alt,
            Held::Any => true,
        };
        held && key == self.1
    }
}

/// The keys that do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// They stay as they are: what they are called, and what they are.
    Fixed(&'static str, &'static [Fixed]),
    /// The user may choose others: the usual ones, and what those are on other keyboards.
    Of(KeyCommand, &'static [Chord], &'static [Chord]),
}

/// One thing that keys do, or where they stay, things of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub place: Place,
    pub keys: Keys,
    /// What they do.
    pub does: &'static str,
}

impl Entry {
    /// Whether keys that stay have this one.
    pub fn has_fixed(&self, modifiers: Modifiers, key: Key) -> bool {
        let Keys::Fixed(_, all) = self.keys else { return false };
        let is = |fixed: &Fixed| {
            fixed.is(modifiers, key) && (fixed.0 != Held::Any || !is_usual(self.place, modifiers, key))
        };
        all.iter().any(is)
    }
}

/// Whether a command has this key usually, where the focus may be in a place as well.
fn is_usual(place: Place, modifiers: Modifiers, key: Key) -> bool {
    let pressed = Chord::pressed(modifiers, key);
    KEYS.iter().filter(|entry| entry.place.meets(place)).any(|entry| match entry.keys {
        Keys::Of(_, usual, also) => usual.iter().chain(also).any(|chord| Some(*chord) == pressed),
        Keys::Fixed(..) => false,
    })
}

/// The entry of a command.
pub(super) fn of(command: KeyCommand) -> Option<&'static Entry> {
    KEYS.iter().find(|entry| matches!(entry.keys, Keys::Of(known, ..) if known == command))
}

const fn fixed(place: Place, called: &'static str, does: &'static str, all: &'static [Fixed]) -> Entry {
    Entry { place, keys: Keys::Fixed(called, all), does }
}

const fn entry(place: Place, command: KeyCommand, does: &'static str, usual: &'static [Chord]) -> Entry {
    Entry { place, keys: Keys::Of(command, usual, &[]), does }
}

/// The computer's keys that are played.
const PLAYED: [Fixed; COMPUTER.len()] = {
    let mut all = [Fixed(Held::Plain, Key::Z); COMPUTER.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = Fixed(Held::Plain, COMPUTER[at].0);
        at += 1;
    }
    all
};

/// What pastes, for whoever names it.
pub(in crate::editor) const PASTE: &str = "Ctrl+V";

use Held::{Any, Command, CommandShift, Plain};

const LARGER: (&[Chord], &[Chord]) = (
    &[Chord::command(Key::Plus)],
    &[
        Chord::command(Key::Plus).with_shift(),
        Chord::command(Key::Equals),
        Chord::command(Key::Equals).with_shift(),
    ],
);

const COMMENT: (&[Chord], &[Chord]) = (
    &[Chord::command(Key::Slash)],
    &[
        Chord::command(Key::Slash).with_shift(),
        Chord::command(Key::Questionmark),
        Chord::command(Key::Questionmark).with_shift(),
    ],
);

/// All keys that the editor uses.
pub(super) const KEYS: &[Entry] = &[
    entry(Place::Anywhere, KeyCommand::ShowChannels, "Show the page Channels", &[Chord::command(Key::Num1)]),
    entry(Place::Anywhere, KeyCommand::ShowEvents, "Show the page Events", &[Chord::command(Key::Num2)]),
    entry(Place::Anywhere, KeyCommand::ShowSource, "Show the page Source", &[Chord::command(Key::Num3)]),
    entry(Place::Anywhere, KeyCommand::ShowConsole, "Show the page Console", &[Chord::command(Key::Num4)]),
    entry(Place::Anywhere, KeyCommand::ShowSettings, "Show the page Settings", &[Chord::command(Key::Num5)]),
    entry(Place::Anywhere, KeyCommand::Browse, "Browse pieces and presets", &[Chord::command(Key::B)]),
    entry(Place::Anywhere, KeyCommand::SavePreset, "Save a preset", &[Chord::command(Key::S).with_shift()]),
    fixed(
        Place::Anywhere,
        "Tab, Shift+Tab",
        "Go to the next control, or back; in the source, indent",
        &[Fixed(Plain, Key::Tab)],
    ),
    entry(
        Place::NoText,
        KeyCommand::Undo,
        "Take back what was turned or pressed last",
        &[Chord::command(Key::Z)],
    ),
    entry(
        Place::NoText,
        KeyCommand::Redo,
        "Do it again",
        &[Chord::command(Key::Z).with_shift(), Chord::command(Key::Y)],
    ),
    entry(Place::NoText, KeyCommand::PresetBefore, "The preset before", &[Chord::command(Key::PageUp)]),
    entry(Place::NoText, KeyCommand::NextPreset, "The next preset", &[Chord::command(Key::PageDown)]),
    Entry {
        place: Place::NoText,
        keys: Keys::Of(KeyCommand::Larger, LARGER.0, LARGER.1),
        does: "All of the editor larger",
    },
    entry(Place::NoText, KeyCommand::Smaller, "All of the editor smaller", &[Chord::command(Key::Minus)]),
    entry(Place::NoText, KeyCommand::UsualSize, "All of the editor as usual", &[Chord::command(Key::Num0)]),
    fixed(
        Place::NoText,
        PASTE,
        "Open the piece whose path was copied",
        &[Fixed(Command, Key::V), Fixed(Plain, Key::Paste)],
    ),
    fixed(
        Place::Control,
        "Space, Enter",
        "Press a button, tick a box, open a list; Enter on a knob or a slider: type its value",
        &[Fixed(Plain, Key::Space), Fixed(Plain, Key::Enter)],
    ),
    fixed(
        Place::Control,
        "Arrows",
        "Turn it a step; in the transport, go through the score",
        &[
            Fixed(Plain, Key::ArrowUp),
            Fixed(Plain, Key::ArrowDown),
            Fixed(Plain, Key::ArrowLeft),
            Fixed(Plain, Key::ArrowRight),
        ],
    ),
    fixed(Place::Control, "Delete", "Reset it", &[Fixed(Plain, Key::Delete)]),
    fixed(Place::Control, "Escape", "Leave it", &[Fixed(Plain, Key::Escape)]),
    fixed(
        Place::Piano,
        "Z S X D C V G B H N J M, Q 2 W 3 E R 5 T 6 Y 7 U I 9 O 0 P",
        "Play; the arrows left and right change the octave",
        &PLAYED,
    ),
    fixed(
        Place::Open,
        "Arrows, Enter, Space",
        "Go through it, and choose",
        &[
            Fixed(Plain, Key::ArrowUp),
            Fixed(Plain, Key::ArrowDown),
            Fixed(Plain, Key::ArrowLeft),
            Fixed(Plain, Key::ArrowRight),
            Fixed(Plain, Key::Enter),
            Fixed(Plain, Key::Space),
        ],
    ),
    entry(
        Place::Open,
        KeyCommand::Preview,
        "In the browser: hear the piece at hand over the present one, or no longer",
        &[Chord::command(Key::P)],
    ),
    fixed(Place::Open, "Escape", "Close it", &[Fixed(Plain, Key::Escape)]),
    fixed(
        Place::Selected,
        "Ctrl+C",
        "Copy it",
        &[Fixed(Command, Key::C), Fixed(Plain, Key::Copy), Fixed(Command, Key::Insert)],
    ),
    fixed(Place::Selected, "Escape", "Select nothing", &[Fixed(Plain, Key::Escape)]),
    entry(Place::Source, KeyCommand::Find, "In the source: find", &[Chord::command(Key::F)]),
    fixed(
        Place::Text,
        "Letters, digits, signs, Space, Enter",
        "Write; Enter in a field of one line: take what it says",
        &[Fixed(Plain, Key::Space), Fixed(Plain, Key::Enter)],
    ),
    fixed(
        Place::Text,
        "Backspace, Delete, Ctrl+H, Ctrl+K, Ctrl+U, Ctrl+W",
        "Delete (Ctrl+H where it does not replace); with Ctrl a word, Ctrl+U and Ctrl+K to the line's beginning or end",
        &[
            Fixed(Any, Key::Backspace),
            Fixed(Any, Key::Delete),
            Fixed(Command, Key::H),
            Fixed(Command, Key::K),
            Fixed(Command, Key::U),
            Fixed(Command, Key::W),
        ],
    ),
    fixed(
        Place::Text,
        "Arrows, Home, End, Page Up, Page Down",
        "Move; with Ctrl by words, with Shift selecting; in Events, up and down: what was sent before",
        &[
            Fixed(Any, Key::ArrowUp),
            Fixed(Any, Key::ArrowDown),
            Fixed(Any, Key::ArrowLeft),
            Fixed(Any, Key::ArrowRight),
            Fixed(Any, Key::Home),
            Fixed(Any, Key::End),
            Fixed(Any, Key::PageUp),
            Fixed(Any, Key::PageDown),
        ],
    ),
    fixed(Place::Text, "Ctrl+A", "Select all", &[Fixed(Command, Key::A)]),
    fixed(
        Place::Text,
        "Ctrl+C, Ctrl+X, Ctrl+V",
        "Copy, cut, paste; Ctrl+Insert, Shift+Delete and Shift+Insert too",
        &[
            Fixed(Command, Key::C),
            Fixed(Command, Key::X),
            Fixed(Command, Key::V),
            Fixed(Any, Key::Insert),
            Fixed(Any, Key::Copy),
            Fixed(Any, Key::Cut),
            Fixed(Any, Key::Paste),
        ],
    ),
    fixed(
        Place::Text,
        "Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y",
        "Take back what was written, do it again",
        &[Fixed(Command, Key::Z), Fixed(CommandShift, Key::Z), Fixed(Command, Key::Y)],
    ),
    entry(
        Place::Text,
        KeyCommand::Send,
        "Send: in the source what the cursor is in, in Events the lines, in a channel its text",
        &[Chord::command(Key::Enter)],
    ),
    entry(
        Place::Text,
        KeyCommand::Apply,
        "In the source: apply it",
        &[Chord::command(Key::Enter).with_shift()],
    ),
    entry(Place::Text, KeyCommand::Save, "In the source: save it", &[Chord::command(Key::S)]),
    entry(
        Place::Text,
        KeyCommand::Complete,
        "In the source: offer what may come",
        &[Chord::command(Key::Space)],
    ),
    entry(Place::Text, KeyCommand::Replace, "In the source: replace", &[Chord::command(Key::H)]),
    entry(Place::Text, KeyCommand::FindNext, "In the source: find the next", &[Chord::plain(Key::F3)]),
    entry(
        Place::Text,
        KeyCommand::FindBefore,
        "In the source: find the one before",
        &[Chord::plain(Key::F3).with_shift()],
    ),
    entry(Place::Text, KeyCommand::GoToLine, "In the source: go to a line", &[Chord::command(Key::G)]),
    entry(
        Place::Text,
        KeyCommand::Definition,
        "In the source: where a name is defined",
        &[Chord::plain(Key::F12)],
    ),
    entry(
        Place::Text,
        KeyCommand::Uses,
        "In the source: where a name is used",
        &[Chord::plain(Key::F12).with_shift()],
    ),
    entry(
        Place::Text,
        KeyCommand::Manual,
        "In the source: the manual's page on the opcode at the cursor, or close it",
        &[Chord::plain(Key::F1)],
    ),
    entry(
        Place::Text,
        KeyCommand::TextBefore,
        "In the source: the text before, of the piece and its folder",
        &[Chord::command(Key::PageUp)],
    ),
    entry(
        Place::Text,
        KeyCommand::NextText,
        "In the source: the next text of the piece and its folder",
        &[Chord::command(Key::PageDown)],
    ),
    entry(
        Place::Text,
        KeyCommand::Outline,
        "In the source: the outline",
        &[Chord::command(Key::O).with_shift()],
    ),
    Entry {
        place: Place::Text,
        keys: Keys::Of(KeyCommand::Comment, COMMENT.0, COMMENT.1),
        does: "In the source: make lines comments, or no longer",
    },
    entry(
        Place::Text,
        KeyCommand::IndentLess,
        "In the source: indent less",
        &[Chord::command(Key::OpenBracket)],
    ),
    entry(
        Place::Text,
        KeyCommand::IndentMore,
        "In the source: indent more",
        &[Chord::command(Key::CloseBracket)],
    ),
    entry(Place::Text, KeyCommand::Double, "In the source: double lines", &[Chord::command(Key::D)]),
    entry(
        Place::Text,
        KeyCommand::DeleteLines,
        "In the source: delete lines",
        &[Chord::command(Key::K).with_shift()],
    ),
    entry(Place::Text, KeyCommand::MoveUp, "In the source: move lines up", &[Chord::alt(Key::ArrowUp)]),
    entry(Place::Text, KeyCommand::MoveDown, "In the source: move lines down", &[Chord::alt(Key::ArrowDown)]),
    Entry {
        place: Place::Text,
        keys: Keys::Of(KeyCommand::LargerLetters, LARGER.0, LARGER.1),
        does: "In the source: larger letters",
    },
    entry(
        Place::Text,
        KeyCommand::SmallerLetters,
        "In the source: smaller letters",
        &[Chord::command(Key::Minus)],
    ),
    entry(
        Place::Text,
        KeyCommand::UsualLetters,
        "In the source: letters of the usual size",
        &[Chord::command(Key::Num0)],
    ),
    entry(Place::Text, KeyCommand::Wrap, "In the source: wrap long lines", &[Chord::alt(Key::Z)]),
    fixed(Place::Text, "Escape", "Leave the field, close what helps in it", &[Fixed(Plain, Key::Escape)]),
];
