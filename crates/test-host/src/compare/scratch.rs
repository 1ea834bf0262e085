//! A copy of a folder of pieces, in which the csound command may write, and what keeps it from writing elsewhere.
//!
//! After each piece the copy is as it was: what was written goes, what was changed is copied again.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::{Context, Result};

/// Longer files are linked rather than copied, in bytes, where writing to them is forbidden.
const LONGEST_COPY: u64 = 64 << 20;

/// Folders above the copied one that the command sees.
const FOLDERS_ABOVE: usize = 3;

/// Files beside a folder above that the command sees.
const MOST_BESIDE: usize = 2000;

/// What is never copied.
const LEFT_OUT: [&str; 2] = [".git", "target"];

/// A copy of a folder.
#[derive(Debug)]
pub struct Scratch {
    original: PathBuf,
    copy: PathBuf,
    files: BTreeMap<PathBuf, Mark>,
    is_guarded: bool,
    folder: tempfile::TempDir,
}

/// What tells that a file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark([i64; 4]);

impl Mark {
    #[cfg(unix)]
    fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        // A folder's times tell only of what lies in it, which is looked at anyway.
        let times = if found.is_dir() { [0; 2] } else { [found.ctime(), found.ctime_nsec()] };
        let length = if found.is_dir() { 0 } else { found.len().cast_signed() };
        Self([times[0], times[1], length, found.ino().cast_signed()])
    }

    #[cfg(not(unix))]
    fn of(found: &Metadata) -> Self {
        let since = found.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let nanos = since.map_or(0, |since| since.as_nanos() as i64);
        if found.is_dir() { Self([1, 0, 0, 0]) } else { Self([0, nanos, found.len().cast_signed(), 0]) }
    }
}

impl Scratch {
    /// Copies a folder.
    ///
    /// # Errors
    /// It cannot be read, or the copy not be made.
    pub fn of(folder: &Path) -> Result<Self> {
        let cannot = || format!("{} cannot be copied", folder.display());
        let original = folder.canonicalize().with_context(cannot)?;
        let scratch = tempfile::Builder::new().prefix("csound-performer-compare-").tempdir()?;
        for inside in ["out", "tmp"] {
            fs::create_dir(scratch.path().join(inside)).with_context(cannot)?;
        }
        let is_guarded = guard::is_there();
        let mut copy = scratch.path().join("copy");
        fs::create_dir(&copy).with_context(cannot)?;
        if is_guarded {
            copy = lay_out_above(&original, &copy).with_context(cannot)?;
        }
        let mut made = Self { original, copy, files: BTreeMap::new(), is_guarded, folder: scratch };
        made.restore().with_context(cannot)?;
        Ok(made)
    }

    /// The copy's path for one in the original folder.
    ///
    /// # Errors
    /// It does not lie there.
    pub fn place(&self, path: &Path) -> Result<PathBuf> {
        let whole = path.canonicalize().with_context(|| format!("where is {}?", path.display()))?;
        let inside = whole.strip_prefix(&self.original);
        let inside =
            inside.with_context(|| format!("{} is not in {}", path.display(), self.original.display()))?;
        Ok(self.copy.join(inside))
    }

    /// A folder beside the copy, for results.
    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A folder for a program's temporary files.
    pub fn tmp(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// Starts a program that can write nowhere but here, as far as the system can see to that.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(&self, command: &mut Command) -> Result<Child> {
        guard::start(command, self.folder.path())
    }

    /// Makes the copy what it was, and the other folders empty.
    ///
    /// # Errors
    /// A file cannot be copied or removed.
    pub fn restore(&mut self) -> io::Result<()> {
        for folder in [self.out(), self.tmp()] {
            for entry in fs::read_dir(folder)? {
                remove(&entry?.path())?;
            }
        }
        let mut known = std::mem::take(&mut self.files);
        self.restore_folder(Path::new(""), &mut known)
    }

    fn restore_folder(&mut self, inside: &Path, known: &mut BTreeMap<PathBuf, Mark>) -> io::Result<()> {
        let (from, to) = (self.original.join(inside), self.copy.join(inside));
        let names = |folder: &Path| -> io::Result<Vec<_>> {
            fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
        };
        let wanted = names(&from)?;
        for name in names(&to)?.into_iter().filter(|name| !wanted.contains(name)) {
            remove(&to.join(name))?;
        }
        for name in wanted {
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let path = inside.join(&name);
            // A link that leads nowhere is nobody's file.
            let Ok(found) = fs::metadata(from.join(&name)) else { continue };
            let is_link = from.join(&name).is_symlink();
            let there = fs::symlink_metadata(to.join(&name)).ok().map(|found| Mark::of(&found));
            if there.is_none() || there != known.get(&path).copied() {
                remove(&to.join(&name))?;
                self.copy_one(&from.join(&name), &to.join(&name), &found, is_link)?;
            }
            if let Ok(made) = fs::symlink_metadata(to.join(&name)) {
                self.files.insert(path.clone(), Mark::of(&made));
                if made.is_dir() {
                    self.restore_folder(&path, known)?;
                }
            }
        }
        Ok(())
    }

    fn copy_one(&self, from: &Path, to: &Path, found: &Metadata, is_link: bool) -> io::Result<()> {
        let is_better_linked = found.is_file() && found.len() > LONGEST_COPY || is_link;
        if is_better_linked && self.is_guarded {
            return link(&from.canonicalize()?, to);
        }
        if found.is_dir() && !is_link {
            return fs::create_dir(to);
        }
        if found.is_file() { fs::copy(from, to).map(drop) } else { Ok(()) }
    }
}

