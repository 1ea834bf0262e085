//! The words of an orchestra that stand where an opcode stands. Pure.
//!
//! This is no compiler: it tells which opcodes a piece names before, or after, Csound has read it.
//! If it cannot tell (behind a condition of the preprocessor, in a macro, beside a file that cannot be
//! read) it says so, and nothing is refused because of it.

use std::collections::{HashMap, HashSet};

use super::cursor::line_at;
use super::live_text::input::{Input, is_blank, is_word, long_text, quoted};

/// Files inside of files, and files in all, that are looked into; Csound itself goes on.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 200;

/// Words that begin a statement and are no opcodes, or decide where others go.
const KEYWORDS: &[&str] = &[
    "if", "then", "ithen", "kthen", "else", "elseif", "endif", "fi", "while", "until", "do", "od",
    "enduntil", "for", "void", "goto", "igoto", "kgoto", "instr", "endin", "opcode", "endop", "struct",
    "declare", "switch", "case", "default", "endsw", "return", "break", "continue", "sr", "kr", "ksmps",
    "nchnls", "nchnls_i", "nchnls_o", "A4",
];

/// A word where an opcode stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcodeUse {
    /// The word.
    pub name: String,
    /// Its line in the piece's own text, from 1; `None` in a file that is included.
    pub line: Option<u32>,
    /// True if Csound is sure to read it as code: not where a macro or a condition decides.
    pub is_certain: bool,
    /// A neighbour of which either may be the opcode (`out a1`, `a1 rand`): if that one is, this is not.
    pub unless: Option<String>,
}

/// The opcodes that an orchestra names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpcodeUses {
    /// The words, once each; one that is certain stands for those that are not.
    pub uses: Vec<OpcodeUse>,
    /// Opcodes that the orchestra defines itself.
    pub defined: HashSet<String>,
}

/// Finds the words of a CSD's orchestras, or of an orchestra. `included` gives the text of a file that is
/// included, by its name as written, or `None` if it cannot be read.
pub fn scan_opcode_uses(text: &str, included: &mut dyn FnMut(&str) -> Option<String>) -> OpcodeUses {
    let mut scan =
        Scan { found: OpcodeUses::default(), places: HashMap::new(), is_whole: true, files: 0, included };
    match super::sections::some_orchestra_spans(text) {
        Some(spans) => spans.into_iter().for_each(|span| {
            let above = line_at(text, span.start) - 1;
            scan.code(&text[span], Some(above), true, 0);
        }),
        None => scan.code(text, Some(0), true, 0),
    }
    let Scan { mut found, is_whole, .. } = scan;
    if !is_whole {
        // What could not be read may define anything.
        found.uses.iter_mut().for_each(|used| used.is_certain = false);
    }
    found
}

struct Scan<'i> {
    found: OpcodeUses,
    /// The index of each use in the list.
    places: HashMap<(String, Option<String>), usize>,
    /// True if everything could be read.
    is_whole: bool,
    files: usize,
    included: &'i mut dyn FnMut(&str) -> Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    Word(&'a str),
    Text,
    Symbol(char),
}

#[derive(Clone, Copy)]
struct CodeToken<'a> {
    kind: Kind<'a>,
    at: usize,
}

impl<'a> CodeToken<'a> {
    fn is(self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }

    /// A word that can be a name.
    fn name(self) -> Option<&'a str> {
        match self.kind {
            Kind::Word(word) if !word.starts_with(|first: char| first.is_ascii_digit()) => Some(word),
            Kind::Word(_) | Kind::Text | Kind::Symbol(_) => None,
        }
    }
}

/// A text whose words are looked at.
#[derive(Clone, Copy)]
struct CodeText<'a> {
    text: &'a str,
    /// Lines of the piece above the text; `None` for another file.
    above: Option<usize>,
}

