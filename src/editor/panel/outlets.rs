//! Widgets that lead elsewhere: the console, a file or an address, the presets.

use egui::{Button, OpenUrl, RichText, Ui, UiBuilder};

use super::plain::{Spot, scrolled};
use crate::editor::model::{Action, Importance, Placed};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Lines of the console that a panel shows.
const LINES: usize = 200;

/// The newest lines of the console.
pub(super) fn console(ui: &mut Ui, scene: &Scene, placed: &Placed, spot: Spot) {
    let palette = theme::palette(ui);
    let ground = placed.colour.map_or(palette.well, theme::colour);
    theme::suit(ui, ground);
    let palette = theme::palette(ui);
    ui.painter().rect_filled(spot.rect, theme::ROUND, ground);
    let text = placed.text_colour.map_or(palette.text, theme::colour);
    let inner = ui.new_child(UiBuilder::new().max_rect(spot.rect.shrink(4.0)));
    scrolled(inner, |ui| {
        if !placed.text.is_empty() {
            ui.label(RichText::new(&placed.text).color(text));
        }
        let lines = &scene.view.console;
        for number in lines.next().saturating_sub(LINES as u64).max(lines.first())..lines.next() {
            let Some(line) = lines.line(number) else { continue };
            let colour = match line.importance {
                Importance::Warning => palette.warning,
                Importance::Error => palette.error,
                _ => text,
            };
            ui.label(RichText::new(&*line.text).monospace().color(colour));
        }
        ui.scroll_to_cursor(Some(egui::Align::BOTTOM));
    });
}

/// A button that leads to a file beside the piece, or to a page of the web.
pub(super) fn info(ui: &mut Ui, scene: &mut Scene, placed: &Placed, spot: Spot) {
    let file = placed.finish.file.trim();
    if !button(ui, placed, spot).on_hover_text(file).clicked() || file.is_empty() {
        return;
    }
    if file.starts_with("http://") || file.starts_with("https://") {
        return ui.ctx().open_url(OpenUrl::new_tab(file));
    }
    let folder = scene.view.piece.path.as_ref().and_then(|path| path.parent());
    match folder {
        Some(folder) => scene.act(Action::ShowInFolder(folder.join(file))),
        None => {
            scene.act(Action::Report(format!("{file} lies beside the piece, which is not saved to a file")))
        }
    }
}

/// A button with the piece's presets.
pub(super) fn presets(ui: &mut Ui, scene: &mut Scene, placed: &Placed, spot: Spot) {
    let button = button(ui, placed, spot);
    egui::Popup::menu(&button).show(|ui| {
        if scene.view.presets.list.is_empty() {
            ui.label("The piece has no presets");
        }
        for preset in scene.view.presets.list.iter() {
            if ui.button(&preset.name).clicked() {
                scene.actions.push(Action::LoadPreset(preset.id.clone()));
            }
        }
    });
}

/// A button in the piece's colours, with its words.
fn button(ui: &mut Ui, placed: &Placed, spot: Spot) -> egui::Response {
    let ground = placed.colour.map(theme::colour);
    let palette = theme::palette(ui);
    let fill = ground.unwrap_or(palette.raised);
    let text = placed.text_colour.map_or_else(|| theme::readable(fill), theme::colour);
    let words = RichText::new(&placed.text).color(text);
    ui.put(spot.rect, Button::new(words).fill(fill).truncate().min_size(spot.rect.size()))
}
