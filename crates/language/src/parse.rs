//! The words of a line, and the statement that they make. Pure, and a line at a time: what goes on in the next line is
//! marked so, and little is said of it.

use std::ops::Range;

use crate::highlight::{KEYWORDS, Token};

/// The kinds of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name: of a variable, an opcode, anything.
    Name,
    /// A number.
    Number,
    /// A text between quotes, or a part of one between `{{` and `}}`.
    Text,
    /// `$NAME`, or a directive: `#define`.
    Macro,
    /// Anything else, one character.
    Symbol(char),
}

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its kind.
    pub kind: Kind,
    /// Its bytes in the line.
    pub at: Range<usize>,
    /// A text that begins with a quote ends with one.
    pub is_closed: bool,
}

impl Word {
    /// Whether it is this symbol.
    pub fn is(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }
}

/// The words of a line, without comments.
pub fn words(line: &str, tokens: &[(usize, Token)]) -> Vec<Word> {
    let mut found = Vec::new();
    let mut at = 0;
    for &(length, token) in tokens {
        // What was read of another text is not of this one.
        let Some(text) = line.get(at..at + length) else { break };
        match token {
            Token::Comment | Token::Tag => {}
            Token::Text => texts(text, at, &mut found),
            Token::Macro => found.push(Word { kind: Kind::Macro, at: at..at + length, is_closed: true }),
            _ => code(text, at, &mut found),
        }
        at += length;
    }
    found
}

/// Texts that stand close to each other are one token.
fn texts(text: &str, at: usize, found: &mut Vec<Word>) {
    let mut begin = 0;
    while begin < text.len() {
        let rest = &text[begin..];
        let (length, is_closed) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside),
            None => (rest.len(), true),
        };
        found.push(Word { kind: Kind::Text, at: at + begin..at + begin + length, is_closed });
        begin += length;
    }
}

/// Bytes of a text behind its first quote, that included, and whether it has a last one.
fn quoted(inside: &str) -> (usize, bool) {
    let mut is_hidden = false;
    for (at, next) in inside.char_indices() {
        match next {
            '"' if !is_hidden => return (at + 2, true),
            '\\' => is_hidden = !is_hidden,
            _ => is_hidden = false,
        }
    }
    (inside.len() + 1, false)
}

fn code(text: &str, at: usize, found: &mut Vec<Word>) {
    let mut begin = 0;
    while let Some(next) = text[begin..].chars().next() {
        let rest = &text[begin..];
        let (kind, length) = match next {
            _ if rest.starts_with("0dbfs") => (Kind::Name, 5),
            _ if is_name(next) && !next.is_ascii_digit() => {
                (Kind::Name, rest.find(|next| !is_name(next)).unwrap_or(rest.len()))
            }
            _ if next.is_ascii_digit() => (Kind::Number, number(rest)),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => (Kind::Number, number(rest)),
            _ => (Kind::Symbol(next), next.len_utf8()),
        };
        if !next.is_whitespace() {
            found.push(Word { kind, at: at + begin..at + begin + length, is_closed: true });
        }
        begin += length;
    }
}

fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let is_exponent = matches!(byte, b'e' | b'E') && !text.starts_with("0x");
        let has_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        if is_exponent && matches!(bytes.get(at + 1), Some(b'+' | b'-')) && has_digit(at + 2) {
            at += 2;
        } else if !(byte.is_ascii_alphanumeric() || *byte == b'.') {
            break;
        } else {
            at += 1;
        }
    }
    at
}

/// Whether a character can be in a name.
pub fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// An argument of an opcode: the words of it, by their places in the statement.
pub type Argument = Range<usize>;

/// A word that stands where an opcode stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The place of its name among the words.
    pub name: usize,
    /// Variables that take its results, where it begins the statement's right side.
    pub results: Vec<Argument>,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// The type behind a function's name: `k` of `oscili:k(…)`.
    pub of_type: Option<usize>,
    /// It is called with brackets.
    pub is_function: bool,
    /// A neighbour of which either may be the opcode: `out a1`, `a1 rand`.
    pub or: Option<usize>,
}

