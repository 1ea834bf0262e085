//! The manual beside the source: the page of what was looked up, its examples, and a search over all pages. It is there
//! while the view has something that was looked up.

use std::path::PathBuf;

use csound_language::manual::{Page, Part, search};
use egui::{Button, Frame, Id, Key, Label, Margin, Modifiers, Panel, RichText, ScrollArea, TextEdit, Ui};

use super::keys::{self, KeyCommand};
use super::model::{Action, Found, Manual, Question};
use super::scene::Scene;
use super::theme;

/// The width of the panel at first, and the most that are found by a search.
const WIDTH: f32 = 340.0;
const MOST_FOUND: usize = 60;

/// What is looked for.
#[derive(Default)]
pub(super) struct ManualPanel {
    sought: String,
    /// The page that is shown: another one begins at its top.
    shown: String,
}

impl ManualPanel {
    /// Draws it, if it is open.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let view = scene.view;
        let Some(manual) = &view.manual else {
            self.sought.clear();
            return;
        };
        let frame = Frame::new().inner_margin(Margin::symmetric(6, 2));
        let most = (ui.available_width() - 160.0).max(160.0);
        let panel = Panel::right("manual").frame(frame).default_size(WIDTH.min(most)).max_size(most);
        panel.show(ui, |ui| {
            self.head(ui, scene, manual);
            ui.separator();
            let is_other = self.shown != manual.sought;
            self.shown.clone_from(&manual.sought);
            let mut area = ScrollArea::vertical().auto_shrink(false).id_salt("manual page");
            if is_other {
                area = area.vertical_scroll_offset(0.0);
            }
            area.show(ui, |ui| {
                if self.sought.trim().is_empty() {
                    body(ui, scene, manual);
                } else {
                    self.found(ui, scene, manual);
                }
            });
        });
    }

    /// Of which Csound it is, the search, and the way out.
    fn head(&mut self, ui: &mut Ui, scene: &mut Scene, manual: &Manual) {
        let palette = theme::palette(ui);
        ui.horizontal(|ui| {
            let (words, colour) = match &manual.read {
                Some((of, _)) if *of == manual.wanted => {
                    (format!("Manual of Csound {}", of.number()), palette.text)
                }
                Some((of, _)) => {
                    let (of, wanted) = (of.number(), manual.wanted.number());
                    (format!("Manual of Csound {of}; the piece is of Csound {wanted}"), palette.warning)
                }
                None => ("Manual".to_owned(), palette.text),
            };
            let room = (ui.available_width() - 30.0).max(20.0);
            let label = Label::new(RichText::new(words).strong().color(colour)).truncate();
            ui.add_sized([room, theme::ROW], label);
            let key = keys::in_brackets(ui.ctx(), KeyCommand::Manual);
            let close = ui.button("×").on_hover_text(format!("Close the manual{key}"));
            if close.accessible_name("Close the manual").clicked() {
                scene.act(Action::CloseManual);
            }
        });
        let id = Id::unique("manual words");
        let had_focus = ui.memory(|memory| memory.has_focus(id));
        let enters = had_focus && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let field = TextEdit::singleline(&mut self.sought).id(id).hint_text("Search names and descriptions");
        ui.add(field.desired_width(f32::INFINITY)).accessible_name("Search the manual");
        let best = if enters { search(&manual.entries, &self.sought, 1) } else { Vec::new() };
        if let Some(best) = best.first() {
            self.look_up(scene, &best.name);
        }
    }

    fn look_up(&mut self, scene: &mut Scene, name: &str) {
        self.sought.clear();
        scene.act(Action::LookUp(name.to_owned()));
    }

    /// What the search has found.
    fn found(&mut self, ui: &mut Ui, scene: &mut Scene, manual: &Manual) {
        let palette = theme::palette(ui);
        let found = search(&manual.entries, &self.sought, MOST_FOUND);
        if found.is_empty() {
            ui.label(RichText::new("Nothing of that is in the manual").color(palette.weak));
        }
        let mut clicked = None;
        for entry in found {
            if ui.selectable_label(false, RichText::new(&entry.name).monospace()).clicked() {
                clicked = Some(entry.name.clone());
            }
            if !entry.about.is_empty() {
                ui.add(Label::new(RichText::new(&entry.about).small().color(palette.weak)).wrap());
            }
        }
        if let Some(name) = clicked {
            self.look_up(scene, &name);
        }
    }
}

fn body(ui: &mut Ui, scene: &mut Scene, manual: &Manual) {
    let palette = theme::palette(ui);
    for note in &manual.notes {
        ui.add(Label::new(RichText::new(note).small().color(palette.warning)).wrap());
    }
    match &manual.found {
        Found::Reading => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("The manual is read …");
            });
        }
        Found::Page(page, examples) => {
            self::examples(ui, scene, examples);
            parts(ui, page);
        }
        Found::Nothing(why) => {
            ui.add(Label::new(why).wrap());
        }
    }
    ui.add_space(theme::GAP);
    foot(ui, scene, manual);
}

/// The pieces of the page, to be opened. An exported piece opens no other.
fn examples(ui: &mut Ui, scene: &mut Scene, examples: &[PathBuf]) {
    if !scene.view.opens_pieces() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for path in examples {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let button = Button::new(format!("Open {name}"));
            if ui.add(button).on_hover_text("The example takes the present piece's place").clicked() {
                scene.act(Action::Open(path.clone()));
            }
        }
    });
}

fn parts(ui: &mut Ui, page: &Page) {
    let palette = theme::palette(ui);
    for part in &page.parts {
        match part {
            Part::Heading(words) => {
                ui.add_space(theme::GAP);
                ui.add(Label::new(RichText::new(words).strong().size(14.0)).wrap());
            }
            Part::Text(words) => {
                ui.add(Label::new(words).wrap());
            }
            Part::Code(code) => {
                Frame::new().fill(palette.well).corner_radius(theme::ROUND).inner_margin(6).show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.add(Label::new(RichText::new(code).monospace()).wrap());
                });
            }
        }
        ui.add_space(2.0);
    }
    if !page.is_whole {
        ui.label(RichText::new("The page is longer; the rest is left out here").color(palette.warning));
    }
}

/// The page elsewhere, and the manual's folder.
fn foot(ui: &mut Ui, scene: &mut Scene, manual: &Manual) {
    let palette = theme::palette(ui);
    let address = manual.address();
    ui.add(Label::new(RichText::new(&address).small().color(palette.weak)).wrap().selectable(true));
    ui.horizontal_wrapped(|ui| {
        if ui.button("Open in the browser").on_hover_text(address).clicked() {
            scene.act(Action::ShowOnline);
        }
        let help = "Take a manual's pages from a folder of yours; one for each Csound";
        if ui.button("Manual's folder…").on_hover_text(help).clicked() {
            scene.ask(Question::ManualFolder);
        }
        let Some((_, folder)) = manual.read.as_ref().filter(|_| manual.is_chosen) else { return };
        let help = format!("{}\nClick: read it here no longer. Nothing is deleted.", folder.display());
        if ui.button("Forget the folder").on_hover_text(help).clicked() {
            scene.act(Action::ForgetManual(folder.clone()));
        }
    });
}
