//! The console. However many lines it holds, only those in sight are laid out.

use std::collections::VecDeque;
use std::ops::Range;

use egui::{
    Align, Color32, ComboBox, CursorIcon, Label, Layout, Rect, RichText, ScrollArea, Sense, TextEdit, Ui,
    UiBuilder, vec2,
};

use super::model::{self, Action, Importance, Line};
use super::scene::Scene;
use super::theme::{self, Palette};

const IMPORTANCES: [(Importance, &str); 5] = [
    (Importance::Info, "Everything"),
    (Importance::Print, "Prints and more"),
    (Importance::Note, "Notes and more"),
    (Importance::Warning, "Warnings and errors"),
    (Importance::Error, "Errors"),
];

/// Remembers which lines the filter lets through.
#[derive(Default)]
pub(super) struct Console {
    wanted: String,
    sieve: Sieve,
    /// The line that somebody was led to, by its number.
    sought: Option<u64>,
    /// How far the lines were scrolled, in points, and whether that was their end.
    scrolled: f32,
    is_at_end: bool,
    /// The line to look at next for the badge, and warnings and errors that were not seen.
    looked: u64,
    unseen: usize,
}

impl Console {
    /// The number of warnings and errors that were said since the console was last in front.
    pub fn unseen(&mut self, console: &model::Console, is_in_front: bool) -> usize {
        let new = self.looked.max(console.first())..console.next();
        let matters =
            |number: &u64| console.line(*number).is_some_and(|line| line.importance >= Importance::Warning);
        self.unseen += new.filter(matters).count();
        self.looked = console.next();
        if is_in_front || console.is_empty() {
            self.unseen = 0;
        }
        self.unseen
    }

    /// Draws this part of the window.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let sought = self.take_sought(scene);
        self.tools(ui, scene);
        let gone =
            self.sieve.follow(&scene.view.console, &self.wanted.to_lowercase(), scene.state.importance);
        let count = self.sieve.len(&scene.view.console);
        let height = ui.text_style_height(&egui::TextStyle::Monospace) + 2.0;
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area =
            ScrollArea::both().id_salt("console").auto_shrink(false).stick_to_bottom(true).animated(false);
        if gone > 0 && !self.is_at_end {
            // What is read stays where it is while a full console loses its oldest lines.
            area = area.vertical_scroll_offset((self.scrolled - gone as f32 * height).max(0.0));
        }
        let sought = sought.and_then(|number| self.sieve.row(&scene.view.console, number));
        let shown = area.show_rows(ui, height, count, |ui, rows| {
            if let Some(row) = sought {
                // In the middle, so that what was said before it is seen.
                let down = (row as f32 - rows.start as f32) * height;
                let line = Rect::from_min_size(ui.max_rect().min + vec2(0.0, down), vec2(1.0, height));
                ui.scroll_to_rect(line, Some(Align::Center));
            }
            self.rows(ui, scene, rows, height);
        });
        self.scrolled = shown.state.clamped_offset().y;
        self.is_at_end = self.scrolled + shown.inner_rect.height() >= shown.content_size.y - 0.5;
    }

    /// The line that is to be shown, once: what would hide it is let go.
    fn take_sought(&mut self, scene: &mut Scene) -> Option<u64> {
        let number = scene.said_to_show.take()?;
        let line = scene.view.console.line(number)?;
        scene.state.importance = scene.state.importance.min(line.importance);
        if !line.text.to_lowercase().contains(&self.wanted.to_lowercase()) {
            self.wanted.clear();
        }
        self.sought = Some(number);
        self.sought
    }

    fn rows(&self, ui: &mut Ui, scene: &mut Scene, rows: Range<usize>, height: f32) {
        scene.laid.console_lines += rows.len();
        let console = &scene.view.console;
        let mut shown = None;
        for row in rows {
            let Some(number) = self.sieve.number(console, row) else { continue };
            let Some(line) = console.line(number) else { continue };
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
            if self.sought == Some(number) {
                ui.painter().rect_filled(rect, 2, theme::palette(ui).accent.gamma_multiply(0.2));
            }
            let place = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
            ui.scope_builder(place, |ui| shown = draw(ui, line).or(shown));
        }
        match shown {
            Some(Wish::Source(line)) => scene.show_line(0, line),
            Some(Wish::Time(seconds)) => scene.act(Action::Seek(seconds)),
            None => {}
        }
    }

    fn tools(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.horizontal(|ui| {
            let chosen = IMPORTANCES.iter().find(|(importance, _)| *importance == scene.state.importance);
            let name = chosen.map_or("", |(_, name)| name);
            let level = ComboBox::from_id_salt("level").selected_text(name).width(150.0);
            let level = level.show_ui(ui, |ui| {
                for (importance, name) in IMPORTANCES {
                    ui.selectable_value(&mut scene.state.importance, importance, name);
                }
            });
            let _ = level.response.accessible_name("Which lines");
            let wanted = TextEdit::singleline(&mut self.wanted)
                .align(egui::Align2::LEFT_CENTER)
                .hint_text("Only lines with…")
                .desired_width(180.0);
            let _ = ui.add(wanted).accessible_name("Words in the lines");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Clear").on_hover_text("Forget these lines").clicked() {
                    scene.act(Action::ClearConsole);
                }
                if ui.button("Copy").on_hover_text("Copy the lines that are shown").clicked() {
                    ui.ctx().copy_text(self.sieve.text(&scene.view.console));
                }
                let count = self.sieve.len(&scene.view.console);
                ui.weak(lines(count));
            });
        });
    }
}

