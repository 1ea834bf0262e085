//! The remote control's lines: checked and sent here, or made into events for an offline render that waits for them.

use csound_performance::command::event_of_text;
use csound_performance::engine::ConsoleLine;

use super::Worker;
use crate::plugin::control::codes;
use crate::plugin::shared::locked::code::Sender;
use crate::plugin::shared::score_line::ScoreLine;

impl Worker {
    /// Sends the remote control's lines.
    pub(super) fn send_lines(&mut self) {
        while let Some(line) = self.link.lines.pop() {
            let sent = match line.purpose() {
                Some(purpose) => self.link.send_code(line.as_str(), purpose, Sender::Message),
                None => {
                    self.link.performance().input_message(line.as_str()).map_err(|error| error.to_string())
                }
            };
            if let Err(error) = sent {
                self.tell_refusal(&line, error);
            }
        }
    }

    /// Says why a line of the remote control is not sent; whoever sent code in it is answered too.
    fn tell_refusal(&self, line: &ScoreLine, error: String) {
        match line.purpose() {
            Some(_) => codes::refuse(&self.link, error),
            None => self.link.log(vec![unsendable(line, &error)]),
        }
    }

    /// Makes an event of the line for which an offline render waits.
    pub(super) fn make_line(&self) {
        let Some(line) = self.link.awaited_line.pop() else { return };
        let made = match line.purpose() {
            Some(purpose) => self.link.prepare_code(line.as_str(), purpose, Sender::Message),
            None => event_of_text(line.as_str()).map_err(|error| error.to_string()),
        };
        let made = made.map_err(|error| self.tell_refusal(&line, error)).ok();
        // Whoever waits has looked already, or sees it.
        let _locked = self.link.lock();
        drop(self.link.made_line.force_push(made));
        self.link.changed.notify_all();
    }
}

fn unsendable(line: &ScoreLine, error: &str) -> ConsoleLine {
    ConsoleLine::error(format!("{:?} from the remote control: {error}", line.as_str()))
}
