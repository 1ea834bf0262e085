//! The places where libcsound may be.

use std::ffi::{CStr, OsString, c_void};
use std::path::{Path, PathBuf};

use crate::version::Generation;

/// The paths at which the library may be, in order. `variable` is the user's word, which excludes all
/// else; `beside` the folder of this code. Without a generation, those of Csound 6 come first.
pub(super) fn candidates(
    variable: Option<OsString>,
    beside: Option<&Path>,
    generation: Option<Generation>,
) -> Vec<PathBuf> {
    if let Some(named) = variable {
        return std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect();
    }
    let generations: &[Generation] = match &generation {
        Some(one) => std::slice::from_ref(one),
        None => &Generation::ALL,
    };
    let mut candidates = Vec::new();
    for generation in generations {
        let beside = beside.into_iter().flat_map(|folder| beside_code(*generation, folder));
        candidates.extend(beside.filter(|path| path.exists()));
        candidates.extend(names(*generation).into_iter().map(PathBuf::from));
        candidates.extend(usual(*generation));
    }
    let mut seen = std::collections::HashSet::new();
    candidates.retain(|path| seen.insert(path.clone()));
    candidates
}

/// The names of the library. The last one may be either generation's.
fn names(generation: Generation) -> Vec<String> {
    let api = generation.api();
    if cfg!(target_os = "macos") {
        let framework = "CsoundLib64.framework";
        vec![
            format!("{framework}/Versions/{api}/CsoundLib64"),
            format!("libcsound64.{api}.dylib"),
            format!("{framework}/CsoundLib64"),
            "libcsound64.dylib".into(),
        ]
    } else if cfg!(windows) {
        vec!["csound64.dll".into()]
    } else {
        vec![format!("libcsound64.so.{api}"), "libcsound64.so".into()]
    }
}

/// Beside this code: in a folder for this generation, or among its files.
fn beside_code(generation: Generation, folder: &Path) -> impl Iterator<Item = PathBuf> {
    let own = folder.join(format!("csound{}", generation.number()));
    let names = names(generation).into_iter();
    let folder = folder.to_owned();
    names.clone().map(move |name| own.join(name)).chain(names.map(move |name| folder.join(name)))
}

/// The places where installers put it, that the system itself does not look at.
fn usual(generation: Generation) -> Vec<PathBuf> {
    usual_folders(generation)
        .iter()
        .flat_map(|folder| names(generation).into_iter().map(move |name| folder.join(name)))
        .collect()
}

/// The folders of [`usual`].
fn usual_folders(generation: Generation) -> Vec<PathBuf> {
    let below =
        |variable: &str, path: &str| std::env::var_os(variable).map(|root| Path::new(&root).join(path));
    if cfg!(target_os = "macos") {
        let known = [
            "/Library/Frameworks",
            "/opt/homebrew/opt/csound/Frameworks",
            "/usr/local/opt/csound/Frameworks",
            "/opt/homebrew/lib",
            "/usr/local/lib",
        ];
        below("HOME", "Library/Frameworks").into_iter().chain(known.map(PathBuf::from)).collect()
    } else if cfg!(windows) {
        let program = match generation {
            Generation::Six => "Csound6_x64\\bin",
            Generation::Seven => "Csound7\\bin",
        };
        below("ProgramFiles", program).into_iter().collect()
    } else {
        ["/usr/local/lib", "/usr/local/lib64"].map(PathBuf::from).into()
    }
}

/// The folders in which the system itself looks for a library by its name, as far as that is known without
/// asking it.
pub(super) fn system_folders() -> Vec<PathBuf> {
    if cfg!(any(windows, target_os = "macos")) {
        return Vec::new();
    }
    let preferred = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let preferred = std::env::split_paths(&preferred).filter(|folder| folder.is_absolute());
    let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
    let known =
        [format!("/lib/{triplet}"), format!("/usr/lib/{triplet}"), "/usr/lib64".into(), "/usr/lib".into()];
    preferred.chain(known.map(PathBuf::from)).collect()
}

/// The folder of the shared library or program that this code is part of.
#[cfg(unix)]
pub fn own_folder() -> Option<PathBuf> {
    let file = file_of(own_folder as *const c_void)?;
    // A program is known by the words that it was started with: a name on the path, or a place as seen
    // from the folder of that time.
    let file = if file.is_absolute() {
        file
    } else {
        let at_the_start = std::path::absolute(&file).ok().filter(|file| file.is_file());
        at_the_start.or_else(|| std::env::current_exe().ok())?
    };
    file.parent().map(Path::to_owned)
}

/// The folder of the program: Windows itself looks beside a DLL only if the host asks for it.
#[cfg(not(unix))]
pub fn own_folder() -> Option<PathBuf> {
    std::env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// The file that a function was loaded from.
#[cfg(unix)]
pub(super) fn file_of(function: *const c_void) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    // SAFETY: a Dl_info of zeros is valid; dladdr fills it for the address of a loaded function, and
    // the name it points to lives as long as the code does.
    let name = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(function, &raw mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(info.dli_fname)
    };
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(name.to_bytes())))
}

#[cfg(not(unix))]
pub(super) fn file_of(_function: *const c_void) -> Option<PathBuf> {
    None
}
