//! The instruments that sound: counted by the engine while an editor is open.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Worker;

impl Worker {
    /// Has the engine count as long as somebody looks, and takes what it has counted.
    pub(super) fn look_at_activity(&self) {
        let active = match &self.running {
            Some(running) => {
                // An engine that has ended counts no more, and is told of elsewhere.
                let _ = running.count_active(self.link.taps.is_watched());
                running.active()
            }
            None => Arc::default(),
        };
        let mut locked = self.link.lock();
        if *locked.active != *active {
            locked.active = active;
            drop(locked);
            self.link.done.fetch_add(1, Ordering::Release);
        }
    }
}
