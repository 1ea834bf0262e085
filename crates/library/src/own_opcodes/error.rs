//! Why opcodes of our own are not registered.

/// Why opcodes of our own are not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnOpcodeError {
    /// This version of Csound is not known.
    #[error(
        "it works inside Csound's memory, and how Csound {version} lays that out is not known here ({known} are known)"
    )]
    Version {
        /// The version that is loaded.
        version: String,
        /// Those that are known.
        known: String,
    },
    /// The version is known, but this build of it is another one.
    #[error("this build of Csound {version} keeps its memory elsewhere than others of that version")]
    Build {
        /// The version that is loaded.
        version: String,
    },
    /// The instance has compiled already, or has opcodes of our own already.
    #[error("opcodes can be added once, before the piece is compiled")]
    TooLate,
    /// There are too many.
    #[error("no more than {} opcodes can be added", MOST)]
    TooMany,
    /// Csound said no.
    #[error("Csound did not take {0}")]
    Refused(String),
}

/// The most opcodes of an instance.
pub(super) const MOST: usize = 128;
