//! The performance API: a piece being performed, and the handle that steers it.
//!
//! [`Performance`] offers every method of Csound's `CsoundPerformanceThread` under its Rust name.
//! It is a handle: clone it, send it, share it. Its commands go through a bounded queue, first in,
//! first out, to the [`performer`] on the performing thread; its readings are atomics.
//!
//! Reading order: [`command`] (what can be asked), [`state`] (whether it plays), [`performer`]
//! (commands in, turns out), then the two drivers: [`thread`] (a thread of our own, as the
//! reference) and [`blocks`] (a host's process callback). [`recorder`] writes files on a thread of
//! its own; [`shared`] is what the threads have in common; [`fade`] hides gaps.

pub mod blocks;
pub mod command;
pub mod fade;
pub mod performer;
pub mod recorder;
pub mod shared;
pub mod state;
pub mod thread;

use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::engine::piece::live;
use crate::engine::timing::EventText;
use crate::engine::{EventKind, MidiMessage, PField, ScoreEvent, TimeBase};
use csound_library::CsoundHandle;

pub use command::{Command, Cycle, ProcessCallback};
pub use recorder::{BitDepth, RecordError, RecordOptions, RecordState, Recording};
pub use shared::{Shared, Troubles};
pub use state::{Change, Phase};

/// Most p-fields of a score event. Csound 6.18 crashes on very long ones.
pub const MAX_PFIELDS: usize = 1000;

/// How long a driver may be silent before waiting calls give up on it.
const UNATTENDED_SECONDS: f64 = 0.5;

/// How often waiting calls look again.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Why a command was not taken. Nothing of it has happened.
#[derive(thiserror::Error)]
pub enum PerformanceError {
    /// The queue is full; here is the command again, for [`Performance::send`].
    #[error(
        "the performance's queue of commands is full: {} wait already; try again shortly",
        shared::COMMAND_CAPACITY
    )]
    QueueFull(Box<Command>),
    /// The text would not survive Csound's parser.
    #[error(transparent)]
    Text(#[from] live::TextError),
    /// The event cannot be an event.
    #[error("not a score event: {0}")]
    Event(&'static str),
    /// The time is not one.
    #[error("{0} is not a time in the score: give seconds from 0 upwards")]
    Time(f64),
    /// The recording could not be started.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// There is no running piece yet, so rate and channels are unknown.
    #[error("nothing is performed yet: load a piece first")]
    NoPiece,
    /// The host has not called for a while, so nothing is executed.
    #[error("the host does not process audio at the moment, so commands wait; start its audio and try again")]
    NotProcessing,
    /// The call waits for the performing thread, which is the caller.
    #[error("this call waits for the performing thread and cannot be made from it")]
    OnPerformingThread,
}

impl std::fmt::Debug for PerformanceError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PerformanceError({self})")
    }
}

/// A performance: a piece being performed. See the module.
#[derive(Clone)]
pub struct Performance {
    shared: Arc<Shared>,
}

