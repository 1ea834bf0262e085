//! *Collect files* for show: a text that names `/far/bell.wav` reads it from elsewhere, one that names `gone.wav` lacks it.

use std::path::Path;
use std::sync::Arc;

use super::stage::Stage;
use crate::editor::model::*;

/// The file that lies elsewhere.
const FAR: &str = "/far/bell.wav";

impl Stage {
    pub(super) fn gather(&mut self, agreed: Option<Arc<Gathering>>) {
        let stands = self.gathered(agreed).unwrap_or_else(Gathers::Failed);
        self.view.gathering = Some(stands);
    }

    fn gathered(&mut self, agreed: Option<Arc<Gathering>>) -> Result<Gathers, String> {
        let view = &self.view;
        let path = view.piece.path.as_deref().ok_or(NO_FOLDER)?;
        if view.source.unsaved || view.saved.state.draft.is_some() {
            return Err(NOT_SAVED.to_owned());
        }
        let found = Arc::new(self.to_gather(path));
        if agreed.as_ref() != Some(&found) {
            return Ok(Gathers::Found(found));
        }
        self.save(&found.texts);
        Ok(Gathers::Done(found))
    }

    fn to_gather(&self, path: &Path) -> Gathering {
        let texts: Vec<_> = self.view.source.files.iter().map(|file| file.text.clone()).collect();
        let has = |name: &str| texts.iter().any(|text| text.contains(name));
        let is_far = has(FAR);
        let file = FileToCopy { from: FAR.into(), to: "bell.wav".into(), length: 4 };
        Gathering {
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            files: is_far.then_some(file).into_iter().collect(),
            renames: is_far.then(|| format!("{FAR} becomes bell.wav")).into_iter().collect(),
            notes: has("gone.wav").then(|| "gone.wav is not found".to_owned()).into_iter().collect(),
            texts: texts.iter().map(|text| text.replace(FAR, "bell.wav")).collect(),
        }
    }
}
