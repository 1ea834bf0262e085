//! The partner of a bracket.

use crate::highlight::Token;
use crate::piece::Document;

const PAIRS: [(u8, u8); 3] = [(b'(', b')'), (b'[', b']'), (b'{', b'}')];

/// Lines that are looked through for a partner.
const MOST_LINES: usize = 2000;

/// The bytes of the bracket beside a byte of a text, and of its partner: the one before it, else the one behind it.
pub fn partner(text: &str, byte: usize, document: &Document) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_bracket = |at: usize| {
        let of = |sign: u8| PAIRS.iter().any(|(open, close)| sign == *open || sign == *close);
        bytes.get(at).copied().is_some_and(of)
    };
    let at = byte.checked_sub(1).filter(|at| is_bracket(*at)).or(Some(byte).filter(|at| is_bracket(*at)))?;
    let sign = bytes[at];
    let (open, close) = *PAIRS.iter().find(|(open, close)| sign == *open || sign == *close)?;
    let line = text[..at].bytes().filter(|byte| *byte == b'\n').count();
    let forward = sign == open;
    let first = if forward { line } else { line.saturating_sub(MOST_LINES) };
    let signs = signs(text, document, first, line + if forward { MOST_LINES } else { 0 }, [open, close]);
    let here = signs.iter().position(|(place, _)| *place == at)?;
    let mut depth = 0_isize;
    let mut look = |(place, sign): &(usize, u8)| {
        depth += if (*sign == open) == forward { 1 } else { -1 };
        (depth == 0).then_some((at, *place))
    };
    match forward {
        true => signs[here..].iter().find_map(&mut look),
        false => signs[..=here].iter().rev().find_map(&mut look),
    }
}

/// The brackets of some lines that stand in code, by their bytes.
fn signs(text: &str, document: &Document, first: usize, last: usize, wanted: [u8; 2]) -> Vec<(usize, u8)> {
    let mut found = Vec::new();
    let mut begin = 0;
    for (number, (line, tokens)) in text.split('\n').zip(document.tokens()).enumerate() {
        if number > last {
            break;
        }
        if number >= first {
            let mut at = begin;
            for (length, token) in tokens {
                if !matches!(token, Token::Comment | Token::Text | Token::Tag) {
                    let of_token = text.as_bytes()[at..at + length].iter().enumerate();
                    let signs = of_token.filter(|(_, sign)| wanted.contains(sign));
                    found.extend(signs.map(|(offset, sign)| (at + offset, *sign)));
                }
                at += length;
            }
        }
        begin += line.len() + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::partner;
    use crate::language::Language;
    use crate::piece::Document;

    #[test]
    fn brackets_have_partners_over_lines_and_not_in_comments() {
        let text = "k1 = (1 + (2) ; )\n\")\" * [3])";
        let document = Document::of(text, Language::Orchestra);
        let last = text.len() - 1;
        assert_eq!(partner(text, 5, &document), Some((5, last)));
        assert_eq!(partner(text, 6, &document), Some((5, last)), "behind it");
        assert_eq!(partner(text, text.len(), &document), Some((last, 5)));
        assert_eq!(partner(text, 10, &document), Some((10, 12)));
        assert_eq!(partner(text, 2, &document), None);
        assert_eq!(partner("(", 0, &Document::of("(", Language::Orchestra)), None);
    }
}
