//! *Export as plugin…*: a sheet that says what the piece's plugin would be, asks what is to be asked, and makes it. It is
//! there while the view has an export.

use std::path::Path;
use std::sync::Arc;

use egui::{Button, ComboBox, Grid, Id, Label, Modal, RichText, ScrollArea, TextEdit, Ui};

use super::model::{Action, ExportWish, Exported, Findings, Kind, Question, Stands, UNSAVED, View};
use super::scene::Scene;
use super::theme;

/// The width of the sheet, and the greatest height of what was found, in points.
const WIDTH: f32 = 520.0;
const FOUND: f32 = 150.0;

/// The greatest height of the questions for new names, in points.
const RENAMED: f32 = 100.0;

/// What a channel that is gone is called, where it has no new name.
const NOTHING: &str = "nothing: it is gone";

/// The first look at the export of the piece that a view shows, into a folder beside it.
pub(super) fn first_look(view: &View) -> Action {
    let beside = view.piece.path.as_deref().and_then(Path::parent).map(|folder| folder.join("exported"));
    let out = beside.or_else(dirs::home_dir).unwrap_or_default();
    Action::Export(Box::new(ExportWish { out, ..ExportWish::default() }))
}

/// What the user types, and what it began with.
#[derive(Default)]
pub(super) struct Sheet {
    wish: ExportWish,
    taken: Option<Arc<ExportWish>>,
    /// What was found last, while it is looked again.
    found: Option<Arc<Findings>>,
}

impl Sheet {
    /// Draws it, if there is an export to be drawn.
    pub fn show(&mut self, ui: &Ui, scene: &mut Scene) {
        let view = scene.view;
        let Some(exporting) = &view.exporting else {
            *self = Self::default();
            return;
        };
        if self.taken.as_ref() != Some(&exporting.wish) {
            self.taken = Some(Arc::clone(&exporting.wish));
            self.wish = (*exporting.wish).clone();
        }
        if let Stands::Found(found) = &exporting.stands {
            self.found = Some(Arc::clone(found));
        }
        let mut is_over = false;
        let shown = Modal::new(Id::unique("export")).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 40.0));
            ui.label(RichText::new(format!("Export {} as a plugin", view.piece.name)).strong().size(14.0));
            ui.add_space(theme::GAP);
            is_over = match &exporting.stands {
                Stands::Exported(made) => done(ui, scene, made),
                stands => self.form(ui, scene, stands),
            };
        });
        if is_over || shown.should_close() {
            scene.act(Action::CloseExport);
        }
    }

    /// The fields, what was found, and the buttons. True: the user wants no more of it.
    fn form(&mut self, ui: &mut Ui, scene: &mut Scene, stands: &Stands) -> bool {
        self.fields(ui, scene);
        ui.add_space(theme::GAP);
        let palette = theme::palette(ui);
        match stands {
            Stands::Failed(why) => {
                ui.add(Label::new(RichText::new(why).color(palette.error)).wrap());
            }
            Stands::UnderWay => {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label("The piece is performed, to see what it needs …");
                });
            }
            Stands::Found(found) => {
                self::found(ui, found);
                new_names(ui, found, &mut self.wish.renames);
            }
            Stands::Exported(_) => {}
        }
        if scene.differs {
            ui.add(Label::new(RichText::new(UNSAVED).color(palette.warning)).wrap());
        }
        ui.add_space(theme::GAP);
        self.buttons(ui, scene, stands)
    }

    fn fields(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let found = self.found.clone().unwrap_or_default();
        let wish = &mut self.wish;
        Grid::new("export").num_columns(2).spacing([theme::GAP * 2.0, theme::GAP / 2.0]).show(ui, |ui| {
            field(ui, "Name", "The name in the DAW", &mut wish.name, &found.name);
            field(ui, "Vendor", "Who made it", &mut wish.vendor, &found.vendor);
            field(ui, "Version", "The plugin's version", &mut wish.version, &found.version);
            field(ui, "Id", "How DAWs know it for ever, such as org.example.bells", &mut wish.id, &found.id);
            ui.label("Kind").on_hover_text("Whether it is played or is given sound");
            kind(ui, &mut wish.kind, found.kind);
            ui.end_row();
        });
        let wished = || Box::new(wish.clone());
        let mut asked = None;
        chosen(ui, "Folder", &wish.out.to_string_lossy(), || asked = Some(Question::ExportFolder(wished())));
        let picture = wish.picture.as_ref().map(|path| path.to_string_lossy().into_owned());
        let none = || "none".to_owned();
        chosen(ui, "Picture", &picture.unwrap_or_else(none), || {
            asked = Some(Question::ExportPicture(wished()))
        });
        let with: Vec<_> = wish.with.iter().map(|path| path.to_string_lossy()).collect();
        let with = if with.is_empty() { none() } else { with.join(", ") };
        chosen(ui, "More files", &with, || asked = Some(Question::ExportFile(wished())));
        if let Some(question) = asked {
            scene.ask(question);
        }
        ui.checkbox(&mut wish.with_csound, "Put Csound inside, so that it plays where none is installed");
        ui.checkbox(&mut wish.show_source, "Show the source, the console and the permissions in its editor");
        ui.checkbox(&mut wish.performance_parameters, "Let the DAW see play, record and so on as well");
    }

    /// True: the user wants no more of it.
    fn buttons(&self, ui: &mut Ui, scene: &mut Scene, stands: &Stands) -> bool {
        let mut is_over = false;
        let send = |scene: &mut Scene, agreed| {
            scene.act(Action::Export(Box::new(ExportWish { agreed, ..self.wish.clone() })));
        };
        ui.horizontal(|ui| {
            let is_free = *stands != Stands::UnderWay && !scene.differs;
            if let Stands::Found(found) = stands {
                let words = match (&found.replaces, found.notes.is_empty()) {
                    (Some(_), _) => "Replace it",
                    (None, true) => "Export",
                    (None, false) => "Export all the same",
                };
                if ui.add_enabled(is_free, Button::new(RichText::new(words).strong())).clicked() {
                    send(scene, Some(Arc::clone(found)));
                }
            }
            let again = ui.add_enabled(is_free, Button::new("Look again"));
            if again.on_hover_text("Perform the piece again, and see what its plugin would be").clicked() {
                send(scene, None);
            }
            is_over = ui.button("Cancel").clicked();
        });
        is_over
    }
}

