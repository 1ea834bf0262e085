//! The tuning that the user chooses.

use std::path::Path;

use super::Worker;

impl Worker {
    /// Takes the tuning of a file, or twelve equal steps. A piece that reads it goes on with it at its place.
    ///
    /// # Errors
    /// The file cannot be used; the tuning is as it was.
    pub(super) fn tune(&mut self, path: Option<&Path>) -> Result<(), String> {
        let before = self.link.lock().session.tuning.clone();
        let now = match path {
            Some(path) => {
                let now = before.unwrap_or_default().with(path);
                Some(now.map_err(|why| format!("the tuning stays as it is: {why}"))?)
            }
            None => None,
        };
        let mut locked = self.link.lock();
        if !self.is_its_session() {
            return Ok(());
        }
        self.link.take_tuning(&mut locked, now);
        Ok(())
    }
}
