//! The piece's channels.

use std::collections::BTreeMap;

use crate::range::Range;

/// A channel of the piece, as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    /// The piece's name for it.
    pub name: String,
    /// The words written on it; empty: the name.
    pub label: String,
    /// The parameter of the bank that drives it, from 0; none where the bank is full or it needs none.
    pub parameter: Option<usize>,
    /// The control that it is turned with.
    pub widget: Widget,
    /// Its values, as they are written and read everywhere.
    pub range: Range,
    /// The piece's own range, where the user has given the channel another one.
    pub own_range: Option<Range>,
    /// The words on a button while it is off and while it is on, where they differ.
    pub words: Option<[String; 2]>,
    /// The buttons of which one at a time is on, by their name; empty: none.
    pub radio: String,
    /// The group that it belongs to; empty: none.
    pub group: String,
    /// The piece writes it, and it cannot be set.
    pub is_output: bool,
    /// The text of a string channel.
    pub text: Option<String>,
    /// A hint for the pointer.
    pub help: String,
}

impl Channel {
    /// The words written on it.
    pub fn title(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }
}

/// The kinds of controls that channels are turned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Widget {
    /// A rotary.
    #[default]
    Knob,
    /// A slider from left to right.
    Horizontal,
    /// A slider from below to above.
    Vertical,
    /// A number to drag or type.
    Number,
    /// On or off: a switch.
    Toggle,
    /// On or off: a button that stays down.
    Button,
    /// On while it is pressed.
    Trigger,
    /// One of some names.
    Choice,
    /// A line of text.
    Text,
    /// A file's path.
    File,
}

/// The MIDI controllers that turn channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controllers {
    /// The channel that waits for one.
    pub waiting: Option<String>,
    /// What was learned, such as `CC 20 ch 1`, by the channel's name.
    pub learned: BTreeMap<String, String>,
}
