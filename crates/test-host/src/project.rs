//! Where the project lies, and the cargo that builds it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the whole project.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The folder that cargo builds in.
pub fn target_dir() -> PathBuf {
    // Cargo marks it, and this program (or a test) was built in it.
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(|| root().join("target"), Path::to_owned)
}

/// Copies a program. Another process does it where there is `cp`: while this one held the copy open to write,
/// every child that another thread starts would hold it too for a moment, and the system starts no program that
/// somebody may still write to ("text file busy").
///
/// # Errors
/// The file cannot be copied.
pub fn copy_program(from: &Path, to: &Path) -> std::io::Result<()> {
    if !cfg!(unix) {
        return std::fs::copy(from, to).map(drop);
    }
    let status = Command::new("cp").arg("-p").arg("--").arg(from).arg(to).status()?;
    status.success().then_some(()).ok_or_else(|| std::io::Error::other("cp failed"))
}

/// The cargo that runs this program, to be run in the project's folder.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}
