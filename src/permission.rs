//! A permission, as the editor shows it and the user's configuration keeps it.

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
