//! Opcodes of our own: registered with an instance before it compiles, and called by Csound like any other.
//!
//! An opcode is called with a block of memory of Csound's: a header, the places of its results and arguments,
//! and what it keeps between calls. How long the header is, how strings and arrays lie in memory, and where
//! Csound's allocator is (6 does not export it) depends on the version; `layout` knows the versions, and looks
//! whether the instance is what it takes it for. Without such a layout nothing is registered.
//!
//! Reading order: `own_opcodes/layout.rs`, `own_opcodes/memory.rs` (Csound's allocator), `own_opcodes/data.rs`
//! (strings and arrays), `own_opcodes/call.rs` (a call), `own_opcodes/entries.rs` (what Csound calls).

mod call;
mod data;
mod entries;
mod error;
mod layout;
mod memory;
mod registered;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::Arc;

use crate::csound::Csound;

pub(crate) use layout::Layout;
use registered::Registered;

pub use call::Call;
pub use error::OwnOpcodeError;
pub use registered::{KEPT, OwnOpcode};

impl Csound {
    /// Adds opcodes, with what they work on. Before [`compile`](Self::compile), once.
    ///
    /// # Errors
    /// [`OwnOpcodeError`]; if Csound refuses one, those before it are there.
    pub fn add_opcodes(
        &mut self,
        opcodes: &'static [OwnOpcode],
        context: Arc<dyn Any + Send + Sync>,
    ) -> Result<(), OwnOpcodeError> {
        if !self.is_new() {
            return Err(OwnOpcodeError::TooLate);
        }
        if opcodes.len() > error::MOST {
            return Err(OwnOpcodeError::TooMany);
        }
        let library = self.library();
        // SAFETY: the instance is alive.
        let layout = unsafe { Layout::of(library, self.raw())? };
        let registered = Registered { opcodes, layout, context };
        self.shared().host.own_opcodes.set(Box::new(registered)).map_err(|_| OwnOpcodeError::TooLate)?;
        for (index, opcode) in opcodes.iter().enumerate() {
            let (init, perform) = entries::of(index, opcode);
            let size = call::block_size(layout, opcode);
            // SAFETY: the instance is alive and has not compiled. The texts are static. The entries read the block
            // that Csound makes of this size, by the layout that was checked.
            let code = unsafe {
                let texts = [opcode.name, opcode.results, opcode.arguments];
                library.operations.append_opcode(self.raw(), texts, size, [init, perform])
            };
            if code != 0 {
                return Err(OwnOpcodeError::Refused(opcode.name.to_string_lossy().into_owned()));
            }
        }
        Ok(())
    }
}
