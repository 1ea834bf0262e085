//! The line of presets: which one is there, the next and the one before, saving, comparing, and what is rarer.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, Id, Key, Modal, PopupCloseBehavior, RichText, ScrollArea, Slider, TextEdit, Ui};

use crate::editor::keys::{self, KeyCommand};
use crate::editor::model::{Action, PresetId, PresetView, Question};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The widest that a preset's name gets, in characters.
const NAME: usize = 28;

/// The height of the list.
const LIST: f32 = 320.0;

/// Remembers what is being typed and asked.
#[derive(Default)]
pub(crate) struct Presets {
    asked: Option<Asked>,
    /// What is looked for in the list.
    sought: String,
}

/// A question about presets.
struct Asked {
    about: About,
    name: String,
    tags: String,
    /// One of that name is to be replaced: the user is asked about that.
    replaces: bool,
}

#[derive(Clone, PartialEq)]
enum About {
    Save,
    Rename(PresetId),
    Delete(PresetId),
}

impl Presets {
    /// Draws the line, where there is a piece.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        if scene.view.piece.name.is_empty() {
            self.asked = None;
            return;
        }
        self.take_keys(ui, scene);
        ui.horizontal_wrapped(|ui| {
            ui.label("Preset");
            self.list(ui, scene);
            let some = !scene.view.presets.list.is_empty();
            ui.add_enabled_ui(some, |ui| {
                for (word, label, command, by) in [
                    ("<", "Previous preset", KeyCommand::PresetBefore, -1),
                    (">", "Next preset", KeyCommand::NextPreset, 1),
                ] {
                    let help = format!("{label}{}", keys::in_brackets(ui.ctx(), command));
                    if ui.button(word).on_hover_text(help).accessible_name(label).clicked() {
                        scene.act(Action::StepPreset(by));
                    }
                }
            });
            let save = ui.button("Save…").accessible_name("Save preset");
            let key = keys::in_brackets(ui.ctx(), KeyCommand::SavePreset);
            if save.on_hover_text(format!("Keep how the piece stands{key}")).clicked() {
                self.ask_to_save(scene);
            }
            compare(ui, scene);
            self.menu(ui, scene);
        });
        self.ask(ui, scene);
    }

    fn take_keys(&mut self, ui: &Ui, scene: &mut Scene) {
        if self.asked.is_some() {
            return;
        }
        if keys::take(ui, KeyCommand::SavePreset) {
            self.ask_to_save(scene);
        }
        if ui.ctx().text_edit_focused() {
            return;
        }
        for (command, by) in [(KeyCommand::PresetBefore, -1), (KeyCommand::NextPreset, 1)] {
            if keys::take(ui, command) {
                scene.act(Action::StepPreset(by));
            }
        }
    }

    /// The name of the one that was chosen last, and the list below it.
    fn list(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let chosen = scene.view.presets.chosen();
        let text = chosen.map_or("Choose a preset".to_owned(), |preset| shortened(&preset.name));
        let told = chosen.map_or(text.clone(), |preset| format!("Preset: {}", preset.name));
        let button = Button::new(RichText::new(text).strong());
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (shown, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
            ui.set_min_width(260.0);
            let field = TextEdit::singleline(&mut self.sought).hint_text("Name or tag");
            ui.add(field).accessible_name("Find a preset");
            if scene.view.presets.list.is_empty() {
                ui.weak("None yet: Save… keeps how the piece stands.");
            }
            ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                let view = scene.view;
                for (at, preset) in view.presets.list.iter().enumerate() {
                    if !is_sought(preset, &self.sought) {
                        continue;
                    }
                    let tags = RichText::new(preset.tags.join(", ")).color(theme::palette(ui).weak);
                    let entry = Button::selectable(
                        view.presets.current == Some(at),
                        (preset.name.as_str(), egui::Atom::grow(), tags),
                    );
                    let entry = ui.add(entry);
                    entry.clone().accessible_name(&preset.name);
                    if entry.clicked() {
                        scene.actions.push(Action::LoadPreset(preset.id.clone()));
                        ui.close();
                    }
                }
            });
        });
        if shown.on_hover_text("The piece's presets").accessible_name(told).clicked() {
            self.sought.clear();
        }
    }

    fn menu(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let chosen = scene.view.presets.chosen().cloned();
        let (shown, _) = MenuButton::from_button(Button::new("…")).ui(ui, |ui| {
            if let Some(preset) = &chosen
                && ui.button("Load again").on_hover_text("As it was saved").clicked()
            {
                scene.act(Action::LoadPreset(preset.id.clone()));
            }
            let own = chosen.filter(|preset| preset.is_own);
            ui.add_enabled_ui(own.is_some(), |ui| {
                let (rename, delete) = (ui.button("Name and tags…"), ui.button("Delete…"));
                let Some(preset) = own else { return };
                let about = match (rename.clicked(), delete.clicked()) {
                    (true, _) => About::Rename(preset.id),
                    (_, true) => About::Delete(preset.id),
                    _ => return,
                };
                let tags = preset.tags.join(", ");
                self.asked = Some(Asked { about, name: preset.name, tags, replaces: false });
            });
            if ui.button("Import…").on_hover_text("A .csdpreset file, or Cabbage's .snaps").clicked() {
                scene.ask(Question::ImportPresets);
            }
        });
        shown.on_hover_text("More about presets").accessible_name("More about presets");
    }

    fn ask_to_save(&mut self, scene: &Scene) {
        let chosen = scene.view.presets.chosen();
        let name = chosen.map_or(String::new(), |preset| preset.name.clone());
        let tags = chosen.map_or(String::new(), |preset| preset.tags.join(", "));
        self.asked = Some(Asked { about: About::Save, name, tags, replaces: false });
    }

    fn ask(&mut self, ui: &Ui, scene: &mut Scene) {
        let Some(asked) = &mut self.asked else { return };
        let (mut says_yes, mut is_over) = (false, false);
        let shown = Modal::new(Id::unique("preset")).show(ui.ctx(), |ui| {
            ui.set_max_width(380.0);
            (says_yes, is_over) = match &asked.about {
                About::Delete(_) => delete(ui, &asked.name),
                _ => name(ui, asked, scene),
            };
        });
        if says_yes {
            if let Some(action) = asked.answer(scene) {
                scene.act(action);
                self.asked = None;
            }
        } else if is_over || shown.should_close() {
            self.asked = None;
        }
    }
}

