//! The lines of both kinds of files.

use std::str::FromStr;

use super::TuningError;

/// Most characters of a line that an error shows.
const SHOWN: usize = 40;

/// A file's lines without comments.
pub(super) struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    last: usize,
}

/// A line and its number.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) text: &'a str,
}

impl<'a> Lines<'a> {
    /// Of a whole text.
    pub(super) fn of(text: &'a str) -> Self {
        Self { lines: text.trim_start_matches('\u{feff}').lines().enumerate(), last: 0 }
    }

    /// The next line that is no comment, empty or not.
    pub(super) fn any(&mut self) -> Option<Line<'a>> {
        let (index, text) = self.lines.find(|(_, text)| !text.trim_start().starts_with('!'))?;
        self.last = index + 1;
        Some(Line { number: index + 1, text: text.trim() })
    }

    /// The next line that says something.
    pub(super) fn next(&mut self) -> Option<Line<'a>> {
        std::iter::from_fn(|| self.any()).find(|line| !line.text.is_empty())
    }

    /// The next line that says something, which has to be there.
    pub(super) fn expect(&mut self, what: &str) -> Result<Line<'a>, TuningError> {
        let last = self.last;
        self.next().ok_or_else(|| TuningError {
            line: Some(last + 1),
            reason: format!("the file ends where {what} should stand"),
        })
    }
}

impl<'a> Line<'a> {
    /// Its first word: what follows is a remark.
    pub(super) fn word(self) -> &'a str {
        self.text.split_whitespace().next().unwrap_or_default()
    }

    /// Its first word as a number.
    pub(super) fn number<T: FromStr>(self, what: &str) -> Result<T, TuningError> {
        self.word().parse().map_err(|_| self.wrong(format!("{:?} is no {what}", self.shown())))
    }

    /// The word as an error shows it.
    pub(super) fn shown(self) -> String {
        self.word().chars().take(SHOWN).collect()
    }

    /// An error of this line.
    pub(super) fn wrong(self, reason: impl Into<String>) -> TuningError {
        TuningError { line: Some(self.number), reason: reason.into() }
    }
}
