//! The tuning that an instance takes, by the user's hand or with a preset.

use csound_performance::engine::ConsoleLine;

use super::link::Link;
use super::locked::{Begin, Locked};
use crate::plugin::channels::wiring::text_of;
use crate::plugin::session::SavedPiece;
use crate::plugin::tuning::{SavedTuning, reads_tuning};

impl Link {
    /// Takes a tuning, or twelve equal steps. A piece that reads it goes on with it at its place.
    pub fn take_tuning(&self, locked: &mut Locked, tuning: Option<SavedTuning>) {
        if locked.session.tuning == tuning {
            return;
        }
        let told = tuning.as_ref().map_or("twelve equal steps".to_owned(), SavedTuning::names);
        locked.session.tuning = tuning;
        let piece = locked.session.piece.as_ref().and_then(SavedPiece::piece);
        if piece.is_some_and(|piece| reads_tuning(text_of(&piece))) {
            locked.log(ConsoleLine::note(format!("tuning: {told}")));
            self.want(locked, Begin::SamePlace);
        } else {
            let hint = "this piece does not read it (tuning.0 to tuning.127)";
            locked.log(ConsoleLine::note(format!("tuning: {told}; {hint}")));
        }
    }
}
