//! Which preset is meant. Beside plugin and editor, for both.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A preset of the disk: its file, and its name in that where a file has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PresetId {
    /// The file.
    pub file: PathBuf,
    /// The preset in it; none where the file is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}
