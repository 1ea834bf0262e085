//! The time that a turn may take beyond the usual, by what is asked for in it.

use std::time::Duration;

use crate::engine::event::Code;

/// Seconds for each frame that a seek skips.
const SEEK_PER_FRAME: f64 = 1e-6;

/// The longest that a seek may take, in seconds.
const LONGEST_SEEK: f64 = 600.0;

/// The time that orchestra code may take to compile, for each of its bytes: twenty seconds for the longest.
const CODE_PER_BYTE: Duration = Duration::from_micros(20);

/// The time that a seek to a score time in seconds may take, at so many frames a second.
pub(super) fn seek_allowance(seconds: f64, sample_rate: f64) -> Duration {
    // An engine says where its score is, and may lie.
    let skipped = (seconds * sample_rate * SEEK_PER_FRAME).clamp(0.0, LONGEST_SEEK);
    // NaN is no time.
    Duration::from_secs_f64(skipped.max(0.0))
}

/// The time that code may take to compile.
pub(super) fn code_allowance(code: &Code) -> Duration {
    CODE_PER_BYTE * code.text().count_bytes() as u32
}
