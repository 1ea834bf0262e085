//! The piece's text: read, changed, applied, saved, with what is wrong marked at its lines.

mod highlight;
mod painter;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{
    Align, Button, FontId, Key, Label, Layout, Modifiers, RichText, ScrollArea, Sense, TextEdit, TextStyle,
    Ui,
};

use super::model::{self, Action, Language, Question, SourceError, SourceFile};
use super::scene::Scene;
use super::theme;
use painter::Painter;
use rows::Rows;

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
    painters: Vec<Painter>,
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
        changed_on_disk(ui, scene);
        self.errors(ui, scene);
        if let Some(place) = *scene.go_to {
            self.file = place.file.min(self.texts.len().saturating_sub(1));
        }
        if self.texts.is_empty() {
            ui.weak("There is no piece yet.");
            return;
        }
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
            self.painters = self.texts.iter().map(|_| Painter::default()).collect();
        }
        if let Some((texts, _)) = self.applied.take_if(|(_, before)| source.answered > *before)
            && source.errors.is_empty()
        {
            self.originals = texts;
        }
    }

    fn tools(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.horizontal(|ui| {
            self.files(ui, &scene.view.source.files);
            let changed = self.is_changed();
            let apply = Button::new("Apply").selected(changed);
            let help = "Perform this text (Ctrl+Enter). If it has errors, what plays now plays on";
            if ui.add_enabled(changed, apply).on_hover_text(help).clicked() {
                self.apply(scene);
            }
            let save = ui.add_enabled(scene.differs && !self.texts.is_empty(), Button::new("Save"));
            if save.on_hover_text("Write the text to the piece's file (Ctrl+S)").clicked() {
                self.save(scene);
            }
            let save_as = ui.add_enabled(!self.texts.is_empty(), Button::new("Save as…"));
            if save_as.on_hover_text("Write the text to another file").clicked() {
                self.save_as(scene);
            }
            let revert = ui.add_enabled(changed, Button::new("Revert"));
            if revert.on_hover_text("Drop the changes that were not applied").clicked() {
                self.texts.clone_from(&self.originals);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| self.standing(ui, scene));
        });
    }

    fn standing(&self, ui: &mut Ui, scene: &Scene) {
        let palette = theme::palette(ui);
        let (text, colour) = match (self.applied.is_some(), self.is_changed(), scene.differs) {
            (true, ..) => ("compiling…", palette.accent),
            (false, true, _) => ("changed", palette.warning),
            (false, false, true) => ("not saved", palette.weak),
            (false, false, false) => ("", palette.weak),
        };
        ui.label(RichText::new(text).small().color(colour));
    }

    fn files(&mut self, ui: &mut Ui, files: &[SourceFile]) {
        if files.len() < 2 {
            return;
        }
        for (index, file) in files.iter().enumerate() {
            ui.selectable_value(&mut self.file, index, &file.name);
        }
        ui.separator();
    }

    fn apply(&mut self, scene: &mut Scene) {
        self.applied = Some((self.texts.clone(), scene.view.source.answered));
        scene.act(Action::Apply(self.texts.clone()));
    }

    /// Pieces that came from no file have to be given one.
    fn save(&mut self, scene: &mut Scene) {
        match scene.view.piece.path {
            Some(_) => scene.act(Action::Save(self.send())),
            None => self.save_as(scene),
        }
    }

    fn save_as(&mut self, scene: &mut Scene) {
        let name = scene.view.piece.name.clone();
        scene.ask(Question::SaveAs(name, self.send()));
    }

    /// The errors above the text; a click goes to the line.
    fn errors(&self, ui: &mut Ui, scene: &mut Scene) {
        let errors = Arc::clone(&scene.view.source.errors);
        if errors.is_empty() {
            return;
        }
        let palette = theme::palette(ui);
        theme::notice(palette, palette.error).show(ui, |ui| {
            ScrollArea::vertical().max_height(64.0).id_salt("errors").show(ui, |ui| {
                ui.set_width(ui.available_width());
                errors.iter().for_each(|error| error_line(ui, scene, error));
            });
        });
    }

    fn text(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let file = self.file.min(self.texts.len() - 1);
        let language = scene.view.source.files.get(file).map_or(Language::Csd, |file| file.language);
        let errors = lines_with_errors(&scene.view.source.errors, file);
        let id = ui.scope_id().with(("source", file));
        self.shortcuts(ui, scene, id);
        let go_to = scene.go_to.take().filter(|place| place.file == file);
        let (text, painter) = (&mut self.texts[file], &mut self.painters[file]);
        let palette = theme::palette(ui);
        let font = TextStyle::Monospace.resolve(ui.style());
        let lines = text.split('\n').count();
        let margin = margin(ui, lines, &font);
        ui.painter().rect_filled(ui.available_rect_before_wrap(), theme::ROUND, palette.well);
        ScrollArea::both().auto_shrink(false).id_salt(("scroll", file)).show(ui, |ui| {
            let behind = ui.painter().add(egui::Shape::Noop);
            let around = egui::Margin { left: margin as i8, right: 8, top: 4, bottom: 4 };
            let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _: f32| {
                painter.galley(ui, text.as_str(), language, &font, palette)
            };
            let output = TextEdit::multiline(text)
                .id(id)
                .code_editor()
                .frame(egui::Frame::new().inner_margin(around))
                .desired_width(f32::INFINITY)
                .min_size(ui.available_size())
                .layouter(&mut layouter)
                .show(ui);
            let rows = Rows { galley: &output.galley, at: output.galley_pos, margin };
            scene.laid.source_lines += rows.number(ui, &font, &errors, behind);
            if let Some(place) = go_to {
                rows.show(ui, id, place, text);
            }
        });
    }

    fn shortcuts(&mut self, ui: &Ui, scene: &mut Scene, id: egui::Id) {
        if !ui.memory(|memory| memory.has_focus(id)) {
            return;
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter)) {
            self.apply(scene);
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::S)) {
            self.save(scene);
        }
    }
}

