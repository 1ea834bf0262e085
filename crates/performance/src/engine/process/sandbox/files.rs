//! The guard over files: Landlock decides what can be opened, for reading and for writing.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use crate::engine::folders::{Homes, is_too_much};
use crate::engine::process::protocol::{Confinement, Network};

/// Paths that every piece may read: the system's libraries and what they ask of the machine.
const READABLE: &[&str] = &[
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
];

/// Paths that are read to find another machine by its name.
const NAMES: &[&str] = &[
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
];

/// The one path outside its folder that every piece may write to: it goes nowhere.
const NOWHERE: &str = "/dev/null";

/// Csound's own variables that name folders to read. They are the user's, not the piece's.
pub(crate) const FOLDER_VARIABLES: &[&str] = &[
    "OPCODE6DIR64",
    "OPCODE6DIR",
    "OPCODE7DIR64",
    "OPCODE7DIR",
    "CS_USER_PLUGINDIR",
    "SSDIR",
    "SFDIR",
    "SADIR",
    "INCDIR",
    "MFDIR",
    "RAWWAVE_PATH",
];

/// The newest Landlock that is asked for.
const NEWEST: ABI = ABI::V6;

/// Puts the guard up for the calling thread and all that it starts; false if this kernel has none.
///
/// # Errors
/// The kernel's error.
pub(super) fn guard(confinement: &Confinement, folder: &Path, library: &Path) -> Result<bool, RulesetError> {
    let Some(abi) = asked_for(confinement.landlock) else { return Ok(false) };
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    // Plain files in the folder itself. Nothing is removed there, and nothing has more than one name: what
    // is on the disk is what a look into the folder shows.
    let write: BitFlags<AccessFs> = read | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::Truncate;
    let write = write & AccessFs::from_all(abi);
    let mut readable: Vec<PathBuf> = READABLE.iter().map(PathBuf::from).collect();
    readable.extend(users_folders());
    // What libcsound brings along lies beside it.
    let beside = library.parent().filter(|folder| folder.is_absolute()).map(Path::to_owned);
    readable.extend(beside.filter(|folder| !is_too_much(folder, Homes::Own)));
    readable.push(library.to_owned());
    readable.extend(confinement.readable.iter().cloned());
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?;
    let (scope, ports) = (Scope::from_all(abi), AccessNet::from_all(abi));
    if !scope.is_empty() {
        rules = rules.scope(scope)?;
    }
    if confinement.network != Network::None {
        readable.extend(NAMES.iter().map(PathBuf::from));
    } else if !ports.is_empty() {
        rules = rules.handle_access(ports)?;
    }
    let status = rules
        .create()?
        .add_rules(path_beneath_rules(readable, read))?
        .add_rules(path_beneath_rules([NOWHERE], AccessFs::ReadFile | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(&confinement.writable, write))?
        .add_rules(path_beneath_rules([folder], write))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced
        && status.no_new_privs
        && matches!(status.landlock, LandlockStatus::Available { .. }))
}

/// The version that is asked for; `pretended` is what a test has this kernel be.
fn asked_for(pretended: Option<u32>) -> Option<ABI> {
    match pretended {
        None => Some(NEWEST),
        Some(0) => None,
        Some(version) => {
            [ABI::V1, ABI::V2, ABI::V3, ABI::V4, ABI::V5].get(version as usize - 1).copied().or(Some(NEWEST))
        }
    }
}

/// Folders that the user's environment gives to Csound, and Csound's own under the home folder.
fn users_folders() -> Vec<PathBuf> {
    let named = FOLDER_VARIABLES.iter().filter_map(std::env::var_os);
    let mut folders: Vec<_> =
        named.flat_map(|value| std::env::split_paths(&value).collect::<Vec<_>>()).collect();
    // Csound separates its folders with semicolons too.
    folders.extend(
        FOLDER_VARIABLES
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .flat_map(|value| value.split(';').map(PathBuf::from).collect::<Vec<_>>()),
    );
    folders.retain(|folder| folder.is_absolute() && !is_too_much(folder, Homes::Own));
    if let Some(home) = dirs::home_dir() {
        folders.push(home.join(".local/lib/csound"));
    }
    folders
}
