//! Above the text: what may be done with it. Below it: what is wrong with it.

mod tabs;

use std::sync::Arc;

use egui::{Align, Button, Label, Layout, RichText, ScrollArea, Sense, Ui};

use super::Source;
use crate::editor::bars::header::{is_told_by_source, trouble};
use crate::editor::keys::{self, KeyCommand};
use crate::editor::model::{Action, Question, SourceError, place_of_error};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// How far the letters may be larger or smaller than usual.
pub(super) const ZOOM: std::ops::RangeInclusive<f32> = 0.75..=2.0;

impl Source {
    pub(super) fn tools(&mut self, ui: &mut Ui, scene: &mut Scene) {
        self.tabs(ui, scene);
        ui.horizontal_wrapped(|ui| {
            let changed = self.is_changed();
            let apply = match ui.visuals().selection {
                // It stands out while there is something to apply. It is no switch: screen readers would call it one.
                look if changed => {
                    Button::new(RichText::new("Apply").color(look.stroke.color)).fill(look.bg_fill)
                }
                _ => Button::new("Apply"),
            };
            let key = keys::in_brackets(ui.ctx(), KeyCommand::Apply);
            let help = format!("Perform this text{key}. If it has errors, what plays now plays on");
            if ui.add_enabled(changed, apply).on_hover_text(help).clicked() {
                self.apply(scene);
            }
            let (differs, help) = match self.front_name() {
                None => (self.differs(&scene.view.source), "Write the text to the piece's file"),
                Some(name) => (
                    self.unsaved_beside().contains(&name),
                    "Write the text to its file, and perform the piece anew if it includes that",
                ),
            };
            let save = ui.add_enabled(differs && !self.texts.is_empty(), Button::new("Save"));
            let key = keys::in_brackets(ui.ctx(), KeyCommand::Save);
            if save.on_hover_text(format!("{help}{key}")).clicked() {
                self.save(scene);
            }
            let save_as = ui.add_enabled(!self.texts.is_empty(), Button::new("Save as…"));
            if save_as.on_hover_text("Write the text to another file").clicked() {
                self.save_as(scene);
            }
            self.revert(ui);
            self.outside(ui, scene);
            self.views(ui, scene);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| self.standing(ui, scene));
        });
    }

    fn standing(&self, ui: &mut Ui, scene: &Scene) {
        let palette = theme::palette(ui);
        let differs = self.differs(&scene.view.source) || !self.unsaved_beside().is_empty();
        let (text, colour) = match (self.applied.is_some(), self.is_changed(), differs) {
            (true, ..) => ("compiling…", palette.accent),
            (false, true, _) => ("changed", palette.warning),
            (false, false, true) => ("not saved", palette.weak),
            (false, false, false) => ("", palette.weak),
        };
        ui.label(RichText::new(text).small().color(colour));
    }

    /// Drops what was changed: in the piece's own texts, or in the text of the folder that is in front.
    fn revert(&mut self, ui: &mut Ui) {
        let (range, help) = match self.front_name() {
            None => (0..self.own(), "Drop the changes that were not applied"),
            Some(_) => (self.file..self.file + 1, "Drop the changes that were not saved"),
        };
        let changed = self.texts[range.clone()] != self.originals[range.clone()];
        if ui.add_enabled(changed, Button::new("Revert")).on_hover_text(help).clicked() {
            let originals = self.originals[range.clone()].to_vec();
            self.texts.splice(range, originals);
        }
    }

    pub(super) fn apply(&mut self, scene: &mut Scene) {
        self.completing.close();
        let own = self.own_texts().to_vec();
        self.applied = Some((own.clone(), scene.view.source.answered));
        scene.act(Action::Apply(own));
    }

    /// Pieces that came from no file have to be given one.
    pub(super) fn save(&mut self, scene: &mut Scene) {
        if let Some(name) = self.front_name().map(str::to_owned) {
            let save = self.send_beside(&name);
            return save.into_iter().for_each(|save| scene.act(save));
        }
        match scene.view.piece.path {
            Some(_) => scene.act(Action::Save(self.send())),
            None => self.save_as(scene),
        }
    }

    fn save_as(&mut self, scene: &mut Scene) {
        let name = scene.view.piece.name_to_save();
        scene.ask(Question::SaveAs(name, self.send()));
    }

    /// The errors below the text; a click goes to the line.
    pub(super) fn errors(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let palette = theme::palette(ui);
        let mut wished = None;
        if let Some((file, line, why)) = self.evaluating.error() {
            theme::notice(palette, palette.error).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let line = line.and_then(|line| u32::try_from(line + 1).ok());
                let text = format!("not sent into what plays: {why}");
                wished = error_line(ui, &SourceError { file, included: None, line, text });
            });
        }
        let errors = Arc::clone(&scene.view.source.errors);
        if errors.is_empty() {
            return self.show_error(scene, wished);
        }
        theme::notice(palette, palette.error).show(ui, |ui| {
            if let Some((headline, _)) = trouble(scene.view).filter(|_| is_told_by_source(scene)) {
                ui.label(RichText::new(headline).color(palette.error));
            }
            ScrollArea::vertical().max_height(64.0).id_salt("errors").show(ui, |ui| {
                ui.set_width(ui.available_width());
                errors.iter().for_each(|error| wished = error_line(ui, error).or(wished.take()));
            });
        });
        self.show_error(scene, wished);
    }

    /// Goes to the line of an error, if one was chosen.
    fn show_error(&mut self, scene: &mut Scene, error: Option<SourceError>) {
        let Some(SourceError { file, included, line: Some(line), .. }) = error else { return };
        match included {
            Some(name) => self.open_text(&name, line.saturating_sub(1) as usize),
            None => scene.show_line(file, line),
        }
    }

    /// The user's own editor: what it writes is read again by itself from then on.
    fn outside(&self, ui: &mut Ui, scene: &mut Scene) {
        let name = self.front_name().map(str::to_owned);
        let is_saved = match &name {
            None => !self.differs(&scene.view.source),
            Some(name) => !self.unsaved_beside().contains(&&**name),
        };
        let help = match (scene.view.piece.path.is_some(), is_saved) {
            (false, _) => "Open the file in your own editor: save the piece into a file first",
            (true, false) => "Open the file in your own editor: save the text first",
            (true, true) => "Open the file in your own editor; what that saves is read here by itself",
        };
        let button = ui.add_enabled(scene.view.piece.path.is_some() && is_saved, Button::new("Own editor"));
        if button.on_hover_text(help).on_disabled_hover_text(help).clicked() {
            scene.act(Action::EditOutside(name));
            if !scene.state.reload_by_itself {
                scene.state.reload_by_itself = true;
                scene.act(Action::ReloadByItself(true));
            }
        }
    }

    /// How the text is shown.
    fn views(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.separator();
        let state = &mut *scene.state;
        let [outline, wrap] =
            [KeyCommand::Outline, KeyCommand::Wrap].map(|command| keys::in_brackets(ui.ctx(), command));
        theme::switch(ui, &mut state.outline, "Outline")
            .on_hover_text(format!("Instruments, opcodes, tables and macros of the text{outline}"));
        theme::switch(ui, &mut state.wrap, "Wrap").on_hover_text(format!("Wrap long lines{wrap}"));
        self.others_menu(ui, scene);
    }
}

/// Draws an error; gives it if its place is wanted.
fn error_line(ui: &mut Ui, error: &SourceError) -> Option<SourceError> {
    let palette = theme::palette(ui);
    let text = format!("{}{}", place_of_error(error.included.as_deref(), error.line), error.text);
    let label = Label::new(RichText::new(text).color(palette.error)).sense(Sense::click());
    let response = ui.add(label);
    error.line?;
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    response.clicked().then(|| error.clone())
}

/// The file has changed: read it again, now or always?
pub(super) fn changed_on_disk(ui: &mut Ui, scene: &mut Scene) {
    if !scene.view.piece.changed_on_disk {
        return;
    }
    let palette = theme::palette(ui);
    theme::notice(palette, palette.accent).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label("A file of this piece has changed on the disk.");
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
