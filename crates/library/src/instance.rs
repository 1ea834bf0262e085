//! The part of an instance that its owner and its handles share.

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use super::callbacks::Host;
use super::library::Library;
use super::library::functions::{CSOUND, Functions};
use super::library::operations::Operations;
use super::messages::Lines;
use super::pending::PendingWrites;

/// The header of the orchestra, as Csound has read it: fixed from the start on.
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) ksmps: u32,
    pub(super) nchnls: u32,
    pub(super) nchnls_input: u32,
    pub(super) sample_rate: f64,
    pub(super) zero_dbfs: f64,
}

/// An instance of Csound with all that it owns; it goes with the last of its users.
pub(super) struct Instance {
    pub(super) library: &'static Library,
    pub(super) raw: NonNull<CSOUND>,
    pub(super) host: Arc<Host>,
    pub(super) lines: Mutex<Lines>,
    pub(super) header: OnceLock<Header>,
    pub(super) pending: PendingWrites,
    /// The thread on which the piece ended Csound, by [`thread_number`]; 0: it did not.
    pub(super) exited_on: AtomicU64,
}

// SAFETY: what several threads do with an instance through this type (lookups of channels, atomic
// reads and writes of their values, strings under their own locks, single counters) Csound allows
// from any thread. Everything else needs the one `Csound`, which is on one thread at a time.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Instance {
    pub(super) fn new(library: &'static Library, raw: NonNull<CSOUND>, host: Arc<Host>) -> Self {
        Self {
            library,
            raw,
            host,
            lines: Mutex::default(),
            header: OnceLock::new(),
            pending: PendingWrites::default(),
            exited_on: AtomicU64::new(0),
        }
    }

    pub(super) fn functions(&self) -> &'static Functions {
        &self.library.functions
    }

    pub(super) fn operations(&self) -> &'static dyn Operations {
        &*self.library.operations
    }

    pub(super) fn raw(&self) -> *mut CSOUND {
        self.raw.as_ptr()
    }

    pub(super) fn score_time(&self) -> f64 {
        if self.header.get().is_none() {
            return 0.0;
        }
        // SAFETY: the instance is alive; Csound divides a counter by the rate.
        unsafe { (self.functions().score_time)(self.raw()) }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let exited_on = *self.exited_on.get_mut();
        if exited_on != 0 && exited_on != thread_number() {
            // A piece that ends Csound jumps out of a k-cycle and leaves Csound's own lock held by
            // the thread that performed. Destroying the instance takes that lock: on another thread
            // that would wait for ever. So the instance stays, a few megabytes of it.
            std::mem::forget(Arc::clone(&self.host));
            return;
        }
        // SAFETY: the last user is gone, so nobody else holds the instance. The host data, which
        // the callbacks of its last messages and notes use, is dropped after it.
        unsafe { (self.functions().destroy)(self.raw()) };
    }
}

/// A number for this thread, never given to another one. Unlike the standard library's it costs no
/// allocation on a thread that Rust did not make.
pub(super) fn thread_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NUMBER: Cell<u64> = const { Cell::new(0) };
    }
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
        }
        number.get()
    })
}
