//! Why a text is not a piece.

/// The longest text that is taken, in bytes.
pub(super) const LONGEST: usize = 64 << 20;

/// Why a text is not a piece. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// Nothing is there.
    #[error("the piece is empty; a CSD needs at least <CsoundSynthesizer> with <CsInstruments>")]
    Empty,
    /// More than anybody writes.
    #[error("the piece has {0} bytes; at most {LONGEST} are read")]
    TooLong(usize),
    /// Csound would stop reading there.
    #[error("line {line} holds a NUL character, at which Csound would stop reading; is this a text file?")]
    Nul {
        /// Its line, from 1.
        line: usize,
    },
    /// A CSD lacks a section.
    #[error(
        "the piece has no {tag} at the beginning of a line (upper and lower case matter); a CSD has <CsoundSynthesizer>, in it <CsInstruments> … </CsInstruments> and, if it likes, <CsScore> … </CsScore>, then </CsoundSynthesizer>"
    )]
    Section {
        /// The missing tag.
        tag: &'static str,
    },
    /// A section never ends.
    #[error("{tag} in line {line} is never closed: write {end} at the beginning of a line")]
    Unclosed {
        /// The section's tag.
        tag: &'static str,
        /// The tag that must end it.
        end: &'static str,
        /// The line in which the section begins.
        line: usize,
    },
    /// A string in the orchestra or score never ends.
    #[error("the string in line {line} is not closed with a quote")]
    OpenString {
        /// Its line, from 1.
        line: usize,
    },
    /// A score tag with something else in it than a program.
    #[error("line {line} begins a score that a program should write, but names none: <CsScore bin=\"…\">")]
    ScoreProgram {
        /// Its line, from 1.
        line: usize,
    },
    /// Csound never returns from this section.
    #[error(
        "line {line}: Csound 6.18 hangs on <CsFile>; put the file beside the piece, or use <CsFileB> with base64"
    )]
    PlainFile {
        /// Its line, from 1.
        line: usize,
    },
}
