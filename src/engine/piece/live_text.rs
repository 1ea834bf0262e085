//! Text that reaches Csound while a piece performs, read before Csound reads it. Pure.
//!
//! Csound's own readers trust what they read. Csound 6.18 ends its process on an unterminated string
//! in a line event, on an unterminated comment, an unfinished `[` or a stray `}` in a score, on
//! some `np`, and on a line of an orchestra that ends with `=` or divides by zero. So the checks
//! here accept what is known to be good rather than refuse what is known to be bad:
//!
//! - [`line_event`] for one event, as `csoundInputMessage` takes it: numbers and strings only;
//! - [`check_score`] for a score, as `csoundReadScore` takes it: with expressions and loops;
//! - [`check_orchestra`] for instruments, as `csoundCompileOrc` takes them.
//!
//! [`scan_channel_names`] finds the channels that an orchestra names.

use std::fmt;

use crate::csound::ChannelKind;

/// The longest single event, in bytes.
const LONGEST_LINE: usize = 64 << 10;

/// The longest score or orchestra, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// Most p-fields of an event. Csound 6.18 crashes on very many.
const MOST_FIELDS: usize = 1000;

/// Most bytes of all strings of an event: Csound 6.18 garbles longer ones.
const MOST_STRING: usize = 1000;

/// Most operators and brackets of an expression: Csound 6.18 has room for 29 and does not check.
const MOST_OPERATORS: usize = 20;

/// Longest number in an expression: Csound 6.18 has room for 99 characters and does not check.
const LONGEST_NUMBER: usize = 40;

/// Most events that the loops of a live score may make, so that a turn stays short.
const MOST_EVENTS: u64 = 10_000;

/// Highest number of a table: Csound keeps a list of all numbers below it.
const MOST_TABLES: f64 = 1e6;

/// Deepest nesting of loops in a live score.
const DEEPEST_LOOP: usize = 8;

/// The statements that a line event can be.
const EVENTS: &str = "ifaqde";

/// The statements that work in a live score.
const STATEMENTS: &str = "ifaqdebvBCxy";

/// Where in a text something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Place {
    /// A byte whose place is worked out when an error leaves this file: most places are never shown.
    fn byte(at: usize) -> Self {
        Self { line: 0, column: at }
    }

    fn within(self, text: &str) -> Self {
        let before = &text[..self.column.min(text.len())];
        let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let breaks = before.replace("\r\n", "\n").matches(['\n', '\r']).count();
        Self { line: breaks + 1, column: before[line..].chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not handed to Csound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is there.
    #[error("there is no text to send")]
    Empty,
    /// Too long.
    #[error("the text has {bytes} bytes; at most {most} can be sent at once")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// More than one line where one belongs.
    #[error("{place}: a single event is one line; send the lines one by one, or as a score")]
    Lines {
        /// Where the line breaks.
        place: Place,
    },
    /// No statement that can be sent.
    #[error("{place}: '{found}' begins no statement that can be sent here: {hint}")]
    Statement {
        /// Where.
        place: Place,
        /// The first character.
        found: char,
        /// What could stand there.
        hint: &'static str,
    },
    /// A string, comment or text without its end.
    #[error("{place}: the {what} that begins here is not closed; end it with {end}")]
    Open {
        /// Where it begins.
        place: Place,
        /// `string`, `comment`, `text`, `loop`.
        what: &'static str,
        /// What would close it.
        end: &'static str,
    },
    /// A bracket without its end.
    #[error("{place}: the '{bracket}' is not closed")]
    OpenBracket {
        /// Where.
        place: Place,
        /// The bracket.
        bracket: char,
    },
    /// An end without its beginning.
    #[error("{place}: the '{bracket}' closes nothing that is open here")]
    StrayBracket {
        /// Where.
        place: Place,
        /// The bracket.
        bracket: char,
    },
    /// A character that cannot be there.
    #[error("{place}: '{found}' cannot stand here: {hint}")]
    Character {
        /// Where.
        place: Place,
        /// The character.
        found: char,
        /// What to do.
        hint: &'static str,
    },
    /// Something is wrong in an expression in square brackets.
    #[error("{place}: in the expression {what}")]
    Expression {
        /// Where.
        place: Place,
        /// What is wrong and what is wanted.
        what: &'static str,
    },
    /// A number that is none, or not finite.
    #[error("{place}: '{word}' is not a number that Csound can use")]
    Number {
        /// Where.
        place: Place,
        /// What is there.
        word: String,
    },
    /// A p-field that cannot be what it is.
    #[error("{place}: {what}")]
    Field {
        /// Where.
        place: Place,
        /// What is wrong and what is wanted.
        what: &'static str,
    },
    /// Nothing stands where a value belongs.
    #[error("{place}: a value is missing behind this =")]
    NoValue {
        /// Where the = stands.
        place: Place,
    },
    /// A directive of the preprocessor.
    #[error("{place}: {word} works in a piece, not in text that is sent to it")]
    Directive {
        /// Where.
        place: Place,
        /// The directive.
        word: String,
    },
    /// A constant divided by zero.
    #[error("{place}: this divides by zero, which ends Csound 6.18")]
    DividedByZero {
        /// Where.
        place: Place,
    },
    /// Too many p-fields.
    #[error("{place}: the event has more than {MOST_FIELDS} p-fields")]
    ManyFields {
        /// Where the first one too many stands.
        place: Place,
    },
    /// Too long strings.
    #[error("{place}: the strings of an event can have {MOST_STRING} bytes together")]
    LongStrings {
        /// Where.
        place: Place,
    },
    /// Loops that make too much.
    #[error("{place}: with its loops the score makes more than {MOST_EVENTS} events at once")]
    ManyEvents {
        /// Where.
        place: Place,
    },
}

impl TextError {
    /// Where, if it is somewhere.
    pub fn place(&self) -> Option<Place> {
        self.clone().place_mut().copied()
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::Empty | Self::TooLong { .. } => None,
            Self::Lines { place }
            | Self::Statement { place, .. }
            | Self::Open { place, .. }
            | Self::OpenBracket { place, .. }
            | Self::StrayBracket { place, .. }
            | Self::Character { place, .. }
            | Self::Expression { place, .. }
            | Self::Number { place, .. }
            | Self::Field { place, .. }
            | Self::NoValue { place }
            | Self::Directive { place, .. }
            | Self::DividedByZero { place }
            | Self::ManyFields { place }
            | Self::LongStrings { place }
            | Self::ManyEvents { place } => Some(place),
        }
    }

    /// Turns a byte into a line and a column.
    fn within(mut self, text: &str) -> Self {
        if let Some(place) = self.place_mut() {
            *place = place.within(text);
        }
        self
    }
}

/// Checks one line of score text, as for `csound -L`.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_score_line(text: &str) -> Result<(), TextError> {
    line_event(text).map(drop)
}

/// Checks one line of score text, as for `csound -L`, and returns what `csoundInputMessage` should
/// get: the line without the blanks around it and without comments, which Csound 6.18 refuses there.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn line_event(text: &str) -> Result<String, TextError> {
    read_event(text).map_err(|error| error.within(text))
}

fn read_event(text: &str) -> Result<String, TextError> {
    check_length(text, LONGEST_LINE)?;
    let mut input = Input::new(text);
    input.skip_while(char::is_whitespace);
    let mut clean = String::new();
    let place = input.place();
    let Some(opcode) = input.next() else { return Err(TextError::Empty) };
    if !EVENTS.contains(opcode) {
        let hint = "an event begins with i, f, a, q, d or e";
        return Err(TextError::Statement { place, found: opcode, hint });
    }
    clean.push(opcode);
    let mut fields = Fields::new(opcode, place);
    loop {
        input.skip_while(is_blank);
        let place = input.place();
        let Some(found) = input.peek() else { break };
        if matches!(found, '\n' | '\r') {
            input.skip_while(char::is_whitespace);
            match input.peek() {
                None => break,
                Some(_) => return Err(TextError::Lines { place }),
            }
        }
        if input.skip_comment()? {
            continue;
        }
        let begin = input.at;
        let field = match found {
            '"' => Field::Text(event_string(&mut input)?.len()),
            '.' if !input.second().is_some_and(|next| next.is_ascii_digit()) => {
                input.next();
                if opcode != 'i' {
                    let what = "a dot repeats a p-field, and only in i events";
                    return Err(TextError::Field { place, what });
                }
                Field::Carry
            }
            '0'..='9' | '.' | '+' | '-' => Field::Number(number(&mut input)?),
            _ => return Err(not_in_an_event(place, found)),
        };
        fields.take(field, place)?;
        // A string shows its own end.
        if !matches!(field, Field::Text(_)) {
            input.expect_end_of_field()?;
        }
        clean.push(' ');
        clean.push_str(&text[begin..input.at]);
    }
    fields.check_count()?;
    Ok(clean)
}

