//! The function tables of the piece that its panel shows.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What is shown of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// How many values it has.
    pub length: usize,
    /// Its values; of a longer one the least and the greatest of each of some parts, in turn.
    pub points: Arc<[f32]>,
}

impl Table {
    /// Whether its points are the bounds of parts.
    pub fn is_of_bounds(&self) -> bool {
        self.length > self.points.len()
    }
}

/// The tables of a piece by their numbers.
pub type Tables = BTreeMap<u32, Table>;

/// A table as a widget shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The table's number.
    pub table: u32,
    /// Its colour.
    pub colour: Option<[u8; 4]>,
    /// The values at the lower and at the upper edge.
    pub range: [f32; 2],
    /// The distance of two values that a hand can draw; 0: any.
    pub step: f32,
}
