//! What is kept from one export to the next: the keys of the channels, the name and the id. It lies beside the piece, or
//! where `--ids` says; the last export at the same place knows it, too.

use std::path::{Path, PathBuf};

use csound_export::{Before, Known, KnownPlugins, LONGEST, Manifest};
use csound_performance::engine::Abandoned;

use super::request::Request;
use super::stage::turn;
use crate::plugin::pieces::files::{read_bounded, write_whole};

/// What the file beside a piece is called, behind the piece's name.
const ENDING: &str = "ids.json";

/// The file in which it is kept.
fn place(request: &Request, piece: &Path) -> PathBuf {
    request.ids.clone().unwrap_or_else(|| beside(piece))
}

/// The file beside a piece.
pub(super) fn beside(piece: &Path) -> PathBuf {
    let mut name = piece.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ENDING);
    piece.with_file_name(name)
}

/// What is kept there; nothing where there is no such file yet.
///
/// # Errors
/// It cannot be read: nothing is exported then, since keys that are lost would lose the sessions' automation.
pub(super) fn kept(request: &Request, piece: &Path) -> Result<KnownPlugins, String> {
    let place = place(request, piece);
    match read_bounded(&place, LONGEST) {
        Ok(bytes) => KnownPlugins::read(&bytes).map_err(|error| {
            format!("the ids in {} cannot be used: {error}. Mend the file, or take it away", place.display())
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(KnownPlugins::default()),
        Err(error) => Err(format!("the ids in {} cannot be read: {error}", place.display())),
    }
}

/// What earlier exports say of the channels of a plugin.
pub(super) fn before(
    request: &Request,
    piece: &Path,
    old: Option<&Manifest>,
    id: &str,
) -> Result<Before, String> {
    let kept = kept(request, piece)?;
    let old = old.map(Known::of);
    let sources: Vec<_> = kept.plugins.get(id).into_iter().chain(&old).collect();
    Ok(Before::of(&sources))
}

/// What is known of the last export: the one at the same place, else what is kept.
pub(super) fn last(
    request: &Request,
    piece: &Path,
    old: Option<&Manifest>,
    id: &str,
) -> Result<Option<Known>, String> {
    let kept = kept(request, piece)?;
    Ok(old.map(Known::of).or_else(|| kept.plugins.get(id).cloned()))
}

/// Keeps what the next export has to know.
///
/// # Errors
/// It cannot be written: to be told, the plugin is exported.
pub(super) fn keep(
    request: &Request,
    piece: &Path,
    manifest: &Manifest,
    given_up: &Abandoned,
) -> Result<(), String> {
    let place = place(request, piece);
    // Exports of several pieces may keep their ids in one file.
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |why: String| {
        format!(
            "the ids of the parameters could not be kept in {} ({why}): keep the exported folder, or export with \
             --ids FILE, so that the next version has them again",
            place.display()
        )
    };
    let _turn = turn::wait(folder, given_up).map_err(|error| cannot(error.to_string()))?;
    let mut kept = kept(request, piece)?;
    let known = Known::of(manifest);
    if kept.plugins.get(&manifest.id) == Some(&known) {
        return Ok(());
    }
    kept.plugins.insert(manifest.id.clone(), known);
    let text = kept.write().map_err(|error| cannot(error.to_string()))?;
    write_whole(&place, text.as_bytes()).map_err(|error| cannot(error.to_string()))
}