/// Checks a score for a performance that is going on: events, expressions in `[ ]`, ramps, carries
/// and `{ }` loops. Tempo, sections, repeats, marks and macros of one's own belong in a piece's
/// score and are refused: live they do nothing, or too much.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_score(text: &str) -> Result<(), TextError> {
    read_score(text).map_err(|error| error.within(text))
}

fn read_score(text: &str) -> Result<(), TextError> {
    check_length(text, LONGEST_TEXT)?;
    let mut input = Input::new(text);
    let mut loops: Vec<Loop> = Vec::new();
    let mut events = 0_u64;
    let mut anything = false;
    loop {
        input.skip_while(char::is_whitespace);
        let place = input.place();
        if input.skip_score_comment()? {
            continue;
        }
        let Some(found) = input.next() else { break };
        anything = true;
        match found {
            '{' => loops.push(begin_loop(&mut input, place, &loops)?),
            '}' => {
                if loops.pop().is_none() {
                    return Err(TextError::StrayBracket { place, bracket: '}' });
                }
                end_of_line(&mut input)?;
            }
            '#' => return Err(directive(&mut input, place)),
            _ if STATEMENTS.contains(found) => {
                score_statement(&mut input, found, place, &loops)?;
                events += loops.last().map_or(1, |around| around.turns);
                if events > MOST_EVENTS {
                    return Err(TextError::ManyEvents { place });
                }
            }
            _ => return Err(TextError::Statement { place, found, hint: statement_hint(found) }),
        }
    }
    match loops.pop() {
        Some(open) => Err(TextError::Open { place: open.place, what: "loop", end: "} in a line of its own" }),
        None if anything => Ok(()),
        None => Err(TextError::Empty),
    }
}

/// Checks an orchestra for a performance that is going on: strings, comments and brackets closed, no
/// directives, no constant divided by zero. Whether it compiles, Csound says.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_orchestra(text: &str) -> Result<(), TextError> {
    read_orchestra(text).map_err(|error| error.within(text))
}

fn read_orchestra(text: &str) -> Result<(), TextError> {
    check_length(text, LONGEST_TEXT)?;
    let mut input = Input::new(text);
    let mut open: Vec<(Place, char)> = Vec::new();
    let mut anything = false;
    while let Some(found) = input.peek() {
        let place = input.place();
        if found.is_whitespace() || found == '\\' {
            input.next();
            continue;
        }
        if input.skip_comment()? {
            continue;
        }
        anything = true;
        match found {
            '"' if quoted(&mut input)?.contains("#exit") => {
                return Err(TextError::Directive { place, word: "#exit".to_owned() });
            }
            '"' => {}
            '{' if input.second() == Some('{') => drop(long_text(&mut input)?),
            '(' | '[' => {
                open.push((place, found));
                input.next();
            }
            ')' | ']' => {
                let begin = if found == ')' { '(' } else { '[' };
                match open.pop() {
                    Some((_, bracket)) if bracket == begin => {}
                    _ => return Err(TextError::StrayBracket { place, bracket: found }),
                }
                input.next();
            }
            '{' | '}' => {
                let hint = "braces come in pairs, around a text: {{ … }}";
                return Err(TextError::Character { place, found, hint });
            }
            '#' => {
                input.next();
                input.skip_while(is_blank);
                let word = input.word();
                let resets = word.is_empty() && input.peek() == Some('#');
                if resets || DIRECTIVES.contains(&word) {
                    return Err(TextError::Directive { place, word: format!("#{word}") });
                }
            }
            '=' => {
                input.next();
                if input.ends_line()? {
                    return Err(TextError::NoValue { place });
                }
            }
            '/' => {
                input.next();
                if input.is_zero() {
                    return Err(TextError::DividedByZero { place });
                }
            }
            _ if is_word(found) => drop(input.word()),
            _ => drop(input.next()),
        }
    }
    match open.pop() {
        Some((place, bracket)) => Err(TextError::OpenBracket { place, bracket }),
        None if anything => Ok(()),
        None => Err(TextError::Empty),
    }
}

/// A channel that an orchestra names with a literal string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedChannel {
    /// Its name.
    pub name: String,
    /// What it carries. A declaration (`chn_k` and its kin) decides, else the first use.
    pub kind: ChannelKind,
    /// Whether the piece reads it.
    pub reads: bool,
    /// Whether the piece writes it.
    pub writes: bool,
}

/// The channels that an orchestra, or the orchestras of a CSD, name with literal strings, in the
/// order of their first appearance. Macros are not expanded: names with `$` in them are left out.
pub fn scan_channel_names(text: &str) -> Vec<ScannedChannel> {
    let mut found = Channels::default();
    match super::orchestra_spans(text) {
        Some(spans) => spans.into_iter().for_each(|span| found.scan(&text[span])),
        None => found.scan(text),
    }
    found.channels
}

/// Directives of the orchestra's and the score's preprocessor. `#` alone is an operator.
const DIRECTIVES: [&str; 12] = [
    "define",
    "include",
    "includestr",
    "undef",
    "ifdef",
    "ifndef",
    "else",
    "end",
    "endif",
    "exit",
    "sline",
    "source",
];

fn check_length(text: &str, most: usize) -> Result<(), TextError> {
    if text.len() > most {
        return Err(TextError::TooLong { bytes: text.len(), most });
    }
    match text.find('\0') {
        Some(at) => {
            let place = Place::byte(at);
            Err(TextError::Character { place, found: '\0', hint: "Csound would stop reading" })
        }
        None => Ok(()),
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// A text and a place in it.
#[derive(Clone)]
struct Input<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Input<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn place(&self) -> Place {
        Place::byte(self.at)
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(wanted).len();
    }

    fn word(&mut self) -> &'a str {
        let begin = self.at;
        self.skip_while(is_word);
        &self.text[begin..self.at]
    }

    fn skip_line(&mut self) {
        self.skip_while(|next| !matches!(next, '\n' | '\r'));
    }

    /// Passes a comment, if one begins here.
    fn skip_comment(&mut self) -> Result<bool, TextError> {
        let rest = self.rest();
        if rest.starts_with(';') || rest.starts_with("//") {
            self.skip_line();
            return Ok(true);
        }
        let Some(inner) = rest.strip_prefix("/*") else { return Ok(false) };
        match inner.find("*/") {
            Some(end) => {
                self.at += end + 4;
                Ok(true)
            }
            None => Err(TextError::Open { place: self.place(), what: "comment", end: "*/" }),
        }
    }

    /// In a score, a `c` begins a comment too.
    fn skip_score_comment(&mut self) -> Result<bool, TextError> {
        if self.peek() == Some('c') {
            self.skip_line();
            return Ok(true);
        }
        self.skip_comment()
    }

    fn expect_end_of_field(&self) -> Result<(), TextError> {
        let ends = self.peek().is_none_or(|next| {
            next.is_whitespace() || matches!(next, '"' | ';') || self.rest().starts_with("//")
        });
        if ends || self.rest().starts_with("/*") {
            return Ok(());
        }
        let hint = "write a blank between p-fields";
        Err(TextError::Character { place: self.place(), found: self.peek().unwrap_or(' '), hint })
    }

    /// Whether nothing but blanks and comments is left of the line.
    fn ends_line(&self) -> Result<bool, TextError> {
        let mut input = self.clone();
        input.skip_while(is_blank);
        while input.skip_comment()? {
            input.skip_while(is_blank);
        }
        Ok(input.peek().is_none_or(|next| matches!(next, '\n' | '\r')))
    }

    /// Whether a literal zero stands here, perhaps in parentheses.
    fn is_zero(&self) -> bool {
        let mut input = self.clone();
        input.skip_while(|next| is_blank(next) || next == '(');
        let begin = input.at;
        input.skip_while(|next| is_word(next) || next == '.');
        let mut word = input.text[begin..input.at].to_ascii_lowercase();
        if matches!(input.peek(), Some('+' | '-')) && word.ends_with('e') && !word.starts_with("0x") {
            word.pop();
        }
        let digits = word.strip_prefix("0x").unwrap_or(&word);
        let mantissa = digits.split('e').next().unwrap_or_default();
        mantissa.contains('0')
            && mantissa.chars().all(|digit| matches!(digit, '0' | '.'))
            && word.chars().next().is_some_and(|first| first.is_ascii_digit() || first == '.')
    }
}

