//! A look into the manual, on a thread of its own.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use csound_language::manual::Entry;
use csound_performance::Generation;
use csound_performance::engine::Abandoned;

use super::aside::Aside;
use crate::manual::{Found, Manual};
use crate::plugin::manual::{folders, pages};

/// Begins to look a name up for a piece of a Csound; `known` is the index of a folder as it was read before. Where it is
/// given up, it ends at the next file.
///
/// # Errors
/// The system starts no thread.
pub(super) fn begin(
    sought: String,
    wanted: Generation,
    known: Option<(PathBuf, Arc<[Entry]>)>,
) -> io::Result<Aside<Manual>> {
    let name = sought.clone();
    let look =
        move |given_up: &Abandoned| pages::look_up(&sought, wanted, folders::find(wanted), known, given_up);
    let failed = move || Manual {
        found: Found::Nothing("Csound Performer failed at reading the manual; this is our fault".to_owned()),
        ..Manual::reading(&name, wanted)
    };
    Aside::begin("csound manual", Abandoned::default(), look, failed)
}
