//! *Collect files* on a thread of its own: samples may be long, and the control thread has a performance to look after
//! meanwhile. The text is left to that thread, which knows the piece.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;

use csound_performance::engine::Abandoned;
use csound_performance::engine::piece::Piece;

use crate::gathering::{Gathering, Gathers};

/// A look, or copying, that is under way. Dropped, it is given up, and what it has copied goes again.
pub(super) struct Gather {
    /// The piece whose files they are.
    pub piece: Piece,
    given_up: Abandoned,
    thread: Option<JoinHandle<Gathers>>,
}

impl Gather {
    /// Looks what is to be collected for a piece, and copies it if that is what was `agreed`.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(piece: Piece, agreed: Option<Arc<Gathering>>, given_up: Abandoned) -> std::io::Result<Self> {
        let (seen, of) = (given_up.clone(), piece.clone());
        let thread = std::thread::Builder::new().name("csound collect".into());
        let thread = thread.spawn(move || {
            let done = std::panic::catch_unwind(AssertUnwindSafe(|| carried_out(&of, agreed, &seen)));
            done.unwrap_or_else(|_| {
                Gathers::Failed("Csound Performer failed at that; this is our fault".into())
            })
        })?;
        Ok(Self { piece, given_up, thread: Some(thread) })
    }

    /// What came of it, once there is something.
    pub fn look(&mut self) -> Option<Gathers> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        // A panic in there became words.
        thread.join().ok()
    }
}

impl Drop for Gather {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.given_up.abandon();
            let _ = thread.join();
        }
    }
}

#[cfg(target_os = "linux")]
fn carried_out(piece: &Piece, agreed: Option<Arc<Gathering>>, given_up: &Abandoned) -> Gathers {
    use crate::exporter::{copy_files, gather};
    let found = match gather(piece, given_up) {
        Ok(found) => Arc::new(found),
        Err(why) => return Gathers::Failed(why),
    };
    if agreed.as_ref() != Some(&found) {
        return Gathers::Found(found);
    }
    match copy_files(&found, given_up) {
        Ok(()) => Gathers::Done(found),
        Err(why) => Gathers::Failed(why),
    }
}

#[cfg(not(target_os = "linux"))]
fn carried_out(_: &Piece, _: Option<Arc<Gathering>>, _: &Abandoned) -> Gathers {
    Gathers::Failed("the files of pieces are collected on Linux only so far".into())
}