/// A number, from its sign to its exponent, or hexadecimal.
fn number(input: &mut Input) -> Result<f64, TextError> {
    let place = input.place();
    let begin = input.at;
    if matches!(input.peek(), Some('+' | '-')) {
        input.next();
    }
    let hexadecimal = input.rest().strip_prefix("0x").or(input.rest().strip_prefix("0X"));
    let value = match hexadecimal {
        Some(digits) => {
            let length = digits.find(|next: char| !next.is_ascii_hexdigit()).unwrap_or(digits.len());
            input.at += 2 + length;
            u32::from_str_radix(&digits[..length], 16).ok().map(f64::from)
        }
        None => {
            decimal(input);
            input.text[begin..input.at].parse::<f64>().ok().filter(|value| value.is_finite())
        }
    };
    value.ok_or_else(|| {
        input.skip_while(|next| !next.is_whitespace());
        TextError::Number { place, word: input.text[begin..input.at].chars().take(40).collect() }
    })
}

/// Passes digits, decimals and an exponent, if it is whole.
fn decimal(input: &mut Input) {
    let digit = |next: char| next.is_ascii_digit();
    input.skip_while(digit);
    if input.peek() == Some('.') {
        input.next();
        input.skip_while(digit);
    }
    let exponent = input.clone();
    if matches!(input.peek(), Some('e' | 'E')) {
        input.next();
        if matches!(input.peek(), Some('+' | '-')) {
            input.next();
        }
        match input.peek().is_some_and(digit) {
            true => input.skip_while(digit),
            false => *input = exponent,
        }
    }
}

/// A string of a line event: a quote behind a backslash never closes it, whatever stands before.
fn event_string<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
    let place = input.place();
    input.next();
    let begin = input.at;
    let mut previous = '"';
    while let Some(next) = input.next() {
        match next {
            '"' if previous != '\\' => return Ok(&input.text[begin..input.at - 1]),
            '\n' | '\r' => break,
            _ => previous = next,
        }
    }
    Err(TextError::Open { place, what: "string", end: "a quote that has no backslash before it" })
}

/// A string of a score: its reader pairs backslashes, the reader of events behind it does not.
fn score_string<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
    let begin = input.clone();
    let inside = quoted(input)?;
    check_score_string(inside, begin.place())?;
    match event_string(&mut begin.clone()) {
        Ok(same) if same == inside => Ok(inside),
        _ => {
            let hint = "a backslash before the closing quote hides it from Csound";
            Err(TextError::Character { place: begin.place(), found: '\\', hint })
        }
    }
}

/// The score's preprocessor of Csound 6.18 looks into strings: braces there end its process, and so
/// does an n or m before a blank, where no name follows.
fn check_score_string(inside: &str, place: Place) -> Result<(), TextError> {
    if let Some(found) = inside.chars().find(|next| matches!(next, '{' | '}' | '$' | '#')) {
        let hint = "Csound 6.18 does not leave it alone in a score's strings; send the line as an event";
        return Err(TextError::Character { place, found, hint });
    }
    let name = |next: char| next.is_ascii_alphabetic() || next == '_';
    let cut = inside.match_indices(['n', 'm']).any(|(at, _)| {
        let rest = &inside[at + 1..];
        rest.starts_with(is_blank) && !rest.trim_start_matches(is_blank).starts_with(name)
    });
    match cut {
        true => {
            let what = "in a score's string, n or m before a blank needs a letter behind the blank";
            Err(TextError::Field { place, what })
        }
        false => Ok(()),
    }
}

/// A string in quotes in one line, in which a backslash hides the next character.
fn quoted<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
    let place = input.place();
    input.next();
    let begin = input.at;
    while let Some(next) = input.next() {
        match next {
            '"' => return Ok(&input.text[begin..input.at - 1]),
            '\\' if !matches!(input.peek(), Some('\n' | '\r')) => drop(input.next()),
            '\n' | '\r' => break,
            _ => {}
        }
    }
    Err(TextError::Open { place, what: "string", end: "a quote in the same line" })
}

/// A text in double braces.
fn long_text<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
    let place = input.place();
    let begin = input.at + 2;
    match input.text[begin..].find("}}") {
        Some(length) => {
            input.at = begin + length + 2;
            Ok(&input.text[begin..begin + length])
        }
        None => Err(TextError::Open { place, what: "text", end: "}}" }),
    }
}

fn not_in_an_event(place: Place, found: char) -> TextError {
    let hint = match found {
        '[' | ']' | '(' | ')' => "expressions work in a score, not in a single event; write the number",
        '$' | '#' => "macros work in a piece, not in a single event; write the value",
        '<' | '>' | '~' | '^' | '!' => "ramps and carries work in a score; write the number",
        _ if found.is_alphabetic() => "p-fields are numbers, or strings in quotes",
        _ => "p-fields are numbers, or strings in quotes, with blanks between them",
    };
    TextError::Character { place, found, hint }
}

/// What a p-field is.
#[derive(Clone, Copy, Debug)]
enum Field {
    Number(f64),
    /// A string of so many bytes.
    Text(usize),
    /// A value that Csound finds: a carry, a ramp, an expression.
    Carry,
}

/// The p-fields of one statement.
struct Fields {
    opcode: char,
    place: Place,
    count: usize,
    string_bytes: usize,
    first: f64,
}

impl Fields {
    fn new(opcode: char, place: Place) -> Self {
        Self { opcode, place, count: 0, string_bytes: 0, first: 1.0 }
    }

    fn take(&mut self, field: Field, place: Place) -> Result<(), TextError> {
        self.count += 1;
        if self.count > MOST_FIELDS {
            return Err(TextError::ManyFields { place });
        }
        let wrong = |what| Err(TextError::Field { place, what });
        let event = "iqd".contains(self.opcode);
        match (self.count, field) {
            (1, Field::Number(value)) if self.opcode == 'f' && value.abs() > MOST_TABLES => {
                return wrong("the number of a table can be at most 1000000");
            }
            (1, Field::Number(value)) => self.first = value,
            (1, Field::Text(_)) if !event => return wrong("p1 of this statement is a number"),
            (2, Field::Text(_)) => return wrong("p2 is the time and must be a number"),
            (3, Field::Text(_)) if self.opcode != 'e' => {
                return wrong("p3 must be a number; strings may follow from p4");
            }
            (2, Field::Number(value)) if value < 0.0 && EVENTS.contains(self.opcode) => {
                return wrong("p2 is the time from now and cannot be negative");
            }
            _ => {}
        }
        if let Field::Text(bytes) = field {
            self.string_bytes += bytes + 1;
            if self.string_bytes > MOST_STRING {
                return Err(TextError::LongStrings { place });
            }
        }
        Ok(())
    }

