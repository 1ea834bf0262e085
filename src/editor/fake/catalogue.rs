//! The catalogue for show: the pieces that the fake knows, in the folders that were added.

use std::path::Path;

use super::stage::Stage;
use crate::editor::model::*;

impl Stage {
    pub(super) fn look_at_catalogue(&mut self) {
        let piece = &self.view.piece;
        let shipped = piece.shipped.iter().enumerate().map(|(number, shipped)| Entry {
            origin: Origin::Shipped,
            opens: Opens::Shipped(number),
            name: shipped.name.clone(),
            place: "Csound Performer".into(),
            about: shipped.about.clone(),
            tags: vec!["MIDI".into()],
            trouble: None,
        });
        let recent = piece.recent.iter().map(|path| self.entry(Origin::Recent, path));
        let catalogue = &self.view.catalogue;
        let is_listed = |path: &&&Path| catalogue.folders.iter().any(|folder| path.starts_with(folder));
        let paths: Vec<_> = self.pieces.iter().map(|piece| &*piece.path).collect();
        let own = paths.iter().filter(is_listed).map(|path| self.entry(Origin::Folder, path));
        let presets = self.view.presets.list.iter().map(|preset| Entry {
            origin: Origin::Preset,
            opens: Opens::Preset(preset.id.clone()),
            name: preset.name.clone(),
            place: piece.name.clone(),
            about: format!("A preset of {}", piece.name),
            tags: preset.tags.clone(),
            trouble: None,
        });
        self.view.catalogue.entries = shipped.chain(recent).chain(own).chain(presets).collect();
    }

    /// Folders are those that pieces lie in.
    pub(super) fn set_piece_folder(&mut self, folder: &Path, is_shown: bool) {
        if !self.pieces.iter().any(|piece| piece.path.starts_with(folder) && piece.path != folder) {
            self.view.refused = Some(format!("{} is not a folder", folder.display()));
            return;
        }
        let known = self.view.catalogue.folders.iter().filter(|known| **known != folder).cloned();
        self.view.catalogue.folders = known.chain(is_shown.then(|| folder.to_owned())).collect();
        self.look_at_catalogue();
    }

    /// The piece of a file; one that the fake does not know cannot be read.
    fn entry(&self, origin: Origin, path: &Path) -> Entry {
        let known = self.pieces.iter().find(|piece| piece.path == path);
        let text = known.and_then(|piece| piece.files.first()).map_or("", |file| &file.text);
        let about = text.lines().next().and_then(|line| line.strip_prefix("; ")).unwrap_or_default();
        Entry {
            origin,
            opens: Opens::File(path.to_owned()),
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            place: path.parent().unwrap_or(Path::new("")).display().to_string(),
            about: about.to_owned(),
            tags: Vec::new(),
            trouble: known.is_none().then(|| "it cannot be read: there is no such file".to_owned()),
        }
    }
}
