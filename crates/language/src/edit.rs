//! Changes of a text by one command each, and the way back from them.

mod brackets;
mod history;
mod lines;
mod search;

use std::ops::Range;

pub use brackets::partner;
pub use history::History;
pub use lines::{Command, carry_out};
pub use search::{Search, SearchError};

/// A text after a command, and what is selected in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// The bytes that are selected; an empty range is the cursor.
    pub selection: Range<usize>,
}
