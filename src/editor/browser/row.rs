//! A row of the browser's list, and the list of which only what is in view is laid out.

use egui::{Label, Rect, Response, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use crate::editor::model::Entry;
use crate::editor::theme;

/// The height of a row, in points.
const HEIGHT: f32 = 40.0;

/// As much of a height as whole rows take, one at least: none is cut at the lower edge.
pub(super) fn whole(height: f32) -> f32 {
    (height / HEIGHT).floor().max(1.0) * HEIGHT
}

/// Draws so many rows in a list of this height; `moved` is brought into view.
pub(super) fn rows(
    ui: &mut Ui,
    height: f32,
    count: usize,
    moved: Option<usize>,
    mut draw: impl FnMut(&mut Ui, usize),
) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let list = ScrollArea::vertical().id_salt("browser list").auto_shrink(false);
        list.min_scrolled_height(height).max_height(height).show_rows(ui, HEIGHT, count, |ui, range| {
            if let Some(moved) = moved {
                let top = ui.min_rect().top() + (moved as f32 - range.start as f32) * HEIGHT;
                let place = Rect::from_min_size(egui::pos2(ui.min_rect().left(), top), vec2(1.0, HEIGHT));
                ui.scroll_to_rect(place, None);
            }
            range.for_each(|number| draw(ui, number));
        });
    });
}

/// Draws a row: the name with the place at its right, and below what it says of itself.
pub(super) fn row(ui: &mut Ui, entry: &Entry, is_chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let palette = theme::palette(ui);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, entry.name.clone()));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let ground = match (is_chosen, response.hovered() || response.has_focus()) {
        (true, _) => Some(palette.chosen),
        (false, true) => Some(palette.hovered),
        (false, false) => None,
    };
    if let Some(ground) = ground {
        ui.painter().rect_filled(rect, theme::ROUND, ground);
    }
    let (name, weak) =
        if is_chosen { (palette.on_chosen, palette.on_chosen) } else { (palette.text, palette.weak) };
    let inner = rect.shrink2(vec2(8.0, 3.0));
    let (upper, lower) = inner.split_top_bottom_at_fraction(0.52);
    let (left, right) = upper.split_left_right_at_fraction(0.5);
    let about = match &entry.trouble {
        Some(why) => RichText::new(why).small().color(if is_chosen { name } else { palette.warning }),
        None => RichText::new(&entry.about).small().color(weak),
    };
    put(ui, left, egui::Align::Min, RichText::new(&entry.name).color(name));
    put(ui, right, egui::Align::Max, RichText::new(&entry.place).small().color(weak));
    put(ui, lower, egui::Align::Min, about);
    response
}

fn put(ui: &mut Ui, rect: Rect, align: egui::Align, text: RichText) {
    let layout = match align {
        egui::Align::Max => egui::Layout::right_to_left(egui::Align::Center),
        _ => egui::Layout::left_to_right(egui::Align::Center),
    };
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    inner.set_clip_rect(inner.clip_rect().intersect(rect));
    // What is at hand is told in full below the list; a tooltip would lie over the sheet's head.
    inner.add(Label::new(text).truncate().selectable(false).show_tooltip_when_elided(false));
}
