//! The names by which a piece may read channels. Pure.

use std::collections::HashSet;

use csound_performance::engine::piece::channel_names::{scan_channel_names, scan_literals};

/// The names that the orchestra in `text` (or the orchestras of a CSD) may read a channel by: its literal strings, but
/// for the names of channels that it only writes.
pub fn names_read(text: &str) -> HashSet<String> {
    let mut names: HashSet<String> = scan_literals(text).into_iter().collect();
    for channel in scan_channel_names(text).iter().filter(|channel| !channel.reads) {
        names.remove(&channel.name);
    }
    names
}
