//! The ways to store a recording, and the reasons for which one is refused or ends early, in words for
//! musicians.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use hound::SampleFormat;

/// Most channels of a recording.
pub const MAX_CHANNELS: usize = 256;

/// The format of the samples in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitDepth {
    /// Whole numbers of 16 bits.
    Pcm16,
    /// Whole numbers of 24 bits.
    Pcm24,
    /// Floating point of 32 bits: nothing is clipped or rounded.
    Float32,
}

impl BitDepth {
    /// The depth of 16, 24 or 32 bits.
    ///
    /// # Errors
    /// [`RecordError::BitDepth`] for any other number.
    pub fn from_bits(bits: u32) -> Result<Self, RecordError> {
        match bits {
            16 => Ok(Self::Pcm16),
            24 => Ok(Self::Pcm24),
            32 => Ok(Self::Float32),
            given => Err(RecordError::BitDepth { given }),
        }
    }

    /// Bits of one sample: 16, 24 or 32.
    pub fn bits(self) -> u32 {
        match self {
            Self::Pcm16 => 16,
            Self::Pcm24 => 24,
            Self::Float32 => 32,
        }
    }

    pub(super) fn sample_format(self) -> SampleFormat {
        match self {
            Self::Pcm16 | Self::Pcm24 => SampleFormat::Int,
            Self::Float32 => SampleFormat::Float,
        }
    }
}

impl TryFrom<u32> for BitDepth {
    type Error = RecordError;

    fn try_from(bits: u32) -> Result<Self, RecordError> {
        Self::from_bits(bits)
    }
}

/// The reason for which something is not recorded. Its text says what, in which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// No such depth.
    #[error("cannot record with {given} bits: choose 16 or 24 (whole numbers) or 32 (floating point)")]
    BitDepth {
        /// Bits asked for.
        given: u32,
    },
    /// No channels, or too many.
    #[error("cannot record {given} channels: a recording has 1 to {MAX_CHANNELS}; see nchnls")]
    Channels {
        /// Channels asked for.
        given: usize,
    },
    /// A rate that a WAV file cannot state.
    #[error("cannot record at {given} frames a second: choose a usual rate such as 48000")]
    SampleRate {
        /// Frames a second.
        given: u32,
    },
    /// The ring would be empty or too big.
    #[error("cannot record through {given} buffers: choose 1 to {most} for this piece")]
    Buffers {
        /// Buffers asked for.
        given: usize,
        /// Most that these channels and this ksmps allow.
        most: usize,
    },
    /// The path ends in no name.
    #[error("cannot record into \"{}\": it names no file; give a name such as take.wav", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The folder does not exist.
    #[error("cannot record into {}: there is no folder {}; create it or choose another", path.display(), folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder that is missing.
        folder: PathBuf,
    },
    /// The path of the folder leads to a file.
    #[error("cannot record into {}: {} is no folder; choose another", path.display(), folder.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
        /// The path that is no folder.
        folder: PathBuf,
    },
    /// The path is a folder.
    #[error("cannot record into {}: it is a folder; add the name of a file", path.display())]
    IsFolder {
        /// The path.
        path: PathBuf,
    },
    /// The path is a device, a pipe or the like.
    #[error("cannot record into {}: it is no ordinary file; choose another name", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file exists and is kept.
    #[error("{} exists already and is kept: choose another name or allow to overwrite it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file may not be written.
    #[error("not allowed to record into {}: choose a folder that you may write to, or change its permissions", path.display())]
    NotAllowed {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file could not be made for another reason.
    #[error("cannot record into {}: {}", path.display(), explain(source))]
    Create {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// There is no thread for the recorder.
    #[error("cannot record into {}: the system starts no further thread; close something and try again", path.display())]
    Thread {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The recording ended before it was asked to.
    #[error("the recording into {} ended early: {reason}", path.display())]
    Ended {
        /// The file.
        path: PathBuf,
        /// Why, and what is in the file.
        reason: String,
    },
}

pub(super) fn create_error(path: PathBuf, source: io::Error) -> RecordError {
    match source.kind() {
        ErrorKind::AlreadyExists => RecordError::Exists { path },
        ErrorKind::IsADirectory => RecordError::IsFolder { path },
        ErrorKind::PermissionDenied => RecordError::NotAllowed { path, source },
        _ => RecordError::Create { path, source },
    }
}

/// A system's error in words for a musician.
pub(super) fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full: make room or choose another disk".to_owned(),
        ErrorKind::QuotaExceeded => {
            "your share of the disk is full: make room or choose another disk".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => "the disk cannot be written to: choose another one".to_owned(),
        ErrorKind::FileTooLarge => {
            "the disk or the system takes no file of this size: go on in a new file".to_owned()
        }
        ErrorKind::InvalidFilename => {
            "the disk takes no such name: choose a shorter or simpler one".to_owned()
        }
        _ => format!("the system says \"{error}\": check the disk or choose another one"),
    }
}
