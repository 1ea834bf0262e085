//! Score events for the performing thread, made of p-fields or of a line of score text.

use std::ffi::CString;

use super::error::PerformanceError;
use crate::engine::piece::live_text;
use crate::engine::timing::EventText;
use crate::engine::{EventKind, PField, ScoreEvent, TimeBase};

/// Most p-fields of a score event. Csound 6.18 crashes on very long ones.
pub const MAX_PFIELDS: usize = 1000;

pub(super) fn make_event(
    time_base: TimeBase,
    opcode: char,
    pfields: Vec<PField>,
) -> Result<ScoreEvent, PerformanceError> {
    if !matches!(opcode, 'i' | 'f' | 'a' | 'q' | 'd' | 'e') {
        return Err(PerformanceError::Event("its opcode must be one of i, f, a, q, d, e"));
    }
    if pfields.is_empty() && opcode != 'e' {
        return Err(PerformanceError::Event("it has no p-fields: p1 comes first"));
    }
    if pfields.len() > MAX_PFIELDS {
        return Err(PerformanceError::Event("it has more than 1000 p-fields"));
    }
    let mut fields = Vec::with_capacity(pfields.len());
    for field in &pfields {
        fields.push(match field {
            PField::Number(number) if number.is_finite() => *number,
            PField::Number(_) => return Err(PerformanceError::Event("a p-field is not a finite number")),
            PField::Text(text) if text.contains(['"', '\n', '\r', '\0', '\\']) => {
                return Err(PerformanceError::Event(
                    "a string p-field holds a quote, backslash, line end or NUL",
                ));
            }
            PField::Text(_) => 0.0,
        });
    }
    let text = if pfields.iter().any(|field| matches!(field, PField::Text(_))) {
        let text = text_of(opcode, &pfields);
        Some(text.ok_or(PerformanceError::Event("p2 or p3 is a string or too long"))?)
    } else {
        None
    };
    Ok(ScoreEvent { time_base, opcode: opcode as u8, fields, text })
}

fn text_of(opcode: char, pfields: &[PField]) -> Option<EventText> {
    let word = |field: &PField| match field {
        PField::Number(number) => number.to_string(),
        PField::Text(text) => format!("\"{text}\""),
    };
    let time = |index: usize| match pfields.get(index) {
        Some(PField::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let head = format!("{opcode} {}", word(pfields.first()?));
    let rest = pfields.iter().skip(3).map(word).collect::<Vec<_>>().join(" ");
    let p2 = time(1)?;
    let p3 = time(2);
    if p3.is_none() && pfields.len() > 2 {
        return None;
    }
    EventText::new(&head, &p2, p3.as_deref(), &rest)
}

/// The event that a line of score text is: one that can be placed on a frame, where it can be read.
///
/// # Errors
/// The line would not survive Csound's parser.
pub fn event_of_text(text: &str) -> Result<EventKind, live_text::TextError> {
    let line = live_text::line_event(text)?;
    Ok(match event_of_line(&line) {
        Some(event) => EventKind::Score(Box::new(event)),
        // What passed the check holds no NUL.
        None => EventKind::Message(Box::new(CString::new(line).unwrap_or_default())),
    })
}

/// The event of an `i` line whose p2 and p3 are plain numbers, so that it can be placed on a frame:
/// as numbers, or where other p-fields are none, as text.
fn event_of_line(line: &str) -> Option<ScoreEvent> {
    let body = line.trim().strip_prefix('i')?;
    let words = words_of(body);
    let [p1, p2, p3, rest @ ..] = words.as_slice() else { return None };
    let number = |word: &str| word.parse::<f64>().ok().filter(|value| value.is_finite());
    if let Some(fields) = words.iter().map(|word| number(word)).collect::<Option<Vec<_>>>() {
        return Some(ScoreEvent { time_base: TimeBase::Now, opcode: b'i', fields, text: None });
    }
    let fields = vec![number(p1).unwrap_or(0.0), number(p2)?, number(p3)?];
    if number(p1).is_none() && !p1.starts_with('"') {
        return None;
    }
    let text = EventText::new(&format!("i {p1}"), p2, Some(p3), &rest.join(" "))?;
    Some(ScoreEvent { time_base: TimeBase::Now, opcode: b'i', fields, text: Some(text) })
}

/// The words of a line; a string in quotes is one word, a comment ends the line.
fn words_of(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with(';') && !rest.starts_with("//") {
        let length = match rest.strip_prefix('"') {
            Some(inner) => inner.find('"').map_or(rest.len(), |end| end + 2),
            None => rest.find([' ', '\t', ';', '"']).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(length.max(1));
        words.push(word);
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_event_with_plain_times_can_be_placed_on_a_frame() {
        let event = event_of_line("  i\"bell\" 0 .5 440 \"a b\" ; loud").unwrap();
        assert_eq!(event.fields, [0.0, 0.0, 0.5]);
        let mut text = event.text.unwrap();
        let words: Vec<_> = text.with_times(None, None).to_str().unwrap().split_whitespace().collect();
        assert_eq!(words, ["i", "\"bell\"", "0", ".5", "440", "\"a", "b\""]);
        let numbers = event_of_line("i1.25 0.5 -1 440 ; a comment").unwrap();
        assert_eq!(numbers.fields, [1.25, 0.5, -1.0, 440.0]);
        assert!(numbers.text.is_none());
        for other in ["f 1 0 1024 10 1", "i 1 + .", "i 1 0", "e", "i bell 0 1"] {
            assert!(event_of_line(other).is_none(), "{other}");
        }
    }
}
