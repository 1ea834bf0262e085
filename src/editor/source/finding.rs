//! Find, replace, and go to a line: a bar above the text.

use std::ops::Range;

use csound_language::edit::Search;
use egui::{Key, Modifiers, RichText, TextEdit, Ui};

use super::cursor;
use crate::editor::keys::{self, KeyCommand};
use crate::editor::theme;

/// What the bar is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bar {
    #[default]
    Closed,
    Find,
    Replace,
    Line,
}

/// The bar, and what was found.
#[derive(Default)]
pub(super) struct Finding {
    pub bar: Bar,
    search: Search,
    by: String,
    line: String,
    /// Only what was selected when this was chosen is looked through.
    part: Option<Range<usize>>,
    places: Vec<Range<usize>>,
    error: Option<String>,
    /// The search, the part and the text that the places are of.
    of: Option<(Search, Option<Range<usize>>, usize, u64)>,
    takes_focus: bool,
    /// The bar was opened just now.
    is_new: bool,
    /// A name was looked for just now: the one at the cursor is at hand, too.
    is_of_name: bool,
    /// A place was replaced just now: the next one is at hand.
    goes_on: bool,
    /// The place that was shown for what was typed, until another one is selected.
    shown: Option<Range<usize>>,
    /// What is selected of a text of this number and version. egui lets go of it once the bar has the keys.
    at: Option<(usize, u64, Range<usize>)>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// Bring this into sight.
    Show(Range<usize>),
    /// Select this.
    Select(Range<usize>),
    /// Put a text in this place.
    Put(Range<usize>, String),
    /// The whole text becomes this one.
    Become(String),
    /// Go to a line, from 0.
    Line(usize),
    /// Back to the text.
    Close,
}

impl Finding {
    /// Opens the bar, for what is selected if that is a word or a few.
    pub fn open(&mut self, bar: Bar, selected: &str) {
        self.bar = bar;
        self.takes_focus = true;
        self.is_new = true;
        let is_few = !selected.is_empty() && !selected.contains('\n');
        if bar != Bar::Line && is_few {
            selected.clone_into(&mut self.search.words);
        }
    }

    /// Looks for the places of a name.
    pub fn look_for_name(&mut self, name: &str) {
        self.bar = Bar::Find;
        self.part = None;
        self.is_of_name = true;
        self.search =
            Search { words: name.to_owned(), is_expression: false, minds_case: true, whole_names: true };
    }

    /// Places of what is looked for, while the bar is open.
    pub fn places(&self) -> &[Range<usize>] {
        if matches!(self.bar, Bar::Find | Bar::Replace) { &self.places } else { &[] }
    }

    /// What is selected of a text, as far as it is known: as egui has it, or as it was before the bar took the keys.
    pub fn see(
        &mut self,
        (file, version): (usize, u64),
        selected: Range<usize>,
        has_focus: bool,
    ) -> Range<usize> {
        let is_kept = |(of, at, kept): &&(usize, u64, Range<usize>)| {
            let is_end = selected.start == kept.start || selected.start == kept.end;
            !has_focus && selected.is_empty() && (*of, *at) == (file, version) && is_end
        };
        if let Some((.., kept)) = self.at.as_ref().filter(is_kept) {
            return kept.clone();
        }
        self.at = Some((file, version, selected.clone()));
        selected
    }

    /// Notes that this is selected now of a text.
    pub fn stand(&mut self, (file, version): (usize, u64), at: Range<usize>) {
        self.shown = None;
        self.at = Some((file, version, at));
    }

    /// The place that is selected, if it was found.
    pub fn current(&self) -> Option<&Range<usize>> {
        let (.., at) = self.at.as_ref()?;
        self.places().iter().find(|place| *place == at)
    }

    /// Looks again where search or text have changed. Where something else is looked for: the place at hand, which is
    /// to be seen.
    pub fn follow(
        &mut self,
        (file, version): (usize, u64),
        text: &str,
        selected: &Range<usize>,
    ) -> Option<Wish> {
        if !matches!(self.bar, Bar::Find | Bar::Replace) {
            return None;
        }
        let is_other = self.of.as_ref().is_none_or(|(search, ..)| *search != self.search);
        let is_new = std::mem::take(&mut self.is_new) || is_other;
        let (is_of_name, goes_on) = (std::mem::take(&mut self.is_of_name), std::mem::take(&mut self.goes_on));
        self.look(file, version, text);
        if goes_on {
            return self.step(selected, true);
        }
        let is_at_hand = |place: &&Range<usize>| match is_of_name {
            true => place.end >= selected.start,
            false => place.start >= selected.start,
        };
        let at_hand = self.places.iter().find(is_at_hand).or(self.places.first());
        let shown = at_hand.filter(|_| is_new).cloned();
        if is_new {
            self.shown.clone_from(&shown);
        }
        shown.map(Wish::Show)
    }

    /// What is selected once the bar closes: the place that was shown for what was typed, or what is selected now.
    pub fn at_end(&mut self, selected: Range<usize>) -> Range<usize> {
        self.shown.take().filter(|shown| self.places.contains(shown)).unwrap_or(selected)
    }

    fn look(&mut self, file: usize, version: u64, text: &str) {
        let of = (self.search.clone(), self.part.clone(), file, version);
        if self.of.as_ref() == Some(&of) {
            return;
        }
        let within = self.part.clone().unwrap_or(0..text.len());
        match self.search.find(text, within) {
            Ok(places) => (self.places, self.error) = (places, None),
            Err(error) => (self.places, self.error) = (Vec::new(), Some(error.to_string())),
        }
        self.of = Some(of);
    }

