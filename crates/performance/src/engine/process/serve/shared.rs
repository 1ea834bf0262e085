//! The state that the two threads of the engine program share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use super::activity::Activity;
use super::answers::Answers;
use super::bell::Bell;
use crate::engine::cabbage::Exchange;
use crate::engine::process::platform::SharedMemory;

/// The state that the main thread and the perform thread share.
pub(super) struct SharedByThreads {
    pub(super) memory: Arc<SharedMemory>,
    /// The bank's channels, if they have changed.
    pub(super) bindings: Mutex<Option<Vec<Option<String>>>>,
    /// What came of orchestra code.
    pub(super) answers: Answers,
    /// The instruments that sound.
    pub(super) activity: Activity,
    /// What the piece changes of its widgets, and the bell that is rung then.
    pub(super) panel: Option<Arc<Exchange>>,
    pub(super) panel_bell: Arc<Bell>,
    pub(super) ending: AtomicBool,
}
