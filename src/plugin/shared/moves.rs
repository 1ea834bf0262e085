//! Values that a piece has set of channels with a parameter, on their way to the host.

use std::collections::BTreeMap;

use super::link::Link;

impl Link {
    /// Whether there are any.
    pub fn has_moves(&self) -> bool {
        !self.lock().moves.is_empty()
    }

    /// Takes them: by the place in the bank, each with what the place was set to when the piece set it.
    pub fn take_moves(&self) -> BTreeMap<usize, (f64, Option<f64>)> {
        std::mem::take(&mut self.lock().moves)
    }
}
