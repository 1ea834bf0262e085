//! The console's lines, newest last, within a bound.

use std::collections::VecDeque;

use csound_performance::engine::ConsoleLine;

/// Lines that the console keeps, and their bytes.
const MOST_LINES: usize = 10_000;
const MOST_BYTES: usize = 8 << 20;

/// The lines that were written last, and how many ever were.
#[derive(Default)]
pub struct Console {
    lines: VecDeque<ConsoleLine>,
    bytes: usize,
    written: u64,
}

impl Console {
    /// Writes a line; the oldest go where there are too many, or too long ones.
    pub fn log(&mut self, line: ConsoleLine) {
        let line = line.shortened();
        self.bytes += line.text.len();
        self.lines.push_back(line);
        self.written += 1;
        while self.lines.len() > MOST_LINES || self.bytes > MOST_BYTES {
            let Some(oldest) = self.lines.pop_front() else { return };
            self.bytes -= oldest.text.len();
        }
    }

    /// The lines that are kept, oldest first.
    pub fn lines(&self) -> Vec<ConsoleLine> {
        self.lines.iter().cloned().collect()
    }

    /// The lines from number `from` on, which counts all that were ever written, and the number of the first
    /// that is given: a later one where those before it are gone.
    pub fn from(&self, from: u64) -> (u64, Vec<ConsoleLine>) {
        let oldest = self.written - self.lines.len() as u64;
        let first = from.clamp(oldest, self.written);
        (first, self.lines.iter().skip((first - oldest) as usize).cloned().collect())
    }
}
