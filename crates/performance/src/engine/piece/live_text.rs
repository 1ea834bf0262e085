//! Text that reaches Csound while a piece performs, read before Csound reads it. Pure.
//!
//! Csound's own readers trust what they read. Csound 6.18 ends its process on an unterminated string
//! in a line event, on an unterminated comment, an unfinished `[` or a stray `}` in a score, on
//! some `np`, and on a line of an orchestra that ends with `=` or divides by zero. So the checks
//! here accept what is known to be good rather than refuse what is known to be bad:
//!
//! - [`line_event`] for one event, as `csoundInputMessage` takes it: numbers and strings only;
//! - [`check_score`] for a score, as `csoundReadScore` takes it: with expressions and loops;
//! - [`check_orchestra`] for instruments, as `csoundCompileOrc` takes them.

use std::fmt;

mod event;
pub(super) mod input;
mod orchestra;
mod score;

use event::{MOST_FIELDS, MOST_STRING, read_event};
use orchestra::read_orchestra;
use score::{MOST_EVENTS, read_score};

/// The longest score or orchestra, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// Where in a text something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Place {
    /// A byte whose place is worked out when an error leaves this file: most places are never shown.
    fn byte(at: usize) -> Self {
        Self { line: 0, column: at }
    }

    fn within(self, text: &str) -> Self {
        let before = &text[..self.column.min(text.len())];
        let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let breaks = before.replace("\r\n", "\n").matches(['\n', '\r']).count();
        Self { line: breaks + 1, column: before[line..].chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not handed to Csound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is there.
    #[error("there is no text to send")]
    Empty,
    /// Too long.
    #[error("the text has {bytes} bytes; at most {most} can be sent at once")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// More than one line where one belongs.
    #[error("{place}: a single event is one line; send the lines one by one, or as a score")]
    Lines {
        /// Where the line breaks.
        place: Place,
    },
    /// No statement that can be sent.
    #[error("{place}: '{found}' begins no statement that can be sent here: {hint}")]
    Statement {
        /// Where.
        place: Place,
        /// The first character.
        found: char,
        /// What could stand there.
        hint: &'static str,
    },
    /// A string, comment or text without its end.
    #[error("{place}: the {what} that begins here is not closed; end it with {end}")]
    Open {
        /// Where it begins.
        place: Place,
        /// `string`, `comment`, `text`, `loop`.
        what: &'static str,
        /// What would close it.
        end: &'static str,
    },
    /// A bracket without its end.
    #[error("{place}: the '{bracket}' is not closed")]
    OpenBracket {
        /// Where.
        place: Place,
        /// The bracket.
        bracket: char,
    },
    /// An end without its beginning.
    #[error("{place}: the '{bracket}' closes nothing that is open here")]
    StrayBracket {
        /// Where.
        place: Place,
        /// The bracket.
        bracket: char,
    },
    /// A character that cannot be there.
    #[error("{place}: '{found}' cannot stand here: {hint}")]
    Character {
        /// Where.
        place: Place,
        /// The character.
        found: char,
        /// What to do.
        hint: &'static str,
    },
    /// Something is wrong in an expression in square brackets.
    #[error("{place}: in the expression {what}")]
    Expression {
        /// Where.
        place: Place,
        /// What is wrong and what is wanted.
        what: &'static str,
    },
    /// A number that is none, or not finite.
    #[error("{place}: '{word}' is not a number that Csound can use")]
    Number {
        /// Where.
        place: Place,
        /// What is there.
        word: String,
    },
    /// A p-field that cannot be what it is.
    #[error("{place}: {what}")]
    Field {
        /// Where.
        place: Place,
        /// What is wrong and what is wanted.
        what: &'static str,
    },
    /// Nothing stands where a value belongs.
    #[error("{place}: a value is missing behind this =")]
    NoValue {
        /// Where the = stands.
        place: Place,
    },
    /// A directive of the preprocessor.
    #[error("{place}: {word} works in a piece, not in text that is sent to it")]
    Directive {
        /// Where.
        place: Place,
        /// The directive.
        word: String,
    },
    /// A constant divided by zero.
    #[error("{place}: this divides by zero, which ends Csound 6.18")]
    DividedByZero {
        /// Where.
        place: Place,
    },
    /// Too many p-fields.
    #[error("{place}: the event has more than {MOST_FIELDS} p-fields")]
    ManyFields {
        /// Where the first one too many stands.
        place: Place,
    },
    /// Too long strings.
    #[error("{place}: the strings of an event can have {MOST_STRING} bytes together")]
    LongStrings {
        /// Where.
        place: Place,
    },
    /// Loops that make too much.
    #[error("{place}: with its loops the score makes more than {MOST_EVENTS} events at once")]
    ManyEvents {
        /// Where.
        place: Place,
    },
}

impl TextError {
    /// Where, if it is somewhere.
    pub fn place(&self) -> Option<Place> {
        self.clone().place_mut().copied()
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::Empty | Self::TooLong { .. } => None,
            Self::Lines { place }
            | Self::Statement { place, .. }
            | Self::Open { place, .. }
            | Self::OpenBracket { place, .. }
            | Self::StrayBracket { place, .. }
            | Self::Character { place, .. }
            | Self::Expression { place, .. }
            | Self::Number { place, .. }
            | Self::Field { place, .. }
            | Self::NoValue { place }
            | Self::Directive { place, .. }
            | Self::DividedByZero { place }
            | Self::ManyFields { place }
            | Self::LongStrings { place }
            | Self::ManyEvents { place } => Some(place),
        }
    }

    /// Turns a byte into a line and a column.
    fn within(mut self, text: &str) -> Self {
        if let Some(place) = self.place_mut() {
            *place = place.within(text);
        }
        self
    }
}

/// Checks one line of score text, as for `csound -L`.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_score_line(text: &str) -> Result<(), TextError> {
    line_event(text).map(drop)
}

/// Checks one line of score text, as for `csound -L`, and returns what `csoundInputMessage` should
/// get: the line without the blanks around it and without comments, which Csound 6.18 refuses there.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn line_event(text: &str) -> Result<String, TextError> {
    read_event(text).map_err(|error| error.within(text))
}

/// Checks a score for a performance that is going on: events, expressions in `[ ]`, ramps, carries
/// and `{ }` loops. Tempo, sections, repeats, marks and macros of one's own belong in a piece's
/// score and are refused: live they do nothing, or too much.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_score(text: &str) -> Result<(), TextError> {
    read_score(text).map_err(|error| error.within(text))
}

/// Checks an orchestra for a performance that is going on: strings, comments and brackets closed, no
/// directives, no constant divided by zero. Whether it compiles, Csound says.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_orchestra(text: &str) -> Result<(), TextError> {
    read_orchestra(text).map_err(|error| error.within(text))
}

#[cfg(test)]
mod tests;
