//! Text that is typed while a piece performs, checked before Csound's reader sees it. Pure.
//!
//! Csound 6.18 crashes on an unterminated string, an unterminated block comment and on events with
//! absurdly many p-fields.

/// The longest line, in bytes.
const LONGEST: usize = 64 << 10;

/// Most words of a line: p-fields beyond that crash Csound.
const MOST_WORDS: usize = 1000;

/// Why a text is not handed to Csound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is there.
    #[error("the line is empty")]
    Empty,
    /// Too long or with too many p-fields.
    #[error("the line is too long: at most {LONGEST} bytes and {MOST_WORDS} p-fields")]
    TooLong,
    /// More than one line.
    #[error("a score event is one line; this has a line break in column {column}")]
    Lines {
        /// From 1.
        column: usize,
    },
    /// No statement that can be sent.
    #[error("'{found}' begins no score event; it begins with i, f, a, q, d or e")]
    Statement {
        /// The first character.
        found: char,
    },
    /// A string without its end.
    #[error("the string that begins in column {column} is not closed with a quote")]
    OpenString {
        /// From 1.
        column: usize,
    },
    /// A comment without its end.
    #[error("the comment that begins in column {column} is not closed with */")]
    OpenComment {
        /// From 1.
        column: usize,
    },
    /// A character that a live event cannot have: expressions and macros belong to a score.
    #[error(
        "'{found}' in column {column}: expressions and macros work in a score, not in a single event; write the number"
    )]
    Character {
        /// The character.
        found: char,
        /// From 1.
        column: usize,
    },
}

/// Checks one line of score text, as for `csound -L`.
///
/// # Errors
/// [`TextError`], with the column and what to do.
pub fn check_score_line(text: &str) -> Result<(), TextError> {
    let line = text.trim();
    let Some(found) = line.chars().next() else { return Err(TextError::Empty) };
    if line.len() > LONGEST {
        return Err(TextError::TooLong);
    }
    if let Some(at) = line.find(['\n', '\r']) {
        return Err(TextError::Lines { column: at + 1 });
    }
    if !matches!(found, 'i' | 'f' | 'a' | 'q' | 'd' | 'e') {
        return Err(TextError::Statement { found });
    }
    check_characters(line)?;
    if line.split_whitespace().count() > MOST_WORDS {
        return Err(TextError::TooLong);
    }
    Ok(())
}

fn check_characters(line: &str) -> Result<(), TextError> {
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let column = line[..at].chars().count() + 1;
        match character {
            '"' => {
                if !characters.any(|(_, inner)| inner == '"') {
                    return Err(TextError::OpenString { column });
                }
            }
            ';' => return Ok(()),
            '/' => match characters.peek() {
                Some((_, '/')) => return Ok(()),
                Some((_, '*')) => match line[at + 2..].find("*/") {
                    Some(end) => while characters.next_if(|(inner, _)| *inner < at + end + 4).is_some() {},
                    None => return Err(TextError::OpenComment { column }),
                },
                _ => return Err(TextError::Character { found: '/', column }),
            },
            '[' | ']' | '{' | '}' | '$' | '#' | '\\' | '\0' => {
                return Err(TextError::Character { found: character, column });
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_events_pass() {
        for line in [
            "i1 0 1",
            "i \"bell\" 0 1 \"a b\" ; soft",
            "f 1 0 16 10 1 // sine",
            "i1 0 1 /* loud */ 3",
            "e",
            "i -1 0 1",
            "q 1 0 0",
            " i 1.5 0.25 -1 ",
        ] {
            assert_eq!(check_score_line(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn what_would_crash_the_reader_is_refused_with_its_place() {
        assert_eq!(check_score_line(""), Err(TextError::Empty));
        assert_eq!(check_score_line("i1 0 1 \"ab"), Err(TextError::OpenString { column: 8 }));
        assert_eq!(check_score_line("i1 0 /* 1"), Err(TextError::OpenComment { column: 6 }));
        assert_eq!(check_score_line("i1 0 [1+"), Err(TextError::Character { found: '[', column: 6 }));
        assert_eq!(check_score_line("#define X #1#"), Err(TextError::Statement { found: '#' }));
        assert_eq!(check_score_line("i1 0 $X"), Err(TextError::Character { found: '$', column: 6 }));
        assert_eq!(check_score_line("i1 0 1\ni1 0 1"), Err(TextError::Lines { column: 7 }));
        assert_eq!(check_score_line(&format!("i1 {}", "0 ".repeat(2000))), Err(TextError::TooLong));
        assert_eq!(check_score_line(&format!("i1 {}", "0".repeat(LONGEST))), Err(TextError::TooLong));
        assert!(check_score_line("i1 0 1\0").is_err());
    }
}
