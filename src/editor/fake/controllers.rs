//! The MIDI messages that turn channels and trigger slots, for show: none ever comes.

use super::stage::Stage;

impl Stage {
    /// A channel waits for a controller, or no longer; or it forgets what it has learned.
    pub(super) fn learn_channel(&mut self, name: String, forgets: bool) {
        if !self.view.channels.iter().any(|channel| channel.name == name) {
            return;
        }
        let mut controllers = (*self.view.controllers).clone();
        if forgets {
            controllers.learned.remove(&name);
        }
        if controllers.waiting.as_ref() == Some(&name) {
            controllers.waiting = None;
        } else if !forgets {
            controllers.waiting = Some(name);
        }
        self.view.controllers = controllers.into();
    }

    /// One slot waits at a time; asked again, it waits no more.
    pub(super) fn learn(&mut self, slot: usize) {
        for (number, other) in self.view.slots.iter_mut().enumerate() {
            other.learning = number == slot && !other.learning;
        }
    }
}