/// Removes what is there, if anything is.
fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// Lays out folders above the copy whose other files are links, so that `../sound.wav` is found: the last one is
/// for the copy.
fn lay_out_above(original: &Path, place: &Path) -> io::Result<PathBuf> {
    // Each with a name, the root without.
    let names: Vec<&Path> =
        original.ancestors().filter(|folder| folder.file_name().is_some()).take(FOLDERS_ABOVE + 1).collect();
    let mut made = place.to_owned();
    for folder in names.into_iter().rev() {
        if let Some(above) = folder.parent().filter(|_| made != place) {
            for entry in fs::read_dir(above)?.flatten().take(MOST_BESIDE) {
                if entry.path() != folder {
                    link(&entry.path(), &made.join(entry.file_name()))?;
                }
            }
        }
        made.push(folder.file_name().unwrap_or_default());
        fs::create_dir(&made)?;
    }
    Ok(made)
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    if to.is_file() { fs::copy(to, at).map(drop) } else { Ok(()) }
}

/// Keeps a program from writing outside a folder.
#[cfg(target_os = "linux")]
mod guard {
    use std::path::Path;
    use std::process::{Child, Command};

    use anyhow::{Context, Result, anyhow};
    use landlock::{
        ABI, AccessFs, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus, path_beneath_rules,
    };

    /// Devices that are written to without harm.
    const DEVICES: [&str; 2] = ["/dev/null", "/dev/tty"];

    /// If the system has such a guard.
    pub fn is_there() -> bool {
        std::thread::spawn(|| restrict(Path::new("/")).unwrap_or(false)).join().unwrap_or(false)
    }

    /// Starts a program behind it, if it is there.
    pub fn start(command: &mut Command, writable: &Path) -> Result<Child> {
        // The guard is the thread's and its children's, for good.
        std::thread::scope(|scope| {
            let started = scope.spawn(|| {
                restrict(writable)?;
                let name = command.get_program().to_string_lossy().into_owned();
                command.spawn().with_context(|| format!("{name} does not start"))
            });
            started.join().map_err(|_| anyhow!("the thread that starts programs broke down"))?
        })
    }

    fn restrict(writable: &Path) -> Result<bool> {
        let abi = ABI::V3;
        let write = AccessFs::from_write(abi);
        let status = Ruleset::default()
            .handle_access(write)?
            .create()?
            .add_rules(path_beneath_rules([writable], write))?
            .add_rules(path_beneath_rules(DEVICES, AccessFs::WriteFile))?
            .restrict_self()?;
        Ok(status.ruleset != RulesetStatus::NotEnforced)
    }
}

#[cfg(not(target_os = "linux"))]
mod guard {
    use std::path::Path;
    use std::process::{Child, Command};

    use anyhow::{Context, Result};

    pub fn is_there() -> bool {
        false
    }

    pub fn start(command: &mut Command, _writable: &Path) -> Result<Child> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.spawn().with_context(|| format!("{name} does not start"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_again_what_it_was() {
        let project = tempfile::tempdir().unwrap();
        let original = project.path().join("pieces");
        fs::create_dir_all(original.join("deep")).unwrap();
        fs::write(original.join("a.csd"), "a").unwrap();
        fs::write(original.join("deep/b.csd"), "b").unwrap();
        let mut scratch = Scratch::of(&original).unwrap();
        let at = |name: &str| scratch.place(&original).unwrap().join(name);
        let (a, b, new) = (at("a.csd"), at("deep/b.csd"), at("deep/new"));
        assert_eq!(scratch.place(&original.join("deep/b.csd")).unwrap(), b);
        fs::write(&a, "z").unwrap();
        fs::remove_file(&b).unwrap();
        fs::create_dir(&new).unwrap();
        fs::write(new.join("file"), "x").unwrap();
        scratch.restore().unwrap();
        assert_eq!(fs::read_to_string(&a).unwrap() + &fs::read_to_string(&b).unwrap(), "ab");
        assert!(!new.exists());
        fs::remove_dir_all(b.parent().unwrap()).unwrap();
        scratch.restore().unwrap();
        assert_eq!(fs::read_to_string(&b).unwrap(), "b");
        assert!(scratch.place(project.path()).is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_writes_only_into_the_copy_and_reads_above_it() {
        if crate::tools::is_forbidden("confine a program", guard::is_there()) {
            return;
        }
        let project = tempfile::tempdir().unwrap();
        let original = project.path().join("pieces");
        fs::create_dir(&original).unwrap();
        fs::write(project.path().join("above"), "above").unwrap();
        fs::write(original.join("own"), "own").unwrap();
        let scratch = Scratch::of(&original).unwrap();
        let script = format!(
            "cat ../above > seen; echo x > own; echo x > ../above; echo x > {}/own",
            original.display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(scratch.place(&original).unwrap());
        command.stderr(std::process::Stdio::null());
        scratch.start(&mut command).unwrap().wait().unwrap();
        let copy = scratch.place(&original).unwrap();
        assert_eq!(fs::read_to_string(copy.join("seen")).unwrap(), "above");
        assert_eq!(fs::read_to_string(copy.join("own")).unwrap(), "x\n");
        assert_eq!(fs::read_to_string(project.path().join("above")).unwrap(), "above");
        assert_eq!(fs::read_to_string(original.join("own")).unwrap(), "own");
    }
}
