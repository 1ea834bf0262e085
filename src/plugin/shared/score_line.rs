//! A line of text on its way from the audio thread to another one.

use std::fmt;

/// Most bytes of a score line.
pub const LONGEST_LINE: usize = 500;

/// A score line as it came: printable ASCII, at most [`LONGEST_LINE`] bytes, at least one. Whether
/// it is a score line that may reach Csound is for another thread to check.
#[derive(Clone, Copy)]
pub struct ScoreLine {
    bytes: [u8; LONGEST_LINE],
    length: usize,
}

impl ScoreLine {
    /// The line in `bytes`, if they are one.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let printable = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
        if bytes.is_empty() || bytes.len() > LONGEST_LINE || !printable {
            return None;
        }
        let mut line = Self { bytes: [0; LONGEST_LINE], length: bytes.len() };
        line.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(line)
    }

    /// The line.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn as_str(&self) -> &str {
        // The constructor took nothing but ASCII.
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl PartialEq for ScoreLine {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for ScoreLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(formatter)
    }
}
