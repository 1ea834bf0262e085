//! Scales of Scala.

use super::lines::{Line, Lines};
use super::{MOST_NOTES, TuningError};

/// A scale: the notes above its first one, up to the one with which it begins again.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// In cents above the first note; the last is the scale's period.
    cents: Vec<f64>,
}

/// Farther than any ear hears, and near enough for numbers.
const MOST_CENTS: f64 = 120_000.0;

impl Scale {
    /// Twelve equal steps to the octave.
    pub fn equal() -> Self {
        Self { cents: (1..=12).map(|step| f64::from(step) * 100.0).collect() }
    }

    /// Reads a `.scl` file.
    ///
    /// # Errors
    /// The first line that is wrong, and why.
    pub fn read(text: &str) -> Result<Self, TuningError> {
        let mut lines = Lines::of(text);
        // A description, which may be empty.
        lines
            .any()
            .ok_or_else(|| TuningError::whole("it is empty: a .scl file begins with a description"))?;
        let count = lines.expect("the number of notes")?;
        let number: usize = count.number("number of notes")?;
        if number == 0 || number > MOST_NOTES {
            return Err(count.wrong(format!("a scale has 1 to {MOST_NOTES} notes, not {number}")));
        }
        let notes = (1..=number).map(|note| pitch(lines.expect(&format!("note {note} of {number}"))?));
        Ok(Self { cents: notes.collect::<Result<_, _>>()? })
    }

    /// Cents from the first note to the one of a degree, 0 for the first; below and above the scale as well.
    pub(super) fn cents(&self, degree: i64) -> f64 {
        let count = self.cents.len() as i64;
        let (periods, step) = (degree.div_euclid(count), degree.rem_euclid(count) as usize);
        let period = self.cents.last().copied().unwrap_or(0.0);
        periods as f64 * period + if step == 0 { 0.0 } else { self.cents[step - 1] }
    }

    /// The degree of its period.
    pub(super) fn period(&self) -> i64 {
        self.cents.len() as i64
    }
}

/// A note's line: cents with a point, a ratio, or a whole number, which is one to 1.
fn pitch(line: Line<'_>) -> Result<f64, TuningError> {
    let word = line.word();
    let cents = if word.contains('.') {
        line.number("number of cents")?
    } else {
        let (above, below) = word.split_once('/').unwrap_or((word, "1"));
        1200.0 * (whole(line, above)? / whole(line, below)?).log2()
    };
    if cents.abs() <= MOST_CENTS {
        Ok(cents)
    } else {
        Err(line.wrong(format!("{:?} is farther than {MOST_CENTS} cents from the first note", line.shown())))
    }
}

fn whole(line: Line<'_>, digits: &str) -> Result<f64, TuningError> {
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0 && !digits.starts_with('+'));
    number.map(|number| number as f64).ok_or_else(|| {
        line.wrong(format!("{:?} is no note: 386.3 (cents, with a point), 5/4 and 2 are", line.shown()))
    })
}
