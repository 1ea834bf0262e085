//! The Csounds of this machine, as they are shown.

use std::path::PathBuf;

use csound_performance::Generation;

/// A version: major, minor, patch.
pub type Version = (i32, i32, i32);

/// A Csound that is installed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledCsound {
    /// Its library.
    pub path: PathBuf,
    /// Its generation.
    pub generation: Generation,
    /// Its version, as it says itself; none until it was asked, or where it did not say.
    pub version: Option<Version>,
}

impl InstalledCsound {
    /// Its name with the version, as far as that is known.
    pub fn name(&self) -> String {
        self.version.map_or_else(|| self.generation.to_string(), name_of)
    }
}

/// The name of a Csound of this version.
pub fn name_of((major, minor, patch): Version) -> String {
    format!("Csound {major}.{minor}.{patch}")
}

/// The newest generation among them.
pub fn newest(installed: &[InstalledCsound]) -> Option<Generation> {
    installed.iter().map(|csound| csound.generation).max()
}
