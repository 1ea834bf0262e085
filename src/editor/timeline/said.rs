//! What the console was told while the score ran, as marks on a line of its own: they lead to the lines of the console.

use std::collections::VecDeque;

use egui::{Color32, Rect, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::{LANE, NAMES, Window, show_words};
use crate::editor::console::lines;
use crate::editor::model::{Action, Importance, Line, View};
use crate::editor::scene::Scene;
use crate::editor::theme::{self, Palette};

/// Marks that are kept; the oldest go.
const MOST: usize = 4096;

/// How far beside a mark the pointer may be, in points.
const NEAR: f32 = 4.0;

/// Lines that are shown of those under the pointer.
const MOST_SHOWN: usize = 5;

/// A line of the console.
struct Mark {
    at: f64,
    number: u64,
    importance: Importance,
}

/// The marks of what was said.
#[derive(Default)]
pub(super) struct Marks {
    marks: VecDeque<Mark>,
    /// The line to look at next, and how often the console was cleared.
    next: u64,
    clears: u64,
}

impl Marks {
    /// Takes what was said since: prints of the piece, warnings and errors.
    pub fn follow(&mut self, view: &View) {
        let console = &view.console;
        if self.clears != console.clears() {
            *self = Self { clears: console.clears(), next: console.first(), ..Self::default() };
        }
        let matters =
            |line: &Line| line.importance >= Importance::Print && line.importance != Importance::Note;
        for number in self.next.max(console.first())..console.next() {
            if let Some(line) = console.line(number).filter(|line| matters(line))
                && let Some(at) = line.at
            {
                self.marks.push_back(Mark { at, number, importance: line.importance });
            }
        }
        self.next = console.next();
        while self.marks.len() > MOST || self.marks.front().is_some_and(|mark| mark.number < console.first())
        {
            self.marks.pop_front();
        }
    }

    /// Forgets them: another piece plays.
    pub fn clear(&mut self) {
        self.marks.clear();
    }

    /// Draws their line.
    pub fn show(&self, ui: &mut Ui, scene: &mut Scene, window: Window) {
        let size = vec2(ui.available_width(), LANE - ui.spacing().item_spacing.y);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let (names, line) = rect.split_left_right_at_x(rect.left() + NAMES);
        let palette = theme::palette(ui);
        show_words(ui, names, "console", palette.weak);
        let line = line.shrink2(vec2(0.0, 1.0));
        self.paint(ui, line, window);
        let words = match self.marks.back() {
            Some(mark) => {
                format!("Console on the score: {}, the last at {:.1} s", lines(self.marks.len()), mark.at)
            }
            None => "Console on the score: no lines".to_owned(),
        };
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), words.clone()));
        // By the keyboard there is no place: the last one.
        let pointer = ui.ctx().pointer_latest_pos().filter(|at| line.contains(*at));
        let clicked = response.clicked();
        let Some(at) = pointer else {
            if let Some(mark) = self.marks.back().filter(|_| clicked) {
                scene.show_said(mark.number);
            }
            return;
        };
        let near = self.near(line, window, at.x);
        if clicked {
            match near.first() {
                Some(mark) => scene.show_said(mark.number),
                None => scene.act(Action::Seek(window.at(line, at.x))),
            }
        }
        if near.is_empty() {
            response.on_hover_text(format!("Click: go to {:.1} s", window.at(line, at.x)));
            return;
        }
        response.on_hover_ui(|ui| {
            for mark in near.iter().take(MOST_SHOWN) {
                if let Some(said) = scene.view.console.line(mark.number) {
                    ui.label(format!("{:.1} s: {}", mark.at, said.text));
                }
            }
            if near.len() > MOST_SHOWN {
                ui.weak(format!("and {} more", near.len() - MOST_SHOWN));
            }
            ui.weak("Click: show it on the console");
        });
    }

    /// The marks about a place, the most important first, and of those the oldest.
    fn near(&self, line: Rect, window: Window, x: f32) -> Vec<&Mark> {
        let is_near = |mark: &&Mark| window.holds(mark.at) && (window.x(line, mark.at) - x).abs() <= NEAR;
        let mut near: Vec<_> = self.marks.iter().filter(is_near).collect();
        near.sort_by_key(|mark| (std::cmp::Reverse(mark.importance), mark.number));
        near
    }

    fn paint(&self, ui: &Ui, line: Rect, window: Window) {
        let palette = theme::palette(ui);
        let painter = ui.painter_at(line);
        theme::paint_well(&painter, palette, line, 2);
        // One that adds no pixel to those of its kind is not drawn.
        let mut last = [f32::NEG_INFINITY; 3];
        for mark in self.marks.iter().filter(|mark| window.holds(mark.at)) {
            let (kind, colour) = look(palette, mark.importance);
            let x = window.x(line, mark.at);
            if (x - last[kind]).abs() >= 1.0 {
                last[kind] = x;
                painter.vline(x, line.shrink(2.0).y_range(), Stroke::new(2.0, colour));
            }
        }
    }
}

fn look(palette: &Palette, importance: Importance) -> (usize, Color32) {
    match importance {
        Importance::Error => (2, palette.error),
        Importance::Warning => (1, palette.warning),
        _ => (0, palette.weak),
    }
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    fn say(view: &mut View, importance: Importance, at: Option<f64>) {
        view.console.push(Line { importance, at, text: "said".into(), ..Line::default() });
    }

    #[test]
    fn what_the_piece_says_has_a_mark_and_leads_to_its_line() {
        let (mut view, mut marks) = (View::default(), Marks::default());
        say(&mut view, Importance::Info, Some(1.0));
        say(&mut view, Importance::Print, Some(2.0));
        say(&mut view, Importance::Error, None);
        say(&mut view, Importance::Note, Some(2.0));
        say(&mut view, Importance::Warning, Some(2.01));
        marks.follow(&view);
        marks.follow(&view);
        assert_eq!(marks.marks.iter().map(|mark| mark.number).collect::<Vec<_>>(), [1, 4]);
        let window = Window { begin: 0.0, end: 10.0 };
        let line = Rect::from_min_size(pos2(100.0, 0.0), vec2(200.0, 10.0));
        let near = |x: f32| marks.near(line, window, x).iter().map(|mark| mark.number).collect::<Vec<_>>();
        assert_eq!(near(141.0), [4, 1], "a warning comes before a print");
        assert!(near(150.0).is_empty());
        assert!(marks.near(line, Window { begin: 5.0, end: 15.0 }, 98.0).is_empty(), "it is not in sight");
        view.console.clear();
        marks.follow(&view);
        assert!(marks.marks.is_empty());
        (0..2 * MOST).for_each(|_| say(&mut view, Importance::Print, Some(3.0)));
        marks.follow(&view);
        assert_eq!(marks.marks.len(), MOST);
    }
}
