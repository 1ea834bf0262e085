//! Orchestra code that is compiled or evaluated in a piece while it performs, and what came of it.
//!
//! A [`Code`] travels with the events of a turn. Whoever carries it out says how that went; the answer is
//! given when the code is dropped, which never happens on an audio thread. So code that is lost on its way, for
//! whatever reason, is answered too.

use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use csound_library::{Level, Lines};
use serde::{Deserialize, Serialize};

use crate::engine::piece::starters::starter_in;

/// Bytes that are kept of what Csound says of a code.
const SAID: usize = 4096;

/// Characters of a reason.
const LONGEST_REASON: usize = 1000;

/// What is wanted of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To compile it into the piece and to run what is outside of instruments.
    Compile,
    /// The same, and to have the number that its `return` gives.
    Evaluate,
}

/// The reason for which code that was sent brought no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AnswerError {
    /// Csound does not take it, for these reasons of its own. The piece performs as before; if one of them is
    /// an `INIT ERROR` or a `PERF ERROR`, what stands before it in the code has been done.
    #[error("Csound does not take the code: {0}")]
    Csound(String),
    /// Its `return` gives no number, such as the root of a negative one. All of the code has been done.
    #[error("what the code returns is not a number (a root or a logarithm of a negative number, perhaps)")]
    NotANumber,
    /// The engine ended, or was replaced, before it answered.
    #[error(
        "the engine that performed the piece ended, or another took its place, before the code was answered; \
         where it ended by itself, the code may be the cause"
    )]
    EngineEnded,
    /// Nothing performed when its turn came: no piece, or one whose performance was over.
    #[error(
        "the code was not carried out, because nothing performed: load or restart the piece, then send it again"
    )]
    NotPerforming,
    /// The engine was behind its time, and there was no room for what it is to do when it has caught up.
    #[error("the code was not carried out, because the piece is too far behind its time; send it again")]
    NoRoom,
}

/// The place in which an answer appears once.
///
/// # Realtime safety
/// Looking and [`take`](Self::take) are safe.
#[derive(Debug, Default)]
pub struct Reply {
    answer: OnceLock<Result<f64, AnswerError>>,
    taken: AtomicBool,
}

impl Reply {
    /// The answer, if it is there.
    pub fn get(&self) -> Option<&Result<f64, AnswerError>> {
        self.answer.get()
    }

    /// Answers. The first answer counts.
    pub fn set(&self, answer: Result<f64, AnswerError>) {
        // There is one who answers.
        let _ = self.answer.set(answer);
    }

    /// Says that the performing thread has what is to be answered.
    pub fn take(&self) {
        self.taken.store(true, Ordering::Relaxed);
    }

    /// True once it has.
    pub fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }
}

/// How it went.
enum Outcome {
    Done(Result<f64, AnswerError>),
    /// Csound has refused it; `said` has the reasons.
    Refused,
}

/// Code on its way to the piece.
pub struct Code {
    text: CString,
    purpose: Purpose,
    starts_notes: bool,
    reply: Arc<Reply>,
    /// What Csound said: pieces of a level, a length and a text. All of its room is there from the beginning.
    said: Vec<u8>,
    outcome: Option<Outcome>,
}

impl Code {
    /// Code that [`check_orchestra`](crate::engine::piece::live_text::check_orchestra) has accepted, and where
    /// its answer appears.
    pub fn new(text: CString, purpose: Purpose) -> (Box<Self>, Arc<Reply>) {
        let reply = Arc::<Reply>::default();
        let said = Vec::with_capacity(SAID);
        let starts_notes = starter_in(&text.to_string_lossy()).is_some();
        let code = Self { text, purpose, starts_notes, reply: Arc::clone(&reply), said, outcome: None };
        (Box::new(code), reply)
    }

    /// The text.
    pub fn text(&self) -> &CStr {
        &self.text
    }

