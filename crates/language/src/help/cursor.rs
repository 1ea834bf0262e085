//! Where the cursor is.

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its line, from 0.
    pub line: usize,
    /// Bytes in the line before it.
    pub column: usize,
}

/// The place of a byte.
pub fn place_of(text: &str, byte: usize) -> Place {
    let before = &text[..text.floor_char_boundary(byte.min(text.len()))];
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    Place { line: before.bytes().filter(|byte| *byte == b'\n').count(), column: before.len() - begin }
}

/// The line around a byte, and where it begins.
pub fn line_at(text: &str, byte: usize) -> (&str, usize) {
    let byte = text.floor_char_boundary(byte.min(text.len()));
    let begin = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let end = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    (&text[begin..end], begin)
}
