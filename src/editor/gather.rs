//! *Collect files*: a sheet that says what would be copied into the piece's folder and what the text would say then,
//! and does it once the user agrees. It is there while the view has something to be collected.

use std::sync::Arc;

use egui::{Button, Id, Label, Modal, RichText, ScrollArea, Ui};

use super::model::{Action, Gathering, Gathers, NOT_SAVED};
use super::scene::Scene;
use super::theme;

/// The width of the sheet, and the greatest height of its list, in points.
const WIDTH: f32 = 560.0;
const LIST: f32 = 240.0;

/// Draws the sheet, if there is one.
pub(super) fn show(ui: &Ui, scene: &mut Scene) {
    let view = scene.view;
    let Some(stands) = &view.gathering else { return };
    let mut is_over = false;
    let shown = Modal::new(Id::unique("collect files")).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 40.0));
        ui.label(RichText::new(format!("Collect the files of {}", view.piece.name)).strong().size(14.0));
        ui.add_space(theme::GAP);
        match stands {
            Gathers::UnderWay => {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label("Its files are looked for, or copied …");
                });
            }
            Gathers::Found(found) => self::found(ui, found),
            Gathers::Done(done) => self::done(ui, done),
            Gathers::Failed(why) => words(ui, why, theme::palette(ui).error),
        }
        if scene.differs && !matches!(stands, Gathers::Done(_)) {
            words(ui, NOT_SAVED, theme::palette(ui).warning);
        }
        ui.add_space(theme::GAP);
        is_over = buttons(ui, scene, stands);
    });
    if is_over || shown.should_close() {
        scene.act(Action::CloseGathering);
    }
}

/// True: the user wants no more of it.
fn buttons(ui: &mut Ui, scene: &mut Scene, stands: &Gathers) -> bool {
    let mut is_over = false;
    ui.horizontal(|ui| {
        let is_free = !matches!(stands, Gathers::UnderWay) && !scene.differs;
        if let Gathers::Found(found) = stands
            && !found.is_nothing()
        {
            let yes = ui.add_enabled(is_free, Button::new(RichText::new("Collect").strong()));
            if yes.clicked() {
                scene.act(Action::Gather(Some(Arc::clone(found))));
            }
        }
        if matches!(stands, Gathers::Found(_) | Gathers::Failed(_))
            && ui.add_enabled(is_free, Button::new("Look again")).clicked()
        {
            scene.act(Action::Gather(None));
        }
        let is_done = match stands {
            Gathers::Done(_) => true,
            Gathers::Found(found) => found.is_nothing(),
            Gathers::UnderWay | Gathers::Failed(_) => false,
        };
        is_over = ui.button(if is_done { "Close" } else { "Cancel" }).clicked();
    });
    is_over
}

fn found(ui: &mut Ui, found: &Gathering) {
    match found.is_nothing() {
        true => ui.label("It names nothing that lies elsewhere and is found: there is nothing to collect."),
        false => ui.label(format!("Into {}. Nothing that is there is written over.", found.folder.display())),
    };
    list(ui, found);
}

fn done(ui: &mut Ui, done: &Gathering) {
    let palette = theme::palette(ui);
    let told = match done.files.len() {
        1 => "1 file is copied".to_owned(),
        many => format!("{many} files are copied"),
    };
    ui.label(RichText::new(format!("{told} into {}", done.folder.display())).color(palette.good));
    list(ui, done);
}

/// What stays undone first, then the copies and what the text says then.
fn list(ui: &mut Ui, found: &Gathering) {
    let palette = theme::palette(ui);
    ScrollArea::vertical().id_salt("collect list").max_height(LIST).show(ui, |ui| {
        ui.set_width(ui.available_width());
        for note in &found.notes {
            words(ui, note, palette.warning);
        }
        for file in &found.files {
            let told = format!("{} ({}), as {}", file.from.display(), size(file.length), file.to);
            ui.add(Label::new(told).wrap());
        }
        for rename in &found.renames {
            words(ui, rename, palette.weak);
        }
    });
}

fn words(ui: &mut Ui, text: &str, colour: egui::Color32) {
    ui.add(Label::new(RichText::new(text).color(colour)).wrap());
}

/// A length in bytes as people read it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
