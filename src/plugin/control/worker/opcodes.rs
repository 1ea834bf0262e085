//! The opcodes of the piece's Csound, for an editor that is open: asked for where it is another Csound than before, or
//! loads other libraries.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use csound_performance::Generation;
use csound_performance::engine::ConsoleLine;

use super::Worker;
use crate::plugin::control::listing::{Listing, Wanted};
use crate::plugin::pieces::choice::Named;

impl Worker {
    /// Sees to the list that is being made, and to another one where that is wanted.
    pub(super) fn look_at_opcodes(&mut self) {
        if self.link.export.as_ref().is_some_and(|export| !export.manifest.show_source) {
            return;
        }
        if let Some(listing) = &mut self.listing {
            let Some(opcodes) = listing.look() else { return };
            self.listed = Some(listing.wanted.clone());
            self.listing = None;
            self.link.lock().opcodes = Arc::new(opcodes);
            self.link.done.fetch_add(1, Ordering::Release);
        }
        let wanted = self.wanted_opcodes();
        if self.listed.as_ref() == Some(&wanted) {
            return;
        }
        match Listing::begin(wanted.clone()) {
            Ok(listing) => self.listing = Some(listing),
            Err(error) => {
                self.listed = Some(wanted);
                self.link.log(vec![ConsoleLine::error(format!(
                    "no thread could be started that lists Csound's opcodes: {error}. Nothing is completed by them"
                ))]);
            }
        }
    }

    fn wanted_opcodes(&self) -> Wanted {
        let locked = self.link.lock();
        let performs = locked.performs_by.map(|(major, ..)| major);
        let of_version = performs.map(|major| if major >= 7 { Generation::Seven } else { Generation::Six });
        let granted = &locked.isolation.granted;
        Wanted {
            generation: of_version.or_else(|| locked.named().as_ref().and_then(Named::known)),
            libraries: granted.libraries.clone(),
            is_trusted: granted.permissions.trusted,
            installed: self.csounds.found().iter().map(|found| found.path.clone()).collect(),
        }
    }
}
