//! Csound's list of the instances that are active, as its debugger's interface gives it. The list needs no debugger: it
//! is what Csound goes through in each k-cycle.

use std::ffi::{c_double, c_int, c_void};

use super::functions::{CSOUND, table};
use crate::version::Generation;

/// The first version of Csound 6 whose entries lie in memory as [`Entry`] says, as `csoundGetVersion` gives it.
const FIRST: c_int = 6180;

/// An entry of the list, as csdebug.h declares it in 6.18 and in 7.
#[repr(C)]
pub(crate) struct Entry {
    variables: *mut c_void,
    values: *mut c_double,
    pub(crate) instance: *mut c_void,
    /// p1 to p3.
    pub(crate) fields: [c_double; 3],
    cycles: u64,
    line: c_int,
    pub(crate) next: *mut Entry,
}

table! {
    /// The functions for it. Not every Csound has them, and csound-sys declares none.
    pub(crate) struct Instances {
        list: csoundDebugGetInstrInstances = unsafe extern "C" fn(*mut CSOUND) -> *mut Entry;
        free: csoundDebugFreeInstrInstances = unsafe extern "C" fn(*mut CSOUND, *mut Entry);
    }
}

impl Instances {
    /// The functions of a library that has them, and whose entries are known.
    pub(super) fn of(library: &libloading::Library, generation: Generation, version: c_int) -> Option<Self> {
        let is_known = generation == Generation::Seven || version >= FIRST;
        Self::find(library).ok().filter(|_| is_known)
    }
}