    fn check_count(&self) -> Result<(), TextError> {
        let (least, what) = match self.opcode {
            'i' | 'q' | 'a' => (3, "the event is too short: it needs p1, p2 and p3"),
            'd' => (2, "the event is too short: it needs p1 and p2"),
            'f' if self.first > 0.0 => {
                (4, "a table needs its number, the time, its size and the GEN routine")
            }
            'f' if self.first == 0.0 => (2, "f 0 needs a time"),
            'f' => (1, "the event is too short: it needs p1"),
            _ => (0, ""),
        };
        match self.count < least {
            true => Err(TextError::Field { place: self.place, what }),
            false => Ok(()),
        }
    }
}

/// A loop in a score, around what is read.
#[derive(Clone, Debug)]
struct Loop {
    place: Place,
    name: String,
    /// How often its inside is read, outer loops counted.
    turns: u64,
}

/// `{ COUNT NAME`, in a line of its own.
fn begin_loop(input: &mut Input, place: Place, around: &[Loop]) -> Result<Loop, TextError> {
    let wrong = |input: &Input| TextError::Field {
        place: input.place(),
        what: "a loop begins with { COUNT NAME in a line of its own, such as { 4 N",
    };
    if around.len() >= DEEPEST_LOOP {
        return Err(TextError::Field { place, what: "loops are nested too deeply" });
    }
    input.skip_while(is_blank);
    let digits = input.clone().word();
    let count = digits.parse::<u64>().ok().filter(|count| (1..=MOST_EVENTS).contains(count));
    let Some(count) = count else { return Err(wrong(input)) };
    input.at += digits.len();
    input.skip_while(is_blank);
    let name = input.word();
    let good = name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() <= 30;
    // A c would begin a comment in Csound's eyes.
    if !good || name.contains('c') {
        return Err(wrong(input));
    }
    end_of_line(input)?;
    let turns = around.last().map_or(1, |outer| outer.turns).saturating_mul(count);
    if turns > MOST_EVENTS {
        return Err(TextError::ManyEvents { place });
    }
    Ok(Loop { place, name: name.to_owned(), turns })
}

/// Expects nothing more in the line but a comment. Block comments do not count: Csound does not
/// look for their end there.
fn end_of_line(input: &mut Input) -> Result<(), TextError> {
    input.skip_while(is_blank);
    match input.peek() {
        None | Some('\n' | '\r') => Ok(()),
        Some(';') => {
            input.skip_line();
            Ok(())
        }
        Some(found) => {
            let hint = "the braces of a loop stand in lines of their own";
            Err(TextError::Character { place: input.place(), found, hint })
        }
    }
}

fn statement_hint(found: char) -> &'static str {
    match found {
        't' | 'w' => "the tempo belongs in a piece's own score",
        's' | 'r' | 'm' | 'n' => "sections, repeats and marks belong in a piece's own score",
        '$' => "macros belong in a piece's own score",
        _ => "a score statement begins with i, f, a, q, d, e, b, v, B, C, x or y",
    }
}

fn directive(input: &mut Input, place: Place) -> TextError {
    input.skip_while(is_blank);
    TextError::Directive { place, word: format!("#{}", input.word()) }
}

/// The p-fields of one statement, to the end of its line.
fn score_statement(input: &mut Input, opcode: char, place: Place, loops: &[Loop]) -> Result<(), TextError> {
    let mut fields = Fields::new(opcode, place);
    loop {
        input.skip_while(is_blank);
        let place = input.place();
        let Some(found) = input.peek() else { break };
        if matches!(found, '\n' | '\r') {
            break;
        }
        if input.skip_score_comment()? {
            continue;
        }
        let field = score_field(input, opcode, found, fields.count, loops)?;
        fields.take(field, place)?;
        // A string shows its own end.
        if !matches!(field, Field::Text(_)) {
            input.expect_end_of_field()?;
        }
    }
    fields.check_count()
}

fn score_field(
    input: &mut Input,
    opcode: char,
    found: char,
    before: usize,
    loops: &[Loop],
) -> Result<Field, TextError> {
    let place = input.place();
    let digit_follows = |next: Option<char>| next.is_some_and(|next| next.is_ascii_digit() || next == '.');
    match found {
        '[' => {
            let mut expression = Expression { input, loops, operators: 0 };
            expression.bracket(']')?;
            Ok(Field::Carry)
        }
        '"' => {
            let inside = score_string(input)?;
            // Csound 6.18 crashes on an instrument's name with a blank in it.
            let plain = |next: char| is_word(next) || matches!(next, '.' | '-' | '+');
            if before == 0 && (inside.is_empty() || !inside.chars().all(plain)) {
                let what = "the name of an instrument has letters, digits and _ only";
                return Err(TextError::Field { place, what });
            }
            Ok(Field::Text(inside.len()))
        }
        '$' => {
            loop_name(input, loops)?;
            Ok(Field::Carry)
        }
        '.' | '+' if opcode == 'i' && !digit_follows(input.second()) => {
            input.next();
            Ok(Field::Carry)
        }
        '^' if opcode == 'i' && before == 1 && matches!(input.second(), Some('+' | '-')) => {
            input.next();
            number(input)?;
            Ok(Field::Carry)
        }
        '<' | '>' | '(' | ')' | '~' | '!' if opcode == 'i' && before >= 3 => {
            input.next();
            Ok(Field::Carry)
        }
        'n' | 'p' => {
            let what =
                "np and pp belong in a piece's own score: Csound 6.18 does not survive some of them live";
            Err(TextError::Field { place, what })
        }
        'z' if (1..=2).contains(&before) => {
            input.next();
            Ok(Field::Carry)
        }
        '0'..='9' | '.' | '+' | '-' => {
            if input.rest().trim_start_matches(['+', '-']).to_ascii_lowercase().starts_with("0x") {
                return Err(TextError::Number { place, word: "0x".to_owned() });
            }
            number(input).map(Field::Number)
        }
        '#' => Err(directive(input, place)),
        ']' | '}' | ')' => Err(TextError::StrayBracket { place, bracket: found }),
        _ => {
            let hint = "p-fields are numbers, strings in quotes, expressions in [ ], carries and ramps";
            Err(TextError::Character { place, found, hint })
        }
    }
}

/// `$NAME` or `$NAME.` of a loop around.
fn loop_name(input: &mut Input, loops: &[Loop]) -> Result<(), TextError> {
    let place = input.place();
    input.next();
    let name = input.word();
    if !loops.iter().any(|around| around.name == name) {
        let hint = "only the names of the loops around can be used; macros belong in a piece's own score";
        return Err(TextError::Character { place, found: '$', hint });
    }
    if input.peek() == Some('.') {
        input.next();
    }
    Ok(())
}

/// An expression in square brackets. Csound 6.18 checks little of what it assumes, so it has to be
/// well formed: operands and operators in turn, signs before numbers only, blanks but no tabs.
struct Expression<'i, 'a, 'l> {
    input: &'i mut Input<'a>,
    loops: &'l [Loop],
    operators: usize,
}

