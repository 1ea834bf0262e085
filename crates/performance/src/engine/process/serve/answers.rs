//! What came of orchestra code, on its way from the perform thread to the main thread, which tells the host.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use crate::engine::event::AnswerError;
use crate::engine::event::Event;

/// One answer.
type Answer = Result<f64, AnswerError>;

/// Answers in their order, and the bell that is rung when there are some.
pub(super) struct Answers {
    given: Mutex<Vec<Answer>>,
    bell: UnixStream,
    heard: UnixStream,
}

impl Answers {
    /// None yet. Before the process is confined.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn new() -> io::Result<Self> {
        let (bell, heard) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        Ok(Self { given: Mutex::default(), bell, heard })
    }

    /// Gives the answers to the code among `events`, all of which are performed.
    pub(super) fn give(&self, events: &mut [Event]) {
        let answers: Vec<_> =
            events.iter_mut().filter_map(Event::take_code).map(|code| code.into_answer()).collect();
        if !answers.is_empty() {
            self.given.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
            // If there is no room it has been rung often enough.
            let _ = (&self.bell).write(&[1]);
        }
    }

    /// The answers since the last call.
    pub(super) fn take(&self) -> Vec<Answer> {
        // Whatever rang before is answered by what is there now.
        while matches!((&self.heard).read(&mut [0; 64]), Ok(1..)) {}
        std::mem::take(&mut *self.given.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Readable when there are answers.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.heard.as_fd()
    }
}
