//! The host's side of an engine process, off the audio thread: starting it, listening to it, ending
//! it when it does not get on, and saying how it ended.

mod ending;
pub(super) mod starting;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use csound_library::{Level, Lines};

use super::code::CodeMark;
use super::handle::Inner;
use super::options::Options;
use super::refusals::Refusals;
use super::sums::Sums;
use crate::engine::console::ConsoleLine;
use crate::engine::process::folder::EngineFolder;
use crate::engine::process::nursery::Upbringing;
use crate::engine::process::platform;
use crate::engine::process::protocol::{self, Inbox, Network, Say, level_of_byte};
use crate::engine::process::wire;

/// The pause between two looks of the watch while it waits for an engine's end.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// The longest that an engine may take to end when it is asked to: a piece closes its files.
const CLOSING: Duration = Duration::from_secs(1);

/// Packets of the console that are read at a time.
const PACKETS: usize = 256;

/// News of an engine, besides the console.
enum Heard {
    Said(Say),
    /// It has ended, in this way.
    Ended(String),
}

/// Listens to one engine.
pub(super) struct Watch {
    pub(super) inner: Arc<Inner>,
    control: UnixStream,
    console: OwnedFd,
    inbox: Inbox,
    lines: Lines,
    /// The folder goes when the engine has.
    _folder: EngineFolder,
    /// What it owes to a nursery, if it comes from one.
    upbringing: Option<Upbringing>,
    /// The network that the piece may use.
    network: Network,
    /// True if a confined engine has yet to send what it asks on.
    awaits_listener: bool,
    /// The calls that a confined engine asks for, once it can.
    refusals: Option<Refusals>,
    sums: Sums,
    /// The engine's thread that performs, and how it is scheduled.
    thread: i32,
    scheduled: u64,
    /// The turn and how often the engine got on in it, as last seen, and when that was.
    progress: Progress,
    /// Code that the engine has answered for, wrapping, and what it has yet to answer for.
    answered: u32,
    unanswered: Option<Unanswered>,
    /// When the stream from the engine was at its end.
    deaf_since: Option<Instant>,
    /// Why we ended it.
    ended_because: Option<String>,
    /// Lines and bytes of the console until the start, and whether there were too many.
    told_lines: usize,
    told_bytes: usize,
    left_out: bool,
}

/// An engine's progress with a turn.
#[derive(Clone, Copy, Default)]
struct Progress {
    /// The turn.
    turn: u32,
    /// The engine's own count.
    count: u32,
    /// The number of times that the count went up in this turn.
    steps: u32,
    /// When it last did, or the turn was seen first.
    at: u64,
}

/// Code that an engine was given and has not answered for.
#[derive(Clone, Copy)]
struct Unanswered {
    given: CodeMark,
    /// When the turn of it was first seen to have been performed.
    performed_at: Option<u64>,
}

impl Watch {
    pub(super) fn new(
        inner: Arc<Inner>,
        control: UnixStream,
        console: OwnedFd,
        folder: EngineFolder,
        upbringing: Option<Upbringing>,
        options: &Options,
    ) -> Self {
        let elsewhere =
            options.confinement.as_ref().is_none_or(|confinement| !confinement.writable.is_empty());
        Self {
            sums: Sums::new(options.bounds, inner.process.id(), folder.path(), elsewhere),
            inner,
            control,
            console,
            inbox: Inbox::new(protocol::LONGEST_FROM_ENGINE),
            lines: Lines::default(),
            _folder: folder,
            upbringing,
            network: options.confinement.as_ref().map_or(Network::Any, |confinement| confinement.network),
            awaits_listener: options.confinement.is_some(),
            refusals: None,
            thread: 0,
            scheduled: 0,
            progress: Progress::default(),
            answered: 0,
            unanswered: None,
            deaf_since: None,
            ended_because: None,
            told_lines: 0,
            told_bytes: 0,
            left_out: false,
        }
    }

