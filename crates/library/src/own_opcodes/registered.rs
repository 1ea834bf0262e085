//! The opcodes of an instance.

use std::any::Any;
use std::ffi::CStr;
use std::sync::Arc;

use super::call::Call;
use super::layout::Layout;

/// Numbers that an opcode keeps between calls, for each place where it stands in a note.
pub const KEPT: usize = 8;

/// One signature of an opcode of our own. Those of one name are told apart by their types.
#[derive(Clone, Copy)]
pub struct OwnOpcode {
    /// Its name.
    pub name: &'static CStr,
    /// The types of its results, in Csound's letters.
    pub results: &'static CStr,
    /// The types of its arguments, in Csound's letters; the last may stand for any number of them.
    pub arguments: &'static CStr,
    /// What it does when a note begins.
    pub init: Option<fn(&mut Call<'_>)>,
    /// What it does in each k-cycle.
    pub perform: Option<fn(&mut Call<'_>)>,
}

/// The opcodes of an instance, and what they work on.
pub(super) struct Registered {
    pub(super) opcodes: &'static [OwnOpcode],
    pub(super) layout: &'static Layout,
    pub(super) context: Arc<dyn Any + Send + Sync>,
}
