//! What is wrong with a piece that performs: a file that is not found, something that was refused, an error of an
//! opcode. Read from what Csound and the engine's guards say, and put into a sentence. Pure, but for the look
//! whether a file is there.

mod files;
mod reader;

use csound_performance::engine::piece::Piece;

use crate::plugin::pieces::trust::Granted;
use crate::plugin::shared::fault::{Fault, Kind};
use crate::plugin::shared::locked::CompileError;
pub use reader::Reader;

/// Faults that are kept of one engine.
const MOST: usize = 50;

/// The faults of an orchestra's header, because of which a piece does not start, as errors of its text.
pub fn of_header(said: Vec<Said>, piece: &Piece, granted: &Granted) -> Vec<CompileError> {
    let mut faults = Vec::new();
    add(&mut faults, said, piece, granted);
    // The guards do not know the line of what they refuse; the opcode that failed by it does.
    let is_guards = |fault: &Fault| fault.kind == Kind::Refused && fault.line.is_none();
    let of_opcodes: Vec<_> = faults.iter().filter(|fault| fault.line.is_some()).cloned().collect();
    if let ([failed], 1) = (&of_opcodes[..], faults.iter().filter(|fault| is_guards(fault)).count()) {
        // An opcode's own sentence says more where it is of a file.
        faults.retain(|fault| is_guards(fault) == (failed.kind == Kind::Error));
        faults.iter_mut().for_each(|fault| fault.line = failed.line);
    }
    let error = |fault: Fault| {
        let at = fault.line.map(|line| format!("Line {line}: ")).unwrap_or_default();
        let text = fault.text.strip_prefix(&at).unwrap_or(&fault.text);
        CompileError::own(fault.line, text.to_owned())
    };
    faults.into_iter().map(error).collect()
}

/// Something that was said to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A file could not be opened.
    File {
        /// Its name, as the piece has it.
        name: String,
        /// The opcode that wanted it, where it is known.
        opcode: Option<String>,
        /// The line, from 1, where it is known.
        line: Option<u32>,
    },
    /// Anything else, as the fault that it is.
    Other(Fault),
}

/// Adds to the faults of a piece, each once.
pub fn add(faults: &mut Vec<Fault>, said: Vec<Said>, piece: &Piece, granted: &Granted) {
    for said in said {
        let fault = match said {
            Said::File { name, opcode, line } => {
                files::fault(&name, opcode.as_deref(), line, piece.folder.as_deref(), granted)
            }
            Said::Other(fault) => fault,
        };
        let is_known = faults.iter().any(|known| known.text == fault.text);
        if !is_known && faults.len() < MOST {
            faults.push(fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use csound_performance::engine::piece::Source;

    use super::*;

    #[test]
    fn a_header_that_was_refused_something_has_one_error_at_its_line() {
        let fault = |kind, line, text: &str| Said::Other(Fault { kind, line, text: text.into() });
        let refused = fault(Kind::Refused, None, "The piece tried to open a network connection");
        let failed = fault(Kind::Error, Some(6), "Line 6: OSCinit fails in the orchestra's header: no port");
        let piece = Piece { name: "a.csd".into(), source: Source::Csd(String::new()), folder: None };
        let told = |said| {
            let errors = of_header(said, &piece, &Granted::default());
            errors.into_iter().map(|error| (error.line, error.text)).collect::<Vec<_>>()
        };
        let network = "The piece tried to open a network connection".to_owned();
        assert_eq!(told(vec![refused.clone(), failed.clone()]), [(Some(6), network.clone())]);
        assert_eq!(told(vec![failed.clone(), refused.clone()]), [(Some(6), network)]);
        let alone = "OSCinit fails in the orchestra's header: no port".to_owned();
        assert_eq!(told(vec![failed]), [(Some(6), alone)]);
        let file = fault(Kind::Refused, Some(2), "Line 2: ../x.wav was refused");
        assert_eq!(told(vec![refused, file]), [(Some(2), "../x.wav was refused".to_owned())]);
    }
}
