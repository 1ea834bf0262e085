//! Orchestra code that was sent to the piece, and what came of it.

use std::time::{Duration, Instant};

use csound_performance::Answer;
use csound_performance::engine::Purpose;

/// Why a piece in the host's process takes no code.
pub const ONLY_ISOLATED: &str = "the piece performs in the host's process, which Csound would hold up or take down \
                                 with it: only an isolated piece takes new code";

/// What is said of code that nobody comes for.
pub const WAITS: &str =
    "the host does not process audio at the moment: the code waits, and is carried out when it does";

/// How long that is not said.
const SOON: Duration = Duration::from_secs(1);

/// Whoever sent code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The editor, which shows what came of it.
    Editor,
    /// A message of the host's: the console says what came of it.
    Message,
}

/// Code that is not answered yet.
pub struct SentCode {
    /// Its answer, when it comes.
    pub answer: Answer<f64>,
    /// What is wanted of it.
    pub purpose: Purpose,
    /// Whoever sent it.
    pub sender: Sender,
    asked: Instant,
    is_told: bool,
}

impl SentCode {
    /// Code that was sent just now.
    pub fn new(answer: Answer<f64>, purpose: Purpose, sender: Sender) -> Self {
        Self { answer, purpose, sender, asked: Instant::now(), is_told: false }
    }

    /// Whether it is to be said that it waits for a host that does not perform: once, after a while.
    pub fn waits(&mut self, is_attended: bool) -> bool {
        let waits = !is_attended && !self.is_told && self.asked.elapsed() > SOON;
        self.is_told |= waits;
        waits
    }

    /// What came of it, if that is known.
    pub fn outcome(&self) -> Option<CodeOutcome> {
        let answer = self.answer.get()?;
        Some(match answer {
            Ok(value) => {
                CodeOutcome { error: None, value: (self.purpose == Purpose::Evaluate).then_some(value) }
            }
            Err(error) => CodeOutcome { error: Some(error.to_string()), value: None },
        })
    }
}

/// What came of code.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeOutcome {
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// The number that it gave, if it was evaluated.
    pub value: Option<f64>,
}
