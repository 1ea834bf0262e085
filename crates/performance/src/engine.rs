//! The engine boundary: what performs a piece, one *turn* at a time.
//!
//! A [`Turn`] is what one callback asks of an engine: some k-cycles with their input, events and
//! output. Everything above this boundary (commands, state, framing, the plugin) is the same
//! whether libcsound performs in this process ([`local::LocalEngine`]), in a process of its own, or
//! not at all (the fakes of the tests).
//!
//! Reading order: this file, [`framing`] (host blocks and k-cycles), [`piece`] (the text that is
//! performed), [`local`] (the turn over libcsound). Then the engine process: [`wire`] (a turn in
//! shared memory), [`protocol`] (what else is said), `remote` (the host's side), `serve` (the
//! engine's), `sandbox` and `platform`.

pub mod framing;
pub mod local;
pub mod opcode_libraries;
pub mod piece;
pub mod planes;
#[cfg(target_os = "linux")]
pub mod platform;
pub mod protocol;
#[cfg(target_os = "linux")]
pub mod remote;
#[cfg(target_os = "linux")]
pub mod sandbox;
#[cfg(target_os = "linux")]
pub mod serve;
pub mod timing;
pub mod wire;

use std::ffi::{CStr, CString};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use csound_library::MidiMessage;
use csound_library::{ChannelInfo, CsoundHandle, Level, LoadError, Message};
use piece::Piece;
use planes::Planes;

/// The most MIDI messages that one turn can bring out of an engine.
pub const MIDI_OUT_CAPACITY: usize = 1024;

/// Channel slots, from the first, whose values can be read back: the bank of 128 that parameters
/// drive, and 64 that only the piece writes.
pub const READ_SLOTS: usize = 192;

/// The largest k-cycle that is performed in a host, in frames. Csound itself fails at 65536.
pub const MAX_KSMPS: usize = 16384;

/// What a started engine performs with. Fixed for its life.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Format {
    /// Frames per second: the host's rate, whatever the piece says.
    pub sample_rate: f64,
    /// Frames in a k-cycle, 1 to [`MAX_KSMPS`] in a host.
    pub ksmps: usize,
    /// Channels of input (`nchnls_i`).
    pub inputs: usize,
    /// Channels of output (`nchnls`).
    pub outputs: usize,
    /// Whether score events start on their exact frame (`--sample-accurate`).
    pub sample_accurate: bool,
}

/// What happens when the score ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AtEnd {
    /// The performance ends: silence, and a positive status.
    Stop,
    /// The score begins again, at the k-cycle that found its end.
    Loop,
    /// The score is held open: MIDI and events go on playing.
    #[default]
    Keep,
}

/// An event of a turn, at a frame of one of its k-cycles.
#[derive(Debug)]
pub struct Event {
    /// The k-cycle of the turn, from 0. Events of a turn are in ascending order.
    pub cycle: usize,
    /// The frame within the k-cycle, 0 to ksmps - 1. Only [`EventKind::Score`] is exact to it, and
    /// only where the engine is sample-accurate; everything else happens before the k-cycle.
    pub frame: usize,
    /// What happens.
    pub kind: EventKind,
}

/// What an engine can be asked to do before a k-cycle.
#[derive(Debug)]
pub enum EventKind {
    /// One whole MIDI channel message.
    Midi(MidiMessage),
    /// A score event.
    Score(Box<ScoreEvent>),
    /// A line of score text, as typed to `csound -L`. Checked before it was queued.
    Message(Box<CString>),
    /// An event that was made ready once and happens as often as it is asked for.
    Prepared(Arc<Prepared>),
    /// A note as a score event, begun or ended: an `i` event of numbers, which the audio thread can
    /// make itself.
    Note(Note),
    /// A value for the channel in a slot of the bank.
    Channel {
        /// The slot, as [`Engine::bind`] gave them out.
        slot: usize,
        /// The value, in the channel's own unit.
        value: f64,
    },
    /// Moves the score time, in seconds from its beginning.
    Seek(f64),
    /// Ends the notes that MIDI started.
    NotesOff,
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// p1, p2, …; a negative p1 ends the note of that number.
    pub fields: [f64; NOTE_FIELDS],
    /// How many of them count, 3 to 8.
    pub count: u8,
    /// Which voice it begins or ends, below [`VOICES`]: an end never comes in its beginning's
    /// k-cycle, where Csound would make silence of both.
    pub voice: u16,
}

