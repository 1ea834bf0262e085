//! The pictures of a panel between whoever shows it and the control thread: which are wanted, and which are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::editor::model::Images;

/// The pictures that a panel wants: the names of their files, each with the pixels that it fills.
pub type Wanted = BTreeMap<String, [u32; 2]>;

/// See the module.
#[derive(Default)]
pub struct PanelImages {
    /// What an editor wants, until the control thread takes it.
    pub wanted: Option<Wanted>,
    /// What is there.
    pub found: Arc<Images>,
}
