//! A host loads a preset, or a piece, into an instance: what its browser found.

use std::path::Path;
use std::time::Duration;

use crate::plugin::pieces::files::{SHIPPED, is_pieces_name, shipped};
use crate::plugin::presets::preset::ENDING;
use crate::plugin::presets::shelf;
use crate::plugin::shared::errand::{Errand, PresetErrand};
use crate::plugin::shared::link::Link;
use crate::preset_id::PresetId;

/// The longest that the host's main thread waits until it is set. A piece that takes longer comes when it is built.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Loads what lies at a path, or comes with the plugin, under a key.
///
/// # Errors
/// It is nothing that could be loaded, in a sentence; everything is as it was.
pub(super) fn load(link: &Link, path: Option<&Path>, key: Option<&str>) -> Result<(), String> {
    link.ask(errand(link, path, key)?);
    // Before the host has activated the instance nobody carries it out.
    if link.lock().host.is_some() {
        link.wait_for_errands(LONGEST_WAIT);
    }
    Ok(())
}

fn errand(link: &Link, path: Option<&Path>, key: Option<&str>) -> Result<Errand, String> {
    let opens = link.export.is_none();
    match path {
        None => {
            let number = SHIPPED.iter().position(|(name, ..)| Some(*name) == key);
            let piece = number.and_then(shipped).filter(|_| opens);
            piece.map(Errand::Load).ok_or_else(|| "the plugin comes with no such piece".to_owned())
        }
        Some(path) if shelf::has_ending(path, ENDING) => {
            // What cannot be read is told to the host at once.
            shelf::read(path)?;
            Ok(Errand::Preset(PresetErrand::Open(PresetId { file: path.to_owned(), key: None })))
        }
        Some(path) if opens && is_pieces_name(path) && path.is_file() => Ok(Errand::Open(path.to_owned())),
        Some(path) => Err(format!("{} is neither a preset nor a piece", path.display())),
    }
}
