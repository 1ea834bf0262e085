//! The places where libcsound may be.

use std::ffi::{CStr, OsString, c_void};
use std::path::{Path, PathBuf};

use super::companions::folder_beside;
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

/// The system whose places are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    Mac,
    Windows,
}

impl System {
    /// This one.
    const HERE: Self = if cfg!(target_os = "macos") {
        Self::Mac
    } else if cfg!(windows) {
        Self::Windows
    } else {
        Self::Linux
    };
}

/// The names of the library. The last one may be either generation's.
fn names(generation: Generation) -> Vec<String> {
    names_on(System::HERE, generation)
}

fn names_on(system: System, generation: Generation) -> Vec<String> {
    let api = generation.api();
    let framework = "CsoundLib64.framework";
    match system {
        System::Linux => vec![format!("libcsound64.so.{api}"), "libcsound64.so".into()],
        System::Windows => vec!["csound64.dll".into()],
        System::Mac => vec![
            format!("{framework}/Versions/{api}/CsoundLib64"),
            format!("libcsound64.{api}.dylib"),
            format!("{framework}/CsoundLib64"),
            "libcsound64.dylib".into(),
        ],
    }
}

/// The names, of files or folders, under which a libcsound is looked for beside a plugin or program, whatever the
/// generation and system. What lies there is loaded, so nothing from elsewhere may lie there.
pub fn names_beside() -> Vec<String> {
    let systems = [System::Linux, System::Mac, System::Windows];
    let names = Generation::ALL.into_iter().flat_map(|generation| {
        let names = systems.into_iter().flat_map(move |system| names_on(system, generation));
        std::iter::once(folder_beside(generation)).chain(names)
    });
    let first = |name: String| name.split('/').next().unwrap_or_default().to_owned();
    names.map(first).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The folders in which the opcode libraries of a Csound may lie, by its library's file, the likeliest first: in
/// its framework, beside the folder of programs, or below the folder of libraries.
pub(super) fn opcode_folders_beside(generation: Generation, library: &Path) -> Vec<PathBuf> {
    opcode_folders_on(System::HERE, generation, library)
}

fn opcode_folders_on(system: System, generation: Generation, library: &Path) -> Vec<PathBuf> {
    let Some(folder) = library.parent() else { return Vec::new() };
    let api = generation.api();
    let in_libraries = folder.join(format!("csound/plugins64-{api}"));
    match system {
        System::Linux => vec![in_libraries],
        System::Mac => {
            // Named as a whole, a framework stands for its present version.
            let in_version = format!("Versions/{api}/Resources/Opcodes64");
            vec![folder.join("Resources/Opcodes64"), folder.join(in_version), in_libraries]
        }
        System::Windows => {
            let above = folder.parent().unwrap_or(folder);
            vec![above.join(format!("plugins64-{api}")), above.join("plugins64"), folder.join("plugins64")]
        }
    }
}

/// Beside this code: in a folder for this generation, or among its files.
fn beside_code(generation: Generation, folder: &Path) -> impl Iterator<Item = PathBuf> {
    let own = folder.join(folder_beside(generation));
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
pub fn own_folder() -> Option<PathBuf> {
    own_file()?.parent().map(Path::to_owned)
}

/// The shared library or program that this code is part of.
#[cfg(unix)]
pub fn own_file() -> Option<PathBuf> {
    let file = file_of(own_file as *const c_void)?;
    // A program is known by the words that it was started with: a name on the path, or a place as seen
    // from the folder of that time.
    if file.is_absolute() {
        return Some(file);
    }
    let at_the_start = std::path::absolute(&file).ok().filter(|file| file.is_file());
    at_the_start.or_else(|| std::env::current_exe().ok())
}

/// The DLL or program that this code is part of. Windows itself does not look beside a DLL.
#[cfg(windows)]
pub fn own_file() -> Option<PathBuf> {
    use std::os::windows::ffi::OsStringExt;

    /// The module of an address, without holding it.
    const FROM_ADDRESS_UNHELD: u32 = 4 | 2;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, path: *mut u16, length: u32) -> u32;
    }

    let mut module = std::ptr::null_mut();
    // The longest path that Windows has.
    let mut path = vec![0_u16; 1 << 15];
    // SAFETY: the address is in this module, which stays while its code runs; the path has the room that is said.
    let length = unsafe {
        if GetModuleHandleExW(FROM_ADDRESS_UNHELD, own_file as *const c_void, &raw mut module) == 0 {
            return None;
        }
        GetModuleFileNameW(module, path.as_mut_ptr(), path.len() as u32)
    };
    let path = path.get(..length as usize).filter(|path| !path.is_empty())?;
    Some(PathBuf::from(OsString::from_wide(path)))
}

/// The program: how a library is found is not known here.
#[cfg(not(any(unix, windows)))]
pub fn own_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_names_the_library_of_a_generation_before_one_that_may_be_either() {
        for generation in Generation::ALL {
            for system in [System::Linux, System::Mac] {
                let names = names_on(system, generation);
                assert!(names[0].contains(generation.api()), "{system:?}: {names:?}");
                assert!(!names[names.len() - 1].contains(generation.api()), "{system:?}: {names:?}");
            }
            assert_eq!(names_on(System::Windows, generation), ["csound64.dll"]);
        }
    }

    #[test]
    fn whatever_is_tried_beside_this_code_has_its_first_part_among_the_names() {
        let names = names_beside();
        for generation in Generation::ALL {
            for tried in beside_code(generation, Path::new("")) {
                let first = tried.components().next().unwrap().as_os_str().to_str().unwrap();
                assert!(names.iter().any(|name| name == first), "{first}: {names:?}");
            }
        }
        for name in [
            "csound6",
            "csound7",
            "libcsound64.so",
            "libcsound64.so.6.0",
            "csound64.dll",
            "libcsound64.7.0.dylib",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
        assert!(names.contains(&"CsoundLib64.framework".to_owned()), "{names:?}");
    }

    #[test]
    fn opcodes_lie_in_the_framework_beside_the_programs_or_below_the_libraries() {
        let first = |system, generation, library: &str| {
            let folders = opcode_folders_on(system, generation, Path::new(library));
            folders.into_iter().map(|folder| folder.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let framework = "/Library/Frameworks/CsoundLib64.framework";
        for (generation, api) in [(Generation::Six, "6.0"), (Generation::Seven, "7.0")] {
            let version = format!("{framework}/Versions/{api}");
            let within = format!("{version}/Resources/Opcodes64");
            assert_eq!(first(System::Mac, generation, &format!("{version}/CsoundLib64"))[0], within);
            assert!(first(System::Mac, generation, &format!("{framework}/CsoundLib64")).contains(&within));
            let brewed = first(System::Mac, generation, &format!("/usr/local/lib/libcsound64.{api}.dylib"));
            assert!(brewed.contains(&format!("/usr/local/lib/csound/plugins64-{api}")), "{brewed:?}");
            assert_eq!(
                first(System::Linux, generation, &format!("/usr/lib/libcsound64.so.{api}")),
                [format!("/usr/lib/csound/plugins64-{api}")]
            );
            let windows = first(System::Windows, generation, "/Csound/bin/csound64.dll");
            assert!(windows.contains(&"/Csound/plugins64".to_owned()), "{windows:?}");
            assert_eq!(windows[0], format!("/Csound/plugins64-{api}"));
        }
    }
}
