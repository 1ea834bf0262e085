//! Reading a CSD as Csound does: by lines, and parts of very long ones.

/// Csound reads a CSD in pieces of at most this many bytes; each counts as the beginning of a line.
const LONGEST_CHUNK: usize = 4095;

/// The line, from 1, in which a byte stands. Lines end in `\n`, `\r\n` or `\r`.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    line_ends(&text.as_bytes()[..at]) + 1
}

pub(super) fn line_ends(bytes: &[u8]) -> usize {
    let single = |index: usize| bytes.get(index + 1) != Some(&b'\n');
    bytes
        .iter()
        .enumerate()
        .filter(|(index, byte)| **byte == b'\n' || (**byte == b'\r' && single(*index)))
        .count()
}

/// The beginning of the character in which a byte stands.
pub(super) fn boundary_at(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The text that Csound reads at once: a line, or a part of a very long one. May cut a character in two.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) start: usize,
    /// Behind the last byte that is no line end.
    pub(super) end: usize,
    /// The first byte that is no blank.
    pub(super) first: usize,
    /// From 1.
    pub(super) line: usize,
}

impl Chunk {
    pub(super) fn begins(&self, text: &str, tag: &str) -> bool {
        text.as_bytes()[self.first..self.end].starts_with(tag.as_bytes())
    }
}

/// A place in a CSD.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) line: usize,
}

impl Cursor<'_> {
    pub(super) fn next(&mut self) -> Option<Chunk> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.is_empty() {
            return None;
        }
        let window = &rest[..rest.len().min(LONGEST_CHUNK)];
        let length = window.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(window.len());
        let blanks = rest[..length].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let chunk = Chunk { start: self.at, end: self.at + length, first: self.at + blanks, line: self.line };
        let end = match &rest[length..] {
            _ if length == window.len() => 0,
            [b'\r', b'\n', ..] => 2,
            _ => 1,
        };
        self.at += length + end;
        self.line += end.min(1);
        Some(chunk)
    }

    /// Goes behind the data of an embedded file: behind the first `=`, or to the first `<`.
    pub(super) fn skip_base64(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b'=' | b'<'));
        let length = length.map_or(rest.len(), |length| length + usize::from(rest[length] == b'='));
        self.line += line_ends(&rest[..length]);
        self.at += length;
    }
}
