//! The piece's text.

use std::sync::Arc;

pub use csound_language::Language;

/// The piece's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// Counts up whenever the text comes from elsewhere than this editor's *Apply*.
    pub generation: u64,
    /// One CSD, or an orchestra and a score.
    pub files: Arc<[SourceFile]>,
    /// Counts up with each *Apply* that was answered.
    pub answered: u64,
    /// The errors in this text, wherever it came from.
    pub errors: Arc<[SourceError]>,
    /// Why this text does not perform, where what performed before it performs on.
    pub failure: Option<String>,
    /// Whether the text that was opened or applied last differs from the piece's file, or from what it was
    /// shipped as.
    pub unsaved: bool,
    /// The texts of the piece's file as that was last read or written, or as they were shipped; none while they
    /// are not known.
    pub saved: Arc<[String]>,
}

/// A text of the piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// Its file's name.
    pub name: String,
    /// The language of the text.
    pub language: Language,
    /// The text.
    pub text: String,
}

/// Where an error is, for a sentence that follows: `Line 3: `, `voice.orc, line 3: `, or nothing. `included` is the file
/// that has it, where it is not in the piece's own text; lines count from 1.
pub fn place_of_error(included: Option<&str>, line: Option<u32>) -> String {
    match (included, line) {
        (Some(file), Some(line)) => format!("{file}, line {line}: "),
        (Some(file), None) => format!("{file}: "),
        (None, Some(line)) => format!("Line {line}: "),
        (None, None) => String::new(),
    }
}

/// An error in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceError {
    /// The text that has it, by its index in [`Source::files`].
    pub file: usize,
    /// The file that has it instead, where it is one that the text includes, as the text names it.
    pub included: Option<String>,
    /// The line, from 1; none where Csound does not tell.
    pub line: Option<u32>,
    /// The error in Csound's words.
    pub text: String,
}
