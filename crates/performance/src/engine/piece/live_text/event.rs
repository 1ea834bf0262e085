//! One event, as a line: what its p-fields can be.

use super::error::{TextError, TextPlace};
use super::input::{Input, check_length, event_string, is_blank, number};
use super::limits::{MOST_FIELDS, MOST_POINTS, MOST_STRING};

/// The longest single event, in bytes.
pub(super) const LONGEST_LINE: usize = 64 << 10;

/// Highest number of a table: Csound keeps a list of all numbers below it.
const MOST_TABLES: f64 = 1e6;

/// The statements that a line event can be.
const EVENTS: &str = "ifaqde";

pub(super) fn read_event(text: &str) -> Result<String, TextError> {
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

/// True if an event that [`read_event`] has accepted ends Csound 7.00, which reads it as it reads a score: braces in
/// a string, an n or m before a blank without a name behind it, or an instrument's name with a blank.
pub(crate) fn ends_csound_7(line: &[u8]) -> bool {
    let mut rest = line;
    let mut is_first = true;
    while let Some(begin) = rest.iter().position(|byte| *byte == b'"') {
        let is_name = is_first && rest[1..begin].iter().all(|byte| *byte == b' ');
        let inside = &rest[begin + 1..];
        let closes = |at: &usize| inside[*at] == b'"' && (*at == 0 || inside[*at - 1] != b'\\');
        let end = (0..inside.len()).find(closes).unwrap_or(inside.len());
        if string_ends_csound_7(&inside[..end]) || (is_name && inside[..end].contains(&b' ')) {
            return true;
        }
        rest = inside.get(end + 1..).unwrap_or_default();
        is_first = false;
    }
    false
}

fn string_ends_csound_7(inside: &[u8]) -> bool {
    let is_loop = inside.windows(5).any(|window| window == b"#loop");
    let is_cut = inside.windows(2).enumerate().any(|(at, pair)| {
        let behind = inside[at + 2..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        matches!(pair, [b'n' | b'm', b' ' | b'\t'])
            && behind.is_none_or(|byte| !byte.is_ascii_alphabetic() && *byte != b'_')
    });
    is_loop || is_cut || inside.iter().any(|byte| matches!(byte, b'{' | b'}'))
}

pub(super) fn not_in_an_event(place: TextPlace, found: char) -> TextError {
    let hint = match found {
        '[' | ']' | '(' | ')' => "expressions work in a score, not in a single event; write the number",
        '$' | '#' => "macros work in a piece, not in a single event; write the value",
        '<' | '>' | '~' | '^' | '!' => "ramps and carries work in a score; write the number",
        _ if found.is_alphabetic() => "p-fields are numbers, or strings in quotes",
        _ => "p-fields are numbers, or strings in quotes, with blanks between them",
    };
    TextError::Character { place, found, hint }
}

/// The kind of a p-field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    Number(f64),
    /// A string of so many bytes.
    Text(usize),
    /// A value that Csound finds: a carry, a ramp, an expression.
    Carry,
}

/// The p-fields of one statement.
pub(super) struct Fields {
    opcode: char,
    place: TextPlace,
    pub(super) count: usize,
    string_bytes: usize,
    first: f64,
}

impl Fields {
    pub(super) fn new(opcode: char, place: TextPlace) -> Self {
        Self { opcode, place, count: 0, string_bytes: 0, first: 1.0 }
    }

    pub(super) fn take(&mut self, field: Field, place: TextPlace) -> Result<(), TextError> {
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
            (3, Field::Number(value)) if self.opcode == 'f' && value.abs() > MOST_POINTS => {
                return wrong("a table that is made while a piece plays can have 16777216 points");
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

    pub(super) fn check_count(&self) -> Result<(), TextError> {
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
        if self.count < least {
            return Err(TextError::Field { place: self.place, what });
        }
        Ok(())
    }
}
