//! The user's choice of keys: a short list, read and written here.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Worker;
use crate::plugin::keys;
use crate::plugin::shared::errand::KeyErrand;

impl Worker {
    /// Carries one out; why it failed, if it did. Whatever another instance has chosen meanwhile is read as well.
    pub(super) fn see_to_keys(&mut self, errand: KeyErrand) -> Option<String> {
        let done = match errand {
            KeyErrand::Read => Ok(()),
            KeyErrand::Choose(command, choice) => keys::choose(command, choice),
            KeyErrand::Reset => keys::reset(),
        };
        self.link.lock().keys = Arc::new(keys::read());
        self.link.done.fetch_add(1, Ordering::Release);
        done.err()
    }
}
