//! Reading a text by characters: words, numbers, strings, comments, as Csound's readers see them.

use super::error::{TextError, TextPlace};

pub(crate) fn check_length(text: &str, most: usize) -> Result<(), TextError> {
    if text.len() > most {
        return Err(TextError::TooLong { bytes: text.len(), most });
    }
    match text.find('\0') {
        Some(at) => {
            let place = TextPlace::byte(at);
            Err(TextError::Character { place, found: '\0', hint: "Csound would stop reading" })
        }
        None => Ok(()),
    }
}

pub(crate) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// A text and a place in it.
#[derive(Clone)]
pub(crate) struct Input<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(crate) fn place(&self) -> TextPlace {
        TextPlace::byte(self.at)
    }

    pub(crate) fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(wanted).len();
    }

    pub(crate) fn word(&mut self) -> &'a str {
        let begin = self.at;
        self.skip_while(is_word);
        &self.text[begin..self.at]
    }

    pub(crate) fn skip_line(&mut self) {
        self.skip_while(|next| !matches!(next, '\n' | '\r'));
    }

    /// Passes a comment, if one begins here.
    pub(crate) fn skip_comment(&mut self) -> Result<bool, TextError> {
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
    pub(crate) fn skip_score_comment(&mut self) -> Result<bool, TextError> {
        if self.peek() == Some('c') {
            self.skip_line();
            return Ok(true);
        }
        self.skip_comment()
    }

    pub(crate) fn expect_end_of_field(&self) -> Result<(), TextError> {
        let ends = self.peek().is_none_or(|next| {
            next.is_whitespace() || matches!(next, '"' | ';') || self.rest().starts_with("//")
        });
        if ends || self.rest().starts_with("/*") {
            return Ok(());
        }
        let hint = "write a blank between p-fields";
        Err(TextError::Character { place: self.place(), found: self.peek().unwrap_or(' '), hint })
    }

    /// True if nothing but blanks and comments is left of the line.
    pub(crate) fn ends_line(&self) -> Result<bool, TextError> {
        let mut input = self.clone();
        input.skip_while(is_blank);
        while input.skip_comment()? {
            input.skip_while(is_blank);
        }
        Ok(input.peek().is_none_or(|next| matches!(next, '\n' | '\r')))
    }

    /// True if a literal zero stands here, perhaps in parentheses.
    pub(crate) fn is_zero(&self) -> bool {
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
pub(crate) fn number(input: &mut Input) -> Result<f64, TextError> {
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
pub(crate) fn decimal(input: &mut Input) {
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
        if input.peek().is_some_and(digit) {
            input.skip_while(digit);
        } else {
            *input = exponent;
        }
    }
}

/// A string of a line event: a quote behind a backslash never closes it, whatever stands before.
pub(crate) fn event_string<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
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
pub(crate) fn score_string<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
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
/// does an n or m before a blank, if no name follows.
pub(crate) fn check_score_string(inside: &str, place: TextPlace) -> Result<(), TextError> {
    if let Some(found) = inside.chars().find(|next| matches!(next, '{' | '}' | '$' | '#')) {
        let hint = "Csound 6.18 does not leave it alone in a score's strings; send the line as an event";
        return Err(TextError::Character { place, found, hint });
    }
    let name = |next: char| next.is_ascii_alphabetic() || next == '_';
    let cut = inside.match_indices(['n', 'm']).any(|(at, _)| {
        let rest = &inside[at + 1..];
        rest.starts_with(is_blank) && !rest.trim_start_matches(is_blank).starts_with(name)
    });
    if cut {
        let what = "in a score's string, n or m before a blank needs a letter behind the blank";
        return Err(TextError::Field { place, what });
    }
    Ok(())
}

/// A string in quotes in one line, in which a backslash hides the next character.
pub(crate) fn quoted<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
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

/// A text in double braces, which for Csound 7 may hold others. Where those do not come in pairs it ends with the
/// first end, as for Csound 6.
pub(crate) fn long_text<'a>(input: &mut Input<'a>) -> Result<&'a str, TextError> {
    let place = input.place();
    let begin = input.at + 2;
    let rest = &input.text[begin..];
    match end_of_nested(rest).or_else(|| rest.find("}}")) {
        Some(length) => {
            input.at = begin + length + 2;
            Ok(&rest[..length])
        }
        None => Err(TextError::Open { place, what: "text", end: "}}" }),
    }
}

/// The place of the braces that close those before a text.
fn end_of_nested(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let mut at = 0;
    while let Some(pair) = text.as_bytes().get(at..at + 2) {
        match pair {
            b"{{" => depth += 1,
            b"}}" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
        at += 2;
    }
    None
}
