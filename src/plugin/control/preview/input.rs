//! Whether a piece is for what comes to its input, by its text. Pure.

use csound_language::Language;
use csound_language::highlight::Section;
use csound_language::parse::Kind;
use csound_language::piece::Document;
use csound_performance::engine::piece::{Piece, Source};

/// The opcodes that read the input.
const READERS: [&str; 10] = ["in", "ins", "inh", "inq", "ino", "inx", "in32", "inch", "inrg", "inz"];

/// Whether the orchestra has an opcode that reads the input.
pub(super) fn reads_input(piece: &Piece) -> bool {
    let (text, language) = match &piece.source {
        Source::Csd(text) => (text, Language::Csd),
        Source::OrcSco { orc, .. } => (orc, Language::Orchestra),
    };
    let document = Document::of(text, language);
    text.split('\n').enumerate().any(|(number, line)| {
        let words = document.words(number).iter().filter(|word| word.kind == Kind::Name);
        document.section(number) == Some(Section::Orchestra)
            && words.filter_map(|word| line.get(word.at.clone())).any(|name| READERS.contains(&name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_that_read_the_input_are_found_in_the_orchestra_alone() {
        let of = |source| reads_input(&Piece { name: "a.csd".into(), source, folder: None });
        let csd = |line: &str, score: &str| {
            let text = format!(
                "in the text before\n<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\n{line}\nendin\n\
                 </CsInstruments>\n<CsScore>\n{score}\n</CsScore>\n</CsoundSynthesizer>\n"
            );
            of(Source::Csd(text))
        };
        for line in ["a1, a2 ins", "a1 inch 1", "a1 = inch(1)", "outs in(), in()", "\ta1 in"] {
            assert!(csd(line, ""), "{line}");
        }
        for line in ["a1 oscili 1, 2 ; in", "prints \"in\"", "kin = 1", "a1 init 0 /* ins */", "ain = a1"] {
            assert!(!csd(line, "; ins"), "{line}");
        }
        let orchestra = |orc: &str| of(Source::OrcSco { orc: orc.into(), sco: "in".into() });
        assert!(orchestra("instr 1\na1 in\nendin\n") && !orchestra("instr 1\nendin\n"));
    }
}
