//! The folder of a portable Csound, put together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use csound_library::{COMPANIONS, Found, Generation, folder_beside, library_name, opcodes_in, opcodes_of};

use crate::copy::copy;
use crate::elf::{Elf, Glibc};
use crate::licences::{self, Taken};
use crate::list::{MayGo, may_go};
use crate::needs::{Place, all_needs};
use crate::packages::Packages;
use crate::sources::Sources;

/// The text that says what came from where.
pub const SOURCES: &str = "SOURCES.txt";

/// The folder of licence texts.
const LICENCES: &str = "licences";

/// A Csound that was put into a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The folder.
    pub folder: PathBuf,
    /// The least glibc that its libraries need.
    pub glibc: Option<Glibc>,
    /// The opcode libraries that stay behind, and why, going on from "it".
    pub left: Vec<(String, &'static str)>,
}

/// Why a Csound cannot be put somewhere, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortableError(String);

impl fmt::Display for PortableError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for PortableError {}

/// True if this libcsound lies in a folder that [`put`] has made.
pub fn is_portable(libcsound: &Path) -> bool {
    [COMPANIONS, SOURCES].iter().all(|name| libcsound.with_file_name(name).is_file())
}

/// Puts a Csound with all that it needs into a new folder below `beside`: the folder of a plugin's library. Asks now and
/// then if that is given up.
///
/// # Errors
/// [`PortableError`]: what is missing or cannot be written, or it is given up. The folder may be there in part then.
pub fn put(
    found: &Found,
    place: &Place,
    packages: &Packages,
    beside: &Path,
    given_up: &dyn Fn() -> bool,
) -> Result<Contents, PortableError> {
    let Found { path, generation } = found;
    let error = |why: String| PortableError(format!("{generation} cannot go with the plugin: {why}"));
    let folder = beside.join(folder_beside(*generation));
    let cannot = |why: io::Error| error(format!("{} cannot be written: {why}", folder.display()));
    fs::create_dir(&folder).map_err(cannot)?;
    if is_portable(path) {
        let from = path.parent().unwrap_or(Path::new("/"));
        copy_all(from, &folder, given_up).map_err(cannot)?;
        let left = Vec::new();
        return Ok(Contents { glibc: least_glibc(&folder).map_err(error)?, folder, left });
    }
    let chosen = Chosen::of(path, *generation, place).map_err(error)?;
    let (owners, texts) = {
        let origins: Vec<PathBuf> = chosen.files.values().cloned().collect();
        let owners = packages.of(&origins);
        let texts = licences::texts(&chosen.taken(), &owners, packages).map_err(error)?;
        (owners, texts)
    };
    chosen.copy(&folder, given_up).map_err(cannot)?;
    licences::write(&texts, &folder.join(LICENCES)).map_err(cannot)?;
    let glibc = least_glibc(&folder).map_err(error)?;
    let sources =
        Sources { generation: *generation, glibc, files: &chosen.files, owners: &owners, folder: &folder };
    let text = sources.text().map_err(cannot)?;
    fs::write(folder.join(SOURCES), text).map_err(cannot)?;
    Ok(Contents { folder, glibc, left: chosen.left })
}

/// What goes.
struct Chosen {
    /// Where each file comes from, by its place in the folder.
    files: BTreeMap<PathBuf, PathBuf>,
    /// Those among them that are not Csound's, in the order in which they are loaded.
    companions: Vec<String>,
    left: Vec<(String, &'static str)>,
}

impl Chosen {
    fn of(libcsound: &Path, generation: Generation, place: &Place) -> Result<Self, String> {
        let real = libcsound.canonicalize().map_err(|error| format!("{}: {error}", libcsound.display()))?;
        let name = library_name(generation);
        let mut own: BTreeSet<String> = [name.clone()].into();
        own.extend(Elf::of(&real).map_err(|error| error.to_string())?.name);
        let mut libraries = vec![real.clone()];
        let mut files = BTreeMap::from([(PathBuf::from(&name), real)]);
        let mut left = Vec::new();
        for (name, path) in opcode_libraries(generation, libcsound) {
            match may_go(generation, &name) {
                MayGo::No(why) => left.push((name, why)),
                MayGo::Yes => {
                    libraries.push(path.clone());
                    files.insert(Path::new(&opcodes_in(generation)).join(name), path);
                }
            }
        }
        let needs = all_needs(&libraries, &own, place).map_err(|error| error.to_string())?;
        let companions = needs.iter().map(|(name, _)| name.clone()).collect();
        files.extend(needs.into_iter().map(|(name, path)| (PathBuf::from(name), path)));
        Ok(Self { files, companions, left })
    }

    fn taken(&self) -> Vec<Taken> {
        let is_companion = |place: &Path| self.companions.iter().any(|name| Path::new(name) == place);
        let taken = |(place, from): (&PathBuf, &PathBuf)| Taken {
            from: from.clone(),
            is_csound: !is_companion(place),
        };
        self.files.iter().map(taken).collect()
    }