    fn listen_to_the_end(&mut self) {
        loop {
            if self.inner.ending.load(Ordering::Acquire) {
                return;
            }
            for heard in self.listen() {
                match heard {
                    Heard::Said(Say::Bound) => {
                        *self.inner.bound.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                        self.inner.was_bound.notify_all();
                    }
                    Heard::Said(Say::Console(line)) => self.inner.say([line]),
                    Heard::Said(Say::Panel(changes)) => self.inner.change(changes),
                    Heard::Said(Say::Active(active)) => self.inner.set_active(active),
                    Heard::Said(Say::Evaluated(answer)) => {
                        self.answered = self.answered.wrapping_add(1);
                        if !self.inner.evaluated(answer) {
                            self.kill("it spoke out of turn");
                        }
                    }
                    Heard::Said(_) => self.kill("it spoke out of turn"),
                    Heard::Ended(how) => {
                        // Code that it has evaluated is answered; what is left then never will be. Whoever is told
                        // of the end, and has another engine come in, finds this one ended.
                        self.hear_answers();
                        self.inner.mark_ended();
                        return self.report(how);
                    }
                }
            }
            self.schedule();
            self.see_that_it_gets_on();
            self.see_that_it_answers();
            self.see_that_it_takes_no_more();
        }
    }

    /// Gives the engine's performing thread the scheduling of the host's audio thread. The engine cannot do
    /// that itself: it would take more, for more threads.
    fn schedule(&mut self) {
        let wanted = self.inner.scheduling.load(Ordering::Relaxed);
        if wanted == self.scheduled {
            return;
        }
        self.scheduled = wanted;
        let task = format!("/proc/{}/task/{}", self.inner.process.id(), self.thread);
        if self.thread > 0 && std::path::Path::new(&task).exists() {
            // If the user may not do that, the engine performs as any program does.
            // One below the audio thread's, which no engine can then keep from going on.
            let _ = platform::Scheduling::from_bits(wanted).one_below().give_to(self.thread);
        }
    }

    /// The engine's news, its end included; waits for it a little.
    fn listen(&mut self) -> Vec<Heard> {
        let [spoken, printed, ended, asked] = self.wait(self.sums.pause());
        if printed {
            self.read_console();
        }
        if asked && self.refusals.as_mut().is_some_and(|refusals| !refusals.answer()) {
            self.refusals = None;
        }
        let refused = self.refusals.as_mut().map(|refusals| refusals.lines(ended)).unwrap_or_default();
        self.inner.say(refused);
        let mut heard = Vec::new();
        if spoken {
            self.read_control(&mut heard);
        }
        if ended {
            // Its last words are in the sockets still.
            self.read_console();
            let mut last = Vec::new();
            self.lines.end(&mut last);
            self.inner.say(last.into_iter().map(ConsoleLine::from));
            heard.push(Heard::Ended(self.how_it_ended()));
        } else if spoken || printed {
            // A piece that talks without end gets a share of this thread, not all of it.
            std::thread::sleep(Duration::from_millis(1));
        }
        heard
    }

    /// Waits at most `limit`; true for each of these: the engine has spoken, printed, ended, asked.
    fn wait(&self, limit: Duration) -> [bool; 4] {
        let (control, console) = (self.control.as_fd(), self.console.as_fd());
        let process = self.inner.process.descriptor();
        match &self.refusals {
            Some(refusals) => platform::wait_for([control, console, process, refusals.descriptor()], limit),
            None => {
                let [spoken, printed, ended] = platform::wait_for([control, console, process], limit);
                [spoken, printed, ended, false]
            }
        }
    }

    fn read_console(&mut self) {
        let mut packet = [0; 4096];
        let mut lines = Vec::new();
        for _ in 0..PACKETS {
            let Ok((len @ 1.., descriptor)) = platform::receive_packet(&self.console, &mut packet) else {
                break;
            };
            if packet[0] == platform::LISTENER_PACKET {
                self.take_listener(descriptor);
                continue;
            }
            let (level, text) = match packet[0] {
                byte @ 1..=5 => (level_of_byte(byte), &packet[1..len]),
                _ => (Level::Default, &packet[..len]),
            };
            self.lines.take(level, text, &mut lines);
        }
        self.inner.say(lines.into_iter().map(ConsoleLine::from));
    }