/// So many lines, in words.
pub(super) fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// What somebody wants of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    /// The line of the source that it speaks of.
    Source(u32),
    /// The score's time at which it was said, in seconds.
    Time(f64),
}

/// Draws a line; says what is wanted of it.
fn draw(ui: &mut Ui, line: &Line) -> Option<Wish> {
    let palette = theme::palette(ui);
    let text = RichText::new(&*line.text).monospace().color(colour(palette, line.importance));
    let label = Label::new(if line.source_line.is_some() { text.underline() } else { text });
    let label = label.wrap_mode(egui::TextWrapMode::Extend).sense(Sense::click());
    let mut response = ui.add(label);
    if let Some(number) = line.source_line {
        response = response.on_hover_text(format!("Show line {number} of the source"));
        response = response.on_hover_cursor(CursorIcon::PointingHand);
    }
    let mut wish = None;
    response.context_menu(|ui| {
        if ui.button("Copy this line").clicked() {
            ui.ctx().copy_text(line.text.to_string());
        }
        if let Some(at) = line.at
            && ui.button(format!("Go to {at:.1} s of the score, where it was said")).clicked()
        {
            wish = Some(Wish::Time(at));
        }
    });
    wish.or(line.source_line.filter(|_| response.clicked()).map(Wish::Source))
}

fn colour(palette: &Palette, importance: Importance) -> Color32 {
    match importance {
        Importance::Info => palette.weak,
        Importance::Print => palette.text,
        Importance::Note => palette.accent,
        Importance::Warning => palette.warning,
        Importance::Error => palette.error,
    }
}

/// The lines that the filter lets through, kept up to date by looking at new lines only.
#[derive(Default)]
struct Sieve {
    wanted: String,
    importance: Importance,
    clears: u64,
    /// The oldest line at the last look, and the line to look at next.
    first: u64,
    next: u64,
    /// The numbers of those let through; unused where all are.
    through: VecDeque<u64>,
}

impl Sieve {
    fn lets_all_through(&self) -> bool {
        self.wanted.is_empty() && self.importance == Importance::Info
    }

