//! What is wrong with a piece that performs.

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file is not there, or is none that Csound reads.
    Missing,
    /// The piece wanted what it may not.
    Refused,
    /// An opcode could not begin, or failed.
    Error,
}

/// Something that is wrong with a piece that performs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: Kind,
    /// The line of the piece, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong and what can be done, in a sentence or two.
    pub text: String,
}
