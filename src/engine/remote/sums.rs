//! Bounds on what an engine takes in sum, which no limit of the kernel's holds: bytes written, files
//! made, threads. The watch looks every few milliseconds; what an engine takes between two looks comes
//! on top.
//!
//! The bytes are the system's own count of what the process has written, wherever it went. Little of it
//! can be hidden: the list of system calls leaves no other way into a file (none is mapped to be written),
//! and what was made can be neither removed nor renamed. Where that count is over the bound, or the
//! system keeps none, what lies in the engine's folder is added up: a file that is written over and over
//! takes no more room.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::engine::protocol::Bounds;

/// How often the watch looks, usually and where an engine comes near its bound.
const USUALLY: Duration = Duration::from_millis(20);
const NEAR: Duration = Duration::from_millis(2);

/// Adds up what one engine takes.
pub(super) struct Sums {
    bounds: Bounds,
    process: PathBuf,
    folder: PathBuf,
    /// Whether it writes into folders of the user's too, where nothing can be added up.
    elsewhere: bool,
    /// When the folder last changed, as it was counted then.
    counted: Option<SystemTime>,
    near: bool,
}

impl Sums {
    pub(super) fn new(bounds: Bounds, process: i32, folder: &Path, elsewhere: bool) -> Self {
        let process = PathBuf::from(format!("/proc/{process}"));
        Self { bounds, process, folder: folder.to_owned(), elsewhere, counted: None, near: false }
    }

    /// When to look again.
    pub(super) fn pause(&self) -> Duration {
        if self.near { NEAR } else { USUALLY }
    }

    /// What the engine has taken too much of, if anything.
    pub(super) fn excess(&mut self) -> Option<String> {
        self.too_many_threads().or_else(|| self.too_much_written()).or_else(|| self.too_many_files())
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
        let counted = written(&self.process.join("io"));
        if let Ok(counted) = counted {
            self.near = counted > self.bounds.written / 2;
            if counted <= self.bounds.written {
                return None;
            }
        }
        let lies = if self.elsewhere { counted.unwrap_or(0) } else { size(&self.folder, 2) };
        (lies > self.bounds.written).then(|| {
            format!("it wrote {} MB to the disk, where {} are allowed", lies >> 20, self.bounds.written >> 20)
        })
    }

    fn too_many_files(&mut self) -> Option<String> {
        let changed = fs::metadata(&self.folder).and_then(|folder| folder.modified()).ok();
        if self.bounds.files == u64::MAX || changed == self.counted {
            return None;
        }
        self.counted = changed;
        let most = usize::try_from(self.bounds.files).unwrap_or(usize::MAX);
        let files = fs::read_dir(&self.folder).map_or(0, |files| files.take(most.saturating_add(1)).count());
        (files > most).then(|| format!("it made more than {most} files"))
    }
}

/// Bytes that a process has written, by the system's count.
fn written(count: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(count)?;
    let bytes = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    bytes.and_then(|bytes| bytes.trim().parse().ok()).ok_or_else(|| io::Error::other("no such count"))
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
    }
}
