//! An engine with its place in a performance.

use crate::engine::planes::Planes;
use crate::engine::{Engine, Format};

/// An engine with the buffer it performs into.
pub struct Seat {
    /// The engine that performs into `output`.
    pub engine: Box<dyn Engine>,
    /// Its output: the frames that the host has not yet taken, then the coming k-cycles.
    pub output: Planes,
    /// Has the performance play or pause once it is seated; `None` leaves that as it is.
    pub plays: Option<bool>,
    /// It waits until the host's transport starts, because keys have been played meanwhile.
    pub is_spare: bool,
}

impl Seat {
    /// A seat whose buffer holds what blocks of up to `largest` frames leave in it, in any timing.
    pub fn new(engine: Box<dyn Engine>, largest: usize) -> Self {
        let format = engine.format();
        let output = Planes::new(format.outputs.max(1), Self::frames_for(format, largest));
        Self { engine, output, plays: None, is_spare: false }
    }

    /// The frames of that buffer: those of a block, those of another one that wait meanwhile if the timing is
    /// pipelined, and what is left of k-cycles.
    pub(crate) fn frames_for(format: Format, largest: usize) -> usize {
        2 * largest + 2 * format.ksmps
    }
}
