//! Whether a piece may move its own score: by an `a` statement, an opcode, or code that its text does not show. Pure.

use csound_library::Generation;

use super::score::advances;
use super::sections::score_span;

/// Words in an orchestra by which score time can go on faster than it is performed: `a` events, and whatever brings
/// scores or code that stand elsewhere.
const WORDS: [&str; 7] = ["setscorepos", "scoreline", "readscore", "\"a\"", "compile", "evalstr", "#inc"];

/// True if a score or an orchestra may do so.
pub(super) fn may_move_its_score<'a>(orchestra: &str, scores: impl IntoIterator<Item = &'a str>) -> bool {
    WORDS.iter().any(|word| orchestra.contains(word)) || scores.into_iter().any(advances)
}

/// The same for a CSD.
pub(super) fn csd_may_move_its_score(text: &str) -> bool {
    let spans = Generation::ALL.into_iter().filter_map(|generation| score_span(text, generation));
    let scores: Vec<_> = spans.map(|span| &text[span]).collect();
    // A program may write the score.
    scores.is_empty() && text.contains("<CsScore") || may_move_its_score(text, scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(orc: &str, sco: &str) -> bool {
        let csd = format!(
            "<CsoundSynthesizer>\n<CsInstruments>\n{orc}\n</CsInstruments>\n<CsScore>\n{sco}\n</CsScore>\n\
             </CsoundSynthesizer>\n"
        );
        let (one, other) = (may_move_its_score(orc, [sco]), csd_may_move_its_score(&csd));
        assert_eq!(one, other, "{csd}");
        one
    }

    #[test]
    fn a_piece_that_may_move_its_score_is_known() {
        let tone = "instr 1\na1 oscili 0.1, 440\nout a1\nendin";
        for score in
            ["a 0 0 10", " a0 1 2", "i 1 0 1\na\t0 0 3", "$SKIP", "{ 3 N\na 0 0 1\n}", "#include \"x\""]
        {
            assert!(moves(tone, score), "{score}");
        }
        for line in
            ["setscorepos 10", "scoreline_i \"a 0 0 1\"", "event_i \"a\", 0, 0, 9", "ires compilestr S1"]
        {
            assert!(moves(&format!("instr 1\n{line}\nendin"), ""), "{line}");
        }
        for score in [
            "i 1 0 1",
            "f 1 0 16 10 1 ; a 0 0 9",
            "t 0 60\ni 1 0 1\ns\ni 1 0 1\ne",
            "/* \na 0 0 1\n*/ i 1 0 1",
        ] {
            assert!(!moves(tone, score), "{score}");
        }
        let program = "<CsScore bin=\"perl\">\n</CsScore>\n";
        assert!(csd_may_move_its_score(program));
    }
}