/// Voices of [`Note`]s.
pub const VOICES: usize = 1024;

impl Note {
    /// Whether it begins.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn begins(&self) -> bool {
        self.fields[0] >= 0.0
    }

    /// The p-fields that count.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn fields(&self) -> &[f64] {
        &self.fields[..usize::from(self.count).clamp(1, NOTE_FIELDS)]
    }
}

/// What p2 of a score event counts from.
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
    /// What p2 counts from.
    pub time_base: TimeBase,
    /// The statement: `i`, `f`, `a`, `q`, `d` or `e`.
    pub opcode: u8,
    /// p1, p2, … Where `text` is given, its strings stand as 0 here.
    pub fields: Vec<f64>,
    /// The same event as text, where a p-field is a string: Csound takes those only as text.
    pub text: Option<timing::EventText>,
}

/// How a turn went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// K-cycles performed, at most the turn's.
    pub performed: usize,
    /// Csound's own word where it ended within the turn: positive at the end of the score,
    /// negative after an error.
    pub end: Option<i32>,
    /// The engine did not answer in time: the turn's output is silence, its events are performed.
    pub late: bool,
    /// The engine is no more: silence, until another one comes.
    pub gone: bool,
    /// Samples that were not finite, and were made silence.
    pub non_finite: u32,
    /// Score events that came after their time and were shortened or dropped.
    pub late_events: u32,
    /// Score events whose p3 was raised to what a sample-accurate performance survives.
    pub lengthened_events: u32,
    /// Score time after the turn, in seconds.
    pub score_time: f64,
    /// Csound's count of performed frames after the turn. A seek makes it jump.
    pub frames: i64,
}

/// A MIDI message that a piece sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidiOut {
    /// The k-cycle of the turn.
    pub cycle: usize,
    /// The message.
    pub message: MidiMessage,
}

/// What one callback asks of an engine.
pub struct Turn<'a> {
    /// K-cycles to perform.
    pub cycles: usize,
    /// Where the turn's first frame stands in `input`.
    pub input_offset: usize,
    /// Where the turn's first frame goes in `output`.
    pub output_offset: usize,
    /// Input, full scale 1.0. Channels that the piece lacks are not read.
    pub input: &'a Planes,
    /// Output, full scale 1.0, finite. At least the engine's channels.
    pub output: &'a mut Planes,
    /// In ascending order of k-cycle.
    pub events: &'a mut [Event],
    /// What the piece sends; never grown past its capacity.
    pub midi_out: &'a mut Vec<MidiOut>,
    /// Whether the host renders offline: the turn may then wait as long as it takes.
    pub offline: bool,
}

/// A piece and how to start it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PieceSpec {
    /// What is performed.
    pub piece: Piece,
    /// Frames per second; beats the piece's own.
    pub sample_rate: f64,
    /// Starts score events on their exact frame even if the piece does not ask for it.
    pub sample_accurate: bool,
    /// What happens at the end of the score.
    pub at_end: AtEnd,
    /// Where the score starts, in seconds.
    pub score_start: f64,
    /// Where a looped score begins again, in seconds: not where it started, if that was in its midst.
    pub loop_start: f64,
    /// Whether the defaults of `chn_k` declarations are applied (Csound itself does not).
    pub channel_defaults: bool,
    /// Channel values at the start, by name; they beat the defaults.
    pub channel_values: Vec<(String, f64)>,
    /// The texts of string channels at the start, by name.
    pub channel_texts: Vec<(String, String)>,
    /// The name of an instrument whose number is wanted.
    pub instrument: Option<String>,
    /// Whether the score is measured. Csound then writes it, sorted, into the current folder.
    pub measured: bool,
}

impl PieceSpec {
    /// A piece from its beginning, as it comes: held open, its declared defaults applied.
    pub fn new(piece: Piece, sample_rate: f64) -> Self {
        Self {
            piece,
            sample_rate,
            sample_accurate: false,
            at_end: AtEnd::Keep,
            score_start: 0.0,
            loop_start: 0.0,
            channel_defaults: true,
            channel_values: Vec::new(),
            channel_texts: Vec::new(),
            instrument: None,
            measured: false,
        }
    }
}

