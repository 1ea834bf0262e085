//! Orchestra code on its way to an engine: it waits for its answer where the watch finds it.

use std::sync::atomic::Ordering;

use super::RemoteEngine;
use crate::engine::event::{AnswerError, Event, EventKind};
use crate::engine::turn::Engine;

impl RemoteEngine {
    /// Puts the code among events that were written where the watch finds it when it is answered. That of an
    /// engine that has ended stays where it is.
    pub(super) fn give_code(&mut self, written: &mut [Event]) {
        for event in written.iter_mut() {
            let EventKind::Code(code) = &mut event.kind else { continue };
            if code.is_done() {
                continue;
            }
            if self.has_ended() {
                code.ended(Err(AnswerError::EngineEnded));
                continue;
            }
            let Some(code) = event.take_code() else { continue };
            // There was seen to be room.
            let refused = self.inner.given.push(code).err();
            // The watch may have looked for the last time before. Then one is ours again.
            let ended = || self.inner.ended.load(Ordering::SeqCst).then(|| self.inner.given.pop()).flatten();
            if let Some(mut code) = refused.or_else(ended) {
                code.ended(Err(AnswerError::EngineEnded));
                event.kind = EventKind::Code(code);
            }
        }
    }
}