    /// Takes what a confined engine asks on, once.
    fn take_listener(&mut self, listener: Option<OwnedFd>) {
        if let (Some(listener), true) = (listener, std::mem::take(&mut self.awaits_listener)) {
            self.refusals = Some(Refusals::new(listener, self.network, self.inner.process.id()));
        }
    }

    fn read_control(&mut self, heard: &mut Vec<Heard>) {
        let taken = self.inbox.take(&mut platform::Present(&self.control), usize::MAX);
        if taken.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
            return;
        }
        if taken.is_err() {
            // The end of the stream comes with the end of the process; without it, it is a lie.
            let since = *self.deaf_since.get_or_insert_with(Instant::now);
            if since.elapsed() > CLOSING {
                self.kill("it does not listen any more");
            }
            return;
        }
        loop {
            match self.inbox.message() {
                Ok(Some(said)) => heard.push(Heard::Said(said)),
                Ok(None) => return,
                Err(error) => return self.kill(&format!("it said what makes no sense ({error})")),
            }
        }
    }

    fn kill(&mut self, why: &str) {
        if !self.inner.ending.load(Ordering::Acquire) && self.ended_because.is_none() {
            self.ended_because = Some(why.to_owned());
        }
        self.inner.process.kill();
    }

    /// Ends an engine that has a turn and does not get on with it. A turn has so many steps and no more:
    /// what an engine counts beyond them is not believed.
    fn see_that_it_gets_on(&mut self) {
        let word = |at: usize| self.inner.memory.word(at).load(Ordering::Acquire);
        let posted = self.inner.posted.load(Ordering::Acquire);
        let count = word(wire::PROGRESS);
        let now = self.inner.now();
        let Progress { turn, count: before, steps, .. } = self.progress;
        if turn != posted || word(wire::ANSWER) == posted {
            self.progress = Progress { turn: posted, count, steps: 0, at: now };
        } else if count != before && steps < self.inner.steps.load(Ordering::Relaxed) {
            self.progress = Progress { turn, count, steps: steps + 1, at: now };
        }
        let since = self.progress.at.max(self.inner.posted_at.load(Ordering::Relaxed));
        let patience = self.inner.patience.load(Ordering::Relaxed);
        // Before the first turn there is nothing to get on with.
        if posted != 0 && now.saturating_sub(since) > patience {
            self.kill(&format!("it did not get on for {} s", patience as f64 / 1000.0));
        }
    }

    /// Ends an engine that has performed a turn and does not answer for the code that came with it: somebody waits
    /// for that.
    fn see_that_it_answers(&mut self) {
        let (given, patience) = self.inner.code_mark();
        let is_answered = |mark: CodeMark| self.answered.wrapping_sub(mark.count).cast_signed() >= 0;
        let awaited = self.unanswered.take().filter(|awaited| !is_answered(awaited.given));
        if is_answered(given) {
            return;
        }
        let Unanswered { given, performed_at } = awaited.unwrap_or(Unanswered { given, performed_at: None });
        let posted = self.inner.posted.load(Ordering::Acquire);
        // Another turn is posted only when the one before was answered.
        let is_performed =
            posted != given.turn || self.inner.memory.word(wire::ANSWER).load(Ordering::Acquire) == posted;
        let now = self.inner.now();
        let performed_at = performed_at.or(is_performed.then_some(now));
        self.unanswered = Some(Unanswered { given, performed_at });
        if performed_at.is_some_and(|performed| now.saturating_sub(performed) > patience) {
            let seconds = patience as f64 / 1000.0;
            self.kill(&format!("it performed code and did not say within {seconds} s what came of it"));
        }
    }

    /// Ends an engine that has taken more than it may.
    fn see_that_it_takes_no_more(&mut self) {
        if let Some(excess) = self.sums.excess() {
            self.kill(&excess);
        }
    }
}
