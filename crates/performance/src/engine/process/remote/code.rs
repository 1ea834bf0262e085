//! Orchestra code on its way to an engine: it waits for its answer where the watch finds it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::handle::Inner;
use crate::engine::event::{AnswerError, Event, EventKind};

/// An engine that has performed the turn of a code answers for it within so long, beyond what the code may take.
const ANSWERING: Duration = Duration::from_secs(2);

/// A turn with which an engine was given code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CodeMark {
    pub(super) turn: u32,
    /// All the code that it was given until then, wrapping.
    pub(super) count: u32,
}

impl Inner {
    /// Puts the code among events that were written where the watch finds it when it is answered, and counts it.
    /// That of an engine that has ended stays where it is.
    ///
    /// # Realtime safety
    /// Safe.
    pub(super) fn give_code(&self, written: &mut [Event]) -> u32 {
        let mut count = 0;
        for event in written.iter_mut() {
            let EventKind::Code(code) = &mut event.kind else { continue };
            if code.is_done() {
                continue;
            }
            if self.ended.load(Ordering::Acquire) {
                code.ended(Err(AnswerError::EngineEnded));
                continue;
            }
            let Some(code) = event.take_code() else { continue };
            count += 1;
            // There was seen to be room.
            let refused = self.given.push(code).err();
            // The watch may have looked for the last time before. Then one is ours again.
            let ended = || self.ended.load(Ordering::SeqCst).then(|| self.given.pop()).flatten();
            if let Some(mut code) = refused.or_else(ended) {
                code.ended(Err(AnswerError::EngineEnded));
                event.kind = EventKind::Code(code);
            }
        }
        count
    }

    /// Says with which turn the engine has so much code, in all, and the time that the code of that turn may take.
    ///
    /// # Realtime safety
    /// Safe.
    pub(super) fn mark_code(&self, mark: CodeMark, allowance: Duration) {
        let patience = ANSWERING + allowance;
        self.answering.store(patience.as_millis() as u64, Ordering::Relaxed);
        self.coded.store(u64::from(mark.turn) << 32 | u64::from(mark.count), Ordering::Release);
    }

    /// The last such mark, and the longest that an answer to it may take, in milliseconds.
    pub(super) fn code_mark(&self) -> (CodeMark, u64) {
        let bits = self.coded.load(Ordering::Acquire);
        let mark = CodeMark { turn: (bits >> 32) as u32, count: bits as u32 };
        (mark, self.answering.load(Ordering::Relaxed))
    }

    /// The engine answers for code; whether it was given any.
    pub(super) fn evaluated(&self, answer: Result<f64, AnswerError>) -> bool {
        let code = self.given.pop();
        let expected = code.is_some();
        if let Some(mut code) = code {
            code.ended(answer);
        }
        expected
    }

    /// Answers the code that the engine was given: it has ended.
    pub(super) fn end_code(&self) {
        while let Some(mut code) = self.given.pop() {
            code.ended(Err(AnswerError::EngineEnded));
        }
    }
}
