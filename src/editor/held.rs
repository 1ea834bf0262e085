//! Controls that are held: what has to be done when they are let go, however that comes about. A button is let
//! go by the pointer, a wheel by time; both also by going out of sight.

use std::collections::HashMap;

use egui::Id;

use super::model::{Action, ParamRef};

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
    /// The channels that it moves by itself, with nobody's hand at it; otherwise none.
    moves: Vec<String>,
}

impl Held {
    /// Whether a control was held in the last frame, or is in this one.
    pub fn has(&self, id: Id) -> bool {
        self.controls.contains_key(&id)
    }

    /// Whether no hand holds anything.
    pub fn is_empty(&self) -> bool {
        self.controls.values().all(|control| !control.moves.is_empty())
    }

    /// Whether a parameter is moved by a control that moves by itself.
    pub fn moves(&self, param: ParamRef) -> bool {
        let moving = self.controls.values().filter(|control| !control.moves.is_empty());
        moving.flat_map(|control| &control.release).any(|action| *action == Action::EndGesture(param))
    }

    /// The same of a channel.
    pub fn moves_channel(&self, name: &str) -> bool {
        self.controls.values().any(|control| control.moves.iter().any(|moved| moved == name))
    }

    /// Keeps a control that moves these channels by itself for this frame, until it is not kept in one.
    pub fn keep_moving(&mut self, id: Id, channels: [&str; 2], release: impl FnOnce() -> Vec<Action>) {
        self.keep(id, 0.0, release);
        if let Some(control) = self.controls.get_mut(&id).filter(|control| control.moves.is_empty()) {
            control.moves = channels.map(str::to_owned).into();
        }
    }

    /// Lets a control go at once, if it is held: what is to be done for that.
    pub fn release(&mut self, id: Id) -> Vec<Action> {
        self.controls.remove(&id).map(|control| control.release).unwrap_or_default()
    }

    /// Holds a control for this frame, and until a time at least. `release` is done in the first frame after that
    /// in which it is not held.
    pub fn keep(&mut self, id: Id, until: f64, release: impl FnOnce() -> Vec<Action>) {
        let new = || Control { kept: true, until, release: release(), moves: Vec::new() };
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

    #[test]
    fn what_moves_by_itself_is_held_by_no_hand_and_is_let_go_at_once_where_one_comes() {
        let mut held = Held::default();
        let (id, param) = (Id::unique("a"), ParamRef::Bank(3));
        held.keep_moving(id, ["x", "y"], || vec![Action::EndGesture(param)]);
        assert!(held.has(id) && held.is_empty() && held.moves(param) && !held.moves(ParamRef::Bank(4)));
        assert!(held.moves_channel("y") && !held.moves_channel("z"));
        assert_eq!(held.end_frame(0.1), []);
        assert_eq!(held.release(id), [Action::EndGesture(param)]);
        assert!(!held.has(id) && !held.moves(param));
        assert_eq!(held.end_frame(0.2), []);
    }
}