/// The words behind labels: `again: …`. A type stands close behind its colon: `name:k`.
pub fn behind_labels(line: &str, words: &[Word]) -> usize {
    let mut begin = 0;
    while let [label, colon, rest @ ..] = &words[begin..]
        && label.kind == Kind::Name
        && colon.is(':')
        && rest.first().is_none_or(|next| next.at.start > colon.at.end || next.kind != Kind::Name)
        && !KEYWORDS.contains(&&line[label.at.clone()])
    {
        begin += 2;
    }
    begin
}

/// Bytes of a line whose calls within its statement are looked for. So many nested ones are read once for each that they
/// lie in.
pub const LONGEST_LINE: usize = 4096;

/// Words of such a line.
pub const MOST_WORDS: usize = 1000;

/// Whether a line, or a statement over several, is too long for what takes longer than to read it once.
pub fn is_too_long(line: &str, words: &[Word]) -> bool {
    line.len() > LONGEST_LINE || words.len() > MOST_WORDS
}

/// The calls in a statement of an orchestra. Of a line over [`LONGEST_LINE`] bytes or [`MOST_WORDS`] words only the
/// statement's own: functions called within it are not looked for.
pub fn calls(line: &str, words: &[Word]) -> Vec<Call> {
    let begin = behind_labels(line, words);
    let text = |at: usize| words.get(at).map_or("", |word| &line[word.at.clone()]);
    let mut found = Vec::new();
    let first = words.get(begin).filter(|word| word.kind == Kind::Name).map(|_| text(begin));
    if matches!(first, Some("instr" | "opcode" | "struct" | "declare")) {
        return found;
    }
    if !is_too_long(line, words) {
        functions(line, words, begin, &mut found);
    }
    if first.is_some_and(|first| !KEYWORDS.contains(&first) || first == "in") {
        found.extend(statement(line, words, begin));
    }
    found
}

fn functions(line: &str, words: &[Word], begin: usize, found: &mut Vec<Call>) {
    for (at, word) in words.iter().enumerate() {
        let is_member = at > 0 && (words[at - 1].is('.') || words[at - 1].is(':'));
        if word.kind != Kind::Name || is_member || KEYWORDS.contains(&&line[word.at.clone()]) {
            continue;
        }
        // `oscili:k(…)`, not `k1 > 0 ? k2 : abs(k3)`.
        let is_typed = words.get(at + 1).is_some_and(|next| next.is(':') && next.at.start == word.at.end)
            && words
                .get(at + 2)
                .is_some_and(|next| next.kind == Kind::Name && next.at.start == word.at.end + 1);
        let mut open = if is_typed { at + 3 } else { at + 1 };
        while is_typed && words.get(open).is_some_and(|next| next.is('[') || next.is(']')) {
            open += 1;
        }
        if !words.get(open).is_some_and(|next| next.is('(')) {
            continue;
        }
        // `a1 oscili (k1 + 1) * 2, 440` and `outs (a1), a2` call nothing with brackets.
        let is_behind_result = at > 0
            && words[at - 1].kind == Kind::Name
            && !KEYWORDS.contains(&&line[words[at - 1].at.clone()]);
        if is_behind_result || at == begin && !closes_at_end(words, open) {
            continue;
        }
        found.push(Call {
            name: at,
            results: Vec::new(),
            arguments: arguments(words, open + 1, true),
            of_type: is_typed.then_some(at + 2),
            is_function: true,
            or: None,
        });
    }
}

/// Whether the bracket that opens here is closed by the last word, or not at all.
fn closes_at_end(words: &[Word], open: usize) -> bool {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.kind {
            Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1 == words.len();
        }
    }
    true
}

