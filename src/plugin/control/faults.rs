//! What is wrong with a piece that performs: a file that is not found, something that was refused, an error of an
//! opcode. Read from what Csound and the engine's guards say, and put into a sentence. Pure, but for the look
//! whether a file is there.

mod files;
mod reader;

use csound_performance::engine::piece::Piece;

use crate::plugin::pieces::trust::Granted;
use crate::plugin::shared::fault::Fault;
pub use reader::Reader;

/// Faults that are kept of one engine.
const MOST: usize = 50;

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
