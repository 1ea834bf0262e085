//! Whether a text is written in the language that came with Csound 7, where that can be seen for sure. Pure.

use csound_performance::engine::piece::{Piece, Source};

/// The first line, from 1, that no Csound 6 takes and that Csound 7 may, and what is in it.
pub fn sign_of_seven(piece: &Piece) -> Option<(usize, &'static str)> {
    let text = match &piece.source {
        Source::Csd(text) => text,
        Source::OrcSco { orc, .. } => orc,
    };
    let is_whole = matches!(piece.source, Source::OrcSco { .. });
    let mut in_orchestra = is_whole;
    let mut around = Around::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if !is_whole && line.starts_with("<CsInstruments") {
            in_orchestra = true;
        } else if !is_whole && line.starts_with("</CsInstruments") {
            in_orchestra = false;
        } else if in_orchestra {
            let code = around.code_of(line);
            if let Some(what) = sign_in(&code) {
                return Some((index + 1, what));
            }
        }
    }
    None
}

/// What a line lies in, from the lines before it.
#[derive(Default)]
struct Around {
    in_comment: bool,
    /// The texts in `{{ }}` that are open, one within another as Csound 7 has them. For Csound 6 that may hide a sign
    /// behind such a text, and shows none that is not there.
    texts: usize,
    /// Whether the last line has a string that nothing closes in it.
    string_is_open: bool,
}

impl Around {
    /// A line without its comments, and with a quote for each string and text that begins in it.
    fn code_of(&mut self, line: &str) -> String {
        let (mut code, mut rest, mut in_string) = (String::new(), line, false);
        while let Some(letter) = rest.chars().next() {
            let mut length = letter.len_utf8();
            if self.in_comment {
                self.in_comment = !rest.starts_with("*/");
                length += usize::from(!self.in_comment);
            } else if self.texts > 0 {
                let (opens, closes) = (rest.starts_with("{{"), rest.starts_with("}}"));
                self.texts += usize::from(opens);
                self.texts -= usize::from(closes);
                length += usize::from(opens || closes);
            } else if in_string {
                // A quote behind a backslash is in the string.
                let is_escaped = letter == '\\' && rest[1..].starts_with(['"', '\\']);
                length += usize::from(is_escaped);
                in_string = letter != '"';
            } else if letter == '"' {
                in_string = true;
                code.push('"');
            } else if rest.starts_with("{{") {
                self.texts = 1;
                code.push('"');
                length += 1;
            } else if rest.starts_with("/*") {
                self.in_comment = true;
                length += 1;
            } else if letter == ';' || rest.starts_with("//") {
                break;
            } else {
                code.push(letter);
            }
            rest = &rest[length..];
        }
        self.string_is_open = in_string;
        code
    }
}

fn sign_in(code: &str) -> Option<&'static str> {
    let code = code.trim();
    let words: Vec<_> = code.split_whitespace().collect();
    match words.first().copied() {
        Some("struct") if words.len() > 2 => Some("struct"),
        Some("for") if words.contains(&"in") => Some("for … in"),
        Some("opcode") if code.split_once('(').is_some_and(|(name, _)| !name.contains(',')) => {
            Some("an opcode with its arguments in brackets")
        }
        _ if is_typed(code) => Some("a variable with its type"),
        _ => None,
    }
}

/// `name:k = …`, also for several. A label has nothing or a blank behind it, a function `(`, and a choice `?` before.
fn is_typed(code: &str) -> bool {
    let Some((names, _)) = code.split_once('=') else { return false };
    let is_one = |name: &str| {
        let name = name.trim();
        let typed = name.split_once(':').is_some_and(|(name, kind)| {
            let kind = kind.trim_end_matches("[]");
            is_name(name.strip_suffix('@').unwrap_or(name)) && is_name(kind)
        });
        typed || (!name.contains(':') && is_name(name))
    };
    names.contains(':') && !names.contains(['?', '(']) && names.split(',').all(is_one)
}

fn is_name(word: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && word.chars().all(is_part)
}

/// The lines of an orchestra without their comments, and with a quote for each string and text that begins in
/// them.
pub fn code_lines<Line: AsRef<str>>(
    orchestra: impl IntoIterator<Item = Line>,
) -> impl Iterator<Item = String> {
    code_and_strings(orchestra).map(|(code, _)| code)
}

/// The same, and whether a string in the line is not closed.
pub fn code_and_strings<Line: AsRef<str>>(
    orchestra: impl IntoIterator<Item = Line>,
) -> impl Iterator<Item = (String, bool)> {
    let mut around = Around::default();
    orchestra.into_iter().map(move |line| {
        let code = around.code_of(line.as_ref());
        (code, around.string_is_open)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(orchestra: &str) -> Option<(usize, &'static str)> {
        let source = Source::OrcSco { orc: orchestra.into(), sco: String::new() };
        sign_of_seven(&Piece { name: "a.orc".into(), source, folder: None })
    }

    #[test]
    fn the_language_of_7_is_seen_where_it_is_sure() {
        for line in [
            "freq:k = 440",
            "freq:k, amp:a = f(1)",
            "tones:i[] = [1, 2, 3]",
            "struct Note pitch:k, level:k",
            "for x in [1, 2] do",
            "opcode f(x:k):(a)",
        ] {
            assert_eq!(sign(&format!("instr 1\n{line}\nendin\n")).map(|(line, _)| line), Some(2), "{line}");
        }
        for line in [
            "k1 = chnget:k(\"x\")",
            "k1 = (k2 > 0 ? k3:k4)",
            "loop: k1 = 2",
            "loop:",
            "opcode f, a, k",
            "; freq:k = 440",
            "prints \"freq:k = 1\"",
            "/* struct Note pitch:k, level:k */",
            "if k1 == 2 goto end",
            "for_x = 1",
            "k1, k2 = 3",
        ] {
            assert_eq!(sign(&format!("instr 1\n{line}\nendin\n")), None, "{line}");
        }
        for text in [
            "{{\nx:k = 1\n}}",
            "S1 = {{ struct Note pitch:k, level:k\nx:k = 1 }}",
            "{{ {{\n}}\nx:k = 1\n}}",
            "{{ ; \" /*\n}} ; x:k = 1",
            "prints \"a \\\" b\nx:k = 1 ; \"",
            "/*/ x:k = 1\nx:k = 1 */",
        ] {
            let is_open = text.starts_with("prints");
            assert_eq!(sign(text).is_some(), is_open, "{text}");
        }
        assert_eq!(sign("S1 = {{ {{ a }} }}\nx:k = 1").map(|(line, _)| line), Some(2));
        assert_eq!(sign("{{ a }} x\n/* {{ */\nx:k = 1").map(|(line, _)| line), Some(3));
        let csd =
            "<CsScore>\nx:k = 1\n</CsScore>\n<CsInstruments>\n/*\nx:k = 1\n*/\nx:k = 1\n</CsInstruments>";
        let piece = Piece { name: "a.csd".into(), source: Source::Csd(csd.into()), folder: None };
        assert_eq!(sign_of_seven(&piece).map(|(line, _)| line), Some(8));
    }
}
