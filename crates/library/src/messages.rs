//! Csound's messages: whole lines with a level and, if Csound names one, the line of the text.
//!
//! Csound hands each piece of text to a callback, on the thread that has something to say, mostly
//! the performing one. The callback copies it into a queue of a fixed size; [`CsoundHandle::drain_messages`]
//! puts lines together on the reader's side. When nobody drains, the oldest pieces give way to the
//! newest.
//!
//! Csound's own message buffer is not used: it allocates and locks for every message, grows without
//! bound, and ends the whole process on a text of 16384 characters (a `puts` of a long string).
//!
//! [`CsoundHandle::drain_messages`]: super::CsoundHandle::drain_messages

use std::ffi::c_int;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;
use csound_sys as sys;
use serde::{Deserialize, Serialize};

/// Fragments that wait at most: half a megabyte.
const CAPACITY: usize = 4096;

/// Fragments that are kept of what Csound says of some code.
const OVERHEARD: usize = 64;

/// Bytes of text in a fragment.
const FRAGMENT: usize = 118;

/// Bytes of a line at most; what is longer goes on in the next.
const LONGEST_LINE: usize = 4096;

/// The severity of a message, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Whatever has no level of its own: Csound's report on what it does.
    Default,
    /// From an instrument: what the piece prints.
    Orchestra,
    /// From real-time performance.
    Realtime,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its severity.
    pub level: Level,
    /// The line of the compiled text that it names, from 1.
    pub line: Option<u32>,
    /// The text, without colours and line end.
    pub text: String,
}

impl Level {
    pub(super) fn from_attributes(attributes: c_int) -> Self {
        match attributes as u32 & sys::CSOUNDMSG_TYPE_MASK {
            sys::CSOUNDMSG_ERROR => Self::Error,
            sys::CSOUNDMSG_ORCH => Self::Orchestra,
            sys::CSOUNDMSG_REALTIME => Self::Realtime,
            sys::CSOUNDMSG_WARNING => Self::Warning,
            _ => Self::Default,
        }
    }
}

/// A fragment of what Csound says.
#[derive(Clone, Copy)]
struct Fragment {
    level: Level,
    len: u8,
    text: [u8; FRAGMENT],
}

/// Csound's messages that nobody has read yet. First in, first out; the oldest gives way.
pub(super) struct MessageQueue {
    fragments: ArrayQueue<Fragment>,
    lost: AtomicU64,
}

impl MessageQueue {
    pub(super) fn new() -> Self {
        Self { fragments: ArrayQueue::new(CAPACITY), lost: AtomicU64::new(0) }
    }

