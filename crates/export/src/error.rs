//! What is wrong with a manifest.

/// Why a manifest is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no manifest of ours: some other program's file of the same name.
    #[error("it is no manifest of Csound Performer's")]
    Foreign,
    /// It is no JSON, or lacks something.
    #[error("it is damaged ({0})")]
    Damaged(#[from] serde_json::Error),
    /// The system does not let it be read, or it is no ordinary file.
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// A later version wrote it.
    #[error("it is of format {found}, this plugin reads up to {known}: export the piece again", known = crate::FORMAT)]
    TooNew {
        /// Its format.
        found: u32,
    },
    /// It is longer than any that an export writes.
    #[error("it is longer than the {longest} bytes that are read of it", longest = crate::LONGEST)]
    TooLong,
    /// It says something that cannot be.
    #[error("{what}: {why}")]
    Wrong {
        /// Where in the manifest, such as `parameter 3 (cutoff)`.
        what: String,
        /// What is wrong there, and what would be right.
        why: String,
    },
}

impl ManifestError {
    pub(crate) fn wrong(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Wrong { what: what.into(), why: why.into() }
    }
}
