//! The parts of a `<Cabbage>` section that cannot be read.

use std::fmt;

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line in the user's file, from 1.
    pub line: usize,
    /// The defect of that line.
    pub text: String,
}

impl Warning {
    /// A defect of a line.
    pub fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<Cabbage>, line {}: {}", self.line, self.text)
    }
}
