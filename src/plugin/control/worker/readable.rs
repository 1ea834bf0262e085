//! The files that a panel names, where the piece may read them.

use std::path::{Path, PathBuf};

use crate::plugin::pieces::trust::Granted;
use crate::plugin::shared::locked::IsolationState;

/// Where the files lie, and which of them may be read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Folders {
    pub(super) home: PathBuf,
    /// Folders that the piece may read; none: it is trusted.
    pub(super) readable: Option<Vec<PathBuf>>,
}

impl Folders {
    pub(super) fn of(isolation: &IsolationState) -> Option<Self> {
        let Granted { permissions, .. } = &isolation.granted;
        let readable = (!permissions.trusted).then(|| isolation.granted.readable());
        Some(Self { home: isolation.folder.clone()?, readable })
    }

    /// The file or folder of a name, if the piece may read it.
    ///
    /// # Errors
    /// Why it may not, or cannot, for a user to read.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.home.join(name);
        let whole = path.canonicalize().map_err(|error| error.to_string())?;
        match &self.readable {
            Some(folders) if !folders.iter().any(|folder| is_within(&whole, folder)) => {
                Err("the piece may not read it: permit its folder in the shield".to_owned())
            }
            _ => Ok(whole),
        }
    }
}

fn is_within(file: &Path, folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| file.starts_with(folder))
}
