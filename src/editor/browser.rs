//! The browser of pieces and presets: a sheet with all that there is, by where it comes from, by tags and by words.
//!
//! It opens when somebody asks for a look at the catalogue, and closes once something is opened.

mod details;
mod list;
mod preview;
mod row;

use egui::{ComboBox, Id, Key, Label, Modal, Modifiers, RichText, TextEdit, Ui};

use super::keys::{self, KeyCommand};
use super::model::{Action, Catalogue, Entry, Opens, Origin, Question};
use super::scene::Scene;
use super::theme;
use list::Filtered;

/// The size of the sheet, in points, where the window has room.
const SIZE: [f32; 2] = [760.0, 560.0];

/// The height of all but the list.
const AROUND: f32 = 290.0;

/// The most tags that are offered.
const MOST_TAGS: usize = 60;

/// What is looked for, and what was found of it.
#[derive(Default)]
pub(super) struct Browser {
    is_open: bool,
    sought: String,
    origin: Option<Origin>,
    tag: Option<String>,
    filtered: Filtered,
    /// The entry at hand, by its place among those that are shown.
    at: usize,
    /// It was moved to by keys, and is to be brought into view.
    is_moved: bool,
    /// The field is yet to get the focus.
    wants_focus: bool,
}

impl Browser {
    /// Draws it, if it is open.
    pub fn show(&mut self, ui: &Ui, scene: &mut Scene) {
        if !scene.view.opens_pieces() {
            self.is_open = false;
            return;
        }
        if !self.is_open && scene.view.preview.is_some() {
            // Also where the sheet has closed before it was shown.
            scene.act(Action::EndPreview);
        }
        if keys::take(ui, KeyCommand::Browse) {
            scene.act(Action::LookAtCatalogue);
        }
        if !self.is_open && scene.actions.contains(&Action::LookAtCatalogue) {
            *self = Self { is_open: true, is_moved: true, wants_focus: true, ..Self::default() };
        }
        if !self.is_open {
            return;
        }
        let room = ui.ctx().content_rect().size() - egui::vec2(40.0, 40.0);
        let mut is_over = false;
        let shown = Modal::new(Id::unique("browser")).show(ui.ctx(), |ui| {
            ui.set_width(SIZE[0].min(room.x));
            is_over = self.sheet(ui, scene, SIZE[1].min(room.y));
        });
        self.is_open = !(is_over || shown.should_close());
    }

    /// True: it is to close.
    fn sheet(&mut self, ui: &mut Ui, scene: &mut Scene, height: f32) -> bool {
        let catalogue = &scene.view.catalogue;
        ui.horizontal(|ui| {
            ui.label(RichText::new("Pieces and presets").strong().size(14.0));
            if catalogue.is_looking {
                ui.weak("Looking …");
            }
        });
        let enters = self.search(ui, catalogue);
        self.filtered.bring_up_to_date(catalogue, &self.sought, self.origin, self.tag.as_deref());
        self.at = self.at.min(self.filtered.len().saturating_sub(1));
        let list = row::whole((height - AROUND).max(80.0));
        let opened = self.list(ui, catalogue, list);
        let chosen = self.filtered.get(self.at).and_then(|at| catalogue.entries.get(at));
        let clicked = details::show(ui, scene, chosen);
        folders(ui, scene);
        let is_closed = ui.button("Close").clicked();
        if let Some(entry) = chosen.filter(|_| keys::take(ui, KeyCommand::Preview)) {
            preview::switch(scene, entry);
        }
        let opens = chosen.filter(|_| opened || enters || clicked);
        if let Some(entry) = opens {
            scene.actions.push(open(entry));
        }
        is_closed || opens.is_some()
    }

