//! The manual for show: pages are files of the fake's whose names end in `.html`, and all are of Csound 6.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_language::manual::{Entry, Page};
use csound_performance::Generation;

use super::stage::Stage;
use crate::editor::model::{Found, Manual};
use crate::manual::{NO_MANUAL, NO_NAME};

impl Stage {
    pub(super) fn look_up(&mut self, sought: String) {
        let mut manual = Manual::reading(&sought, Generation::Six);
        let Some(folder) = self.manual.clone() else {
            manual.found = Found::Nothing(NO_MANUAL.to_owned());
            self.view.manual = Some(manual);
            return;
        };
        let pages = self.pages(&folder);
        let page = pages.iter().find(|page| page.name == sought);
        manual.found = match page {
            Some(page) => {
                let files = page.examples.iter().map(|link| folder.join(link));
                let known = files.filter(|file| self.pieces.iter().any(|piece| piece.path == *file));
                Found::Page(Arc::new(page.clone()), known.collect())
            }
            None if sought.is_empty() => Found::Nothing(NO_NAME.to_owned()),
            None => Found::Nothing(format!("The manual has no page on {sought}")),
        };
        let entry = |page: &Page| Entry {
            name: page.name.clone(),
            about: page.about.clone(),
            file: format!("{}.html", page.name),
        };
        manual.entries = pages.iter().map(entry).collect();
        manual.read = Some((Generation::Six, folder));
        manual.is_chosen = true;
        self.view.manual = Some(manual);
    }

    pub(super) fn choose_manual(&mut self, folder: &Path) {
        if self.pages(folder).is_empty() {
            self.view.refused = Some(format!("{} holds no manual of Csound", folder.display()));
            return;
        }
        self.manual = Some(folder.to_owned());
        self.look_again();
    }

    pub(super) fn forget_manual(&mut self, folder: &Path) {
        self.manual = self.manual.take().filter(|known: &PathBuf| known != folder);
        self.look_again();
    }

    fn look_again(&mut self) {
        if let Some(shown) = &self.view.manual {
            self.look_up(shown.sought.clone());
        }
    }

    fn pages(&self, folder: &Path) -> Vec<Page> {
        let files = self.pieces.iter().filter(|piece| piece.path.parent() == Some(folder));
        let pages = files.filter(|piece| piece.path.extension().is_some_and(|ending| ending == "html"));
        let mut pages: Vec<_> =
            pages.filter_map(|piece| piece.files.first()).map(|file| Page::of(&file.text)).collect();
        pages.sort_by(|one, other| one.name.cmp(&other.name));
        pages
    }
}
