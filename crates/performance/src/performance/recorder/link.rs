//! The flags and counts that the ends of a recording share beside the ring.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The common ground of the tap, the recorder thread and the handles beside the ring.
#[derive(Default)]
pub(super) struct Link {
    /// Set by the tap after its last frame. Released there and acquired by the recorder thread
    /// *before* it looks into the ring, which then holds every frame.
    pub(super) finished: AtomicBool,
    /// Set by a handle to close, or by the recorder thread when it ends. Makes the tap idle.
    pub(super) closing: AtomicBool,
    /// Frames; stored by the recorder thread.
    pub(super) written: AtomicU64,
    /// Frames; added to by the tap and, after a failure, by the recorder thread.
    pub(super) lost: AtomicU64,
    /// The way it ended, once it has. Never locked by the tap.
    pub(super) end: Mutex<Option<Result<(), String>>>,
    pub(super) ended: Condvar,
}

impl Link {
    pub(super) fn is_ending(&self) -> bool {
        // Acquire: see the two fields.
        self.finished.load(Ordering::Acquire) || self.closing.load(Ordering::Acquire)
    }

    pub(super) fn end(&self, end: Result<(), String>) {
        self.closing.store(true, Ordering::Release);
        *self.lock_end() = Some(end);
        self.ended.notify_all();
    }

    /// A thread that panicked left it whole: it is one assignment.
    pub(super) fn lock_end(&self) -> MutexGuard<'_, Option<Result<(), String>>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
