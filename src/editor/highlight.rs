//! What the words of a piece are: tokens for colours, read line by line. Pure.
//!
//! A line is read again only if it, or what the line before it leaves open, has changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::model::Language;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Blanks, operators, words of no kind.
    Plain,
    Comment,
    Text,
    Number,
    /// Instruments, conditions, loops; a score's statements.
    Keyword,
    Opcode,
    /// A variable at audio rate.
    Audio,
    /// Any other variable.
    Variable,
    Macro,
    /// A section's mark.
    Tag,
}

/// What a line leaves to the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Open {
    section: Section,
    inside: Inside,
}

/// The part of a CSD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Section {
    /// Between the parts.
    #[default]
    Outside,
    Orchestra,
    Score,
    /// Options, or what is of no interest to Csound.
    Other,
}

/// What has begun and not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Nothing,
    /// `/* … */`
    Comment,
    /// `{{ … }}`
    Text,
}

/// A line as it was read.
struct Line {
    hash: u64,
    before: Open,
    after: Open,
    /// Bytes of each token, in order; together the line without its end.
    tokens: Vec<(usize, Token)>,
}

/// The tokens of a text.
#[derive(Default)]
pub(super) struct Highlighter {
    language: Language,
    lines: Vec<Line>,
}

impl Highlighter {
    /// Reads what has changed in a text; says how many lines that were.
    pub fn update(&mut self, text: &str, language: Language) -> usize {
        if self.language != language {
            *self = Self { language, lines: Vec::new() };
        }
        let hashes: Vec<u64> = text.split('\n').map(hash).collect();
        self.line_up(&hashes);
        let mut open = beginning(language);
        let mut read = 0;
        for ((line, text), hash) in self.lines.iter_mut().zip(text.split('\n')).zip(hashes) {
            if line.hash != hash || line.before != open || line.tokens.is_empty() {
                *line = Reader::new(text, open).line(hash);
                read += 1;
            }
            open = line.after;
        }
        read
    }

    /// The tokens of each line.
    pub fn lines(&self) -> impl Iterator<Item = &[(usize, Token)]> {
        self.lines.iter().map(|line| &line.tokens[..])
    }

    /// Keeps the lines above and below a change, and makes room for those between.
    fn line_up(&mut self, hashes: &[u64]) {
        let both = self.lines.len().min(hashes.len());
        let same = |(line, hash): &(&Line, &u64)| line.hash == **hash;
        let above = self.lines.iter().zip(hashes).take_while(same).count();
        let below =
            self.lines.iter().rev().zip(hashes.iter().rev()).take(both - above).take_while(same).count();
        let end = self.lines.len() - below;
        let fresh = hashes.len() - above - below;
        self.lines.splice(above..end, (0..fresh).map(|_| Line::unread()));
    }
}

impl Line {
    fn unread() -> Self {
        Self { hash: 0, before: Open::default(), after: Open::default(), tokens: Vec::new() }
    }
}

fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

fn beginning(language: Language) -> Open {
    let section = match language {
        Language::Csd => Section::Outside,
        Language::Orchestra => Section::Orchestra,
        Language::Score => Section::Score,
    };
    Open { section, inside: Inside::Nothing }
}

const KEYWORDS: [&str; 36] = [
    "instr", "endin", "opcode", "endop", "xin", "xout", "if", "ithen", "kthen", "then", "elseif", "else",
    "endif", "fi", "while", "until", "do", "od", "enduntil", "for", "in", "goto", "igoto", "kgoto", "cggoto",
    "cigoto", "ckgoto", "timout", "rigoto", "return", "rireturn", "struct", "case", "switch", "endsw",
    "default",
];

const HEADER: [&str; 9] = ["sr", "kr", "ksmps", "nchnls", "nchnls_i", "0dbfs", "A4", "ksr", "seed"];

