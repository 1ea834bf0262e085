//! The instruments that sound, on their way from the perform thread to the main thread, which tells the host: while
//! somebody looks, and a few times a second.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::bell::Bell;
use crate::engine::active::ActiveInstrument;
use crate::engine::turn::Engine;

/// The least time between two counts.
const BETWEEN: Duration = Duration::from_millis(100);

/// The newest count, and the bell that is rung when it differs from the one before.
pub(super) struct Activity {
    is_wanted: AtomicBool,
    newest: Mutex<Vec<ActiveInstrument>>,
    bell: Bell,
}

impl Activity {
    /// Nobody looks yet. Before the process is confined.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { is_wanted: AtomicBool::new(false), newest: Mutex::default(), bell: Bell::new()? })
    }

    /// Somebody looks, or no longer.
    pub(super) fn want(&self, is_wanted: bool) {
        self.is_wanted.store(is_wanted, Ordering::Relaxed);
    }

    /// The newest count.
    pub(super) fn take(&self) -> Vec<ActiveInstrument> {
        self.bell.hear();
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Readable when there is a new one.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.bell.descriptor()
    }
}

/// The perform thread's side: when it counted last, and what.
#[derive(Default)]
pub(super) struct Counting {
    counted: Option<Instant>,
    /// How long to wait after that: the more instances there are, the longer a count takes.
    rest: Duration,
    last: Vec<ActiveInstrument>,
    found: Vec<ActiveInstrument>,
}

impl Counting {
    /// Counts if somebody looks and it is due. Between turns; a request that comes meanwhile waits for it, which is a
    /// hundredth of the time at most.
    pub(super) fn count(&mut self, engine: &mut dyn Engine, activity: &Activity) {
        if !activity.is_wanted.load(Ordering::Relaxed) {
            if self.counted.take().is_some() {
                engine.stop_counting();
            }
            return;
        }
        if self.counted.is_some_and(|counted| counted.elapsed() < self.rest.max(BETWEEN)) {
            return;
        }
        // Whoever looks anew is told, whatever it was before.
        let is_first = self.counted.replace(Instant::now()).is_none();
        let began = Instant::now();
        engine.count_active(&mut self.found);
        self.rest = began.elapsed() * 100;
        if self.found == self.last && !is_first {
            return;
        }
        self.last.clone_from(&self.found);
        activity.newest.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&self.found);
        activity.bell.ring();
    }
}
