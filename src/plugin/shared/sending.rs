//! Orchestra code on its way to a piece that performs, and what comes back to the editor of it.

use csound_performance::Answer;
use csound_performance::command::Command;
use csound_performance::engine::{EventKind, Purpose};

use super::link::Link;
use super::locked::code::{CodeOutcome, ONLY_ISOLATED, Sender, SentCode};

impl Link {
    /// Sends orchestra code to the piece. It is no part of it: whatever starts the piece anew leaves it out.
    ///
    /// # Errors
    /// Why it cannot be sent, for the user.
    pub fn send_code(&self, text: &str, purpose: Purpose, sender: Sender) -> Result<(), String> {
        let (event, answer) = self.code_event(text, purpose)?;
        self.performance().send(Command::Event(event)).map_err(|error| error.to_string())?;
        self.lock().codes.push(SentCode::new(answer, purpose, sender));
        Ok(())
    }

    /// Makes an event of orchestra code; its answer is looked for from now on.
    ///
    /// # Errors
    /// As [`send_code`](Self::send_code).
    pub fn prepare_code(&self, text: &str, purpose: Purpose, sender: Sender) -> Result<EventKind, String> {
        let (event, answer) = self.code_event(text, purpose)?;
        self.lock().codes.push(SentCode::new(answer, purpose, sender));
        Ok(event)
    }

    fn code_event(&self, text: &str, purpose: Purpose) -> Result<(EventKind, Answer<f64>), String> {
        let performance = self.performance();
        if performance.csound().is_some() {
            return Err(ONLY_ISOLATED.to_owned());
        }
        performance.prepare_code(text, purpose).map_err(|error| error.to_string())
    }

    /// What came of the editor's orchestra code since the last call.
    pub fn take_answers(&self) -> Vec<CodeOutcome> {
        std::mem::take(&mut self.lock().answers)
    }
}
