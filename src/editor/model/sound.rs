//! Sounds from files, for a panel.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What is shown of a sound.
#[derive(Clone, Default, PartialEq)]
pub struct Sound {
    /// How many frames it has.
    pub frames: u64,
    /// For each channel the least and the greatest sample of each of some parts, in turn.
    pub bounds: Vec<Arc<[f32]>>,
}

impl fmt::Debug for Sound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sound of {} frames, {} channels", self.frames, self.bounds.len())
    }
}

/// The sounds of a panel by their files' names, as the piece has them; `None`: the file cannot be shown.
pub type Sounds = BTreeMap<String, Option<Arc<Sound>>>;
