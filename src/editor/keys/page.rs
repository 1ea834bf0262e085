//! The list of keys, as the editor shows it.

use egui::{Grid, Label, RichText, Ui};

use super::list::{Entry, KEYS, Place};
use crate::editor::theme;

/// Below the heading.
const INTRODUCTION: &str = "All other keys go to the DAW. On macOS, Ctrl is Command.";

/// Draws the list, folded.
pub(in crate::editor) fn show(ui: &mut Ui) {
    let heading = RichText::new("Keys").strong();
    egui::CollapsingHeader::new(heading).id_salt("keys").show(ui, |ui| {
        ui.weak(INTRODUCTION);
        for place in Place::ALL {
            ui.add_space(theme::GAP);
            ui.label(place.name());
            Grid::new(place.name()).num_columns(2).spacing([theme::GAP * 2.0, theme::GAP / 2.0]).show(
                ui,
                |ui| {
                    KEYS.iter().filter(|entry| entry.place == place).for_each(|entry| row(ui, entry));
                },
            );
        }
    });
}

fn row(ui: &mut Ui, entry: &Entry) {
    // A row of the grid has the height of its widest cell, so the names are kept narrow.
    ui.scope(|ui| {
        ui.set_max_width(260.0);
        ui.add(Label::new(RichText::new(entry.keys).monospace()).wrap());
    });
    ui.add(Label::new(RichText::new(entry.does).color(theme::palette(ui).weak)).wrap());
    ui.end_row();
}
