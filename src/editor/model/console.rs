//! The lines that Csound and the plugin say.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Lines that the editor's console keeps.
pub const CONSOLE_LINES: usize = 100_000;

/// The last [`CONSOLE_LINES`] lines that Csound and the plugin said, each with a number that never changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Console {
    next: u64,
    lines: VecDeque<Line>,
    clears: u64,
}

impl Console {
    /// The number of the next line: a backend pushes the lines from here on.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The number of the oldest line.
    pub fn first(&self) -> u64 {
        self.next - self.lines.len() as u64
    }

    /// Adds a line; the oldest leaves a full console.
    pub fn push(&mut self, line: Line) {
        if self.lines.len() == CONSOLE_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
        self.next += 1;
    }

    /// Leaves out lines that are no more, so that `number` comes next.
    pub fn skip_to(&mut self, number: u64) {
        if number > self.next {
            self.lines.clear();
            self.next = number;
        }
    }

    /// Forgets all lines; numbers go on.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.clears += 1;
    }

    /// Counts how often it was cleared.
    pub fn clears(&self) -> u64 {
        self.clears
    }

    /// The line of a number.
    pub fn line(&self, number: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(number.checked_sub(self.first())?).ok()?)
    }

    /// All lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    /// The number of lines that it holds.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it holds no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// A line of the console.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// The line's importance.
    pub importance: Importance,
    /// The line of the source that it speaks of, from 1.
    pub source_line: Option<u32>,
    /// The score's time about which it was said, in seconds, where something played.
    pub at: Option<f64>,
    /// The text, without a line end.
    pub text: Arc<str>,
}

/// The importance of a line of the console, in ascending order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Importance {
    /// Csound's report on what it does.
    #[default]
    Info,
    /// A print of the piece.
    Print,
    /// A word of the plugin, not of Csound.
    Note,
    /// A warning: something may sound wrong.
    Warning,
    /// An error.
    Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_console_drops_its_oldest_lines_and_numbers_stay() {
        let mut console = Console::default();
        for number in 0..CONSOLE_LINES + 5 {
            console.push(Line { text: number.to_string().into(), ..Line::default() });
        }
        assert_eq!((console.len(), console.first()), (CONSOLE_LINES, 5));
        assert_eq!(&*console.line(7).unwrap().text, "7");
        assert!(console.line(4).is_none());
        console.skip_to(200_000);
        assert_eq!((console.first(), console.len()), (200_000, 0));
    }
}
