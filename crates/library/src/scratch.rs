//! Temporary folders of a process that may be killed: it holds them while it lives, so that a later
//! one can tell which of them nobody needs any more.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A folder younger than this may not be held yet.
const SETTLED: Duration = Duration::from_secs(60);

/// Holds a folder that this process has just made, until the file is closed or the process ends,
/// however it ends.
///
/// # Errors
/// The system's error; it may already have been removed.
pub fn hold(folder: &Path) -> io::Result<File> {
    let held = File::open(folder)?;
    held.lock()?;
    Ok(held)
}

/// Removes the folders in `place` whose names begin with `prefix` and that nobody holds.
pub fn sweep(place: &Path, prefix: &str) {
    sweep_unless(place, prefix, |_| false);
}

/// The same, but for those of which `stays` says so: there is something in them that is nowhere else.
pub fn sweep_unless(place: &Path, prefix: &str, stays: impl Fn(&Path) -> bool) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix))
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_one && is_left(&entry.path()) && !stays(&entry.path()) {
            // Another process may sweep too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left(folder: &Path) -> bool {
    let Ok(file) = File::open(folder) else { return false };
    let made = file.metadata().and_then(|found| found.modified());
    let is_settled =
        made.is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age > SETTLED));
    is_settled && file.try_lock().is_ok()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn only_what_nobody_holds_any_more_is_swept() {
        let place = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("inside"), "x").unwrap();
            folder
        };
        let long_ago = |folder: &PathBuf| {
            File::open(folder).unwrap().set_modified(SystemTime::now() - 2 * SETTLED).unwrap();
        };
        let [held, left, young, other] = ["ours-held", "ours-left", "ours-young", "other"].map(made);
        [&held, &left, &other].into_iter().for_each(long_ago);
        let hold = hold(&held).unwrap();
        sweep_unless(place.path(), "ours-", |folder| folder.join("inside").exists());
        assert!(left.exists(), "it was said to stay");
        sweep(place.path(), "ours-");
        assert!(held.exists() && young.exists() && other.exists() && !left.exists());
        drop(hold);
        sweep(place.path(), "ours-");
        assert!(!held.exists());
    }
}
