//! Recording: from the performing thread through a ring into a WAV file.
//!
//! [`open`] runs on the caller's thread. It checks everything, creates the file, writes its header
//! and starts the recorder thread, so that whatever can be wrong with a path is an error of the
//! call. It gives two ends:
//!
//! - [`Tap`] goes to the performing thread, which writes frames and says which was the last. It
//!   neither waits nor touches the file.
//! - [`Recording`] stays with the caller: readings, and closing without the performing thread.
//!
//! The ring is first in, first out and bounded. When it is full, whole frames are lost and counted,
//! never a part of one, so the channels keep their order. The recorder thread empties it about
//! every 10 ms and refreshes the file's header every half second: a process that is killed leaves a
//! file that plays up to there. (A power cut may take more: nothing forces the disk.)
//!
//! # From samples to numbers
//! Samples are full scale at 1.0 and never modified in place. 32 bit float files hold them as they
//! are. 16 and 24 bit files hold what `csound -W -s` and `csound -W -3` write for the same sample:
//! clipped to full scale and rounded down to the next step, without dither. Csound itself rounds
//! down from 64 bit samples, and those recorded here have 32: where that matters, the number is one
//! step off. Rare at 16 bits, at 24 bits it is about one sample in eight. A sample that is not
//! finite becomes 0 at every depth.
//!
//! # Who synchronises with whom
//! There is one producer ([`Tap`]) and one consumer (the recorder thread) of the ring; the ring
//! publishes frames itself. Two flags go with it, see `Link`. The mutex there is locked by the
//! recorder thread and by [`Recording`] only.

mod error;
mod file;
mod handle;
mod link;
mod plan;
mod tap;
mod writer;

pub use error::{BitDepth, MAX_CHANNELS, RecordError};
pub use file::free_name;
pub use handle::{RecordState, Recording};
pub use plan::{MAX_BUFFERS, RecordOptions, Sound, Standby};
pub use tap::Tap;

use plan::Plan;
use tap::stand_by_plan;

/// Opens a recording of `sound`. On return the file exists, with a header and no frames. A file that is
/// overwritten is replaced as a whole: an earlier recording that still has the old one open does not write
/// into the new one. Not for a realtime thread.
///
/// # Errors
/// A [`RecordError`] that says what to change. Then nothing was created or overwritten.
pub fn open(options: RecordOptions, sound: Sound) -> Result<(Tap, Recording), RecordError> {
    let plan = Plan::new(options.depth, options.buffers, sound)?;
    let (mut tap, standby) = stand_by_plan(plan);
    let recording = standby.open(&options.path, options.overwrite)?;
    tap.recorder = recording.group.thread.as_ref().map(|thread| thread.thread().clone());
    Ok((tap, recording))
}

/// A recording that can begin at any moment, on a thread that opens no files: its ring is there, its
/// file is not. `depth` and `buffers` are those of [`RecordOptions`].
///
/// # Errors
/// A [`RecordError`] that says what to change.
pub fn stand_by(depth: BitDepth, buffers: usize, sound: Sound) -> Result<(Tap, Standby), RecordError> {
    Plan::new(depth, buffers, sound).map(stand_by_plan)
}

#[cfg(test)]
mod tests;
