//! The piece's folder as the piece sees it: its own files, and over them what it has written.
//!
//! The current folder of an engine process is the piece's, as it is for the csound command started there,
//! so every opcode finds what the command finds. A confined piece cannot write there. Csound has no single
//! place where files are opened (`fout` goes by `SFDIR`, `dumpk`, `ftsave` and `fprints` by the current
//! folder), so the engine program stands between them all and the C library: its own `open` and `fopen`
//! ask [`place_of`] where a file really is. What is opened to be written goes into the engine's own folder,
//! and what was written there is found again before the file that lies beside the piece.
//!
//! Nothing here guards anything: that is Landlock's part, and whoever gets past this is refused by it.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, OsStr};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use csound_library::Level;
use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::console::say_on_console;
use crate::engine::folders::whole;
use crate::engine::process::reading::{FILES_VARIABLE, NAMED, READS};

/// The file into which Csound writes the sorted score. It is ours, wherever the piece may write.
pub(super) const SORTED_SCORE: &str = "score.srt";

/// The folder of what the piece has written, in the engine's own.
pub(super) const WRITTEN: &str = "written";

/// Csound's files of options, wherever they lie: a piece's folder may hold one too. They reach no piece that is
/// not trusted.
const OPTION_FILES: [&str; 2] = [".csound6rc", ".csound7rc"];

/// Files that the console is told of. After that it has heard enough.
const MOST_TOLD: usize = 64;

/// Files that are named at most.
const MOST_NAMED: usize = 16_384;

/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 255;

/// Where libraries and the system look for files by themselves: a refusal there is none of the piece's.
const SYSTEMS: [&str; 6] = ["/etc", "/proc", "/sys", "/dev", "/usr", "/var"];

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only to be read.
    Read,
    /// To be written.
    Write {
        /// True if a file that is not there is made.
        creates: bool,
        /// True if what was in it is thrown away.
        empties: bool,
        /// True if it must not be there yet.
        only_new: bool,
    },
}

impl Access {
    /// From the flags of `open`. `None` for what is no file: a folder, or a mere place.
    pub fn of_flags(flags: i32) -> Option<Self> {
        let flags = OFlags::from_bits_retain(flags as u32);
        if flags.intersects(OFlags::DIRECTORY | OFlags::PATH) {
            return None;
        }
        let writes = OFlags::WRONLY | OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC;
        Some(if flags.intersects(writes) {
            Self::Write {
                creates: flags.contains(OFlags::CREATE),
                empties: flags.contains(OFlags::TRUNC),
                only_new: flags.contains(OFlags::CREATE | OFlags::EXCL),
            }
        } else {
            Self::Read
        })
    }

    /// From the mode of `fopen`.
    pub fn of_mode(mode: &[u8]) -> Self {
        let only_new = mode.contains(&b'x');
        match mode.first() {
            Some(b'w') => Self::Write { creates: true, empties: true, only_new },
            Some(b'a') => Self::Write { creates: true, empties: false, only_new },
            _ if mode.contains(&b'+') => Self::Write { creates: false, empties: false, only_new: false },
            _ => Self::Read,
        }
    }
}

/// Where a piece reads and writes.
pub(super) struct Overlay {
    /// The current folder, which is the piece's: as it was given, and by the name that leads through no link.
    home: [PathBuf; 2],
    /// The engine's own.
    own: PathBuf,
    /// Folders into which it may write as it likes, by both names; `None` for all.
    writable: Option<Vec<PathBuf>>,
    /// The files that were named so far, where they are.
    named: Option<Mutex<BTreeSet<PathBuf>>>,
}

static OVERLAY: OnceLock<Overlay> = OnceLock::new();

/// Files written so far: while there are none, nothing is looked for.
static FILES: AtomicUsize = AtomicUsize::new(0);

