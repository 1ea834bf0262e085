//! The words of a piece as tokens for colours, read line by line. Pure.
//!
//! A line is read again only if it, or what the line before it leaves open, has changed.

mod reader;

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::language::Language;
use reader::{Inside, Line, Open, Reader};

pub use reader::{KEYWORDS, Section, Token};

/// The tokens of a text, line by line.
#[derive(Default)]
pub struct Highlighter {
    language: Language,
    lines: Vec<Line>,
}

impl Highlighter {
    /// Reads what has changed in a text; says how many lines that were.
    pub fn update(&mut self, text: &str, language: Language) -> usize {
        if self.language != language {
            *self = Self { language, lines: Vec::new() };
        }
        let hashes: Vec<u64> = text.split('\n').map(hash).collect();
        self.line_up(&hashes);
        let mut open = beginning(language);
        let mut read = 0;
        for ((line, text), hash) in self.lines.iter_mut().zip(text.split('\n')).zip(hashes) {
            if line.hash != hash || line.before != open || line.tokens.is_empty() {
                *line = Reader::new(text, open).line(hash);
                read += 1;
            }
            open = line.after;
        }
        read
    }

    /// What tells each line from others: its text, and what the line before it leaves open.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.lines.iter().map(|line| {
            let mut hasher = DefaultHasher::new();
            (line.hash, line.before.section as u8, open_number(line.before.inside)).hash(&mut hasher);
            hasher.finish()
        })
    }

    /// The part of the piece in which each line begins, and whether it begins inside a comment or a text.
    pub fn sections(&self) -> impl Iterator<Item = (Section, bool)> {
        self.lines.iter().map(|line| (line.before.section, line.before.inside != Inside::Nothing))
    }

    /// What the last line leaves open, to which an end is missing.
    pub fn left_open(&self) -> Option<LeftOpen> {
        let last = self.lines.last()?;
        match last.after.inside {
            Inside::Comment => Some(LeftOpen::Comment),
            Inside::Text(_) => Some(LeftOpen::Text),
            Inside::Nothing => None,
        }
    }

    /// The tokens of each line.
    pub fn lines(&self) -> impl Iterator<Item = &[(usize, Token)]> {
        self.lines.iter().map(|line| &line.tokens[..])
    }

    /// Keeps the lines above and below a change, and makes room for those between.
    fn line_up(&mut self, hashes: &[u64]) {
        let both = self.lines.len().min(hashes.len());
        let same = |(line, hash): &(&Line, &u64)| line.hash == **hash;
        let above = self.lines.iter().zip(hashes).take_while(same).count();
        let below =
            self.lines.iter().rev().zip(hashes.iter().rev()).take(both - above).take_while(same).count();
        let end = self.lines.len() - below;
        let fresh = hashes.len() - above - below;
        self.lines.splice(above..end, (0..fresh).map(|_| Line::unread()));
    }
}

/// What a text begins and does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOpen {
    /// `/*`
    Comment,
    /// `{{`
    Text,
}

fn open_number(inside: Inside) -> u16 {
    match inside {
        Inside::Nothing => 0,
        Inside::Comment => 1,
        Inside::Text(depth) => 2 + u16::from(depth),
    }
}

impl Line {
    fn unread() -> Self {
        Self { hash: 0, before: Open::default(), after: Open::default(), tokens: Vec::new() }
    }
}

fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

