//! By which Csound an instance is to perform, as the user chooses it.

use crate::plugin::pieces::choice::{Choice, Named};

use super::errand::Errand;
use super::link::Link;
use super::locked::{Begin, PieceState};

impl Link {
    /// By which Csound the instance performs, as far as that is settled.
    pub fn named_csound(&self) -> Option<Named> {
        self.lock().named()
    }

    /// By which Csound the user wants the instance to perform: what performs goes on by it, from where it is. *Auto*,
    /// chosen once more, comes to one anew.
    pub fn choose_csound(&self, choice: Choice) {
        let mut locked = self.lock();
        let (is_auto, is_same) = (choice == Choice::Auto, locked.session.csound == choice);
        if is_same && !is_auto {
            return;
        }
        let before = locked.named();
        locked.session.csound = choice;
        if !is_same {
            locked.session.csound_of_auto = None;
            locked.may_try_other = false;
        }
        let is_another = locked.named() != before || locked.state != PieceState::Ready;
        if is_auto {
            drop(locked);
            // That takes a look at what is installed.
            self.ask(Errand::ComeToAuto);
        } else if is_another && locked.session.piece.is_some() {
            self.want(&mut locked, Begin::SamePlace);
        }
    }
}
