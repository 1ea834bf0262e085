//! A text of a message on its way from the audio thread to another one.

use std::fmt;

use csound_performance::engine::Purpose;

/// Most bytes of a score line, or of orchestra code in a message.
pub const LONGEST_LINE: usize = 500;

/// A score line as it came: printable ASCII, at most [`LONGEST_LINE`] bytes, at least one. Whether
/// it is a score line that may reach Csound is for another thread to check. Or orchestra code, which may have
/// several lines.
#[derive(Clone, Copy)]
pub struct ScoreLine {
    bytes: [u8; LONGEST_LINE],
    length: usize,
    purpose: Option<Purpose>,
}

impl ScoreLine {
    /// The line in `bytes`, if they are one.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Self::of(bytes, None).filter(|_| bytes.iter().all(is_printable))
    }

    /// The orchestra code in `bytes`, if they are some: as a line, but with tabs and the ends of lines.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn code(bytes: &[u8], purpose: Purpose) -> Option<Self> {
        let is_text = |byte: &u8| is_printable(byte) || matches!(byte, b'\t' | b'\n' | b'\r');
        Self::of(bytes, Some(purpose)).filter(|_| bytes.iter().all(is_text))
    }

    fn of(bytes: &[u8], purpose: Option<Purpose>) -> Option<Self> {
        if bytes.is_empty() || bytes.len() > LONGEST_LINE {
            return None;
        }
        let mut line = Self { bytes: [0; LONGEST_LINE], length: bytes.len(), purpose };
        line.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(line)
    }

    /// What is wanted of it, if it is orchestra code.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
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

/// The answer to orchestra code of a message, on its way to the host.
#[derive(Clone, Copy, Debug)]
pub struct CodeReply {
    /// Whether the text says why there is no number.
    pub is_error: bool,
    /// The number, or that.
    pub text: ScoreLine,
}

impl CodeReply {
    /// A reply with as much of `text` as a message holds; what is not printable ASCII is a `?` in it.
    pub fn new(is_error: bool, text: &str) -> Option<Self> {
        let bytes = text.bytes().map(|byte| if is_printable(&byte) { byte } else { b'?' });
        let bytes: Vec<u8> = bytes.take(LONGEST_LINE).collect();
        Some(Self { is_error, text: ScoreLine::new(&bytes)? })
    }
}

fn is_printable(byte: &u8) -> bool {
    (b' '..=b'~').contains(byte)
}

impl PartialEq for ScoreLine {
    fn eq(&self, other: &Self) -> bool {
        (self.as_str(), self.purpose) == (other.as_str(), other.purpose)
    }
}

impl fmt::Debug for ScoreLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(formatter)
    }
}
