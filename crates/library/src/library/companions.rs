//! What a Csound that is given away with a plugin brings: the folder it lies in, and the libraries that it needs.
//!
//! The system's loader does not look beside a library for what that needs. It takes a library that is loaded already
//! for one of the same name, though (its SONAME), so the companions are loaded by their whole paths first, in the
//! order in which they need each other.

#[cfg(target_os = "linux")]
pub(super) mod whole;

use std::fs;
use std::path::Path;

use crate::version::Generation;

/// The file in the folder of a libcsound that names its companions, one on a line, in the order in which they are
/// loaded. Lines that begin with `#` are for people.
pub const COMPANIONS: &str = "libraries.txt";

/// The longest such file, in bytes.
const LONGEST: u64 = 1 << 16;

/// The folder beside a plugin in which a Csound of this generation may lie.
pub fn folder_beside(generation: Generation) -> String {
    format!("csound{}", generation.number())
}

/// The name of a libcsound of this generation on Linux.
pub fn library_name(generation: Generation) -> String {
    format!("libcsound64.so.{}", generation.api())
}

/// The folder of opcode libraries, seen from that of libcsound.
pub fn opcodes_in(generation: Generation) -> String {
    format!("csound/plugins64-{}", generation.api())
}

/// The folders in which a libcsound's own opcode libraries lie: one, where it is known, or those that the user has
/// named.
pub fn opcodes_of(generation: Generation, library: &Path) -> Vec<std::path::PathBuf> {
    let named = std::env::var(generation.opcode_variable().to_string_lossy().as_ref()).ok();
    super::opcodes::folders(generation, named.as_deref().filter(|named| !named.is_empty()), Some(library))
}

/// Loads the companions of a libcsound, which stay. One without any is as well served.
///
/// # Errors
/// One of them cannot be loaded, in words.
pub(super) fn load_companions_of(libcsound: &Path) -> Result<(), String> {
    let list = libcsound.with_file_name(COMPANIONS);
    // A mere name is the system's, which has its own ways.
    let Some(folder) = libcsound.parent().filter(|folder| folder.is_absolute()) else { return Ok(()) };
    let Ok(about) = fs::metadata(&list) else { return Ok(()) };
    let cannot = |why: String| format!("its list of libraries {} cannot be used: {why}", list.display());
    if about.len() > LONGEST {
        return Err(cannot("it is too long".into()));
    }
    let text = fs::read_to_string(&list).map_err(|error| cannot(error.to_string()))?;
    for name in companions(&text) {
        if name.contains('/') {
            return Err(cannot(format!("{name} is not beside it")));
        }
        load(&folder.join(name))
            .map_err(|error| format!("{name}, which it needs, cannot be loaded: {error}"))?;
    }
    Ok(())
}

fn companions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(unix)]
fn load(library: &Path) -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

    #[cfg(target_os = "linux")]
    whole::check(library)?;
    // SAFETY: loading runs the library's initialisers. It lies in the folder of a libcsound, on its list.
    let loaded = unsafe { Library::open(Some(library), RTLD_NOW | RTLD_LOCAL) };
    // It stays, as Csound does.
    loaded.map(std::mem::forget).map_err(|error| super::load_error::not_loaded(library, &error))
}

/// On Windows a library's own folder is looked at by the system, if it is loaded by its path.
#[cfg(not(unix))]
fn load(_library: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn companions_are_names_without_folders_and_what_cannot_be_loaded_is_named() {
        let place = tempfile::tempdir().unwrap();
        let csound = place.path().join("libcsound64.so.6.0");
        let list = |text: &str| fs::write(place.path().join(COMPANIONS), text).unwrap();
        assert_eq!(load_companions_of(&csound), Ok(()), "it has none");
        list("# in this order\n\n");
        assert_eq!(load_companions_of(&csound), Ok(()));
        fs::write(place.path().join("libnone.so.1"), "no library").unwrap();
        list("# in this order\n libnone.so.1 \n");
        let told = load_companions_of(&csound).unwrap_err();
        assert!(told.starts_with("libnone.so.1, which it needs, cannot be loaded: "), "{told}");
        assert!(told.contains("too short") || told.contains("invalid ELF"), "the system's own words: {told}");
        list("../libm.so.6\n");
        let told = load_companions_of(&csound).unwrap_err();
        assert!(told.contains("../libm.so.6 is not beside it"), "{told}");
        assert_eq!(load_companions_of(Path::new("libcsound64.so.6.0")), Ok(()), "the system's");
    }
}
