//! What is wrong with a text for certain, before Csound has read it. What might be right, in Csound 6 or in Csound 7, by a
//! macro, by a file that is included, is left to Csound.

mod brackets;
mod calls;
mod sections;
mod skipped;

use std::ops::Range;

use crate::opcodes::Opcodes;
use crate::piece::Document;

/// Mistakes that are told of one text. No part looks for more.
const MOST: usize = 100;

/// Something that is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Its line, from 0.
    pub line: usize,
    /// Its bytes in the line.
    pub at: Range<usize>,
    /// What is wrong, and what to do.
    pub text: String,
}

/// The mistakes of a text, in the order of its lines. `opcodes` are those that the piece performs with: none are known
/// before Csound has told them, and nothing is said of any then. `included` are the texts that it includes, where they
/// are known; where one is not, nothing is said of opcodes either.
pub fn mistakes(text: &str, document: &Document, opcodes: &Opcodes, included: &[&Document]) -> Vec<Mistake> {
    let lines: Vec<&str> = text.split('\n').collect();
    let skipped = skipped::skipped(&lines);
    let mut found = sections::mistakes(&lines, document);
    found.extend(brackets::mistakes(&lines, document, &skipped));
    found.extend(calls::mistakes(&lines, document, opcodes, &skipped, included));
    found.sort_by_key(|mistake| (mistake.line, mistake.at.start));
    found.dedup_by(|one, other| one.line == other.line && one.at == other.at);
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests;
