//! The control thread: does whatever may block. It compiles and starts engines, drops those that
//! have left, carries messages to the console, frees what the audio thread hands back.

pub mod engines;
mod job;
mod worker;

use std::sync::Arc;
use std::thread::JoinHandle;

use csound_performance::engine::{Abandoned, ConsoleLine};

use crate::plugin::pieces::limits::Limits;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::PieceState;
use worker::Worker;

/// The control thread of one instance. Dropping it ends and joins the thread.
pub struct Control {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Starts the thread. `None` where the system starts no more; the instance's state says so then.
    pub fn start(link: Arc<Link>) -> Option<Self> {
        let shared = Arc::clone(&link);
        let limits = Limits::read();
        let mut locked = link.lock();
        locked.closing = false;
        locked.abandoned = Abandoned::default();
        locked.limits = limits.unwrap_or_else(|error| {
            locked.log(ConsoleLine::error(format!(
                "your limits cannot be read, so the usual ones hold: {error}"
            )));
            Limits::default()
        });
        drop(locked);
        let worker = std::thread::Builder::new().name("csound control".into());
        let started = worker.spawn(move || Worker::new(shared).run());
        let mut locked = link.lock();
        locked.has_no_thread = started.is_err();
        match started {
            Ok(thread) => {
                drop(locked);
                Some(Self { link, thread: Some(thread) })
            }
            Err(error) => {
                let why = format!(
                    "no thread could be started to load pieces in: {error}. Close what runs many threads, and \
                     activate the plugin again"
                );
                locked.log(ConsoleLine::error(&why));
                locked.state = PieceState::Failed(why);
                None
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let mut locked = self.link.lock();
        locked.closing = true;
        // Whoever removes an instance does not wait for a piece that is being compiled.
        locked.abandoned.abandon();
        drop(locked);
        self.link.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened; there is nothing more to do about it here.
            let _ = thread.join();
        }
        self.link.shared.free_spent();
    }
}
