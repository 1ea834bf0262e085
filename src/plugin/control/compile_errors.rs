//! What Csound found wrong in a text, from what it said while it compiled it. Pure.

use csound_library::Level;
use csound_performance::engine::ConsoleLine;

use crate::plugin::shared::locked::CompileError;

/// The errors that name a line, each once, in their order. Csound says what is wrong, and in a line of its own
/// where: that line begins with `from file`.
pub fn compile_errors(lines: &[ConsoleLine]) -> Vec<CompileError> {
    let said: Vec<_> = lines.iter().filter(|line| line.level == Level::Error).collect();
    let mut errors: Vec<CompileError> = Vec::new();
    for (at, line) in said.iter().enumerate().filter(|(_, line)| line.line.is_some()) {
        let is_place = line.text.trim_start().starts_with("from file");
        let what = said[..at].last().filter(|_| is_place).unwrap_or(line);
        let error = CompileError { line: line.line, text: what.text.trim().to_owned() };
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, line: Option<u32>) -> ConsoleLine {
        ConsoleLine { line, ..ConsoleLine::error(text) }
    }

    #[test]
    fn the_sentence_before_the_place_is_the_error() {
        let lines = [
            ConsoleLine::note("instr 1: line 3"),
            said("error: Unable to find opcode entry for 'osc' with matching argument types", None),
            said("  from file piece.csd (1)", Some(7)),
            said("syntax error, unexpected NEWLINE", Some(9)),
            said("syntax error, unexpected NEWLINE", Some(9)),
        ];
        let found = compile_errors(&lines);
        assert_eq!(found.iter().map(|error| error.line).collect::<Vec<_>>(), [Some(7), Some(9)]);
        assert!(found[0].text.starts_with("error: Unable to find opcode entry"), "{found:?}");
    }

    #[test]
    fn what_names_no_line_is_no_place_in_the_text() {
        assert_eq!(compile_errors(&[said("no libcsound", None)]), []);
    }
}