    pub(super) fn push(&self, level: Level, text: &[u8]) {
        for fragment in fragments(level, text) {
            if self.fragments.force_push(fragment).is_some() {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Puts lines together from what waits.
    pub(super) fn drain(&self, lines: &mut Lines) -> Vec<Message> {
        let mut messages = Vec::new();
        // No more than was there at the start, so that a chattering piece cannot hold the reader.
        for _ in 0..CAPACITY {
            let Some(fragment) = self.fragments.pop() else { break };
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                lines.end(&mut messages);
                let text = format!(
                    "Some of Csound's messages were lost here: it said too much at once ({lost} pieces of text)"
                );
                messages.push(Message { level: Level::Warning, line: None, text });
            }
            lines.take(fragment.level, &fragment.text[..usize::from(fragment.len)], &mut messages);
        }
        messages
    }
}

fn fragments(level: Level, text: &[u8]) -> impl Iterator<Item = Fragment> {
    text.chunks(FRAGMENT).map(move |part| {
        let mut fragment = Fragment { level, len: part.len() as u8, text: [0; FRAGMENT] };
        fragment.text[..part.len()].copy_from_slice(part);
        fragment
    })
}

/// The beginning of what Csound says while somebody listens: what it has against some code.
///
/// # Realtime safety
/// Every method but [`new`](Self::new) is safe.
pub(super) struct Overheard {
    listening: AtomicBool,
    has_error: AtomicBool,
    fragments: ArrayQueue<Fragment>,
}

impl Overheard {
    pub(super) fn new() -> Self {
        Self {
            listening: AtomicBool::new(false),
            has_error: AtomicBool::new(false),
            fragments: ArrayQueue::new(OVERHEARD),
        }
    }

    /// Forgets what was heard, and listens.
    pub(super) fn begin(&self) {
        while self.fragments.pop().is_some() {}
        self.has_error.store(false, Ordering::Relaxed);
        self.listening.store(true, Ordering::Relaxed);
    }

    /// Listens no longer. True if an error was among what was said, also where there was no room for it.
    pub(super) fn end(&self) -> bool {
        self.listening.store(false, Ordering::Relaxed);
        self.has_error.load(Ordering::Relaxed)
    }

    pub(super) fn hear(&self, level: Level, text: &[u8]) {
        if self.listening.load(Ordering::Relaxed) {
            if level == Level::Error && !text.trim_ascii().is_empty() {
                self.has_error.store(true, Ordering::Relaxed);
            }
            // What is wrong comes first; what finds no room repeats it.
            fragments(level, text).all(|fragment| self.fragments.push(fragment).is_ok());
        }
    }

    /// Gives what was heard, once.
    pub(super) fn take(&self, take: &mut dyn FnMut(Level, &[u8])) {
        while let Some(fragment) = self.fragments.pop() {
            take(fragment.level, &fragment.text[..usize::from(fragment.len)]);
        }
    }
}

/// Takes what Csound says, a piece of text at a time, on whatever thread says it.
pub type MessageTap = fn(Level, &[u8]);

pub(super) static TAP: OnceLock<MessageTap> = OnceLock::new();

/// From now on everything that any Csound of this process says goes to `tap` and no longer to
/// [`CsoundHandle::drain_messages`](super::CsoundHandle::drain_messages): for a process whose only
/// purpose is to perform a piece, and whose last words must not be lost with it. The first call
/// counts.
pub fn tap_all(tap: MessageTap) {
    TAP.get_or_init(|| tap);
}

/// Puts lines together from the pieces in which Csound prints them; what is not a whole line yet
/// stays for the next time.
#[derive(Default)]
pub struct Lines {
    pending: Vec<u8>,
    level: Option<Level>,
}

impl Lines {
    /// Takes the next piece; the lines that it ends go to `messages`.
    pub fn take(&mut self, level: Level, text: &[u8], messages: &mut Vec<Message>) {
        for part in text.split_inclusive(|byte| *byte == b'\n') {
            let (content, ends) = match part.split_last() {
                Some((b'\n', content)) => (content, true),
                _ => (part, false),
            };
            if !content.is_empty() {
                // A line is as severe as the most severe piece of it.
                self.level = self.level.max(Some(level));
                self.pending.extend_from_slice(content);
            }
            if ends || self.pending.len() >= LONGEST_LINE {
                self.end(messages);
            }
        }
    }

    /// Ends the present line, if there is one.
    pub fn end(&mut self, messages: &mut Vec<Message>) {
        let text = plain(&String::from_utf8_lossy(&self.pending));
        self.pending.clear();
        let level = self.level.take().unwrap_or(Level::Default);
        if !text.trim().is_empty() {
            if is_of_included_file(&text)
                && let Some(before) = messages.last_mut()
            {
                before.line = None;
            }
            let level = if is_report(&text) { Level::Default } else { level };
            let line = line_of(&text).filter(|_| is_told(&text, level));
            messages.push(Message { level, line, text: text.trim_end().to_owned() });
        }
    }
}

/// The line of the compiled file that a message names, from 1. Csound names one in three ways:
///
/// - `error: syntax error, …` and then ` from file piece.csd (1), line 12:`, or, if the types do
///   not fit, `Line 12` or `Line: 12`;
/// - `INIT ERROR in instr 1 (opcode oscili.a) line 12: …`, and `PERF ERROR` likewise;
/// - ` from file part.inc (2), from file piece.csd (1), line 3:`, of a file that the piece
///   includes: that is no line of the piece, and so `None`.
///
/// Errors of the score name none.
fn line_of(text: &str) -> Option<u32> {
    if is_of_included_file(text) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    lower.match_indices("line").find_map(|(at, word)| {
        let (before, after) = (&lower[..at], &lower[at + word.len()..]);
        if before.ends_with(|character: char| character.is_alphanumeric()) {
            return None;
        }
        let number = after.strip_prefix(':').unwrap_or(after).strip_prefix(' ')?;
        let end = number.find(|character: char| !character.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse().ok()
    })
}

/// True if the line that a text names is one of the piece. What a piece prints is about anything, and
/// Csound 7 gives some of it no level; nor does Csound 6 to the line where types do not fit.
fn is_told(text: &str, level: Level) -> bool {
    level >= Level::Warning || level == Level::Default && text.trim_start().starts_with("Line")
}

/// True if a message says that what it or the line before it names is in an included file: the piece
/// itself is Csound's file 1.
fn is_of_included_file(text: &str) -> bool {
    let Some(file) = text.trim_start().strip_prefix("from file ") else { return false };
    let Some(number) = file.split("),").next().and_then(|name| name.rsplit('(').next()) else { return false };
    number.trim_end_matches([')', ' ']).parse::<u32>().is_ok_and(|number| number > 1)
}

/// Beginnings of what Csound reports on its normal work, and marks as errors all the same.
const REPORTS: &[&str] = &[
    "--Csound version",
    "[commit:",
    "libsndfile-",
    "Elapsed time at",
    "sr = ",
    "0dBFS level",
    "orch now loaded",
    "k-period aligned",
    "audio buffered in",
    "SECTION ",
    "new alloc for instr",
    "Setting instrument",
    "time advanced",
    "using Cscore",
    "sorting cscore",
    "playing from cscore",
    "... done",
    "terminating.",
    "Initialising spinlock",
    "Starting realtime mode",
    "end of score",
    "end of section",
    "overall amps",
    "overall samples out of range",
    "0 errors in performance",
    "no sound written to disk",
];

fn is_report(text: &str) -> bool {
    let text = text.trim_start();
    REPORTS.iter().any(|report| text.starts_with(report))
}

/// Removes the escape sequences of coloured terminals, and other control characters.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            let sequence = characters.clone().next() == Some('[');
            // A sequence is "[", parameters, and a letter.
            while sequence && characters.next().is_some_and(|inner| !inner.is_ascii_alphabetic()) {}
        } else if character == '\t' || !character.is_control() {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests;
