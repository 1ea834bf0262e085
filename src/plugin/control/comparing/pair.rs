//! Two renderings of a piece, side by side.

use super::difference::Difference;
use crate::plugin::control::renderer::End;

/// Seconds that are compared.
pub const SECONDS: f64 = 10.0;

/// Two renderings of a piece.
pub struct Pair {
    /// Where they differ.
    pub difference: Difference,
    /// How each ended at the last frame that was compared, if it did.
    pub ends: [Option<End>; 2],
    /// The channels of each.
    pub channels: [usize; 2],
    /// What each was told of when it started, for the user.
    pub notes: [Vec<String>; 2],
    /// Frames per second, of both.
    pub rate: f64,
}