fn beginning(language: Language) -> Open {
    let section = match language {
        Language::Csd => Section::Outside,
        Language::Orchestra => Section::Orchestra,
        Language::Score => Section::Score,
    };
    Open { section, inside: Inside::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str, language: Language) -> Vec<(String, Token)> {
        let mut highlighter = Highlighter::default();
        highlighter.update(text, language);
        let mut found = Vec::new();
        for (line, tokens) in text.split('\n').zip(highlighter.lines()) {
            let mut at = 0;
            for &(length, token) in tokens {
                found.push((line[at..at + length].to_owned(), token));
                at += length;
            }
            assert_eq!(at, line.len(), "the tokens are the line: {line:?}");
        }
        found.retain(|(text, token)| *token != Token::Plain && !text.trim().is_empty());
        found
    }

    fn words(text: &str, language: Language) -> Vec<(String, Token)> {
        tokens(text, language)
    }

    fn is(text: &str, token: Token) -> (String, Token) {
        (text.to_owned(), token)
    }

    #[test]
    fn an_orchestras_words_are_told_apart() {
        let found = words("a1, gk2 oscili 0.5*p4, 4e2, gifn ; a tone", Language::Orchestra);
        let expected = [
            is("a1", Token::Audio),
            is("gk2", Token::Variable),
            is("oscili", Token::Opcode),
            is("0.5", Token::Number),
            is("p4", Token::Variable),
            is("4e2", Token::Number),
            is("gifn", Token::Variable),
            is("; a tone", Token::Comment),
        ];
        assert_eq!(found, expected);
        let found =
            words("instr Bell\nouts a1, a1\nprints \"%d\"\nk1 = abs(k2)\n0dbfs = 1", Language::Orchestra);
        let kinds: Vec<_> = found.iter().map(|(text, token)| (text.as_str(), *token)).collect();
        let expected = [
            ("instr", Token::Keyword),
            ("Bell", Token::Opcode),
            ("outs", Token::Opcode),
            ("a1", Token::Opcode),
            ("a1", Token::Audio),
            ("prints", Token::Opcode),
            ("\"%d\"", Token::Text),
            ("k1", Token::Variable),
            ("abs", Token::Opcode),
            ("k2", Token::Variable),
            ("0dbfs", Token::Keyword),
            ("1", Token::Number),
        ];
        assert_eq!(kinds, expected);
    }

    fn kinds(text: &str) -> Vec<(String, Token)> {
        words(text, Language::Orchestra)
    }

    #[test]
    fn the_language_of_csound_7_is_told_apart() {
        let of = |text: &str| -> Vec<(String, Token)> { kinds(text) };
        for (text, expected) in [
            (
                "tone:a = oscili(freq, 440)",
                vec![
                    ("tone", Token::Audio),
                    ("a", Token::Keyword),
                    ("oscili", Token::Opcode),
                    ("freq", Token::Variable),
                    ("440", Token::Number),
                ],
            ),
            (
                "base@global:i init 220",
                vec![
                    ("base", Token::Variable),
                    ("@global", Token::Keyword),
                    ("i", Token::Keyword),
                    ("init", Token::Opcode),
                    ("220", Token::Number),
                ],
            ),
            (
                "out(chnget:a(\"x\"), tone)",
                vec![
                    ("out", Token::Opcode),
                    ("chnget", Token::Opcode),
                    ("a", Token::Keyword),
                    ("\"x\"", Token::Text),
                    ("tone", Token::Variable),
                ],
            ),
            (
                "struct Voice freq:k, tone:a",
                vec![
                    ("struct", Token::Keyword),
                    ("Voice", Token::Opcode),
                    ("freq", Token::Variable),
                    ("k", Token::Keyword),
                    ("tone", Token::Audio),
                    ("a", Token::Keyword),
                ],
            ),
            (
                "voice.pan = linseg:k(0, p3)",
                vec![
                    ("voice", Token::Variable),
                    ("pan", Token::Variable),
                    ("linseg", Token::Opcode),
                    ("k", Token::Keyword),
                    ("0", Token::Number),
                    ("p3", Token::Variable),
                ],
            ),
            (
                "for ratio, n in ratios do",
                vec![
                    ("for", Token::Keyword),
                    ("ratio", Token::Variable),
                    ("n", Token::Variable),
                    ("in", Token::Keyword),
                    ("ratios", Token::Variable),
                    ("do", Token::Keyword),
                ],
            ),
            (
                "opcode fold(signal:a, drive:k):void",
                vec![
                    ("opcode", Token::Keyword),
                    ("fold", Token::Opcode),
                    ("signal", Token::Audio),
                    ("a", Token::Keyword),
                    ("drive", Token::Variable),
                    ("k", Token::Keyword),
                    ("void", Token::Keyword),
                ],
            ),
            ("sum += 1", vec![("sum", Token::Variable), ("1", Token::Number)]),
            ("a1 in", vec![("a1", Token::Audio), ("in", Token::Opcode)]),
            (
                "while true do",
                vec![("while", Token::Keyword), ("true", Token::Keyword), ("do", Token::Keyword)],
            ),
            ("break", vec![("break", Token::Keyword)]),
            ("oversample 4", vec![("oversample", Token::Opcode), ("4", Token::Number)]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(word, token)| is(word, token)).collect();
            assert_eq!(of(text), expected, "{text}");
        }
        let nested = of("gS = {{ a {{ b\n}} c }} \nk1 = 1");
        assert_eq!(
            nested[1..],
            [
                is("{{ a {{ b", Token::Text),
                is("}} c }}", Token::Text),
                is("k1", Token::Variable),
                is("1", Token::Number)
            ]
        );
    }

    #[test]
    fn sections_decide_how_a_line_is_read() {
        let text = "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni 1 0 2\n</CsScore>";
        let found = words(text, Language::Csd);
        assert!(found.contains(&is("<CsScore>", Token::Tag)));
        assert!(found.contains(&is("i", Token::Keyword)));
        assert_eq!(found.iter().filter(|(_, token)| *token == Token::Tag).count(), 5);
    }

    #[test]
    fn comments_and_texts_go_on_over_lines() {
        let found = words("/* one\ntwo */ a1 = 1\nSx = {{ text\nmore }}", Language::Orchestra);
        assert_eq!(found[0], is("/* one", Token::Comment));
        assert_eq!(found[1], is("two */", Token::Comment));
        assert!(found.contains(&is("more }}", Token::Text)));
    }

    #[test]
    fn only_what_changed_is_read_again() {
        let mut lines: Vec<String> = (0..5000).map(|number| format!("k{number} init {number}")).collect();
        let mut highlighter = Highlighter::default();
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 5000);
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 0);
        lines[2500].push_str(" ; changed");
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 1);
        lines.insert(100, "a1 = 0".into());
        lines.remove(4000);
        assert!(highlighter.update(&lines.join("\n"), Language::Orchestra) <= 3901);
        lines.insert(100, "a2 = 0".into());
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 1);
        lines[4990] = "/* all the rest".into();
        assert_eq!(highlighter.update(&lines.join("\n"), Language::Orchestra), 11);
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in
            ["", "\n", "\"", "$", "#", "é ü $é #é", "1e", ".", "<", "</", "<>", "{{", "/*", "\\", "a\u{301}"]
        {
            for language in [Language::Csd, Language::Orchestra, Language::Score] {
                tokens(text, language);
            }
        }
    }
}