impl Scan<'_> {
    fn code(&mut self, text: &str, above: Option<usize>, is_certain: bool, depth: usize) {
        let source = CodeText { text, above };
        let mut input = Input::new(text);
        let mut tokens: Vec<CodeToken> = Vec::new();
        // Conditions of the preprocessor around this place.
        let mut conditions = 0_usize;
        while let Some(next) = input.peek() {
            match input.skip_comment() {
                Ok(true) => continue,
                Ok(false) => {}
                Err(_) => break,
            }
            let at = input.at;
            match next {
                '\n' | '\r' => {
                    input.next();
                    // A list goes on behind a comma.
                    if !tokens.last().is_some_and(|token| token.is(',')) {
                        self.statement(&tokens, source, is_certain && conditions == 0);
                        tokens.clear();
                    }
                }
                '\\' => {
                    input.next();
                    input.skip_while(|next| is_blank(next) || next == '\r');
                    if input.peek() == Some('\n') {
                        input.next();
                    }
                }
                '"' => {
                    if quoted(&mut input).is_err() {
                        input.skip_line();
                    }
                    tokens.push(CodeToken { kind: Kind::Text, at });
                }
                '{' if input.second() == Some('{') => {
                    if long_text(&mut input).is_err() {
                        break;
                    }
                    tokens.push(CodeToken { kind: Kind::Text, at });
                }
                '#' if self.directive(
                    &mut input,
                    source,
                    is_certain && conditions == 0,
                    &mut conditions,
                    depth,
                ) => {}
                _ if is_word(next) => tokens.push(CodeToken { kind: Kind::Word(input.word()), at }),
                _ => {
                    input.next();
                    if !next.is_whitespace() {
                        tokens.push(CodeToken { kind: Kind::Symbol(next), at });
                    }
                }
            }
        }
        self.statement(&tokens, source, is_certain && conditions == 0);
    }

    /// Carries out a directive of the preprocessor, if one begins here.
    fn directive(
        &mut self,
        input: &mut Input,
        source: CodeText,
        is_certain: bool,
        conditions: &mut usize,
        depth: usize,
    ) -> bool {
        let mut ahead = input.clone();
        ahead.next();
        ahead.skip_while(is_blank);
        match ahead.word() {
            "ifdef" | "ifndef" => {
                *conditions += 1;
                ahead.skip_line();
            }
            "else" | "undef" => ahead.skip_line(),
            "end" | "endif" => *conditions = conditions.saturating_sub(1),
            "define" => self.macro_body(&mut ahead, source, depth),
            "include" => self.include(&mut ahead, is_certain, depth),
            "includestr" => {
                self.is_whole = false;
                ahead.skip_line();
            }
            _ => return false,
        }
        *input = ahead;
        true
    }

    /// `NAME(arguments) #body#`: its code counts where it is used, if at all.
    fn macro_body(&mut self, input: &mut Input, source: CodeText, depth: usize) {
        input.skip_while(|next| next != '#');
        input.next();
        let begin = input.at;
        let mut previous = '#';
        while let Some(next) = input.next() {
            if next == '#' && previous != '\\' {
                break;
            }
            previous = next;
        }
        let body = &source.text[begin..input.at];
        let body = body.strip_suffix('#').unwrap_or(body);
        let above = source.above.map(|above| above + line_at(source.text, begin) - 1);
        if depth < DEEPEST {
            self.code(body, above, false, depth + 1);
        }
    }

    /// A file name between two of whatever comes first.
    fn include(&mut self, input: &mut Input, is_certain: bool, depth: usize) {
        input.skip_while(is_blank);
        let Some(opening) = input.next() else { return };
        let closing = if opening == '<' { '>' } else { opening };
        let begin = input.at;
        input.skip_while(|next| next != closing && !matches!(next, '\n' | '\r'));
        let name = &input.text[begin..input.at];
        if input.peek() == Some(closing) {
            input.next();
        }
        self.files += 1;
        let is_read = depth < DEEPEST && self.files <= MOST_FILES && !name.contains('$');
        let text = if is_read { (self.included)(name) } else { None };
        match text {
            Some(text) => self.code(&text, None, is_certain, depth + 1),
            None => self.is_whole = false,
        }
    }

    fn statement(&mut self, tokens: &[CodeToken], source: CodeText, is_certain: bool) {
        let tokens = behind_labels(tokens);
        // A macro may stand for any words.
        let is_certain = is_certain && !tokens.iter().any(|token| token.is('$'));
        let first = tokens.first().and_then(|token| token.name());
        match first {
            Some("opcode") => {
                let name = tokens.get(1).and_then(|token| token.name());
                self.found.defined.extend(name.map(str::to_owned));
                return;
            }
            Some("instr" | "struct" | "declare") => return,
            _ => {}
        }
        for (at, token) in tokens.iter().enumerate() {
            if is_called(tokens, at) {
                self.add(*token, source, is_certain, None);
            }
        }
        if first.is_some_and(|first| !KEYWORDS.contains(&first)) {
            self.opcode_of(tokens, source, is_certain);
        }
    }

    /// The opcode of `results OPCODE arguments`. Of two words that begin a statement either may be it.
    fn opcode_of(&mut self, tokens: &[CodeToken], source: CodeText, is_certain: bool) {
        let mut at = 0;
        while tokens.get(at).is_some_and(|token| token.name().is_some()) {
            let next = behind_brackets(tokens, at + 1);
            match tokens.get(next) {
                Some(after) if after.is(',') => at = next + 1,
                // A value is assigned, or a function called.
                Some(after) if at == 0 && begins_assignment(&tokens[next..], *after) => return,
                Some(after) if after.name().is_some() => {
                    let (first, second) = (tokens[at], *after);
                    // Behind a list of results there is no doubt.
                    let either = at == 0 && next == at + 1;
                    if either {
                        self.add(first, source, is_certain, second.name());
                    }
                    self.add(second, source, is_certain, first.name().filter(|_| either));
                    return;
                }
                _ => {
                    if at == 0 && next == 1 {
                        self.add(tokens[0], source, is_certain, None);
                    }
                    return;
                }
            }
        }
    }

    fn add(&mut self, token: CodeToken, source: CodeText, is_certain: bool, unless: Option<&str>) {
        let Some(name) = token.name().filter(|name| !KEYWORDS.contains(name)) else { return };
        let line = source.above.and_then(|above| u32::try_from(above + line_at(source.text, token.at)).ok());
        let used = OpcodeUse {
            name: name.to_owned(),
            line,
            is_certain,
            unless: unless.filter(|name| !KEYWORDS.contains(name)).map(str::to_owned),
        };
        let uses = &mut self.found.uses;
        match self.places.get(&(used.name.clone(), used.unless.clone())) {
            Some(at) if used.is_certain && !uses[*at].is_certain => uses[*at] = used,
            Some(_) => {}
            None => {
                self.places.insert((used.name.clone(), used.unless.clone()), uses.len());
                uses.push(used);
            }
        }
    }
}