/// What the console was told of.
static TOLD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From here on files are where the overlay says: over `home`, the current folder, unless a piece may write
/// there (`None`: it may write everywhere). Once in a process.
pub(super) fn lay(home: &Path, own: &Path, writable: Option<&[PathBuf]>) {
    let both = |folder: &Path| [folder.to_owned(), whole(folder)];
    let writable = writable.map(|folders| folders.iter().flat_map(|folder| both(folder)).collect());
    // A second piece is refused long before.
    let is_named = std::env::var_os(FILES_VARIABLE).is_some_and(|value| value == NAMED);
    let named = is_named.then(Mutex::default);
    let _ = OVERLAY.set(Overlay { home: both(home), own: own.to_owned(), writable, named });
}

/// Names an ordinary file that was opened to be read, where that is wanted.
pub fn tell_of_reading(path: &CStr, access: Access) {
    let Some(overlay) = OVERLAY.get() else { return };
    let Some(named) = overlay.named.as_ref().filter(|_| access == Access::Read) else { return };
    let whole = overlay.whole(Path::new(OsStr::from_bytes(path.to_bytes())));
    let is_file =
        rustix::fs::stat(&whole).is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_file());
    let is_systems =
        SYSTEMS.iter().any(|folder| whole.starts_with(folder)) || whole.starts_with(&overlay.own);
    let mut named = named.lock().unwrap_or_else(PoisonError::into_inner);
    if is_file && !is_systems && named.len() < MOST_NAMED && named.insert(whole.clone()) {
        say_on_console(Level::Default, format!("{READS}{}\n", whole.display()).as_bytes());
    }
}

/// Where a file really is: `None` if it is where its path says.
///
/// # Errors
/// What the system would say if the file were where the path says.
pub fn place_of(path: &CStr, access: Access) -> Result<Option<CString>, Errno> {
    let Some(overlay) = OVERLAY.get() else { return Ok(None) };
    let path = Path::new(OsStr::from_bytes(path.to_bytes()));
    // A trusted piece has them, as the csound command does.
    let is_confined = overlay.writable.is_some();
    if is_confined && path.file_name().is_some_and(|name| OPTION_FILES.iter().any(|file| name == *file)) {
        return Err(Errno::NOENT);
    }
    let place = match access {
        Access::Read => overlay.written(path),
        Access::Write { creates, empties, only_new } => {
            overlay.to_be_written(path, creates, empties, only_new)?
        }
    };
    place
        .map(|place| CString::new(place.into_os_string().into_encoded_bytes()).map_err(|_| Errno::INVAL))
        .transpose()
}

/// Tells the console that a file was refused, if a piece can have meant it.
pub fn tell_of_refusal(path: &CStr, access: Access) {
    let Some(overlay) = OVERLAY.get() else { return };
    let path = Path::new(OsStr::from_bytes(path.to_bytes()));
    let whole = overlay.whole(path);
    let is_systems = SYSTEMS.iter().any(|folder| whole.starts_with(folder));
    // Csound itself would be content without, and looks into folders as if they were files.
    let is_file =
        rustix::fs::stat(&whole).is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_file());
    let is_meant = match access {
        Access::Read => is_file,
        Access::Write { creates, .. } => is_file || creates,
    };
    if overlay.writable.is_none() || is_systems || !is_meant {
        return;
    }
    let text = match access {
        Access::Read => {
            "refused: the piece may not read {}. It reads its own folder and those that you allow (Allow folder…)"
        }
        Access::Write { .. } => {
            "refused: the piece may not write {}. It needs the permission to write into that folder"
        }
    };
    tell(whole.clone(), Level::Error, &text.replace("{}", &whole.display().to_string()));
}

fn tell(path: PathBuf, level: Level, text: &str) {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.len() < MOST_TOLD && !told.contains(&path) {
        told.push(path);
        say_on_console(level, format!("{text}\n").as_bytes());
    }
}

