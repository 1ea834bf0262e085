//! The lines of a text that was laid out: their numbers, their errors, the way to one of them.

use std::collections::BTreeMap;

use egui::text::{CCursor, CCursorRange};
use egui::{Align, Align2, FontId, Galley, Pos2, Rect, Sense, Stroke, TextEdit, Ui, pos2, vec2};

use crate::editor::scene::Place;
use crate::editor::theme;

/// The rows of a text that was laid out; without wrapping each is a line.
pub(super) struct Rows<'a> {
    pub galley: &'a Galley,
    pub at: Pos2,
    pub margin: f32,
}

impl Rows<'_> {
    /// Numbers the lines in sight and marks those with errors; says how many they are.
    pub fn number(
        &self,
        ui: &mut Ui,
        font: &FontId,
        errors: &BTreeMap<usize, &str>,
        behind: egui::layers::ShapeIdx,
    ) -> usize {
        let palette = theme::palette(ui);
        let sight = ui.clip_rect();
        let first = self.galley.rows.partition_point(|row| self.at.y + row.max_y() < sight.top());
        let mut marks = Vec::new();
        let mut count = 0;
        for (line, row) in self.galley.rows.iter().enumerate().skip(first) {
            let top = self.at.y + row.min_y();
            if top > sight.bottom() {
                break;
            }
            count += 1;
            let error = errors.get(&line);
            let colour = if error.is_some() { palette.error } else { palette.weak };
            let at = pos2(self.at.x - 12.0, top);
            ui.painter().text(at, Align2::RIGHT_TOP, line + 1, font.clone(), colour);
            if let Some(error) = error {
                let rect = Rect::from_min_max(
                    pos2(self.at.x - self.margin, top),
                    pos2(sight.right().max(self.at.x), self.at.y + row.max_y()),
                );
                marks.push(egui::Shape::rect_filled(
                    rect,
                    2,
                    theme::mix(palette.well, palette.error, theme::TINT),
                ));
                self.explain(ui, rect, line, error);
            }
        }
        ui.painter().set(behind, egui::Shape::Vec(marks));
        let edge = Stroke::new(1.0, palette.line);
        ui.painter().vline(self.at.x - 6.0, sight.y_range(), edge);
        count
    }

    fn explain(&self, ui: &mut Ui, rect: Rect, line: usize, error: &str) {
        let gutter = rect.with_max_x(self.at.x - 6.0);
        let response = ui.interact(gutter, ui.scope_id().with(("error", line)), Sense::hover());
        let label = format!("Error in line {}", line + 1);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &label));
        response.on_hover_text(error);
    }

    /// Brings a line into sight and puts the cursor there.
    pub fn show(&self, ui: &Ui, id: egui::Id, place: Place, text: &str) {
        let Some(row) = self.galley.rows.get(place.line.min(self.galley.rows.len().saturating_sub(1))) else {
            return;
        };
        let top = pos2(self.at.x - self.margin, self.at.y + row.min_y());
        let rect = Rect::from_min_size(top, vec2(1.0, row.height()));
        ui.scroll_to_rect(rect, Some(Align::Center));
        let begin: usize = text.split('\n').take(place.line).map(|line| line.chars().count() + 1).sum();
        let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(begin))));
        state.store(ui.ctx(), id);
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}
