//! Sounds of a panel, and lists of files, between whoever shows it and the control thread: which are wanted, and which
//! are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::editor::model::Sounds;

/// A list of files: of a kind such as `*.wav`, in a folder as the piece names it; empty: the piece's.
pub type List = (String, String);

/// What a panel wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedFiles {
    /// The names of sound files.
    pub sounds: BTreeSet<String>,
    /// Lists of files.
    pub lists: BTreeSet<List>,
}

impl WantedFiles {
    /// Whether it wants nothing.
    pub fn is_empty(&self) -> bool {
        self.sounds.is_empty() && self.lists.is_empty()
    }
}

/// The files of lists, in the order of their names.
pub type Lists = BTreeMap<List, Vec<PathBuf>>;

/// See the module.
#[derive(Default)]
pub struct PanelFiles {
    /// What an editor wants, until the control thread takes it.
    pub wanted: Option<WantedFiles>,
    /// The sounds that are there.
    pub sounds: Arc<Sounds>,
    /// The lists that are there.
    pub lists: Arc<Lists>,
}
