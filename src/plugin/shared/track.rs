//! The host's track: told on the host's main thread, read by the control thread and the editor.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::link::Link;
use crate::track::{Track, reads_track};

/// What the host has told.
#[derive(Default)]
pub struct HostTrack(Mutex<Track>);

impl HostTrack {
    /// The track as it is.
    pub fn get(&self) -> Track {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what is told; what is not stays. Whether anything has changed.
    fn take(&self, told: Track) -> bool {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Track { name: told.name.or(now.name.clone()), colour: told.colour.or(now.colour) };
        std::mem::replace(&mut *now, next.clone()) != next
    }
}

impl Link {
    /// The host tells of its track: a piece that reads it hears of a change.
    pub fn note_track(&self, told: Track) {
        if self.track.take(told) {
            self.tell_piece_of_track();
            self.done.fetch_add(1, Ordering::Release);
        }
    }

    /// Tells the piece that performs, if it reads it.
    pub fn tell_piece_of_track(&self) {
        let mut locked = self.lock();
        if locked.performing.as_deref().is_some_and(reads_track) {
            locked.texts.extend(self.track.get().texts());
        }
    }
}
