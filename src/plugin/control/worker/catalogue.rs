//! The catalogue of pieces and presets: begun and told of here, looked for on a thread of its own.

use std::sync::atomic::Ordering;

use super::Worker;
use crate::plugin::catalogue::folders;
use crate::plugin::control::aside::{Aside, no_thread};
use crate::plugin::control::catalogue;
use crate::plugin::shared::errand::CatalogueErrand;

impl Worker {
    /// Carries one out; why it failed, if it did.
    pub(super) fn see_to_catalogue(&mut self, errand: CatalogueErrand) -> Option<String> {
        let done = match errand {
            CatalogueErrand::Look => Ok(()),
            CatalogueErrand::Add(folder) => folders::add(&folder),
            CatalogueErrand::Remove(folder) => folders::remove(&folder),
        };
        done.and_then(|()| self.begin_to_look()).err()
    }

    /// Looks anew; a look that is under way is given up.
    fn begin_to_look(&mut self) -> Result<(), String> {
        self.looking = None;
        self.looking = Some(catalogue::begin().map_err(|error| no_thread("look for pieces", &error))?);
        self.link.lock().catalogue.is_looking = true;
        Ok(())
    }

    /// Tells what was found, once it is.
    pub(super) fn look_at_catalogue(&mut self) {
        let Some(found) = self.looking.as_mut().and_then(Aside::look) else { return };
        self.looking = None;
        self.link.lock().catalogue = found;
        self.link.done.fetch_add(1, Ordering::Release);
    }
}
