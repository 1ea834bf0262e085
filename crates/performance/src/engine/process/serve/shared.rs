//! What the two threads of the engine program share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use super::code::Code;
use crate::engine::process::platform::SharedMemory;

/// What the two threads share.
pub(super) struct SharedByThreads {
    pub(super) memory: Arc<SharedMemory>,
    /// The bank's channels, where they have changed.
    pub(super) bindings: Mutex<Option<Vec<Option<String>>>>,
    pub(super) code: Code,
    pub(super) ending: AtomicBool,
}
