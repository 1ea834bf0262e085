//! A look at all pieces and presets, on a thread of its own: disks may be slow, and the control thread has a performance
//! to look after meanwhile.

use std::panic::AssertUnwindSafe;
use std::thread::JoinHandle;

use csound_performance::engine::Abandoned;

use crate::catalogue::Catalogue;
use crate::plugin::catalogue::scan::catalogue;

/// A look that is under way. Dropped, it is given up, and its thread ends at the next file.
pub(super) struct Looking {
    given_up: Abandoned,
    thread: Option<JoinHandle<Catalogue>>,
}

impl Looking {
    /// Begins.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin() -> std::io::Result<Self> {
        let given_up = Abandoned::default();
        let seen = given_up.clone();
        let thread = std::thread::Builder::new().name("csound catalogue".into());
        let thread = thread.spawn(move || {
            let found = std::panic::catch_unwind(AssertUnwindSafe(|| catalogue(&seen)));
            let failed = |_| Catalogue {
                notes: ["Csound Performer failed at looking for pieces; this is our fault".to_owned()].into(),
                ..Catalogue::default()
            };
            found.unwrap_or_else(failed)
        })?;
        Ok(Self { given_up, thread: Some(thread) })
    }

    /// What was found, once it is over.
    pub fn look(&mut self) -> Option<Catalogue> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        // A panic in there became words.
        thread.join().ok()
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.given_up.abandon();
            let _ = thread.join();
        }
    }
}
