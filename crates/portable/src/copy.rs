//! Copies that can be given up: a file may be as long as the disk.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// How much is copied at once, in bytes.
const AT_ONCE: u64 = 1 << 20;

/// Copies a file, or what a link leads to, to a place where nothing is. The copy has the mode of any new file.
///
/// # Errors
/// What the system says; or it is given up, which is asked for before each mebibyte. Nothing of the copy stays then, and
/// what was at its place before is as it was.
pub fn copy(from: &Path, to: &Path, given_up: &dyn Fn() -> bool) -> io::Result<()> {
    let still = || match given_up() {
        true => Err(io::Error::other("it was given up")),
        false => Ok(()),
    };
    still()?;
    let (mut source, mut target) = (File::open(from)?, File::create_new(to)?);
    let mut write = || -> io::Result<()> {
        while io::copy(&mut source.by_ref().take(AT_ONCE), &mut target)? > 0 {
            still()?;
        }
        Ok(())
    };
    write().inspect_err(|_| {
        // From here on it is ours, so nobody else's file goes. The first error is the one to tell.
        let _ = fs::remove_file(to);
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_copy_is_whole_and_takes_the_place_of_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        for length in [0, 1, AT_ONCE as usize, 3 * AT_ONCE as usize + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&from, &bytes).unwrap();
            copy(&from, &to, &|| false).unwrap();
            assert!(std::fs::read(&to).unwrap() == bytes, "{length}");
            assert_eq!(copy(&from, &to, &|| false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            std::fs::remove_file(&to).unwrap();
        }
    }

    #[test]
    fn what_is_given_up_ends_with_the_mebibyte() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        // Without a byte on the disk.
        File::create(&from).unwrap().set_len(100 * AT_ONCE).unwrap();
        for most in [0, 1, 3] {
            let asked = Cell::new(0);
            let given_up = || asked.replace(asked.get() + 1) >= most;
            assert!(copy(&from, &to, &given_up).unwrap_err().to_string().contains("given up"));
            assert_eq!(asked.get(), most + 1, "it asked no more, so it copied no more");
            assert!(!to.exists(), "{most}: a part of it stays");
        }
    }
}