    /// What is wanted of it.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// True if opcodes in it start notes.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn starts_notes(&self) -> bool {
        self.starts_notes
    }

    /// Says that the performing thread has it.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take(&self) {
        self.reply.take();
    }

    /// True once it is known how it went.
    pub fn is_done(&self) -> bool {
        self.outcome.is_some()
    }

    /// Notes what Csound says while it takes the code.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn hear(&mut self, level: Level, text: &[u8]) {
        let Ok(length) = u16::try_from(text.len()) else { return };
        if self.said.len() + 3 + text.len() <= SAID {
            self.said.push(level as u8);
            self.said.extend_from_slice(&length.to_le_bytes());
            self.said.extend_from_slice(text);
        }
    }

    /// Says that Csound took the code, and what it gave.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn took(&mut self, value: f64) {
        let result = if value.is_nan() { Err(AnswerError::NotANumber) } else { Ok(value) };
        self.outcome = Some(Outcome::Done(result));
    }

    /// Says that Csound did not take it, or gave what is no number.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn refused(&mut self) {
        // Csound 6 gives no number for what it refuses, and says why.
        let is_silent = self.purpose == Purpose::Evaluate && self.pieces().all(|(level, _)| level < ERROR);
        self.outcome =
            Some(if is_silent { Outcome::Done(Err(AnswerError::NotANumber)) } else { Outcome::Refused });
    }

    /// Says how it went, where that is known elsewhere.
    ///
    /// # Realtime safety
    /// Safe, for an error without a text.
    pub fn ended(&mut self, result: Result<f64, AnswerError>) {
        self.outcome = Some(Outcome::Done(result));
    }

    /// The answer, taken out: that of code which another process asked for.
    pub fn into_answer(mut self) -> Result<f64, AnswerError> {
        self.answer()
    }

    fn answer(&mut self) -> Result<f64, AnswerError> {
        match self.outcome.take() {
            Some(Outcome::Done(Err(AnswerError::Csound(reason)))) => {
                Err(AnswerError::Csound(shortened(&reason)))
            }
            Some(Outcome::Done(Ok(value))) if value.is_nan() => Err(AnswerError::NotANumber),
            Some(Outcome::Done(result)) => result,
            Some(Outcome::Refused) => Err(AnswerError::Csound(self.reason())),
            None => Err(AnswerError::NotPerforming),
        }
    }

    /// Csound's reasons, as a line.
    fn reason(&self) -> String {
        let (mut lines, mut said) = (Lines::default(), Vec::new());
        for (level, text) in self.pieces() {
            lines.take(level_of(level), text, &mut said);
        }
        lines.end(&mut said);
        let errors = said.iter().filter(|line| line.level == Level::Error).map(|line| line.text.trim());
        let reason = errors.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" / ");
        if reason.is_empty() {
            return "it does not say why".to_owned();
        }
        shortened(&reason)
    }

    fn pieces(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let mut left = &self.said[..];
        std::iter::from_fn(move || {
            let [level, low, high] = *left.first_chunk()?;
            let (text, rest) = left[3..].split_at_checked(usize::from(u16::from_le_bytes([low, high])))?;
            left = rest;
            Some((level, text))
        })
    }
}

const ERROR: u8 = Level::Error as u8;

fn level_of(level: u8) -> Level {
    if level == ERROR { Level::Error } else { Level::Default }
}

fn shortened(reason: &str) -> String {
    reason.chars().filter(|character| !character.is_control()).take(LONGEST_REASON).collect()
}

impl Drop for Code {
    fn drop(&mut self) {
        let answer = self.answer();
        self.reply.set(answer);
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Code({:?}, {:?})", self.purpose, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(purpose: Purpose) -> (Box<Code>, Arc<Reply>) {
        Code::new(c"return 1".to_owned(), purpose)
    }

    #[test]
    fn code_that_is_lost_is_answered() {
        let (lost, reply) = code(Purpose::Evaluate);
        assert_eq!(reply.get(), None);
        drop(lost);
        assert_eq!(reply.get(), Some(&Err(AnswerError::NotPerforming)));
    }

    #[test]
    fn a_refusal_has_csounds_errors_and_nothing_else_that_it_says() {
        let (mut refused, reply) = code(Purpose::Compile);
        for (level, text) in [
            (Level::Default, &b"instr 1:\n"[..]),
            (Level::Error, b"error:  "),
            (Level::Error, b"Variable 'x' used before defined\nLine 1\n"),
            (Level::Default, b"done\n"),
            (Level::Error, b"Stopping on parser failure"),
        ] {
            refused.hear(level, text);
        }
        refused.refused();
        drop(refused);
        let said = "error:  Variable 'x' used before defined / Line 1 / Stopping on parser failure";
        assert_eq!(reply.get(), Some(&Err(AnswerError::Csound(said.to_owned()))));
    }

    #[test]
    fn what_is_heard_needs_no_new_memory_and_is_bounded() {
        let (mut code, reply) = code(Purpose::Compile);
        let room = code.said.as_ptr();
        for _ in 0..10_000 {
            code.hear(Level::Error, &[b'x'; 100]);
        }
        assert_eq!((code.said.as_ptr(), code.said.capacity()), (room, SAID));
        code.refused();
        drop(code);
        let Some(Err(AnswerError::Csound(reason))) = reply.get() else { panic!("{reply:?}") };
        assert_eq!(reason.len(), LONGEST_REASON);
    }

    #[test]
    fn a_result_that_is_no_number_is_an_error_and_an_infinite_one_is_a_result() {
        for (value, expected) in
            [(f64::NAN, Err(AnswerError::NotANumber)), (f64::INFINITY, Ok(f64::INFINITY)), (-0.5, Ok(-0.5))]
        {
            let (mut told, reply) = code(Purpose::Evaluate);
            told.took(value);
            drop(told);
            assert_eq!(reply.get(), Some(&expected));
            // The same from another process.
            let (mut told, reply) = code(Purpose::Evaluate);
            told.ended(Ok(value));
            drop(told);
            assert_eq!(reply.get(), Some(&expected));
        }
        let (mut silent, reply) = code(Purpose::Evaluate);
        silent.refused();
        drop(silent);
        assert_eq!(reply.get(), Some(&Err(AnswerError::NotANumber)));
    }
}
