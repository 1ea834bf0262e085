//! What opens a piece without a menu: a path that is pasted, and the command line of a program of its own.

use egui::Ui;

use super::model::Action;
use super::pasted::pasted_path;
use super::{Editor, drops};

impl Editor {
    /// Opens the piece that the program was started with, once.
    pub(super) fn open_named(&mut self) {
        if self.opened != self.view.named {
            self.opened.clone_from(&self.view.named);
            self.actions.extend(self.opened.clone().map(Action::Open));
        }
    }

    /// Opens a piece whose path is pasted where nothing is typed: file managers copy paths.
    pub(super) fn take_pasted_paths(&mut self, ui: &Ui) {
        if !self.view.opens_pieces() || ui.ctx().egui_wants_keyboard_input() {
            return;
        }
        let piece =
            ui.input(|input| input.events.iter().filter_map(pasted_path).find(|path| drops::is_piece(path)));
        self.actions.extend(piece.map(Action::Open));
    }
}
