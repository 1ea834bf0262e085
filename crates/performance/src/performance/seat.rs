//! An engine with its place in a performance.

use crate::engine::Engine;
use crate::engine::planes::Planes;

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
    /// A seat whose buffer holds `frames` frames beyond the k-cycle that may wait.
    pub fn new(engine: Box<dyn Engine>, frames: usize) -> Self {
        let format = engine.format();
        let output = Planes::new(format.outputs.max(1), frames + 2 * format.ksmps);
        Self { engine, output, plays: None, is_spare: false }
    }
}
