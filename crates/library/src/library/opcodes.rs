//! The opcode libraries that Csound is given: a folder of links, made once for a process.
//!
//! Csound loads whatever its folder of opcode libraries holds, and what lies below the user's home
//! folder as well. So it is given another folder, with links to what it may load.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use super::companions::opcodes_in;
use super::places::opcode_folders_beside;
use crate::scratch;
use crate::version::Generation;

/// The beginning of the names of folders of links.
const PREFIX: &str = "csound-performer-opcodes-";

/// The beginning of the names of libraries of audio and MIDI devices: librtalsa, librtjack, librtpa,
/// librtpulse.
const DEVICES: &str = "librt";

/// The variable by which a user names the folders of his own opcode libraries, for either generation.
const USERS_FOLDERS: &str = "CS_USER_PLUGINDIR";

/// Csound takes no longer path.
const LONGEST_PATH: usize = 479;

/// The folder that was made, the process that made it, and its hold on it.
static MADE: OnceLock<(PathBuf, u32, File)> = OnceLock::new();

/// A folder of everything but the libraries of devices, and its path. `named` is the user's own
/// choice of folders; `library` the file of libcsound, beside which they are looked for otherwise.
///
/// Debian's `librtjack` leaks three pthread keys with every instance, of which a process has about a
/// thousand, and the device libraries slow creation down. An instance that gives its audio to a host
/// has no use for them.
///
/// The folder is removed when the process ends or unloads this code. What a process that was killed
/// left, a few links and no data, the next one removes.
///
/// `None` if Csound's own folder is not found or the links cannot be made. Csound then uses what
/// it finds, and a process can create about 340 instances.
pub(super) fn without_devices(
    generation: Generation,
    named: Option<&str>,
    library: Option<&Path>,
) -> Option<CString> {
    let (folder, links) =
        link(&folders(generation, named, library), &|name| !name.starts_with(DEVICES)).ok()?;
    if links == 0 {
        return None;
    }
    keep(folder).ok()
}

/// Csound's own folder with all that it holds, if it lies beside the library: Csound itself looks where it
/// was built for. `None` if the user has named folders, which it finds itself.
pub(super) fn whole(generation: Generation, named: Option<&str>, library: Option<&Path>) -> Option<CString> {
    let folder = folders(generation, named, library).pop().filter(|_| named.is_none())?;
    CString::new(folder.into_os_string().into_vec()).ok()
}

/// A folder of what is allowed by its file name, and its path. It may be empty: then Csound has the
/// opcodes that are built into it.
///
/// Libraries that the user has installed below the home folder are linked as well, because an instance that
/// is held to this folder must not look there itself ([`forget_users_settings`]).
///
/// # Errors
/// The folder cannot be made. Csound must not be left to what it finds then.
pub(super) fn allowed(
    generation: Generation,
    named: Option<&str>,
    library: Option<&Path>,
    is_allowed: &dyn Fn(&str) -> bool,
) -> io::Result<CString> {
    let mut folders = folders(generation, named, library);
    folders.extend(users_folders(generation));
    keep(link(&folders, is_allowed)?.0)
}

/// Takes from this process's environment what makes Csound read the user's settings (`.csound6rc`,
/// `.csound7rc`) and load the user's opcode libraries, whatever folder it was given.
pub(super) fn forget_users_settings() {
    for name in ["HOME", "CSOUND6RC", "CSOUND7RC", USERS_FOLDERS] {
        // SAFETY: called by an engine process between its confinement and its first instance, while
        // no other thread of it reads or writes the environment.
        unsafe { std::env::remove_var(name) };
    }
}

/// Has instances that Csound makes itself, for a piece by 7, load from this folder too: they are not told of it.
pub(super) fn set_folder_of_all(variable: &CStr, folder: &CStr) {
    let [variable, folder] = [variable, folder].map(|text| OsStr::from_bytes(text.to_bytes()));
    // SAFETY: as in `forget_users_settings`.
    unsafe { std::env::set_var(variable, folder) };
}

/// Csound's own folders.
pub(super) fn folders(generation: Generation, named: Option<&str>, library: Option<&Path>) -> Vec<PathBuf> {
    if let Some(named) = named {
        return named.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from).collect();
    }
    let triplet = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    // The name under which the library is known may be a link into another folder.
    let real = library.and_then(|library| library.canonicalize().ok());
    let beside = [library, real.as_deref()].into_iter().flatten().filter_map(Path::parent);
    let beside = beside.flat_map(|folder| beside_library(generation, folder));
    let known = [triplet.as_str(), "/usr/lib64", "/usr/lib", "/usr/local/lib"].map(Path::new);
    let known = known.map(|folder| folder.join(opcodes_in(generation)));
    beside.chain(known).find(|folder| folder.is_dir()).into_iter().collect()
}

/// The folders in which a library that lies in `folder` has its opcodes: an installation's, and a Python
/// package's.
fn beside_library(generation: Generation, folder: &Path) -> impl Iterator<Item = PathBuf> {
    let package = folder.extension().is_some_and(|extension| extension == "libs");
    let package = package.then(|| folder.with_extension("").join("plugins"));
    opcode_folders_beside(generation, &folder.join("libcsound")).into_iter().chain(package)
}

/// The folders of the libraries that this user has installed, or would.
pub(super) fn users_folders(generation: Generation) -> Vec<PathBuf> {
    users_folders_by(generation, std::env::var_os(USERS_FOLDERS), std::env::var_os("HOME"))
}

