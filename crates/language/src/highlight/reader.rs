//! Reads one line of a piece.

/// The kinds of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Blanks, operators, words of no kind.
    Plain,
    /// What Csound does not read.
    Comment,
    /// A text between quotes or braces.
    Text,
    /// A number.
    Number,
    /// Instruments, conditions, loops; a score's statements.
    Keyword,
    /// An opcode, or what stands where one may.
    Opcode,
    /// A variable at audio rate.
    Audio,
    /// Any other variable.
    Variable,
    /// A macro, or a directive.
    Macro,
    /// A section's mark.
    Tag,
}

/// The state that a line leaves to the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Open {
    pub section: Section,
    pub inside: Inside,
}

/// The part of a CSD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// Between the parts.
    #[default]
    Outside,
    /// Instruments.
    Orchestra,
    /// Events.
    Score,
    /// Options, or what is of no interest to Csound.
    Other,
}

/// The things that may begin in one line and end in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Inside {
    #[default]
    Nothing,
    /// `/* … */`
    Comment,
    /// `{{ … }}`, which Csound 7 has also within each other: so many are open.
    Text(u8),
}

/// A line as it was read.
pub(super) struct Line {
    pub hash: u64,
    pub before: Open,
    pub after: Open,
    /// Bytes of each token, in order; together the line without its end.
    pub tokens: Vec<(usize, Token)>,
}

/// Words of the language that are no opcodes.
pub const KEYWORDS: [&str; 44] = [
    "instr", "endin", "opcode", "endop", "xin", "xout", "if", "ithen", "kthen", "then", "elseif", "else",
    "endif", "fi", "while", "until", "do", "od", "enduntil", "for", "in", "goto", "igoto", "kgoto", "cggoto",
    "cigoto", "ckgoto", "timout", "rigoto", "return", "rireturn", "struct", "case", "switch", "endsw",
    "default", "void", "declare", "break", "continue", "true", "false", "truek", "falsek",
];

/// Those before a value, not before a name.
const BEFORE_VALUES: [&str; 9] = ["if", "elseif", "while", "until", "for", "in", "switch", "case", "return"];

const HEADER: [&str; 9] = ["sr", "kr", "ksmps", "nchnls", "nchnls_i", "0dbfs", "A4", "ksr", "seed"];

/// Reads one line.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    before: Open,
    open: Open,
    tokens: Vec<(usize, Token)>,
    /// Whether the last thing was a word, so that a word now is an opcode.
    after_word: bool,
    /// Whether a value is due: behind an operator, a bracket or a comma.
    wants_value: bool,
    /// Whether nothing of a statement was read yet.
    fresh: bool,
    /// Whether the head of a loop is read, in which `in` is no opcode.
    in_for: bool,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str, open: Open) -> Self {
        Self {
            text,
            at: 0,
            before: open,
            open,
            tokens: Vec::new(),
            after_word: false,
            wants_value: false,
            fresh: true,
            in_for: false,
        }
    }

    pub fn line(mut self, hash: u64) -> Line {
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
            (Inside::Text(open), _) => self.long_text(open),
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

    /// To the braces that close a text, or others in it.
    fn long_text(&mut self, open: u8) {
        let rest = self.rest();
        let Some(at) = [rest.find("{{"), rest.find("}}")].into_iter().flatten().min() else {
            return self.take(rest.len(), Token::Text);
        };
        self.open.inside = match (rest[at..].starts_with('{'), open) {
            (true, _) => Inside::Text(open.saturating_add(1)),
            (false, 0 | 1) => Inside::Nothing,
            (false, _) => Inside::Text(open - 1),
        };
        self.take(at + 2, Token::Text);
    }

    /// Takes what is alike in orchestra and score; false: it was something else.
    fn common(&mut self) -> bool {
        let rest = self.rest();
        let next = rest.chars().next().unwrap_or(' ');
        if rest.starts_with(';') || rest.starts_with("//") {
            self.take(rest.len(), Token::Comment);
        } else if rest.starts_with("/*") {
            self.open.inside = Inside::Comment;
            self.take(2, Token::Comment);
        } else if rest.starts_with("{{") {
            self.open.inside = Inside::Text(1);
            self.take(2, Token::Text);
        } else if next == '"' {
            self.take(string(rest), Token::Text);
            self.after_word = false;
            self.wants_value = false;
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
            self.wants_value = false;
        } else if length > 0 {
            let name = &rest[..length];
            let token = self.name(name, &rest[length..]);
            self.after_word = !matches!(token, Token::Keyword);
            self.wants_value = BEFORE_VALUES.contains(&name) && token == Token::Keyword;
            self.in_for = name == "for" || (self.in_for && name != "in");
            self.fresh = false;
            self.take(length, token);
            self.types();
        } else {
            self.after_word = false;
            self.wants_value = true;
            self.take(next.len_utf8(), Token::Plain);
        }
    }

    /// The type of a variable or a function, as Csound 7 writes it: `:k`, `@global:k`.
    fn types(&mut self) {
        const GLOBAL: &str = "@global";
        if self.rest().starts_with(GLOBAL) {
            self.take(GLOBAL.len(), Token::Keyword);
        }
        if let Some(name) = type_of(self.rest()) {
            self.take(1, Token::Plain);
            self.take(name.len(), Token::Keyword);
        }
    }

    fn name(&self, name: &str, behind: &str) -> Token {
        let typed = type_of(behind.strip_prefix("@global").unwrap_or(behind));
        let behind = behind.trim_start_matches([' ', '\t']);
        if KEYWORDS.contains(&name) && (name != "in" || self.in_for || self.fresh) {
            return Token::Keyword;
        }
        if HEADER.contains(&name) && self.fresh {
            return Token::Keyword;
        }
        let rest = name.strip_prefix('p').unwrap_or("x");
        if !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit()) {
            return Token::Variable;
        }
        match typed {
            Some(of) if behind[1..][of.len()..].starts_with('(') => return Token::Opcode,
            Some("a") => return Token::Audio,
            Some(_) => return Token::Variable,
            None => {}
        }
        if behind.starts_with('(') || (self.after_word && !self.in_for) {
            return Token::Opcode;
        }
        let is_member = behind.strip_prefix('.').is_some_and(|member| word(member) > 0);
        match variable(name) {
            Some(token) if is_member || !(self.fresh && stands_alone(behind)) => token,
            _ if is_member || self.wants_value => Token::Variable,
            _ if self.fresh && behind.starts_with(['=', ',', '[', '+', '-', '*', '/']) => Token::Variable,
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

/// The type at the beginning, which stands close behind its colon.
fn type_of(text: &str) -> Option<&str> {
    let name = text.strip_prefix(':')?;
    Some(&name[..word(name)]).filter(|name| !name.is_empty())
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

/// The kind of the variable of this name, if it is the name of one.
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
