//! The opcodes of Cabbage 3, for pieces whose section is in JSON: they share names with those of Cabbage 2 and have
//! other signatures. Properties are named by their paths; Csound 7 alone has them.

mod files;
mod identifiers;
mod properties;
pub(super) mod signatures;
