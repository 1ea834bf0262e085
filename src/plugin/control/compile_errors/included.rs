//! Errors in the files that a piece includes. Csound counts files as it opens them, the piece first, and says the innermost
//! one first: `from file voice.orc (2), from file piece.csd (1), line 3:`. Pure.

use super::Statement;
use super::words::{Text, unknown_opcode};

/// The most statements between an error and its place: Csound says what all an opcode could take.
const MOST_BETWEEN: usize = 400;

/// A place in an included file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    name: String,
    line: Option<u32>,
}

/// The place in an included file that a text begins with, and what comes behind it.
pub(super) fn place(text: &str) -> Option<(Place, &str)> {
    let (name, number, mut rest) = file(text)?;
    if number < 2 {
        return None;
    }
    while let Some((_, _, after)) = file(rest) {
        rest = after;
    }
    let line = rest.strip_prefix("line ").and_then(number_before);
    let rest = if line.is_some() { "" } else { rest };
    Some((Place { name: name.to_owned(), line }, rest))
}

/// `from file NAME (2),`: the name, Csound's number of the file, and what comes behind it.
fn file(text: &str) -> Option<(&str, u32, &str)> {
    let named = text.strip_prefix("from file ")?;
    // A name may hold brackets, too.
    named.match_indices(" (").find_map(|(at, open)| {
        let (number, rest) = named[at + open.len()..].split_once(')')?;
        let rest = if rest.is_empty() { rest } else { rest.strip_prefix(',')? };
        Some((&named[..at], number.trim().parse().ok()?, rest.trim_start()))
    })
}

/// The included file that the first of these errors is in, and the line there, where Csound names them.
pub(super) fn place_of(said: &[Statement]) -> Option<(String, Option<u32>)> {
    let (error, following) = said.split_first()?;
    if !begins(&error.text) {
        return None;
    }
    let between = following.iter().take(MOST_BETWEEN);
    let mut line = line_named(&error.text);
    for statement in between {
        if let Some(place) = &statement.place {
            return Some((place.name.clone(), place.line.or(line)));
        }
        if begins(&statement.text) || statement.text.starts_with("from file ") {
            return None;
        }
        line = line_named(&statement.text).or(line);
    }
    None
}

/// Csound 7 names the line of an opcode that it does not know, and no file. The first included file that has the name in
/// that line is meant, unless the piece's own text has it there.
pub(super) fn of_unknown_opcode(
    what: &str,
    line: Option<u32>,
    own: &Text,
    others: &[(&str, Text)],
) -> Option<(String, Option<u32>)> {
    let (name, line) = (unknown_opcode(what)?, line?);
    if own.has_word(line, name) {
        return None;
    }
    let (file, _) = others.iter().find(|(_, text)| text.has_word(line, name))?;
    Some(((*file).to_owned(), Some(line)))
}

/// Whether an error begins with this.
fn begins(text: &str) -> bool {
    let text = text.trim_start();
    ["error:", "syntax error", "Unable to find", "Unexpected untyped"]
        .iter()
        .any(|word| text.starts_with(word))
}

/// The line that is named in a text: `…, line 3, columns 4-9`, `Line: 3` or `Line 3`.
fn line_named(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("line").find_map(|(at, word)| {
        let is_word = !lower[..at].ends_with(char::is_alphanumeric);
        let after = lower[at + word.len()..].trim_start_matches(':');
        number_before(after.strip_prefix(' ')?).filter(|_| is_word)
    })
}

/// The number that a text begins with.
fn number_before(text: &str) -> Option<u32> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}
