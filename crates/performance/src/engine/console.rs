//! Lines for the console.

use csound_library::{Level, Message};
use serde::{Deserialize, Serialize};

/// A line for the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleLine {
    /// Its severity.
    pub level: Level,
    /// The line in the user's file, from 1, if Csound names one.
    pub line: Option<u32>,
    /// The text.
    pub text: String,
    /// It is a line of ours, not of Csound's.
    pub ours: bool,
}

impl ConsoleLine {
    /// A line of our own, of the default level.
    pub fn note(text: impl Into<String>) -> Self {
        Self { level: Level::Default, line: None, text: text.into(), ours: true }
    }

    /// A warning of our own.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, line: None, text: text.into(), ours: true }
    }

    /// An error of our own.
    pub fn error(text: impl Into<String>) -> Self {
        Self { level: Level::Error, line: None, text: text.into(), ours: true }
    }
}

/// Bytes of a console line. A piece may print a line without an end.
pub const LONGEST_LINE: usize = 4096;

impl ConsoleLine {
    /// At most [`LONGEST_LINE`] bytes of it.
    pub fn shortened(mut self) -> Self {
        const MORE: &str = " …";
        if self.text.len() > LONGEST_LINE {
            self.text.truncate(self.text.floor_char_boundary(LONGEST_LINE - MORE.len()));
            self.text.push_str(MORE);
            // What was cut off is not kept in reserve either.
            self.text.shrink_to_fit();
        }
        self
    }
}

impl From<Message> for ConsoleLine {
    fn from(message: Message) -> Self {
        Self { level: message.level, line: message.line, text: message.text, ours: false }
    }
}
