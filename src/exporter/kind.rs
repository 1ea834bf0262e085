//! Whether a piece is played or is given sound. It reads what is included.

use csound_export::Kind;
use csound_performance::engine::piece::orchestra_spans;
use csound_performance::{Generation, Piece, Source};

use crate::plugin::pieces::language::code_lines;
use crate::plugin::pieces::trust::Pinned;

/// Opcodes that read the sound that a piece is given.
const INPUTS: [&str; 10] = ["ins", "inq", "inh", "ino", "inx", "in32", "inch", "inrg", "inz", "monitor"];

/// An effect where the orchestra, or what it includes, reads sound that it is given, otherwise an instrument.
pub(super) fn of(piece: &Piece) -> Kind {
    let own = match &piece.source {
        Source::Csd(text) => {
            let spans = Generation::ALL.into_iter().find_map(|generation| orchestra_spans(text, generation));
            spans.unwrap_or_default().into_iter().map(|span| text[span].to_owned()).collect()
        }
        Source::OrcSco { orc, .. } => vec![orc.clone()],
    };
    let included = Pinned::of(piece).included.into_iter().filter_map(|file| file.bytes);
    let included = included.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    match own.into_iter().chain(included).any(|text| reads_input(&text)) {
        true => Kind::Effect,
        false => Kind::Instrument,
    }
}

fn reads_input(orchestra: &str) -> bool {
    code_lines(orchestra.lines()).any(|line| {
        let words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        // `in` is a word of loops, too: sound is what it gives to variables of that kind.
        let given = words.iter().take_while(|word| is_sound(word)).count();
        (given > 0 && words.get(given) == Some(&"in")) || words.iter().any(|word| INPUTS.contains(word))
    })
}

/// If a word may be the name of a variable that holds sound, or the type of one.
fn is_sound(word: &str) -> bool {
    word.starts_with('a') || word.starts_with("ga")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_reads_the_sound_that_it_is_given() {
        let kind = |line: &str| {
            let text = format!(
                "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\n{line}\nendin\n</CsInstruments>\n</CsoundSynthesizer>\n"
            );
            of(&Piece { name: "a.csd".into(), source: Source::Csd(text), folder: None })
        };
        for line in [
            "a1, a2 ins",
            "a1 in",
            "gaIn in",
            "a1 inch 1",
            "asig = inch(2)",
            "asig = in()",
            "asig:a = in()",
            "a1 inz 1",
        ] {
            assert_eq!(kind(line), Kind::Effect, "{line}");
        }
        for line in [
            "a1 oscili 1, 440 ; ins",
            "prints \"ins\"",
            "Sa = {{\na1 ins\n}}",
            "/* a1 ins */",
            "for x in y do",
            "for amp in amps do",
            "kins = 1",
        ] {
            assert_eq!(kind(line), Kind::Instrument, "{line}");
        }
    }

    #[test]
    fn only_orchestras_count_and_those_that_are_included() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("input.inc"), "a1 in\n").unwrap();
        let kind = |rest: &str, code: &str| {
            let text = format!(
                "<CsoundSynthesizer>\n{rest}\n<CsInstruments>\n{code}\n</CsInstruments>\n</CsoundSynthesizer>\n"
            );
            let folder = Some(folder.path().to_owned());
            of(&Piece { name: "a.csd".into(), source: Source::Csd(text), folder })
        };
        let licence = "<CsLicense>\nas in\nall ins and outs\n</CsLicense>";
        assert_eq!(kind(licence, "instr 1\nendin"), Kind::Instrument);
        assert_eq!(kind("", "#include \"input.inc\""), Kind::Effect);
    }
}
