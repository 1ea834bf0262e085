//! The piece's text: read, changed, applied, saved, with what is wrong marked at its lines.

mod beside;
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
mod words;

use csound_language::Language;
use csound_language::piece::Document;

use super::manual::ManualPanel;
use super::model::{self, Action, FolderTexts, OpenText, SourceFile};
use super::scene::Scene;
use super::theme;
use egui::Ui;

use beside::{Beside, Included};
use buffer::Buffer;
use completing::Completing;
use evaluating::Evaluating;
use finding::Finding;

/// Remembers the texts while they are being changed.
#[derive(Default)]
pub(super) struct Source {
    /// The generation that the texts were taken from.
    generation: Option<u64>,
    /// The texts as they are being changed: the piece's own in their order, then those of its folder that are open.
    texts: Vec<String>,
    /// As they were before.
    originals: Vec<String>,
    /// A draft of a session that was loaded.
    draft: Option<Vec<String>>,
    /// The text in front.
    file: usize,
    /// One a text.
    buffers: Vec<Buffer>,
    /// The names of the piece's own texts: others are another piece's.
    names: Vec<String>,
    /// What is known of the open texts of the folder.
    beside: Vec<Beside>,
    /// What the piece includes and is not open.
    included: Vec<Included>,
    /// The open texts of a session that was loaded, until they are read.
    restored: Vec<OpenText>,
    /// The text of the folder to bring to the front once it is there, and the line of it.
    awaited: Option<(String, usize)>,
    /// What is to be done for the texts.
    wishes: Vec<Action>,
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
    /// Takes a draft and the texts that were open from a session, for the piece that comes with it.
    pub fn restore(&mut self, draft: Option<Vec<String>>, open: Vec<OpenText>) {
        self.draft = draft;
        self.generation = None;
        while !self.beside.is_empty() {
            self.take_out(self.beside.len() - 1);
        }
        let open = beside::bounded(open);
        self.wishes.extend(open.iter().map(|text| Action::OpenText(text.name.clone())));
        self.restored = open;
    }

    /// The piece's own texts, where they were changed and not applied.
    pub fn draft(&self) -> Option<Vec<String>> {
        self.draft.clone().or_else(|| self.is_changed().then(|| self.own_texts().to_vec()))
    }

    /// What is to be done for the texts since the last call.
    pub fn take_wishes(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.wishes)
    }

    /// Draws this part of the window.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        if let Some(place) = self.arrived() {
            *scene.go_to = Some(place);
        }
        self.tools(ui, scene);
        theme::messages("of the text").show(ui, |ui| {
            tools::changed_on_disk(ui, scene);
            self.tell_of_another(ui, scene);
            self.errors(ui, scene);
        });
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

    /// The number of the piece's own texts.
    fn own(&self) -> usize {
        self.texts.len() - self.beside.len()
    }

    fn own_texts(&self) -> &[String] {
        &self.texts[..self.own()]
    }

    fn is_changed(&self) -> bool {
        self.own_texts() != &self.originals[..self.own()]
    }

    /// Whether the piece's own texts differ from its file, or from what it was shipped as.
    pub fn differs(&self, source: &model::Source) -> bool {
        match &*source.saved {
            [] => self.is_changed() || source.unsaved,
            saved => self.own_texts() != saved,
        }
    }

    /// The texts as they stand, the piece's own first.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Notes that the piece's own texts are being saved.
    pub fn send(&mut self) -> Vec<String> {
        let own = self.own_texts().to_vec();
        self.sent = Some(own.clone());
        own
    }

    /// Takes the texts when they come from elsewhere, and learns what came of *Apply*.
    /// Every frame, whatever is in front: a draft belongs to one piece.
    pub fn follow(&mut self, source: &model::Source, folder: &FolderTexts) {
        self.follow_piece(source);
        if folder.is_known {
            self.follow_folder(folder);
        }
    }

    fn follow_piece(&mut self, source: &model::Source) {
        let own = self.own();
        if self.generation != Some(source.generation) {
            let is_restored = self.generation.replace(source.generation).is_none();
            if !is_restored && !self.names.iter().eq(source.files.iter().map(|file| &file.name)) {
                // Another piece has come before they were there.
                self.restored.clear();
            }
            let new: Vec<_> = source.files.iter().map(|file| file.text.clone()).collect();
            self.originals.splice(..own, new.iter().cloned());
            self.applied = None;
            if self.sent.take().is_some_and(|sent| sent == new) {
                // What was typed since it was sent is newer.
                return;
            }
            let draft = self.draft.take().filter(|draft| draft.len() == new.len());
            self.texts.splice(..own, draft.unwrap_or(new));
            self.take_texts(own, &source.files);
        }
        if let Some((texts, _)) = self.applied.take_if(|(_, before)| source.answered > *before)
            && source.errors.is_empty()
        {
            self.originals.splice(..own, texts);
        }
    }

    /// What is known of the piece's own texts: those of another piece begin anew, and the way back from others leads
    /// on. `before`: how many there were.
    fn take_texts(&mut self, before: usize, files: &[SourceFile]) {
        self.completing.close();
        self.evaluating.forget();
        let names: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
        if self.names == names && before == self.own() {
            let own = self.own();
            let texts = self.buffers.iter_mut().zip(&self.texts).take(own);
            texts.for_each(|(buffer, text)| buffer.see(text, 0..0));
        } else {
            let new: Vec<_> = self.own_texts().iter().map(|text| Buffer::of(text)).collect();
            self.buffers.splice(..before, new);
        }
        self.names = names;
    }

    /// The language of a text.
    fn language(&self, scene: &Scene, file: usize) -> Language {
        match file.checked_sub(self.own()) {
            Some(number) => self.beside[number].language,
            None => scene.view.source.files.get(file).map_or(Language::Csd, |file| file.language),
        }
    }

    /// The other texts of the piece and of its folder, as they were read.
    fn others(&self, file: usize) -> Vec<&Document> {
        let others = self.buffers.iter().enumerate().filter(|(number, _)| *number != file);
        let others = others.map(|(_, buffer)| buffer.painter.document());
        others.chain(self.included.iter().map(|included| &included.document)).collect()
    }
}
