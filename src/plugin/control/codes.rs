//! Looks for the answers to orchestra code, and says what came of it.

use csound_performance::engine::ConsoleLine;

use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::code::{CodeOutcome, Sender, SentCode, WAITS};
use crate::plugin::shared::score_line::CodeReply;

/// Code that is not answered yet, oldest first.
#[derive(Default)]
pub struct Codes(Vec<SentCode>);

impl Codes {
    /// Takes what was sent, and tells of what is answered.
    pub fn look(&mut self, link: &Link) {
        self.0.append(&mut link.lock().codes);
        let is_attended = link.shared.is_attended();
        self.0.retain_mut(|code| {
            let outcome = code.outcome();
            let is_open = outcome.is_none();
            let waits = || CodeOutcome { error: Some(WAITS.to_owned()), value: None };
            if let Some(outcome) = outcome.or_else(|| code.waits(is_attended).then(waits)) {
                tell(link, code.sender, outcome);
            }
            is_open
        });
    }
}

/// Answers code of a message that was not sent.
pub fn refuse(link: &Link, error: String) {
    tell(link, Sender::Message, CodeOutcome { error: Some(error), value: None });
}

fn tell(link: &Link, sender: Sender, outcome: CodeOutcome) {
    if sender == Sender::Editor {
        return link.lock().answers.push(outcome);
    }
    let (is_error, text) = match outcome {
        CodeOutcome { error: Some(error), .. } => (true, error),
        CodeOutcome { value: Some(value), .. } => (false, value.to_string()),
        // It was to be compiled, and is.
        CodeOutcome { value: None, error: None } => return,
    };
    if let Some(reply) = CodeReply::new(is_error, &text) {
        // The oldest gives way where the host takes none.
        let _ = link.code_replies.force_push(reply);
    }
    link.log(vec![match is_error {
        true => ConsoleLine::error(format!("orchestra code in SysEx: {text}")),
        false => ConsoleLine::note(format!("orchestra code in SysEx gives {text}")),
    }]);
}
