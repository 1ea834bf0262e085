//! Who the plugin is to be: by the user's words, its last export, or the piece's file.

use std::path::Path;

use csound_export::{file_name, id_of_name};

use super::ids;
use super::request::Request;

/// Who a plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Who {
    /// The name that hosts show.
    pub name: String,
    /// The name of its folders and its library.
    pub file: String,
    pub vendor: String,
    pub version: String,
    pub id: String,
}

/// The version of a plugin that is given none.
const FIRST: &str = "1.0.0";

/// Who the plugin of a piece is to be. Name, id and version are those of the last export that is kept beside the piece, where
/// there is one and only one, unless the user says otherwise.
pub(super) fn of(request: &Request, piece: &Path) -> Result<Who, String> {
    let kept = ids::kept(request, piece)?;
    let given = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
    let by_id = given(&request.id).and_then(|id| kept.plugins.get_key_value(&id));
    let only = || kept.plugins.iter().next().filter(|_| kept.plugins.len() == 1);
    let by_name = || {
        let name = given(&request.name)?;
        let mut named = kept.plugins.iter().filter(|(_, known)| known.name == name);
        named.next().filter(|_| named.next().is_none())
    };
    let last = match (&request.id, &request.name) {
        (Some(_), _) => by_id,
        (None, Some(_)) => by_name(),
        (None, None) => only(),
    };
    let stem = || piece.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name =
        given(&request.name).or_else(|| last.map(|(_, known)| known.name.clone())).unwrap_or_else(stem);
    let file = file_name(&name).map_err(|error| error.to_string())?;
    let vendor =
        given(&request.vendor).or_else(|| last.map(|(_, known)| known.vendor.clone())).unwrap_or_default();
    let id = given(&request.id).or_else(|| last.map(|(id, _)| id.clone()));
    let id = id.unwrap_or_else(|| id_of_name(&vendor, &name));
    let version = given(&request.version).or_else(|| last.and_then(|(_, known)| known.version.clone()));
    let version = version.filter(|version| !version.is_empty());
    let version = version.unwrap_or_else(|| FIRST.to_owned());
    Ok(Who { name, file, vendor, version, id })
}
