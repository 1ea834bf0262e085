//! Exports for show: nothing is written, and it is remembered what was.

use std::path::Path;
use std::sync::Arc;

use super::stage::Stage;
use crate::editor::model::*;

impl Stage {
    /// A text that names `gone.wav` lacks it.
    pub(super) fn export(&mut self, wish: ExportWish) {
        let stands = self.exported(&wish).unwrap_or_else(Stands::Failed);
        self.view.exporting = Some(Exporting { wish: Arc::new(wish), stands });
    }

    fn exported(&mut self, wish: &ExportWish) -> Result<Stands, String> {
        let view = &self.view;
        let path = view.piece.path.as_deref().ok_or(NO_FILE)?;
        if view.source.unsaved || view.saved.state.draft.is_some() {
            return Err(UNSAVED.to_owned());
        }
        let found = self.found(wish, path);
        let (clap, vst3) = (wish.out.join(&found.name), wish.out.join(format!("{}.vst3", found.name)));
        if !wish.agreed.as_ref().is_some_and(|agreed| agreed.cover(&found)) {
            return Ok(Stands::Found(Arc::new(found)));
        }
        self.exported.extend([clap.clone(), vst3.clone()]);
        let inside = if wish.with_csound { "Csound is inside" } else { "It needs Csound 6 to be installed" };
        let (name, notes, needs) = (found.name, found.notes, inside.to_owned());
        Ok(Stands::Exported(Arc::new(Exported { name, clap, vst3, needs, notes })))
    }

    fn found(&self, wish: &ExportWish, path: &Path) -> Findings {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let or =
            |given: &String, other: &str| if given.is_empty() { other.to_owned() } else { given.clone() };
        let name = or(&wish.name, &stem);
        let text: String = self.view.source.files.iter().map(|file| file.text.as_str()).collect();
        let place = wish.out.join(&name);
        let lacks = text.contains("gone.wav").then(|| "gone.wav is not found beside the piece".to_owned());
        Findings {
            version: or(&wish.version, "1.0.0"),
            id: or(&wish.id, &format!("csound.{}", name.to_lowercase())),
            vendor: wish.vendor.clone(),
            kind: Some(wish.kind.unwrap_or(Kind::Instrument)),
            csound: if wish.with_csound { "Csound 6, which goes with it" } else { "Csound 6" }.into(),
            parameters: self.view.channels.iter().map(|channel| channel.name.clone()).collect(),
            gone: Vec::new(),
            new: Vec::new(),
            files: vec![self.view.piece.name.clone()],
            notes: lacks.into_iter().collect(),
            replaces: Some(place).filter(|place| self.exported.contains(place)),
            name,
        }
    }
}