/// The arguments from here to the closing bracket, or to the end.
fn arguments(words: &[Word], begin: usize, in_brackets: bool) -> Vec<Argument> {
    let mut found = Vec::new();
    let (mut depth, mut from, mut at) = (0_usize, begin, begin);
    while let Some(word) = words.get(at) {
        match word.kind {
            Kind::Symbol('(' | '[' | '{') => depth += 1,
            Kind::Symbol(')' | ']' | '}') if depth == 0 && in_brackets => break,
            Kind::Symbol(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Kind::Symbol(',') if depth == 0 => {
                found.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if at > from || !found.is_empty() {
        found.push(from..at);
    }
    found
}

/// `results OPCODE arguments`. Of two names that begin a statement either may be the opcode.
fn statement(line: &str, words: &[Word], begin: usize) -> Option<Call> {
    let is_name = |at: usize| words.get(at).is_some_and(|word| word.kind == Kind::Name);
    let mut results = Vec::new();
    let mut at = begin;
    while is_name(at) {
        let next = behind_brackets(line, words, at + 1);
        match words.get(next) {
            Some(after) if after.is(',') => {
                results.push(at..next);
                at = next + 1;
            }
            // A value is assigned, or a function called.
            Some(after) if results.is_empty() && begins_assignment(words, next, after) => return None,
            Some(after) if after.is('=') => return None,
            Some(after) if after.kind == Kind::Name => {
                // Behind a list of results, or a type, there is no doubt.
                let or = (results.is_empty() && next == at + 1).then_some(at);
                results.push(at..next);
                let arguments = arguments(words, next + 1, false);
                return Some(Call { name: next, results, arguments, of_type: None, is_function: false, or });
            }
            _ if results.is_empty() && next == at + 1 => {
                let arguments = arguments(words, next, false);
                return Some(Call {
                    name: at,
                    results,
                    arguments,
                    of_type: None,
                    is_function: false,
                    or: None,
                });
            }
            _ => return None,
        }
    }
    None
}

/// The place behind what follows here and is part of a variable: `[…]` of an array, `:k` of a type, `@global`.
fn behind_brackets(line: &str, words: &[Word], mut at: usize) -> usize {
    let is = |at: usize, symbol: char| words.get(at).is_some_and(|word| word.is(symbol));
    if is(at, '@') {
        at += 2;
    }
    if is(at, ':') && words.get(at + 1).is_some_and(|next| next.at.start == words[at].at.end) {
        at += 2;
    }
    // `k1[0]`, not `print [1, 2]`.
    while is(at, '[') && !line[..words[at].at.start].ends_with(char::is_whitespace) {
        let mut depth = 0_usize;
        while let Some(word) = words.get(at) {
            at += 1;
            depth += usize::from(word.is('['));
            if word.is(']') {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
        }
    }
    at
}

/// `=`, `+=` and the like, a function's bracket, a member of a structure.
fn begins_assignment(words: &[Word], at: usize, first: &Word) -> bool {
    first.is('=')
        || first.is('(')
        || first.is('.')
        || matches!(first.kind, Kind::Symbol('+' | '-' | '*' | '/' | '|' | '&' | '#' | '^'))
            && words.get(at + 1).is_some_and(|next| next.is('='))
}

/// Whether a statement that ends so goes on in the next line.
pub fn goes_on(line: &str, words: &[Word]) -> bool {
    words.last().is_some_and(|last| last.is(',') || last.is('\\')) || line.trim_end().ends_with('\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::piece::{Document, SymbolKind};

    #[test]
    fn within_a_line_that_is_too_long_no_calls_are_looked_for() {
        let of = |count: usize| Document::of(&format!("x = {}", "a(".repeat(count)), Language::Orchestra);
        assert_eq!(of(400).calls(0).len(), 400);
        assert!(of(600).calls(0).is_empty(), "words");
        assert!(of(500_000).calls(0).is_empty());
        let wide = format!("x = a({})", " ".repeat(LONGEST_LINE));
        assert!(Document::of(&wide, Language::Orchestra).calls(0).is_empty(), "bytes");
    }

    #[test]
    fn what_a_long_line_defines_is_known() {
        let text = format!("giWave ftgen 1, 0, 0, -2{}\ninstr 2", ", 1".repeat(5000));
        let document = Document::of(&text, Language::Orchestra);
        let table = document.definition("giWave").unwrap();
        assert_eq!((table.symbol.kind, table.line), (SymbolKind::Table, 0));
        assert!(document.definition("2").is_some());
        let arrays: Vec<String> = (0..20_000).map(|number| format!("k{number}[0]")).collect();
        let document = Document::of(&format!("print {}", arrays.join(", ")), Language::Orchestra);
        assert!(document.definition("k19999").unwrap().symbol.is_odd);
    }
}
