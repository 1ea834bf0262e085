//! Strings and arrays as Csound has them.

use std::ffi::{CStr, c_char, c_int, c_void};

use super::layout::Layout;
use super::memory::Memory;

/// The most elements that an array of ours gets.
pub(super) const MOST_ELEMENTS: usize = 1 << 20;

/// Csound's string. In 6 the second word holds an `int` and nothing, in 7 a `size_t`.
#[repr(C)]
pub(super) struct Text {
    data: *mut c_char,
    size: u64,
}

impl Text {
    /// What it says, without its NUL.
    ///
    /// # Safety
    /// It is a string of Csound's, and nobody changes it meanwhile.
    pub(super) unsafe fn read<'a>(this: *const Self) -> &'a CStr {
        // SAFETY: the caller's promise: the data are null or end in a NUL.
        unsafe { if this.is_null() || (*this).data.is_null() { c"" } else { CStr::from_ptr((*this).data) } }
    }

    /// Writes `said`, up to a NUL in it. Allocates only if it is longer than all before.
    ///
    /// # Safety
    /// It is a string of Csound's with memory of Csound's, and `said` does not lie in it.
    pub(super) unsafe fn write(this: *mut Self, said: &[u8], layout: &Layout, memory: &Memory) {
        let said = said.split(|byte| *byte == 0).next().unwrap_or_default();
        // SAFETY: the caller's promise; `room` bytes are there once it is large enough.
        unsafe {
            let room = if layout.has_int_size {
                u64::from((&raw const (*this).size).cast::<u32>().read())
            } else {
                (*this).size
            };
            let needed = said.len() as u64 + 1;
            if (*this).data.is_null() || room < needed || room > i32::MAX as u64 {
                (*this).data = memory.resized((*this).data.cast(), said.len() + 1).cast();
                match layout.has_int_size {
                    true => (&raw mut (*this).size).cast::<u32>().write(needed as u32),
                    false => (*this).size = needed,
                }
            }
            (*this).data.cast::<u8>().copy_from_nonoverlapping(said.as_ptr(), said.len());
            (*this).data.add(said.len()).write(0);
        }
    }
}

/// The beginning of Csound's array: the same in 6 and in 7.
#[repr(C)]
pub(super) struct Array {
    dimensions: c_int,
    sizes: *mut c_int,
    member_size: c_int,
    kind: *const c_void,
    data: *mut u8,
    allocated: usize,
}

impl Array {
    /// Its elements: the first, how many, and the bytes from one to the next.
    ///
    /// # Safety
    /// It is an array of Csound's.
    pub(super) unsafe fn elements(this: *const Self) -> (*mut u8, usize, usize) {
        // SAFETY: the caller's promise; there are as many sizes as dimensions.
        unsafe {
            if this.is_null() || (*this).data.is_null() || (*this).sizes.is_null() || (*this).dimensions < 1 {
                return (std::ptr::null_mut(), 0, 1);
            }
            let sizes = std::slice::from_raw_parts((*this).sizes, (*this).dimensions as usize);
            let member = usize::try_from((*this).member_size).unwrap_or(0).max(1);
            let count = sizes.iter().map(|size| usize::try_from(*size).unwrap_or(0));
            let count = count.fold(1, usize::saturating_mul).min((*this).allocated / member);
            ((*this).data, count, member)
        }
    }

    /// Gives it one dimension of `count` elements of `member` bytes; those that are new are zero. Allocates only
    /// if it is longer than all before.
    ///
    /// # Safety
    /// It is an array of Csound's with elements of that size and memory of Csound's.
    pub(super) unsafe fn resize(this: *mut Self, count: usize, member: usize, memory: &Memory) {
        let count = count.min(MOST_ELEMENTS);
        let needed = count.max(1) * member;
        // SAFETY: the caller's promise.
        unsafe {
            if (*this).sizes.is_null() || (*this).dimensions < 1 {
                (*this).sizes = memory.zeroed(size_of::<u64>()).cast();
            }
            (*this).dimensions = 1;
            if (*this).data.is_null() {
                (*this).data = memory.zeroed(needed);
                (*this).allocated = needed;
            } else if (*this).allocated < needed {
                (*this).data = memory.resized((*this).data, needed);
                (*this).data.add((*this).allocated).write_bytes(0, needed - (*this).allocated);
                (*this).allocated = needed;
            }
            (*this).member_size = member as c_int;
            (*this).sizes.write(count as c_int);
        }
    }
}
