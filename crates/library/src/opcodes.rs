//! The opcodes that an instance knows.

use std::ffi::{CStr, c_char};

use csound_sys as sys;
use serde::{Deserialize, Serialize};

/// An opcode as Csound lists it: one of the variants of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opcode {
    /// Its name, without what tells the variants of one apart.
    pub name: String,
    /// The types of its results, in Csound's letters; empty for none.
    pub results: String,
    /// The types of its arguments, in Csound's letters; empty for none.
    pub arguments: String,
}

impl Opcode {
    /// The opcode of an entry of Csound's list.
    ///
    /// # Safety
    /// The entry's texts are null or NUL-terminated.
    pub(super) unsafe fn of(entry: &sys::opcodeListEntry) -> Self {
        let text = |text: *mut c_char| {
            // SAFETY: the caller's promise.
            (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
        };
        let name = text(entry.opname).unwrap_or_default();
        Self {
            name: name.split('.').next().unwrap_or_default().to_owned(),
            results: text(entry.outypes).unwrap_or_default(),
            arguments: text(entry.intypes).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::start;

    #[test]
    fn opcodes_are_listed_with_the_types_of_results_and_arguments() {
        let Some(csound) = start("instr 1\nendin", "i1 0 1") else { return };
        let opcodes = csound.opcodes();
        let linseg: Vec<_> = opcodes.iter().filter(|opcode| opcode.name == "linseg").collect();
        assert!(linseg.iter().any(|opcode| opcode.results == "a" && opcode.arguments.starts_with("ii")));
        assert!(linseg.iter().any(|opcode| opcode.results == "k"));
        assert!(opcodes.len() > 1000 && csound.opcode_names().contains("oscili"));
        assert!(opcodes.iter().all(|opcode| !opcode.name.is_empty() && !opcode.name.contains('.')));
    }
}
