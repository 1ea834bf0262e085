//! What an instance remembers of its presets: the list, the chosen one, and what it was before. Behind the link's
//! lock.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::preset::Preset;
use crate::preset_id::PresetId;

/// A preset in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which one.
    pub id: PresetId,
    /// Its name.
    pub name: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether it is the user's, to be replaced, renamed and deleted.
    pub is_own: bool,
}

/// How an instance stood, and the preset that was chosen then.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// As a preset.
    pub preset: Arc<Preset>,
    /// Which one was chosen.
    pub id: Option<PresetId>,
}

/// The instance's presets.
#[derive(Clone, Debug, Default)]
pub struct Presets {
    /// Those of the present piece, in the order of the menu.
    pub list: Arc<[Entry]>,
    /// How it stood before the last preset was loaded.
    pub before: Option<Kept>,
    /// The two sides that are compared; the present one's place is empty, because it is what is there.
    pub sides: [Option<Kept>; 2],
    /// The present side.
    pub side: usize,
    /// The ends of a morph, while one is under way.
    pub ends: Option<[Kept; 2]>,
    /// How far it is.
    pub share: f64,
    /// A preset that waits for its piece to perform.
    pub waits: Option<(Arc<Preset>, PresetId)>,
}

impl Presets {
    /// Another piece: nothing of the one before is gone back to.
    pub fn forget(&mut self) {
        let (list, waits) = (Arc::clone(&self.list), self.waits.take());
        *self = Self { list, waits, ..Self::default() };
    }
}

/// What a host is to be told that presets have changed of its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Places of the bank.
    pub places: BTreeSet<usize>,
    /// Ids of other parameters.
    pub settings: BTreeSet<&'static str>,
}

impl Owed {
    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.settings.is_empty()
    }
}