impl Performance {
    /// A handle onto what a driver shares.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Plays, or plays on. In a plugin, after `stop` or the end: performs the piece afresh.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn play(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Play))
    }

    /// Pauses at the nearest k boundary. Messages are still executed.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn pause(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Pause))
    }

    /// Pauses if it plays, plays if it is paused.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn toggle_pause(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Toggle))
    }

    /// Stops. A performance thread's performance cannot be continued.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn stop(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Stop))
    }

    /// Sends a score event. `pfields` begin with p1; p2 (seconds) counts from `time_base`. P-fields
    /// are numbers or, with [`PField`], strings.
    ///
    /// An absolute time that has passed makes p2 zero; a positive p3 is then shortened by the
    /// lateness, and the event dropped if nothing is left.
    ///
    /// # Errors
    /// [`PerformanceError::Event`] for an unknown opcode, no p-fields, more than
    /// [`MAX_PFIELDS`], a number that is not finite or a string with a quote or line end;
    /// [`PerformanceError::QueueFull`].
    pub fn score_event<'a, P>(
        &self,
        time_base: TimeBase,
        opcode: char,
        pfields: &'a [P],
    ) -> Result<(), PerformanceError>
    where
        PField: From<&'a P>,
    {
        let event = make_event(time_base, opcode, pfields.iter().map(PField::from).collect())?;
        self.send(Command::Event(EventKind::Score(Box::new(event))))
    }

    /// Sends a line of score text, as typed to `csound -L`.
    ///
    /// # Errors
    /// [`PerformanceError::Text`] where the line would not survive Csound's parser;
    /// [`PerformanceError::QueueFull`].
    pub fn input_message(&self, message: &str) -> Result<(), PerformanceError> {
        self.send(Command::Event(event_of_text(message)?))
    }

    /// Sends one whole MIDI channel message to the piece.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn midi_message(&self, message: MidiMessage) -> Result<(), PerformanceError> {
        self.send(Command::Event(EventKind::Midi(message)))
    }

    /// Moves the score time to `seconds` from its beginning.
    ///
    /// # Errors
    /// [`PerformanceError::Time`] if `seconds` is negative or not finite;
    /// [`PerformanceError::QueueFull`].
    pub fn set_score_offset_seconds(&self, seconds: f64) -> Result<(), PerformanceError> {
        if !(seconds.is_finite() && seconds >= 0.0) {
            return Err(PerformanceError::Time(seconds));
        }
        self.send(Command::Event(EventKind::Seek(seconds)))
    }

    /// Sets the function called once before each k-cycle, not while paused; `None` takes it away.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn set_process_callback(&self, callback: Option<ProcessCallback>) -> Result<(), PerformanceError> {
        self.send(Command::Callback(callback.map(Box::new)))
    }

    /// Whether a process callback is set.
    pub fn process_callback(&self) -> bool {
        self.shared.has_callback()
    }

    /// Starts recording Csound's output (before any gain of a host) into a new WAV file of 16 or 24
    /// bit PCM or 32 bit float, with the rate and channels of the running piece. `buffers` (1 to
    /// 1024) sizes the ring between the performing thread and the disk, in buffers of at least 1024
    /// frames. An existing file is never overwritten; see [`record_with`](Self::record_with).
    ///
    /// # Errors
    /// [`PerformanceError::Record`] if the file cannot be made, or the depth is none of the three;
    /// [`PerformanceError::NoPiece`]; [`PerformanceError::QueueFull`].
    pub fn record(&self, path: impl AsRef<Path>, bits: u32, buffers: usize) -> Result<(), PerformanceError> {
        let depth = BitDepth::try_from(bits)?;
        self.record_with(RecordOptions { path: path.as_ref().to_owned(), depth, buffers, overwrite: false })
    }

    /// [`record`](Self::record), with every choice.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_with(&self, options: RecordOptions) -> Result<(), PerformanceError> {
        let (sample_rate, ksmps, outputs) = self.shared.running_format().ok_or(PerformanceError::NoPiece)?;
        let (tap, recording) = recorder::open(options, outputs, sample_rate.round() as u32, ksmps)?;
        // The one before it goes on until the performing thread takes the new tap, so its handle
        // has to live until then: dropping it here would close its file early.
        let before = lock(&self.shared.recording).replace(recording);
        let sent = self.send(Command::Record(Box::new(tap)));
        if let Some(before) = before {
            lock(&self.shared.earlier).retain(|earlier| !earlier.wait_closed(Duration::ZERO));
            lock(&self.shared.earlier).push(before);
        }
        sent
    }

    /// Takes a recording that was begun on the audio thread as the present one.
    pub fn adopt_recording(&self, recording: Recording) {
        let before = lock(&self.shared.recording).replace(recording);
        lock(&self.shared.earlier).retain(|earlier| !earlier.wait_closed(Duration::ZERO));
        lock(&self.shared.earlier).extend(before);
    }

    /// Stops recording and closes the file: on return it is complete. While no driver is at work the
    /// file is closed all the same, after half a second. From the process callback the call does
    /// not wait.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`]; [`PerformanceError::Record`] if the disk failed.
    pub fn stop_record(&self) -> Result<(), PerformanceError> {
        self.send(Command::StopRecord)?;
        if self.shared.is_performing_thread() {
            return Ok(());
        }
        let recording = lock(&self.shared.recording).clone();
        let Some(recording) = recording else { return Ok(()) };
        while !recording.wait_closed(Duration::from_millis(20)) {
            if self.shared.seconds_unattended() > UNATTENDED_SECONDS || self.shared.is_closed() {
                recording.close_now();
            }
        }
        recording.result().map_err(PerformanceError::Record)
    }

    /// The present or last recording: its path, frames and state.
    pub fn recording(&self) -> Option<Recording> {
        lock(&self.shared.recording).clone()
    }

    /// Waits until everything queued before the call was executed, or dropped at the end.
    ///
    /// # Errors
    /// [`PerformanceError::NotProcessing`] if the driver has not been at work for half a second;
    /// [`PerformanceError::OnPerformingThread`].
    pub fn flush_message_queue(&self) -> Result<(), PerformanceError> {
        if self.shared.is_performing_thread() {
            return Err(PerformanceError::OnPerformingThread);
        }
        let ticket = self.shared.next_ticket();
        let began = Instant::now();
        let mut marker = Some(Command::Flush(ticket));
        while !self.shared.is_flushed(ticket) {
            if let Some(command) = marker.take() {
                marker = self.shared.send(command).err();
            }
            if self.shared.is_closed() {
                return Ok(());
            }
            let idle = self.shared.seconds_unattended().min(began.elapsed().as_secs_f64());
            if idle > UNATTENDED_SECONDS {
                return Err(PerformanceError::NotProcessing);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    /// Waits for the end of the performance and returns its status: positive after `stop` (1) or
    /// the end of the score (2), negative after an error.
    ///
    /// # Errors
    /// [`PerformanceError::OnPerformingThread`].
    pub fn join(&self) -> Result<i32, PerformanceError> {
        if self.shared.is_performing_thread() {
            return Err(PerformanceError::OnPerformingThread);
        }
        while self.is_running() {
            self.shared.free_spent();
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(self.status())
    }

    /// Zero while the performance goes on (paused or not), positive at the end of the score or
    /// after `stop`, negative after an error.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn status(&self) -> i32 {
        self.shared.status()
    }

    /// Whether the performance has not ended.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_running(&self) -> bool {
        self.shared.phase() != Phase::Ended
    }

    /// Whether k-cycles are performed, paused or over.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn phase(&self) -> Phase {
        self.shared.phase()
    }

    /// Score time in seconds. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn score_time(&self) -> f64 {
        self.shared.score_time()
    }

    /// Frames that Csound counts as performed. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn frames(&self) -> i64 {
        self.shared.frames()
    }

    /// What went wrong so far, counted.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn troubles(&self) -> Troubles {
        self.shared.troubles()
    }

    /// The Csound instance, where it lives in this process.
    pub fn csound(&self) -> Option<CsoundHandle> {
        lock(&self.shared.csound).clone()
    }

    /// Whoever starts an engine in this process says which instance it drives.
    pub fn set_csound(&self, csound: Option<CsoundHandle>) {
        *lock(&self.shared.csound) = csound;
    }

    /// Queues a command, such as one that a full queue handed back.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`], with the command.
    pub fn send(&self, command: Command) -> Result<(), PerformanceError> {
        self.shared.send(command).map_err(|command| PerformanceError::QueueFull(Box::new(command)))
    }
}

