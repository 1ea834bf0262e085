//! The console's lines, newest last, within a bound.

use std::collections::VecDeque;

use csound_performance::engine::ConsoleLine;

/// Lines that the console keeps, and their bytes.
const MOST_LINES: usize = 10_000;
const MOST_BYTES: usize = 8 << 20;

/// A line, and when it was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The line.
    pub line: ConsoleLine,
    /// The score's time at which it came, in seconds: a little after it was said, since it comes another way than the
    /// sound. None where nothing played.
    pub at: Option<f64>,
}

/// The lines that were written last, and how many ever were.
#[derive(Default)]
pub struct Console {
    lines: VecDeque<Said>,
    bytes: usize,
    written: u64,
}

impl Console {
    /// Writes a line that came at a time of the score; the oldest go where there are too many, or too long ones.
    pub fn log(&mut self, line: ConsoleLine, at: Option<f64>) {
        let line = line.shortened();
        self.bytes += line.text.len();
        self.lines.push_back(Said { line, at });
        self.written += 1;
        while self.lines.len() > MOST_LINES || self.bytes > MOST_BYTES {
            let Some(oldest) = self.lines.pop_front() else { return };
            self.bytes -= oldest.line.text.len();
        }
    }

    /// The lines that are kept, oldest first.
    pub fn lines(&self) -> Vec<ConsoleLine> {
        self.lines.iter().map(|said| said.line.clone()).collect()
    }

    /// The lines from number `from` on, which counts all that were ever written, and the number of the first
    /// that is given: a later one where those before it are gone.
    pub fn from(&self, from: u64) -> (u64, Vec<Said>) {
        let oldest = self.written - self.lines.len() as u64;
        let first = from.clamp(oldest, self.written);
        (first, self.lines.iter().skip((first - oldest) as usize).cloned().collect())
    }
}
