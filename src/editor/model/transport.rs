//! Time in the piece and in the host; recordings.

use std::path::PathBuf;

/// Time, and the host's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transport {
    /// Seconds into the score.
    pub time: f64,
    /// Seconds of the score; none where it is open-ended or not known.
    pub length: Option<f64>,
    /// Whether the host's transport plays, pauses and seeks the piece.
    pub follows_host: bool,
    /// Whether something plays now, be it the piece before the one that is being compiled.
    pub plays: bool,
    /// Beats a minute, as the host says.
    pub tempo: Option<f64>,
    /// The host's position.
    pub host: Option<HostPosition>,
}

/// The host's place in its song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostPosition {
    /// Seconds from its beginning.
    pub seconds: f64,
    /// The bar and the beat in it, both from 1, where it tells them.
    pub bar: Option<(i32, f64)>,
    /// Whether its transport plays.
    pub playing: bool,
}

/// The present or last recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordingView {
    /// Whether it is recording.
    pub active: bool,
    /// Whether it was asked for, and begins once it can: the piece plays.
    pub waits: bool,
    /// Seconds recorded.
    pub seconds: f64,
    /// Such as `24 bit · 48 kHz · stereo`.
    pub format: String,
    /// Frames that the disk was too slow for.
    pub lost: u64,
    /// The file.
    pub path: Option<PathBuf>,
    /// The folder for recordings, once it was chosen.
    pub folder: Option<PathBuf>,
    /// Why the last one failed.
    pub error: Option<String>,
}
