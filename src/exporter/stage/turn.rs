//! One after another: what two exports at once would leave half of each.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use csound_performance::engine::Abandoned;

/// The longest that one waits, and how often it looks. The others only move folders, or write a small file.
const LONGEST: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(20);

/// A turn in a folder, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Turn {
    _held: Option<File>,
}

/// Waits for the turn in a folder. Nothing is left in it.
///
/// # Errors
/// Others do not give it free, or it was given up, or the folder cannot be opened.
pub fn wait(folder: &Path, given_up: &Abandoned) -> io::Result<Turn> {
    wait_for(folder, LONGEST, given_up)
}

fn wait_for(folder: &Path, longest: Duration, given_up: &Abandoned) -> io::Result<Turn> {
    let file = File::open(folder)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn { _held: Some(file) }),
            Err(TryLockError::WouldBlock) if given_up.is_abandoned() => {
                return Err(io::Error::other("it was given up"));
            }
            Err(TryLockError::WouldBlock) if began.elapsed() < longest => std::thread::sleep(AGAIN),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another export is being written there: try again"));
            }
            // A disk that knows no locks: all the same, as it was before there were turns.
            Err(TryLockError::Error(_)) => return Ok(Turn { _held: None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_ever_nor_for_what_was_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let given_up = Abandoned::default();
        let mine = wait(folder.path(), &given_up).unwrap();
        let why = wait_for(folder.path(), Duration::ZERO, &given_up).unwrap_err().to_string();
        assert!(why.contains("try again"), "{why}");
        given_up.abandon();
        let why = wait_for(folder.path(), Duration::MAX, &given_up).unwrap_err().to_string();
        assert!(why.contains("given up"), "{why}");
        drop(mine);
    }
}
