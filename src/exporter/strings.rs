//! The strings in a text of Csound's, and the text without its strings and comments. Pure, and lenient: what is found is
//! looked for on the disk afterwards.

/// A string of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoted<'a> {
    /// Its line, from 1.
    pub line: usize,
    /// What is in it.
    pub text: &'a str,
    /// What stands before it in its line.
    pub before: &'a str,
}

/// The strings in one line each, outside comments.
pub(super) fn quoted(text: &str) -> Vec<Quoted<'_>> {
    let mut found = Vec::new();
    walk(text, &mut |line, number, start, end| {
        found.push(Quoted { line: number, text: &line[start + 1..end], before: &line[..start] });
    });
    found
}

/// The lines without strings and comments.
pub(super) fn code_lines(text: &str) -> impl Iterator<Item = String> {
    let mut lines: Vec<String> = Vec::new();
    let mut strings: Vec<(usize, usize, usize)> = Vec::new();
    let ends = walk(text, &mut |_, number, start, end| strings.push((number, start, end)));
    for (index, (line, end)) in text.lines().zip(ends).enumerate() {
        let mut code = line[..end.1].to_owned();
        code.replace_range(..end.0, &" ".repeat(end.0));
        for (_, start, end) in strings.iter().filter(|(number, ..)| *number == index + 1) {
            code.replace_range(start..=end, &" ".repeat(end - start + 1));
        }
        lines.push(code);
    }
    lines.into_iter()
}

/// Walks through a text, and gives each string's line, its number, and the places of its quotes. What comes back is, for
/// each line, where code begins and ends.
fn walk<'a>(text: &'a str, string: &mut dyn FnMut(&'a str, usize, usize, usize)) -> Vec<(usize, usize)> {
    let mut in_comment = false;
    let mut ends = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let bytes = line.as_bytes();
        let (mut at, mut begins, mut end) = (0, 0, line.len());
        while at < bytes.len() {
            let rest = &bytes[at..];
            if in_comment {
                if rest.starts_with(b"*/") {
                    (in_comment, begins) = (false, at + 2);
                    at += 1;
                }
            } else if rest.starts_with(b"/*") {
                // Code behind a comment in the same line is rare: the line ends for us where it begins.
                in_comment = !line[at + 2..].contains("*/");
                end = at;
                break;
            } else if rest[0] == b';' || rest.starts_with(b"//") {
                end = at;
                break;
            } else if rest[0] == b'"' {
                let mut close = at + 1;
                while close < bytes.len() && bytes[close] != b'"' {
                    close += if bytes[close] == b'\\' { 2 } else { 1 };
                }
                if close >= bytes.len() {
                    break;
                }
                string(line, index + 1, at, close);
                at = close;
            }
            at += 1;
        }
        let begins = if in_comment && end == line.len() { line.len() } else { begins.min(end) };
        ends.push((begins, end));
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_outside_comments() {
        let text = "a1 diskin \"x.wav\", 1 ; \"no.wav\"\n/* \"no\"\n\"no\" */ S1 = \"y\"\n\"open\nSx = \"\u{e4}\\\"b\"\n// \"no\"";
        let found: Vec<_> = quoted(text).iter().map(|found| (found.line, found.text)).collect();
        assert_eq!(found, [(1, "x.wav"), (3, "y"), (5, "\u{e4}\\\"b")]);
        let code: Vec<_> = code_lines(text).map(|line| line.trim().to_owned()).collect();
        assert_eq!(code, ["a1 diskin        , 1", "", "S1 =", "\"open", "Sx =", ""]);
    }

    #[test]
    fn any_text_is_walked_through() {
        for text in ["\"", "/*", "*/", "\"\\", "\u{1d11e}\"\u{1d11e}\"/*\u{1d11e}*/\";\"", "a /* b */ \"c\""]
        {
            assert_eq!(code_lines(text).count(), text.lines().count());
            quoted(text);
        }
    }
}