    /// The next place behind the selection, or the one before it; at the end it begins again.
    pub fn step(&self, selected: &Range<usize>, forward: bool) -> Option<Wish> {
        let place = match forward {
            true => self.places.iter().find(|place| place.start >= selected.end),
            false => self.places.iter().rev().find(|place| place.start < selected.start),
        };
        let around = if forward { self.places.first() } else { self.places.last() };
        place.or(around).cloned().map(Wish::Select)
    }

    /// Draws the bar.
    pub fn show(&mut self, ui: &mut Ui, text: &str, selected: &Range<usize>) -> Option<Wish> {
        let wish = match self.bar {
            Bar::Closed => return None,
            Bar::Line => self.line_bar(ui),
            Bar::Find | Bar::Replace => self.find_bar(ui, text, selected),
        };
        if wish == Some(Wish::Close) {
            self.bar = Bar::Closed;
        }
        wish
    }

    fn line_bar(&mut self, ui: &mut Ui) -> Option<Wish> {
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.line).hint_text("line").desired_width(70.0);
            let response = ui.add(field).accessible_name("Go to line");
            if std::mem::take(&mut self.takes_focus) {
                response.request_focus();
            }
            let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let go = ui.button("Go").clicked() || enter;
            let line = self.line.trim().parse::<usize>().ok().filter(|_| go);
            if let Some(line) = line {
                self.bar = Bar::Closed;
                return Some(Wish::Line(line.saturating_sub(1)));
            }
            closes(ui).then_some(Wish::Close)
        })
        .inner
    }

    fn find_bar(&mut self, ui: &mut Ui, text: &str, selected: &Range<usize>) -> Option<Wish> {
        let mut wish = None;
        ui.horizontal_wrapped(|ui| {
            let field = TextEdit::singleline(&mut self.search.words).hint_text("find").desired_width(160.0);
            let response = ui.add(field).accessible_name("Find");
            if std::mem::take(&mut self.takes_focus) {
                response.request_focus();
                // What is typed takes the place of what was looked for.
                let words = &self.search.words;
                cursor::select(ui.ctx(), response.id, words, 0..words.len());
            }
            let (enter, shift) = ui.input(|input| (input.key_pressed(Key::Enter), input.modifiers.shift));
            let entered = response.lost_focus() && enter;
            if entered {
                response.request_focus();
            }
            let [before, next] =
                [KeyCommand::FindBefore, KeyCommand::FindNext].map(|one| keys::called(ui.ctx(), one));
            let before = before.map_or_else(String::new, |key| format!("{key}, or "));
            let next = next.map_or_else(String::new, |key| format!("{key}, or "));
            let previous = ui.button("Previous").on_hover_text(format!("{before}Shift+Enter"));
            if previous.clicked() || entered && shift {
                wish = self.step(selected, false);
            }
            if ui.button("Next").on_hover_text(format!("{next}Enter")).clicked() || entered && !shift {
                wish = self.step(selected, true);
            }
            theme::switch(ui, &mut self.search.minds_case, "Aa").on_hover_text("Capitals matter");
            theme::switch(ui, &mut self.search.whole_names, "Names").on_hover_text("Whole names only");
            theme::switch(ui, &mut self.search.is_expression, ".*").on_hover_text("A regular expression");
            let mut in_part = self.part.is_some();
            let part = theme::switch(ui, &mut in_part, "In selection");
            if part.on_hover_text("Only in what is selected now").changed() {
                self.part = Some(selected.clone()).filter(|part| in_part && !part.is_empty());
            }
            self.told(ui);
            if closes(ui) {
                wish = Some(Wish::Close);
            }
        });
        if self.bar == Bar::Replace {
            ui.horizontal(|ui| {
                let hint = if self.search.is_expression {
                    "replace by ($1: the first brackets)"
                } else {
                    "replace by"
                };
                let field = TextEdit::singleline(&mut self.by).hint_text(hint).desired_width(160.0);
                ui.add(field).accessible_name("Replace by");
                let help = "The one that is selected, and go to the next";
                if ui.button("Replace").on_hover_text(help).clicked() {
                    wish = self.replace(text, selected);
                }
                if ui.button("Replace all").clicked() {
                    wish = self.replace_all(text);
                }
            });
        }
        wish
    }

    fn told(&self, ui: &mut Ui) {
        let palette = theme::palette(ui);
        match &self.error {
            Some(error) => ui.label(RichText::new(error).small().color(palette.error)),
            None if self.search.words.is_empty() => ui.label(""),
            None => {
                ui.label(RichText::new(format!("{} found", self.places.len())).small().color(palette.weak))
            }
        };
    }

    /// Replaces what is selected, if it was found, else goes to the next.
    fn replace(&mut self, text: &str, selected: &Range<usize>) -> Option<Wish> {
        if !self.places.contains(selected) {
            return self.step(selected, true);
        }
        let new = self.search.replacement(text, selected.clone(), &self.by).ok()??;
        self.goes_on = true;
        Some(Wish::Put(selected.clone(), new))
    }

    fn replace_all(&mut self, text: &str) -> Option<Wish> {
        let within = self.part.clone().unwrap_or(0..text.len());
        let (new, count) = self.search.replace_all(text, within.clone(), &self.by).ok()?;
        if let Some(part) = &mut self.part {
            part.end = (within.end + new.len()).saturating_sub(text.len()).max(part.start);
        }
        (count > 0).then_some(Wish::Become(new))
    }
}

fn closes(ui: &mut Ui) -> bool {
    let escape = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    ui.button("Close").on_hover_text("Escape").clicked() || escape
}
