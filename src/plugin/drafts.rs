//! Drafts: what is typed and not saved, in the user's state folder, so that it outlives a host that breaks off. Each
//! instance has a folder of its own there, which it locks while it lives; what lies in a folder that nobody locks is of
//! one that has broken off. All of it is within bounds.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::pieces::files::{read_bounded, write_private};

/// The version written. What another one wrote is left alone.
const VERSION: u32 = 1;

/// The longest draft, in bytes, and how many are kept of instances that have broken off.
const LONGEST: u64 = 8 << 20;
const MOST: usize = 32;

/// Folders that are looked at, and how long an empty one may be about to be locked.
const MOST_FOLDERS: usize = 1000;
const EMPTY: Duration = Duration::from_secs(3600);

const LOCK: &str = "lock";
const DRAFT: &str = "draft.json";

/// What was typed and not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    version: u32,
    /// The piece's file, or its name where it has none.
    pub piece: String,
    /// When it was written, in seconds since 1970.
    pub when: u64,
    /// The piece's own texts.
    pub texts: Vec<String>,
    /// The texts of its folder that were changed: their names and what was typed.
    #[serde(default)]
    pub beside: Vec<(String, String)>,
}

impl Draft {
    /// Of a piece, now.
    pub fn of(piece: String, texts: Vec<String>, beside: Vec<(String, String)>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { version: VERSION, piece, when: now, texts, beside }
    }

    /// Whether both say the same, whenever.
    pub fn says_as(&self, other: &Self) -> bool {
        (&self.piece, &self.texts, &self.beside) == (&other.piece, &other.texts, &other.beside)
    }
}

/// A draft of an instance that has broken off. Nobody else takes it meanwhile.
pub struct Left {
    /// What was typed.
    pub draft: Draft,
    folder: PathBuf,
    _lock: File,
}

impl Left {
    /// Deletes it. False: that failed, and it is found again.
    pub fn remove(self) -> bool {
        fs::remove_dir_all(&self.folder).is_ok() || !self.folder.exists()
    }
}

/// The folder of an instance, once it has something to keep. Dropped, it goes.
pub struct Keep {
    folder: PathBuf,
    _lock: File,
}

impl Keep {
    /// Makes the folder of an instance among all drafts.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(drafts: &Path) -> io::Result<Self> {
        fs::create_dir_all(drafts)?;
        let folder = drafts.join(format!("{:016x}", fastrand::u64(..)));
        fs::create_dir(&folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.try_lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Keeps a draft in the place of the one before.
    ///
    /// # Errors
    /// It is too long, or what the system says.
    pub fn write(&self, draft: &Draft) -> io::Result<()> {
        let text = serde_json::to_vec(draft)?;
        if text.len() as u64 > LONGEST {
            return Err(io::Error::other(format!("it is longer than {} MiB", LONGEST >> 20)));
        }
        write_private(&self.folder.join(DRAFT), &text)
    }

    /// Nothing is to be kept any more.
    pub fn clear(&self) {
        let _ = fs::remove_file(self.folder.join(DRAFT));
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of all drafts, if this system has a place for that.
pub fn folder() -> Option<PathBuf> {
    let state = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(state.join("csound-performer").join("drafts"))
}

/// The newest draft of a piece that an instance has left which broke off. Of all that were left the oldest go, where
/// they are too many.
pub fn find(drafts: &Path, piece: &str) -> Option<Left> {
    let folders = fs::read_dir(drafts).into_iter().flatten().flatten().take(MOST_FOLDERS);
    let mut left: Vec<_> = folders.filter_map(|entry| left_in(entry.path())).collect();
    left.sort_by_key(|left| std::cmp::Reverse(left.draft.when));
    for oldest in left.drain(MOST.min(left.len())..) {
        // What stays is found again.
        let _ = oldest.remove();
    }
    let found = left.iter().position(|left| left.draft.piece == piece)?;
    Some(left.swap_remove(found))
}

/// What lies in a folder, if the instance that it is of has broken off.
fn left_in(folder: PathBuf) -> Option<Left> {
    let lock = File::open(folder.join(LOCK)).ok()?;
    lock.try_lock().ok()?;
    match read_bounded(&folder.join(DRAFT), LONGEST) {
        Ok(text) => {
            let draft: Draft = serde_json::from_slice(&text).ok()?;
            (draft.version == VERSION).then_some(Left { draft, folder, _lock: lock })
        }
        Err(error) => {
            let age = fs::metadata(&folder).and_then(|folder| folder.modified());
            let is_old = age.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > EMPTY));
            if error.kind() == io::ErrorKind::NotFound && is_old {
                let _ = fs::remove_dir_all(&folder);
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(piece: &str, text: &str, when: u64) -> Draft {
        Draft { when, ..Draft::of(piece.to_owned(), vec![text.to_owned()], Vec::new()) }
    }

    /// Leaves a draft as a program does that breaks off: its lock goes, its folder stays.
    fn leave(drafts: &Path, draft: &Draft) {
        let keep = Keep::new(drafts).unwrap();
        keep.write(draft).unwrap();
        let Keep { folder, _lock } = &keep;
        _lock.unlock().unwrap();
        let _ = folder;
        std::mem::forget(keep);
    }

    #[test]
    fn what_an_instance_leaves_is_found_once_it_has_broken_off_and_only_then() {
        let home = tempfile::tempdir().unwrap();
        let drafts = home.path().join("new/drafts");
        assert!(find(&drafts, "a").is_none());
        let keep = Keep::new(&drafts).unwrap();
        keep.write(&draft("a", "one", 1)).unwrap();
        assert!(find(&drafts, "a").is_none(), "it lives");
        leave(&drafts, &draft("a", "two", 2));
        leave(&drafts, &draft("a", "three", 3));
        leave(&drafts, &draft("b", "four", 4));
        let found = find(&drafts, "a").unwrap();
        assert_eq!(found.draft, draft("a", "three", 3), "the newest of this piece");
        assert_eq!(find(&drafts, "a").unwrap().draft.texts, ["two"], "nobody else finds it meanwhile");
        assert!(found.remove());
        assert_eq!(find(&drafts, "a").unwrap().draft.texts, ["two"]);
        drop(keep);
        assert_eq!(fs::read_dir(&drafts).unwrap().count(), 2, "one that ends leaves nothing");
        assert!(find(&drafts, "c").is_none());
    }

    #[test]
    fn what_is_damaged_or_of_a_later_version_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        for text in ["", "{", "{\"version\": 2, \"piece\": \"a\", \"when\": 1, \"texts\": []}"] {
            leave(home.path(), &draft("a", "one", 1));
            for folder in fs::read_dir(home.path()).unwrap() {
                fs::write(folder.unwrap().path().join(DRAFT), text).unwrap();
            }
            assert!(find(home.path(), "a").is_none(), "{text}");
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_is_left_is_bounded_in_length_and_number() {
        let home = tempfile::tempdir().unwrap();
        let keep = Keep::new(home.path()).unwrap();
        let long = draft("a", &"x".repeat(LONGEST as usize), 1);
        assert_eq!(keep.write(&long).unwrap_err().to_string(), "it is longer than 8 MiB");
        drop(keep);
        (0..MOST as u64 + 5).for_each(|when| leave(home.path(), &draft("a", "x", when)));
        assert_eq!(find(home.path(), "a").unwrap().draft.when, MOST as u64 + 4);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), MOST, "the oldest are gone");
    }
}