/// Reads one line.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    before: Open,
    open: Open,
    tokens: Vec<(usize, Token)>,
    /// Whether the last thing was a word, so that a word now is an opcode.
    after_word: bool,
    /// Whether nothing of a statement was read yet.
    fresh: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, open: Open) -> Self {
        Self { text, at: 0, before: open, open, tokens: Vec::new(), after_word: false, fresh: true }
    }

    fn line(mut self, hash: u64) -> Line {
        if self.open.inside == Inside::Nothing {
            self.tag();
        }
        while self.at < self.text.len() {
            self.token();
        }
        if self.tokens.is_empty() {
            self.tokens.push((0, Token::Plain));
        }
        Line { hash, before: self.before, after: self.open, tokens: self.tokens }
    }

    /// A line that begins with a section's mark.
    fn tag(&mut self) {
        let line = self.text.trim_start();
        if !line.starts_with('<') || line.len() < 3 {
            return;
        }
        let (closes, name) = match line[1..].strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, &line[1..]),
        };
        let Some(end) = name.find('>') else { return };
        let section = match name[..end].trim() {
            "CsInstruments" | "CsOrc" => Section::Orchestra,
            "CsScore" | "CsSco" => Section::Score,
            "CsoundSynthesizer" | "CsoundSynthesiser" => Section::Outside,
            _ if matches!(self.open.section, Section::Orchestra | Section::Score) => return,
            _ => Section::Other,
        };
        self.open.section = if closes { Section::Outside } else { section };
        self.take(self.text.len(), Token::Tag);
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Takes so many bytes as a token; equal neighbours become one.
    fn take(&mut self, bytes: usize, token: Token) {
        self.at += bytes;
        match self.tokens.last_mut() {
            Some((length, last)) if *last == token => *length += bytes,
            _ => self.tokens.push((bytes, token)),
        }
    }

    fn token(&mut self) {
        match (self.open.inside, self.open.section) {
            (Inside::Comment, _) => self.until("*/", Token::Comment),
            (Inside::Text, _) => self.until("}}", Token::Text),
            (Inside::Nothing, Section::Orchestra) => self.orchestra(),
            (Inside::Nothing, Section::Score) => self.score(),
            // Csound does not look at what stands between the sections.
            (Inside::Nothing, Section::Outside) => self.take(self.rest().len(), Token::Comment),
            (Inside::Nothing, Section::Other) => self.other(),
        }
    }

    /// To an end that may lie in a later line.
    fn until(&mut self, end: &str, token: Token) {
        match self.rest().find(end) {
            Some(length) => {
                self.open.inside = Inside::Nothing;
                self.take(length + end.len(), token);
            }
            None => self.take(self.rest().len(), token),
        }
    }

    /// What is alike in orchestra and score; false: it was something else.
    fn common(&mut self) -> bool {
        let rest = self.rest();
        let next = rest.chars().next().unwrap_or(' ');
        if rest.starts_with(';') || rest.starts_with("//") {
            self.take(rest.len(), Token::Comment);
        } else if rest.starts_with("/*") {
            self.open.inside = Inside::Comment;
            self.take(2, Token::Comment);
        } else if rest.starts_with("{{") {
            self.open.inside = Inside::Text;
            self.take(2, Token::Text);
        } else if next == '"' {
            self.take(string(rest), Token::Text);
            self.after_word = false;
        } else if next == '$' || (next == '#' && rest[1..].starts_with(|next: char| next.is_alphabetic())) {
            self.take(1 + word(&rest[1..]), Token::Macro);
        } else if next.is_whitespace() {
            self.take(next.len_utf8(), Token::Plain);
        } else {
            return false;
        }
        true
    }

    fn orchestra(&mut self) {
        let rest = self.rest();
        if self.common() {
            return;
        }
        let next = rest.chars().next().unwrap_or(' ');
        let length = word(rest);
        if rest.starts_with("0dbfs") {
            self.take(5, Token::Keyword);
        } else if next.is_ascii_digit() || (next == '.' && number(rest) > 1) {
            self.take(number(rest), Token::Number);
            self.after_word = false;
        } else if length > 0 {
            let token = self.name(&rest[..length], &rest[length..]);
            self.after_word = !matches!(token, Token::Keyword);
            self.fresh = false;
            self.take(length, token);
        } else {
            self.after_word = false;
            self.take(next.len_utf8(), Token::Plain);
        }
    }

    fn name(&self, name: &str, behind: &str) -> Token {
        let behind = behind.trim_start_matches([' ', '\t']);
        if KEYWORDS.contains(&name) && !(name == "in" && self.after_word) {
            return Token::Keyword;
        }
        if HEADER.contains(&name) && self.fresh {
            return Token::Keyword;
        }
        let rest = name.strip_prefix('p').unwrap_or("x");
        if !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit()) {
            return Token::Variable;
        }
        if self.after_word || behind.starts_with('(') || behind.starts_with(":") && behind.contains('(') {
            return Token::Opcode;
        }
        match variable(name) {
            Some(token) if !(self.fresh && stands_alone(behind)) => token,
            _ if self.fresh && behind.starts_with(['=', ',']) => Token::Variable,
            _ => Token::Opcode,
        }
    }

    fn score(&mut self) {
        let rest = self.rest();
        if self.common() {
            return;
        }
        let next = rest.chars().next().unwrap_or(' ');
        let length = number(rest);
        if self.fresh && next.is_ascii_alphabetic() {
            self.take(1, Token::Keyword);
        } else if length > 0 {
            self.take(length, Token::Number);
        } else {
            self.take(next.len_utf8(), Token::Plain);
        }
        self.fresh = false;
    }

    fn other(&mut self) {
        let rest = self.rest();
        match rest.chars().next() {
            Some(';') => self.take(rest.len(), Token::Comment),
            Some('"') => self.take(string(rest), Token::Text),
            Some(next) if number(rest) > 0 && next.is_ascii_digit() => self.take(number(rest), Token::Number),
            Some(_) if word(rest) > 0 => {
                let length = word(rest);
                let token = if rest[length..].starts_with('(') { Token::Opcode } else { Token::Plain };
                self.take(length, token);
            }
            Some(next) => self.take(next.len_utf8(), Token::Plain),
            None => {}
        }
    }
}

/// Bytes of the name at the beginning.
fn word(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|next: char| !(next.is_alphanumeric() || next == '_')).unwrap_or(text.len())
}

