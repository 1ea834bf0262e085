//! Live orchestra text: what would end Csound's process, or change more than the instruments.

use super::error::{TextError, TextPlace};
use super::input::{Input, check_length, is_blank, is_word, long_text, quoted};
use super::limits::LONGEST_TEXT;

/// Directives of the orchestra's and the score's preprocessor. `#` alone is an operator.
pub(super) const DIRECTIVES: [&str; 12] = [
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

pub(super) fn read_orchestra(text: &str) -> Result<(), TextError> {
    check_length(text, LONGEST_TEXT)?;
    let mut input = Input::new(text);
    let mut open: Vec<(TextPlace, char)> = Vec::new();
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
