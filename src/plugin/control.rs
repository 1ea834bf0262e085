//! The control thread: does whatever may block. It reads and writes the user's files, compiles and starts
//! engines, drops those that have left, carries messages to the console, frees what the audio thread hands
//! back.

mod aside;
mod build;
mod catalogue;
mod choosing;
mod codes;
mod comparing;
pub(crate) mod compile_errors;
mod csounds;
pub mod engines;
mod exporting;
mod faults;
mod gather;
mod job;
mod listing;
mod manual;
mod preview;
mod recordings;
mod renderer;
mod troubles;
mod worker;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use csound_performance::engine::{Abandoned, ConsoleLine};

use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::PieceState;
use worker::Worker;

/// The control thread of one instance: none until something needs it, so that a host that only looks at the
/// plugin starts nothing.
pub struct Control {
    link: Arc<Link>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The instance has gone: whoever still holds this starts nothing more.
    is_over: AtomicBool,
    /// What the engines of all instances come from: it stays as long as one instance is there.
    _nurseries: engines::Nurseries,
}

impl Control {
    /// Without a thread yet.
    pub fn new(link: Arc<Link>) -> Self {
        let nurseries = engines::Nurseries::of_this_process();
        Self { link, thread: Mutex::default(), is_over: AtomicBool::new(false), _nurseries: nurseries }
    }

    /// What the instance's threads share.
    pub fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Starts the thread, where it does not run yet. False where the system starts no more; the instance's
    /// state and console say so then.
    pub fn start(&self) -> bool {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_some() || self.is_over.load(Ordering::Acquire) {
            return thread.is_some();
        }
        {
            let mut locked = self.link.lock();
            locked.closing = false;
            locked.abandoned = Abandoned::default();
        }
        let link = Arc::clone(&self.link);
        let worker = std::thread::Builder::new().name("csound control".into());
        let started = worker.spawn(move || Worker::new(link).run());
        let mut locked = self.link.lock();
        locked.has_no_thread = started.is_err();
        match started {
            Ok(started) => *thread = Some(started),
            Err(error) => {
                let why = format!(
                    "no thread could be started to load pieces in: {error}. Close what runs many threads, and \
                     activate the plugin again"
                );
                locked.log(ConsoleLine::error(&why));
                locked.state = PieceState::Failed(why.into());
            }
        }
        thread.is_some()
    }

    /// Ends the thread for good, and waits for its end.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        {
            let mut locked = self.link.lock();
            locked.closing = true;
            // Whoever removes an instance does not wait for a piece that is being compiled.
            locked.abandoned.abandon();
            locked.give_up_comparison();
            locked.give_up_export();
            locked.give_up_preview();
        }
        self.link.changed.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic was reported when it happened; there is nothing more to do about it here.
            let _ = thread.join();
        }
        // An engine that nobody took ends here, and not on the thread that watches it, if that lets the link go
        // last.
        drop(self.link.arrivals.pop());
        self.link.shared.free_spent();
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.end();
    }
}