impl Expression<'_, '_, '_> {
    /// Reads from an opening bracket to its end.
    fn bracket(&mut self, end: char) -> Result<(), TextError> {
        let opening = self.input.place();
        let bracket = self.input.next().unwrap_or('[');
        self.count(opening)?;
        loop {
            self.operand(opening, bracket)?;
            self.blanks();
            let place = self.input.place();
            let Some(found) = self.input.peek() else {
                return Err(TextError::OpenBracket { place: opening, bracket });
            };
            match found {
                _ if found == end => {
                    self.input.next();
                    return Ok(());
                }
                '+' | '-' | '*' | '/' | '%' | '^' | '&' | '|' | '#' => {
                    self.input.next();
                    self.count(place)?;
                    let comment = found == '/' && matches!(self.input.peek(), Some('/' | '*'));
                    if found == '/' && !comment && self.input.is_zero() {
                        return Err(TextError::DividedByZero { place });
                    }
                }
                ')' | ']' => return Err(TextError::StrayBracket { place, bracket: found }),
                '\n' | '\r' => return Err(TextError::OpenBracket { place: opening, bracket }),
                _ => {
                    let what = "an operator or the closing bracket is missing here";
                    return Err(TextError::Expression { place, what });
                }
            }
        }
    }

    fn operand(&mut self, opening: Place, bracket: char) -> Result<(), TextError> {
        self.blanks();
        let place = self.input.place();
        match self.input.peek() {
            None | Some('\n' | '\r') => Err(TextError::OpenBracket { place: opening, bracket }),
            Some('(') => self.bracket(')'),
            Some('[') => self.bracket(']'),
            Some('~') => {
                self.input.next();
                Ok(())
            }
            Some('$') => loop_name(self.input, self.loops),
            Some('@') => {
                let begin = self.input.at;
                self.input.skip_while(|next| next == '@');
                let marks = self.input.at - begin;
                let digits = self.input.clone().word();
                let good = digits.len() <= 7 && digits.parse::<u32>().is_ok() && marks <= 2;
                if !good {
                    let what = "@ and @@ need a whole number behind them";
                    return Err(TextError::Expression { place, what });
                }
                self.input.at += digits.len();
                Ok(())
            }
            Some('0'..='9' | '.' | '+' | '-') => self.literal(),
            Some(_) => {
                let what = "a number is missing here";
                Err(TextError::Expression { place, what })
            }
        }
    }

    fn literal(&mut self) -> Result<(), TextError> {
        let begin = self.input.at;
        let place = self.input.place();
        let hexadecimal = self.input.rest().trim_start_matches(['+', '-']).to_ascii_lowercase();
        if hexadecimal.starts_with("0x") {
            return Err(TextError::Expression { place, what: "hexadecimal numbers cannot be used" });
        }
        number(self.input)?;
        match self.input.at - begin > LONGEST_NUMBER {
            true => Err(TextError::Expression { place, what: "this number is too long" }),
            false => Ok(()),
        }
    }

    fn blanks(&mut self) {
        self.input.skip_while(|next| next == ' ');
    }

    fn count(&mut self, place: Place) -> Result<(), TextError> {
        self.operators += 1;
        match self.operators > MOST_OPERATORS {
            true => Err(TextError::Expression { place, what: "there are too many operators; use less" }),
            false => Ok(()),
        }
    }
}

/// Which argument of an opcode names a channel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    First,
    Second,
    All,
}

/// What decides a channel's kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decides {
    /// The opcode itself.
    Opcode(ChannelKind),
    /// The opcode itself, which declares the channel with a direction.
    Declaration(ChannelKind),
    /// What the opcode gives.
    Output,
    /// The argument of this number, from 0.
    Argument(usize),
}

/// An opcode that names channels.
struct ChannelOpcode {
    name: &'static str,
    named: Named,
    decides: Decides,
    reads: bool,
    writes: bool,
}

const fn channel_opcode(
    name: &'static str,
    named: Named,
    decides: Decides,
    direction: &str,
) -> ChannelOpcode {
    let reads = direction.as_bytes()[0] == b'r';
    ChannelOpcode { name, named, decides, reads, writes: !reads }
}

const CHANNEL_OPCODES: [ChannelOpcode; 19] = [
    channel_opcode("chnget", Named::First, Decides::Output, "reads"),
    channel_opcode("chngeti", Named::First, Decides::Opcode(ChannelKind::Control), "reads"),
    channel_opcode("chngetk", Named::First, Decides::Opcode(ChannelKind::Control), "reads"),
    channel_opcode("chngeta", Named::First, Decides::Opcode(ChannelKind::Audio), "reads"),
    channel_opcode("chngets", Named::First, Decides::Opcode(ChannelKind::Text), "reads"),
    channel_opcode("chnset", Named::Second, Decides::Argument(0), "writes"),
    channel_opcode("chnseti", Named::Second, Decides::Opcode(ChannelKind::Control), "writes"),
    channel_opcode("chnsetk", Named::Second, Decides::Opcode(ChannelKind::Control), "writes"),
    channel_opcode("chnseta", Named::Second, Decides::Opcode(ChannelKind::Audio), "writes"),
    channel_opcode("chnsets", Named::Second, Decides::Opcode(ChannelKind::Text), "writes"),
    channel_opcode("chnsetks", Named::Second, Decides::Opcode(ChannelKind::Text), "writes"),
    channel_opcode("chnmix", Named::Second, Decides::Opcode(ChannelKind::Audio), "writes"),
    channel_opcode("chnclear", Named::All, Decides::Opcode(ChannelKind::Audio), "writes"),
    channel_opcode("chnexport", Named::First, Decides::Output, "reads"),
    channel_opcode("chn_k", Named::First, Decides::Declaration(ChannelKind::Control), "reads"),
    channel_opcode("chn_a", Named::First, Decides::Declaration(ChannelKind::Audio), "reads"),
    channel_opcode("chn_S", Named::First, Decides::Declaration(ChannelKind::Text), "reads"),
    channel_opcode("invalue", Named::First, Decides::Output, "reads"),
    channel_opcode("outvalue", Named::First, Decides::Argument(1), "writes"),
];

/// A word of an orchestra.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(String),
    Symbol(char),
}

impl Token<'_> {
    fn is(&self, symbol: char) -> bool {
        *self == Token::Symbol(symbol)
    }
}

/// The next statement's words; `None` at the end.
fn statement<'a>(input: &mut Input<'a>) -> Option<Vec<Token<'a>>> {
    let mut tokens = Vec::new();
    loop {
        let Some(found) = input.peek() else {
            return if tokens.is_empty() { None } else { Some(tokens) };
        };
        match input.skip_comment() {
            Ok(true) => continue,
            Ok(false) => {}
            Err(_) => input.at = input.text.len(),
        }
        match found {
            '\n' | '\r' => {
                input.next();
                // A list goes on behind a comma.
                let ends = tokens.last().is_some_and(|token: &Token| !token.is(','));
                if ends {
                    return Some(tokens);
                }
            }
            '\\' => {
                input.next();
                let line = input.clone();
                input.skip_while(is_blank);
                let _ = input.skip_comment();
                input.skip_while(|next| next == '\r');
                if input.next() != Some('\n') {
                    *input = line;
                }
            }
            '"' => {
                if let Ok(inside) = quoted(input) {
                    tokens.push(Token::Text(inside.replace("\\\"", "\"").replace("\\\\", "\\")));
                }
            }
            '{' if input.second() == Some('{') => match long_text(input) {
                Ok(inside) => tokens.push(Token::Text(inside.to_owned())),
                Err(_) => input.at = input.text.len(),
            },
            _ if is_word(found) => tokens.push(Token::Word(input.word())),
            _ => {
                input.next();
                if !found.is_whitespace() {
                    tokens.push(Token::Symbol(found));
                }
            }
        }
    }
}

/// The channels found so far.
#[derive(Default)]
struct Channels {
    channels: Vec<ScannedChannel>,
}

impl Channels {
    fn scan(&mut self, orchestra: &str) {
        let mut input = Input::new(orchestra);
        while let Some(tokens) = statement(&mut input) {
            for (index, token) in tokens.iter().enumerate() {
                let Token::Word(word) = token else { continue };
                if let Some(opcode) = CHANNEL_OPCODES.iter().find(|opcode| opcode.name == *word) {
                    self.call(opcode, &tokens, index);
                }
            }
        }
    }

    fn call(&mut self, opcode: &ChannelOpcode, tokens: &[Token], index: usize) {
        let mut after = &tokens[index + 1..];
        let mut output = tokens.first();
        if let [Token::Symbol(':'), kind @ Token::Word(_), rest @ ..] = after {
            output = Some(kind);
            after = rest;
        }
        let arguments = arguments(opcode, after);
        let kind = match opcode.decides {
            Decides::Opcode(kind) | Decides::Declaration(kind) => kind,
            Decides::Output => output.map_or(ChannelKind::Control, kind_of_variable),
            Decides::Argument(number) => {
                arguments.get(number).map_or(ChannelKind::Control, |tokens| kind_of_value(tokens))
            }
        };
        let declared = matches!(opcode.decides, Decides::Declaration(_));
        let (mut reads, mut writes) = (opcode.reads, opcode.writes);
        if declared || opcode.name == "chnexport" {
            // 1 is from the host, 2 to the host, 3 both.
            let mode = match arguments.get(1) {
                Some([Token::Word(digits)]) => digits.parse().unwrap_or(3_u32),
                _ => 3,
            };
            (reads, writes) = (mode & 1 != 0, mode & 2 != 0);
        }
        let named = match opcode.named {
            Named::First => arguments.get(..1),
            Named::Second => arguments.get(1..2),
            Named::All => Some(arguments.as_slice()),
        };
        for argument in named.unwrap_or_default() {
            if let [Token::Text(name)] = argument {
                self.add(name, kind, reads, writes, declared);
            }
        }
    }