    fn copy(&self, folder: &Path, given_up: &dyn Fn() -> bool) -> io::Result<()> {
        for (place, from) in &self.files {
            let to = folder.join(place);
            fs::create_dir_all(to.parent().unwrap_or(folder))?;
            // A real copy of what a link leads to, with the mode of any new file.
            copy(from, &to, given_up)?;
        }
        let list: String = self.companions.iter().map(|name| format!("{name}\n")).collect();
        fs::write(folder.join(COMPANIONS), format!("# Loaded before libcsound, in this order.\n{list}"))
    }
}

/// The opcode libraries of a Csound: of two with one name, the first.
fn opcode_libraries(generation: Generation, libcsound: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let folders = opcodes_of(generation, libcsound);
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    for path in
        entries.filter_map(|entry| entry.path().canonicalize().ok().map(|real| (entry.file_name(), real)))
    {
        if let (Ok(name), real) = (path.0.into_string(), path.1)
            && name.contains(".so")
        {
            found.entry(name).or_insert(real);
        }
    }
    found
}

/// The greatest of the least versions that the libraries below a folder need.
fn least_glibc(folder: &Path) -> Result<Option<Glibc>, String> {
    let mut least = None;
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())?.flatten() {
        let path = entry.path();
        let is_library = entry.file_name().to_string_lossy().contains(".so");
        let found = match path.is_dir() {
            true => least_glibc(&path)?,
            false if is_library => Elf::of(&path).map_err(|error| error.to_string())?.glibc,
            false => None,
        };
        least = least.max(found);
    }
    Ok(least)
}

fn copy_all(from: &Path, to: &Path, given_up: &dyn Fn() -> bool) -> io::Result<()> {
    for entry in fs::read_dir(from)?.flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir(&to)?;
            copy_all(&path, &to, given_up)?;
        } else {
            copy(&path, &to, given_up)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Csound 6 of this machine, if there is one.
    fn csound() -> Option<Found> {
        let found = csound_library::installed().into_iter().find(|found| found.generation == Generation::Six);
        if test_host::tools::is_missing("Csound 6", found.is_some()) { None } else { found }
    }

    fn sum_of(file: &Path) -> String {
        use sha2::{Digest, Sha256};

        Sha256::digest(fs::read(file).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn all_that_is_put_finds_what_it_needs_beside_itself_or_everywhere() {
        let Some(found) = csound() else { return };
        let folder = tempfile::tempdir().unwrap();
        let contents = put(&found, &Place::system(), &Packages::system(), folder.path(), &|| false).unwrap();
        let inside = contents.folder.clone();
        assert_eq!(inside, folder.path().join("csound6"));
        let list = fs::read_to_string(inside.join(COMPANIONS)).unwrap();
        let loaded: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(loaded.contains(&"libsndfile.so.1"), "{list}");
        let place = Place::folders(Vec::new());
        for (number, name) in loaded.iter().enumerate() {
            let needs = Elf::of(&inside.join(name)).unwrap().needs;
            let missing = needs
                .iter()
                .find(|need| !crate::is_everywhere(need) && !loaded[..number].contains(&need.as_str()));
            assert_eq!(missing, None, "{name}");
        }
        let own: BTreeSet<String> = loaded.iter().map(|name| (*name).to_owned()).collect();
        let opcodes =
            fs::read_dir(inside.join("csound/plugins64-6.0")).unwrap().flatten().map(|entry| entry.path());
        let libraries: Vec<_> = opcodes.chain([inside.join("libcsound64.so.6.0")]).collect();
        assert!(libraries.len() > 15);
        assert_eq!(all_needs(&libraries, &own, &place).unwrap(), []);
        assert!(!inside.join("csound/plugins64-6.0/librtjack.so").exists());
        assert!(contents.left.iter().any(|(name, _)| name == "librtjack.so"));
        let sources = fs::read_to_string(inside.join(SOURCES)).unwrap();
        assert!(sources.contains(&format!("needs glibc {}", contents.glibc.unwrap())), "{sources}");
        for name in ["libcsound64.so.6.0", "libsndfile.so.1", "csound/plugins64-6.0/libosc.so"] {
            assert!(sources.contains(name), "{name}: {sources}");
        }
        // What each file is, and where the source of its package is.
        assert!(sources.contains("pass on or offer the source"), "{sources}");
        let (packages, files) = sources.split_once("\nFiles, with their SHA-256:\n").unwrap();
        for line in files.lines() {
            let [sum, place, package] = line.trim_start().split("  ").collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            assert_eq!(sum, sum_of(&inside.join(place)), "{place}");
            let names_it = |line: &str| line.starts_with(&format!("  {package} ")) && line.contains("source");
            let is_of_none = package == "-" && packages.contains("of no package");
            assert!(is_of_none || packages.lines().any(names_it), "{package}: {packages}");
        }

        // What was put once is put again, whole, wherever no package is known.
        let again = tempfile::tempdir().unwrap();
        let portable = Found { path: inside.join("libcsound64.so.6.0"), generation: Generation::Six };
        let nothing = Packages::below(again.path().to_owned());
        let second = put(&portable, &place, &nothing, again.path(), &|| false).unwrap();
        assert_eq!(second.glibc, contents.glibc);
        assert_eq!(fs::read_to_string(second.folder.join(SOURCES)).unwrap(), sources);
        assert!(second.folder.join("licences").is_dir());

        // Either way of putting it is given up.
        for (found, packages) in [(&found, Packages::system()), (&portable, nothing)] {
            let given_up = tempfile::tempdir().unwrap();
            let told = put(found, &Place::system(), &packages, given_up.path(), &|| true).unwrap_err();
            assert!(told.to_string().contains("given up"), "{told}");
            assert!(!given_up.path().join("csound6/libcsound64.so.6.0").exists());
        }
    }

    #[test]
    fn without_licence_texts_nothing_goes() {
        let Some(found) = csound() else { return };
        let folder = tempfile::tempdir().unwrap();
        let nothing = Packages::below(folder.path().to_owned());
        let told = put(&found, &Place::system(), &nothing, folder.path(), &|| false).unwrap_err().to_string();
        assert!(told.contains("must not be given away"), "{told}");
    }
}
