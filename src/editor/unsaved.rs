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
    /// The user is asked for a file to save the piece to, while all texts stand so.
    Named(Vec<String>),
    /// Texts are being saved, while all stand so.
    Saving(Vec<String>),
}

impl Unsaved {
    /// Lets an action through, unless it would take a text away that is in no file, or a file that holds what the user
    /// has not seen.
    pub fn hold(&mut self, action: Action, view: &View, source: &Source) -> Option<Action> {
        let beside = source.unsaved_beside();
        let is_held = match &action {
            Action::Open(_) | Action::OpenShipped(_) | Action::OpenPreset(_) => {
                source.differs(&view.source) || !beside.is_empty()
            }
            Action::Reload => source.differs(&view.source),
            Action::Save(_) => view.piece.changed_on_disk,
            // With the folder the texts go that are open in it.
            Action::SaveAs(path, _) => !beside.is_empty() && path.parent() != view.folder.folder.as_deref(),
            Action::CloseText(name) => beside.contains(&&**name),
            Action::SaveText { name, over, .. } => {
                view.folder.text(name).is_some_and(|text| text.generation != *over)
            }
            _ => false,
        };
        if !is_held {
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
                let is_saved = is_saved(&wish.action, scene.view, source) && source.texts() == texts;
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
        let (headline, about, save, drop) =
            words(&wish.action, &scene.view.piece.name, &unsaved_names(scene.view, source));
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
                self.decided.push(over_newest(wish.action.clone(), scene.view));
                self.wish = None;
            }
            Some(Answer::Save) => save_first(wish, &mut self.decided, scene, source),
        }
        let is_over =
            |action: &Action| matches!(action, Action::Save(_) | Action::Reload | Action::SaveText { .. });
        if self.wish.as_ref().is_some_and(|wish| is_over(&wish.action)) && answer.is_some() {
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

/// Whether nothing is left that an action would take away.
fn is_saved(action: &Action, view: &View, source: &Source) -> bool {
    let beside = source.unsaved_beside();
    match action {
        Action::CloseText(name) => !beside.contains(&&**name),
        Action::SaveAs(..) => beside.is_empty(),
        _ => beside.is_empty() && !source.differs(&view.source),
    }
}

/// The names of the texts that are not saved.
fn unsaved_names(view: &View, source: &Source) -> String {
    let own = source.differs(&view.source).then_some(&*view.piece.name);
    own.into_iter().chain(source.unsaved_beside()).collect::<Vec<_>>().join(", ")
}

/// A text of the folder is saved over what its file holds now, as the user has said.
fn over_newest(action: Action, view: &View) -> Action {
    match action {
        Action::SaveText { name, text, over } => {
            let over = view.folder.text(&name).map_or(over, |known| known.generation);
            Action::SaveText { name, text, over }
        }
        other => other,
    }
}

/// Saves the text: into its file where a piece is opened, into another one where that file holds something else. The
/// texts of the folder that the wish would take away go into their files.
fn save_first(wish: &mut Wish, decided: &mut Vec<Action>, scene: &mut Scene, source: &mut Source) {
    let beside: Vec<String> = match &wish.action {
        Action::CloseText(name) => vec![name.clone()],
        Action::SaveText { name, .. } => return source.take_file(name),
        Action::Save(_) | Action::Reload => Vec::new(),
        _ => source.unsaved_beside().into_iter().map(str::to_owned).collect(),
    };
    decided.extend(beside.iter().filter_map(|name| source.send_beside(name)));
    let saves_piece = match &wish.action {
        Action::CloseText(_) | Action::SaveAs(..) => false,
        Action::Save(_) | Action::Reload => true,
        _ => source.differs(&scene.view.source),
    };
    if !saves_piece {
        wish.stage = Stage::Saving(source.texts().to_vec());
        return;
    }
    let texts = source.send();
    let is_for_its_file = !matches!(wish.action, Action::Save(_) | Action::Reload)
        && scene.view.piece.path.is_some()
        && !scene.view.piece.changed_on_disk;
    if is_for_its_file {
        decided.push(Action::Save(texts));
        wish.stage = Stage::Saving(source.texts().to_vec());
    } else {
        scene.ask(Question::SaveAs(scene.view.piece.name_to_save(), texts));
        wish.stage = Stage::Named(source.texts().to_vec());
    }
}

/// The question: what is the case, what it means, and what the first two buttons do.
fn words(action: &Action, name: &str, unsaved: &str) -> (String, &'static str, &'static str, &'static str) {
    match action {
        Action::SaveText { name, .. } => (
            format!("The file of {name} has changed on the disk"),
            "Another program wrote it after it was read here. Saving replaces what is in it.",
            "Take the file",
            "Save over it",
        ),
        Action::CloseText(name) => (
            format!("{name} has changes that are not saved"),
            "Closing it drops them.",
            "Save",
            "Do not save",
        ),
        Action::SaveAs(..) => (
            format!("Texts of the piece's folder have changes that are not saved: {unsaved}"),
            "In another folder they are open no longer.",
            "Save them",
            "Drop them",
        ),
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
            format!(
                "{unsaved} {} changes that are not saved",
                if unsaved.contains(", ") { "have" } else { "has" }
            ),
            "Another piece takes their place.",
            "Save",
            "Do not save",
        ),
    }
}

fn generations(view: &View) -> [u64; 2] {
    [view.source.generation, view.saved.generation]
}
