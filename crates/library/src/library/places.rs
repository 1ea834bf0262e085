//! The places where libcsound may be.

use std::ffi::{CStr, OsString, c_void};
use std::path::{Path, PathBuf};

/// The paths at which the library may be, in order. `variable` is the user's word, which excludes all
/// else; `beside` the folder of this code.
pub(super) fn candidates(variable: Option<OsString>, beside: Option<&Path>) -> Vec<PathBuf> {
    if let Some(named) = variable {
        return vec![named.into()];
    }
    let names: &[&str] = if cfg!(target_os = "macos") {
        &["CsoundLib64.framework/CsoundLib64", "libcsound64.6.0.dylib", "libcsound64.dylib"]
    } else if cfg!(windows) {
        &["csound64.dll"]
    } else {
        &["libcsound64.so.6.0", "libcsound64.so"]
    };
    let beside = beside.into_iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    let mut candidates: Vec<PathBuf> = beside.filter(|path| path.exists()).collect();
    candidates.extend(names.iter().map(PathBuf::from));
    if cfg!(target_os = "macos") {
        candidates.push("/Library/Frameworks/CsoundLib64.framework/CsoundLib64".into());
        candidates.push("/opt/homebrew/lib/libcsound64.dylib".into());
        candidates.push("/usr/local/lib/libcsound64.dylib".into());
    }
    candidates
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
