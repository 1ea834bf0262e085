//! The pieces that the fake performs for show.

use std::path::{Path, PathBuf};

use crate::editor::model::{Channel, Language, Layout, ScoreEntry, SourceFile};

/// A piece that lies on no disk.
#[derive(Clone, Debug, Default)]
pub struct FakePiece {
    /// The path of its file.
    pub path: PathBuf,
    /// Its text, or its orchestra and its score.
    pub files: Vec<SourceFile>,
    /// The channels that it shows while it is open, whatever its text says.
    pub channels: Vec<Channel>,
    /// Its own layout.
    pub layout: Option<Layout>,
    /// The entries of its score.
    pub score: Vec<ScoreEntry>,
    /// Seconds of its score.
    pub length: Option<f64>,
}

impl FakePiece {
    /// A CSD of this text.
    pub fn csd(path: impl AsRef<Path>, text: &str) -> Self {
        let path = path.as_ref().to_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = vec![SourceFile { name, language: Language::Csd, text: text.to_owned() }];
        Self { path, files, ..Self::default() }
    }
}
