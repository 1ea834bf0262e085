//! The list of keys, as the editor shows it, and the choice of them.

use egui::{Align, Button, EventFilter, Grid, Id, Label, Layout, Modal, RichText, Ui, vec2};

use super::asking::Keys;
use super::command::KeyCommand;
use super::list::{self, Entry, KEYS, Place};
use super::map::called_usually;
use crate::editor::model::Action;
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Below the heading; without a DAW it is true as well.
const INTRODUCTION: &str = "In a DAW, all other keys go to the DAW. A click on a key lets you choose another one; those \
                            without a button stay as they are. On macOS, Ctrl is Command.";

/// On the button of a command that gets a key.
const ASKING: &str = "Press a key… (Escape: leave it as it is)";

/// The width of a key, of what takes it away, and of what resets it: nothing moves, whatever they say.
const WIDTHS: [f32; 3] = [176.0, 26.0, 52.0];

/// The width of the keys' names, which a row's height follows: all of these and what is between them.
const NAMES: f32 = WIDTHS[0] + WIDTHS[1] + WIDTHS[2] + 2.0 * theme::GAP;

impl Keys {
    /// Draws the list, folded.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let heading = RichText::new("Keys").strong();
        let shown = egui::CollapsingHeader::new(heading).id_salt("keys").show(ui, |ui| self.list(ui, scene));
        self.unfolds |= shown.header_response.clicked() && !self.is_open;
        self.is_open = shown.fully_open();
        if self.unfolds {
            // It grows for some frames, and before there is no room to scroll to.
            ui.scroll_to_rect(shown.header_response.rect, Some(Align::TOP));
            self.unfolds = shown.body_response.is_some() && !shown.fully_open();
            ui.ctx().request_repaint();
        }
        if self.asks_reset {
            self.ask_reset(ui, scene);
        }
    }

    fn list(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.add(Label::new(RichText::new(INTRODUCTION).color(theme::palette(ui).weak)).wrap());
        for note in &self.map.notes {
            ui.add(Label::new(RichText::new(note).color(theme::palette(ui).error)).wrap());
        }
        let is_any = KeyCommand::ALL.iter().any(|command| self.map.is_chosen(*command));
        let reset = ui.add_enabled(is_any, Button::new("Reset all keys…"));
        self.asks_reset |= reset.on_hover_text("All of them as usual").clicked();
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
    }

    /// Asks before all that the user has chosen is gone.
    fn ask_reset(&mut self, ui: &Ui, scene: &mut Scene) {
        let (mut says_yes, mut is_over) = (false, false);
        let shown = Modal::new(Id::unique("reset keys")).show(ui.ctx(), |ui| {
            ui.set_max_width(380.0);
            ui.label(RichText::new("Reset all keys?").strong());
            ui.label("What you have chosen is forgotten, in all instances.");
            ui.horizontal(|ui| {
                (says_yes, is_over) = (ui.button("Reset them").clicked(), ui.button("Cancel").clicked());
            });
        });
        if says_yes {
            self.refused = None;
            scene.act(Action::ResetKeys);
        }
        self.asks_reset = !(says_yes || is_over || shown.should_close());
    }

    fn row(&mut self, ui: &mut Ui, scene: &mut Scene, entry: &Entry) {
        let told = match entry.keys {
            list::Keys::Fixed(called, _) => {
                // A row of the grid has the height of its widest cell, so the names are kept narrow.
                ui.scope(|ui| {
                    ui.set_width(NAMES);
                    ui.add(Label::new(RichText::new(called).monospace()).wrap());
                });
                None
            }
            list::Keys::Of(command, ..) => {
                ui.horizontal(|ui| {
                    ui.set_width(NAMES);
                    ui.spacing_mut().item_spacing.x = theme::GAP;
                    self.choice(ui, scene, command, entry.does);
                });
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
            // In a cell as well: it is the same button to the focus.
            let asking = Button::new(ASKING).selected(true).truncate().min_size(vec2(NAMES, 0.0));
            let button = cell(ui, NAMES, |ui| ui.add(asking));
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
        let key = Button::new(shown).truncate().min_size(vec2(WIDTHS[0], 0.0));
        let button = cell(ui, WIDTHS[0], |ui| ui.add(key).on_hover_text(help));
        let told = called.as_deref().unwrap_or("no key");
        let told = if is_chosen { format!("{told}, your choice") } else { told.to_owned() };
        button.clone().accessible_name(format!("{does}: {told}"));
        if button.clicked() {
            self.ask(ui.ctx(), command, button.id);
        }
        cell(ui, WIDTHS[1], |ui| {
            if called.is_none() {
                return;
            }
            let help = "No key for this: in a DAW, what it had goes to the DAW";
            let none = ui.small_button("×").on_hover_text(help);
            none.clone().accessible_name(format!("No key: {does}"));
            if none.clicked() {
                scene.act(self.choose_none(command));
            }
        });
        cell(ui, WIDTHS[2], |ui| {
            if !is_chosen {
                return;
            }
            let reset = ui.small_button("Reset").on_hover_text(format!("{usually}, as usual"));
            reset.clone().accessible_name(format!("Reset: {does}"));
            if reset.clicked() {
                scene.actions.extend(self.choose_usual(command));
            }
        });
    }
}

/// A part of a row as wide as it is said, whatever is in it.
fn cell<R>(ui: &mut Ui, width: f32, show: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(width, ui.spacing().interact_size.y);
    let part = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_width(width);
        show(ui)
    });
    part.inner
}