impl Asked {
    /// The action that *yes* leads to; none where something is still to be asked.
    fn answer(&mut self, scene: &Scene) -> Option<Action> {
        let name = self.name.trim().to_owned();
        let tags =
            self.tags.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
        match self.about.clone() {
            About::Delete(id) => Some(Action::DeletePreset(id)),
            About::Rename(id) => Some(Action::RenamePreset { id, name, tags }),
            About::Save => {
                let is_there = scene.view.presets.own(&name).is_some();
                if is_there && !self.replaces {
                    self.replaces = true;
                    return None;
                }
                Some(Action::SavePreset { name, tags, replace: is_there })
            }
        }
    }
}

/// A and B, how it was, and between the two.
fn compare(ui: &mut Ui, scene: &mut Scene) {
    let presets = &scene.view.presets;
    let sides = RichText::new(if presets.side == 0 { "A" } else { "B" }).strong();
    let help = "Two sides to compare: goes to the other one and keeps this one";
    if ui.button(sides).on_hover_text(help).accessible_name("Other side of A and B").clicked() {
        scene.act(Action::OtherSide);
    }
    if presets.has_other_side {
        let mut share = presets.share;
        let slider = Slider::new(&mut share, 0.0..=1.0).show_value(false);
        let slider = ui.add(slider).on_hover_text("From A to B: numbers go along, words change half-way");
        slider.clone().accessible_name("Between A and B");
        if slider.changed() {
            scene.act(Action::Morph(share));
        }
    }
    let back = ui.add_enabled(scene.view.presets.goes_back, Button::new("Back"));
    let help = "How it was before the last preset was loaded; once more, and it is loaded again";
    if back.on_hover_text(help).accessible_name("Back to how it was").clicked() {
        scene.act(Action::BackFromPreset);
    }
}

/// Asks for a name and tags. Whether the user says yes, and whether it is over.
fn name(ui: &mut Ui, asked: &mut Asked, scene: &Scene) -> (bool, bool) {
    let headline = if asked.about == About::Save { "Save a preset" } else { "Name and tags of the preset" };
    ui.label(RichText::new(headline).strong());
    let field = TextEdit::singleline(&mut asked.name).hint_text("Name").desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Preset name");
    if field.changed() {
        asked.replaces = false;
    }
    let tags = TextEdit::singleline(&mut asked.tags).hint_text("Tags, with commas between them");
    let tags = ui.add(tags.desired_width(f32::INFINITY)).accessible_name("Preset tags");
    let entered =
        (field.lost_focus() || tags.lost_focus()) && ui.input(|input| input.key_pressed(Key::Enter));
    // After that: what has the focus again has not lost it.
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    if asked.replaces && scene.view.presets.own(asked.name.trim()).is_some() {
        let palette = theme::palette(ui);
        ui.label(
            RichText::new(format!("There is a preset {} already.", asked.name.trim())).color(palette.warning),
        );
    }
    let word = if asked.replaces { "Replace it" } else { "Save" };
    ui.horizontal(|ui| {
        let is_named = !asked.name.trim().is_empty();
        let yes = ui.add_enabled(is_named, Button::new(RichText::new(word).strong()));
        (is_named && (yes.clicked() || entered && !asked.replaces), ui.button("Cancel").clicked())
    })
    .inner
}

fn delete(ui: &mut Ui, name: &str) -> (bool, bool) {
    ui.label(RichText::new(format!("Delete the preset {name}?")).strong());
    ui.label("Its file is deleted.");
    ui.horizontal(|ui| (ui.button("Delete it").clicked(), ui.button("Cancel").clicked())).inner
}

fn is_sought(preset: &PresetView, sought: &str) -> bool {
    let sought = sought.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&sought);
    sought.is_empty() || has(&preset.name) || preset.tags.iter().any(|tag| has(tag))
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
