//! Which parameters the performing piece reads for each note, for the audio thread.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::plugin::channels::bank::PARAMETERS;

/// By parameter, its place among those that the piece reads for each note, counted from 1; or 0.
pub struct Modulated([AtomicU8; PARAMETERS]);

impl Default for Modulated {
    fn default() -> Self {
        Self([const { AtomicU8::new(0) }; PARAMETERS])
    }
}

impl Modulated {
    /// Another piece performs, which reads the channels at these places of the bank for each note.
    pub fn set(&self, places: &[Option<usize>]) {
        for (place, slot) in self.0.iter().enumerate() {
            let read = places.iter().position(|read| *read == Some(place));
            slot.store(read.map_or(0, |slot| slot as u8 + 1), Ordering::Relaxed);
        }
    }

    /// The place of a parameter among those that are read.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn slot(&self, place: usize) -> Option<usize> {
        usize::from(self.0.get(place)?.load(Ordering::Relaxed)).checked_sub(1)
    }
}
