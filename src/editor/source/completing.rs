//! The list of what may be completed, below the cursor.

use csound_language::help::{Candidate, Completion};
use egui::{Align2, Area, Frame, Id, Key, Modifiers, Order, Pos2, RichText, ScrollArea, Ui};

use crate::editor::theme;

/// Points of the list's height and width at most.
const HEIGHT: f32 = 190.0;
const WIDTH: f32 = 420.0;

/// The list, while it is open.
#[derive(Default)]
pub(super) struct Completing {
    open: Option<Completion>,
    chosen: usize,
    /// What is chosen was moved to: it is brought into sight.
    moved: bool,
    /// The arrows chose it.
    by_hand: bool,
}

/// Whether a text begins with what is typed, whatever its capitals, and is more than that.
fn goes_on(text: &str, typed: &str) -> bool {
    let begin = text.get(..typed.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(typed)) && text.len() > typed.len()
}

/// What the keys have done.
pub(super) enum Answer {
    Nothing,
    /// The list is closed.
    Closed,
    /// This is put in.
    Taken(Completion, Candidate),
}

impl Completing {
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Offers this, or nothing.
    pub fn offer(&mut self, completion: Option<Completion>) {
        self.open = completion;
        self.chosen = 0;
        self.moved = true;
        self.by_hand = false;
    }

    pub fn close(&mut self) {
        self.open = None;
    }

    /// Closes the list where the cursor has left the word.
    pub fn follow(&mut self, cursor: usize) {
        if self.open.as_ref().is_some_and(|open| cursor < open.range.start || cursor > open.range.end) {
            self.open = None;
        }
    }

    /// Takes the keys that are the list's while it is open.
    ///
    /// Enter is as often meant for a new line: it puts in what was chosen by the arrows, or what goes on from the letters
    /// that stand there, and else it closes the list and stays.
    pub fn keys(&mut self, ui: &Ui, text: &str) -> Answer {
        let Some(open) = &self.open else { return Answer::Nothing };
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = open.candidates.len().saturating_sub(1);
        if pressed(Key::Escape) {
            self.open = None;
            return Answer::Closed;
        }
        let before = self.chosen;
        if pressed(Key::ArrowDown) {
            self.by_hand = true;
            self.chosen = if self.chosen == last { 0 } else { self.chosen + 1 };
        }
        if pressed(Key::ArrowUp) {
            self.by_hand = true;
            self.chosen = self.chosen.checked_sub(1).unwrap_or(last);
        }
        if pressed(Key::PageDown) {
            self.chosen = (self.chosen + 8).min(last);
        }
        if pressed(Key::PageUp) {
            self.chosen = self.chosen.saturating_sub(8);
        }
        self.moved |= before != self.chosen;
        self.by_hand |= before != self.chosen;
        if pressed(Key::Tab) {
            return self.take(self.chosen);
        }
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            let typed = text.get(open.range.clone()).unwrap_or_default();
            let chosen = open.candidates.get(self.chosen).map_or("", |candidate| &candidate.text);
            if self.by_hand || goes_on(chosen, typed) {
                pressed(Key::Enter);
                return self.take(self.chosen);
            }
            self.open = None;
        }
        Answer::Nothing
    }

    fn take(&mut self, index: usize) -> Answer {
        let Some(open) = self.open.take() else { return Answer::Nothing };
        match open.candidates.get(index).cloned() {
            Some(candidate) => Answer::Taken(open, candidate),
            None => Answer::Closed,
        }
    }

    /// Draws the list below a place; one that is clicked is put in.
    pub fn show(&mut self, ui: &Ui, below: Pos2, above: Pos2) -> Answer {
        let Some(open) = &self.open else { return Answer::Nothing };
        let is_low = below.y + HEIGHT > ui.ctx().content_rect().bottom();
        let (at, pivot) = if is_low { (above, Align2::LEFT_BOTTOM) } else { (below, Align2::LEFT_TOP) };
        let mut clicked = None;
        let area = Area::new(Id::unique("completion")).order(Order::Foreground).pivot(pivot).fixed_pos(at);
        let moved = std::mem::take(&mut self.moved);
        area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_max_width(WIDTH);
                ScrollArea::vertical().max_height(HEIGHT).show(ui, |ui| {
                    for (index, candidate) in open.candidates.iter().enumerate() {
                        let is_chosen = index == self.chosen;
                        let response = row(ui, candidate, is_chosen);
                        if is_chosen && moved {
                            response.scroll_to_me(None);
                        }
                        if response.clicked() {
                            clicked = Some(index);
                        }
                    }
                });
            });
        });
        clicked.map_or(Answer::Nothing, |index| self.take(index))
    }
}

fn row(ui: &mut Ui, candidate: &Candidate, is_chosen: bool) -> egui::Response {
    let palette = theme::palette(ui);
    let about = if candidate.about.is_empty() { candidate.kind.word() } else { &candidate.about };
    ui.horizontal(|ui| {
        ui.set_min_width(WIDTH - 20.0);
        let name = RichText::new(&candidate.name).monospace();
        let response = ui.selectable_label(is_chosen, name);
        let about = RichText::new(about).small().color(palette.weak);
        ui.add(egui::Label::new(about).truncate().selectable(false));
        response
    })
    .inner
    .on_hover_text(candidate.kind.word())
}
