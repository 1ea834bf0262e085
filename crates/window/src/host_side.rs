//! What a host's thread and the window's thread tell each other about keys.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Key, Modifiers};

use super::Repaint;

/// Keys that wait for a frame at most. A window that is not drawn reads none.
const MOST_KEYS: usize = 256;

/// A key that a host has taken before the window's system brought it, and gives to the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// The key.
    pub key: Key,
    /// What else is held.
    pub modifiers: Modifiers,
    /// Pressed, else let go.
    pub pressed: bool,
}

/// What both sides know. Clones are the same.
#[derive(Clone, Default)]
pub struct HostSide(Arc<Shared>);

#[derive(Default)]
struct Shared {
    is_embedded: AtomicBool,
    is_typing: AtomicBool,
    keys: Mutex<Vec<HostKey>>,
}

impl HostSide {
    /// The window lies in a host's, which gets the keys that are not ours.
    pub fn embed(&self) {
        self.0.is_embedded.store(true, Ordering::Relaxed);
    }

    /// A new window is not in a host's until [`embed`](Self::embed) is called, and nothing is typed in it.
    pub fn begin(&self) {
        self.0.is_embedded.store(false, Ordering::Relaxed);
        self.set_typing(false);
        self.keys().clear();
    }

    /// Gives the window a key, for its next frame. Where 256 wait for one, it is dropped.
    pub fn give(&self, key: HostKey, repaint: &Repaint) {
        let mut keys = self.keys();
        if keys.len() < MOST_KEYS {
            keys.push(key);
        }
        drop(keys);
        repaint.request();
    }

    /// Whether text was typed into what had the focus in the last frame.
    pub fn is_typing(&self) -> bool {
        self.0.is_typing.load(Ordering::Relaxed)
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.0.is_embedded.load(Ordering::Relaxed)
    }

    pub(crate) fn set_typing(&self, is_typing: bool) {
        self.0.is_typing.store(is_typing, Ordering::Relaxed);
    }

    pub(crate) fn take_keys(&self) -> Vec<HostKey> {
        std::mem::take(&mut *self.keys())
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, Vec<HostKey>> {
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_pile_up_while_nothing_is_drawn() {
        let (host_side, repaint) = (HostSide::default(), Repaint::default());
        let key = |key| HostKey { key, modifiers: Modifiers::NONE, pressed: true };
        host_side.give(key(Key::B), &repaint);
        (0..10_000).for_each(|_| host_side.give(key(Key::A), &repaint));
        let taken = host_side.take_keys();
        assert_eq!((taken.len(), taken[0].key), (MOST_KEYS, Key::B));
        host_side.give(key(Key::C), &repaint);
        assert_eq!(host_side.take_keys(), [key(Key::C)], "the next frame takes them again");
    }
}
