//! The Csounds of this machine, found without bringing them into this process.

use std::ffi::c_int;
use std::fs;
use std::path::{Path, PathBuf};

use super::companions::load_companions_of;
use super::load_error::not_loaded;
use super::places::{candidates, own_folder, system_folders};
use super::variable;
use crate::version::Generation;

/// A Csound that is installed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its library.
    pub path: PathBuf,
    /// Its generation.
    pub generation: Generation,
}

/// The Csounds of this machine, each library once, in the order in which they would be tried: where the
/// user's variable says and only there, otherwise beside this code, then at the system's and the usual places.
/// Nothing is loaded: a generation is told from names and from what a file exports, so whether the library
/// can be used shows when it is.
pub fn installed() -> Vec<Found> {
    among(&candidates(variable(), own_folder().as_deref(), None), &system_folders())
}

/// The files among the candidates; a mere name is looked for in the folders.
fn among(candidates: &[PathBuf], folders: &[PathBuf]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for candidate in candidates {
        let is_name = candidate.components().count() == 1;
        let places = if is_name {
            folders.iter().map(|folder| folder.join(candidate)).collect()
        } else {
            vec![candidate.clone()]
        };
        for path in places.into_iter().filter(|path| path.is_file()) {
            let Some(generation) = generation_of(&path) else { continue };
            let same = |other: &Found| other.path.canonicalize().ok() == path.canonicalize().ok();
            if !found.iter().any(same) {
                found.push(Found { path, generation });
            }
        }
    }
    found
}

/// The version that a library itself gives: major, minor, patch. This loads it, and lets it go again: for a
/// process that is there for this.
///
/// # Errors
/// It is no library, or no Csound; the text says which.
pub fn version_of(path: &Path) -> Result<(i32, i32, i32), String> {
    #[cfg(target_os = "linux")]
    super::companions::whole::check(path)?;
    load_companions_of(path)?;
    // SAFETY: loading runs the library's initialisers. It is libcsound by its name, or what the user
    // named as such.
    let library = unsafe { libloading::Library::new(path) }.map_err(|error| not_loaded(path, &error))?;
    let version = version_in(&library).ok_or("it has no csoundGetVersion")?;
    Ok((version / 1000, version / 10 % 100, version % 10))
}

/// The version that a loaded library gives, if it is Csound.
pub(super) fn version_in(library: &libloading::Library) -> Option<c_int> {
    // SAFETY: the type is csound-sys's declaration, the same in both generations.
    let version = unsafe { library.get::<unsafe extern "C" fn() -> c_int>(b"csoundGetVersion\0") }.ok()?;
    // SAFETY: csoundGetVersion takes nothing and may be called at any time.
    Some(unsafe { version() })
}

/// The generation of a file: from its name or the name that it is a link to, otherwise from what it exports.
fn generation_of(path: &Path) -> Option<Generation> {
    generation_in_name(path).or_else(|| generation_in(&fs::read(path).ok()?))
}

/// The generation that a file's name tells, or the name that it is a link to: libcsound64.so.6.0,
/// Versions/7.0/CsoundLib64.
pub(super) fn generation_in_name(path: &Path) -> Option<Generation> {
    let real = path.canonicalize();
    let paths = [Some(path), real.as_deref().ok()];
    let names = paths.into_iter().flatten().flat_map(|path| {
        let version =
            path.parent().filter(|parent| parent.parent().is_some_and(|above| above.ends_with("Versions")));
        [Some(path), version].into_iter().flatten().filter_map(Path::file_name)
    });
    let told = |name: &str| {
        let tells = |generation: &Generation| {
            let api = generation.api();
            name == api || name.ends_with(&format!(".so.{api}")) || name.ends_with(&format!(".{api}.dylib"))
        };
        Generation::ALL.into_iter().find(tells)
    };
    names.filter_map(|name| name.to_str()).find_map(told)
}

/// The generation whose own function a library names.
fn generation_in(bytes: &[u8]) -> Option<Generation> {
    let named = |generation: &Generation| {
        let symbol = format!("{}\0", generation.own_symbol());
        memchr::memmem::find(bytes, symbol.as_bytes()).is_some()
    };
    Generation::ALL.into_iter().find(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_told_by_a_name_or_by_what_is_exported() {
        for (name, generation) in [
            ("/x/libcsound64.so.6.0", Some(Generation::Six)),
            ("libcsound64-e55a.so.7.0", Some(Generation::Seven)),
            ("/x/libcsound64.7.0.dylib", Some(Generation::Seven)),
            ("CsoundLib64.framework/Versions/6.0/CsoundLib64", Some(Generation::Six)),
            ("/7.0/csound64.dll", None),
            ("libcsound64.so", None),
        ] {
            assert_eq!(generation_in_name(Path::new(name)), generation, "{name}");
        }
        let exports = |symbol: &str| format!("ELF...\0csoundCreate\0{symbol}\0more").into_bytes();
        assert_eq!(generation_in(&exports("csoundSetHostAudioIO")), Some(Generation::Seven));
        assert_eq!(generation_in(&exports("csoundSetHostImplementedAudioIO")), Some(Generation::Six));
        assert_eq!(generation_in(&exports("csoundStart")), None);
    }

    #[cfg(unix)]
    #[test]
    fn each_library_is_found_once_in_the_order_of_the_candidates() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        for name in ["libcsound64.so.6.0", "libcsound64.so.7.0", "libother.so"] {
            fs::write(path(name), "").unwrap();
        }
        std::os::unix::fs::symlink("libcsound64.so.7.0", path("libcsound64.so")).unwrap();
        let candidates = [
            path("libother.so"),
            "libcsound64.so".into(),
            "libcsound64.so.6.0".into(),
            path("libcsound64.so.7.0"),
        ];
        let found = among(&candidates, &[place.path().to_owned()]);
        let told: Vec<_> = found.iter().map(|found| (found.path.clone(), found.generation)).collect();
        assert_eq!(
            told,
            [(path("libcsound64.so"), Generation::Seven), (path("libcsound64.so.6.0"), Generation::Six)]
        );
    }
}
