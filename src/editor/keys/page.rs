//! The list of keys, as the editor shows it, and the choice of them.

use egui::{Button, EventFilter, Grid, Label, RichText, Ui};

use super::asking::Keys;
use super::command::KeyCommand;
use super::list::{self, Entry, KEYS, Place};
use super::map::called_usually;
use crate::editor::model::Action;
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Below the heading.
const INTRODUCTION: &str = "All other keys go to the DAW. A click on a key lets you choose another one; those without \
                            a button stay as they are. On macOS, Ctrl is Command.";

/// On the button of a command that gets a key.
const ASKING: &str = "Press a key… (Escape: leave it as it is)";

/// The width of the keys' names, which a row's height follows.
const NAMES: f32 = 260.0;

impl Keys {
    /// Draws the list, folded.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let heading = RichText::new("Keys").strong();
        egui::CollapsingHeader::new(heading).id_salt("keys").show(ui, |ui| {
            ui.add(Label::new(RichText::new(INTRODUCTION).color(theme::palette(ui).weak)).wrap());
            for note in &self.map.notes {
                ui.add(Label::new(RichText::new(note).color(theme::palette(ui).error)).wrap());
            }
            let is_any = KeyCommand::ALL.iter().any(|command| self.map.is_chosen(*command));
            let reset = ui.add_enabled(is_any, Button::new("Reset all keys"));
            if reset.on_hover_text("All of them as usual").clicked() {
                self.refused = None;
                scene.act(Action::ResetKeys);
            }
            for place in Place::ALL {
                ui.add_space(theme::GAP);
                ui.label(place.name());
                let grid = Grid::new(place.name()).num_columns(2);
                grid.spacing([theme::GAP * 2.0, theme::GAP / 2.0]).show(ui, |ui| {
                    for entry in KEYS.iter().filter(|entry| entry.place == place) {
                        self.row(ui, scene, entry);
                    }
                });
            }
        });
    }

    fn row(&mut self, ui: &mut Ui, scene: &mut Scene, entry: &Entry) {
        let told = match entry.keys {
            list::Keys::Fixed(called, _) => {
                // A row of the grid has the height of its widest cell, so the names are kept narrow.
                ui.scope(|ui| {
                    ui.set_max_width(NAMES);
                    ui.add(Label::new(RichText::new(called).monospace()).wrap());
                });
                None
            }
            list::Keys::Of(command, ..) => {
                ui.horizontal(|ui| self.choice(ui, scene, command, entry.does));
                self.refused.as_ref().filter(|(refused, _)| *refused == command)
            }
        };
        let palette = theme::palette(ui);
        match told {
            // In its place, so that nothing moves.
            Some((_, why)) => {
                ui.add(Label::new(RichText::new(why).color(palette.error)).truncate()).on_hover_text(why);
            }
            None => drop(ui.add(Label::new(RichText::new(entry.does).color(palette.weak)).wrap())),
        }
        ui.end_row();
    }

    /// The keys of a command, on buttons that change them.
    fn choice(&mut self, ui: &mut Ui, scene: &mut Scene, command: KeyCommand, does: &str) {
        let asked = self.asked.as_mut().filter(|asked| asked.command == command);
        if let Some(asked) = asked {
            let button = ui.add(Button::new(ASKING).selected(true));
            asked.is_drawn = true;
            asked.button = button.id;
            let filter =
                EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(button.id, filter));
            button.clone().accessible_name(format!("{ASKING}: {does}"));
            if button.clicked() || button.clicked_elsewhere() {
                self.stop_asking(ui.ctx());
            }
            return;
        }
        let is_chosen = self.map.is_chosen(command);
        let called = self.map.called(command);
        let shown = RichText::new(called.as_deref().unwrap_or("no key")).monospace();
        let shown = if is_chosen { shown.strong().color(theme::palette(ui).accent) } else { shown };
        let usually = called_usually(command);
        let help = match is_chosen {
            true => format!("Your choice; usually {usually}. Click to choose another key"),
            false => "Click to choose another key".to_owned(),
        };
        let button = ui.button(shown).on_hover_text(help);
        let told = called.as_deref().unwrap_or("no key");
        let told = if is_chosen { format!("{told}, your choice") } else { told.to_owned() };
        button.clone().accessible_name(format!("{does}: {told}"));
        if button.clicked() {
            self.ask(ui.ctx(), command, button.id);
        }
        if called.is_some() {
            let none = ui.small_button("×").on_hover_text("No key for this: what it had goes to the DAW");
            none.clone().accessible_name(format!("No key: {does}"));
            if none.clicked() {
                scene.act(self.choose_none(command));
            }
        }
        if is_chosen {
            let reset = ui.small_button("Reset").on_hover_text(format!("{usually}, as usual"));
            reset.clone().accessible_name(format!("Reset: {does}"));
            if reset.clicked() {
                scene.actions.extend(self.choose_usual(command));
            }
        }
    }
}
