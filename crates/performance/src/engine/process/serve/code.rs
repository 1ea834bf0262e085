//! Orchestra code that is compiled into the piece while it performs.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use csound_library::{Level, Lines, Message};

use crate::engine::turn::Engine;

/// Characters of a reason that is sent.
const LONGEST_REASON: usize = 1000;

/// Orchestra code on its way to the perform thread, and what came of it.
#[derive(Default)]
pub(super) struct Code {
    texts: Mutex<Vec<String>>,
    /// True if there are any.
    waits: AtomicBool,
    /// Of each text, why it failed, if it did.
    pub(super) done: Mutex<Vec<Option<String>>>,
}

impl Code {
    pub(super) fn asked(&self, text: String) {
        lock(&self.texts).push(text);
        self.waits.store(true, Ordering::Release);
    }

    pub(super) fn take(&self) -> Vec<String> {
        if self.waits.load(Ordering::Relaxed) && self.waits.swap(false, Ordering::Acquire) {
            std::mem::take(&mut *lock(&self.texts))
        } else {
            Vec::new()
        }
    }

    pub(super) fn take_done(&self) -> Vec<Option<String>> {
        std::mem::take(&mut *lock(&self.done))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Csound's words while it compiles orchestra code.
static OVERHEARD: Mutex<Option<(Lines, Vec<Message>)>> = Mutex::new(None);

/// Compiles code; what Csound says against it, if it does not.
pub(super) fn evaluate(engine: &mut dyn Engine, code: &str) -> Option<String> {
    let Ok(code) = CString::new(code) else { return Some("the code holds a NUL character".to_owned()) };
    *lock(&OVERHEARD) = Some(Default::default());
    let done = engine.evaluate(&code);
    let (mut lines, mut said) = lock(&OVERHEARD).take().unwrap_or_default();
    lines.end(&mut said);
    if done {
        return None;
    }
    let errors = said.iter().filter(|said| said.level == Level::Error).map(|said| said.text.trim());
    let reason = errors.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" / ");
    let silent = || "Csound does not compile it, and does not say why".to_owned();
    Some(if reason.is_empty() { silent() } else { reason.chars().take(LONGEST_REASON).collect() })
}

pub(super) fn overhear(level: Level, text: &[u8]) {
    // A thread that finds it taken has something else to say.
    if let Ok(mut overheard) = OVERHEARD.try_lock()
        && let Some((lines, messages)) = overheard.as_mut().filter(|(_, messages)| messages.len() < 64)
    {
        lines.take(level, text, messages);
    }
}