/// Locks a mutex of the handles' side; what a panicking thread left is still whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make_event(
    time_base: TimeBase,
    opcode: char,
    pfields: Vec<PField>,
) -> Result<ScoreEvent, PerformanceError> {
    if !matches!(opcode, 'i' | 'f' | 'a' | 'q' | 'd' | 'e') {
        return Err(PerformanceError::Event("its opcode must be one of i, f, a, q, d, e"));
    }
    if pfields.is_empty() && opcode != 'e' {
        return Err(PerformanceError::Event("it has no p-fields: p1 comes first"));
    }
    if pfields.len() > MAX_PFIELDS {
        return Err(PerformanceError::Event("it has more than 1000 p-fields"));
    }
    let mut fields = Vec::with_capacity(pfields.len());
    for field in &pfields {
        fields.push(match field {
            PField::Number(number) if number.is_finite() => *number,
            PField::Number(_) => return Err(PerformanceError::Event("a p-field is not a finite number")),
            PField::Text(text) if text.contains(['"', '\n', '\r', '\0', '\\']) => {
                return Err(PerformanceError::Event(
                    "a string p-field holds a quote, backslash, line end or NUL",
                ));
            }
            PField::Text(_) => 0.0,
        });
    }
    let text = match pfields.iter().any(|field| matches!(field, PField::Text(_))) {
        true => Some(
            text_of(opcode, &pfields).ok_or(PerformanceError::Event("p2 or p3 is a string or too long"))?,
        ),
        false => None,
    };
    Ok(ScoreEvent { time_base, opcode: opcode as u8, fields, text })
}

