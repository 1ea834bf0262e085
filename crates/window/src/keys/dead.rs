//! Dead keys: accents that wait for their letter, as many keyboards have them, also for `^`, `~` and quotation marks.
//!
//! With a letter that can bear it an accent becomes one character, with a space or a second time it stands alone, and
//! with anything else both are written: nothing that was typed is lost.

use unicode_normalization::char::compose;

/// An accent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accent {
    /// As it stands over or under a letter.
    mark: char,
    /// As it stands alone, when it is typed twice.
    alone: char,
    /// As it is typed with a space: what programs want of it.
    with_space: char,
}

/// The accents of X11's keys, by the names that its header keysymdef.h has for them.
const ACCENTS: [(u32, Accent); 15] = [
    accent(0xfe50, '\u{300}', '`', '`'),             // grave
    accent(0xfe51, '\u{301}', '´', '\''),            // acute
    accent(0xfe52, '\u{302}', '^', '^'),             // circumflex
    accent(0xfe53, '\u{303}', '~', '~'),             // tilde
    accent(0xfe54, '\u{304}', '¯', '¯'),             // macron
    accent(0xfe55, '\u{306}', '˘', '˘'),             // breve
    accent(0xfe56, '\u{307}', '˙', '˙'),             // abovedot
    accent(0xfe57, '\u{308}', '¨', '"'),             // diaeresis
    accent(0xfe58, '\u{30a}', '°', '°'),             // abovering
    accent(0xfe59, '\u{30b}', '˝', '˝'),             // doubleacute
    accent(0xfe5a, '\u{30c}', 'ˇ', 'ˇ'),             // caron
    accent(0xfe5b, '\u{327}', '¸', '¸'),             // cedilla
    accent(0xfe5c, '\u{328}', '˛', '˛'),             // ogonek
    accent(0xfe60, '\u{323}', '\u{323}', '\u{323}'), // belowdot
    accent(0xfe61, '\u{309}', '\u{309}', '\u{309}'), // hook
];

const fn accent(symbol: u32, mark: char, alone: char, with_space: char) -> (u32, Accent) {
    (symbol, Accent { mark, alone, with_space })
}

impl Accent {
    /// The accent of a key that means this to X11.
    pub fn of_symbol(symbol: u32) -> Option<Self> {
        ACCENTS.iter().find(|(known, _)| *known == symbol).map(|(_, accent)| *accent)
    }
}

/// The accent that waits, if one does.
#[derive(Default)]
pub(crate) struct Waiting(Option<Accent>);

impl Waiting {
    /// An accent is typed: what is written now.
    pub fn accent(&mut self, accent: Accent) -> String {
        match self.0.take() {
            None => {
                self.0 = Some(accent);
                String::new()
            }
            Some(before) if before == accent => accent.alone.to_string(),
            Some(before) => {
                self.0 = Some(accent);
                before.alone.to_string()
            }
        }
    }

    /// Something else is typed that writes this: what is written now.
    pub fn write(&mut self, text: &str) -> String {
        let Some(accent) = self.0.take() else { return text.to_owned() };
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(' '), None) => accent.with_space.to_string(),
            (Some(letter), None) => {
                compose(letter, accent.mark).map_or_else(|| format!("{}{letter}", accent.alone), String::from)
            }
            _ => format!("{}{text}", accent.alone),
        }
    }

    /// The user does something else.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIRCUMFLEX: u32 = 0xfe52;
    const DIAERESIS: u32 = 0xfe57;
    const ACUTE: u32 = 0xfe51;

    /// What comes of keys: letters, and accents by their numbers.
    fn typed(keys: &[Result<&str, u32>]) -> String {
        let mut waiting = Waiting::default();
        let write = |key: &Result<&str, u32>| match key {
            Ok(text) => waiting.write(text),
            Err(symbol) => waiting.accent(Accent::of_symbol(*symbol).unwrap()),
        };
        keys.iter().map(write).collect()
    }

    #[test]
    fn an_accent_waits_for_its_letter() {
        assert_eq!(typed(&[Err(CIRCUMFLEX), Ok("e"), Ok("e")]), "êe");
        assert_eq!(typed(&[Err(DIAERESIS), Ok("U"), Err(ACUTE), Ok("a")]), "Üá");
        // What programs are written in.
        assert_eq!(typed(&[Ok("2"), Err(CIRCUMFLEX), Ok(" "), Ok("3")]), "2^3");
        assert_eq!(typed(&[Err(DIAERESIS), Ok(" "), Err(ACUTE), Ok(" ")]), "\"'");
        assert_eq!(typed(&[Err(CIRCUMFLEX), Err(CIRCUMFLEX)]), "^");
    }

    #[test]
    fn nothing_that_was_typed_is_lost() {
        assert_eq!(typed(&[Err(CIRCUMFLEX), Ok("2")]), "^2");
        assert_eq!(typed(&[Err(CIRCUMFLEX), Err(ACUTE), Ok("e")]), "^é");
        assert_eq!(typed(&[Err(DIAERESIS), Ok("ab")]), "¨ab");
        let mut waiting = Waiting::default();
        waiting.accent(Accent::of_symbol(ACUTE).unwrap());
        waiting.forget();
        assert_eq!(waiting.write("e"), "e");
        assert_eq!([0, 0x61, 0xfe5f].map(Accent::of_symbol), [None; 3]);
    }
}