impl Overlay {
    /// A path from the root, without `.` and `..`. Links are as they are written: this names places in
    /// the overlay, and opens nothing.
    fn whole(&self, path: &Path) -> PathBuf {
        let mut whole = PathBuf::new();
        for part in self.home[0].join(path).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => drop(whole.pop()),
                part => whole.push(part),
            }
        }
        whole
    }

    /// The place over a file below the piece's folder. `None` for other files.
    ///
    /// Engines make no folders, so the path is one name.
    fn place_over(&self, whole: &Path) -> Option<Result<PathBuf, Errno>> {
        let below = self.home.iter().find_map(|home| whole.strip_prefix(home).ok())?;
        if below.as_os_str().is_empty() || whole.starts_with(&self.own) {
            return None;
        }
        let mut name = Vec::new();
        for byte in below.as_os_str().as_bytes() {
            match byte {
                b'/' => name.extend(b"%2F"),
                b'%' => name.extend(b"%25"),
                byte => name.push(*byte),
            }
        }
        Some(if name.len() > LONGEST_NAME {
            Err(Errno::NAMETOOLONG)
        } else {
            Ok(self.own.join(WRITTEN).join(OsStr::from_bytes(&name)))
        })
    }

    fn is_writable(&self, whole: &Path) -> bool {
        self.writable.as_ref().is_none_or(|folders| folders.iter().any(|folder| whole.starts_with(folder)))
    }

    /// What was written in the place of a file that is opened to be read.
    fn written(&self, path: &Path) -> Option<PathBuf> {
        if FILES.load(Ordering::Acquire) == 0 {
            return None;
        }
        let over = self.place_over(&self.whole(path))?.ok()?;
        is_there(&over).then_some(over)
    }

    fn to_be_written(
        &self,
        path: &Path,
        creates: bool,
        empties: bool,
        only_new: bool,
    ) -> Result<Option<PathBuf>, Errno> {
        if path == Path::new(SORTED_SCORE) {
            return Ok(Some(self.own.join(SORTED_SCORE)));
        }
        let whole = self.whole(path);
        let Some(over) = self.place_over(&whole).filter(|_| !self.is_writable(&whole)) else {
            return Ok(None);
        };
        let over = over?;
        let under = rustix::fs::stat(&whole).map(|found| FileType::from_raw_mode(found.st_mode));
        let is_over = is_there(&over);
        match under {
            // What is no file cannot be written; the system says how.
            Ok(kind) if !kind.is_file() => return Ok(None),
            Ok(_) if only_new => return Err(Errno::EXIST),
            Ok(_) if !is_over && !empties => copy(&whole, &over)?,
            Ok(_) => {}
            Err(_) if !is_over && !creates => return Err(Errno::NOENT),
            Err(_) if !whole.parent().is_some_and(is_folder) => return Err(Errno::NOENT),
            Err(_) => {}
        }
        FILES.fetch_add(1, Ordering::AcqRel);
        let text = format!(
            "{} is written into the engine's own folder and is gone with it. It lands beside the piece once you \
             let the piece write there",
            path.display()
        );
        tell(whole, Level::Warning, &text);
        Ok(Some(over))
    }
}

fn is_there(path: &Path) -> bool {
    rustix::fs::stat(path).is_ok()
}

fn is_folder(path: &Path) -> bool {
    rustix::fs::stat(path).is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_dir())
}

/// A copy to be written into. By system calls: the C library's `open` asks here.
fn copy(from: &Path, to: &Path) -> Result<(), Errno> {
    let from = open(from, OFlags::RDONLY)?;
    let to = open(to, OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC)?;
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = rustix::io::retry_on_intr(|| rustix::io::read(&from, &mut *bytes))?;
        let mut left = &bytes[..read];
        if left.is_empty() {
            return Ok(());
        }
        while !left.is_empty() {
            let written = rustix::io::retry_on_intr(|| rustix::io::write(&to, left))?;
            left = &left[written..];
        }
    }
}

fn open(path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(CWD, path, flags | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)
}
