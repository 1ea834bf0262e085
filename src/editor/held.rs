//! Controls that are held: what has to be done when they are let go, however that comes about. A button is let
//! go by the pointer, a wheel by time; both also by going out of sight.

use std::collections::HashMap;

use egui::Id;

use super::model::Action;

/// The controls that are held. Times are the window's, in seconds.
#[derive(Default)]
pub(super) struct Held {
    controls: HashMap<Id, Control>,
}

struct Control {
    /// Whether this frame has drawn it held.
    kept: bool,
    /// It is not let go before.
    until: f64,
    release: Vec<Action>,
}

impl Held {
    /// Whether a control was held in the last frame, or is in this one.
    pub fn has(&self, id: Id) -> bool {
        self.controls.contains_key(&id)
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty()
    }

    /// Holds a control for this frame, and until a time at least. `release` is done in the first frame after that
    /// in which it is not held.
    pub fn keep(&mut self, id: Id, until: f64, release: impl FnOnce() -> Vec<Action>) {
        let new = || Control { kept: true, until, release: release() };
        let control = self.controls.entry(id).or_insert_with(new);
        control.kept = true;
        control.until = control.until.max(until);
    }

    /// Ends a frame: the releases of what is held no more.
    pub fn end_frame(&mut self, now: f64) -> Vec<Action> {
        let mut released = Vec::new();
        self.controls.retain(|_, control| {
            let stays = std::mem::take(&mut control.kept) || now < control.until;
            if !stays {
                released.append(&mut control.release);
            }
            stays
        });
        released
    }

    /// Lets everything go.
    pub fn let_go(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.controls).into_values().flat_map(|control| control.release).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_held_any_more_is_released_once_and_not_too_soon() {
        let mut held = Held::default();
        let release = || vec![Action::SetChannel("a".into(), 0.0)];
        let id = Id::unique("a");
        held.keep(id, 0.5, release);
        assert_eq!(held.end_frame(0.1), []);
        assert_eq!(held.end_frame(0.4), [], "too soon");
        assert!(held.has(id));
        held.keep(id, 0.0, || unreachable!("it is known"));
        assert_eq!(held.end_frame(0.6), []);
        assert_eq!(held.end_frame(0.7), release());
        assert_eq!(held.end_frame(0.8), []);
        held.keep(id, 2.0, release);
        assert_eq!(held.let_go(), release());
    }
}
