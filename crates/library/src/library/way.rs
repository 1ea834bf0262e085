//! The way in which an instance's k-cycles are performed.

use std::ffi::c_int;
use std::io;

use super::functions::CSOUND;
use super::stack::Stack;

/// A function of Csound's that performs.
pub(super) type Perform = unsafe extern "C" fn(*mut CSOUND) -> c_int;

/// One way to perform a k-cycle, such that a piece that ends Csound comes back from it.
pub(crate) struct Way {
    function: Perform,
    stack: Option<Stack>,
}

impl Way {
    /// An ordinary call.
    pub(super) fn call(function: Perform) -> Self {
        Self { function, stack: None }
    }

    /// A call that finds the same stack each time, wherever it comes from.
    ///
    /// # Errors
    /// The system's: there is no memory for the stack.
    pub(super) fn call_on_own_stack(function: Perform) -> io::Result<Self> {
        Ok(Self { function, stack: Stack::new()? })
    }

    /// Performs.
    ///
    /// # Realtime safety
    /// As safe as the piece.
    ///
    /// # Safety
    /// The instance is alive and started, and nobody else performs it.
    pub(crate) unsafe fn perform(&mut self, csound: *mut CSOUND) -> c_int {
        match &mut self.stack {
            // SAFETY: the caller's promise; the function is a C function that takes an instance.
            Some(stack) => unsafe { stack.call(self.function, csound) },
            // SAFETY: the caller's promise.
            None => unsafe { (self.function)(csound) },
        }
    }
}
