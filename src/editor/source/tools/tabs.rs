//! The texts of the piece and of its folder: which is in front, and which may be opened.

use egui::{RichText, ScrollArea, Ui};

use crate::editor::model::Action;
use crate::editor::scene::Scene;
use crate::editor::source::Source;
use crate::editor::theme;

impl Source {
    /// The name in the folder of the text in front; none where that is one of the piece's own.
    pub(in crate::editor::source) fn front_name(&self) -> Option<&str> {
        let number = self.file.checked_sub(self.own())?;
        self.beside.get(number).map(|beside| &*beside.name)
    }

    /// The line of tabs, where there is more than one text.
    pub(super) fn tabs(&mut self, ui: &mut Ui, scene: &mut Scene) {
        if self.texts.len() < 2 {
            return;
        }
        let own = self.own();
        ui.horizontal_wrapped(|ui| {
            for file in 0..self.texts.len() {
                let name = match file.checked_sub(own) {
                    Some(number) => self.beside[number].name.clone(),
                    None => self.names[file].clone(),
                };
                let is_changed = self.texts[file] != self.originals[file];
                let label = if is_changed { format!("{name} *") } else { name.clone() };
                ui.selectable_value(&mut self.file, file, label);
                if file >= own {
                    let close = ui.small_button("×").on_hover_text(format!("Close {name}"));
                    if close.accessible_name(format!("Close {name}")).clicked() {
                        scene.act(Action::CloseText(name));
                    }
                }
            }
        });
    }

    /// The file of the text in front holds something else than what was changed here.
    pub(in crate::editor::source) fn tell_of_another(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let Some(number) = self.file.checked_sub(self.own()) else { return };
        let Some(beside) = self.beside.get(number) else { return };
        if beside.of == beside.seen || self.texts[self.file] == self.originals[self.file] {
            return;
        }
        let (name, seen) = (beside.name.clone(), beside.seen);
        let palette = theme::palette(ui);
        theme::notice(palette, palette.accent).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(format!("The file of {name} holds something else than what you have changed here."));
                if ui.button("Take the file").clicked() {
                    self.take_file(&name);
                }
                if ui.button("Save over it").clicked() {
                    self.beside[number].of = seen;
                    let save = self.send_beside(&name);
                    save.into_iter().for_each(|save| scene.act(save));
                }
            });
        });
    }

    /// The texts of the folder that may be opened.
    pub(super) fn others_menu(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let names = &scene.view.folder.names;
        if names.is_empty() {
            return;
        }
        let menu = ui.menu_button("Files", |ui| {
            ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
                for known in names {
                    let text = RichText::new(&*known.name);
                    let text = if known.is_included { text.strong() } else { text };
                    let help = match known.is_included {
                        true => "The piece includes it",
                        false => "It lies in the piece's folder",
                    };
                    if ui.button(text).on_hover_text(help).clicked() {
                        self.open_text(&known.name, 0);
                    }
                }
            });
        });
        let button = menu.response.on_hover_text("Texts of the piece's folder, beside its own");
        if button.clicked() {
            scene.act(Action::LookAtFolder);
        }
    }
}
