//! The piece's text: read, changed, applied, saved, with what is wrong marked at its lines.

mod buffer;
mod completing;
mod cursor;
mod evaluating;
mod finding;
mod keys;
mod outline;
mod painter;
mod rows;
mod signing;
mod text;
mod tools;

use csound_language::piece::Document;

use super::manual::ManualPanel;
use super::model::{self, SourceFile};
use super::scene::Scene;
use buffer::Buffer;
use completing::Completing;
use egui::Ui;
use evaluating::Evaluating;
use finding::Finding;

/// Remembers the texts while they are being changed.
#[derive(Default)]
pub(super) struct Source {
    /// The generation that the texts were taken from.
    generation: Option<u64>,
    /// The texts as they are being changed, in the order of the piece's.
    texts: Vec<String>,
    /// As they were before.
    originals: Vec<String>,
    /// A draft of a session that was loaded.
    draft: Option<Vec<String>>,
    /// The text in front.
    file: usize,
    /// One a text.
    buffers: Vec<Buffer>,
    /// The names of the texts: others are another piece's.
    names: Vec<String>,
    completing: Completing,
    finding: Finding,
    evaluating: Evaluating,
    manual: ManualPanel,
    /// The text is to have the focus: a click elsewhere takes it while the text is drawn.
    takes_focus: bool,
    /// The part of the text to bring into sight.
    bring: Option<std::ops::Range<usize>>,
    /// The texts that were applied and not answered yet, and what had been answered before.
    applied: Option<(Vec<String>, u64)>,
    /// The texts that were sent to be saved: they come back as the file's.
    sent: Option<Vec<String>>,
}

impl Source {
    /// Takes a draft from a session, for the piece that comes with it.
    pub fn restore(&mut self, draft: Option<Vec<String>>) {
        self.draft = draft;
        self.generation = None;
    }

    /// The texts, where they were changed and not applied.
    pub fn draft(&self) -> Option<Vec<String>> {
        self.draft.clone().or_else(|| self.is_changed().then(|| self.texts.clone()))
    }

    /// Draws this part of the window.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        self.tools(ui, scene);
        tools::changed_on_disk(ui, scene);
        self.errors(ui, scene);
        if let Some(place) = *scene.go_to {
            self.file = place.file.min(self.texts.len().saturating_sub(1));
        }
        if self.texts.is_empty() {
            ui.weak("There is no piece yet.");
            return;
        }
        self.evaluating.follow(scene.view.reply.as_ref());
        self.text(ui, scene);
    }

    fn is_changed(&self) -> bool {
        self.texts != self.originals
    }

    /// Whether the texts differ from the piece's file, or from what it was shipped as.
    pub fn differs(&self, source: &model::Source) -> bool {
        match &*source.saved {
            [] => self.is_changed() || source.unsaved,
            saved => self.texts != saved,
        }
    }

    /// The texts as they stand.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Notes that these texts are being saved.
    pub fn send(&mut self) -> Vec<String> {
        self.sent = Some(self.texts.clone());
        self.texts.clone()
    }

    /// Takes the piece's texts when they come from elsewhere, and learns what came of *Apply*.
    /// Every frame, whatever is in front: a draft belongs to one piece.
    pub fn follow(&mut self, source: &model::Source) {
        if self.generation != Some(source.generation) {
            self.generation = Some(source.generation);
            self.originals = source.files.iter().map(|file| file.text.clone()).collect();
            self.applied = None;
            if self.sent.take().is_some_and(|sent| sent == self.originals) {
                // What was typed since it was sent is newer.
                return;
            }
            let draft = self.draft.take().filter(|draft| draft.len() == self.originals.len());
            self.texts = draft.unwrap_or_else(|| self.originals.clone());
            self.take_texts(&source.files);
        }
        if let Some((texts, _)) = self.applied.take_if(|(_, before)| source.answered > *before)
            && source.errors.is_empty()
        {
            self.originals = texts;
        }
    }

    /// What is known of the texts: those of another piece begin anew, and the way back from others leads on.
    fn take_texts(&mut self, files: &[SourceFile]) {
        self.completing.close();
        self.evaluating.forget();
        let names: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
        if self.names == names && self.buffers.len() == self.texts.len() {
            self.buffers.iter_mut().zip(&self.texts).for_each(|(buffer, text)| buffer.see(text, 0..0));
        } else {
            self.buffers = self.texts.iter().map(|text| Buffer::of(text)).collect();
        }
        self.names = names;
    }

    /// The other texts of the piece, as they were read.
    fn others(&self, file: usize) -> Vec<&Document> {
        let others = self.buffers.iter().enumerate().filter(|(number, _)| *number != file);
        others.map(|(_, buffer)| buffer.painter.document()).collect()
    }
}
