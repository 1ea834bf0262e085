//! An engine's end: how it came, and what is said of it.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{CLOSING, LOOK, Watch};
use crate::engine::process::platform::{self, Ended};
use crate::engine::process::protocol::Say;
use crate::engine::process::wire;
use crate::engine::process::wire::events::{describe, read_events};

impl Watch {
    /// The end of the process in words. It has ended.
    pub(super) fn how_it_ended(&self) -> String {
        let ended = self.inner.process.ended().unwrap_or(Ended::Unknown);
        self.tell_the_nursery(ended);
        match (&self.ended_because, ended) {
            (None, Ended::Signal(libc::SIGKILL)) if self.inner.is_deaf.load(Ordering::Acquire) => {
                "its engine was ended, because it did not take what it was told,".to_owned()
            }
            (Some(why), _) => format!("its engine was ended, because {why},"),
            (None, Ended::Signal(signal)) => ended_by(signal),
            (None, Ended::Code(code)) => format!("Csound ended its engine (exit status {code})"),
            (None, Ended::Unknown) => "its engine ended (how is not known)".to_owned(),
        }
    }

    /// A crash is the end of the nursery that the engine came from. To be killed is none: nobody does that to
    /// himself, and it tells nothing.
    fn tell_the_nursery(&self, ended: Ended) {
        if let (Some(upbringing), Ended::Signal(signal)) = (&self.upbringing, ended)
            && signal != libc::SIGKILL
        {
            upbringing.crashed();
        }
    }

    /// Says how a running engine ended, and what came before.
    pub(super) fn report(&self, how: String) {
        if self.inner.ending.load(Ordering::Acquire) {
            return;
        }
        let how = how.trim_end_matches(',');
        let before = self.last_event().map(|event| format!("; the last it was given was {event}"));
        let report = format!("{}: {how}{}", self.inner.name, before.unwrap_or_default());
        *self.inner.report.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
        self.inner.tell_of_the_end();
    }

    /// The last event of the last turn. What an engine has left in the memory may be anything.
    pub(super) fn last_event(&self) -> Option<String> {
        let len = self.inner.memory.word(wire::EVENTS_LEN).load(Ordering::Relaxed) as usize;
        let mut bytes = vec![0; len.min(wire::EVENT_BYTES)];
        self.inner.memory.read(wire::EVENTS, &mut bytes);
        let last = read_events(&bytes).last()?;
        let text = describe(&last.kind);
        Some(text.chars().filter(|character| !character.is_control()).take(300).collect())
    }

    /// Waits until the process has ended by itself; after a while it is ended. What it still answers for code is
    /// heard.
    pub(super) fn wait_for_the_end(&mut self) {
        let until = Instant::now() + CLOSING;
        let ended = loop {
            if let Some(ended) = self.inner.process.ended() {
                break ended;
            }
            if Instant::now() > until {
                // One that the kernel holds up is left to it: it never runs again.
                self.inner.process.end();
                break Ended::Unknown;
            }
            self.read_console();
            self.hear_answers();
            // Whatever still asks is refused: a piece that closes its files may.
            if self.refusals.as_mut().is_some_and(|refusals| !refusals.answer()) {
                self.refusals = None;
            }
            let [_ended] = platform::wait_for([self.inner.process.descriptor()], LOOK);
        };
        self.hear_answers();
        // It may crash while it closes, too.
        self.tell_the_nursery(ended);
    }

    /// Takes the answers that are there from an engine that is about to end. Whatever else it says does not
    /// matter any more.
    pub(super) fn hear_answers(&mut self) {
        for _ in 0..LAST_READS {
            if self.inbox.take(&mut platform::Present(&self.control), usize::MAX).is_err() {
                return;
            }
            loop {
                match self.inbox.message() {
                    Ok(Some(Say::Evaluated(answer))) => {
                        self.inner.evaluated(answer);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return,
                }
            }
        }
    }
}

/// How often an engine that is about to end is read from at a time: an engine that talks without end has no hold
/// on its watch. Answers to as much code as an engine may have are far less.
const LAST_READS: usize = 64;

/// An end by a signal in words: a crash, or somebody else's doing.
fn ended_by(signal: i32) -> String {
    let ended = if is_crash(signal) { "crashed" } else { "was ended" };
    format!("its engine {ended} (signal {signal}, {})", name_of_signal(signal))
}

/// True for the signals that a program brings on itself by an error.
fn is_crash(signal: i32) -> bool {
    matches!(signal, libc::SIGSEGV | libc::SIGABRT | libc::SIGFPE | libc::SIGBUS | libc::SIGILL)
}

fn name_of_signal(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "a wrong access to memory",
        libc::SIGABRT => "it gave itself up",
        libc::SIGFPE => "an impossible calculation",
        libc::SIGBUS => "a wrong access to memory",
        libc::SIGILL => "an impossible instruction",
        libc::SIGKILL => "somebody or the system killed it",
        libc::SIGXCPU => "too long without a pause under real-time scheduling",
        libc::SIGSYS => "a forbidden system call",
        _ => "unusual",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_of_the_engines_own_is_called_a_crash() {
        assert_eq!(ended_by(libc::SIGSEGV), "its engine crashed (signal 11, a wrong access to memory)");
        for signal in [libc::SIGKILL, libc::SIGXCPU, libc::SIGSYS] {
            let words = ended_by(signal);
            assert!(words.starts_with(&format!("its engine was ended (signal {signal}, ")), "{words}");
        }
    }
}
