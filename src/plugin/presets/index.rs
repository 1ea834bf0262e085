//! What a host's browser finds: the places where presets lie, and what is at one of them. A host asks before there is
//! an instance, so no Csound is loaded here and no process started; each answer reads one file, of a bounded length.

use std::path::{Path, PathBuf};

use super::preset::{ENDING, Preset};
use super::shelf::{self, folder_beside, has_ending, users_folder};
use crate::identity::Exported;
use crate::plugin::pieces::files::{SHIPPED, is_pieces_name, recent, shipped_at, shipped_folder};

/// The kinds of files, with what they are.
pub const FILE_TYPES: [(&str, &str); 2] = [(ENDING, "Csound Performer preset"), ("csd", "Csound piece")];

/// A place of presets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its name for users.
    pub name: String,
    /// A file or a folder; none is the plugin itself.
    pub path: Option<PathBuf>,
    /// Whether it came with the plugin.
    pub is_factory: bool,
}

/// Something to load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// How it is asked for, where a place has several.
    pub key: Option<String>,
    /// Whether the instrument plays it, and whether the effect does.
    pub plays: [bool; 2],
    /// A line on it.
    pub about: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether it came with the plugin.
    pub is_factory: bool,
}

/// The places: what comes with the plugin, the user's folder of presets, the pieces that were opened last and the
/// presets beside them; of an exported piece those that came with it, and the user's own.
pub fn locations(export: Option<&Exported>) -> Vec<Location> {
    let folder = |name: &str, path: PathBuf, is_factory| {
        let is_there = path.is_dir();
        is_there.then(|| Location { name: name.to_owned(), path: Some(path), is_factory })
    };
    if let Some(export) = export {
        let piece = export.folder.join(&export.manifest.piece);
        let came = folder_beside(&piece).and_then(|path| folder("Presets of the plugin", path, true));
        let own = users_folder().map(|users| users.join(&export.manifest.id));
        let own = own.and_then(|path| folder("Your presets", path, false));
        return came.into_iter().chain(own).collect();
    }
    // A file for each, where they were installed so: some hosts get no further than a place's first preset.
    let path = shipped_folder();
    let mut found = vec![Location { name: "Pieces to begin with".into(), path, is_factory: true }];
    found.extend(users_folder().and_then(|path| folder("Your presets", path, false)));
    for piece in recent().into_iter().filter(|piece| has_ending(piece, "csd") && piece.is_file()) {
        let name = piece.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let presets =
            folder_beside(&piece).and_then(|path| folder(&format!("Presets of {name}"), path, false));
        found.push(Location { name, path: Some(piece), is_factory: false });
        found.extend(presets);
    }
    found
}

/// What is at a place: of the plugin itself without a path.
///
/// # Errors
/// It is nothing of ours, or cannot be read.
pub fn found_at(path: Option<&Path>, export: Option<&Exported>) -> Result<Vec<Found>, String> {
    let Some(path) = path else {
        return if export.is_some() { Ok(Vec::new()) } else { Ok(shipped()) };
    };
    if let Some(number) = shipped_at(path).filter(|_| export.is_none()) {
        return Ok(vec![Found { key: None, ..of_shipped(&SHIPPED[number]) }]);
    }
    if has_ending(path, ENDING) {
        let preset = shelf::read(path)?;
        return Ok(vec![of_preset(path, &preset, export)]);
    }
    if export.is_some() || !is_pieces_name(path) || !path.is_file() {
        return Err(format!("{} is neither a preset nor a piece", path.display()));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(vec![Found { name, plays: [true, true], about: "A Csound piece".into(), ..Found::default() }])
}

fn of_preset(path: &Path, preset: &Preset, export: Option<&Exported>) -> Found {
    let piece = preset.piece.as_ref().map(|piece| piece.name.as_str()).unwrap_or_default();
    Found {
        name: preset.name.clone(),
        key: None,
        plays: [true, true],
        about: if piece.is_empty() { "A preset".into() } else { format!("A preset of {piece}") },
        tags: preset.tags.clone(),
        is_factory: export.is_some_and(|export| path.starts_with(&export.folder)),
    }
}

/// The pieces that come with the plugin, each under its file's name: where they are no files, and as sessions and
/// browsers of before know them.
fn shipped() -> Vec<Found> {
    SHIPPED.iter().map(of_shipped).collect()
}

fn of_shipped((name, about, _): &(&str, &str, &str)) -> Found {
    let is_effect = *name == "echo.csd";
    Found {
        name: Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        key: Some((*name).to_owned()),
        plays: [!is_effect, is_effect],
        about: (*about).to_owned(),
        tags: Vec::new(),
        is_factory: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_plugin_is_found_and_what_is_not_ours_is_refused() {
        let found = found_at(None, None).unwrap();
        assert_eq!(found.len(), SHIPPED.len());
        assert_eq!((found[0].name.as_str(), found[0].key.as_deref()), ("first", Some("first.csd")));
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a.csdpreset", ""), ("b.csdpreset", "{}"), ("c.txt", "x"), ("d", "")] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let why = found_at(Some(&path), None).unwrap_err();
            assert!(why.contains(name), "{why}");
        }
        assert!(found_at(Some(folder.path()), None).is_err());
        assert!(found_at(Some(Path::new("/dev/zero")), None).is_err());
        assert!(found_at(Some(&folder.path().join("none.csd")), None).is_err());
    }

    #[test]
    fn a_preset_says_its_name_its_tags_and_its_piece() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csdpreset");
        let text =
            r#"{"csound_performer_preset":1,"name":"Soft","tags":["pad"],"piece":{"name":"bells.csd"}}"#;
        std::fs::write(&path, text).unwrap();
        let found = found_at(Some(&path), None).unwrap();
        assert_eq!((found[0].name.as_str(), &found[0].tags[..]), ("Soft", &["pad".to_owned()][..]));
        assert!(found[0].about.contains("bells.csd") && !found[0].is_factory);
    }
}
