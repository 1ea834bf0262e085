//! The opcodes of the piece's Csound, for an editor that is open: asked for where it is another Csound than before, or
//! loads other libraries.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use csound_performance::Generation;
use csound_performance::engine::ConsoleLine;

use super::Worker;
use crate::plugin::control::listing::{Last, Listing, Wanted};
use crate::plugin::pieces::choice::Named;
use crate::plugin::shared::locked::PieceState;

impl Worker {
    /// Sees to the list that is being made, and to another one where that is wanted.
    pub(super) fn look_at_opcodes(&mut self) {
        if self.hides_source() {
            return;
        }
        if let Some(listing) = &mut self.listing {
            let Some(opcodes) = listing.aside.look() else { return };
            let wanted = listing.wanted.clone();
            self.listed = Some(Last::of(wanted, opcodes.is_some(), self.listed.as_ref(), Instant::now()));
            self.listing = None;
            self.link.lock().opcodes = Arc::new(opcodes.unwrap_or_default());
            self.link.done.fetch_add(1, Ordering::Release);
        }
        let Some(wanted) = self.wanted_opcodes() else { return };
        if self.listed.as_ref().is_some_and(|last| last.is_enough_for(&wanted, Instant::now())) {
            return;
        }
        match Listing::begin(wanted.clone()) {
            Ok(listing) => self.listing = Some(listing),
            Err(error) => {
                self.listed = Some(Last::of(wanted, false, self.listed.as_ref(), Instant::now()));
                self.link.log(vec![ConsoleLine::error(format!(
                    "no thread could be started that lists Csound's opcodes: {error}. Nothing is completed by them"
                ))]);
            }
        }
    }

    /// The Csound that performs, or else the one that the session names.
    pub(super) fn wanted_generation(&self) -> Option<Generation> {
        let locked = self.link.lock();
        let performs = locked.performs_by.map(|(major, ..)| major);
        let of_version = performs.map(|major| if major >= 7 { Generation::Seven } else { Generation::Six });
        of_version.or_else(|| locked.named().as_ref().and_then(Named::known))
    }

    /// None while the first Csound that performs is not known, but will be.
    fn wanted_opcodes(&self) -> Option<Wanted> {
        let generation = self.wanted_generation();
        let locked = self.link.lock();
        if locked.performs_by.is_none() && locked.state == PieceState::Loading && locked.host.is_some() {
            return None;
        }
        let granted = &locked.isolation.granted;
        Some(Wanted {
            generation,
            libraries: granted.libraries.clone(),
            is_trusted: granted.permissions.trusted,
            installed: self.csounds.found().iter().map(|found| found.path.clone()).collect(),
            loaded: Wanted::loaded(),
        })
    }
}