/// Bytes of the string at the beginning, its quotes included.
fn string(text: &str) -> usize {
    let mut hidden = false;
    for (at, next) in text.char_indices().skip(1) {
        match next {
            '"' if !hidden => return at + 1,
            '\\' => hidden = !hidden,
            _ => hidden = false,
        }
    }
    text.len()
}

/// Bytes of the number at the beginning.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let first = usize::from(matches!(bytes.first(), Some(b'.')));
    if !digit(first) {
        return 0;
    }
    let mut at = 0;
    while digit(at) || bytes.get(at) == Some(&b'.') {
        at += 1;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if digit(at + 1 + sign) {
            at += 1 + sign;
            while digit(at) {
                at += 1;
            }
        }
    }
    at
}

/// What a variable of this name is, if it is the name of one.
fn variable(name: &str) -> Option<Token> {
    let name = name.strip_prefix('g').unwrap_or(name);
    match name.chars().next()? {
        'a' => Some(Token::Audio),
        'k' | 'i' | 'S' | 'f' | 'w' | 'p' => Some(Token::Variable),
        _ => None,
    }
}

/// Whether what follows a first word shows that it has no outputs: it is then an opcode.
fn stands_alone(behind: &str) -> bool {
    behind.is_empty()
        || behind.starts_with(['"', ';', '.'])
        || behind.starts_with(|next: char| next.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str, language: Language) -> Vec<(String, Token)> {
        let mut highlighter = Highlighter::default();
        highlighter.update(text, language);
        let mut found = Vec::new();
        for (line, tokens) in text.split('\n').zip(highlighter.lines()) {
            let mut at = 0;
            for &(length, token) in tokens {
                found.push((line[at..at + length].to_owned(), token));
                at += length;
            }
            assert_eq!(at, line.len(), "the tokens are the line: {line:?}");
        }
        found.retain(|(text, token)| *token != Token::Plain && !text.trim().is_empty());
        found
    }

    fn words(text: &str, language: Language) -> Vec<(String, Token)> {
        tokens(text, language)
    }

    fn is(text: &str, token: Token) -> (String, Token) {
        (text.to_owned(), token)
    }

    #[test]
    fn an_orchestras_words_are_told_apart() {
        let found = words("a1, gk2 oscili 0.5*p4, 4e2, gifn ; a tone", Language::Orchestra);
        let expected = [
            is("a1", Token::Audio),
            is("gk2", Token::Variable),
            is("oscili", Token::Opcode),
            is("0.5", Token::Number),
            is("p4", Token::Variable),
            is("4e2", Token::Number),
            is("gifn", Token::Variable),
            is("; a tone", Token::Comment),
        ];
        assert_eq!(found, expected);
        let found =
            words("instr Bell\nouts a1, a1\nprints \"%d\"\nk1 = abs(k2)\n0dbfs = 1", Language::Orchestra);
        let kinds: Vec<_> = found.iter().map(|(text, token)| (text.as_str(), *token)).collect();
        let expected = [
            ("instr", Token::Keyword),
            ("Bell", Token::Opcode),
            ("outs", Token::Opcode),
            ("a1", Token::Opcode),
            ("a1", Token::Audio),
            ("prints", Token::Opcode),
            ("\"%d\"", Token::Text),
            ("k1", Token::Variable),
            ("abs", Token::Opcode),
            ("k2", Token::Variable),
            ("0dbfs", Token::Keyword),
            ("1", Token::Number),
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn sections_decide_how_a_line_is_read() {
        let text = "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni 1 0 2\n</CsScore>";
        let found = words(text, Language::Csd);
        assert!(found.contains(&is("<CsScore>", Token::Tag)));
        assert!(found.contains(&is("i", Token::Keyword)));
        assert_eq!(found.iter().filter(|(_, token)| *token == Token::Tag).count(), 5);
    }

    #[test]
    fn comments_and_texts_go_on_over_lines() {
        let found = words("/* one\ntwo */ a1 = 1\nSx = {{ text\nmore }}", Language::Orchestra);
        assert_eq!(found[0], is("/* one", Token::Comment));
        assert_eq!(found[1], is("two */", Token::Comment));
        assert!(found.contains(&is("more }}", Token::Text)));
    }

    #[test]
    fn only_what_changed_is_read_again() {
        let mut lines: Vec<String> = (0..5000).map(|number| format!("k{number} init {number}")).collect();
        let mut highlighter = Highlighter::default();
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 5000);
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 0);
        lines[2500].push_str(" ; changed");
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 1);
        lines.insert(100, "a1 = 0".into());
        lines.remove(4000);
        assert!(highlighter.update(&lines.join("\n"), Language::Orchestra) <= 3901);
        lines.insert(100, "a2 = 0".into());
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 1);
        lines[4990] = "/* all the rest".into();
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 11);
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in
            ["", "\n", "\"", "$", "#", "é ü $é #é", "1e", ".", "<", "</", "<>", "{{", "/*", "\\", "a\u{301}"]
        {
            for language in [Language::Csd, Language::Orchestra, Language::Score] {
                tokens(text, language);
            }
        }
    }
}
