//! The preview that is heard over the present piece.

use std::sync::atomic::Ordering;

use crate::plugin::shared::preview::{PreviewSound, Previews};

/// See the module.
#[derive(Default)]
pub struct PreviewMixer {
    present: Option<Box<PreviewSound>>,
}

impl PreviewMixer {
    /// Whether there is one.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_heard(&self) -> bool {
        self.present.is_some()
    }

    /// Mixes the preview that is wanted into the first frames of the main output's channels. Where the host renders
    /// `offline` none is heard, and what was comes to its end at once: a file is no place for it.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn mix(&mut self, previews: &Previews, outputs: &mut [&mut [f32]], frames: usize, offline: bool) {
        if self.present.is_none() {
            self.present = previews.arrivals.pop();
        }
        let Some(present) = &mut self.present else { return };
        let is_wanted = previews.is_wanted(present.number());
        if offline {
            present.progress().was_offline.store(true, Ordering::Release);
        }
        if !offline && !present.mix(outputs, frames, is_wanted) {
            return;
        }
        present.progress().is_over.store(true, Ordering::Release);
        // Where there is no room it is silent, and goes with a later block.
        self.present = self.present.take().and_then(|sound| previews.spent.push(sound).err());
    }

    /// None is wanted or heard any more: the host has stopped its audio. Not for the audio thread: it frees.
    pub fn end(&mut self, previews: &Previews) {
        previews.end();
        for sound in self.present.take().into_iter().chain(previews.arrivals.pop()) {
            sound.progress().is_over.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests;
