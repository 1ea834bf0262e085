//! Csound's messages: whole lines with a level and, where Csound names one, the line of the text.
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

use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;
use csound_sys as sys;
use serde::{Deserialize, Serialize};

use super::instance::Host;
use super::library::{CSOUND, Library};

/// Pieces of text that wait at most: half a megabyte.
const CAPACITY: usize = 4096;

/// Bytes of text in a piece.
const PIECE: usize = 118;

/// Bytes of a line at most; what is longer goes on in the next.
const LONGEST_LINE: usize = 4096;

/// Csound cuts a text here, and loses its line end.
const CSOUNDS_LONGEST: usize = 1023;

/// How grave a message is, in ascending order.
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
    /// How grave it is.
    pub level: Level,
    /// The line of the compiled text that it names, from 1.
    pub line: Option<u32>,
    /// The text, without colours and line end.
    pub text: String,
}

impl Level {
    fn from_attributes(attributes: c_int) -> Self {
        match attributes as u32 & sys::CSOUNDMSG_TYPE_MASK {
            sys::CSOUNDMSG_ERROR => Self::Error,
            sys::CSOUNDMSG_ORCH => Self::Orchestra,
            sys::CSOUNDMSG_REALTIME => Self::Realtime,
            sys::CSOUNDMSG_WARNING => Self::Warning,
            _ => Self::Default,
        }
    }
}

/// A piece of what Csound says.
#[derive(Clone, Copy)]
struct Piece {
    level: Level,
    len: u8,
    text: [u8; PIECE],
}

/// What Csound has said and nobody has read yet. First in, first out; the oldest gives way.
pub(super) struct MessageQueue {
    pieces: ArrayQueue<Piece>,
    lost: AtomicU64,
}

impl MessageQueue {
    pub(super) fn new() -> Self {
        Self { pieces: ArrayQueue::new(CAPACITY), lost: AtomicU64::new(0) }
    }

    fn push(&self, level: Level, text: &[u8]) {
        for part in text.chunks(PIECE) {
            let mut piece = Piece { level, len: part.len() as u8, text: [0; PIECE] };
            piece.text[..part.len()].copy_from_slice(part);
            if self.pieces.force_push(piece).is_some() {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Puts lines together from what waits.
    pub(super) fn drain(&self, lines: &mut Lines) -> Vec<Message> {
        let mut messages = Vec::new();
        // No more than was there at the start, so that a chattering piece cannot hold the reader.
        for _ in 0..CAPACITY {
            let Some(piece) = self.pieces.pop() else { break };
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                lines.end(&mut messages);
                let text = format!(
                    "Some of Csound's messages were lost here: it said too much at once ({lost} pieces of text)"
                );
                messages.push(Message { level: Level::Warning, line: None, text });
            }
            lines.take(piece.level, &piece.text[..usize::from(piece.len)], &mut messages);
        }
        messages
    }
}

/// Takes what Csound says, a piece of text at a time, on whatever thread says it.
pub type Tap = fn(Level, &[u8]);

static TAP: OnceLock<Tap> = OnceLock::new();

/// From now on everything that any Csound of this process says goes to `tap` and no longer to
/// [`CsoundHandle::drain_messages`](super::CsoundHandle::drain_messages): for a process whose only
/// purpose is to perform a piece, and whose last words must not be lost with it. The first call
/// counts.
pub fn tap_all(tap: Tap) {
    TAP.get_or_init(|| tap);
}

/// Csound says something. Called on any of its threads.
pub(super) extern "C" fn message(csound: *mut CSOUND, attributes: c_int, text: *const c_char) {
    let Some(library) = Library::loaded().filter(|_| !text.is_null()) else { return };
    // SAFETY: Csound calls with a live instance; the host data is its `Host` (see `Csound::new`),
    // which outlives the instance and is shared only.
    let Some(host) = (unsafe { (library.functions.host_data)(csound).cast::<Host>().as_ref() }) else {
        return;
    };
    // SAFETY: Csound gives a NUL-terminated text, which stays for the call.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let level = Level::from_attributes(attributes);
    let say = |text: &[u8]| match TAP.get() {
        Some(tap) => tap(level, text),
        None => host.messages.push(level, text),
    };
    say(text);
    if text.len() >= CSOUNDS_LONGEST && !text.ends_with(b"\n") {
        say(b"\n");
    }
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
                // A line is as grave as its gravest piece.
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
            // What a piece prints is about anything.
            let line = line_of(&text).filter(|_| level != Level::Orchestra);
            messages.push(Message { level, line, text: text.trim_end().to_owned() });
        }
    }
}