    /// The words, the origin and the tag. True: Enter was pressed there.
    fn search(&mut self, ui: &mut Ui, catalogue: &Catalogue) -> bool {
        let id = Id::unique("browser words");
        let had_focus = ui.memory(|memory| memory.has_focus(id));
        let enters = had_focus && self.take_keys(ui);
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.sought).id(id).hint_text("Name, words, folder or tag");
            let field = ui.add(field.desired_width(ui.available_width() - 150.0));
            let field = field.accessible_name("Find a piece");
            if self.wants_focus {
                // What had it before may take it back once more, and the sheet's first frame gives none.
                field.request_focus();
                self.wants_focus = !had_focus;
            }
            self.tags(ui, catalogue);
        });
        ui.horizontal_wrapped(|ui| {
            let all = [None].into_iter().chain(Origin::ALL.map(Some));
            for origin in all {
                let name = origin.map_or("All", Origin::name);
                if theme::choice_button(ui, self.origin == origin, name).clicked() {
                    self.origin = origin;
                    self.at = 0;
                }
            }
        });
        enters
    }

    /// Goes along the list. True: Enter.
    fn take_keys(&mut self, ui: &Ui) -> bool {
        for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, 8), (Key::PageUp, -8)] {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                self.at = self.at.saturating_add_signed(by).min(self.filtered.len().saturating_sub(1));
                self.is_moved = true;
            }
        }
        ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
    }

    fn tags(&mut self, ui: &mut Ui, catalogue: &Catalogue) {
        let shown = self.tag.clone().unwrap_or_else(|| "Any tag".to_owned());
        let combo = ComboBox::from_id_salt("browser tag").width(130.0).selected_text(shown);
        let shown = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut self.tag, None, "Any tag");
            for tag in catalogue.tags().into_iter().take(MOST_TAGS) {
                ui.selectable_value(&mut self.tag, Some(tag.clone()), tag);
            }
        });
        shown.response.accessible_name("Tag");
    }

    /// The entries that are sought. True: one was opened by a double-click.
    fn list(&mut self, ui: &mut Ui, catalogue: &Catalogue, height: f32) -> bool {
        if self.filtered.len() == 0 {
            ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
                ui.set_min_height(height);
                ui.weak(why_nothing(catalogue));
            });
            return false;
        }
        let moved = std::mem::take(&mut self.is_moved).then_some(self.at);
        let mut opened = false;
        row::rows(ui, height, self.filtered.len(), moved, |ui, number| {
            let Some(entry) = self.filtered.get(number).and_then(|at| catalogue.entries.get(at)) else {
                return;
            };
            let response = row::row(ui, entry, number == self.at);
            if response.clicked() || response.double_clicked() {
                self.at = number;
            }
            opened |= response.double_clicked();
        });
        opened
    }
}

fn why_nothing(catalogue: &Catalogue) -> &'static str {
    match (catalogue.is_looking, catalogue.entries.is_empty()) {
        (true, true) => "Looking …",
        (false, true) => "Nothing was found.",
        _ => "Nothing of that is here. Use fewer words, another tag, or All.",
    }
}

/// What opening an entry is.
fn open(entry: &Entry) -> Action {
    match &entry.opens {
        Opens::Shipped(number) => Action::OpenShipped(*number),
        Opens::File(path) => Action::Open(path.clone()),
        Opens::Preset(id) => Action::OpenPreset(id.clone()),
    }
}

/// The user's folders, and what could not be looked through.
fn folders(ui: &mut Ui, scene: &mut Scene) {
    let view = scene.view;
    let catalogue = &view.catalogue;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Add folder…").on_hover_text("Show the pieces in a folder of yours").clicked() {
            scene.ask(Question::PieceFolder);
        }
        if ui.button("Look again").on_hover_text("Files may have come or gone").clicked() {
            scene.act(Action::LookAtCatalogue);
        }
        for folder in catalogue.folders.iter() {
            let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
            let help = format!("{}\nClick: show it here no longer. Nothing is deleted.", folder.display());
            if ui
                .button(format!("{name} ×"))
                .on_hover_text(help)
                .accessible_name(format!("Remove {name}"))
                .clicked()
            {
                scene.act(Action::RemovePieceFolder(folder.clone()));
            }
        }
    });
    if !catalogue.notes.is_empty() {
        let palette = theme::palette(ui);
        let text = catalogue.notes.join("\n");
        let first = RichText::new(&catalogue.notes[0]).color(palette.warning);
        ui.add(Label::new(first).truncate()).on_hover_text(text);
    }
}
