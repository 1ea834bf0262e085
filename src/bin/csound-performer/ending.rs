//! How the standalone ends: its state is kept first, and it ends within a bound, whatever the sound system does
//! (JACK's library may wait for ever for a thread of its own).

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use csound_performer::plugin::shared::remembered;

use crate::memory::Memory;

/// What a window gets to close, and what the program gets to end after that.
const GRACE: Duration = Duration::from_secs(5);

/// What the end of an ordinary kind gets before the program is ended by the system.
const LAST_GRACE: Duration = Duration::from_secs(2);

/// The thread that sees to the end.
pub struct Ending {
    kept: Receiver<()>,
}

impl Ending {
    /// Starts it, with the memory that keeps the last state.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn watch(memory: Option<Memory>) -> std::io::Result<Self> {
        let (done, kept) = channel();
        let watch = move || {
            let state = remembered::wait_for_end(GRACE);
            if let (Some(memory), Some(state)) = (memory, state)
                && let Err(error) = memory.keep(state)
            {
                eprintln!(
                    "{} cannot be written, so this time is not remembered: {error}",
                    memory.path().display()
                );
            }
            // The program may have ended without waiting.
            let _ = done.send(());
            // A window is gone by now; without one the shell would wait for ever.
            if remembered::has_window() {
                thread::sleep(GRACE);
            }
            leave();
        };
        thread::Builder::new().name("the end".into()).spawn(watch)?;
        Ok(Self { kept })
    }

    /// The shell is done: waits until the last state is kept.
    pub fn wait(self) {
        remembered::ask_to_end();
        // Where it takes longer, the thread has said why, or the disk does not answer.
        let _ = self.kept.recv_timeout(GRACE);
    }
}

/// Ends the program, even if what it has loaded does not want to.
fn leave() {
    let _ = thread::Builder::new().name("the last end".into()).spawn(|| {
        thread::sleep(LAST_GRACE);
        #[cfg(unix)]
        // There is nobody to tell if even that fails.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        #[cfg(not(unix))]
        std::process::abort();
    });
    std::process::exit(0);
}
