//! The files that a piece opens to read, named on the console where that is wanted. Pure.

use std::path::Path;

use crate::engine::console::ConsoleLine;

/// The environment variable of an engine that, set to [`NAMED`], has every file that a piece opens to read named on the console.
pub(super) const FILES_VARIABLE: &str = "CSOUND_PERFORMER_FILES";
pub(super) const NAMED: &str = "name";

/// What stands before such a file's whole path.
pub(super) const READS: &str = "reads the file ";

/// The file that a line of the console names as one that the piece has opened to read. A piece may print such a line,
/// too: it is no proof.
pub fn file_read(line: &ConsoleLine) -> Option<&Path> {
    line.text.trim_end().strip_prefix(READS).map(Path::new).filter(|path| path.is_absolute())
}
