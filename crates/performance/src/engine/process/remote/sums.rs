//! Bounds on what an engine takes in sum, which no limit of the kernel's holds: bytes written, files
//! made, threads. The watch looks every few milliseconds; what an engine takes between two looks comes
//! on top.
//!
//! The bytes are the system's own count of what the process has written, wherever it went. Little of it
//! can be hidden: the list of system calls leaves no other way into a file (none is mapped to be written),
//! and what was made can be neither removed nor renamed. If that count is over the bound, or the
//! system keeps none, what lies in the engine's folder is added up: a file that is written over and over
//! takes no more room.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::engine::process::protocol::Bounds;

/// The pause between two looks of the watch, usually and if an engine comes near its bound.
const USUALLY: Duration = Duration::from_millis(20);
const NEAR: Duration = Duration::from_millis(2);

/// Bytes of the disk that one byte takes.
const BLOCK: u64 = 4096;

/// Adds up what one engine takes.
pub(super) struct Sums {
    bounds: Bounds,
    process: PathBuf,
    folder: PathBuf,
    /// True if it writes into folders of the user's too, where nothing can be added up.
    elsewhere: bool,
    /// The folder and those in it, and when each last changed, as it was counted then.
    counted: Vec<(PathBuf, Option<SystemTime>)>,
    near: bool,
}

impl Sums {
    pub(super) fn new(bounds: Bounds, process: i32, folder: &Path, elsewhere: bool) -> Self {
        let process = PathBuf::from(format!("/proc/{process}"));
        Self { bounds, process, folder: folder.to_owned(), elsewhere, counted: Vec::new(), near: false }
    }

    /// When to look again.
    pub(super) fn pause(&self) -> Duration {
        if self.near { NEAR } else { USUALLY }
    }

    /// The bound that the engine has broken, in words, if it has.
    pub(super) fn excess(&mut self) -> Option<String> {
        self.too_many_threads().or_else(|| self.too_many_files()).or_else(|| self.too_much_written())
    }

    fn too_many_threads(&self) -> Option<String> {
        // A folder has a link from each folder inside it, besides its own two.
        let links = fs::metadata(self.process.join("task")).map_or(0, |task| task.nlink());
        let threads = links.saturating_sub(2);
        (threads > self.bounds.threads)
            .then(|| format!("it has {threads} threads, where {} are allowed", self.bounds.threads))
    }

    fn too_much_written(&mut self) -> Option<String> {
        if self.bounds.written == u64::MAX {
            return None;
        }
        let counted = Written::by(&self.process.join("io"));
        if let Ok(counted) = &counted {
            // One byte takes a block of the disk, or two.
            let most = counted.bytes.saturating_add(counted.calls.saturating_mul(2 * BLOCK));
            self.near = most > self.bounds.written / 2;
            if most <= self.bounds.written {
                return None;
            }
        }
        let lies = match (self.elsewhere, counted) {
            (true, Ok(counted)) => counted.bytes.max(counted.disk),
            _ => size(&self.folder, 2),
        };
        (lies > self.bounds.written).then(|| {
            format!("it wrote {} MB to the disk, where {} are allowed", lies >> 20, self.bounds.written >> 20)
        })
    }

    fn too_many_files(&mut self) -> Option<String> {
        let changed = |folder: &Path| fs::metadata(folder).and_then(|folder| folder.modified()).ok();
        let is_as_counted =
            !self.counted.is_empty() && self.counted.iter().all(|(folder, then)| changed(folder) == *then);
        if self.bounds.files == u64::MAX || is_as_counted {
            return None;
        }
        // An engine makes no folders: there are those that it began with.
        let inside = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let inside = inside.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let folders: Vec<PathBuf> =
            std::iter::once(self.folder.clone()).chain(inside.map(|entry| entry.path())).take(16).collect();
        self.counted = folders.iter().map(|folder| (folder.clone(), changed(folder))).collect();
        let most = usize::try_from(self.bounds.files).unwrap_or(usize::MAX);
        let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let files = files.take(most.saturating_add(1)).count();
        (files > most).then(|| format!("it made more than {most} files"))
    }
}