/// The line of the compiled file that a message names, from 1. Csound names one in three ways:
///
/// - `error: syntax error, …` and then ` from file piece.csd (1), line 12:`, or, where the types do
///   not fit, `Line 12` or `Line: 12`;
/// - `INIT ERROR in instr 1 (opcode oscili.a) line 12: …`, and `PERF ERROR` likewise;
/// - ` from file part.inc (2), from file piece.csd (1), line 3:`, of a file that the piece
///   includes: that is no line of the piece, and so `None`.
///
/// Errors of the score name none.
pub fn line_of(text: &str) -> Option<u32> {
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

/// Whether a message says that what it or the line before it names is in an included file: the piece
/// itself is Csound's file 1.
fn is_of_included_file(text: &str) -> bool {
    let Some(file) = text.trim_start().strip_prefix("from file ") else { return false };
    let Some(number) = file.split("),").next().and_then(|name| name.rsplit('(').next()) else { return false };
    number.parse::<u32>().is_ok_and(|number| number > 1)
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
mod tests {
    use super::*;
    use crate::instance::tests::{attempt, start};

    fn lines(pieces: &[(&str, Level)]) -> Vec<Message> {
        let (queue, mut lines) = (MessageQueue::new(), Lines::default());
        for (text, level) in pieces {
            queue.push(*level, text.as_bytes());
        }
        queue.drain(&mut lines)
    }

    /// What is said of a piece that is compiled, started and performed for a moment.
    fn said(orchestra: &str, score: &str) -> Option<Vec<Message>> {
        let (mut csound, started) = attempt(&format!("sr = 48000\nksmps = 10\n{orchestra}"), score)?;
        if started.is_ok() {
            for _ in 0..20 {
                csound.perform_ksmps();
            }
        }
        let mut messages = Vec::new();
        csound.handle().drain_messages(|message| messages.push(message));
        Some(messages)
    }

    fn errors(messages: &[Message]) -> Vec<&Message> {
        messages.iter().filter(|message| message.level == Level::Error).collect()
    }

    #[test]
    fn lines_are_put_together_and_are_as_grave_as_their_gravest_piece() {
        let taken = lines(&[
            ("instr 1: ", Level::Default),
            ("no such file\nnext", Level::Error),
            (" line\n\n", Level::Default),
        ]);
        let plain: Vec<_> = taken.iter().map(|line| (line.level, line.text.as_str())).collect();
        assert_eq!(plain, [(Level::Error, "instr 1: no such file"), (Level::Error, "next line")]);
    }

    #[test]
    fn a_line_without_its_end_waits_for_it() {
        let (queue, mut lines) = (MessageQueue::new(), Lines::default());
        queue.push(Level::Default, b"half ");
        assert_eq!(queue.drain(&mut lines), []);
        queue.push(Level::Default, b"a line\n");
        assert_eq!(queue.drain(&mut lines)[0].text, "half a line");
    }

    #[test]
    fn a_character_that_is_cut_between_two_pieces_is_whole_again() {
        let text = format!("{}é\n", "x".repeat(PIECE - 1));
        assert_eq!(lines(&[(&text, Level::Default)])[0].text, text.trim_end());
    }

    #[test]
    fn colours_and_control_characters_are_removed() {
        assert_eq!(lines(&[("\x1b[31;1merror\x1b[m:\u{7} x\r\n", Level::Error)])[0].text, "error: x");
        assert_eq!(plain("\x1b"), "");
        assert_eq!(plain("\x1b[3"), "");
    }

    #[test]
    fn an_endless_line_is_cut() {
        let long = "x".repeat(3 * LONGEST_LINE);
        let taken = lines(&[(&long, Level::Default), ("y\n", Level::Default)]);
        assert!(taken.len() >= 3);
        assert!(taken.iter().all(|line| line.text.len() < LONGEST_LINE + PIECE));
    }

    #[test]
    fn when_nobody_reads_the_newest_stay_and_the_loss_is_said() {
        let (queue, mut lines) = (MessageQueue::new(), Lines::default());
        for number in 0..CAPACITY + 100 {
            queue.push(Level::Default, format!("{number}\n").as_bytes());
        }
        let taken = queue.drain(&mut lines);
        assert_eq!(taken.len(), CAPACITY + 1);
        assert!(taken[0].text.contains("lost"));
        assert_eq!(taken[1].text, "100");
        assert_eq!(taken.last().unwrap().text, (CAPACITY + 99).to_string());
    }

    #[test]
    fn a_line_number_is_found_where_one_is_named() {
        assert_eq!(line_of(" from file piece.csd (1), line 12:"), Some(12));
        assert_eq!(line_of("INIT ERROR in instr 1 (opcode oscili.a) line 11: Invalid ftable"), Some(11));
        assert_eq!(line_of("Line: 7"), Some(7));
        assert_eq!(line_of("Line 8"), Some(8));
        assert_eq!(line_of("online 5, lines 6, line x, line"), None);
    }

    #[test]
    fn a_line_of_an_included_file_is_no_line_of_the_piece() {
        assert_eq!(line_of(" from file part.inc (2), from file piece (1).csd (1), line 3:"), None);
        assert_eq!(line_of(" from file piece (2).csd (1), line 3:"), Some(3));
        let taken = lines(&[
            ("INIT ERROR in instr 2 (opcode oscili.a) line 3: Invalid ftable\n", Level::Error),
            (" from file part.inc (2), from file piece.csd (1),a1 oscili 1, 2, 99\n", Level::Error),
        ]);
        assert_eq!(taken[0].line, None);
    }

    #[test]
    fn csounds_report_on_its_normal_work_is_no_error() {
        let Some(messages) = said("instr 1\nendin", "i1 0 0.001") else { return };
        assert_eq!(errors(&messages), Vec::<&Message>::new());
        assert!(messages.iter().any(|message| message.text.starts_with("--Csound version")));
    }

    // The orchestra's first line is the file's sixth, and `said` puts two before it.
    #[test]
    fn a_syntax_error_names_its_line_in_the_file() {
        let Some(messages) = said("instr 1\na1 oscili 1,, 440\nendin", "") else { return };
        assert!(messages.iter().any(|message| message.text.contains("syntax error")));
        assert!(errors(&messages).iter().any(|message| message.line == Some(9)), "{messages:?}");
    }

    #[test]
    fn an_opcode_that_does_not_exist_and_arguments_that_do_not_fit_name_their_line() {
        for line in ["a1 nosuch 1, 440", "a1 oscili \"x\", 440", "out aUnknown"] {
            let Some(messages) = said(&format!("instr 1\n{line}\nendin"), "") else { return };
            assert!(messages.iter().any(|message| message.line == Some(9)), "{line}: {messages:?}");
            assert!(!errors(&messages).is_empty());
        }
    }

    #[test]
    fn an_init_error_names_its_line() {
        let Some(messages) = said("instr 1\na1 oscili 1, 440, 99\nout a1\nendin", "i1 0 1") else { return };
        let error = messages.iter().find(|message| message.text.starts_with("INIT ERROR")).unwrap();
        assert_eq!((error.level, error.line), (Level::Error, Some(9)));
    }

    #[test]
    fn a_mistyped_score_is_an_error_without_a_line() {
        let Some(messages) = said("instr 1\nendin", "i1 0 [1+") else { return };
        let error = messages.iter().find(|message| message.text.starts_with("score error")).unwrap();
        assert_eq!((error.level, error.line), (Level::Error, None));
    }

    #[test]
    fn what_a_piece_prints_and_csounds_warnings_have_their_levels() {
        let orchestra = "instr 1\nprints \"see line 5\\n\"\nk1 chnget \"\"\nendin";
        let Some(messages) = said(orchestra, "i1 0 1") else { return };
        let print = messages.iter().find(|message| message.text == "see line 5").unwrap();
        assert_eq!((print.level, print.line), (Level::Orchestra, None));
        let warning = messages.iter().find(|message| message.text.contains("invalid channel name")).unwrap();
        assert_eq!(warning.level, Level::Warning);
    }

    #[test]
    fn a_text_of_thousands_of_characters_is_cut_and_does_not_end_the_process() {
        let orchestra = "instr 1\nSlong = \"0123456789abcdef\"\nicount = 0\nwhile icount < 11 do\n\
                         Slong strcat Slong, Slong\nicount += 1\nod\nputs Slong, 1\nprints \"after\\n\"\nendin";
        let Some(mut csound) = start(orchestra, "i1 0 1") else { return };
        assert_eq!(csound.perform_ksmps(), 0);
        let mut texts = Vec::new();
        csound.handle().drain_messages(|message| texts.push(message.text));
        let long = texts.iter().position(|text| text.starts_with("0123456789abcdef0123")).unwrap();
        assert_eq!(texts[long].len(), CSOUNDS_LONGEST);
        assert_eq!(texts[long + 1], "after");
    }
}
