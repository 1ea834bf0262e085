//! What a piece may do to the system: a badge, its explanation, and the questions to decide.

use egui::{Align, Button, Color32, Layout, Popup, RichText, Ui};

use super::Scene;
use super::model::{Action, Confinement, Isolation, Question, TrustQuestion};
use super::theme::{self, Palette};

/// How far the piece is confined, in two words; a click explains.
pub(super) fn badge(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.piece.name.is_empty() {
        return;
    }
    let (word, colour) = word(&scene.view.isolation, theme::palette(ui));
    let shield = super::icon::button(ui, super::icon::Icon::Shield, word, Some(colour));
    Popup::menu(&shield).show(|ui| details(ui, scene));
}

fn word(isolation: &Isolation, palette: &Palette) -> (&'static str, Color32) {
    match (isolation.level, isolation.trusted) {
        (Confinement::Full, _) => ("Confined: this piece can harm nothing", palette.good),
        (_, true) => ("Trusted: you let this piece do as it likes", palette.warning),
        (Confinement::Process, false) => ("Not confined", palette.warning),
        (Confinement::None, false) => ("Not confined, and in the host's process", palette.error),
    }
}

fn details(ui: &mut Ui, scene: &mut Scene) {
    ui.set_max_width(340.0);
    let isolation = &scene.view.isolation;
    let (word, colour) = word(isolation, theme::palette(ui));
    ui.label(RichText::new(word).color(colour).strong());
    if !isolation.explanation.is_empty() {
        ui.label(&isolation.explanation);
    }
    if !isolation.folders.is_empty() {
        ui.weak("It may read");
        for folder in isolation.folders.iter() {
            ui.label(RichText::new(folder.to_string_lossy()).monospace().small());
        }
    }
    ui.horizontal(|ui| buttons(ui, scene));
}

fn buttons(ui: &mut Ui, scene: &mut Scene) {
    let allow =
        ui.button("Allow folder…").on_hover_text("Choose a folder with sounds that the piece may read");
    if allow.clicked() {
        scene.act(Action::Ask(Question::AllowFolder));
    }
    let trust = ui.add_enabled(!scene.view.isolation.trusted, Button::new("Trust this piece"));
    if trust.on_hover_text("Let it perform even where it cannot be confined").clicked() {
        scene.act(Action::Trust);
    }
}

/// What has to be decided before the piece performs.
pub(super) fn notice(ui: &mut Ui, scene: &mut Scene) {
    let Some(question) = &scene.view.isolation.question else { return };
    let palette = theme::palette(ui);
    let (text, action, label) = match question {
        TrustQuestion::Piece => (
            "This piece stays silent: it cannot be confined here. Do you trust who made it?".to_owned(),
            Action::Trust,
            "Trust this piece",
        ),
        TrustQuestion::Folder(folder) => (
            format!("May this piece read the folder {}?", folder.display()),
            Action::AllowFolder(folder.clone()),
            "Allow folder",
        ),
    };
    theme::notice(palette, palette.warning).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button(label).clicked() {
                    scene.actions.push(action);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let explained = ui.add(egui::Label::new(text).truncate());
                    explained.on_hover_text(&scene.view.isolation.explanation);
                });
            });
        });
    });
}
