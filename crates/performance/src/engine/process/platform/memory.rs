//! The shared-memory fence: a sealed memfd, and futexes in it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{MapFlags, ProtFlags};
use rustix::thread::futex;

use super::sockets::timespec;

/// Memory that two processes see. Neither side ever holds a reference to what the other may write,
/// but for whole atomics: everything else is copied.
pub struct SharedMemory {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the memory is mapped until the drop, at any address, and only accessed as the methods
// below do: atomics, and copies of plain bytes.
unsafe impl Send for SharedMemory {}
// SAFETY: as above.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    /// New memory of `len` bytes, all zero, and the descriptor to hand over. It can neither grow nor
    /// shrink, whoever holds the descriptor: an access never meets memory that is gone.
    ///
    /// # Errors
    /// The system's error.
    pub fn create(len: usize) -> io::Result<(OwnedFd, Self)> {
        let descriptor =
            rustix::fs::memfd_create("csound-performer", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        rustix::fs::ftruncate(&descriptor, len as u64)?;
        rustix::fs::fcntl_add_seals(&descriptor, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let memory = Self::map(descriptor.as_fd(), len)?;
        Ok((descriptor, memory))
    }

    /// The memory behind a descriptor that [`create`](Self::create) gave.
    ///
    /// # Errors
    /// It is not of `len` bytes, or the system's error.
    pub fn map(descriptor: BorrowedFd<'_>, len: usize) -> io::Result<Self> {
        if rustix::fs::fstat(descriptor)?.st_size as u64 != len as u64 {
            return Err(io::Error::other("the shared memory has another size"));
        }
        // SAFETY: a new mapping, at an address that the system chooses.
        let base = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                descriptor,
                0,
            )?
        };
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped nowhere"))?;
        Ok(Self { base, len })
    }

    /// A word that both sides may change.
    ///
    /// # Realtime safety
    /// Safe. Panics if `at` is no word of the memory: a constant of [`wire`](crate::engine::wire).
    pub fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(4) && at + 4 <= self.len);
        // SAFETY: within the mapping and aligned (a mapping begins at a page); atomics may change
        // under a shared reference, from another process too.
        unsafe { self.base.add(at).cast::<AtomicU32>().as_ref() }
    }

    /// Eight bytes that both sides may change.
    ///
    /// # Realtime safety
    /// As [`word`](Self::word).
    pub fn long(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(8) && at + 8 <= self.len);
        // SAFETY: as for `word`.
        unsafe { self.base.add(at).cast::<AtomicU64>().as_ref() }
    }

    /// Copies bytes out. What the other side writes meanwhile comes out as any bytes.
    ///
    /// # Realtime safety
    /// Safe. Panics beyond the memory.
    pub fn read(&self, at: usize, into: &mut [u8]) {
        assert!(at <= self.len && into.len() <= self.len - at);
        // SAFETY: within the mapping; `into` is ours alone, so they do not overlap. The source may
        // change during the copy: bytes have no invalid values.
        unsafe { std::ptr::copy_nonoverlapping(self.base.add(at).as_ptr(), into.as_mut_ptr(), into.len()) }
    }

    /// Copies bytes in.
    ///
    /// # Realtime safety
    /// As [`read`](Self::read).
    pub fn write(&self, at: usize, from: &[u8]) {
        assert!(at <= self.len && from.len() <= self.len - at);
        // SAFETY: within the mapping, which nobody holds references into but to atomics; the two do
        // not overlap.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.base.add(at).as_ptr(), from.len()) }
    }

    /// Copies samples out.
    ///
    /// # Realtime safety
    /// As [`read`](Self::read).
    pub fn read_samples(&self, at: usize, into: &mut [f32]) {
        let bytes = std::mem::size_of_val(into);
        // SAFETY: every pattern of bytes is an f32, and an f32 has no padding.
        self.read(at, unsafe { std::slice::from_raw_parts_mut(into.as_mut_ptr().cast(), bytes) });
    }

    /// Copies samples in.
    ///
    /// # Realtime safety
    /// As [`read`](Self::read).
    pub fn write_samples(&self, at: usize, from: &[f32]) {
        let bytes = std::mem::size_of_val(from);
        // SAFETY: an f32 has no padding.
        self.write(at, unsafe { std::slice::from_raw_parts(from.as_ptr().cast(), bytes) });
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: mapped in `map` with this length, and no reference outlives `self`. An error would
        // leave it mapped, which harms nobody.
        let _ = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), self.len) };
    }
}

/// Sleeps until `word` is no longer `expected`, somebody calls [`wake`], or `limit` has passed. May
/// wake for nothing.
///
/// # Realtime safety
/// Waits, at most `limit`.
pub(crate) fn sleep_while(word: &AtomicU32, expected: u32, limit: Duration) {
    let limit = timespec(limit);
    // Every error means: look again.
    let _ = futex::wait(word, futex::Flags::empty(), expected, Some(&limit));
}

/// Wakes whoever sleeps on `word`.
///
/// # Realtime safety
/// One system call.
pub fn wake(word: &AtomicU32) {
    // Nobody asleep, or nobody there any more: both are well.
    let _ = futex::wake(word, futex::Flags::empty(), u32::MAX >> 1);
}
