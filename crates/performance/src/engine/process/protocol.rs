//! The messages of a host and its engine process besides turns: over a stream, each message
//! after its length. The host reads with a bound on everything, because a piece may have taken the
//! engine over.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::PathBuf;

use csound_cabbage::Change;
use csound_cabbage::table::Stroke;
use csound_library::{Generation, Level};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::active::ActiveInstrument;
use crate::engine::console::ConsoleLine;
use crate::engine::event::AnswerError;
use crate::engine::spec::{PieceSpec, Shown};
use crate::engine::turn::Format;

/// The version of this conversation. Both programs are of one package; an engine of another version
/// is an installation that is only half new.
pub const VERSION: u32 = 8;

/// The longest message to an engine, in bytes: a piece's text.
pub const LONGEST_TO_ENGINE: usize = 128 << 20;

/// The longest message from an engine, in bytes: thousands of channels.
pub const LONGEST_FROM_ENGINE: usize = 4 << 20;

/// Descriptors that a confined engine can have.
pub(crate) const DESCRIPTORS: u32 = 1024;

/// The numbers of datagram sockets that the host puts into an engine.
pub(crate) const UDP: Range<u32> = 768..896;

/// The numbers of stream sockets that the host puts into an engine.
pub(crate) const TCP: Range<u32> = 896..DESCRIPTORS;

/// A message to an engine.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Get ready for a piece. The first message, once.
    Start(Box<Start>),
    /// Perform this piece. The second message, once: an engine reads it when it is confined.
    Piece(Box<PieceSpec>),
    /// Count the instruments that sound from now on, or no longer: somebody looks.
    CountActive(bool),
    /// The names of the bank's channels, by index.
    Bind(Vec<Option<String>>),
    /// A string channel's new text.
    Text {
        /// The channel.
        name: String,
        /// Its text.
        text: String,
    },
    /// A user draws into a table.
    Draw(Stroke),
}

/// The first message to an engine: how its piece is held. Nothing of it is the piece's own word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Start {
    /// The [`VERSION`] of the host.
    pub version: u32,
    /// The generation of Csound that is wanted, as in [`PieceSpec::generation`].
    pub generation: Option<Generation>,
    /// The piece's folder, which becomes the current one.
    pub home: Option<PathBuf>,
    /// The engine's own folder for whatever it writes. Goes when the engine goes.
    pub folder: PathBuf,
    /// Its confinement; `None` for a piece that the user trusts.
    pub confinement: Option<Confinement>,
    /// The bounds of the process.
    pub bounds: Bounds,
}

/// The permissions of a confined engine besides reading the system's libraries and Csound's own folders and
/// writing into its own folder. Nothing, by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Folders to read: the piece's, if the user knows it, and those that the user allowed.
    pub readable: Vec<PathBuf>,
    /// Folders to write files into as well, and to read.
    pub writable: Vec<PathBuf>,
    /// The network that the piece may use.
    pub network: Network,
    /// File names of opcode libraries that the user has added to the list of those that are loaded.
    pub libraries: Vec<String>,
    /// True if the host is asked about every call that is not on the list, so that it can name it. For
    /// whoever looks for what a piece lacks: each refusal then takes the time of a message.
    pub names_every_refusal: bool,
    /// For tests: the version of Landlock that the kernel is taken to have, 0 for none.
    pub landlock: Option<u32>,
}

/// The part of the network that a confined piece may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// Nobody.
    #[default]
    None,
    /// Programs on this machine, over its loopback addresses.
    Machine,
    /// Anybody.
    Any,
}

/// The bounds of an engine process. The first three are the kernel's to keep, the others
/// the watch's, which ends an engine that has taken more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Bytes of address space.
    pub memory: u64,
    /// Bytes of a file that it writes.
    pub file: u64,
    /// Microseconds of computing without a pause under real-time scheduling.
    pub realtime: u64,
    /// Bytes that it writes in all.
    pub written: u64,
    /// Files that it makes in its folder.
    pub files: u64,
    /// Threads that it has at a time.
    pub threads: u64,
}

/// A message from an engine.
#[derive(Debug, Serialize, Deserialize)]
pub enum Say {
    /// It is confined as far as the kernel can; what is missing.
    Confined {
        /// Protections that this kernel lacks.
        missing: Vec<String>,
        /// True if what matters is there: no writing, no programs, no network.
        complete: bool,
        /// True if the host hears of what is refused. Without, it can make no sockets for the piece.
        told: bool,
    },
    /// A line for the console.
    Console(ConsoleLine),
    /// The piece performs from the next turn on.
    Started {
        /// The format in which it performs.
        format: Format,
        /// The channels and figures that it showed.
        shown: Shown,
        /// The number of the thread that performs, which the host schedules as its own.
        thread: i32,
    },
    /// It does not.
    Failed(String),
    /// A [`Ask::Bind`] was carried out.
    Bound,
    /// Orchestra code of a turn was carried out, each in the order of the turns; what came of it.
    Evaluated(Result<f64, AnswerError>),
    /// The instruments that sound, as often as that changes and a few times a second at most, while they are counted.
    Active(Vec<ActiveInstrument>),
    /// What the piece has changed of its widgets: the newest values of each identifier.
    Panel(Vec<Change>),
}

