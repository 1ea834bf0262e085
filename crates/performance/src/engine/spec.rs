//! A piece, how to start it, and what came of that.

use csound_cabbage::Change;
use csound_library::{ChannelInfo, Generation, LoadError, Opcode};
use serde::{Deserialize, Serialize};

use super::piece::score_entries::ScoreEntry;
use super::piece::{Piece, PieceError};

/// The behaviour at the end of the score.
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

/// A piece and how to start it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PieceSpec {
    /// The piece that is performed.
    pub piece: Piece,
    /// Frames per second; beats the piece's own.
    pub sample_rate: f64,
    /// Starts score events on their exact frame even if the piece does not ask for it.
    pub sample_accurate: bool,
    /// The behaviour at the end of the score.
    pub at_end: AtEnd,
    /// The score time at the start, in seconds.
    pub score_start: f64,
    /// The score time at which a looped score begins again, in seconds: not the starting one, if that was in
    /// its midst.
    pub loop_start: f64,
    /// True if the defaults of `chn_k` declarations are applied (Csound itself does not).
    pub channel_defaults: bool,
    /// Channel values at the start, by name; they beat the defaults.
    pub channel_values: Vec<(String, f64)>,
    /// The texts of string channels at the start, by name.
    pub channel_texts: Vec<(String, String)>,
    /// What was changed of the piece's widgets before: an engine that takes another's place goes on from there.
    pub panel: Vec<Change>,
    /// The generation of Csound that performs it; `None`: the one that the process has, or the first that is
    /// found, Csound 6 before Csound 7.
    pub generation: Option<Generation>,
    /// The name of an instrument whose number is wanted.
    pub instrument: Option<String>,
    /// Options of the user's own for Csound, each one argument of a command line; the piece's own beat them. See
    /// [`resource_file`](super::resource_file).
    pub users_options: Vec<String>,
    /// True if the score is measured. Csound then writes it, sorted, into a file.
    pub measured: bool,
    /// True if the opcodes that Csound knows are wanted: see [`Shown::opcodes`]. It takes about a millisecond more.
    pub lists_opcodes: bool,
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
            panel: Vec::new(),
            generation: None,
            instrument: None,
            users_options: Vec::new(),
            measured: false,
            lists_opcodes: false,
        }
    }
}

/// The channels and figures that a piece showed when it was started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The channels that it declares.
    pub channels: Vec<ChannelInfo>,
    /// The number of the instrument whose name was asked for, if the piece has it.
    pub instrument: Option<u16>,
    /// The score's length in seconds, if it has one.
    pub score_length: Option<f64>,
    /// The score's first entries, in the order of their beginnings, where it was measured: no more than
    /// [`MOST_ENTRIES`](super::MOST_ENTRIES).
    pub score: Vec<ScoreEntry>,
    /// The version of the Csound that performs it: major, minor, patch.
    pub csound: Option<(i32, i32, i32)>,
    /// The opcodes that Csound knows, with the types of results and arguments, if they were asked for: its own, those of
    /// the libraries that it loads, and ours. A piece's own are no part of it.
    pub opcodes: Vec<Opcode>,
}

/// A piece that was started, and what it showed.
pub struct Started<E> {
    /// The engine.
    pub engine: E,
    /// The channels and figures that it showed.
    pub shown: Shown,
}

/// A word from one thread to another that has a piece started: it need not be, any more.
#[derive(Clone, Debug, Default)]
pub struct Abandoned(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Abandoned {
    /// Gives the piece up. Its start fails soon.
    pub fn abandon(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Release);
    }

    /// True if it was given up.
    pub fn is_abandoned(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Acquire)
    }
}

impl PartialEq for Abandoned {
    /// True if both are the same word.
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
        /// The name of the piece's file.
        name: String,
        /// The error in it.
        source: PieceError,
    },
    /// Csound did not compile or start it.
    #[error("{name} does not compile: {reason}")]
    Compile {
        /// The name of the piece's file.
        name: String,
        /// Csound's errors, with their lines.
        reason: String,
    },
    /// Its k-cycle or channels are beyond what a plugin performs.
    #[error("{name}: {reason}")]
    Limits {
        /// The name of the piece's file.
        name: String,
        /// The limit that is broken, and what to change.
        reason: String,
    },
    /// The engine process could not be started, or did not start the piece.
    #[error("{0}")]
    Process(String),
    /// The piece's text could not be put where Csound reads it.
    #[error("the piece could not be written into {folder}: {source}")]
    Folder {
        /// The folder that was tried.
        folder: std::path::PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}
