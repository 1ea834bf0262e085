//! Why a text is not handed to Csound.

use std::fmt;

use super::limits::{LONGEST_WORD, MOST_EVENTS, MOST_FIELDS, MOST_OPERATORS, MOST_STRING};

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextPlace {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl TextPlace {
    /// A byte whose place is worked out when an error leaves this file: most places are never shown.
    pub(super) fn byte(at: usize) -> Self {
        Self { line: 0, column: at }
    }

    fn within(self, text: &str) -> Self {
        let before = &text[..self.column.min(text.len())];
        let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let breaks = before.replace("\r\n", "\n").matches(['\n', '\r']).count();
        Self { line: breaks + 1, column: before[line..].chars().count() + 1 }
    }
}

impl fmt::Display for TextPlace {
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
        /// The position of the line break.
        place: TextPlace,
    },
    /// No statement that can be sent.
    #[error("{place}: '{found}' begins no statement that can be sent here: {hint}")]
    Statement {
        /// Its position.
        place: TextPlace,
        /// The first character.
        found: char,
        /// The characters that could stand there.
        hint: &'static str,
    },
    /// A string, comment or text without its end.
    #[error("{place}: the {what} that begins here is not closed; end it with {end}")]
    Open {
        /// Its beginning.
        place: TextPlace,
        /// `string`, `comment`, `text`, `loop`.
        what: &'static str,
        /// The characters that would close it.
        end: &'static str,
    },
    /// A bracket without its end.
    #[error("{place}: the '{bracket}' is not closed")]
    OpenBracket {
        /// Its position.
        place: TextPlace,
        /// The bracket.
        bracket: char,
    },
    /// An end without its beginning.
    #[error("{place}: the '{bracket}' closes nothing that is open here")]
    StrayBracket {
        /// Its position.
        place: TextPlace,
        /// The bracket.
        bracket: char,
    },
    /// A character that cannot be there.
    #[error("{place}: '{found}' cannot stand here: {hint}")]
    Character {
        /// Its position.
        place: TextPlace,
        /// The character.
        found: char,
        /// Advice to the user.
        hint: &'static str,
    },
    /// Something is wrong in an expression in square brackets.
    #[error("{place}: in the expression {what}")]
    Expression {
        /// Its position.
        place: TextPlace,
        /// The error, and what is wanted.
        what: &'static str,
    },
    /// A number that is none, or not finite.
    #[error("{place}: '{word}' is not a number that Csound can use")]
    Number {
        /// Its position.
        place: TextPlace,
        /// The word that stands there.
        word: String,
    },
    /// A p-field that cannot be what it is.
    #[error("{place}: {what}")]
    Field {
        /// Its position.
        place: TextPlace,
        /// The error, and what is wanted.
        what: &'static str,
    },
    /// Nothing stands where a value belongs.
    #[error("{place}: a value is missing behind this =")]
    NoValue {
        /// The position of the =.
        place: TextPlace,
    },
    /// A directive of the preprocessor.
    #[error("{place}: {word} works in a piece, not in text that is sent to it")]
    Directive {
        /// Its position.
        place: TextPlace,
        /// The directive.
        word: String,
    },
    /// A constant divided by zero.
    #[error("{place}: this divides by zero, which ends Csound 6.18")]
    DividedByZero {
        /// Its position.
        place: TextPlace,
    },
    /// Constants that come to what is infinite or no number.
    #[error("{place}: these constants come to no finite number, which ends Csound 6.18; write smaller ones")]
    Infinite {
        /// The position of the operator.
        place: TextPlace,
    },
    /// A word of an orchestra that Csound has no room for.
    #[error("{place}: this word has {bytes} characters; it can have {LONGEST_WORD}")]
    LongWord {
        /// Its position.
        place: TextPlace,
        /// Its length.
        bytes: usize,
    },
    /// A statement beyond measure.
    #[error("{place}: a statement can have {MOST_OPERATORS} operators and commas; write it as several")]
    LongStatement {
        /// The position of the first one too many.
        place: TextPlace,
    },
    /// An opcode that only works elsewhere.
    #[error("{place}: {word} works in the definition of an opcode, and ends Csound 7.00 elsewhere")]
    OutsideOpcode {
        /// Its position.
        place: TextPlace,
        /// The opcode.
        word: String,
    },
    /// Too many p-fields.
    #[error("{place}: the event has more than {MOST_FIELDS} p-fields")]
    ManyFields {
        /// The position of the first one too many.
        place: TextPlace,
    },
    /// Too long strings.
    #[error("{place}: the strings of an event can have {MOST_STRING} bytes together")]
    LongStrings {
        /// Its position.
        place: TextPlace,
    },
    /// Loops that make too much.
    #[error("{place}: with its loops the score makes more than {MOST_EVENTS} events at once")]
    ManyEvents {
        /// Its position.
        place: TextPlace,
    },
}

impl TextError {
    /// The position in the text, if there is one.
    pub fn place(&self) -> Option<TextPlace> {
        self.clone().place_mut().copied()
    }

    fn place_mut(&mut self) -> Option<&mut TextPlace> {
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
            | Self::Infinite { place }
            | Self::LongWord { place, .. }
            | Self::LongStatement { place }
            | Self::OutsideOpcode { place, .. }
            | Self::ManyFields { place }
            | Self::LongStrings { place }
            | Self::ManyEvents { place } => Some(place),
        }
    }

    /// Turns a byte into a line and a column.
    pub(super) fn within(mut self, text: &str) -> Self {
        if let Some(place) = self.place_mut() {
            *place = place.within(text);
        }
        self
    }
}
