//! Tunings: the frequencies of the keys, from a scale of Scala (`.scl`) and its keyboard mapping (`.kbm`). Pure; beside
//! plugin and editor.
//!
//! Own code, because what a musician needs of it is which line is wrong and why, and because scales in the wild have
//! empty descriptions and are not always UTF-8.

mod keyboard;
mod lines;
mod scale;

pub use keyboard::Keyboard;
pub use scale::Scale;

/// Most bytes of a file that are read.
pub const LONGEST: u64 = 1 << 20;

/// Keys of MIDI.
pub const KEYS: usize = 128;

/// Most notes of a scale, and places of a keyboard mapping.
pub const MOST_NOTES: usize = 4096;

/// The key of A and its frequency, where nothing else is said.
const USUAL: (usize, f64) = (69, 440.0);

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct TuningError {
    /// The line, from 1; none where it is the whole.
    pub line: Option<usize>,
    /// Why it cannot be used.
    pub reason: String,
}

impl TuningError {
    fn whole(reason: impl Into<String>) -> Self {
        Self { line: None, reason: reason.into() }
    }
}

/// The frequencies of all keys in Hz; 0 for one that has no note.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning(pub [f64; KEYS]);

impl Default for Tuning {
    /// Twelve equal steps, the A of key 69 at 440 Hz.
    fn default() -> Self {
        Self(std::array::from_fn(equal))
    }
}

impl Tuning {
    /// Of a scale and a keyboard mapping; either may be missing. Without a mapping the first note of the scale is on key
    /// 60, which sounds as ever, and its others are on the keys beside.
    ///
    /// # Errors
    /// A key would have a frequency that no number can hold, or the mapping's reference key no note.
    pub fn of(scale: Option<&Scale>, keyboard: Option<&Keyboard>) -> Result<Self, TuningError> {
        let (equal_steps, linear) = (Scale::equal(), Keyboard::linear());
        let (scale, keyboard) = (scale.unwrap_or(&equal_steps), keyboard.unwrap_or(&linear));
        let (key, frequency) = keyboard.reference;
        let at_reference = keyboard.cents(key, scale).ok_or_else(|| {
            TuningError::whole(format!(
                "the reference key {key} has no note in the mapping, so nothing says how high it is"
            ))
        })?;
        let mut tuning = Self::default();
        for key in keyboard.keys() {
            let cents = keyboard.cents(key, scale).map(|cents| cents - at_reference);
            let found = cents.map_or(0.0, |cents| frequency * (cents / 1200.0).exp2());
            if !found.is_finite() || cents.is_some() && found < f64::MIN_POSITIVE {
                return Err(TuningError::whole(format!(
                    "key {key} would be beyond every frequency that there is"
                )));
            }
            tuning.0[key as usize] = found;
        }
        Ok(tuning)
    }
}

/// The frequency of a key in twelve equal steps.
fn equal(key: usize) -> f64 {
    USUAL.1 * ((key as f64 - USUAL.0 as f64) / 12.0).exp2()
}

/// The text of a file: UTF-8, or else Latin-1, in which many scales are written.
pub fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

#[cfg(test)]
mod tests;
