//! The list of the editor's keys.

use csound_window::Press;
use egui::{Key, Modifiers};

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
}

impl Place {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 7] =
        [Self::Anywhere, Self::NoText, Self::Control, Self::Piano, Self::Open, Self::Selected, Self::Text];

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
        }
    }
}

/// What else is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing, or Shift.
    Plain,
    /// Control, on macOS Command.
    Command,
    CommandShift,
    /// Alt alone.
    Alt,
    /// Whatever it is.
    Any,
}

/// A key with what else is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chord(pub Held, pub Key);

impl Chord {
    /// Whether it is this one.
    pub fn is(self, press: &Press) -> bool {
        let Modifiers { alt, ctrl, shift, mac_cmd, command } = press.modifiers;
        let held = match self.0 {
            Held::Plain => !alt && !ctrl && !mac_cmd && !command,
            Held::Command => command && !shift && !alt,
            Held::CommandShift => command && shift && !alt,
            Held::Alt => alt && !ctrl && !mac_cmd && !command,
            Held::Any => true,
        };
        held && press.key == Some(self.1)
    }
}

/// Keys that do one thing, or things of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub place: Place,
    pub chords: &'static [Chord],
    /// How they are called.
    pub keys: &'static str,
    /// What they do.
    pub does: &'static str,
}

const fn entry(place: Place, keys: &'static str, does: &'static str, chords: &'static [Chord]) -> Entry {
    Entry { place, chords, keys, does }
}

/// The computer's keys that are played, as chords.
const PLAYED: [Chord; COMPUTER.len()] = {
    let mut chords = [Chord(Held::Plain, Key::Z); COMPUTER.len()];
    let mut at = 0;
    while at < chords.len() {
        chords[at] = Chord(Held::Plain, COMPUTER[at].0);
        at += 1;
    }
    chords
};

use Held::{Alt, Any, Command, CommandShift, Plain};

