//! A look at all pieces and presets, on a thread of its own.

use std::io;

use csound_performance::engine::Abandoned;

use super::aside::Aside;
use crate::catalogue::Catalogue;
use crate::plugin::catalogue::scan::catalogue;

/// Begins. Where it is given up, it ends at the next file.
///
/// # Errors
/// The system starts no thread.
pub(super) fn begin() -> io::Result<Aside<Catalogue>> {
    Aside::begin("csound catalogue", Abandoned::default(), catalogue, || Catalogue {
        notes: ["Csound Performer failed at looking for pieces; this is our fault".to_owned()].into(),
        ..Catalogue::default()
    })
}
