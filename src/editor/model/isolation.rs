//! How a piece is confined, and what it may do.

use std::path::PathBuf;
use std::sync::Arc;

/// How the piece is confined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isolation {
    /// How far it is.
    pub level: Confinement,
    /// Whether the user trusts this piece.
    pub trusted: bool,
    /// What that means for this piece, in a sentence or two.
    pub explanation: String,
    /// Folders that every piece may read, because the environment says so.
    pub folders: Arc<[PathBuf]>,
    /// What this piece may do, or might be let do, in the order in which it is shown.
    pub permissions: Arc<[PermissionView]>,
    /// What the piece names that only a trusted piece may use, such as `system_i`.
    pub needs_trust: Option<String>,
    /// Why the piece cannot be trusted, if it cannot.
    pub untrustable: Option<String>,
    /// Opcode libraries that the user has added to the list of those that every piece may use.
    pub libraries: Arc<[String]>,
    /// What has to be decided before the piece performs.
    pub question: Option<TrustQuestion>,
}

/// Something that a piece may do only if the user says so.
#[derive(Clone, Debug, PartialEq)]
pub enum Permission {
    /// Read a folder and all below it.
    Read(PathBuf),
    /// Write files into a folder.
    Write(PathBuf),
    /// Talk to programs on this machine.
    MachineNetwork,
    /// Talk to anybody over the network.
    AnyNetwork,
}

/// A permission as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PermissionView {
    /// What it is.
    pub permission: Permission,
    /// Whether the piece has it.
    pub granted: bool,
    /// The opcode by which the piece seems to want it.
    pub wanted_by: Option<String>,
    /// Why it cannot be given, where it cannot.
    pub unavailable: Option<String>,
}

/// How far a piece is confined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confinement {
    /// In a process of its own that can reach nothing else.
    #[default]
    Full,
    /// In a process of its own, but not kept from the rest of the system.
    Process,
    /// In the host's process.
    None,
}

/// What the user is asked before a piece performs.
#[derive(Clone, Debug, PartialEq)]
pub enum TrustQuestion {
    /// Whether to trust the piece.
    Piece,
    /// Whether it may read this folder.
    Folder(PathBuf),
}