/// All keys that the editor uses.
pub(super) const KEYS: &[Entry] = &[
    entry(
        Place::Anywhere,
        "Ctrl+1 … Ctrl+5",
        "Show the page Channels, Events, Source, Console or Settings",
        &[
            Chord(Command, Key::Num1),
            Chord(Command, Key::Num2),
            Chord(Command, Key::Num3),
            Chord(Command, Key::Num4),
            Chord(Command, Key::Num5),
        ],
    ),
    entry(Place::Anywhere, "Ctrl+B", "Browse pieces and presets", &[Chord(Command, Key::B)]),
    entry(Place::Anywhere, "Ctrl+Shift+S", "Save a preset", &[Chord(CommandShift, Key::S)]),
    entry(
        Place::Anywhere,
        "Tab, Shift+Tab",
        "Go to the next control, or back; in the source, indent",
        &[Chord(Plain, Key::Tab)],
    ),
    entry(Place::NoText, "Ctrl+Z", "Take back what was turned or pressed last", &[Chord(Command, Key::Z)]),
    entry(
        Place::NoText,
        "Ctrl+Shift+Z, Ctrl+Y",
        "Do it again",
        &[Chord(CommandShift, Key::Z), Chord(Command, Key::Y)],
    ),
    entry(
        Place::NoText,
        "Ctrl+Page Up, Ctrl+Page Down",
        "The preset before, the next preset",
        &[Chord(Command, Key::PageUp), Chord(Command, Key::PageDown)],
    ),
    entry(
        Place::NoText,
        "Ctrl++, Ctrl+-, Ctrl+0",
        "All of the editor larger, smaller, as usual",
        &[
            Chord(Command, Key::Plus),
            Chord(CommandShift, Key::Plus),
            Chord(Command, Key::Equals),
            Chord(CommandShift, Key::Equals),
            Chord(Command, Key::Minus),
            Chord(Command, Key::Num0),
        ],
    ),
    entry(
        Place::NoText,
        "Ctrl+V",
        "Open the piece whose path was copied",
        &[Chord(Command, Key::V), Chord(Plain, Key::Paste)],
    ),
    entry(
        Place::Control,
        "Space, Enter",
        "Press a button, tick a box, open a list; Enter on a knob or a slider: type its value",
        &[Chord(Plain, Key::Space), Chord(Plain, Key::Enter)],
    ),
    entry(
        Place::Control,
        "Arrows",
        "Turn it a step; in the transport, go through the score",
        &[
            Chord(Plain, Key::ArrowUp),
            Chord(Plain, Key::ArrowDown),
            Chord(Plain, Key::ArrowLeft),
            Chord(Plain, Key::ArrowRight),
        ],
    ),
    entry(Place::Control, "Delete", "Reset it", &[Chord(Plain, Key::Delete)]),
    entry(Place::Control, "Escape", "Leave it", &[Chord(Plain, Key::Escape)]),
    entry(
        Place::Piano,
        "Z S X D C V G B H N J M, Q 2 W 3 E R 5 T 6 Y 7 U I 9 O 0 P",
        "Play; the arrows left and right change the octave",
        &PLAYED,
    ),
    entry(
        Place::Open,
        "Arrows, Enter, Space",
        "Go through it, and choose",
        &[
            Chord(Plain, Key::ArrowUp),
            Chord(Plain, Key::ArrowDown),
            Chord(Plain, Key::ArrowLeft),
            Chord(Plain, Key::ArrowRight),
            Chord(Plain, Key::Enter),
            Chord(Plain, Key::Space),
        ],
    ),
    entry(
        Place::Open,
        "Ctrl+P",
        "In the browser: hear the piece at hand over the present one, or no longer",
        &[Chord(Command, Key::P)],
    ),
    entry(Place::Open, "Escape", "Close it", &[Chord(Plain, Key::Escape)]),
    entry(
        Place::Selected,
        "Ctrl+C",
        "Copy it",
        &[Chord(Command, Key::C), Chord(Plain, Key::Copy), Chord(Command, Key::Insert)],
    ),
    entry(Place::Selected, "Escape", "Select nothing", &[Chord(Plain, Key::Escape)]),
    entry(
        Place::Text,
        "Letters, digits, signs, Space, Enter",
        "Write; Enter in a field of one line: take what it says",
        &[Chord(Plain, Key::Space), Chord(Plain, Key::Enter)],
    ),
    entry(
        Place::Text,
        "Backspace, Delete, Ctrl+H, Ctrl+K, Ctrl+U, Ctrl+W",
        "Delete (Ctrl+H outside the source); with Ctrl a word, Ctrl+U and Ctrl+K to the line's beginning or end",
        &[
            Chord(Any, Key::Backspace),
            Chord(Any, Key::Delete),
            Chord(Command, Key::H),
            Chord(Command, Key::K),
            Chord(Command, Key::U),
            Chord(Command, Key::W),
        ],
    ),
    entry(
        Place::Text,
        "Arrows, Home, End, Page Up, Page Down",
        "Move; with Ctrl by words, with Shift selecting; in Events, up and down: what was sent before",
        &[
            Chord(Any, Key::ArrowUp),
            Chord(Any, Key::ArrowDown),
            Chord(Any, Key::ArrowLeft),
            Chord(Any, Key::ArrowRight),
            Chord(Any, Key::Home),
            Chord(Any, Key::End),
            Chord(Any, Key::PageUp),
            Chord(Any, Key::PageDown),
        ],
    ),
    entry(Place::Text, "Ctrl+A", "Select all", &[Chord(Command, Key::A)]),
    entry(
        Place::Text,
        "Ctrl+C, Ctrl+X, Ctrl+V",
        "Copy, cut, paste; Ctrl+Insert, Shift+Delete and Shift+Insert too",
        &[
            Chord(Command, Key::C),
            Chord(Command, Key::X),
            Chord(Command, Key::V),
            Chord(Any, Key::Insert),
            Chord(Any, Key::Copy),
            Chord(Any, Key::Cut),
            Chord(Any, Key::Paste),
        ],
    ),
    entry(
        Place::Text,
        "Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y",
        "Take back what was written, do it again",
        &[Chord(Command, Key::Z), Chord(CommandShift, Key::Z), Chord(Command, Key::Y)],
    ),
    entry(
        Place::Text,
        "Ctrl+Enter",
        "In the source: send what the cursor is in into what plays; in Events: send the lines",
        &[Chord(Command, Key::Enter)],
    ),
    entry(Place::Text, "Ctrl+Shift+Enter", "In the source: apply it", &[Chord(CommandShift, Key::Enter)]),
    entry(Place::Text, "Ctrl+S", "In the source: save it", &[Chord(Command, Key::S)]),
    entry(Place::Text, "Ctrl+Space", "In the source: offer what may come", &[Chord(Command, Key::Space)]),
    entry(
        Place::Text,
        "Ctrl+F, Ctrl+H, F3, Shift+F3",
        "In the source: find, replace, the next, the one before",
        &[Chord(Command, Key::F), Chord(Command, Key::H), Chord(Plain, Key::F3)],
    ),
    entry(Place::Text, "Ctrl+G", "In the source: go to a line", &[Chord(Command, Key::G)]),
    entry(
        Place::Text,
        "F12, Shift+F12",
        "In the source: where a name is defined, where it is used",
        &[Chord(Plain, Key::F12)],
    ),
    entry(
        Place::Text,
        "F1",
        "In the source: the manual's page on the opcode at the cursor, or close it",
        &[Chord(Plain, Key::F1)],
    ),
    entry(
        Place::Text,
        "Ctrl+Page Up, Ctrl+Page Down",
        "In the source: the text before, the next text of the piece and its folder",
        &[Chord(Command, Key::PageUp), Chord(Command, Key::PageDown)],
    ),
    entry(Place::Text, "Ctrl+Shift+O", "In the source: the outline", &[Chord(CommandShift, Key::O)]),
    entry(
        Place::Text,
        "Ctrl+/",
        "In the source: make lines comments, or no longer",
        &[
            Chord(Command, Key::Slash),
            Chord(CommandShift, Key::Slash),
            Chord(Command, Key::Questionmark),
            Chord(CommandShift, Key::Questionmark),
        ],
    ),
    entry(
        Place::Text,
        "Ctrl+[, Ctrl+]",
        "In the source: indent less, more",
        &[Chord(Command, Key::OpenBracket), Chord(Command, Key::CloseBracket)],
    ),
    entry(
        Place::Text,
        "Ctrl+D, Ctrl+Shift+K, Alt+Up, Alt+Down",
        "In the source: double, delete, move lines",
        &[
            Chord(Command, Key::D),
            Chord(CommandShift, Key::K),
            Chord(Alt, Key::ArrowUp),
            Chord(Alt, Key::ArrowDown),
        ],
    ),
    entry(
        Place::Text,
        "Ctrl++, Ctrl+-, Ctrl+0",
        "In the source: larger, smaller, usual letters",
        &[
            Chord(Command, Key::Plus),
            Chord(CommandShift, Key::Plus),
            Chord(Command, Key::Equals),
            Chord(CommandShift, Key::Equals),
            Chord(Command, Key::Minus),
            Chord(Command, Key::Num0),
        ],
    ),
    entry(Place::Text, "Alt+Z", "In the source: wrap long lines", &[Chord(Alt, Key::Z)]),
    entry(Place::Text, "Escape", "Leave the field, close what helps in it", &[Chord(Plain, Key::Escape)]),
];
