//! The question before a text goes that is in no file: save it, drop it, or stay.

use egui::{Button, Id, Modal, RichText, Ui};

use super::model::{Action, Question, View};
use super::scene::Scene;
use super::source::Source;
use super::theme;

/// A wish that takes a text away, while the user is asked, or while the text is being saved.
#[derive(Default)]
pub(super) struct Unsaved {
    wish: Option<Wish>,
    /// Actions that the user has decided on.
    decided: Vec<Action>,
}

/// See [`Unsaved`].
struct Wish {
    action: Action,
    stage: Stage,
    /// The generations of the text and of the session that it was wished for.
    of: [u64; 2],
}

#[derive(PartialEq)]
enum Stage {
    /// The user is asked.
    Asked,
    /// The user is asked for a file to save these texts to.
    Named(Vec<String>),
    /// These texts are being saved.
    Saving(Vec<String>),
}

impl Unsaved {
    /// Lets an action through, unless it would take a text away that is in no file.
    pub fn hold(&mut self, action: Action, view: &View, differs: bool) -> Option<Action> {
        let takes_text = matches!(
            action,
            Action::Open(_) | Action::OpenShipped(_) | Action::OpenPreset(_) | Action::Reload
        );
        let takes_file = matches!(action, Action::Save(_)) && view.piece.changed_on_disk;
        if !(takes_file || takes_text && differs) {
            return Some(action);
        }
        self.wish = Some(Wish { action, stage: Stage::Asked, of: generations(view) });
        None
    }

    /// Learns whether a file was named to save to.
    pub fn follow_dialog(&mut self, actions: &[Action], is_open: bool) {
        let Some(wish) = &mut self.wish else { return };
        let Stage::Named(texts) = &mut wish.stage else { return };
        if actions.iter().any(|action| matches!(action, Action::SaveAs(..))) {
            wish.stage = Stage::Saving(std::mem::take(texts));
        } else if !is_open {
            self.wish = None;
        }
    }

    /// The actions that the user has decided on since the last call.
    pub fn take_decided(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.decided)
    }

    /// Asks, where something is to be asked; goes on with the wish once the text is saved.
    pub fn show(&mut self, ui: &Ui, scene: &mut Scene, source: &mut Source) {
        let Some(wish) = &self.wish else { return };
        // A save under another name is another generation of the same text.
        let is_over = match &wish.stage {
            Stage::Asked => wish.of != generations(scene.view),
            Stage::Named(_) => wish.of[1] != generations(scene.view)[1],
            Stage::Saving(texts) => {
                let is_saved = !scene.differs && source.texts() == texts;
                if is_saved {
                    self.decided.push(wish.action.clone());
                }
                // Why it could not be saved is shown with other refusals.
                is_saved || source.texts() != texts || scene.view.refused.is_some()
            }
        };
        if is_over {
            self.wish = None;
        } else if wish.stage == Stage::Asked {
            self.ask(ui, scene, source);
        }
    }

    fn ask(&mut self, ui: &Ui, scene: &mut Scene, source: &mut Source) {
        let Some(wish) = &mut self.wish else { return };
        let name = &scene.view.piece.name;
        let (headline, about, save, drop) = words(&wish.action, name);
        let mut answer = None;
        let asked = Modal::new(Id::unique("unsaved")).show(ui.ctx(), |ui| {
            ui.set_max_width(420.0);
            ui.label(RichText::new(headline).strong());
            ui.label(about);
            ui.add_space(theme::GAP);
            ui.horizontal_wrapped(|ui| {
                if ui.add(Button::new(RichText::new(save).strong())).clicked() {
                    answer = Some(Answer::Save);
                }
                if ui.button(drop).clicked() {
                    answer = Some(Answer::Drop);
                }
                if ui.button("Cancel").clicked() {
                    answer = Some(Answer::Cancel);
                }
            });
        });
        let answer = answer.or(asked.should_close().then_some(Answer::Cancel));
        match answer {
            None => {}
            Some(Answer::Cancel) => self.wish = None,
            Some(Answer::Drop) => {
                self.decided.push(wish.action.clone());
                self.wish = None;
            }
            Some(Answer::Save) => save_first(wish, &mut self.decided, scene, source),
        }
        if self.wish.as_ref().is_some_and(|wish| matches!(wish.action, Action::Save(_) | Action::Reload))
            && answer.is_some()
        {
            // Saved under another name, nothing is left to be done.
            self.wish = None;
        }
    }
}

#[derive(Clone, Copy)]
enum Answer {
    Save,
    Drop,
    Cancel,
}

/// Saves the text: into its file where a piece is opened, into another one where that file holds something else.
fn save_first(wish: &mut Wish, decided: &mut Vec<Action>, scene: &mut Scene, source: &mut Source) {
    let texts = source.send();
    let is_for_its_file = !matches!(wish.action, Action::Save(_) | Action::Reload)
        && scene.view.piece.path.is_some()
        && !scene.view.piece.changed_on_disk;
    if is_for_its_file {
        decided.push(Action::Save(texts.clone()));
        wish.stage = Stage::Saving(texts);
    } else {
        scene.ask(Question::SaveAs(scene.view.piece.name.clone(), texts.clone()));
        wish.stage = Stage::Named(texts);
    }
}

/// The question: what is the case, what it means, and what the first two buttons do.
fn words(action: &Action, name: &str) -> (String, &'static str, &'static str, &'static str) {
    match action {
        Action::Save(_) => (
            format!("The file of {name} has changed on the disk"),
            "Another program wrote it after it was read here. Saving replaces what is in it.",
            "Save as…",
            "Save over it",
        ),
        Action::Reload => (
            format!("{name} has changes that are not saved"),
            "Reading the file again drops them.",
            "Save as…",
            "Drop the changes",
        ),
        _ => (
            format!("{name} has changes that are not saved"),
            "Another piece takes their place.",
            "Save",
            "Do not save",
        ),
    }
}

fn generations(view: &View) -> [u64; 2] {
    [view.source.generation, view.saved.generation]
}
