//! What came of orchestra code, on its way from the perform thread to the main thread, which tells the host.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, PoisonError};

use super::bell::Bell;
use crate::engine::event::AnswerError;
use crate::engine::event::Event;

/// One answer.
type Answer = Result<f64, AnswerError>;

/// Answers in their order, and the bell that is rung when there are some.
pub(super) struct Answers {
    given: Mutex<Vec<Answer>>,
    bell: Bell,
}

impl Answers {
    /// None yet. Before the process is confined.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { given: Mutex::default(), bell: Bell::new()? })
    }

    /// Gives the answers to the code among `events`, all of which are performed.
    pub(super) fn give(&self, events: &mut [Event]) {
        let answers: Vec<_> =
            events.iter_mut().filter_map(Event::take_code).map(|code| code.into_answer()).collect();
        if !answers.is_empty() {
            self.given.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
            self.bell.ring();
        }
    }

    /// The answers since the last call.
    pub(super) fn take(&self) -> Vec<Answer> {
        self.bell.hear();
        std::mem::take(&mut *self.given.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Readable when there are answers.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.bell.descriptor()
    }
}