fn field(ui: &mut Ui, name: &str, help: &str, text: &mut String, found: &str) {
    ui.label(name).on_hover_text(help);
    let edit = TextEdit::singleline(text).hint_text(found).desired_width(f32::INFINITY);
    ui.add(edit).on_hover_text(help).accessible_name(name);
    ui.end_row();
}

fn kind(ui: &mut Ui, kind: &mut Option<Kind>, found: Option<Kind>) {
    let name = |kind| match kind {
        Kind::Instrument => "Instrument",
        Kind::Effect => "Effect",
    };
    let by_itself = found.map_or("As found".to_owned(), |found| format!("As found: {}", name(found)));
    let shown = kind.map_or(by_itself.clone(), |kind| name(kind).to_owned());
    ComboBox::from_id_salt("export kind").selected_text(shown).show_ui(ui, |ui| {
        theme::choice(ui, kind, None, by_itself);
        theme::choice(ui, kind, Some(Kind::Instrument), "Instrument");
        theme::choice(ui, kind, Some(Kind::Effect), "Effect");
    });
}

/// Asks of each channel that is gone whether it is there under a new name.
fn new_names(ui: &mut Ui, found: &Findings, renames: &mut Vec<(String, String)>) {
    if found.new.is_empty() {
        return;
    }
    ScrollArea::vertical().id_salt("export new names").max_height(RENAMED).show(ui, |ui| {
        for gone in &found.gone {
            ui.horizontal(|ui| {
                ui.label(format!("{gone} is gone. It is now called"));
                let chosen = renames.iter().find(|(old, _)| old == gone).map(|(_, new)| new.clone());
                let mut choice = chosen.clone();
                let shown = choice.as_deref().unwrap_or(NOTHING).to_owned();
                let box_id = ("export new name", gone);
                ComboBox::from_id_salt(box_id).selected_text(shown).show_ui(ui, |ui| {
                    ui.selectable_value(&mut choice, None, NOTHING);
                    for new in &found.new {
                        ui.selectable_value(&mut choice, Some(new.clone()), new);
                    }
                });
                if choice != chosen {
                    renames.retain(|(old, _)| old != gone);
                    renames.extend(choice.map(|new| (gone.clone(), new)));
                }
            });
        }
    });
}

/// A path, and a button that asks for another one.
fn chosen(ui: &mut Ui, name: &str, path: &str, ask: impl FnOnce()) {
    ui.horizontal(|ui| {
        if ui.button(format!("{name}…")).clicked() {
            ask();
        }
        ui.add(Label::new(path).truncate()).on_hover_text(path);
    });
}

/// What an export would be, what is missing first.
fn found(ui: &mut Ui, found: &Findings) {
    let palette = theme::palette(ui);
    ScrollArea::vertical().id_salt("export found").max_height(FOUND).show(ui, |ui| {
        ui.set_width(ui.available_width());
        if let Some(replaced) = &found.replaces {
            let words = format!("{} is there already, an older export of the same id", replaced.display());
            ui.add(Label::new(RichText::new(words).color(palette.warning)).wrap());
        }
        for note in &found.notes {
            ui.add(Label::new(RichText::new(note).color(palette.warning)).wrap());
        }
        let listed = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
        ui.add(Label::new(format!("By {}. Parameters: {}", found.csound, listed(&found.parameters))).wrap());
        ui.add(Label::new(format!("Files: {}", listed(&found.files))).wrap());
    });
}

/// It is made: where it is. True: the user has seen it.
fn done(ui: &mut Ui, scene: &mut Scene, made: &Exported) -> bool {
    let palette = theme::palette(ui);
    ui.label(RichText::new(format!("{} is exported", made.name)).color(palette.good));
    for note in &made.notes {
        ui.add(Label::new(RichText::new(note).color(palette.warning)).wrap());
    }
    place(ui, "CLAP", &made.clap);
    place(ui, "VST3", &made.vst3);
    if !made.needs.is_empty() {
        ui.add(Label::new(format!("{}.", made.needs)).wrap());
    }
    ui.weak("Copy them into your folders for CLAP and VST3 (~/.clap, ~/.vst3), and let your DAW scan its plugins again.");
    ui.add_space(theme::GAP);
    let mut is_seen = false;
    ui.horizontal(|ui| {
        if ui.button("Show in folder").clicked() {
            scene.act(Action::ShowInFolder(made.clap.clone()));
        }
        is_seen = ui.button("Close").clicked();
    });
    is_seen
}

fn place(ui: &mut Ui, format: &str, path: &Path) {
    ui.add(Label::new(format!("{format}: {}", path.display())).wrap());
}
