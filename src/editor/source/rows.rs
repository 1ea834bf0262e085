//! The lines of a text that was laid out: their numbers, what is marked at them, the way to one of them.

use std::collections::BTreeMap;
use std::ops::Range;

use csound_language::mistakes::Mistake;
use egui::{Align, Align2, Color32, FontId, Galley, Pos2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};

use super::cursor;
use crate::editor::scene::Place;
use crate::editor::theme;

/// Places in sight that are framed at most.
const MOST_FOUND: usize = 500;

/// What is marked at the lines.
pub(super) struct Marks<'a> {
    /// Csound's errors, by line from 0.
    pub errors: &'a BTreeMap<usize, &'a str>,
    /// What is wrong for certain, in order.
    pub mistakes: &'a [Mistake],
    /// A bracket and its partner, in bytes of the text.
    pub brackets: Option<(usize, usize)>,
    /// What was found, in bytes of the text.
    pub found: &'a [Range<usize>],
    /// The one of them that is selected.
    pub current: Option<&'a Range<usize>>,
    /// Lines that were sent to what plays, and the colour behind them.
    pub flash: Option<(std::ops::RangeInclusive<usize>, Color32)>,
}

/// The rows of a text that was laid out; a line that is wrapped has several.
pub(super) struct Rows<'a> {
    pub galley: &'a Galley,
    pub at: Pos2,
    pub margin: f32,
}

impl Rows<'_> {
    /// Numbers the lines in sight and marks them; says how many they are.
    pub fn number(&self, ui: &mut Ui, font: &FontId, marks: &Marks, behind: egui::layers::ShapeIdx) -> usize {
        let palette = theme::palette(ui);
        let sight = ui.clip_rect();
        let first = self.galley.rows.partition_point(|row| self.at.y + row.max_y() < sight.top());
        let mut line = self.galley.rows[..first].iter().filter(|row| row.ends_with_newline).count();
        let mut begins = first == 0 || self.galley.rows[first - 1].ends_with_newline;
        let mut shapes = Vec::new();
        let mut count = 0;
        for row in &self.galley.rows[first..] {
            let top = self.at.y + row.min_y();
            if top > sight.bottom() {
                break;
            }
            let error = marks.errors.get(&line);
            let rect = Rect::from_min_max(
                pos2(self.at.x - self.margin, top),
                pos2(sight.right().max(self.at.x), self.at.y + row.max_y()),
            );
            if let Some((_, colour)) = marks.flash.as_ref().filter(|(lines, _)| lines.contains(&line)) {
                shapes.push(Shape::rect_filled(rect, 2, *colour));
            }
            if error.is_some() {
                shapes.push(Shape::rect_filled(
                    rect,
                    2,
                    theme::mix(palette.well, palette.error, theme::TINT),
                ));
            }
            if begins {
                count += 1;
                let mistake = mistakes_of(marks.mistakes, line).first();
                let colour = match (error, mistake) {
                    (Some(_), _) => palette.error,
                    (None, Some(_)) => palette.warning,
                    (None, None) => palette.weak,
                };
                let at = pos2(self.at.x - 12.0, top);
                ui.painter().text(at, Align2::RIGHT_TOP, line + 1, font.clone(), colour);
                match (error, mistake) {
                    (Some(error), _) => self.explain(ui, rect, line, ("Error", error)),
                    (None, Some(mistake)) => self.explain(ui, rect, line, ("Mistake", &mistake.text)),
                    (None, None) => {}
                }
            }
            begins = row.ends_with_newline;
            line += usize::from(begins);
        }
        ui.painter().set(behind, Shape::Vec(shapes));
        let edge = Stroke::new(1.0, palette.line);
        ui.painter().vline(self.at.x - 6.0, sight.y_range(), edge);
        count
    }

    /// Underlines what is wrong in the lines in sight, and frames a bracket and its partner.
    pub fn mark(&self, ui: &mut Ui, text: &str, marks: &Marks) {
        let palette = theme::palette(ui);
        let sight = ui.clip_rect();
        if let Some((one, other)) = marks.brackets {
            for byte in [one, other] {
                let place = self.place(text, byte..byte + 1);
                ui.painter().rect_stroke(
                    place,
                    2,
                    Stroke::new(1.0, palette.accent),
                    egui::StrokeKind::Outside,
                );
            }
        }
        let begin = self.line_at(sight.top());
        let end = self.line_at(sight.bottom());
        for place in self.found_in(text, sight, marks.found) {
            ui.painter().rect_stroke(place, 2, Stroke::new(1.0, palette.warning), egui::StrokeKind::Outside);
        }
        for place in self.found_in(text, sight, marks.current.map_or(&[], std::slice::from_ref)) {
            ui.painter().rect_stroke(place, 2, Stroke::new(2.0, palette.accent), egui::StrokeKind::Outside);
        }
        for mistake in marks.mistakes.iter().filter(|mistake| (begin..=end).contains(&mistake.line)) {
            let line_begin = begin_of(text, mistake.line);
            let place = self.place(
                text,
                line_begin + mistake.at.start..line_begin + mistake.at.end.max(mistake.at.start + 1),
            );
            wave(ui, place, palette.warning);
            let response = ui.interact(
                place,
                ui.scope_id().with(("mistake", mistake.line, mistake.at.start)),
                Sense::hover(),
            );
            response.on_hover_text(&mistake.text);
        }
    }

    /// The places in sight of what was found, which is in order; one for each row that it lies in. The text is walked
    /// through once.
    fn found_in(&self, text: &str, sight: Rect, found: &[Range<usize>]) -> Vec<Rect> {
        let rows = &self.galley.rows;
        let first = rows.partition_point(|row| self.at.y + row.max_y() < sight.top());
        let before: usize = rows[..first].iter().map(|row| row.char_count_including_newline().0).sum();
        let mut begin = cursor::byte_of(text, before);
        let mut next = found.partition_point(|place| place.end <= begin);
        let mut places = Vec::new();
        for row in rows[first..].iter().take_while(|row| self.at.y + row.min_y() <= sight.bottom()) {
            let end = begin + cursor::byte_of(&text[begin..], row.char_count_including_newline().0);
            let (mut byte, mut column) = (begin, egui::text::CharIndex(0));
            let mut x_of = |at: usize| {
                if let Some(walked) = text.get(byte..at) {
                    (byte, column.0) = (at, column.0 + walked.chars().count());
                }
                self.at.x + row.pos.x + row.x_offset(column)
            };
            while let Some(place) = found.get(next).filter(|place| place.start < end) {
                if places.len() == MOST_FOUND {
                    return places;
                }
                let (left, right) = (x_of(place.start.max(begin)), x_of(place.end.min(end)));
                let (top, bottom) = (self.at.y + row.min_y(), self.at.y + row.max_y());
                places.push(Rect::from_min_max(pos2(left, top), pos2(right.max(left + 4.0), bottom)));
                if place.end > end {
                    break;
                }
                next += 1;
            }
            begin = end;
        }
        places
    }

    /// The line at a height of the window.
    fn line_at(&self, y: f32) -> usize {
        let row = self.galley.rows.partition_point(|row| self.at.y + row.max_y() < y);
        self.galley.rows[..row].iter().filter(|row| row.ends_with_newline).count()
    }

    /// The place of some bytes of a text, which lie in one row.
    pub fn place(&self, text: &str, bytes: Range<usize>) -> Rect {
        let of = |byte: usize| {
            let letter = cursor::letter_of(text, byte);
            self.galley.pos_from_cursor(egui::text::CCursor::new(letter)).translate(self.at.to_vec2())
        };
        let (begin, end) = (of(bytes.start), of(bytes.end));
        let right = if end.top() > begin.top() { begin.right() + 40.0 } else { end.right() };
        Rect::from_min_max(begin.min, pos2(right.max(begin.left() + 4.0), begin.bottom()))
    }

    fn explain(&self, ui: &mut Ui, rect: Rect, line: usize, (what, text): (&str, &str)) {
        let gutter = rect.with_max_x(self.at.x - 6.0);
        let response = ui.interact(gutter, ui.scope_id().with(("error", line)), Sense::hover());
        let label = format!("{what} in line {}", line + 1);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &label));
        response.on_hover_text(text);
    }

    /// Brings a line into sight and puts the cursor there.
    pub fn show(&self, ui: &Ui, id: egui::Id, place: Place, text: &str) {
        let begin = begin_of(text, place.line);
        self.bring(ui, text, begin..begin);
        cursor::select(ui.ctx(), id, text, begin..begin);
        ui.memory_mut(|memory| memory.request_focus(id));
    }

    /// Brings some bytes into sight.
    pub fn bring(&self, ui: &Ui, text: &str, bytes: Range<usize>) {
        let place = self.place(text, bytes);
        let rect = Rect::from_min_size(
            pos2(place.left() - self.margin, place.top()),
            vec2(place.width() + self.margin, place.height()),
        );
        ui.scroll_to_rect(rect, Some(Align::Center));
    }
}

