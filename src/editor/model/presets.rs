//! The presets of the piece.

use std::sync::Arc;

pub use crate::preset_id::PresetId;

/// A preset in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PresetView {
    /// Which one.
    pub id: PresetId,
    /// Its name.
    pub name: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether it is the user's, to be replaced, renamed and deleted; others came with the piece.
    pub is_own: bool,
}

/// The presets, and where the instance stands among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresetsView {
    /// Those of the piece, in their order.
    pub list: Arc<[PresetView]>,
    /// The one that was chosen last, by its index.
    pub current: Option<usize>,
    /// The side of the comparison, 0 or 1.
    pub side: usize,
    /// Whether there is another side to go to or to morph with.
    pub has_other_side: bool,
    /// How far a morph is from the first side to the second.
    pub share: f64,
    /// Whether there is something to go back to.
    pub goes_back: bool,
}

impl PresetsView {
    /// The one that was chosen last.
    pub fn chosen(&self) -> Option<&PresetView> {
        self.list.get(self.current?)
    }

    /// The user's own preset of this name.
    pub fn own(&self, name: &str) -> Option<&PresetView> {
        self.list.iter().find(|preset| preset.is_own && preset.name == name)
    }
}