/// What a piece showed when it was started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The channels that it declares.
    pub channels: Vec<ChannelInfo>,
    /// The number of the instrument whose name was asked for, if the piece has it.
    pub instrument: Option<u16>,
    /// The score's length in seconds, if it has one.
    pub score_length: Option<f64>,
}

/// A line for the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleLine {
    /// How grave it is.
    pub level: Level,
    /// The line in the user's file, from 1, where Csound names one.
    pub line: Option<u32>,
    /// What it says.
    pub text: String,
}

impl ConsoleLine {
    /// A line of our own.
    pub fn note(text: impl Into<String>) -> Self {
        Self { level: Level::Default, line: None, text: text.into() }
    }

    /// An error of our own.
    pub fn error(text: impl Into<String>) -> Self {
        Self { level: Level::Error, line: None, text: text.into() }
    }
}

/// Bytes of a console line. A piece may print a line without an end.
pub const LONGEST_LINE: usize = 4096;

impl ConsoleLine {
    /// At most [`LONGEST_LINE`] bytes of it.
    pub fn shortened(mut self) -> Self {
        const MORE: &str = " …";
        if self.text.len() > LONGEST_LINE {
            self.text.truncate(self.text.floor_char_boundary(LONGEST_LINE - MORE.len()));
            self.text.push_str(MORE);
            // What was cut off is not kept in reserve either.
            self.text.shrink_to_fit();
        }
        self
    }
}

impl From<Message> for ConsoleLine {
    fn from(message: Message) -> Self {
        Self { level: message.level, line: message.line, text: message.text }
    }
}

/// A word from one thread to another that has a piece started: it need not be, any more.
#[derive(Clone, Debug, Default)]
pub struct Abandoned(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Abandoned {
    /// Gives the piece up. Its start fails soon.
    pub fn abandon(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Release);
    }

    /// Whether it was given up.
    pub fn is_abandoned(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Acquire)
    }
}

impl PartialEq for Abandoned {
    /// Whether both are the same word.
    fn eq(&self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Why a piece does not perform.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no usable Csound.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// The text is not a piece.
    #[error("{name}: {source}")]
    Piece {
        /// The piece.
        name: String,
        /// What is wrong with it.
        source: piece::PieceError,
    },
    /// Csound did not compile or start it.
    #[error("{name} does not compile: {reason}")]
    Compile {
        /// The piece.
        name: String,
        /// Csound's errors, with their lines.
        reason: String,
    },
    /// Its k-cycle or channels are beyond what a plugin performs.
    #[error("{name}: {reason}")]
    Limits {
        /// The piece.
        name: String,
        /// Which limit, and what to change.
        reason: String,
    },
    /// The engine process could not be started, or did not start the piece.
    #[error("{0}")]
    Process(String),
    /// The piece's text could not be put where Csound reads it.
    #[error("the piece could not be written into {folder}: {source}")]
    Folder {
        /// Where.
        folder: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What performs a piece.
///
/// An engine is made and dropped on a thread that may block, and performs on one that may not.
pub trait Engine: Send {
    /// What the engine performs with.
    ///
    /// # Realtime safety
    /// Safe.
    fn format(&self) -> Format;

    /// Performs a turn. Fills the turn's whole span of `output`, with silence after an end.
    ///
    /// # Realtime safety
    /// Safe as far as this crate goes: no allocation, lock, file or unbounded wait of ours. What
    /// the opcodes of the piece do inside libcsound is theirs.
    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome;

    /// Gives the slots of the channel bank their channels, by name. Not for the audio thread.
    fn bind(&mut self, slots: &[Option<String>]) {
        let _ = slots;
    }

    /// Compiles orchestra code into the piece and runs what it says outside of instruments; whether
    /// that went well. Csound's messages say why not. The text has passed
    /// [`piece::live::check_orchestra`]. Not for the audio thread.
    fn evaluate(&mut self, code: &CStr) -> bool {
        let _ = code;
        false
    }

    /// The present values of the bank's channels, for the slots that have one.
    ///
    /// # Realtime safety
    /// Safe.
    fn read_slots(&self, values: &mut [f64]) {
        let _ = values;
    }

    /// The Csound instance, where it lives in this process.
    fn csound(&self) -> Option<CsoundHandle> {
        None
    }
}
