//! Answers to what the performing thread is asked to do: to wait for, to look for, or to be told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::super::error::PerformanceError;
use super::super::shared::{LOOK_AGAIN, Shared, UNATTENDED_SECONDS, lock};
use crate::engine::{AnswerError, Reply};

/// The answer to a call that the performing thread carries out: the value, or why there is none. It comes once.
/// Whoever does not need it drops it; the call is carried out all the same.
///
/// # Realtime safety
/// None of it is for an audio thread.
#[must_use = "an error is told here; drop it if it is not wanted"]
pub struct Answer<T> {
    reply: Arc<Reply>,
    shared: Arc<Shared>,
    of: fn(f64) -> T,
}

impl<T: 'static> Answer<T> {
    pub(in crate::performance) fn new(reply: Arc<Reply>, shared: Arc<Shared>, of: fn(f64) -> T) -> Self {
        Self { reply, shared, of }
    }

    /// The answer, if it is there. It does not wait.
    pub fn get(&self) -> Option<Result<T, AnswerError>> {
        // An answer is given where what was asked for is freed.
        self.shared.free_spent();
        self.reply.get().map(|answer| answer.clone().map(self.of))
    }

    /// Waits for the answer, at most `limit`.
    ///
    /// # Errors
    /// [`PerformanceError::Answer`] with the reason for which there is no result;
    /// [`PerformanceError::NotProcessing`] if no driver has come for it for half a second, and
    /// [`PerformanceError::NoAnswer`] after `limit`: then it may be carried out yet, and [`get`](Self::get) and
    /// [`then`](Self::then) have the answer; [`PerformanceError::OnPerformingThread`].
    pub fn wait(&self, limit: Duration) -> Result<T, PerformanceError> {
        if self.shared.is_performing_thread() {
            return Err(PerformanceError::OnPerformingThread);
        }
        let began = Instant::now();
        loop {
            if let Some(answer) = self.get() {
                return answer.map_err(PerformanceError::Answer);
            }
            let waited = began.elapsed();
            let idle = self.shared.seconds_unattended().min(waited.as_secs_f64());
            // What it has taken it is at work on, however long that takes.
            if idle > UNATTENDED_SECONDS && !self.reply.is_taken() && !self.shared.is_closed() {
                return Err(PerformanceError::NotProcessing);
            }
            if waited >= limit {
                return Err(PerformanceError::NoAnswer(limit));
            }
            std::thread::sleep(LOOK_AGAIN.min(limit - waited));
        }
    }

    /// Has `tell` called with the answer once it is there, on a thread named `csound answers` that this
    /// performance has for it: neither the performing thread nor the caller's. Calls come one after another, so
    /// one that takes long holds up the next, and nothing else. A panic in it is that call's.
    ///
    /// # Errors
    /// [`PerformanceError::Thread`], if the system gives none; `tell` is then dropped.
    pub fn then(
        self,
        tell: impl FnOnce(Result<T, AnswerError>) + Send + 'static,
    ) -> Result<(), PerformanceError> {
        let of = self.of;
        let waiting = Waiting { reply: self.reply, tell: Box::new(move |answer| tell(answer.map(of))) };
        let mut teller = lock(&self.shared.teller);
        if teller.is_none() {
            *teller = Some(start(&self.shared)?);
        }
        let sent = teller.as_ref().map(|teller| teller.send(waiting));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(PerformanceError::Thread("it has ended".to_owned())),
        }
    }
}

/// Somebody who wants to be told of an answer.
pub(in crate::performance) struct Waiting {
    reply: Arc<Reply>,
    tell: Box<dyn FnOnce(Result<f64, AnswerError>) + Send>,
}

/// Starts the thread that tells of answers. It ends with the performance, once all is told.
fn start(shared: &Arc<Shared>) -> Result<Sender<Waiting>, PerformanceError> {
    let (sender, receiver) = channel();
    let shared = Arc::downgrade(shared);
    std::thread::Builder::new()
        .name("csound answers".into())
        .spawn(move || tell_all(&receiver, &shared))
        .map_err(|error| PerformanceError::Thread(error.to_string()))?;
    Ok(sender)
}

fn tell_all(receiver: &Receiver<Waiting>, shared: &Weak<Shared>) {
    let mut open: Vec<Waiting> = Vec::new();
    loop {
        if open.is_empty() {
            let Ok(waiting) = receiver.recv() else { return };
            open.push(waiting);
        }
        open.extend(receiver.try_iter());
        if let Some(shared) = shared.upgrade() {
            shared.free_spent();
        }
        let answered: Vec<_> = open.extract_if(.., |waiting| waiting.reply.get().is_some()).collect();
        for Waiting { reply, tell } in answered {
            if let Some(answer) = reply.get() {
                // The panic was printed; the others want their answers.
                let _ = catch_unwind(AssertUnwindSafe(|| tell(answer.clone())));
            }
        }
        if !open.is_empty() {
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}