/// The statement without labels (`again:`) and without what makes a macro's name of a word.
fn behind_labels<'t, 'a>(mut tokens: &'t [CodeToken<'a>]) -> &'t [CodeToken<'a>] {
    while let [label, colon, rest @ ..] = tokens
        && label.name().is_some()
        && colon.is(':')
        // `name:k …` is a variable of Csound 7: its type stands close behind the colon.
        && !is_typed(rest)
        && rest.first().is_none_or(|kind| kind.name().is_none() || kind.at > colon.at + 1)
    {
        tokens = rest;
    }
    tokens
}

fn is_typed(after_colon: &[CodeToken]) -> bool {
    let next = behind_brackets(after_colon, 1);
    after_colon.first().is_some_and(|kind| kind.name().is_some())
        && after_colon.get(next).is_some_and(|token| token.is('=') || token.is(',') || token.is('('))
}

/// The place behind what follows here and is part of a variable: `[…]` of an array, `:k` of a type, `@global`.
fn behind_brackets(tokens: &[CodeToken], mut at: usize) -> usize {
    if tokens.get(at).is_some_and(|token| token.is('@')) {
        at += 2;
    }
    if tokens.get(at).is_some_and(|token| token.is(':')) {
        at += 2;
    }
    while tokens.get(at).is_some_and(|token| token.is('[')) {
        let mut depth = 0_usize;
        while let Some(token) = tokens.get(at) {
            at += 1;
            depth += usize::from(token.is('['));
            if token.is(']') {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
        }
    }
    at
}

/// True if a word is called as a function: `name(`, `name:k(`.
fn is_called(tokens: &[CodeToken], at: usize) -> bool {
    let is_macro = at.checked_sub(1).is_some_and(|before| tokens[before].is('$') || tokens[before].is('.'));
    let called = match &tokens[at + 1..] {
        [next, ..] if next.is('(') => true,
        [colon, kind, rest @ ..] if colon.is(':') && kind.name().is_some() => {
            rest.get(behind_brackets(rest, 0)).is_some_and(|token| token.is('('))
        }
        _ => false,
    };
    !is_macro && called && tokens[at].name().is_some()
}

/// `=`, `+=` and the like; `==` begins no statement.
fn begins_assignment(tokens: &[CodeToken], first: CodeToken) -> bool {
    first.is('=') || first.is('(') || first.is('.') || tokens.get(1).is_some_and(|next| next.is('='))
}

#[cfg(test)]
mod tests;
