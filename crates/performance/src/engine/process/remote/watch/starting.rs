//! Listening until a piece has started.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use csound_library::Level;

use super::{Heard, Watch};
use crate::engine::console::ConsoleLine;
use crate::engine::process::protocol::{Network, Say};
use crate::engine::process::remote::handle::{Inner, LINE_BYTES, LINES};
use crate::engine::spec::{Shown, StartError};
use crate::engine::turn::Format;

/// Errors of a piece that does not start, as its failure tells them.
const MOST_ERRORS: usize = 32;

/// Bytes of what is wrong with a piece, as its engine tells it.
const LONGEST_FAILURE: usize = 64 << 10;

/// The watch's messages to the thread that waits for a piece to start.
pub(in crate::engine::process::remote) enum Starting {
    /// The engine is there.
    Begun(Arc<Inner>),
    Line(ConsoleLine),
    Started(Format, Shown),
    Failed(StartError),
}

impl Watch {
    /// Listens to an engine from its start to its end.
    pub(in crate::engine::process::remote) fn run(
        mut self,
        name: &str,
        limit: Duration,
        tell: &Sender<Starting>,
    ) {
        let listening = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let started = self.listen_to_the_start(name, limit, tell);
            self.tell_lines(tell, &mut Vec::new());
            let performs = started.is_ok();
            // Nobody waits any more, at worst: then the engine is ended already.
            let _ = tell.send(match started {
                Ok((format, shown)) => Starting::Started(format, shown),
                Err(error) => Starting::Failed(error),
            });
            if performs {
                self.listen_to_the_end();
            } else {
                self.inner.end_at_once();
            }
        }));
        if listening.is_err() {
            self.inner.say([ConsoleLine::error(
                "Csound Performer failed while it watched an engine; this is our fault",
            )]);
        }
        // Code that it has evaluated is answered; what is left then never will be.
        self.wait_for_the_end();
        self.inner.mark_ended();
    }

    /// Listens until the piece is started, has failed, or takes too long.
    fn listen_to_the_start(
        &mut self,
        name: &str,
        limit: Duration,
        tell: &Sender<Starting>,
    ) -> Result<(Format, Shown), StartError> {
        let name = name.to_owned();
        let until = Instant::now() + limit;
        let mut errors = Vec::new();
        loop {
            let heard = self.listen();
            self.tell_lines(tell, &mut errors);
            for heard in heard {
                match heard {
                    Heard::Said(Say::Started { format, shown, thread }) => {
                        self.thread = thread;
                        return Ok((format, shown));
                    }
                    Heard::Said(Say::Failed(mut reason)) => {
                        reason.truncate(reason.floor_char_boundary(LONGEST_FAILURE));
                        return Err(self.with_refusals(failure(name, reason, errors)));
                    }
                    Heard::Said(Say::Confined { missing, complete, told }) => {
                        if !complete {
                            return Err(unconfined(&name, &missing));
                        }
                        if !told && self.network == Network::Machine {
                            self.tell_line(tell, ConsoleLine::error(
                                "this machine's network cannot be given to the piece: another program watches \
                                 what is started here (a container manager, perhaps), and only one can",
                            ));
                        }
                    }
                    Heard::Said(Say::Console(line)) => self.tell_line(tell, line),
                    Heard::Said(Say::Bound | Say::Evaluated(_) | Say::Panel(_) | Say::Active(_)) => {}
                    Heard::Ended(how) => {
                        let reason = format!("{how} while it was being compiled");
                        let said = errors.last().map(|error| format!(" / {error}")).unwrap_or_default();
                        return Err(self.with_refusals(StartError::Compile { name, reason: reason + &said }));
                    }
                }
            }
            self.see_that_it_takes_no_more();
            if Instant::now() > until {
                let seconds = limit.as_secs_f64();
                let reason = format!("it was not done after {seconds} s; a loop without an end, perhaps");
                return Err(StartError::Compile { name, reason });
            }
        }
    }

    /// Tells whoever waits for the start what is on the console; errors are collected.
    fn tell_lines(&mut self, tell: &Sender<Starting>, errors: &mut Vec<String>) {
        for line in self.inner.drain() {
            if line.level == Level::Error && errors.len() < MOST_ERRORS {
                errors.push(line.text.clone());
            }
            self.tell_line(tell, line);
        }
    }

    /// Tells a line, as long as there were not too many: a piece may print without end.
    fn tell_line(&mut self, tell: &Sender<Starting>, line: ConsoleLine) {
        let line = line.shortened();
        self.told_lines += 1;
        self.told_bytes += line.text.len();
        if self.told_lines <= LINES && self.told_bytes <= LINE_BYTES {
            // Nobody waits any more, at worst.
            let _ = tell.send(Starting::Line(line));
        } else if !std::mem::replace(&mut self.left_out, true) {
            let _ = tell.send(Starting::Line(ConsoleLine::note(
                "what else the piece says until it has started is left out: it is too much",
            )));
        }
    }

    /// A failure of a piece that was refused something names what it would need.
    fn with_refusals(&self, error: StartError) -> StartError {
        let Some(refusals) = &self.refusals else { return error };
        let needs = match (refusals.sockets(), refusals.programs()) {
            (0, 0) => return error,
            (1.., 0) => "it tried to open a network connection, which needs a permission (see the shield)",
            (_, _) => "it tried to start a program, which only a piece that you trust may",
        };
        match error {
            StartError::Compile { name, reason } => {
                StartError::Compile { name, reason: format!("{reason} / {needs}") }
            }
            StartError::Process(reason) => StartError::Process(format!("{reason} / {needs}")),
            other => other,
        }
    }
}

/// Why the piece did not start: Csound's errors if it had any to say.
fn failure(name: String, reason: String, errors: Vec<String>) -> StartError {
    if errors.is_empty() {
        StartError::Process(reason)
    } else {
        StartError::Compile { name, reason: errors.join(" / ") }
    }
}

fn unconfined(name: &str, missing: &[String]) -> StartError {
    let missing: Vec<&str> =
        missing.iter().take(8).map(|lacks| &lacks[..lacks.floor_char_boundary(200)]).collect();
    StartError::Process(format!(
        "{name} stays silent: this system cannot confine it ({}). Trust the piece to perform it all the same",
        missing.join("; ")
    ))
}
