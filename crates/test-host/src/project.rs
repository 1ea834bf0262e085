//! Where the project lies, and the cargo that builds it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The folder of the whole project, where it is now: a checkout that was moved is not where this was built. Cargo
/// says where a program's package is when it runs it; else the program lies in the project's `target`.
pub fn root() -> PathBuf {
    let of_cargo = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let program = std::env::current_exe().ok();
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [of_cargo.as_deref(), program.as_deref(), Some(built)];
    places.into_iter().flatten().find_map(project_of).unwrap_or_else(|| built.to_owned())
}

/// The project that a place lies in, told by the bundler's settings.
fn project_of(place: &Path) -> Option<PathBuf> {
    place.ancestors().find(|folder| folder.join("bundler.toml").is_file()).map(Path::to_owned)
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

/// Runs a build, and says what it says but that there was nothing to do: what is compiled, and for whom it waits.
///
/// # Errors
/// Cargo does not run, or the build fails.
pub fn build(command: &mut Command) -> Result<()> {
    let mut cargo = command.stderr(Stdio::piped()).spawn().context("cargo does not run")?;
    let said = cargo.stderr.take().context("cargo says nothing")?;
    for line in BufReader::new(said).lines() {
        let line = line.context("cargo breaks off")?;
        if !line.trim_start().starts_with("Finished") {
            eprintln!("{line}");
        }
    }
    let status = cargo.wait().context("cargo does not end")?;
    ensure!(status.success(), "the build failed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_found_above_a_place_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("target/debug");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(project_of(&deep), None);
        std::fs::write(folder.path().join("bundler.toml"), "").unwrap();
        assert_eq!(project_of(&deep).as_deref(), Some(folder.path()));
        assert!(root().join("crates/test-host/Cargo.toml").is_file());
    }
}
