//! A path to type, where the system has no file dialog.

use std::path::PathBuf;

use egui::{Button, Id, Key, Modal, RichText, TextEdit, Ui};

use super::model::{Action, Question};
use super::scene::Scene;
use super::theme;

const WHY: &str = "no file dialog could be opened: this system has no portal for them (xdg-desktop-portal) and no \
                   zenity";

/// A path of the kind that is asked for.
fn example(question: &Question) -> &'static str {
    match question {
        Question::Open | Question::SaveAs(..) => "/home/me/music/piece.csd",
        Question::AllowFolder | Question::WriteFolder | Question::PieceFolder => "/home/me/music",
        Question::ManualFolder => "/usr/share/doc/csound-doc/html",
        Question::RecordInto => "/home/me/recordings",
        Question::OpcodeLibrary => "/usr/lib/csound/plugins64-6.0/libopcodes.so",
        Question::ImportPresets => "/home/me/music/soft.csdpreset",
        Question::Tuning => "/home/me/music/just.scl",
        Question::ChannelPath(..) | Question::ExportFile(_) => "/home/me/music/bell.wav",
        Question::ExportFolder(_) => "/home/me/plugins",
        Question::ExportPicture(_) => "/home/me/pictures/bells.png",
    }
}

/// The question that waits for a path.
#[derive(Default)]
pub(super) struct Typed {
    question: Option<Question>,
    path: String,
    /// The field is yet to get the focus.
    wants_focus: bool,
    wrong: Option<&'static str>,
}

impl Typed {
    /// Asks this one.
    pub fn ask(&mut self, question: Question) -> Action {
        self.path = match &question {
            Question::SaveAs(name, _) => format!("~/{name}"),
            _ => String::new(),
        };
        self.wrong = None;
        self.wants_focus = true;
        let told = format!("{}: {WHY}. Its path can be typed instead", question.title());
        self.question = Some(question);
        Action::Report(told)
    }

    /// Whether it is being asked.
    pub fn is_open(&self) -> bool {
        self.question.is_some()
    }

    /// Draws the field.
    pub fn show(&mut self, ui: &Ui, scene: &mut Scene) {
        let Some(question) = &self.question else { return };
        let (mut chosen, mut is_over) = (false, false);
        let palette = theme::palette(ui);
        let shown = Modal::new(Id::unique("typed path")).show(ui.ctx(), |ui| {
            ui.set_max_width(460.0);
            ui.label(RichText::new(question.title()).strong());
            ui.label(format!("There is a field here because {WHY}."));
            let field =
                TextEdit::singleline(&mut self.path).hint_text(format!("such as {}", example(question)));
            let field = ui.add(field.desired_width(f32::INFINITY)).accessible_name("Path");
            if self.wants_focus {
                // The first frame of what lies above all else gives none.
                self.wants_focus = !field.has_focus();
                field.request_focus();
            }
            if let Some(wrong) = self.wrong {
                ui.label(RichText::new(wrong).color(palette.error));
            } else if matches!(question, Question::SaveAs(..)) {
                ui.weak("A file of that name is replaced.");
            } else {
                ui.weak("The whole path, from / or ~ on.");
            }
            ui.horizontal(|ui| {
                let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                chosen = ui.add(Button::new(RichText::new("OK").strong())).clicked() || entered;
                is_over = ui.button("Cancel").clicked();
            });
        });
        if chosen {
            match whole_path(self.path.trim()) {
                Some(path) => {
                    let actions = self.question.take().map(|question| question.answered(path));
                    scene.actions.extend(actions.into_iter().flatten());
                }
                None => {
                    self.wants_focus = true;
                    self.wrong = Some(match self.path.trim() {
                        "" => "Type the path first: what stood there is an example",
                        _ => "That is no whole path: it begins with / or ~",
                    });
                }
            }
        } else if is_over || shown.should_close() {
            self.question = None;
        }
    }
}

fn whole_path(typed: &str) -> Option<PathBuf> {
    let path = match typed.strip_prefix("~/") {
        Some(below) => dirs::home_dir()?.join(below),
        None => PathBuf::from(typed),
    };
    path.is_absolute().then_some(path)
}