/// The mistakes of a line.
fn mistakes_of(mistakes: &[Mistake], line: usize) -> &[Mistake] {
    let begin = mistakes.partition_point(|mistake| mistake.line < line);
    let end = mistakes.partition_point(|mistake| mistake.line <= line);
    &mistakes[begin..end]
}

/// The byte at which a line begins.
pub(super) fn begin_of(text: &str, line: usize) -> usize {
    match line.checked_sub(1) {
        None => 0,
        Some(before) => text.match_indices('\n').nth(before).map_or(text.len(), |(at, _)| at + 1),
    }
}

/// A wavy line below.
fn wave(ui: &Ui, place: Rect, colour: Color32) {
    let y = place.bottom() - 1.0;
    let steps = ((place.width() / 3.0) as usize).clamp(1, 200);
    let points =
        (0..=steps).map(|step| pos2(place.left() + step as f32 * 3.0, y - (step % 2) as f32 * 2.0)).collect();
    ui.painter().add(Shape::line(points, Stroke::new(1.0, colour)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_framed_where_it_is_in_sight() {
        let text = "äb ".repeat(3000);
        let found: Vec<Range<usize>> =
            text.match_indices("äb").map(|(at, said)| at..at + said.len()).collect();
        let context = egui::Context::default();
        let mut output = context.run_ui(egui::RawInput::default(), |ui| {
            let galley = ui.painter().layout(text.clone(), FontId::monospace(12.0), Color32::WHITE, 300.0);
            let rows = Rows { galley: &galley, at: pos2(20.0, 10.0), margin: 20.0 };
            let whole = galley.rect.translate(rows.at.to_vec2());
            let sight = whole.with_min_y(whole.bottom() - 60.0);
            let places = rows.found_in(&text, sight, &found);
            assert!(!places.is_empty() && places.len() < MOST_FOUND, "{}", places.len());
            assert!(places.iter().all(|place| place.bottom() >= sight.top()));
            let last = rows.place(&text, found[found.len() - 1].clone());
            assert!(places[places.len() - 1].min.distance(last.min) < 0.1, "the same place");
            assert_eq!(rows.found_in(&text, whole, &found).len(), MOST_FOUND);
        });
        output.textures_delta.clear();
    }
}
