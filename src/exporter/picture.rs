//! What the user gives besides: whether it is what it has to be.

use std::path::Path;

use crate::plugin::pieces::files::read_bounded;

/// The longest picture, in bytes, and how every PNG begins.
const LONGEST: u64 = 32 << 20;
const BEGINNING: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = read_bounded(path, LONGEST)
        .map_err(|error| format!("the picture {} cannot be read: {error}", path.display()))?;
    match bytes.starts_with(BEGINNING) {
        true => Ok(bytes),
        false => Err(format!("the picture {} is no PNG", path.display())),
    }
}
