//! Pieces of text that are written often.

/// A piece of text to put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What is typed for it.
    pub name: &'static str,
    /// A few words about it.
    pub about: &'static str,
    /// The text; `|` is where the cursor goes.
    pub text: &'static str,
    /// It stands in a CSD between its sections, not in an orchestra.
    pub is_section: bool,
}

const fn code(name: &'static str, about: &'static str, text: &'static str) -> Snippet {
    Snippet { name, about, text, is_section: false }
}

const fn section(name: &'static str, about: &'static str, text: &'static str) -> Snippet {
    Snippet { name, about, text, is_section: true }
}

/// All of them.
pub const SNIPPETS: [Snippet; 15] = [
    code("instr", "an instrument", "instr |\n  \nendin"),
    code("opcode", "an opcode of the piece's own", "opcode |, a, k\n  kin xin\n  \n  xout aout\nendop"),
    code("if", "a condition", "if | then\n  \nendif"),
    code("ifelse", "a condition with an alternative", "if | then\n  \nelse\n  \nendif"),
    code("while", "a loop", "while | do\n  \nod"),
    code("until", "a loop to an end", "until | do\n  \nod"),
    code(
        "header",
        "the values that an orchestra begins with",
        "sr = 48000\nksmps = 32\nnchnls = 2\n0dbfs = 1\n|",
    ),
    code("define", "a macro", "#define | ##"),
    code("include", "the text of another file", "#include \"|\""),
    code("channel", "a channel with a range, which is a parameter", "chn_k \"|\", 1, 2, 0.5, 0, 1"),
    code(
        "note",
        "an instrument for notes",
        "instr |\n  kenv madsr 0.01, 0.1, 0.8, 0.2\n  aout oscili kenv * p5 / 127, cpsmidinn(p4)\n  outs aout, aout\nendin",
    ),
    section(
        "CsoundSynthesizer",
        "a whole piece",
        "<CsoundSynthesizer>\n<CsOptions>\n</CsOptions>\n<CsInstruments>\nsr = 48000\nksmps = 32\nnchnls = 2\n0dbfs = 1\n\ninstr 1\n  |\nendin\n</CsInstruments>\n<CsScore>\n</CsScore>\n</CsoundSynthesizer>",
    ),
    section("CsOptions", "options", "<CsOptions>\n|\n</CsOptions>"),
    section("CsInstruments", "the orchestra", "<CsInstruments>\n|\n</CsInstruments>"),
    section("CsScore", "the score", "<CsScore>\n|\n</CsScore>"),
];

#[cfg(test)]
mod tests {
    use super::SNIPPETS;
    use crate::language::Language;
    use crate::mistakes::mistakes;
    use crate::opcodes::Opcodes;
    use crate::piece::Document;

    #[test]
    fn each_says_where_the_cursor_goes_and_is_no_mistake() {
        for snippet in SNIPPETS {
            assert_eq!(snippet.text.matches('|').count(), 1, "{}", snippet.name);
            let text = snippet.text.replace('|', "x");
            let language = if snippet.is_section { Language::Csd } else { Language::Orchestra };
            let document = Document::of(&text, language);
            assert_eq!(mistakes(&text, &document, &Opcodes::default(), &[]), [], "{}", snippet.name);
        }
    }
}
