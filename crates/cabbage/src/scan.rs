//! Identifiers of one text, such as `visible(0), text("on")`, without memory of its own: what a piece sends while
//! it performs is read so.

/// An argument of an identifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScannedArgument<'a> {
    /// What it says, without quotes.
    pub text: &'a str,
    /// True if it stood in quotes.
    pub quoted: bool,
}

impl ScannedArgument<'_> {
    /// The number that it is, if it is one.
    pub fn number(self) -> Option<f64> {
        if self.quoted { None } else { self.text.parse().ok().filter(|number: &f64| number.is_finite()) }
    }
}

/// The identifiers of a text, each with what stands in its parentheses. What is no identifier is left out; one that
/// is not closed ends the text.
pub fn identifiers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|next| !is_part_of_name(next));
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|next| !is_part_of_name(next)).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            rest = behind;
            let Some(inside) = behind.trim_start().strip_prefix('(') else { continue };
            let close = find_outside(inside, |next| next == ')')?;
            rest = &inside[close + 1..];
            return Some((name, &inside[..close]));
        }
    })
}

/// The arguments between the parentheses of an identifier.
pub fn arguments(inside: &str) -> impl Iterator<Item = ScannedArgument<'_>> {
    let mut rest = Some(inside).filter(|inside| !inside.trim().is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let argument = match find_outside(text, |next| next == ',') {
            Some(comma) => {
                rest = Some(&text[comma + 1..]);
                &text[..comma]
            }
            None => {
                rest = None;
                text
            }
        };
        let argument = argument.trim();
        Some(match argument.strip_prefix('"') {
            Some(open) => ScannedArgument { text: open.strip_suffix('"').unwrap_or(open), quoted: true },
            None => ScannedArgument { text: argument, quoted: false },
        })
    })
}

/// `colour:1` is one name.
pub(crate) fn is_part_of_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == ':'
}

/// The place where `found` says yes, of what stands outside of strings and parentheses.
pub(crate) fn find_outside(text: &str, mut found: impl FnMut(char) -> bool) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, next) in text.char_indices() {
        quoted ^= next == '"';
        match next {
            _ if quoted => {}
            next if depth == 0 && found(next) => return Some(at),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &str) -> Vec<(&str, Vec<&str>)> {
        identifiers(text)
            .map(|(name, inside)| (name, arguments(inside).map(|argument| argument.text).collect()))
            .collect()
    }

    #[test]
    fn identifiers_are_found_with_their_arguments() {
        assert_eq!(
            scanned("visible(0), text(\"on, (off)\", \"b\") colour:1( 255,0 ,\u{30}) none()"),
            [
                ("visible", vec!["0"]),
                ("text", vec!["on, (off)", "b"]),
                ("colour:1", vec!["255", "0", "0"]),
                ("none", vec![]),
            ]
        );
        let quoted: Vec<_> = arguments("1, \"1\", ").map(|argument| argument.number()).collect();
        assert_eq!(quoted, [Some(1.0), None, None]);
    }

    #[test]
    fn what_is_no_identifier_is_left_out() {
        assert_eq!(scanned("word, 12 } text(\"a\")"), [("text", vec!["a"])]);
        for text in ["", "(", "text(", "text(\"a)", ")))", "\u{f6}", "a b c"] {
            assert_eq!(scanned(text), [], "{text}");
        }
    }
}
