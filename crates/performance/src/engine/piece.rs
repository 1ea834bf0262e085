//! The text that is performed: a CSD, or an orchestra with its score. Pure.
//!
//! Csound never sees the user's `<CsOptions>`: an unknown or dangerous option takes its process down
//! or opens it. [`prepare`] blanks them, keeps those that shape the sound (`options`) and says
//! what it dropped. Lines keep their numbers, because Csound's messages count them.
//! [`channel_names`] finds the channels that an orchestra names; [`live_text`] checks text that is typed
//! while a piece performs; `score` holds a score open; `length` says how long it is.
//!
//! The sections of a CSD are found exactly as the Csound finds them that performs it, quirks included: options
//! that we overlook would reach it. What Csound would hang or fail on is an error here.

pub mod channel_names;
mod cursor;
mod error;
pub(crate) mod length;
pub mod live_text;
mod moves;
pub(crate) mod opcode_uses;
pub(crate) mod options;
pub(crate) mod score;
pub mod score_entries;
mod sections;
pub(crate) mod starters;

pub use error::PieceError;
pub use sections::{orchestra_spans, score_span};

use std::ops::Range;
use std::path::PathBuf;

use csound_library::Generation;
use serde::{Deserialize, Serialize};

use cursor::line_at;
use error::LONGEST;
use sections::sections;

/// The text of a piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// One text with everything.
    Csd(String),
    /// An orchestra and its score.
    OrcSco {
        /// The orchestra.
        orc: String,
        /// The score; may be empty: Csound then plays for ever.
        sco: String,
    },
}

impl Source {
    /// True if the score time of the piece may go on faster than it is performed. In doubt it is.
    pub(crate) fn may_move_its_score(&self) -> bool {
        match self {
            Self::Csd(text) => moves::csd_may_move_its_score(text),
            Self::OrcSco { orc, sco } => moves::may_move_its_score(orc, [&sco[..]]),
        }
    }
}

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The name of its file, such as `bells.csd`.
    pub name: String,
    /// Its text.
    pub source: Source,
    /// The folder in which it finds its sounds and includes.
    pub folder: Option<PathBuf>,
}

/// A text for Csound to read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedFile {
    /// `csd`, `orc` or `sco`.
    pub extension: &'static str,
    /// The text, its lines where the user's are. A CSD's and a score's lines end in `\n`.
    pub text: String,
}

/// A piece made ready for Csound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedPiece {
    /// One csd, or orc and sco.
    pub files: Vec<PreparedFile>,
    /// The options that are kept, each one argument of a command line.
    pub options: Vec<String>,
    /// The options that were dropped and why, for the console.
    pub notes: Vec<String>,
    /// True if the piece asks for events on their exact frame.
    pub sample_accurate: bool,
    /// The MIDI file that plays the piece, as written: if relative, from the piece's folder.
    pub midi_file: Option<String>,
}

/// Makes a piece ready for the Csound that is to perform it.
///
/// # Errors
/// [`PieceError`], if the text cannot be a piece.
pub fn prepare(source: &Source, generation: Generation) -> Result<PreparedPiece, PieceError> {
    match source {
        Source::Csd(text) => prepare_csd(text, generation),
        Source::OrcSco { orc, sco } => prepare_pair(orc, sco),
    }
}

/// Takes out of the piece's text what would start a program or write beyond its own folder while Csound
/// reads it, and says what that was. Csound fails the whole piece over such a part, though the rest can
/// play.
pub fn take_out_foreign_parts(source: &mut Source, generation: Generation) -> Vec<String> {
    let Source::Csd(text) = source else { return Vec::new() };
    let Ok(found) = sections(text, generation) else { return Vec::new() };
    let spans: Vec<_> = found.foreign.iter().map(|part| part.span.clone()).collect();
    if !spans.is_empty() {
        *text = blanked(text, &spans);
    }
    found.foreign.into_iter().map(|part| part.what).collect()
}

/// The text of a prepared file with its score held open, so that the performance does not end.
pub fn hold_score_open(file: &PreparedFile, generation: Generation) -> String {
    let text = &file.text;
    // Without a score Csound plays for ever; a score that a program writes is not ours to change.
    match score_in(file, generation) {
        Some(Range { start, end }) => {
            [&text[..start], &score::hold_open(&text[start..end]), &text[end..]].concat()
        }
        None => text.clone(),
    }
}

/// True if the score in a prepared file has more than one section, as far as its text tells.
pub fn has_sections(file: &PreparedFile, generation: Generation) -> bool {
    score_in(file, generation).is_some_and(|range| score::has_sections(&file.text[range]))
}

/// The place of the score's text in a prepared file.
fn score_in(file: &PreparedFile, generation: Generation) -> Option<Range<usize>> {
    match file.extension {
        "sco" => Some(0..file.text.len()),
        "csd" => sections(&file.text, generation).ok().and_then(|found| found.score),
        _ => None,
    }
}

fn prepare_pair(orc: &str, sco: &str) -> Result<PreparedPiece, PieceError> {
    check_text(orc)?;
    if !sco.trim().is_empty() {
        check_text(sco)?;
    }
    // Csound 6.18 takes the mark that some editors put before a text for a syntax error.
    let unmarked = |text: &str| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    Ok(PreparedPiece {
        files: vec![
            PreparedFile { extension: "orc", text: unmarked(orc) },
            PreparedFile { extension: "sco", text: with_line_feeds(&unmarked(sco)) },
        ],
        options: Vec::new(),
        notes: Vec::new(),
        sample_accurate: false,
        midi_file: None,
    })
}

fn prepare_csd(text: &str, generation: Generation) -> Result<PreparedPiece, PieceError> {
    check_text(text)?;
    let found = sections(text, generation)?;
    let chosen = options::choose(&found.options, generation);
    let mut notes = chosen.notes;
    notes.extend(found.notes);
    Ok(PreparedPiece {
        files: vec![PreparedFile { extension: "csd", text: with_line_feeds(&blanked(text, &found.blanks)) }],
        options: chosen.kept,
        notes,
        sample_accurate: chosen.sample_accurate,
        midi_file: chosen.midi_file,
    })
}

fn check_text(text: &str) -> Result<(), PieceError> {
    if text.len() > LONGEST {
        return Err(PieceError::TooLong(text.len()));
    }
    if text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').is_empty() {
        return Err(PieceError::Empty);
    }
    match text.find('\0') {
        Some(at) => Err(PieceError::Nul { line: line_at(text, at) }),
        None => Ok(()),
    }
}

/// Puts blanks where options were. All bytes stay where they are, because Csound counts them.
fn blanked(text: &str, blanks: &[Range<usize>]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for Range { start, end } in blanks {
        result.push_str(&text[at..*start]);
        result.extend(text[*start..*end].bytes().map(|byte| match byte {
            b'\n' | b'\r' => char::from(byte),
            _ => ' ',
        }));
        at = *end;
    }
    result.push_str(&text[at..]);
    result
}

/// Ends all lines alike, as Csound does when it reads them.
fn with_line_feeds(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