    /// Brings it up to date; gives how many of the lines that were let through are no more.
    fn follow(&mut self, console: &model::Console, wanted: &str, importance: Importance) -> u64 {
        if self.wanted != wanted || self.importance != importance || self.clears != console.clears() {
            *self = Self {
                wanted: wanted.to_owned(),
                importance,
                clears: console.clears(),
                first: console.first(),
                ..Self::default()
            };
        }
        let lost = console.first() - std::mem::replace(&mut self.first, console.first());
        if self.lets_all_through() {
            return lost;
        }
        let before = self.through.len();
        while self.through.front().is_some_and(|number| *number < console.first()) {
            self.through.pop_front();
        }
        let gone = before - self.through.len();
        for number in self.next.max(console.first())..console.next() {
            if console.line(number).is_some_and(|line| self.lets_through(line)) {
                self.through.push_back(number);
            }
        }
        self.next = console.next();
        gone as u64
    }

    fn lets_through(&self, line: &Line) -> bool {
        line.importance >= self.importance
            && (self.wanted.is_empty() || line.text.to_lowercase().contains(&self.wanted))
    }

    fn len(&self, console: &model::Console) -> usize {
        if self.lets_all_through() { console.len() } else { self.through.len() }
    }

    fn number(&self, console: &model::Console, row: usize) -> Option<u64> {
        if self.lets_all_through() {
            return Some(console.first() + row as u64);
        }
        self.through.get(row).copied()
    }

    /// The row of a line, if it is let through.
    fn row(&self, console: &model::Console, number: u64) -> Option<usize> {
        if self.lets_all_through() {
            let row = number.checked_sub(console.first()).filter(|_| number < console.next())?;
            return usize::try_from(row).ok();
        }
        self.through.binary_search(&number).ok()
    }

    fn text(&self, console: &model::Console) -> String {
        let rows = 0..self.len(console);
        let lines = rows.filter_map(|row| console.line(self.number(console, row)?));
        lines.map(|line| format!("{}\n", line.text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(importance: Importance, text: &str) -> Line {
        Line { importance, text: text.into(), ..Line::default() }
    }

    #[test]
    fn warnings_and_errors_are_counted_until_they_are_seen() {
        let (mut console, mut shown) = (model::Console::default(), Console::default());
        for importance in [Importance::Info, Importance::Warning, Importance::Print, Importance::Error] {
            console.push(line(importance, "said"));
        }
        assert_eq!([shown.unseen(&console, false), shown.unseen(&console, false)], [2, 2]);
        assert_eq!([shown.unseen(&console, true), shown.unseen(&console, false)], [0, 0]);
        console.push(line(Importance::Error, "again"));
        assert_eq!(shown.unseen(&console, false), 1);
        console.clear();
        assert_eq!(shown.unseen(&console, false), 0);
    }

    #[test]
    fn the_filter_follows_new_lines_and_forgets_lost_ones() {
        let mut console = model::Console::default();
        console.push(line(Importance::Info, "Csound 6.18"));
        console.push(line(Importance::Error, "error: no OSCIL"));
        let mut sieve = Sieve::default();
        sieve.follow(&console, "", Importance::Info);
        assert_eq!(sieve.len(&console), 2);
        sieve.follow(&console, "oscil", Importance::Info);
        assert_eq!(sieve.text(&console), "error: no OSCIL\n");
        console.push(line(Importance::Print, "oscil again"));
        sieve.follow(&console, "oscil", Importance::Info);
        assert_eq!(sieve.len(&console), 2);
        sieve.follow(&console, "oscil", Importance::Error);
        assert_eq!(sieve.number(&console, 0), Some(1));
        console.clear();
        sieve.follow(&console, "oscil", Importance::Error);
        assert_eq!(sieve.len(&console), 0);
        // What is gone is counted, by which what is read can stay in its place.
        console.push(line(Importance::Error, "oscil at first"));
        (1..model::CONSOLE_LINES).for_each(|_| console.push(line(Importance::Info, "more")));
        assert_eq!(sieve.follow(&console, "oscil", Importance::Error), 0);
        console.push(line(Importance::Info, "more"));
        assert_eq!(sieve.follow(&console, "oscil", Importance::Error), 1);
        assert_eq!(sieve.follow(&console, "", Importance::Info), 0);
        (0..3).for_each(|_| console.push(line(Importance::Info, "more")));
        assert_eq!(sieve.follow(&console, "", Importance::Info), 3);
    }
}
