//! The strings in a text of Csound's. Pure, and lenient: what is found is looked for on the disk afterwards.

use std::path::Path;

use crate::plugin::pieces::trust::wants::is_writer;

/// Endings of files that pieces read: a string with one of them that is no file is told.
const ENDINGS: [&str; 34] = [
    "wav", "wave", "aif", "aiff", "aifc", "au", "snd", "flac", "ogg", "oga", "mp3", "caf", "raw", "sf2",
    "sf3", "sfz", "orc", "sco", "csd", "udo", "inc", "txt", "csv", "dat", "mid", "midi", "pvx", "pvc", "het",
    "lpc", "ats", "json", "png", "svg",
];

/// A string of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quoted<'a> {
    /// Its line, from 1.
    pub line: usize,
    /// What is in it.
    pub text: &'a str,
    /// An opcode that writes files stands before it in its line.
    pub is_written: bool,
}

/// The strings in one line each, outside comments. In a text in `{{` and `}}` they count: it may be code.
pub(crate) fn quoted(text: &str) -> Vec<Quoted<'_>> {
    let mut found = Vec::new();
    let mut in_comment = false;
    for (index, line) in text.lines().enumerate() {
        let bytes = line.as_bytes();
        // Each part of the line is looked through once, however many strings it has.
        let (mut at, mut seen, mut is_written) = (0, 0, false);
        while at < bytes.len() {
            let rest = &bytes[at..];
            if in_comment {
                in_comment = !rest.starts_with(b"*/");
                at += usize::from(!in_comment);
            } else if rest.starts_with(b"/*") {
                in_comment = true;
                at += 1;
            } else if rest[0] == b';' || rest.starts_with(b"//") {
                break;
            } else if rest[0] == b'"' {
                let Some(close) = close(bytes, at) else { break };
                is_written |= has_writer(&line[seen..at]);
                seen = at;
                found.push(Quoted { line: index + 1, text: &line[at + 1..close], is_written });
                at = close;
            }
            at += 1;
        }
    }
    found
}

/// If a text looks like the name of a file that is read.
pub(crate) fn names_file(text: &str) -> bool {
    let is_plain = !text.contains(['%', '$', '\n', '*', '<', '>']) && !text.contains("\\n");
    is_plain && has_file_ending(text)
}

/// If a text ends as names of files do, or as what a name is put together from.
pub(crate) fn has_file_ending(text: &str) -> bool {
    let ending = Path::new(text).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Whether a part of a line has an opcode that writes files.
fn has_writer(part: &str) -> bool {
    part.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).any(is_writer)
}

/// Where the string ends that begins there.
fn close(line: &[u8], begin: usize) -> Option<usize> {
    let mut close = begin + 1;
    while *line.get(close)? != b'"' {
        close += if line[close] == b'\\' { 2 } else { 1 };
    }
    Some(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_outside_comments() {
        let text = "a1 diskin \"x.wav\", 1 ; \"no.wav\"\n/* \"no\"\n\"no\" */ S1 = \"y\"\n\"open\nSx = \"\u{e4}\\\"b\"\n// \"no\"";
        let found: Vec<_> = quoted(text).iter().map(|found| (found.line, found.text)).collect();
        assert_eq!(found, [(1, "x.wav"), (3, "y"), (5, "\u{e4}\\\"b")]);
        assert_eq!(quoted("/* \"no\" */ S1 = \"y\"")[0].text, "y");
    }

    #[test]
    fn an_opcode_that_writes_counts_for_all_strings_after_it_in_its_line() {
        let text = "S1 = \"a\"\nfout \"b\", \"c\"\nS2 = \"d\" : fout \"e\"\nxfout \"f\"";
        let found: Vec<_> = quoted(text).iter().map(|found| (found.text, found.is_written)).collect();
        assert_eq!(found, [("a", false), ("b", true), ("c", true), ("d", false), ("e", true), ("f", false)]);
    }

    #[test]
    fn any_text_is_walked_through() {
        for text in ["\"", "/*", "*/", "\"\\", "\u{1d11e}\"\u{1d11e}\"/*\u{1d11e}*/\";\"", "a /* b */ \"c\""]
        {
            quoted(text);
        }
    }
}
