//! The tuning that the user chooses.

use std::path::Path;

use csound_performance::engine::ConsoleLine;

use super::Worker;
use crate::plugin::channels::wiring::text_of;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::locked::Begin;
use crate::plugin::tuning::reads_tuning;

impl Worker {
    /// Takes the tuning of a file, or twelve equal steps. A piece that reads it goes on with it at its place.
    ///
    /// # Errors
    /// The file cannot be used; the tuning is as it was.
    pub(super) fn tune(&mut self, path: Option<&Path>) -> Result<(), String> {
        let before = self.link.lock().session.tuning.clone();
        let now = match path {
            Some(path) => {
                let now = before.clone().unwrap_or_default().with(path);
                Some(now.map_err(|why| format!("the tuning stays as it is: {why}"))?)
            }
            None => None,
        };
        let mut locked = self.link.lock();
        if now == before || !self.is_its_session() {
            return Ok(());
        }
        let told = now.as_ref().map_or("twelve equal steps".to_owned(), |tuning| tuning.names());
        locked.session.tuning = now;
        let piece = locked.session.piece.as_ref().and_then(SavedPiece::piece);
        if piece.is_some_and(|piece| reads_tuning(text_of(&piece))) {
            locked.log(ConsoleLine::note(format!("tuning: {told}")));
            self.link.want(&mut locked, Begin::SamePlace);
        } else {
            let hint = "this piece does not read it (tuning.0 to tuning.127)";
            locked.log(ConsoleLine::note(format!("tuning: {told}; {hint}")));
        }
        Ok(())
    }
}
