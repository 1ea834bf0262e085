//! The settings of a recording, checked, and the end of one that waits for a file.

use std::path::PathBuf;
use std::sync::Arc;

use hound::WavSpec;
use rtrb::Consumer;

use super::error::{BitDepth, MAX_CHANNELS, RecordError};
use super::link::Link;

/// Most buffers that a ring can be asked to have.
pub const MAX_BUFFERS: usize = 1024;

/// Fewest frames of one buffer of the ring.
const MIN_BUFFER_FRAMES: usize = 1024;

/// Most bytes of a ring. It is allocated at once, so a slip in the settings must not take the
/// machine's memory.
const MAX_RING_BYTES: usize = 256 << 20;

/// Most bytes of a WAV file beyond the eight of its first chunk's head: lengths have 32 bits.
pub(super) const MAX_FILE_BYTES: u64 = u32::MAX as u64;

/// Bytes that hound's longest header adds to the samples.
pub(super) const HEADER_BYTES: u64 = 68;

/// The choices of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    /// The file. Its folder must exist.
    pub path: PathBuf,
    /// The format of its samples.
    pub depth: BitDepth,
    /// Size of the ring between the performing thread and the disk, 1 to [`MAX_BUFFERS`] buffers of
    /// ksmps frames, at least 1024. A ring of one second rides out a second of a busy disk.
    pub buffers: usize,
    /// Allows to replace a file of that name.
    pub overwrite: bool,
}

/// The sound that is recorded: the output of a running piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Channels, 1 to [`MAX_CHANNELS`].
    pub channels: usize,
    /// Frames per second.
    pub sample_rate: u32,
    /// Frames in a k-cycle: a buffer of the ring holds at least as many.
    pub ksmps: usize,
}

/// The checked settings of a recording.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Plan {
    pub(super) depth: BitDepth,
    pub(super) channels: usize,
    pub(super) sample_rate: u32,
    pub(super) ring_frames: usize,
    /// Most frames that a WAV file of this kind can hold.
    pub(super) max_frames: u64,
}

impl Plan {
    pub(super) fn new(depth: BitDepth, buffers: usize, sound: Sound) -> Result<Self, RecordError> {
        let Sound { channels, sample_rate, ksmps } = sound;
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(RecordError::Channels { given: channels });
        }
        let frame_bytes = channels as u32 * (depth.bits() / 8);
        // A header states bytes a second in 32 bits.
        if sample_rate == 0 || sample_rate.checked_mul(frame_bytes).is_none() {
            return Err(RecordError::SampleRate { given: sample_rate });
        }
        let buffer_frames = ksmps.max(MIN_BUFFER_FRAMES);
        let buffer_bytes = buffer_frames.saturating_mul(channels * size_of::<f32>());
        let most = (MAX_RING_BYTES / buffer_bytes).min(MAX_BUFFERS);
        if !(1..=most).contains(&buffers) {
            return Err(RecordError::Buffers { given: buffers, most });
        }
        Ok(Self {
            depth,
            channels,
            sample_rate,
            ring_frames: buffers * buffer_frames,
            max_frames: (MAX_FILE_BYTES - HEADER_BYTES) / u64::from(frame_bytes),
        })
    }

    pub(super) fn spec(&self) -> WavSpec {
        WavSpec {
            channels: self.channels as u16,
            sample_rate: self.sample_rate,
            bits_per_sample: self.depth.bits() as u16,
            sample_format: self.depth.sample_format(),
        }
    }
}

/// The other end of a tap that stands by. What the tap writes waits in the ring; what does not fit
/// is lost and counted. Dropped, it leaves the tap writing into nothing.
pub struct Standby {
    pub(super) ring: Consumer<f32>,
    pub(super) link: Arc<Link>,
    pub(super) plan: Plan,
}

impl Standby {
    /// True once the tap has written its first frame, or was finished.
    pub fn is_begun(&self) -> bool {
        self.ring.slots() > 0 || self.link.is_ending()
    }

    /// True if [`stand_by`](super::stand_by) would give the same for these arguments.
    pub fn is_for(&self, depth: BitDepth, buffers: usize, sound: Sound) -> bool {
        Plan::new(depth, buffers, sound).is_ok_and(|plan| plan == self.plan)
    }
}
