//! What the console was told while the score ran, as marks on a line of its own: they lead to the lines of the console.

use std::cmp::Reverse;
use std::collections::VecDeque;

use egui::{Color32, CursorIcon, Rect, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::{LANE, NAMES, Window, paint_now, show_words};
use crate::editor::console::lines;
use crate::editor::model::{Console, Importance, Line, View};
use crate::editor::scene::Scene;
use crate::editor::theme::{self, Palette};

/// Marks that are kept; the oldest go.
const MOST: usize = 4096;

/// How far beside a mark the pointer may be, in points.
const NEAR: f32 = 6.0;

/// The score's time went back, or was set forward, where it makes a step of more than these, in seconds: it is read
/// while it moves.
const STEP: f64 = 0.1;
const JUMP: f64 = 1.0;

/// Lines that are shown of those under the pointer, those that are looked through for them, and the letters of one.
const MOST_SHOWN: usize = 5;
const MOST_READ: usize = 64;
const LETTERS: usize = 200;

/// A line of the console.
struct Mark {
    at: f64,
    number: u64,
    importance: Importance,
    /// The pass over the score in which it was said.
    pass: u64,
}

/// The marks of what was said. What an earlier pass over the score said stays ahead of the score's time, where it may be
/// said again, and goes once this pass has come there.
#[derive(Default)]
pub(super) struct Marks {
    marks: VecDeque<Mark>,
    /// Counts how often the score's time went back, where this pass began and how far it is, in seconds.
    pass: u64,
    began: f64,
    now: f64,
    /// The line to look at next, and how often the console was cleared.
    next: u64,
    clears: u64,
}

impl Marks {
    /// Takes what was said since: prints of the piece, warnings and errors.
    pub fn follow(&mut self, view: &View) {
        let console = &view.console;
        if self.clears != console.clears() {
            self.marks.clear();
            (self.clears, self.next) = (console.clears(), console.first());
        }
        let now = view.transport.time;
        if now < self.now - STEP {
            (self.pass, self.began) = (self.pass + 1, now);
        } else if now > self.now + JUMP {
            // What was left out is not passed.
            self.began = now;
        }
        self.now = now;
        let matters =
            |line: &Line| line.importance >= Importance::Print && line.importance != Importance::Note;
        for number in self.next.max(console.first())..console.next() {
            if let Some(line) = console.line(number).filter(|line| matters(line))
                && let Some(at) = line.at
            {
                self.marks.push_back(Mark { at, number, importance: line.importance, pass: self.pass });
            }
        }
        self.next = console.next();
        while self.marks.len() > MOST || self.marks.front().is_some_and(|mark| mark.number < console.first())
        {
            self.marks.pop_front();
        }
        if self.marks.front().is_some_and(|mark| mark.pass < self.pass) {
            let passed = self.began..now;
            self.marks.retain(|mark| mark.pass == self.pass || !passed.contains(&mark.at));
        }
    }

    /// Forgets them: another piece plays.
    pub fn clear(&mut self) {
        self.marks.clear();
    }

    /// Draws their line, of this width in points.
    pub fn show(&self, ui: &mut Ui, scene: &mut Scene, (width, window): (f32, Window)) {
        let size = vec2(width, LANE - ui.spacing().item_spacing.y);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let (names, line) = rect.split_left_right_at_x(rect.left() + NAMES);
        let palette = theme::palette(ui);
        show_words(ui, names, "console", palette.weak);
        let line = line.shrink2(vec2(0.0, 1.0));
        self.paint(ui, line, window);
        paint_now(&ui.painter_at(line), palette, line, (window, self.now));
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
        // Beside the marks a click does nothing: a near miss is not meant for the score.
        let near = self.near(line, window, at.x);
        let Some(first) = near.first() else { return };
        if clicked {
            scene.show_said(first.number);
        }
        response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui_at_pointer(|ui| {
            let shown = told(&near, &scene.view.console);
            for (words, count) in shown.iter().take(MOST_SHOWN) {
                ui.label(if *count == 1 { words.clone() } else { format!("{words} ({count} times)") });
            }
            let told: usize = shown.iter().take(MOST_SHOWN).map(|(_, count)| count).sum();
            if near.len() > told {
                ui.weak(format!("and {} more", lines(near.len() - told)));
            }
            let which = if near.len() == 1 { "it" } else { "the first one" };
            ui.weak(format!("Click: show {which} on the console"));
        });
    }

    /// The marks about a place: the most important first, of those the nearest in whole points, and of those the newest.
    fn near(&self, line: Rect, window: Window, x: f32) -> Vec<&Mark> {
        let away = |mark: &Mark| (window.x(line, mark.at) - x).abs();
        let is_near = |mark: &&Mark| window.holds(mark.at) && away(mark) <= NEAR;
        let mut near: Vec<_> = self.marks.iter().filter(is_near).collect();
        near.sort_by_key(|mark| (Reverse(mark.importance), away(mark) as u32, Reverse(mark.number)));
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

/// What the console says at the first of these marks, each once, with how often.
fn told(marks: &[&Mark], console: &Console) -> Vec<(String, usize)> {
    let mut shown: Vec<(String, usize)> = Vec::new();
    for mark in marks.iter().take(MOST_READ) {
        let Some(said) = console.line(mark.number) else { continue };
        let mut text: String = said.text.chars().take(LETTERS).collect();
        if text.len() < said.text.len() {
            text.push('…');
        }
        let words = format!("{:.1} s: {text}", mark.at);
        match shown.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += 1,
            None => shown.push((words, 1)),
        }
    }
    shown
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
        let near = |marks: &Marks, x: f32| {
            marks.near(line, window, x).iter().map(|mark| mark.number).collect::<Vec<_>>()
        };
        assert_eq!(near(&marks, 141.0), [4, 1], "a warning comes before a print");
        assert!(near(&marks, 150.0).is_empty());
        assert!(marks.near(line, Window { begin: 5.0, end: 15.0 }, 98.0).is_empty(), "it is not in sight");
        say(&mut view, Importance::Warning, Some(2.01));
        say(&mut view, Importance::Warning, Some(2.3));
        marks.follow(&view);
        assert_eq!(near(&marks, 141.0), [5, 4, 6, 1], "the newest of a place, then the nearest");
        let texts = told(&marks.near(line, window, 141.0), &view.console);
        let expected = [("2.0 s: said", 3), ("2.3 s: said", 1)];
        assert_eq!(texts, expected.map(|(words, count)| (words.to_owned(), count)));
        view.console.clear();
        marks.follow(&view);
        assert!(marks.marks.is_empty());
        (0..2 * MOST).for_each(|_| say(&mut view, Importance::Print, Some(3.0)));
        marks.follow(&view);
        assert_eq!(marks.marks.len(), MOST);
    }

    #[test]
    fn what_an_earlier_pass_said_goes_once_this_one_is_there() {
        let (mut view, mut marks) = (View::default(), Marks::default());
        (1..6).for_each(|at| say(&mut view, Importance::Print, Some(f64::from(at))));
        let mut at = |view: &mut View, time: f64| {
            view.transport.time = time;
            marks.follow(view);
            marks.marks.iter().map(|mark| mark.at).collect::<Vec<_>>()
        };
        assert_eq!(at(&mut view, 5.5), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(at(&mut view, 5.45), [1.0, 2.0, 3.0, 4.0, 5.0], "no step back");
        assert_eq!(at(&mut view, 1.5), [1.0, 2.0, 3.0, 4.0, 5.0], "it went back");
        say(&mut view, Importance::Print, Some(2.2));
        assert_eq!(at(&mut view, 2.4), [1.0, 3.0, 4.0, 5.0, 2.2], "of this pass, and what comes");
        assert_eq!(at(&mut view, 3.3), [1.0, 4.0, 5.0, 2.2]);
        assert_eq!(at(&mut view, 4.8), [1.0, 4.0, 5.0, 2.2], "what was left out stays");
        assert_eq!(at(&mut view, 5.2), [1.0, 4.0, 2.2]);
    }
}
