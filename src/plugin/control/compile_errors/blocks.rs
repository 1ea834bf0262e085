//! Blocks of an orchestra that are opened and never closed, or closed and never opened. Pure.

/// What opens a block, what closes it.
const PAIRS: [(&str, &str); 7] = [
    ("instr", "endin"),
    ("opcode", "endop"),
    ("if", "endif"),
    ("while", "od"),
    ("until", "od"),
    ("for", "od"),
    ("switch", "endsw"),
];

/// A block that is not closed, or an end without a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Loose {
    /// The line of the word, from 1.
    pub line: u32,
    /// The word that opens the block, or ends none.
    pub word: &'static str,
    /// The word that is missing.
    pub missing: &'static str,
    /// Whether it opens one.
    pub opens: bool,
}

/// The first block that is loose in the lines of an orchestra; `first` is the number of its first line.
pub(super) fn loose(lines: &[String], first: u32) -> Option<Loose> {
    let mut open: Vec<(&'static str, &'static str, u32)> = Vec::new();
    for (line, text) in (first..).zip(lines) {
        for word in words(text) {
            if let Some((opening, closing)) = opened(word, text) {
                // An instrument in an instrument: the one before was not closed.
                let is_outer = matches!(opening, "instr" | "opcode");
                if let Some(&(word, missing, line)) = open.last().filter(|_| is_outer) {
                    return Some(Loose { line, word, missing, opens: true });
                }
                open.push((opening, closing, line));
            } else if let Some(&(opening, closing)) = PAIRS.iter().find(|(_, closing)| *closing == word) {
                match open.pop() {
                    Some((_, expected, _)) if expected == closing => {}
                    Some((word, missing, line)) => return Some(Loose { line, word, missing, opens: true }),
                    None => return Some(Loose { line, word: closing, missing: opening, opens: false }),
                }
            }
        }
    }
    let (word, missing, line) = open.pop()?;
    Some(Loose { line, word, missing, opens: true })
}

fn opened(word: &str, line: &str) -> Option<(&'static str, &'static str)> {
    let pair = *PAIRS.iter().find(|(opening, _)| *opening == word)?;
    // `if … goto`, `kgoto` and the like are whole by themselves.
    let is_jump = pair.0 == "if" && !words(line).any(|word| matches!(word, "then" | "ithen" | "kthen"));
    (!is_jump).then_some(pair)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(u32, &'static str, &'static str, bool)> {
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        loose(&lines, 1).map(|loose| (loose.line, loose.word, loose.missing, loose.opens))
    }

    #[test]
    fn the_block_that_is_loose_is_found() {
        assert_eq!(found("instr 1\nif k1 == 1 then\nk1 = 2\nelseif k1 == 2 then\nendif\nendin"), None);
        assert_eq!(found("instr 1\nif k1 == 1 goto x\nx:\nwhile k1 < 2 do\nod\nendin"), None);
        assert_eq!(found("instr 1\nif k1 == 1 then\nendin"), Some((2, "if", "endif", true)));
        assert_eq!(found("instr 1\nout a1\ninstr 2\nendin"), Some((1, "instr", "endin", true)));
        assert_eq!(found("instr 1\nout a1"), Some((1, "instr", "endin", true)));
        assert_eq!(found("instr 1\nendin\nendin"), Some((3, "endin", "instr", false)));
        assert_eq!(found("instr 1\nfor x in [1] do\nswitch x\ncase 1\nendsw\nod\nendin"), None);
        assert_eq!(found("instr 1\nfor x in [1] do\nendin"), Some((2, "for", "od", true)));
        assert_eq!(found("opcode a, a, k\ninstr 1\nendin"), Some((1, "opcode", "endop", true)));
    }
}
