//! One after another: what two exports at once would leave half of each.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

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
/// Others do not give it free, or the folder cannot be opened.
pub fn wait(folder: &Path) -> io::Result<Turn> {
    let file = File::open(folder)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn { _held: Some(file) }),
            Err(TryLockError::WouldBlock) if began.elapsed() < LONGEST => std::thread::sleep(AGAIN),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another export is being written there: try again"));
            }
            // A disk that knows no locks: all the same, as it was before there were turns.
            Err(TryLockError::Error(_)) => return Ok(Turn { _held: None }),
        }
    }
}
