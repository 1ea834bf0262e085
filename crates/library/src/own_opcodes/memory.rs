//! Csound's own allocator: strings and arrays that opcodes return are Csound's to free.

use std::ffi::c_void;

use crate::library::functions::CSOUND;

type Calloc = unsafe extern "C" fn(*mut CSOUND, usize) -> *mut c_void;
type ReAlloc = unsafe extern "C" fn(*mut CSOUND, *mut c_void, usize) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut CSOUND, *mut c_void);

/// The allocator of an instance.
///
/// # Realtime safety
/// It allocates, as Csound's opcodes do when notes begin.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    csound: *mut CSOUND,
    calloc: Calloc,
    realloc: ReAlloc,
    free: Free,
}

impl Memory {
    /// Of the functions `Calloc`, `ReAlloc` and `Free`.
    ///
    /// # Safety
    /// They are these functions of libcsound, and the instance is alive as long as this is used.
    pub(super) unsafe fn of(csound: *mut CSOUND, [calloc, realloc, free]: [*const c_void; 3]) -> Self {
        // SAFETY: the caller's promise; the types are those that Csound's headers declare, in 6 and in 7.
        unsafe {
            Self {
                csound,
                calloc: std::mem::transmute::<*const c_void, Calloc>(calloc),
                realloc: std::mem::transmute::<*const c_void, ReAlloc>(realloc),
                free: std::mem::transmute::<*const c_void, Free>(free),
            }
        }
    }

    /// `len` bytes of zero. Csound ends the piece if there is no memory.
    pub(super) fn zeroed(&self, len: usize) -> *mut u8 {
        // SAFETY: see `of`.
        unsafe { (self.calloc)(self.csound, len.max(1)).cast() }
    }

    /// Memory of Csound's with another length; what it holds stays, what is new is anything.
    ///
    /// # Safety
    /// `held` is Csound's, or null.
    pub(super) unsafe fn resized(&self, held: *mut u8, len: usize) -> *mut u8 {
        // SAFETY: see `of`; the caller answers for the memory.
        unsafe { (self.realloc)(self.csound, held.cast(), len.max(1)).cast() }
    }

    /// True if it does what an allocator does.
    pub(super) fn works(&self) -> bool {
        let first = self.zeroed(24);
        if first.is_null() {
            return false;
        }
        // SAFETY: 24 bytes of Csound's are there, and as many stay when they become 4096.
        unsafe {
            let zeros = std::slice::from_raw_parts(first, 24).iter().all(|byte| *byte == 0);
            first.write_bytes(0x5A, 24);
            let second = self.resized(first, 4096);
            if second.is_null() {
                return false;
            }
            let kept = std::slice::from_raw_parts(second, 24).iter().all(|byte| *byte == 0x5A);
            (self.free)(self.csound, second.cast());
            zeros && kept
        }
    }
}
