//! The keys that the host holds down, for whoever shows a keyboard.

use std::sync::atomic::{AtomicU64, Ordering};

/// A bit for each key that is held on any channel. Written by the audio thread.
#[derive(Default)]
pub struct KeyLights([AtomicU64; 2]);

impl KeyLights {
    /// The keys, a bit each.
    pub fn keys(&self) -> u128 {
        let [low, high] = &self.0;
        u128::from(low.load(Ordering::Relaxed)) | u128::from(high.load(Ordering::Relaxed)) << 64
    }

    fn show(&self, key: usize, on: bool) {
        let (word, bit) = (&self.0[key / 64 % 2], 1 << (key % 64));
        match on {
            true => word.fetch_or(bit, Ordering::Relaxed),
            false => word.fetch_and(!bit, Ordering::Relaxed),
        };
    }
}

/// The same by channel: the audio thread's side.
pub struct HeldKeys {
    /// By key, a bit for each channel that holds it.
    channels: [u16; 128],
}

impl Default for HeldKeys {
    fn default() -> Self {
        Self { channels: [0; 128] }
    }
}

impl HeldKeys {
    /// Follows a message to the piece.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn follow(&mut self, bytes: &[u8], lights: &KeyLights) {
        let &[status, first, second] = bytes else { return };
        let channel = 1 << (status & 0x0F);
        match (status & 0xF0, first, second) {
            (0x90, key, 1..) => self.hold(key, self.of(key) | channel, lights),
            (0x80 | 0x90, key, _) => self.hold(key, self.of(key) & !channel, lights),
            // All sound off, all notes off.
            (0xB0, 120 | 123, _) => (0..128).for_each(|key| self.hold(key, self.of(key) & !channel, lights)),
            _ => {}
        }
    }

    /// Lets all keys go.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn let_go(&mut self, lights: &KeyLights) {
        (0..128).for_each(|key| self.hold(key, 0, lights));
    }

    fn of(&self, key: u8) -> u16 {
        self.channels[usize::from(key & 0x7F)]
    }

    fn hold(&mut self, key: u8, channels: u16, lights: &KeyLights) {
        let key = usize::from(key & 0x7F);
        if self.channels[key] != channels {
            self.channels[key] = channels;
            lights.show(key, channels != 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(messages: &[[u8; 3]]) -> u128 {
        let (mut held, lights) = (HeldKeys::default(), KeyLights::default());
        messages.iter().for_each(|message| held.follow(message, &lights));
        lights.keys()
    }

    #[test]
    fn a_key_is_lit_as_long_as_any_channel_holds_it() {
        let both = [[0x90, 60, 100], [0x91, 60, 1], [0x9F, 127, 1], [0x80, 60, 0]];
        assert_eq!(after(&both), 1 << 60 | 1 << 127);
        assert_eq!(after(&[&both[..], &[[0x91, 60, 0], [0x8F, 127, 64]]].concat()), 0);
    }

    #[test]
    fn all_notes_off_is_for_its_channel_and_letting_go_for_all() {
        let keys = [[0x90, 0, 100], [0x91, 64, 100]];
        assert_eq!(after(&[&keys[..], &[[0xB0, 123, 0]]].concat()), 1 << 64);
        assert_eq!(after(&[&keys[..], &[[0xB0, 7, 0], [0xB1, 120, 0]]].concat()), 1);
        let (mut held, lights) = (HeldKeys::default(), KeyLights::default());
        keys.iter().for_each(|message| held.follow(message, &lights));
        held.let_go(&lights);
        assert_eq!(lights.keys(), 0);
    }
}
