//! Csound's messages: whole lines with a level and, where Csound names one, the line of the text.

use std::ffi::{CStr, c_int};

use csound_sys as sys;

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Whatever has no level of its own.
    Default,
    /// From an instrument.
    Orchestra,
    /// From real-time performance.
    Realtime,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How grave it is.
    pub level: Level,
    /// The line of the compiled text that it names, from 1.
    pub line: Option<u32>,
    /// The text, without colours and line end.
    pub text: String,
}

/// The longest line that is put together; what is longer is cut there.
const LONGEST: usize = 4096;

impl Level {
    pub(super) fn from_attributes(attributes: c_int) -> Self {
        match attributes as u32 & sys::CSOUNDMSG_TYPE_MASK {
            sys::CSOUNDMSG_ERROR => Self::Error,
            sys::CSOUNDMSG_ORCH => Self::Orchestra,
            sys::CSOUNDMSG_REALTIME => Self::Realtime,
            sys::CSOUNDMSG_WARNING => Self::Warning,
            _ => Self::Default,
        }
    }
}

/// Puts lines together from the pieces in which Csound prints them.
#[derive(Default)]
pub(super) struct Lines {
    pending: String,
    level: Option<Level>,
}

impl Lines {
    /// Takes a piece and gives the lines that it completes.
    pub(super) fn take(&mut self, piece: &CStr, level: Level, give: &mut dyn FnMut(Message)) {
        let text = strip_colours(&piece.to_string_lossy());
        for part in text.split_inclusive('\n') {
            // A line is as grave as its gravest piece.
            self.level = self.level.max(Some(level));
            self.pending.push_str(part.trim_end_matches(['\n', '\r']));
            if part.ends_with('\n') || self.pending.len() > LONGEST {
                self.end_line(give);
            }
        }
    }

    fn end_line(&mut self, give: &mut dyn FnMut(Message)) {
        let text = std::mem::take(&mut self.pending);
        let level = self.level.take().unwrap_or(Level::Default);
        if !text.trim().is_empty() {
            give(Message { level, line: line_of(&text), text: text.trim_end().to_owned() });
        }
    }
}

/// The line number that a message names, as in `error: … (token ")") line 12:` or
/// `>>>error on line 12`.
pub fn line_of(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some(at) = rest.find("line") {
        rest = &rest[at + 4..];
        let number = rest.trim_start_matches([' ', ':', '#']);
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(line) = digits.parse() {
            return Some(line);
        }
    }
    None
}

/// Removes the escape sequences of coloured terminals.
fn strip_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
        } else if characters.next() == Some('[') {
            for inner in characters.by_ref() {
                if inner.is_ascii_alphabetic() {
                    break;
                }
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[(&CStr, Level)]) -> Vec<Message> {
        let (mut lines, mut taken) = (Lines::default(), Vec::new());
        for (piece, level) in pieces {
            lines.take(piece, *level, &mut |message| taken.push(message));
        }
        taken
    }

    #[test]
    fn lines_are_put_together_and_are_as_grave_as_their_gravest_piece() {
        let taken = lines(&[
            (c"instr 1: ", Level::Default),
            (c"no such file\nnext", Level::Error),
            (c" line\n\n", Level::Default),
        ]);
        let plain: Vec<_> = taken.iter().map(|line| (line.level, line.text.as_str())).collect();
        assert_eq!(plain, [(Level::Error, "instr 1: no such file"), (Level::Error, "next line")]);
    }

    #[test]
    fn colours_are_removed() {
        let taken = lines(&[(c"\x1b[31;1merror\x1b[m: x\n", Level::Error)]);
        assert_eq!(taken[0].text, "error: x");
    }

    #[test]
    fn a_line_number_is_found_where_one_is_named() {
        assert_eq!(line_of("error: syntax error, unexpected T_IDENT (token \"x\") line 12:"), Some(12));
        assert_eq!(line_of("Line: 7, near"), Some(7));
        assert_eq!(line_of("online lines"), None);
    }

    #[test]
    fn an_endless_line_is_cut() {
        let long = std::ffi::CString::new("x".repeat(3 * LONGEST)).unwrap();
        let taken = lines(&[(&long, Level::Default), (c"y\n", Level::Default)]);
        assert!(!taken.is_empty());
    }
}