    fn add(&mut self, name: &str, kind: ChannelKind, reads: bool, writes: bool, declared: bool) {
        if name.is_empty() || name.contains('$') {
            return;
        }
        match self.channels.iter_mut().find(|channel| channel.name == name) {
            Some(channel) => {
                channel.reads |= reads;
                channel.writes |= writes;
                if declared {
                    channel.kind = kind;
                }
            }
            None => self.channels.push(ScannedChannel { name: name.to_owned(), kind, reads, writes }),
        }
    }
}

/// The arguments of an opcode, or of a function: where a parenthesis follows, it is a function's,
/// unless it is no more than a first argument of an opcode that names the channel second.
fn arguments<'t, 'a>(opcode: &ChannelOpcode, after: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    if let Some((first, inside)) = after.split_first()
        && first.is('(')
    {
        let end = end_of_group(inside).unwrap_or(inside.len());
        let arguments = split_at_commas(&inside[..end]);
        if opcode.named != Named::Second || arguments.len() > 1 {
            return arguments;
        }
    }
    split_at_commas(&after[..end_of_group(after).unwrap_or(after.len())])
}

fn split_at_commas<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0;
    let split = tokens.split(|token| {
        depth += i32::from(token.is('(') || token.is('[')) - i32::from(token.is(')') || token.is(']'));
        depth == 0 && token.is(',')
    });
    split.collect()
}

/// Where the parenthesis around these words closes.
fn end_of_group(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_i32;
    tokens.iter().position(|token| {
        depth += i32::from(token.is('(')) - i32::from(token.is(')'));
        depth < 0
    })
}

/// The kind of a variable by its name, or of a type annotation.
fn kind_of_variable(token: &Token) -> ChannelKind {
    let Token::Word(name) = token else { return ChannelKind::Control };
    let name = match name.strip_prefix('g') {
        Some(global) if global.starts_with(['a', 'k', 'i', 'S', 'f', 'p']) => global,
        _ => name,
    };
    match name.chars().next() {
        Some('a') => ChannelKind::Audio,
        Some('S') => ChannelKind::Text,
        _ => ChannelKind::Control,
    }
}

