//! Why there is no libcsound to use, and what to do about it.

use std::ffi::c_int;
use std::path::{Path, PathBuf};

use super::VARIABLE;
use crate::version::{Generation, display};

/// One path at which the library could have been, and why it was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The path or name that was tried.
    pub path: PathBuf,
    /// The reason why it was not used.
    pub found: String,
}

impl Attempt {
    /// True if it is a Csound, only not one that can be used.
    fn is_csound(&self) -> bool {
        self.found.starts_with(A_CSOUND)
    }

    /// True if the file is there and cannot be loaded.
    fn is_broken(&self) -> bool {
        self.found.starts_with(BROKEN)
    }
}

/// What is said of a generation that is not here begins so.
const NOT_FOUND: &str = "was not found, so nothing can be performed";

/// What is said where there is no Csound at all, and any would do, ends so.
const FOUND: &str = "was found, so nothing can be performed";

/// What is said of a Csound begins so.
const A_CSOUND: &str = "is Csound ";

/// What is said of a file that does not load begins so.
const BROKEN: &str = "is there, but cannot be loaded: ";

/// Says why a candidate is not loaded: of a file that is there otherwise than of none.
pub(super) fn cannot_load(path: &Path, why: String) -> String {
    if path.is_file() { format!("{BROKEN}{why}") } else { why }
}

/// Says of a Csound, by its version, why it is not used.
pub(super) fn is_csound(said: &str) -> String {
    format!("{A_CSOUND}{said}")
}

/// Says of a Csound that it is not of the generation that is wanted.
pub(super) fn is_other(version: String, wanted: Generation) -> String {
    is_csound(&format!("{version}, and {wanted} is needed"))
}

/// What the system says of a library at this path that does not load: the error's own words only name the call.
pub(super) fn not_loaded(path: &Path, error: &libloading::Error) -> String {
    let said = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    // Who tells it has named the path.
    let prefix = format!("{}: ", path.display());
    said.strip_prefix(&prefix).map_or(said.clone(), str::to_owned)
}

/// There is no usable libcsound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.describe())]
pub struct LoadError {
    /// The generation that was asked for; `None`: any.
    pub wanted: Option<Generation>,
    /// The paths that were tried, in order.
    pub attempts: Vec<Attempt>,
    /// The version of the other generation, which this process has loaded already.
    loaded: Option<c_int>,
}

impl LoadError {
    pub(super) fn not_found(wanted: Option<Generation>, attempts: Vec<Attempt>) -> Self {
        Self { wanted, attempts, loaded: None }
    }

    pub(super) fn other(wanted: Generation, loaded: c_int) -> Self {
        Self { wanted: Some(wanted), attempts: Vec::new(), loaded: Some(loaded) }
    }

    /// True if it is only that this process has loaded the other generation already.
    pub fn is_for_another_process(&self) -> bool {
        self.loaded.is_some()
    }

    /// True if a text is such an error because this generation is not here: one that comes from another process
    /// is a text only.
    pub fn tells_that_missing(text: &str, generation: Generation) -> bool {
        text.starts_with(&format!("{generation} {NOT_FOUND}"))
            || (text.contains(A_CSOUND) && text.contains(&format!(" and {generation} is needed")))
    }

    /// The cause, which is a Csound of another kind where one was found, and what to do about it.
    fn describe(&self) -> String {
        let what = self.wanted.map_or_else(either, |wanted| wanted.to_string());
        if let Some(loaded) = self.loaded {
            return format!(
                "{what} cannot be loaded: this process performs by Csound {} already, and one process has one \
                 Csound. Pieces in processes of their own may have either.",
                display(loaded)
            );
        }
        let install =
            self.wanted.map_or_else(how_to_install_either, |wanted| how_to_install(wanted).to_owned());
        if let Some(Attempt { path, found }) = self.attempts.iter().find(|attempt| attempt.is_broken()) {
            return format!(
                "{} {found}. Install {what} again ({install}), or set {VARIABLE} to the path of its library.",
                path.display()
            );
        }
        if let Some(Attempt { path, found }) = self.attempts.iter().find(|attempt| attempt.is_csound()) {
            return format!(
                "{} {found}. Install {what} beside it ({install}), or set {VARIABLE} to the path of its library.",
                path.display()
            );
        }
        let one = |attempt: &Attempt| format!("{} ({})", attempt.path.display(), attempt.found);
        let tried = self.attempts.iter().map(one).collect::<Vec<_>>().join(", ");
        let (missing, install_it) = match self.wanted {
            Some(wanted) => (format!("{wanted} {NOT_FOUND}"), "Install it".to_owned()),
            None => (format!("No Csound {FOUND}"), format!("Install {what}")),
        };
        format!(
            "{missing}. Tried {tried}. {install_it} ({install}), or set \
             {VARIABLE} to the path of the library."
        )
    }
}

/// Where any Csound does.
fn either() -> String {
    Generation::ALL.map(|generation| generation.to_string()).join(" or ")
}

fn how_to_install_either() -> String {
    let one = |generation: Generation| format!("{generation}: {}", how_to_install(generation));
    Generation::ALL.map(one).join("; ")
}

/// The ways to install a usable Csound of a generation, in a few words.
pub fn how_to_install(generation: Generation) -> &'static str {
    match generation {
        Generation::Six => {
            "Debian, Ubuntu: sudo apt install libcsound64-6.0; macOS, Windows: the Csound 6 installer from \
             csound.com"
        }
        Generation::Seven => "from csound.com",
    }
}
