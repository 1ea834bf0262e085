//! The piece's own layout: every widget where the piece says.

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, ScrollArea, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2,
};

use super::control::{self, Look};
use super::keyboard::Keyboard;
use crate::editor::model::{Layout, Placed, PlacedKind};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The scales between which a layout is fitted to the room there is.
const SCALES: std::ops::RangeInclusive<f32> = 0.8..=1.5;

/// Draws this part of the window.
pub(crate) fn show(ui: &mut Ui, scene: &mut Scene, layout: &Layout, keyboard: &mut Keyboard) {
    let bars = ui.spacing().scroll.bar_width + theme::GAP;
    let room = ui.available_size() - vec2(bars, bars);
    let [width, height] = layout.size.map(|side| side.max(1.0));
    let scale = (room.x / width).min(room.y / height).clamp(*SCALES.start(), *SCALES.end());
    ScrollArea::both().id_salt("layout").auto_shrink(false).show_viewport(ui, |ui, _| {
        let size = vec2(width, height) * scale;
        let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
        let ground = layout.colour.map_or(theme::palette(ui).panel, theme::colour);
        theme::suit(ui, ground);
        ui.painter().rect_filled(rect, theme::ROUND, ground);
        for (index, placed) in layout.widgets.iter().enumerate() {
            let [left, top, width, height] = placed.bounds.map(|bound| bound * scale);
            let place = Rect::from_min_size(pos2(rect.left() + left, rect.top() + top), vec2(width, height));
            if ui.is_rect_visible(place) {
                // A child takes no room of its own: places are the piece's business.
                let mut ui = ui.new_child(UiBuilder::new().max_rect(place).id_salt(index));
                draw(&mut ui, scene, placed, place, keyboard);
            }
        }
    });
}

fn draw(ui: &mut Ui, scene: &mut Scene, placed: &Placed, rect: Rect, keyboard: &mut Keyboard) {
    let text = placed.text_colour.map(theme::colour);
    let readable = text.unwrap_or(theme::palette(ui).text);
    match placed.kind {
        PlacedKind::Control(channel) => {
            let look = Look { colour: placed.colour.map(theme::colour), text: Some(readable) };
            control::show(ui, rect, channel, scene, look);
        }
        PlacedKind::Label => label(ui, &placed.text, rect, readable),
        PlacedKind::Group => group(ui, placed, rect, readable),
        PlacedKind::Keyboard => keyboard.keys(ui, scene, rect, "Keyboard, as the piece places it"),
    }
}

fn label(ui: &Ui, text: &str, rect: Rect, colour: Color32) {
    let font = FontId::proportional((rect.height() * 0.75).clamp(9.0, 28.0));
    ui.painter_at(rect).text(rect.center(), Align2::CENTER_CENTER, text, font, colour);
}

fn group(ui: &Ui, placed: &Placed, rect: Rect, text: Color32) {
    let fill = placed.colour.map_or(text.gamma_multiply(0.05), theme::colour);
    let edge = Stroke::new(1.0, text.gamma_multiply(0.25));
    ui.painter().rect(rect, CornerRadius::same(theme::ROUND), fill, edge, StrokeKind::Inside);
    let at = pos2(rect.center().x, rect.top() + 4.0);
    ui.painter().text(at, Align2::CENTER_TOP, &placed.text, FontId::proportional(12.0), text);
}
