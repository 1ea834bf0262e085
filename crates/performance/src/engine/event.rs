//! The events that an engine takes before a k-cycle.

mod code;

use std::ffi::CString;
use std::sync::Arc;

use csound_library::MidiMessage;

use super::timing;

pub use code::{AnswerError, Code, Purpose, Reply};

/// An event of a turn, at a frame of one of its k-cycles.
#[derive(Debug)]
pub struct Event {
    /// The k-cycle of the turn, from 0. Events of a turn are in ascending order.
    pub cycle: usize,
    /// The frame within the k-cycle, 0 to ksmps - 1. Only [`EventKind::Score`] is exact to it, and
    /// only if the engine is sample-accurate; everything else happens before the k-cycle.
    pub frame: usize,
    /// The event itself.
    pub kind: EventKind,
}

/// The events that an engine takes before a k-cycle.
#[derive(Debug)]
pub enum EventKind {
    /// One whole MIDI channel message.
    Midi(MidiMessage),
    /// A score event.
    Score(Box<ScoreEvent>),
    /// A line of score text, as typed to `csound -L`. Checked before it was queued.
    Message(Box<CString>),
    /// Orchestra code. Checked before it was queued.
    Code(Box<Code>),
    /// An event that was made ready once and happens as often as it is asked for.
    Prepared(Arc<Prepared>),
    /// A note as a score event, begun or ended: an `i` event of numbers, which the audio thread can
    /// make itself.
    Note(Note),
    /// A value for a channel of the bank.
    Channel {
        /// Its index, as [`Engine::bind`](super::Engine::bind) gave them out.
        index: usize,
        /// The value, in the channel's own unit.
        value: f64,
    },
    /// Moves the score time, in seconds from its beginning. A score that was held goes on.
    Seek(f64),
    /// Holds the score where it is, while notes of MIDI and events are performed. Notes that the score has begun
    /// end. A [`Seek`](Self::Seek) lets it go on.
    Hold,
    /// Ends the notes that MIDI started.
    NotesOff,
}

impl EventKind {
    /// True if it owns memory, so that it must not be dropped on an audio thread.
    pub(crate) fn owns(&self) -> bool {
        matches!(self, Self::Score(_) | Self::Message(_) | Self::Code(_) | Self::Prepared(_))
    }
}

impl Event {
    /// Takes the code out of an event that has been written down for an engine, if it is some. What is left is
    /// not performed.
    pub(crate) fn take_code(&mut self) -> Option<Box<Code>> {
        if !matches!(self.kind, EventKind::Code(_)) {
            return None;
        }
        match std::mem::replace(&mut self.kind, EventKind::NotesOff) {
            EventKind::Code(code) => Some(code),
            _ => None,
        }
    }
}

/// An event made ready off the audio thread.
#[derive(Debug)]
pub enum Prepared {
    /// A score event.
    Score(ScoreEvent),
    /// A line of score text.
    Message(CString),
}

/// Most p-fields of a [`Note`].
pub const NOTE_FIELDS: usize = 8;

/// An `i` event of a few numbers.
///
/// # Realtime safety
/// Every method is safe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// p1, p2, …; a negative p1 ends the note of that number.
    pub fields: [f64; NOTE_FIELDS],
    /// The number of those that count, 3 to 8.
    pub count: u8,
    /// The voice that it begins or ends, below [`VOICES`]: an end never comes in its beginning's
    /// k-cycle, where Csound would make silence of both.
    pub voice: u16,
}

/// Voices of [`Note`]s.
pub const VOICES: usize = 1024;

impl Note {
    /// True if it begins.
    pub fn begins(&self) -> bool {
        self.fields[0] >= 0.0
    }

    /// The p-fields that count.
    pub fn fields(&self) -> &[f64] {
        &self.fields[..usize::from(self.count).clamp(1, NOTE_FIELDS)]
    }
}

/// The moment that a score event's p2 counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBase {
    /// The moment the event is handed over.
    Now,
    /// The beginning of the performance (the reference's `absp2mode`).
    Start,
}

/// A p-field: Csound takes numbers and strings.
#[derive(Clone, Debug, PartialEq)]
pub enum PField {
    /// A number.
    Number(f64),
    /// A string, without its quotes.
    Text(String),
}

impl From<f64> for PField {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&f64> for PField {
    fn from(number: &f64) -> Self {
        Self::Number(*number)
    }
}

impl From<&str> for PField {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&PField> for PField {
    fn from(field: &PField) -> Self {
        field.clone()
    }
}

/// A score event, ready for the performing thread.
#[derive(Debug)]
pub struct ScoreEvent {
    /// The moment that p2 counts from.
    pub time_base: TimeBase,
    /// The statement: `i`, `f`, `a`, `q`, `d` or `e`.
    pub opcode: u8,
    /// p1, p2, … If `text` is given, its strings stand as 0 here.
    pub fields: Vec<f64>,
    /// The same event as text, if a p-field is a string: Csound takes those only as text.
    pub text: Option<timing::EventText>,
}
