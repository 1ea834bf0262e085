//! What some libraries need, with all that these need, and where it lies: as the system's loader would find it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::elf::{Elf, ElfError};

/// What is not taken along: glibc's parts and the loader, of which a process has one of the system's; and libgcc_s,
/// which the plugin itself needs wherever it is.
const EVERYWHERE: [&str; 13] = [
    "ld-linux",
    "ld64",
    "linux-vdso",
    "libc.so",
    "libm.so",
    "libmvec.so",
    "libdl.so",
    "libpthread.so",
    "librt.so",
    "libutil.so",
    "libresolv.so",
    "libanl.so",
    "libgcc_s.so",
];

/// True if a library of this name is on every system that the plugin runs on.
pub fn is_everywhere(name: &str) -> bool {
    EVERYWHERE.iter().any(|known| name.starts_with(known))
}

/// Where libraries lie.
#[derive(Clone, Debug)]
pub struct Place {
    folders: Vec<PathBuf>,
    /// What the system's loader knows.
    known: BTreeMap<String, PathBuf>,
}

impl Place {
    /// This system: the folders of its loader.
    pub fn system() -> Self {
        let preferred = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let preferred = std::env::split_paths(&preferred).filter(|folder| folder.is_absolute());
        let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
        let usual = [
            format!("/usr/local/lib/{triplet}"),
            "/usr/local/lib".into(),
            format!("/lib/{triplet}"),
            format!("/usr/lib/{triplet}"),
            "/usr/lib64".into(),
            "/usr/lib".into(),
            "/lib64".into(),
            "/lib".into(),
        ];
        Self { folders: preferred.chain(usual.map(PathBuf::from)).collect(), known: of_the_loader() }
    }

    /// These folders alone.
    pub fn folders(folders: Vec<PathBuf>) -> Self {
        Self { folders, known: BTreeMap::new() }
    }

    /// The library of this name for whoever lies in a folder and wants more folders looked at.
    pub fn find(&self, name: &str, from: &Path, wanted: &[String]) -> Option<PathBuf> {
        let own = from.parent().unwrap_or(Path::new("/"));
        let wanted = wanted.iter().map(|folder| {
            let own = own.to_string_lossy();
            PathBuf::from(folder.replace("${ORIGIN}", &own).replace("$ORIGIN", &own))
        });
        let beside = std::iter::once(own.to_owned());
        let folders = wanted.filter(|folder| folder.is_absolute()).chain(beside).chain(self.folders.clone());
        let mut files = folders.map(|folder| folder.join(name)).chain(self.known.get(name).cloned());
        files.find(|file| file.is_file())
    }
}

/// What `ldconfig` lists, by name: those of this machine's kind come first there.
fn of_the_loader() -> BTreeMap<String, PathBuf> {
    let programs = ["/sbin/ldconfig", "/usr/sbin/ldconfig", "ldconfig"];
    let mut said = programs.iter().filter_map(|program| Command::new(program).arg("-p").output().ok());
    let Some(said) = said.find(|said| said.status.success()) else { return BTreeMap::new() };
    let mut known = BTreeMap::new();
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        if let Some((name, path)) = line.split_once(" => ")
            && let Some(name) = name.split_whitespace().next()
        {
            known.entry(name.to_owned()).or_insert_with(|| PathBuf::from(path.trim()));
        }
    }
    known
}

/// What these libraries need and not every system has, by the names that they need it by: each behind all that it
/// needs itself. What is among `own` is there already.
///
/// # Errors
/// Something is not found, or is no library.
pub(crate) fn all_needs(
    libraries: &[PathBuf],
    own: &BTreeSet<String>,
    place: &Place,
) -> Result<Vec<(String, PathBuf)>, ElfError> {
    let mut found = Needs { place, own, seen: BTreeSet::new(), order: Vec::new() };
    libraries.iter().try_for_each(|library| found.add(library))?;
    Ok(found.order)
}

struct Needs<'a> {
    place: &'a Place,
    own: &'a BTreeSet<String>,
    seen: BTreeSet<String>,
    order: Vec<(String, PathBuf)>,
}

impl Needs<'_> {
    fn add(&mut self, library: &Path) -> Result<(), ElfError> {
        let elf = Elf::of(library)?;
        for name in &elf.needs {
            if is_everywhere(name) || self.own.contains(name) || !self.seen.insert(name.clone()) {
                continue;
            }
            let file = self.place.find(name, library, &elf.folders);
            let file = file.ok_or_else(|| {
                ElfError(format!("{} needs {name}, which is not found on this machine", library.display()))
            })?;
            self.add(&file)?;
            self.order.push((name.clone(), file));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_system_has_is_told_by_its_name() {
        for name in ["libc.so.6", "ld-linux-x86-64.so.2", "libm.so.6", "libgcc_s.so.1", "libpthread.so.0"] {
            assert!(is_everywhere(name), "{name}");
        }
        for name in
            ["libcsound64.so.6.0", "libmpg123.so.0", "libstdc++.so.6", "libsndfile.so.1", "libmp3lame.so.0"]
        {
            assert!(!is_everywhere(name), "{name}");
        }
    }

    #[test]
    fn a_library_that_is_missing_is_named_with_who_needs_it() {
        let program = std::env::current_exe().unwrap();
        let place = Place::folders(Vec::new());
        let needs = all_needs(&[program], &BTreeSet::new(), &place).unwrap();
        assert_eq!(needs, [], "this program needs what is everywhere");
        let told = all_needs(&["/nowhere.so".into()], &BTreeSet::new(), &place).unwrap_err();
        assert!(told.to_string().contains("/nowhere.so"), "{told}");
    }

    #[test]
    fn each_library_stands_behind_what_it_needs_itself() {
        let place = Place::system();
        let sound = place.find("libsndfile.so.1", Path::new("/x"), &[]);
        if test_host::tools::is_missing("libsndfile", sound.is_some()) {
            return;
        }
        let sound = sound.unwrap();
        let needs = all_needs(&[sound], &BTreeSet::new(), &place).unwrap();
        let at = |name: &str| needs.iter().position(|(needed, _)| needed == name);
        for (needed, path) in &needs {
            for name in Elf::of(path).unwrap().needs.iter().filter(|name| !is_everywhere(name)) {
                assert!(at(name) < at(needed), "{name} comes before {needed}: {needs:?}");
            }
        }
    }
}