/// Those that he names, otherwise the one below his home.
fn users_folders_by(generation: Generation, named: Option<OsString>, home: Option<OsString>) -> Vec<PathBuf> {
    if let Some(named) = named {
        return std::env::split_paths(&named).filter(|folder| !folder.as_os_str().is_empty()).collect();
    }
    let folder = format!(".local/lib/csound/{}/plugins64", generation.api());
    home.map(|home| Path::new(&home).join(folder)).into_iter().collect()
}

/// A folder with links to the files in `folders` whose names are wanted, and how many there are.
fn link(folders: &[PathBuf], is_wanted: &dyn Fn(&str) -> bool) -> io::Result<(TempDir, usize)> {
    let ours = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
    if ours.path().as_os_str().as_bytes().len() > LONGEST_PATH {
        return Err(io::Error::other(format!("{} is too long a path for Csound", ours.path().display())));
    }
    let mut links = 0;
    for entry in folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten() {
        // A name that is no UTF-8 is on no list.
        if !entry.file_name().to_str().is_some_and(is_wanted) {
            continue;
        }
        let Ok(target) = entry.path().canonicalize() else { continue };
        // Of two libraries with one name, in two folders, the first counts.
        links += usize::from(symlink(target, ours.path().join(entry.file_name())).is_ok());
    }
    Ok((ours, links))
}

/// Keeps the folder until the process ends.
fn keep(folder: TempDir) -> io::Result<CString> {
    let held = scratch::hold(folder.path())?;
    scratch::sweep(&std::env::temp_dir(), PREFIX);
    let folder = folder.keep();
    if MADE.set((folder.clone(), std::process::id(), held)).is_ok() {
        // SAFETY: the function is this code's own, and the C library calls it before that code
        // is unloaded.
        unsafe { libc::atexit(remove) };
    }
    CString::new(folder.into_os_string().into_vec()).map_err(io::Error::other)
}

/// A process that was forked off must not take its parent's folder away.
extern "C" fn remove() {
    if let Some((folder, process, _)) = MADE.get()
        && *process == std::process::id()
    {
        let _ = std::fs::remove_dir_all(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &TempDir) -> Vec<String> {
        let entries = folder.path().read_dir().unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn with(files: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            std::fs::write(folder.path().join(name), format!("{name} of {}", folder.path().display()))
                .unwrap();
        }
        folder
    }

    #[test]
    fn only_what_is_wanted_is_linked_and_of_two_with_one_name_the_first() {
        let first = with(&["libstdutil.so", "librtjack.so", "libosc.so"]);
        let second = with(&["libosc.so", "libmine.so"]);
        std::os::unix::fs::symlink("nowhere", first.path().join("libgone.so")).unwrap();
        let folders = [first.path().to_owned(), second.path().to_owned()];
        let (ours, links) = link(&folders, &|name| !name.starts_with(DEVICES)).unwrap();
        assert_eq!(names(&ours), ["libmine.so", "libosc.so", "libstdutil.so"]);
        assert_eq!(links, 3);
        let osc = std::fs::read_to_string(ours.path().join("libosc.so")).unwrap();
        assert!(osc.ends_with(first.path().to_str().unwrap()), "{osc}");
        let (ours, _) = link(&folders, &|name| name == "libmine.so").unwrap();
        assert_eq!(names(&ours), ["libmine.so"]);
    }

    #[test]
    fn without_opcodes_to_link_csounds_own_folder_stays_but_what_is_held_to_a_list_gets_an_empty_one() {
        assert_eq!(without_devices(Generation::Six, Some("/nowhere"), None), None);
        assert_eq!(link(&["nowhere".into()], &|_| true).unwrap().1, 0);
        assert_eq!(link(&[], &|_| true).unwrap().1, 0);
    }

    #[test]
    fn the_users_own_opcode_folders_come_before_the_known_ones() {
        let named = folders(Generation::Seven, Some("/a::/b"), None);
        assert_eq!(named, [PathBuf::from("/a"), PathBuf::from("/b")]);
    }

    #[test]
    fn each_generation_has_its_opcodes_beside_its_library_and_below_the_home_folder() {
        let place = tempfile::tempdir().unwrap();
        let inside = |path: &str| place.path().join(path);
        let made = ["csound/plugins64-6.0", "csound/plugins64-7.0", "package/plugins", "package.libs"];
        made.iter().for_each(|folder| std::fs::create_dir_all(inside(folder)).unwrap());
        for (generation, library, opcodes) in [
            (Generation::Six, "libcsound64.so.6.0", "csound/plugins64-6.0"),
            (Generation::Seven, "libcsound64.so.7.0", "csound/plugins64-7.0"),
            (Generation::Seven, "package.libs/libcsound64-123.so.7.0", "package/plugins"),
        ] {
            assert_eq!(folders(generation, None, Some(&inside(library))), [inside(opcodes)]);
        }
        let home = || Some(OsString::from("/home/me"));
        for (generation, folder) in [(Generation::Six, "6.0"), (Generation::Seven, "7.0")] {
            let users = users_folders_by(generation, None, home());
            assert_eq!(users, [PathBuf::from(format!("/home/me/.local/lib/csound/{folder}/plugins64"))]);
            let named = users_folders_by(generation, Some("/a::/b".into()), home());
            assert_eq!(named, [PathBuf::from("/a"), PathBuf::from("/b")], "the variable is for both");
        }
        assert_eq!(users_folders_by(Generation::Six, None, None), Vec::<PathBuf>::new());
    }
}
