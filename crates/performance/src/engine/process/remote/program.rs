//! The engine program: the places where it may be, and what it gets of the host's environment.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use csound_library::own_folder;

use crate::engine::process::protocol::Confinement;
use crate::engine::process::sandbox::FOLDER_VARIABLES;

/// The engine program's name.
const PROGRAM: &str = "csound-performer-engine";

/// The environment variable that names it; nothing else is tried then.
const VARIABLE: &str = "CSOUND_PERFORMER_ENGINE";

/// The environment variable that, set to `name`, has every refused system call named on the console.
const REFUSALS_VARIABLE: &str = "CSOUND_PERFORMER_REFUSALS";

/// The folders in which it is installed, if it is not beside the plugin.
const INSTALLED: &[&str] =
    &["/usr/local/lib/csound-performer", "/usr/lib/csound-performer", "/usr/local/bin", "/usr/bin"];

/// The engine program: what the environment names, else beside the plugin or program that this code
/// is part of, else where it is installed.
pub fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named)).filter(|program| program.is_file());
    }
    let own = own_folder();
    // Cargo puts tests and examples into a folder below that of programs.
    let above = own.as_deref().and_then(std::path::Path::parent).map(ToOwned::to_owned);
    let users = dirs::data_local_dir().map(|folder| folder.join("csound-performer"));
    let folders = own.into_iter().chain(above).chain(users).chain(INSTALLED.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(PROGRAM)).find(|program| program.is_file())
}

/// The usual bound on an engine's address space.
pub(super) fn half_the_memory() -> u64 {
    let info = rustix::system::sysinfo();
    // The field's type is the machine's word.
    #[allow(clippy::unnecessary_cast, reason = "not on every machine")]
    let total = info.totalram as u64 * u64::from(info.mem_unit.max(1));
    (total / 2).max(1 << 30)
}

/// The variables of this process's environment that an engine gets.
pub(super) fn environment(is_confined: bool) -> Vec<(OsString, OsString)> {
    let is_wanted = if is_confined { is_for_a_confined_engine } else { is_for_an_engine };
    std::env::vars_os().filter(|(name, _)| is_wanted(name)).collect()
}

/// True if an engine of a trusted piece gets a variable of the host's: all but those of the loader, which
/// are meant for the host.
fn is_for_an_engine(name: &OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b"LD_")
}

/// True if a confined engine gets it: what says where Csound and its folders are and what the user's language is. A DAW's
/// environment can hold what is nobody's business, such as passwords.
fn is_for_a_confined_engine(name: &OsStr) -> bool {
    const NAMES: &[&str] = &[
        "HOME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "PATH",
        "CS_OMIT_LIBS",
        "CSOUND6RC",
        "CSOUND7RC",
        "CSNOSTOP",
        "CS_LANG",
        "CS_UDO_DIR",
        "RUST_BACKTRACE",
    ];
    name.to_str().is_some_and(|name| {
        NAMES.contains(&name)
            || FOLDER_VARIABLES.contains(&name)
            || name.starts_with("LC_")
            || name.starts_with("CSOUND_PERFORMER_")
    })
}

/// The host is asked about every call if the user looks for what is refused.
pub(super) fn with_the_users_wish(confinement: Confinement) -> Confinement {
    let wanted = std::env::var_os(REFUSALS_VARIABLE).is_some_and(|value| value == "name");
    Confinement { names_every_refusal: confinement.names_every_refusal || wanted, ..confinement }
}