fn error_line(ui: &mut Ui, scene: &mut Scene, error: &SourceError) {
    let palette = theme::palette(ui);
    let text = match error.line {
        Some(line) => format!("Line {line}: {}", error.text),
        None => error.text.clone(),
    };
    let label = Label::new(RichText::new(text).color(palette.error)).sense(Sense::click());
    let response = ui.add(label);
    if let Some(line) = error.line
        && response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
    {
        scene.show_line(error.file, line);
    }
}

/// The file has changed: read it again, now or always?
fn changed_on_disk(ui: &mut Ui, scene: &mut Scene) {
    if !scene.view.piece.changed_on_disk {
        return;
    }
    let palette = theme::palette(ui);
    theme::notice(palette, palette.accent).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label("The file has changed on the disk.");
            if ui.button("Reload it").clicked() {
                scene.act(Action::Reload);
            }
            let mut always = scene.state.reload_by_itself;
            if ui.checkbox(&mut always, "Always, by itself").changed() {
                scene.state.reload_by_itself = always;
                scene.act(Action::ReloadByItself(always));
            }
        });
    });
}

/// The errors by line, from 0.
fn lines_with_errors(errors: &[SourceError], file: usize) -> BTreeMap<usize, &str> {
    let here = errors.iter().filter(|error| error.file == file);
    here.filter_map(|error| Some((error.line?.max(1) as usize - 1, error.text.as_str()))).collect()
}

/// Room for the line numbers.
fn margin(ui: &Ui, lines: usize, font: &FontId) -> f32 {
    let digit = ui.fonts_mut(|fonts| fonts.glyph_width(font, '0'));
    let digits = lines.max(100).ilog10() as f32 + 1.0;
    (digits * digit + 20.0).min(f32::from(i8::MAX))
}
