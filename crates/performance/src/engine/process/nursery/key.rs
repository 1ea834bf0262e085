//! What a nursery is good for: engines of one program and one Csound, in one environment. What is loaded in it is
//! on the list of opcode libraries, which is the program's.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use csound_library::Generation;

/// What an engine and its nursery have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    program: PathBuf,
    generation: Option<Generation>,
    environment: Vec<(OsString, OsString)>,
}

impl Key {
    /// Of an engine by this generation of Csound, with the opcode libraries that are on the list, in this
    /// environment.
    pub(crate) fn new(
        program: &Path,
        generation: Option<Generation>,
        environment: &[(OsString, OsString)],
    ) -> Self {
        let mut environment = environment.to_vec();
        // Each engine has its own folder.
        environment.retain(|(name, _)| name != "TMPDIR");
        environment.sort();
        Self { program: program.to_owned(), generation, environment }
    }

    /// The engine program.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The generation of Csound that is wanted.
    pub(super) fn generation(&self) -> Option<Generation> {
        self.generation
    }

    /// The environment, but for the folder of temporary files.
    pub(super) fn environment(&self) -> &[(OsString, OsString)] {
        &self.environment
    }
}

/// A file or folder as it was found, or that there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    path: PathBuf,
    mark: Option<[i64; 5]>,
}

impl Seen {
    /// As it is now.
    pub(super) fn now(path: PathBuf) -> Self {
        let mark = mark(&path);
        Self { path, mark }
    }

    /// True if it is as it was.
    pub(super) fn is_unchanged(&self) -> bool {
        mark(&self.path) == self.mark
    }
}

/// Which file it is, and when it was written: a file that was replaced is another.
fn mark(path: &Path) -> Option<[i64; 5]> {
    let found = fs::metadata(path).ok()?;
    Some([
        found.dev().cast_signed(),
        found.ino().cast_signed(),
        found.mtime(),
        found.mtime_nsec(),
        found.size().cast_signed(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(generation: Option<Generation>, environment: &[(&str, &str)]) -> Key {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        Key::new(Path::new("/engine"), generation, &environment)
    }

    #[test]
    fn the_order_of_the_environment_and_the_temporary_folder_make_no_difference() {
        let one = key(None, &[("LANG", "C"), ("SSDIR", "/s"), ("TMPDIR", "/tmp/1")]);
        assert_eq!(one, key(None, &[("TMPDIR", "/tmp/2"), ("SSDIR", "/s"), ("LANG", "C")]));
        assert_ne!(one, key(Some(Generation::Seven), &[("LANG", "C"), ("SSDIR", "/s")]), "the generation");
        assert_ne!(one, key(None, &[("LANG", "de_DE"), ("SSDIR", "/s")]), "the language");
        assert_ne!(one, key(None, &[("LANG", "C")]), "the environment");
    }

    #[test]
    fn a_file_that_was_replaced_or_came_or_went_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("libx.so"), folder.path().join("new"));
        let absent = Seen::now(file.clone());
        fs::write(&file, "one").unwrap();
        let (found, inside) = (Seen::now(file.clone()), Seen::now(folder.path().to_owned()));
        assert!(!absent.is_unchanged() && found.is_unchanged() && inside.is_unchanged());
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(&other, "two").unwrap();
        assert!(!inside.is_unchanged(), "a file came into the folder");
        fs::rename(&other, &file).unwrap();
        assert!(!found.is_unchanged(), "the file was replaced by one of the same size");
    }
}
