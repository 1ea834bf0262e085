//! An engine's own folder: the only place where a confined piece writes. It lies in a folder of the
//! user's under the system's temporary one, so that an engine whose host has gone can remove it
//! without being allowed to touch anything else there.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Once;

use tempfile::TempDir;

use csound_library::scratch;

/// The number of attempts at a new folder while other engines' ends remove the base.
const ATTEMPTS: usize = 100;

/// A folder that goes when this is dropped, and the user's with it when it was the last.
pub(crate) struct EngineFolder {
    folder: Option<TempDir>,
    base: PathBuf,
    _held: File,
}

impl EngineFolder {
    /// A new, empty folder that only the user can enter.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn new() -> io::Result<Self> {
        static SWEEP: Once = Once::new();
        // Whoever drops the last engine's folder removes the empty base, perhaps between our two
        // steps, and with many engines coming and going more than once.
        for _ in 1..ATTEMPTS {
            match Self::attempt(&SWEEP) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => return done,
            }
        }
        Self::attempt(&SWEEP)
    }

    fn attempt(sweep_once: &Once) -> io::Result<Self> {
        let base = base()?;
        // What a host and its engine left that were killed together.
        sweep_once.call_once(|| scratch::sweep(&base, ""));
        let prefix = format!("{}-", std::process::id());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(&base)?;
        let held = scratch::hold(folder.path())?;
        Ok(Self { folder: Some(folder), base, _held: held })
    }

    /// The folder's path.
    pub(crate) fn path(&self) -> &Path {
        self.folder.as_ref().map_or(&self.base, TempDir::path)
    }
}

impl Drop for EngineFolder {
    fn drop(&mut self) {
        // The engine has mostly removed it already.
        drop(self.folder.take());
        let _ = fs::remove_dir(&self.base);
    }
}

/// The user's folder for engines, made if it is not there.
fn base() -> io::Result<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    let base = std::env::temp_dir().join(format!("csound-performer-{user}"));
    match DirBuilder::new().mode(0o700).create(&base) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(&base)?;
    if found.is_dir() && found.uid() == user && found.mode() & 0o077 == 0 {
        return Ok(base);
    }
    Err(io::Error::other(format!("{} is not this user's own folder; remove it", base.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_the_users_alone_and_goes_with_its_engine() {
        let folder = EngineFolder::new().unwrap();
        let path = folder.path().to_owned();
        assert_eq!(fs::metadata(&folder.base).unwrap().mode() & 0o077, 0);
        assert_ne!(path, folder.base);
        fs::write(path.join("scratch"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn folders_come_and_go_on_many_threads_at_once() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        assert!(EngineFolder::new().unwrap().path().is_dir());
                    }
                });
            }
        });
    }
}
