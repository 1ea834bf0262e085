//! Tables of functions that a CLAP host asks for by the name of an extension.

use std::ffi::{CStr, c_void};

/// A table that is there for ever, or null.
#[derive(Clone, Copy)]
pub(super) struct Table(pub *const c_void);

// SAFETY: nothing of it changes.
unsafe impl Sync for Table {}

/// The one of this name.
pub(super) fn find(tables: &[(&CStr, Table)], id: &CStr) -> Table {
    let found = tables.iter().find(|(name, _)| *name == id);
    found.map_or(Table(std::ptr::null()), |(_, table)| *table)
}

/// Writes what there is to a place of the host's. False where there is nothing, or no place.
///
/// # Safety
/// `into` is null or may be written.
pub(super) unsafe fn put<T>(into: *mut T, found: Option<T>) -> bool {
    let Some(found) = found.filter(|_| !into.is_null()) else { return false };
    // SAFETY: the caller's; not null.
    unsafe { into.write(found) };
    true
}
