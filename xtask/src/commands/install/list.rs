//! What was installed: each file with its SHA-256, as `sha256sum` writes and checks it. What has another sum by now is
//! not what was installed, and stays.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// Files that were installed, with their sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    files: BTreeMap<PathBuf, String>,
}

/// What became of files that were to be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// How many were removed.
    pub removed: usize,
    /// Those that somebody has changed since.
    pub kept: Vec<PathBuf>,
    /// Those that could not be removed, and why.
    pub failed: Vec<(PathBuf, String)>,
}

impl Installed {
    /// The list in a file; an empty one if there is none.
    ///
    /// # Errors
    /// It cannot be read, or is no such list.
    pub fn read(file: &Path) -> Result<Self> {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text.with_context(|| format!("{} cannot be read", file.display()))?,
        };
        let entry = |line: &str| {
            let (sum, path) = line.split_once("  ")?;
            let is_sum = sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
            (is_sum && Path::new(path).is_absolute()).then(|| (PathBuf::from(path), sum.to_owned()))
        };
        let files = text.lines().filter(|line| !line.is_empty()).map(|line| {
            entry(line).with_context(|| format!("{} is no list of installed files: {line}", file.display()))
        });
        Ok(Self { files: files.collect::<Result<_>>()? })
    }

    /// Writes the list.
    ///
    /// # Errors
    /// It cannot be written, or a path cannot stand in it.
    pub fn write(&self, file: &Path) -> Result<()> {
        let mut text = String::new();
        for (path, sum) in &self.files {
            let name = path.to_str().filter(|name| !name.contains(['\n', '\\']));
            let name = name.with_context(|| format!("{} cannot be written down", path.display()))?;
            text += &format!("{sum}  {name}\n");
        }
        let folder = file.parent().unwrap_or(Path::new("."));
        let cannot = || format!("{} cannot be written", file.display());
        fs::create_dir_all(folder).with_context(cannot)?;
        let partial = file.with_extension("new");
        fs::write(&partial, text).with_context(cannot)?;
        fs::rename(&partial, file).with_context(cannot)
    }

    /// Adds a file that is there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn add(&mut self, file: &Path) -> Result<()> {
        ensure!(file.is_absolute(), "{} is no whole path", file.display());
        self.files.insert(file.to_owned(), sum_of(file)?);
        Ok(())
    }

    /// True if a file is on it.
    pub fn has(&self, file: &Path) -> bool {
        self.files.contains_key(file)
    }

    /// True if a file is on it, and still what was installed.
    pub fn is_as_installed(&self, file: &Path) -> bool {
        self.files.get(file).is_some_and(|sum| sum_of(file).is_ok_and(|found| found == *sum))
    }

    /// True if nothing is on it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Removes the files on it that are wanted away and are still what was installed; then folders that are empty
    /// for it, below these.
    pub fn remove(&self, is_wanted_away: impl Fn(&Path) -> bool, roots: &[PathBuf]) -> Gone {
        let mut gone = Gone::default();
        for (path, sum) in self.files.iter().filter(|(path, _)| is_wanted_away(path)) {
            match sum_of(path) {
                Ok(found) if found != *sum => gone.kept.push(path.clone()),
                Ok(_) => match fs::remove_file(path) {
                    Ok(()) => {
                        gone.removed += 1;
                        remove_empty(path, roots);
                    }
                    Err(error) => gone.failed.push((path.clone(), error.to_string())),
                },
                // Somebody has removed it.
                Err(_) if fs::symlink_metadata(path).is_err() => {}
                Err(error) => gone.failed.push((path.clone(), error.to_string())),
            }
        }
        gone
    }
}

/// Removes the folders above a file that are empty, below one of the roots.
fn remove_empty(file: &Path, roots: &[PathBuf]) {
    for folder in file.ancestors().skip(1) {
        let is_below = roots.iter().any(|root| folder.starts_with(root) && folder != root)
            && !roots.contains(&folder.to_owned());
        // One that is not empty stays.
        if !is_below || fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
/// It cannot be read.
pub fn sum_of(file: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (fs::File::open(file)?, Sha256::new());
    let mut portion = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut portion)? {
            0 => break,
            count => hash.update(&portion[..count]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_installed_goes_and_what_was_changed_or_added_stays() {
        let place = tempfile::tempdir().unwrap();
        let at = |path: &str| place.path().join(path);
        fs::create_dir_all(at("clap/deep/er")).unwrap();
        let mut installed = Installed::default();
        for name in ["clap/a", "clap/deep/er/b", "clap/deep/c", "clap/gone"] {
            fs::write(at(name), name).unwrap();
            installed.add(&at(name)).unwrap();
        }
        let list = at("data/installed.sha256");
        installed.write(&list).unwrap();
        let installed = Installed::read(&list).unwrap();
        fs::write(at("clap/deep/c"), "the user's").unwrap();
        fs::write(at("clap/mine"), "the user's").unwrap();
        fs::remove_file(at("clap/gone")).unwrap();
        let gone = installed.remove(|_| true, &[at("clap")]);
        assert_eq!((gone.removed, gone.kept, gone.failed.len()), (2, vec![at("clap/deep/c")], 0));
        assert!(at("clap/mine").exists() && at("clap/deep/c").exists() && !at("clap/deep/er").exists());
    }

    #[test]
    fn a_damaged_list_is_refused_and_a_missing_one_is_empty() {
        let place = tempfile::tempdir().unwrap();
        let list = place.path().join("installed.sha256");
        assert!(Installed::read(&list).unwrap().is_empty());
        for text in ["abc  /a\n", "relative\n", &format!("{}  relative\n", "0".repeat(64))] {
            fs::write(&list, text).unwrap();
            assert!(Installed::read(&list).is_err(), "{text}");
        }
    }
}
