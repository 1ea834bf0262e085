//! Notices that a piece's files have changed on the disk. The system tells of changes in their
//! folder, so a file that is replaced by another of its name is noticed as well; what is then looked
//! at is the files' time and size. Where the system tells nothing (a folder on the network, no watch
//! left to give out) looking now and then has to do.
//!
//! All of it may wait for a disk: it belongs to the control thread.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::files::read_piece;
use super::trust::Pinned;

/// Included files that are watched at most.
const MOST_INCLUDED: usize = 64;

/// How often the files are looked at where the system tells of changes, and where it does not.
const SELDOM: Duration = Duration::from_secs(2);
const OFTEN: Duration = Duration::from_millis(250);

/// For how long a file must stay as it is before it is taken as written.
const SETTLED: Duration = Duration::from_millis(60);

/// A file as it stood: when it was written, and how long it is. None: it is not there.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// The files of a piece, as they stood when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceFiles {
    path: PathBuf,
    /// The score beside an orchestra, there or not, and what it includes.
    others: Vec<PathBuf>,
    /// Of the piece's own file first.
    stamps: Vec<Stamp>,
}

impl PieceFiles {
    /// The files of the piece at `path`, as they stand now.
    pub fn of(path: &Path) -> Self {
        let ending = path.extension().unwrap_or_default();
        let score = ending.eq_ignore_ascii_case("orc").then(|| path.with_extension("sco"));
        let included = read_piece(path).map(|piece| Pinned::of(&piece).included).unwrap_or_default();
        let included = included.into_iter().filter_map(|file| file.path).take(MOST_INCLUDED);
        let others = score.into_iter().chain(included).collect();
        let mut files = Self { path: path.to_owned(), others, stamps: Vec::new() };
        files.stamps = files.now();
        files
    }

    /// The piece's own file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// If the piece's own file was there then.
    pub fn are_there(&self) -> bool {
        self.stamps[0].is_some()
    }

    fn now(&self) -> Vec<Stamp> {
        self.all().map(stamp).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&*self.path).chain(self.others.iter().map(PathBuf::as_path))
    }

    fn names(&self) -> Vec<OsString> {
        self.all().filter_map(|path| Some(path.file_name()?.to_owned())).collect()
    }

    fn folders(&self) -> BTreeSet<&Path> {
        self.all().filter_map(Path::parent).collect()
    }
}

/// Watches the files of one piece. See the module.
pub struct FileWatch {
    files: PieceFiles,
    /// Kept for what it does; none where the system gives out none.
    watcher: Option<RecommendedWatcher>,
    /// Whether the system told of a change since the last look.
    told: Arc<AtomicBool>,
    looked: Instant,
    /// How the files stood at the last look, and since when.
    seen: Vec<Stamp>,
    seen_since: Instant,
}

impl FileWatch {
    /// Watches these files.
    pub fn new(files: PieceFiles) -> Self {
        let told = Arc::new(AtomicBool::new(true));
        let watcher = watcher(&files, Arc::clone(&told));
        let now = Instant::now();
        Self { seen: files.stamps.clone(), files, watcher, told, looked: now, seen_since: now }
    }

    /// Whether these are the files that it watches.
    pub fn is_on(&self, files: &PieceFiles) -> bool {
        self.files == *files
    }

    /// Whether the files now differ from those that the piece was read from, and are written to the
    /// end; `None`: as before, for all that is known.
    pub fn look(&mut self) -> Option<bool> {
        let every = if self.watcher.is_some() { SELDOM } else { OFTEN };
        let unsettled = self.seen_since.elapsed() < SETTLED;
        if !self.told.swap(false, Ordering::Acquire) && self.looked.elapsed() < every && !unsettled {
            return None;
        }
        self.looked = Instant::now();
        let now = self.files.now();
        if now != self.seen {
            self.seen.clone_from(&now);
            self.seen_since = self.looked;
        }
        if self.seen_since.elapsed() < SETTLED {
            // Whoever writes it is perhaps not done: it is looked at again.
            self.told.store(true, Ordering::Release);
            return None;
        }
        // A piece whose file is gone plays on; there is nothing to read.
        Some(now[0].is_some() && now != self.files.stamps)
    }
}

