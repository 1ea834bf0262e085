//! Work on a thread of its own: disks and engines may be slow, and the control thread has a performance to look after
//! meanwhile. What is begun here is looked after from that thread.

use std::io;
use std::panic::AssertUnwindSafe;
use std::thread::JoinHandle;

use csound_performance::engine::Abandoned;

/// What is said of a panic, which is a defect of ours.
pub(super) const OUR_FAULT: &str = "Csound Performer failed at that; this is our fault";

/// Work that is under way. Dropped, it is given up, and its thread has ended: the plugin may be unloaded next.
pub(super) struct Aside<T> {
    given_up: Abandoned,
    thread: Option<JoinHandle<T>>,
}

impl<T: Send + 'static> Aside<T> {
    /// Begins, on a thread of this name. The work looks at `given_up` now and then; a panic in it, which is a defect of
    /// ours, comes to what `failed` says.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(
        name: &str,
        given_up: Abandoned,
        work: impl FnOnce(&Abandoned) -> T + Send + 'static,
        failed: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Self> {
        let seen = given_up.clone();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            std::panic::catch_unwind(AssertUnwindSafe(|| work(&seen))).unwrap_or_else(|_| failed())
        })?;
        Ok(Self { given_up, thread: Some(thread) })
    }

    /// Whether nobody waits for it any more.
    pub fn is_given_up(&self) -> bool {
        self.given_up.is_abandoned()
    }

    /// What came of it, once there is something.
    pub fn look(&mut self) -> Option<T> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        // A panic in there became what it comes to.
        thread.join().ok()
    }
}

impl<T> Drop for Aside<T> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.given_up.abandon();
            let _ = thread.join();
        }
    }
}

/// Says that no thread could be started `to` do something in.
pub(super) fn no_thread(to: &str, error: &io::Error) -> String {
    format!("no thread could be started to {to} in: {error}. Close what runs many threads")
}
