//! A piece's confinement, and what it may do.

use std::path::PathBuf;
use std::sync::Arc;

use crate::permission::Permission;

/// The piece's confinement, and what it may do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isolation {
    /// How far the piece is kept from the rest of the system.
    pub level: IsolationLevel,
    /// Whether the user trusts this piece.
    pub trusted: bool,
    /// The meaning of that for this piece, in a sentence or two.
    pub explanation: String,
    /// Folders that every piece may read, because the environment says so.
    pub folders: Arc<[PathBuf]>,
    /// The things that this piece may do, or might be let do, in the order in which they are shown.
    pub permissions: Arc<[PermissionView]>,
    /// An opcode that the piece names and only a trusted piece may use, such as `system_i`.
    pub needs_trust: Option<String>,
    /// Why the piece cannot be trusted, if it cannot.
    pub untrustable: Option<String>,
    /// Opcode libraries that the user has added to the list of those that every piece may use.
    pub libraries: Arc<[String]>,
    /// The piece's own folder, if it may not read that: the user is asked.
    pub asks_to_read: Option<PathBuf>,
}

/// A permission as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PermissionView {
    /// The thing that is permitted.
    pub permission: Permission,
    /// Whether the piece may do it.
    pub granted: bool,
    /// The opcode by which the piece seems to want it.
    pub wanted_by: Option<String>,
    /// Why it cannot be given, where it cannot.
    pub unavailable: Option<String>,
}

/// The distance at which a piece is kept from the rest of the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    /// In a process of its own, which can reach nothing but what is permitted to it.
    #[default]
    Confined,
    /// In a process of its own, which may do all that the user may.
    OwnProcess,
    /// In the host's process.
    InHost,
}