/// Has the system tell of changes to the files.
fn watcher(files: &PieceFiles, told: Arc<AtomicBool>) -> Option<RecommendedWatcher> {
    let names = files.names();
    let tell = move |event: notify::Result<Event>| {
        let ours = event.is_ok_and(|event| {
            let reads = matches!(event.kind, EventKind::Access(_)) && !is_end_of_writing(&event);
            let named = |path: &PathBuf| path.file_name().is_some_and(|name| names.iter().any(|n| n == name));
            // A system that has lost count names no path.
            !reads && (event.paths.is_empty() || event.paths.iter().any(named))
        });
        if ours {
            told.store(true, Ordering::Release);
        }
    };
    let mut watcher = notify::recommended_watcher(tell).ok()?;
    // Where one of them cannot be watched, all are looked at often.
    for folder in files.folders() {
        watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    }
    Some(watcher)
}

fn is_end_of_writing(event: &Event) -> bool {
    use notify::event::{AccessKind, AccessMode};
    matches!(event.kind, EventKind::Access(AccessKind::Close(AccessMode::Write)))
}

#[cfg(test)]
mod tests {
    use test_host::testing::csd;

    use super::*;

    /// Looks, as the control thread does, until it is known.
    fn becomes(watch: &mut FileWatch, changed: bool) -> bool {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(40) {
            if watch.look() == Some(changed) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    fn folder_with(name: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, "one").unwrap();
        (folder, path)
    }

    #[test]
    fn a_file_that_is_written_or_replaced_is_noticed_and_one_that_is_gone_is_not() {
        let (folder, path) = folder_with("a.csd");
        for change in ["written", "replaced"] {
            let mut watch = FileWatch::new(PieceFiles::of(&path));
            assert!(becomes(&mut watch, false));
            let text = format!("{change} text");
            match change {
                "written" => std::fs::write(&path, text).unwrap(),
                _ => {
                    std::fs::write(folder.path().join("new"), text).unwrap();
                    std::fs::rename(folder.path().join("new"), &path).unwrap();
                }
            }
            assert!(becomes(&mut watch, true), "{change}");
            std::fs::remove_file(&path).unwrap();
            assert!(becomes(&mut watch, false), "{change}, and gone");
            std::fs::write(&path, "one").unwrap();
        }
    }

    #[test]
    fn what_it_includes_counts() {
        let (folder, path) = folder_with("a.csd");
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let included = folder.path().join("sub/voice.orc");
        std::fs::write(&included, "one").unwrap();
        std::fs::write(&path, csd("", "", "#include \"sub/voice.orc\"\n", "")).unwrap();
        let mut watch = FileWatch::new(PieceFiles::of(&path));
        assert!(becomes(&mut watch, false));
        std::fs::write(&included, "another").unwrap();
        assert!(becomes(&mut watch, true));
    }

    #[test]
    fn the_score_beside_an_orchestra_counts_even_if_it_comes_later() {
        let (folder, path) = folder_with("a.orc");
        let mut watch = FileWatch::new(PieceFiles::of(&path));
        assert!(becomes(&mut watch, false));
        std::fs::write(folder.path().join("a.sco"), "i 1 0 1").unwrap();
        assert!(becomes(&mut watch, true));
    }

    #[test]
    fn the_system_tells_of_the_pieces_files_and_of_no_others() {
        let (folder, path) = folder_with("a.csd");
        let told = Arc::new(AtomicBool::new(false));
        let watcher = watcher(&PieceFiles::of(&path), Arc::clone(&told));
        if test_host::tools::is_forbidden("watch files", watcher.is_some()) {
            return;
        }
        let is_told = |within: Duration| {
            let began = Instant::now();
            while began.elapsed() < within && !told.load(Ordering::Acquire) {
                std::thread::sleep(Duration::from_millis(5));
            }
            told.load(Ordering::Acquire)
        };
        std::fs::write(folder.path().join("other.csd"), "x").unwrap();
        assert!(!is_told(Duration::from_millis(200)));
        std::fs::rename(folder.path().join("other.csd"), &path).unwrap();
        assert!(is_told(Duration::from_secs(40)));
    }

    #[test]
    fn without_a_watch_the_files_are_looked_at() {
        let (_folder, path) = folder_with("a.csd");
        let mut watch = FileWatch::new(PieceFiles::of(&path));
        watch.watcher = None;
        assert!(becomes(&mut watch, false));
        std::fs::write(&path, "another").unwrap();
        assert!(becomes(&mut watch, true));
    }

    #[test]
    fn a_folder_that_cannot_be_watched_is_no_error() {
        let nowhere = PieceFiles::of(Path::new("/no/such/folder/a.csd"));
        assert!(watcher(&nowhere, Arc::default()).is_none());
        assert_eq!(FileWatch::new(nowhere).files.stamps, vec![None]);
    }
}
