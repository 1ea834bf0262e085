//! A host loads a preset, or a piece, into an instance: what its browser found.

use std::path::Path;
use std::time::Duration;

use crate::plugin::pieces::files::{SHIPPED, is_pieces_name, shipped, shipped_at};
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
/// It is nothing that could be loaded, or would take away a text that is in no file, in a sentence; everything is as it
/// was.
pub(super) fn load(link: &Link, path: Option<&Path>, key: Option<&str>) -> Result<(), String> {
    let errand = errand(link, path, key)?;
    let is_activated = link.lock().host.is_some();
    if is_activated {
        // Whether the present text differs from its file is found out by an errand.
        link.wait_for_errands(LONGEST_WAIT);
    }
    link.keep_text(&errand)?;
    // It looks once more when it is carried out: a session's text may not be compared with its file by now.
    link.lock().of_host = None;
    link.ask(Errand::OfHost(Box::new(errand)));
    // Before the host has activated the instance nobody carries it out.
    if is_activated {
        link.wait_for_errands(LONGEST_WAIT);
    }
    // What takes longer is told in the editor alone if it is refused.
    let outcome = link.lock().of_host.take();
    outcome.unwrap_or(Ok(()))
}

fn errand(link: &Link, path: Option<&Path>, key: Option<&str>) -> Result<Errand, String> {
    let opens = link.export.is_none();
    match path {
        None => {
            let number = SHIPPED.iter().position(|(name, ..)| Some(*name) == key);
            let piece = number.and_then(shipped).filter(|_| opens);
            piece.map(Errand::Load).ok_or_else(|| "the plugin comes with no such piece".to_owned())
        }
        // As our own menu does: what is saved of it is no file among the plugin's.
        Some(path) if opens && shipped_at(path).is_some() => {
            let piece = shipped_at(path).and_then(shipped);
            piece.map(Errand::Load).ok_or_else(|| format!("{} has gone", path.display()))
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