/// The first byte of a packet on the console. What comes without one was printed past Csound.
pub(super) fn level_to_byte(level: Level) -> u8 {
    match level {
        Level::Default => 1,
        Level::Orchestra => 2,
        Level::Realtime => 3,
        Level::Warning => 4,
        Level::Error => 5,
    }
}

/// The level that such a byte stands for.
pub(super) fn level_of_byte(byte: u8) -> Level {
    [Level::Orchestra, Level::Realtime, Level::Warning, Level::Error]
        .into_iter()
        .find(|level| level_to_byte(*level) == byte)
        .unwrap_or(Level::Default)
}

/// Sends a message.
///
/// # Errors
/// The system's error.
pub fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&to_bytes(message)?)
}

/// A message as it is sent: behind its length.
///
/// # Errors
/// It is too long.
pub fn to_bytes(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let bytes = postcard::to_extend(message, vec![0; 4]).map_err(io::Error::other)?;
    let len = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    let mut bytes = bytes;
    bytes[..4].copy_from_slice(&len.to_le_bytes());
    Ok(bytes)
}

/// Receives a message, waiting for the whole of it.
///
/// # Errors
/// The end of the stream, a message that is too long or makes no sense, or the system's error.
pub fn receive<T: DeserializeOwned>(from: &mut impl Read, longest: usize) -> io::Result<T> {
    let mut inbox = Inbox::new(longest);
    loop {
        if let Some(message) = inbox.message()? {
            return Ok(message);
        }
        let wanted = inbox.wanted();
        inbox.take(from, wanted)?;
    }
}

/// Puts messages together from what a stream gives at a time.
pub struct Inbox {
    bytes: Vec<u8>,
    /// Bytes of messages that were given out already.
    done: usize,
    longest: usize,
}

impl Inbox {
    /// For messages of up to `longest` bytes.
    pub fn new(longest: usize) -> Self {
        Self { bytes: Vec::new(), done: 0, longest }
    }

    /// Reads what there is, at most `most` bytes.
    ///
    /// # Errors
    /// The end of the stream, or the system's error.
    pub fn take(&mut self, from: &mut impl Read, most: usize) -> io::Result<()> {
        self.bytes.drain(..std::mem::take(&mut self.done));
        let before = self.bytes.len();
        self.bytes.resize(before + most.min(1 << 16), 0);
        let read = from.read(&mut self.bytes[before..]);
        self.bytes.truncate(before + *read.as_ref().unwrap_or(&0));
        match read? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// The next whole message, if it is there.
    ///
    /// # Errors
    /// It is too long, or makes no sense.
    pub fn message<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let Some(len) = self.len()? else { return Ok(None) };
        let Some(bytes) = self.bytes[self.done..].get(4..4 + len) else { return Ok(None) };
        let message = postcard::from_bytes(bytes).map_err(io::Error::other);
        self.done += 4 + len;
        message.map(Some)
    }

    /// Bytes that the present message still needs, at least one.
    fn wanted(&self) -> usize {
        let whole = self.len().ok().flatten().map_or(4, |len| 4 + len);
        whole.saturating_sub(self.bytes.len() - self.done).max(1)
    }

    fn len(&self) -> io::Result<Option<usize>> {
        let Some(head) = self.bytes[self.done..].first_chunk::<4>() else { return Ok(None) };
        let len = u32::from_le_bytes(*head) as usize;
        if len > self.longest {
            return Err(io::Error::other(format!(
                "a message of {len} bytes, where {} are allowed",
                self.longest
            )));
        }
        Ok(Some(len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that gives a few bytes at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let now = self.0.len().min(3).min(into.len());
            into[..now].copy_from_slice(&self.0[..now]);
            self.0 = &self.0[now..];
            Ok(now)
        }
    }

    #[test]
    fn messages_arrive_whole_and_in_order_however_they_are_cut() {
        let mut stream = Vec::new();
        for text in ["one", "two"] {
            send(&mut stream, &Say::Failed(text.into())).unwrap();
        }
        let mut drops = Drops(&stream);
        for text in ["one", "two"] {
            let said: Say = receive(&mut drops, 100).unwrap();
            assert!(matches!(said, Say::Failed(said) if said == text));
        }
        assert!(receive::<Say>(&mut drops, 100).is_err(), "the stream is at its end");
    }

    #[test]
    fn what_is_too_long_or_makes_no_sense_is_an_error() {
        let mut long = Vec::new();
        send(&mut long, &Say::Failed("x".repeat(200))).unwrap();
        assert!(receive::<Say>(&mut &long[..], 100).unwrap_err().to_string().contains("allowed"));
        let nonsense = [3, 0, 0, 0, 99, 99, 99];
        assert!(receive::<Say>(&mut &nonsense[..], 100).is_err());
    }
}
