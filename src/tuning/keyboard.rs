//! Keyboard mappings of Scala.

use super::lines::{Line, Lines};
use super::scale::Scale;
use super::{KEYS, MOST_NOTES, TuningError, equal};

/// Which key has which note of a scale, and how high one of them is.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyboard {
    /// The keys that are tuned, from the first to the last; the others stay in twelve equal steps.
    range: (i64, i64),
    /// The key of the pattern's first place.
    middle: i64,
    /// A key, and its frequency in Hz.
    pub(super) reference: (i64, f64),
    /// The degree by which the next pattern is higher; 0 for the scale's period.
    octave: i64,
    /// The degrees of the keys from `middle` on, none where a key has no note. Empty: each key has the next degree.
    pattern: Vec<Option<i64>>,
}

impl Keyboard {
    /// The first note on key 60, at the frequency that it usually has, and each key the next note.
    pub fn linear() -> Self {
        let range = (0, KEYS as i64 - 1);
        Self { range, middle: 60, reference: (60, equal(60)), octave: 0, pattern: Vec::new() }
    }

    /// Reads a `.kbm` file.
    ///
    /// # Errors
    /// The first line that is wrong, and why.
    pub fn read(text: &str) -> Result<Self, TuningError> {
        let mut lines = Lines::of(text);
        let size_line = lines.expect("the size of the pattern")?;
        let size: usize = size_line.number("size of a pattern")?;
        if size > MOST_NOTES {
            return Err(size_line.wrong(format!("a pattern has at most {MOST_NOTES} keys, not {size}")));
        }
        let first = key(lines.expect("the first key")?)?;
        let last_line = lines.expect("the last key")?;
        let last = key(last_line)?;
        if last < first {
            return Err(last_line.wrong(format!("the last key {last} is before the first, {first}")));
        }
        let middle = key(lines.expect("the key of the first note")?)?;
        let reference = key(lines.expect("the reference key")?)?;
        let frequency_line = lines.expect("the reference frequency")?;
        let frequency: f64 = frequency_line.number("frequency")?;
        if !(1e-3..=1e6).contains(&frequency) {
            return Err(frequency_line.wrong("a frequency is from 0.001 to 1000000 Hz"));
        }
        let octave = match lines.next() {
            Some(line) => degree(line)?,
            // Some programs leave it out where there is no pattern.
            None if size == 0 => 0,
            None => {
                return Err(TuningError::whole("the file ends where the degree of the octave should stand"));
            }
        };
        let mut pattern = Vec::new();
        while pattern.len() < size {
            // Keys at the end that are left out have no note.
            let Some(line) = lines.next() else { break };
            pattern.push(if line.word().eq_ignore_ascii_case("x") { None } else { Some(degree(line)?) });
        }
        pattern.resize(size, None);
        Ok(Self { range: (first, last), middle, reference: (reference, frequency), octave, pattern })
    }

    /// The keys that are tuned.
    pub(super) fn keys(&self) -> std::ops::RangeInclusive<i64> {
        self.range.0..=self.range.1
    }

    /// Cents of a key above the first note of the scale; none for a key without a note.
    pub(super) fn cents(&self, key: i64, scale: &Scale) -> Option<f64> {
        let step = key - self.middle;
        if self.pattern.is_empty() {
            return Some(scale.cents(step));
        }
        let size = self.pattern.len() as i64;
        let octave = if self.octave == 0 { scale.period() } else { self.octave };
        let degree = self.pattern[step.rem_euclid(size) as usize]?;
        Some(step.div_euclid(size) as f64 * scale.cents(octave) + scale.cents(degree))
    }
}

fn key(line: Line<'_>) -> Result<i64, TuningError> {
    let key: i64 = line.number("key")?;
    if (0..KEYS as i64).contains(&key) {
        Ok(key)
    } else {
        Err(line.wrong(format!("keys go from 0 to 127, {key} is none")))
    }
}

/// A degree of the scale, which may lie above it or below.
fn degree(line: Line<'_>) -> Result<i64, TuningError> {
    let degree: i64 = line.number("degree of the scale (a whole number, or x for a key without a note)")?;
    let most = 4 * MOST_NOTES as i64;
    if degree.abs() <= most {
        Ok(degree)
    } else {
        Err(line.wrong(format!("degrees go up to {most}, not to {degree}")))
    }
}