/// The kind of a value: audio or a string, if any operand is.
fn kind_of_value(tokens: &[Token]) -> ChannelKind {
    let mut depth = 0_i32;
    let mut kind = ChannelKind::Control;
    for (index, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is('(')) - i32::from(token.is(')'));
        if depth > 0 || kind != ChannelKind::Control {
            continue;
        }
        kind = match (token, &tokens[index + 1..]) {
            (Token::Text(_), _) => ChannelKind::Text,
            (Token::Word(_), [Token::Symbol(':'), annotation, ..]) => kind_of_variable(annotation),
            // Of all functions, a() alone makes audio whatever it gets.
            (Token::Word("a"), [next, ..]) if next.is('(') => ChannelKind::Audio,
            (Token::Word("sprintf" | "sprintfk"), [next, ..]) if next.is('(') => ChannelKind::Text,
            (Token::Word(_), [next, ..]) if next.is('(') => ChannelKind::Control,
            (word @ Token::Word(_), _) => kind_of_variable(word),
            _ => ChannelKind::Control,
        };
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: usize, column: usize) -> Place {
        Place { line, column }
    }

    #[test]
    fn good_events_pass_and_are_handed_on_without_blanks_and_comments() {
        for (line, clean) in [
            ("i1 0 1", "i 1 0 1"),
            ("i \"bell\" 0 1 \"a b\" ; soft", "i \"bell\" 0 1 \"a b\""),
            ("i\"bell\"0 1", "i \"bell\" 0 1"),
            ("f 1 0 16 10 1 // sine", "f 1 0 16 10 1"),
            ("i1 0 1 /* loud */ 3", "i 1 0 1 3"),
            ("e", "e"),
            ("e 1\n", "e 1"),
            ("i -1 0 1\r\n", "i -1 0 1"),
            ("q 1 0 0", "q 1 0 0"),
            ("a 0 0 10", "a 0 0 10"),
            ("d 1.5 0", "d 1.5 0"),
            ("f -1", "f -1"),
            ("f0 5", "f 0 5"),
            (" i 1.5 0.25 -1 .5 +1e-3 0x10 1.", "i 1.5 0.25 -1 .5 +1e-3 0x10 1."),
            ("i1 0 . .", "i 1 0 . ."),
            ("i1 0 1 \"a\\\"b\" \"é\"", "i 1 0 1 \"a\\\"b\" \"é\""),
        ] {
            assert_eq!(line_event(line).as_deref(), Ok(clean), "{line}");
            assert_eq!(check_score_line(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn an_event_that_would_crash_its_reader_is_refused_with_its_place() {
        let open = |what, end, column| Err(TextError::Open { place: place(1, column), what, end });
        let quote = "a quote that has no backslash before it";
        assert_eq!(check_score_line("i1 0 1 \"ab"), open("string", quote, 8));
        assert_eq!(check_score_line("i1 0 1 \"a\\\""), open("string", quote, 8));
        // Csound 6.18 does not pair backslashes here: the second one still hides the quote.
        assert_eq!(check_score_line("i1 0 1 \"a\\\\\""), open("string", quote, 8));
        assert_eq!(check_score_line("i1 0 1 \"a\nb\""), open("string", quote, 8));
        assert_eq!(check_score_line("i1 0 /* 1"), open("comment", "*/", 6));
        assert_eq!(check_score_line("  é"), statement_error('é', 3));
        assert_eq!(check_score_line("#define X #1#"), statement_error('#', 1));
        assert_eq!(check_score_line("{"), statement_error('{', 1));
        assert_eq!(check_score_line("t 0 60"), statement_error('t', 1));
        assert_eq!(check_score_line(""), Err(TextError::Empty));
        assert_eq!(check_score_line(" \n"), Err(TextError::Empty));
        assert_eq!(check_score_line("i1 0 1\ni1 0 1"), Err(TextError::Lines { place: place(1, 7) }));
        let long = format!("i1 {}", "0".repeat(LONGEST_LINE));
        assert_eq!(
            check_score_line(&long),
            Err(TextError::TooLong { bytes: long.len(), most: LONGEST_LINE })
        );
        let many = format!("i1 0 1 {}", "0 ".repeat(2000));
        assert!(matches!(check_score_line(&many), Err(TextError::ManyFields { .. })));
        let strings = format!("i1 0 1 {}", "\"abcdefghij\" ".repeat(100));
        assert!(matches!(check_score_line(&strings), Err(TextError::LongStrings { .. })));
        let nul = check_score_line("i1 0 1\0");
        assert!(matches!(nul, Err(TextError::Character { found: '\0', .. })), "{nul:?}");
    }

    fn statement_error(found: char, column: usize) -> Result<(), TextError> {
        let hint = "an event begins with i, f, a, q, d or e";
        Err(TextError::Statement { place: place(1, column), found, hint })
    }

    #[test]
    fn an_event_that_csound_would_misread_is_refused() {
        // Csound 6.18 takes a sign alone for 1998 p-fields of zero, and drops the other lines.
        for line in [
            "i1 0 + 1",
            "i1 + 1",
            "i1 0 1 -",
            "i1 0 1 .x",
            "i1 0 -inf",
            "i1 0 +nan",
            "i1 0 1e400",
            "i1 0 1x",
            "i1 0 1-2",
            "i1 0 1 1.2.3",
            "i1 0 [1+2]",
            "i1 0 $X",
            "i1 0 1 <",
            "i bell 0 1",
            "i1 0",
            "i1",
            "i",
            "f1 0 16",
            "f",
            "a 0 0",
            "d 1",
            "q 1 0",
            "f 999999991 0 16 10 1",
            "i1 -1 1",
            "i 1 \"x\" 1",
            "i 1 0 \"x\"",
            "a 0 . 1",
            "f \"x\" 0 16 10 1",
            "i1 0 1é",
            "i1 0 1 \u{a0}2",
            "i1,0,1",
            "i1 0 1 0x",
            "s",
            "i1 0 1}",
        ] {
            assert!(check_score_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn an_error_says_where_and_what_to_do() {
        let words = check_score_line("i1 0 [1+2]").unwrap_err().to_string();
        assert!(words.contains("line 1, column 6") && words.contains("write the number"), "{words}");
        let words = check_score("i1 0 1\r\ni1 0 1\n  i1 0 [1+").unwrap_err().to_string();
        assert!(words.contains("line 3, column 8") && words.contains("'['"), "{words}");
        assert_eq!(check_score("i1 0 1\r\rx é é y\rfoo 1\rz").unwrap_err().place(), Some(place(3, 3)));
    }

    #[test]
    fn good_scores_pass() {
        // Csound 6.18 plays all of these when they are read live.
        for score in [
            "i1 0 1",
            "i1 0 1\n\ni1 0 2\r\ni1 0 3\ri1 0 4",
            "i1 0 [1+2]",
            "i1 0 1 [(1+2)*3] [[1+2]*3] [ [1 ] + 2 ]",
            "i1 0 [~ * 10] [@5] [@@5] [2*-3] [-3] [1.5e2 + .5] [2^3] [1#2] [1|2] [5&1] [5%2]",
            "i[1] 0 1",
            "i1 0 1 5\ni1 + . <\ni1 ^+1 1 9\ni1 ^-1 1 ~ ! ",
            "i1 0 1 (\ni1 1 1 )",
            "{ 3 N\n{ 2 M ; inner\ni1 [$N+$M*2] $N. 1\n}\n}\n",
            "{3 N\ni1 0 1\n}",
            "c hello \"\ni1 0 1 c hello\n; é \"\ni1 0 1 // \"\n/* \" [ {\n */ i1 0 1 /* x\n*/ 3",
            "f 1 0 16 10 1\na 0 0 1\nq 1 0 0\nd 1 0 1\nb 1\nv 2\nB 1\nC 0\ny 5\nx\ne 3",
            "i \"bell\" 0 1 \"a b\" \"é\" \"main theme\" \"[1+\"",
            "i1 0 z",
            "f0 z",
        ] {
            assert_eq!(check_score(score), Ok(()), "{score}");
        }
    }

    #[test]
    fn a_score_that_would_crash_its_reader_is_refused() {
        // Csound 6.18 ends its process on each of these, when they are read live.
        for score in [
            "/* abc",
            "i1 0 [1+",
            "i1 0 [1+2",
            "i1 0 [foo]",
            "i1 0 1 []",
            "i1 0 1 [(1+2*3]",
            "i1 0 1 [1 +\t2]",
            "i1 0 1 [-(2)]",
            "i1 0 1 [!2]",
            "i1 0 1 [2 3]",
            "}",
            "{",
            "{ 0 N\n}",
            "i1 0 1 {\n",
            "#define X",
            "#include \"nope\"",
            "r",
            "i1 0 1 n",
            "i1 0 1 p",
            "i \"a b\" 0 1",
            "i1 0 1 \"{\"",
            "i1 0 1 \"}\"",
            "i1 0 1 \"#loop\"",
            "i1 0 1 \"main 5\"",
            "i1 0 1 \"main \"",
        ] {
            assert!(check_score(score).is_err(), "{score}");
        }
        for (before, after) in [("(", ")"), ("2^", "")] {
            let score = format!("i1 0 1 [{}1{}]", before.repeat(60), after.repeat(60));
            assert!(matches!(check_score(&score), Err(TextError::Expression { .. })), "{score}");
        }
        let digits = format!("i1 0 1 [{}]", "1".repeat(300));
        assert!(matches!(check_score(&digits), Err(TextError::Expression { .. })));
    }

    #[test]
    fn a_score_that_would_do_nothing_or_too_much_is_refused_with_a_reason() {
        for score in [
            "",
            " \n",
            "; only a comment",
            "i1 0 1 \"abc",
            "i1 0 1 \"a\\\\\"",
            "i1 0 1 foo",
            "foo",
            "1 2 3",
            "i1 0 1 i1 0 2",
            "t 0 60",
            "s",
            "r 100000000",
            "m x",
            "n x",
            "w 1",
            "$X",
            "i1 0 $X",
            "i1 0 1 \\\n 2",
            "i1 0 1 - 2",
            "i1 0 1 1e",
            "i1 0 1e400",
            "i1 0 1 0x10",
            "i1 0 [1/0]",
            "i1 0 [1/ 0.0]",
            "i1 0 1+2]",
            "{ 2 N\ni1 0 1",
            "{ 2 N i1 0 1\n}",
            "{ 2\ni1 0 1\n}",
            "{ 2 c\ni1 0 1\n}",
            "{ 20000 N\ni1 0 1\n}",
            "{ 200 N\n{ 200 M\ni1 0 1\n}\n}",
            "{ 2 N\ni1 $M 1\n}",
            "{ 2 N\ni1 $N5 1\n}",
            "i1 0 1 \"$X\"",
            "i1 0 1 [1+\"a\"]",
            "i1 0 1 ^+1",
            "i1 0 1 np4",
            "i1 0 1 pp4",
            "i1 0 1 np0",
            "i \"\" 0 1",
            "i1 0 1 [1//2]",
            "i1 0 1 [@]",
            "i1 0 1 [1][2]",
            "i1 0 1 [0x10]",
            "i1 0 1 #",
        ] {
            assert!(check_score(score).is_err(), "{score}");
        }
        let many = format!("{{ 9000 N\n{}}}\n", "i1 0 1\n".repeat(2));
        assert!(matches!(check_score(&many), Err(TextError::ManyEvents { .. })));
    }

    #[test]
    fn good_orchestras_pass() {
        for orchestra in [
            "instr 2\nprints \"hi\"\nendin\n",
            "instr 2\nprints \"a\\\"b ; /* {{ (\"\nendin",
            "instr 2\nprints \"a\\\\\"\nendin",
            "gS = {{ a \"b\" /* ; ( }}\n",
            "instr 2\nk1[] init 2\nk1[0] = (1 + k1[1]) * 2 ; ) ]\nendin // )",
            "gi1 = 5 # 3\ngi2 = gi1/0.5 + 1/ 10 + gi1/0dbfs + 0/1 + 1e0/1e0",
            "a1 = sin(\\\n1)",
            "gi1 = $X",
        ] {
            assert_eq!(check_orchestra(orchestra), Ok(()), "{orchestra}");
        }
    }

    #[test]
    fn an_orchestra_that_would_crash_or_cannot_compile_is_refused_with_its_place() {
        let open = |what, end, line, column| Err(TextError::Open { place: place(line, column), what, end });
        assert_eq!(check_orchestra("instr 2\n /* foo\nendin\n"), open("comment", "*/", 2, 2));
        assert_eq!(check_orchestra("prints \"hi\n\""), open("string", "a quote in the same line", 1, 8));
        assert_eq!(check_orchestra("prints \"hi\\\""), open("string", "a quote in the same line", 1, 8));
        assert_eq!(check_orchestra("prints {{ hi }"), open("text", "}}", 1, 8));
        let bracket = |bracket, column| Err(TextError::OpenBracket { place: place(1, column), bracket });
        assert_eq!(check_orchestra("k1 = (1+2"), bracket('(', 6));
        assert_eq!(check_orchestra("k1 = k1[0"), bracket('[', 8));
        let stray = |bracket, column| Err(TextError::StrayBracket { place: place(1, column), bracket });
        assert_eq!(check_orchestra("k1 = 1)"), stray(')', 7));
        assert_eq!(check_orchestra("k1 = (k1[1)]"), stray(')', 11));
        // Csound 6.18 folds constants and then crashes on the infinite one.
        for division in ["1/0", "1/0.0", "1/.0", "1/(0)", "1/ 0 + 2", "(1)/0", "1/0x0", "1/0e5"] {
            let error = check_orchestra(&format!("gi1 = {division}"));
            assert!(matches!(error, Err(TextError::DividedByZero { .. })), "{division}: {error:?}");
        }
        // Csound 6.18 crashes on a line that ends with =.
        for missing in ["gi1 =\n", "gi1 =", "gi1 = ; 5\n", "gi1 = /* 5 */ // 5\n"] {
            let error = check_orchestra(missing);
            assert!(matches!(error, Err(TextError::NoValue { .. })), "{missing}: {error:?}");
        }
        for directive in [
            "#include \"x\"",
            "# define X #1#",
            "#undef X",
            "#ifdef X",
            "#else",
            "#end",
            "#exit",
            "###\n",
            "\"#exit\"",
        ] {
            let error = check_orchestra(directive);
            assert!(matches!(error, Err(TextError::Directive { .. })), "{directive}: {error:?}");
        }
        for nothing in ["", " ", "; foo \"", "/* \" */", "// x"] {
            assert_eq!(check_orchestra(nothing), Err(TextError::Empty), "{nothing}");
        }
        assert!(matches!(check_orchestra("}}"), Err(TextError::Character { found: '}', .. })));
        assert!(matches!(check_orchestra("a\0"), Err(TextError::Character { found: '\0', .. })));
        let long = " ".repeat(LONGEST_TEXT + 1);
        assert!(matches!(check_orchestra(&long), Err(TextError::TooLong { .. })));
    }

    fn scanned(orchestra: &str) -> Vec<(String, ChannelKind, bool, bool)> {
        let channels = scan_channel_names(orchestra);
        channels.into_iter().map(|found| (found.name, found.kind, found.reads, found.writes)).collect()
    }

    fn one(orchestra: &str) -> (String, ChannelKind, bool, bool) {
        let found = scanned(orchestra);
        assert_eq!(found.len(), 1, "{orchestra}: {found:?}");
        found.into_iter().next().unwrap()
    }

    #[test]
    fn each_opcode_tells_name_kind_and_direction() {
        use ChannelKind::{Audio, Control, Text};
        for (orchestra, kind, reads, writes) in [
            ("k1 chnget \"x\"", Control, true, false),
            ("gkcut chnget \"x\"", Control, true, false),
            ("i1 chnget \"x\"", Control, true, false),
            ("a1 chnget \"x\"", Audio, true, false),
            ("gaIn chnget \"x\"", Audio, true, false),
            ("Sname chnget \"x\"", Text, true, false),
            ("k1 = chnget:k(\"x\")", Control, true, false),
            ("a1 = chnget:a(\"x\") * 2", Audio, true, false),
            ("prints chnget:S(\"x\")", Text, true, false),
            ("k1 = port(chnget:k(\"x\"), .01)", Control, true, false),
            ("chnset k1, \"x\"", Control, false, true),
            ("chnset a1 * k2, \"x\"", Audio, false, true),
            ("chnset abs(k1) + max(k1, k2), \"x\"", Control, false, true),
            ("chnset a(k1), \"x\"", Audio, false, true),
            ("chnset gSname, \"x\"", Text, false, true),
            ("chnset \"value\", \"x\"", Text, false, true),
            ("chnset(k1, \"x\")", Control, false, true),
            ("chnset (k1 + 1) * 2, \"x\"", Control, false, true),
            ("chnset (k1), \"x\"", Control, false, true),
            ("chnset k1,\n  \"x\"", Control, false, true),
            ("chnmix a1, \"x\"", Audio, false, true),
            ("chnclear \"x\"", Audio, false, true),
            ("chn_k \"x\", 1", Control, true, false),
            ("chn_k \"x\", 3, 2, 0.5, 0, 1", Control, true, true),
            ("chn_a \"x\", 2", Audio, false, true),
            ("chn_S \"x\", 1", Text, true, false),
            ("chn_S(\"x\", 3)", Text, true, true),
            ("gk1 chnexport \"x\", 3", Control, true, true),
            ("kval invalue \"x\"", Control, true, false),
            ("Sval invalue \"x\"", Text, true, false),
            ("outvalue \"x\", k1", Control, false, true),
            ("outvalue \"x\", Stext", Text, false, true),
        ] {
            assert_eq!(one(orchestra), ("x".to_owned(), kind, reads, writes), "{orchestra}");
        }
    }

    #[test]
    fn names_come_in_order_once_and_unharmed() {
        let orchestra = "chn_k \"größe\", 1\nk1 chnget \"b\" ; chnget \"no\"\nchnset k1, \"a\"\nk2 chnget \"a\"\n\
                         k3 chnget \"größe\"\nk4 chnget \"日本 語\"\nk5 chnget \"q\\\"q\"\n";
        let names: Vec<_> = scanned(orchestra).into_iter().map(|found| found.0).collect();
        assert_eq!(names, ["größe", "b", "a", "日本 語", "q\"q"]);
        assert!(scanned(orchestra)[2].2 && scanned(orchestra)[2].3);
    }

    #[test]
    fn a_declaration_decides_the_kind() {
        assert_eq!(one("k1 chnget \"x\"\nchn_a \"x\", 1").1, ChannelKind::Audio);
        assert_eq!(one("chn_S \"x\", 1\nk1 chnget \"x\"").1, ChannelKind::Text);
    }

    #[test]
    fn comments_strings_and_computed_names_give_no_channel() {
        for orchestra in [
            "; k1 chnget \"x\"",
            "// k1 chnget \"x\"",
            "/* k1 chnget \"x\"\n*/",
            "prints \"k1 chnget \\\"x\\\"\"",
            "evalstr {{ k1 chnget \"x\" }}",
            "k1 chnget Sname",
            "k1 chnget strcat(\"x\", Sb)",
            "k1 chnget \"$NAME\"",
            "k1 chnget \"\"",
            "k1 mychnget \"x\"",
            "chnset \"x\"",
            "k1 chnget \"x",
        ] {
            assert_eq!(scanned(orchestra), [], "{orchestra}");
        }
    }

    #[test]
    fn in_a_csd_only_its_orchestras_are_scanned() {
        let csd = "chnget \"title\"\n<CsoundSynthesizer>\n<CsInstruments>\nk1 chnget \"x\"\n</CsInstruments>\n\
                   <CsScore>\n; k1 chnget \"y\"\ni1 0 1 \"chnget\"\n</CsScore>\n</CsoundSynthesizer>\n";
        assert_eq!(one(csd).0, "x");
    }

    #[test]
    fn no_text_makes_a_check_panic() {
        let mut state = 7_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        let parts = [
            "i1 0 1", "\n", "\r", " ", "\t", "\"", "\\", "[", "]", "(", ")", "{", "}", "{{", "}}", "{ 2 N\n",
            "/*", "*/", "//", ";", "c", "é", "😀", "\u{a0}", "+", "-", ".", "1e", "0x", "/0", "@", "~", "$N",
            "#", "np", "chnget ", "chnset ", "k1 ", "\"x\"", ",", ":", "a(", "^", "<", "9", "\0",
        ];
        for _ in 0..20_000 {
            let text: String = (0..random(12) + 1).map(|_| parts[random(parts.len())]).collect();
            for error in [check_score_line(&text), check_score(&text), check_orchestra(&text)] {
                let Err(error) = error else { continue };
                let Some(place) = error.place() else { continue };
                let lines = text.replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;
                assert!((1..=lines).contains(&place.line) && place.column >= 1, "{text:?}: {error}");
            }
            scan_channel_names(&text);
        }
    }
}
