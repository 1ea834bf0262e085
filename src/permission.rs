//! A permission, as the editor shows it and the user's configuration keeps it.

use std::fmt;
use std::path::PathBuf;

/// A thing that a piece may do only if the user says so. None of them lets it start a program or run code
/// that is not Csound's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To read a folder and all below it.
    Read(PathBuf),
    /// To write files into a folder, and to read it.
    Write(PathBuf),
    /// To talk to programs on this machine.
    MachineNetwork,
    /// To talk to anybody over the network.
    AnyNetwork,
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Read(folder) => write!(formatter, "read {}", folder.display()),
            Self::Write(folder) => write!(formatter, "write files into {}", folder.display()),
            Self::MachineNetwork => formatter.write_str("talk to programs on this machine"),
            Self::AnyNetwork => formatter.write_str("talk to anybody over the network"),
        }
    }
}

/// What the texts of a piece may do, as the user's configuration keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptText {
    /// The name by which it is taken back.
    pub id: String,
    /// The piece's file or name when it was given; empty if that was not kept.
    pub piece: String,
    /// Whether it is trusted.
    pub trusted: bool,
    /// All else that it may do.
    pub permissions: Vec<Permission>,
}
