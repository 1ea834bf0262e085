//! The texts in the piece's folder besides its own, for show: other pieces of that folder that are known.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::stage::Stage;
use crate::editor::model::*;
use crate::folder_texts::{is_text_name, language_of};

impl Stage {
    fn folder(&self) -> Option<PathBuf> {
        self.view.piece.path.as_deref().and_then(Path::parent).map(Path::to_owned)
    }

    /// The texts of the folder by their names there.
    fn in_folder(&self) -> Vec<(String, String)> {
        let Some(folder) = self.folder() else { return Vec::new() };
        let own = self.view.piece.path.as_deref();
        let others = self.pieces.iter().filter(|piece| Some(&*piece.path) != own);
        let named = others.filter_map(|piece| {
            let name = piece.path.strip_prefix(&folder).ok()?.to_str()?;
            Some((name.to_owned(), piece.files.first()?.text.clone()))
        });
        named.filter(|(name, _)| is_text_name(name)).collect()
    }

    /// Shows what is there, as it is now.
    pub(super) fn show_texts(&mut self) {
        let folder = self.folder();
        if folder != self.view.folder.folder {
            self.open_texts.clear();
        }
        let texts = self.in_folder();
        let whole: String = self.view.source.files.iter().map(|file| &*file.text).collect();
        let is_included = |name: &str| whole.contains(&format!("#include \"{name}\""));
        let mut names: Vec<_> = texts
            .iter()
            .map(|(name, _)| FolderName { name: name.clone(), is_included: is_included(name) })
            .collect();
        names.sort_by(|one, other| (!one.is_included, &one.name).cmp(&(!other.is_included, &other.name)));
        let read = texts.into_iter().filter(|(name, _)| is_included(name) || self.open_texts.contains(name));
        let read = read.map(|(name, text)| {
            let known = self.view.folder.text(&name);
            let generation = match known {
                Some(known) if *known.text == *text => known.generation,
                known => known.map_or(1, |known| known.generation + 1),
            };
            let is_open = self.open_texts.contains(&name);
            Arc::new(FolderText {
                language: language_of(&name),
                text: text.into(),
                generation,
                is_open,
                name,
            })
        });
        let read = read.collect();
        let shown = FolderTexts { is_known: true, folder, names, read, has_all_includes: true };
        self.view.folder = Arc::new(shown);
    }

    pub(super) fn open_text(&mut self, name: String) {
        if !self.in_folder().iter().any(|(known, _)| *known == name) {
            self.view.refused = Some(format!("{name} cannot be read: there is no such file"));
            return;
        }
        self.show_texts();
        self.open_texts.insert(name);
        self.show_texts();
    }

    pub(super) fn close_text(&mut self, name: &str) {
        self.open_texts.remove(name);
        self.show_texts();
    }

    pub(super) fn save_text(&mut self, name: &str, text: &str, over: u64) {
        self.show_texts();
        let Some(known) = self.view.folder.text(name).filter(|known| known.is_open) else {
            self.view.refused = Some(format!("{name} is not saved: it is not open any more"));
            return;
        };
        if known.generation != over {
            let why = "its file has changed on the disk. Save again to be asked what to do";
            self.view.refused = Some(format!("{name} is not saved: {why}"));
            return;
        }
        let path = self.folder().map(|folder| folder.join(name));
        if let Some(piece) = self.pieces.iter_mut().find(|piece| Some(&piece.path) == path.as_ref()) {
            text.clone_into(&mut piece.files[0].text);
        }
        self.show_texts();
    }

    /// Nothing of an editor elsewhere is shown.
    pub(super) fn edit_outside(&mut self) {
        if self.view.piece.path.is_none() {
            let why = "the piece has no file that an editor could open: save it first";
            self.view.refused = Some(why.to_owned());
        }
    }
}
