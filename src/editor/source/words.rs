//! Words of a text about a place. Pure.

use std::ops::Range;

use csound_language::parse::is_name;

/// The name around a byte of a text.
pub(super) fn name_at(text: &str, byte: usize) -> Option<&str> {
    let begin = text[..byte]
        .rfind(|letter| !is_name(letter))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[byte..].find(|letter| !is_name(letter)).map_or(text.len(), |at| byte + at);
    Some(&text[begin..end]).filter(|name| !name.is_empty())
}

/// The blanks that a line begins with, as far as they stand before a byte of it.
pub(super) fn indent_before(text: &str, byte: usize) -> &str {
    let line = &text[text[..byte].rfind('\n').map_or(0, |at| at + 1)..byte];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// The word that the cursor stands at the end of: its line, and where it begins in that.
pub(super) fn word_before(text: &str, selected: Range<usize>) -> Option<(usize, usize)> {
    let end = selected.end;
    if !selected.is_empty() || text[end..].starts_with(is_name) {
        return None;
    }
    let before = &text[..end];
    let begin = before.trim_end_matches(is_name).len();
    let line_begin = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    (begin < end).then(|| (line, begin - line_begin))
}