fn text_of(opcode: char, pfields: &[PField]) -> Option<EventText> {
    let word = |field: &PField| match field {
        PField::Number(number) => number.to_string(),
        PField::Text(text) => format!("\"{text}\""),
    };
    let time = |index: usize| match pfields.get(index) {
        Some(PField::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let head = format!("{opcode} {}", word(pfields.first()?));
    let rest = pfields.iter().skip(3).map(word).collect::<Vec<_>>().join(" ");
    let p2 = time(1)?;
    let p3 = time(2);
    if p3.is_none() && pfields.len() > 2 {
        return None;
    }
    EventText::new(&head, &p2, p3.as_deref(), &rest)
}

/// The event that a line of score text is: one that can be placed on a frame, where it can be read.
///
/// # Errors
/// The line would not survive Csound's parser.
pub fn event_of_text(text: &str) -> Result<EventKind, live::TextError> {
    let line = live::line_event(text)?;
    Ok(match event_of_line(&line) {
        Some(event) => EventKind::Score(Box::new(event)),
        // What passed the check holds no NUL.
        None => EventKind::Message(Box::new(CString::new(line).unwrap_or_default())),
    })
}

/// The event of an `i` line whose p2 and p3 are plain numbers, so that it can be placed on a frame:
/// as numbers, or where other p-fields are none, as text.
fn event_of_line(line: &str) -> Option<ScoreEvent> {
    let body = line.trim().strip_prefix('i')?;
    let words = words_of(body);
    let [p1, p2, p3, rest @ ..] = words.as_slice() else { return None };
    let number = |word: &str| word.parse::<f64>().ok().filter(|value| value.is_finite());
    if let Some(fields) = words.iter().map(|word| number(word)).collect::<Option<Vec<_>>>() {
        return Some(ScoreEvent { time_base: TimeBase::Now, opcode: b'i', fields, text: None });
    }
    let fields = vec![number(p1).unwrap_or(0.0), number(p2)?, number(p3)?];
    if number(p1).is_none() && !p1.starts_with('"') {
        return None;
    }
    let text = EventText::new(&format!("i {p1}"), p2, Some(p3), &rest.join(" "))?;
    Some(ScoreEvent { time_base: TimeBase::Now, opcode: b'i', fields, text: Some(text) })
}

/// The words of a line; a string in quotes is one word, a comment ends the line.
fn words_of(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with(';') && !rest.starts_with("//") {
        let length = match rest.strip_prefix('"') {
            Some(inner) => inner.find('"').map_or(rest.len(), |end| end + 2),
            None => rest.find([' ', '\t', ';', '"']).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(length.max(1));
        words.push(word);
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handle_goes_to_any_thread() {
        fn anywhere<T: Clone + Send + Sync>() {}
        anywhere::<Performance>();
    }

    #[test]
    fn a_line_event_with_plain_times_can_be_placed_on_a_frame() {
        let event = event_of_line("  i\"bell\" 0 .5 440 \"a b\" ; loud").unwrap();
        assert_eq!(event.fields, [0.0, 0.0, 0.5]);
        let mut text = event.text.unwrap();
        let words: Vec<_> = text.with_times(None, None).to_str().unwrap().split_whitespace().collect();
        assert_eq!(words, ["i", "\"bell\"", "0", ".5", "440", "\"a", "b\""]);
        let numbers = event_of_line("i1.25 0.5 -1 440 ; a comment").unwrap();
        assert_eq!(numbers.fields, [1.25, 0.5, -1.0, 440.0]);
        assert!(numbers.text.is_none());
        for other in ["f 1 0 1024 10 1", "i 1 + .", "i 1 0", "e", "i bell 0 1"] {
            assert!(event_of_line(other).is_none(), "{other}");
        }
    }

    #[test]
    fn events_that_cannot_be_are_refused_with_a_reason() {
        let none: [f64; 0] = [];
        let performance = Performance::new(Arc::default());
        assert!(performance.score_event(TimeBase::Now, 'x', &[1.0, 0.0, 1.0]).is_err());
        assert!(performance.score_event(TimeBase::Now, 'i', &none).is_err());
        assert!(performance.score_event(TimeBase::Now, 'i', &[1.0, f64::NAN]).is_err());
        assert!(performance.score_event(TimeBase::Now, 'i', &vec![0.0; 1001]).is_err());
        let quote = [PField::from(1.0), 0.0.into(), 1.0.into(), "a\"b".into()];
        assert!(performance.score_event(TimeBase::Now, 'i', &quote).is_err());
        assert!(performance.set_score_offset_seconds(-1.0).is_err());
        assert!(performance.set_score_offset_seconds(f64::INFINITY).is_err());
    }

    #[test]
    fn a_full_queue_hands_the_command_back_and_it_can_be_sent_again() {
        let performance = Performance::new(Arc::default());
        for _ in 0..shared::COMMAND_CAPACITY {
            performance.play().unwrap();
        }
        let Err(PerformanceError::QueueFull(command)) = performance.set_score_offset_seconds(2.5) else {
            panic!("the queue took more than it holds");
        };
        assert!(matches!(*command, Command::Event(EventKind::Seek(seconds)) if seconds == 2.5));
        assert!(matches!(performance.send(*command), Err(PerformanceError::QueueFull(_))));
    }

    #[test]
    fn flush_reports_a_driver_that_is_not_at_work() {
        let performance = Performance::new(Arc::default());
        assert!(matches!(performance.flush_message_queue(), Err(PerformanceError::NotProcessing)));
    }
}