/// Bytes that a process has written, by the system's count.
struct Written {
    /// Bytes, wherever they went.
    bytes: u64,
    /// Calls that wrote.
    calls: u64,
    /// Bytes that went to a disk, if the system knows.
    disk: u64,
}

impl Written {
    fn by(count: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(count)?;
        let find = |name: &str| {
            let number = text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            number.and_then(|number| number.parse().ok()).ok_or_else(|| io::Error::other("no such count"))
        };
        Ok(Self { bytes: find("wchar:")?, calls: find("syscw:")?, disk: find("write_bytes:")? })
    }
}

/// Bytes of the disk that a folder takes, as many folders deep.
fn size(folder: &Path, depth: usize) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() && depth > 0 => size(&entry.path(), depth - 1),
        // Files may have holes; those take nothing.
        Ok(found) => found.blocks() * 512,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Bounds {
        Bounds {
            memory: u64::MAX,
            file: u64::MAX,
            realtime: u64::MAX,
            written: u64::MAX,
            files: u64::MAX,
            threads: u64::MAX,
        }
    }

    fn of_this_process(bounds: Bounds, folder: &Path) -> Sums {
        Sums::new(bounds, std::process::id() as i32, folder, false)
    }

    #[test]
    fn threads_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_this_process(bounds(), folder.path()).excess(), None);
        let excess = of_this_process(Bounds { threads: 0, ..bounds() }, folder.path()).excess();
        assert!(excess.unwrap().contains("threads, where 0"));
    }

    #[test]
    fn what_lies_in_the_folder_counts_and_what_is_written_over_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut sums = of_this_process(Bounds { written: 1 << 20, ..bounds() }, folder.path());
        for _ in 0..40 {
            fs::write(folder.path().join("again"), vec![1; 100_000]).unwrap();
        }
        assert_eq!(sums.excess(), None, "4 MB were written, and 100 kB lie there");
        assert_eq!(sums.pause(), NEAR);
        fs::create_dir(folder.path().join("piece")).unwrap();
        fs::write(folder.path().join("piece/more"), vec![1; 2 << 20]).unwrap();
        assert!(sums.excess().unwrap().contains("2 MB to the disk"));
    }

    #[test]
    fn single_bytes_far_apart_take_blocks_and_are_found() {
        use std::os::unix::fs::FileExt;

        let folder = tempfile::tempdir().unwrap();
        let mut sums = of_this_process(Bounds { written: 4 << 20, ..bounds() }, folder.path());
        let file = fs::File::create(folder.path().join("sparse")).unwrap();
        for at in 0..2000 {
            file.write_at(b"x", at * 4096 + 1).unwrap();
        }
        file.sync_all().unwrap();
        assert!(sums.excess().unwrap().contains("MB to the disk"));
    }

    #[test]
    fn files_are_counted_when_the_folder_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut sums = of_this_process(Bounds { files: 3, ..bounds() }, folder.path());
        for name in ["1", "2", "3"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(sums.excess(), None);
        std::thread::sleep(Duration::from_millis(20));
        fs::write(folder.path().join("4"), "").unwrap();
        assert!(sums.excess().unwrap().contains("more than 3 files"));
        let inside = tempfile::tempdir().unwrap();
        fs::create_dir(inside.path().join("piece")).unwrap();
        let mut sums = of_this_process(Bounds { files: 3, ..bounds() }, inside.path());
        assert_eq!(sums.excess(), None);
        std::thread::sleep(Duration::from_millis(20));
        for name in ["1", "2", "3", "4"] {
            fs::write(inside.path().join("piece").join(name), "").unwrap();
        }
        assert!(sums.excess().unwrap().contains("more than 3 files"), "in a folder below");
    }
}
