//! Whether a piece is played or is given sound. Pure.

use csound_export::Kind;
use csound_performance::{Piece, Source};

use crate::plugin::pieces::language::code_lines;

/// Opcodes that read the sound that a piece is given.
const INPUTS: [&str; 9] = ["ins", "inq", "inh", "ino", "inx", "in32", "inch", "inrg", "monitor"];

/// An effect where the orchestra reads sound that it is given, otherwise an instrument.
pub(super) fn of(piece: &Piece) -> Kind {
    let text = match &piece.source {
        Source::Csd(text) => text,
        Source::OrcSco { orc, .. } => orc,
    };
    let reads = code_lines(text.lines()).any(|line| {
        let words: Vec<_> = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
        // `in` gives one channel of sound; elsewhere the word is part of a loop, or of a sentence.
        let is_in = words.windows(2).any(|pair| pair[0].starts_with(['a', 'g']) && pair[1] == "in");
        is_in || words.iter().any(|word| INPUTS.contains(word))
    });
    if reads { Kind::Effect } else { Kind::Instrument }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_reads_the_sound_that_it_is_given() {
        let kind = |line: &str| {
            let text = format!("<CsInstruments>\ninstr 1\n{line}\nendin\n</CsInstruments>\n");
            of(&Piece { name: "a.csd".into(), source: Source::Csd(text), folder: None })
        };
        for line in ["a1, a2 ins", "a1 in", "a1 inch 1", "asig = inch(2)"] {
            assert_eq!(kind(line), Kind::Effect, "{line}");
        }
        for line in [
            "a1 oscili 1, 440 ; ins",
            "prints \"ins\"",
            "Sa = {{\na1 ins\n}}",
            "/* a1 ins */",
            "for x in y do",
            "kins = 1",
        ] {
            assert_eq!(kind(line), Kind::Instrument, "{line}");
        }
    }
}
