//! A pad's own motion: thrown with the right button, its point goes on the way that was drawn, as far each second as
//! that was long, and bounces at the edges, until the pad is pressed. While it moves it is held, as by the pointer.

use egui::{PointerButton, Pos2, Rect, Response, Ui};

use crate::editor::held::Held;
use crate::editor::model::Action;

/// Points that are drawn before it is a throw and no click.
const LEAST: f32 = 6.0;

/// A point that moves: shares of the pad, to the right and up, and those that it moves by in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Motion {
    at: [f64; 2],
    speed: [f64; 2],
    /// The window's time when it was there, in seconds.
    when: f64,
}

impl Motion {
    /// Where it is at another time.
    fn go(self, now: f64) -> Self {
        let seconds = (now - self.when).max(0.0);
        let [(x, right), (y, up)] =
            [0, 1].map(|axis| bounce(self.at[axis] + self.speed[axis] * seconds, self.speed[axis]));
        Self { at: [x, y], speed: [right, up], when: now }
    }
}

/// What is beyond the edges comes back from them, as often as it meets one: the place, and the speed there.
fn bounce(place: f64, speed: f64) -> (f64, f64) {
    // There and back is a way of 2, on whose second half it goes backwards.
    let around = place.rem_euclid(2.0);
    match around > 1.0 {
        true => (2.0 - around, -speed),
        false => (around, speed),
    }
}

/// Where a moving pad's point is now, if it moves; `begin` and `end` are what is to be done when it starts and when
/// it stops, however that comes about.
pub(super) fn moved(
    ui: &Ui,
    (response, field): (&Response, Rect),
    held: &mut Held,
    actions: &mut Vec<Action>,
    ([begin, end], channels): ([Vec<Action>; 2], [&str; 2]),
) -> Option<[f64; 2]> {
    let id = response.id.with("motion");
    let now = ui.input(|input| input.time);
    let drawn = Drawn::of(ui, response);
    if let Some(drawn) = drawn.filter(|_| response.drag_stopped_by(PointerButton::Secondary)) {
        let motion = drawn.thrown(field, now);
        if !held.has(id) {
            actions.extend(begin);
        }
        held.keep_moving(id, channels, || end);
        ui.data_mut(|data| data.insert_temp(id, motion));
        ui.request_repaint();
        return Some(motion.at);
    }
    if let Some(drawn) = drawn.filter(|_| response.dragged_by(PointerButton::Secondary)) {
        let palette = crate::editor::theme::palette(ui);
        ui.painter_at(field).line_segment([drawn.from, drawn.to], egui::Stroke::new(1.5, palette.accent));
    }
    // Out of sight it was let go.
    if !held.has(id) {
        ui.data_mut(|data| data.remove::<Motion>(id));
        return None;
    }
    let motion = ui.data(|data| data.get_temp::<Motion>(id))?.go(now);
    held.keep_moving(id, channels, || end);
    ui.data_mut(|data| data.insert_temp(id, motion));
    ui.request_repaint();
    Some(motion.at)
}

/// Stops a pad that moves, before something else moves it.
pub(super) fn stop(ui: &Ui, response: &Response, held: &mut Held, actions: &mut Vec<Action>) {
    let id = response.id.with("motion");
    actions.append(&mut held.release(id));
    ui.data_mut(|data| data.remove::<Motion>(id));
}

/// The way of a drag.
#[derive(Clone, Copy)]
struct Drawn {
    from: Pos2,
    to: Pos2,
}

impl Drawn {
    fn of(ui: &Ui, response: &Response) -> Option<Self> {
        let id = response.id.with("thrown from");
        if response.drag_started_by(PointerButton::Secondary) {
            let from = ui.input(|input| input.pointer.press_origin())?;
            ui.data_mut(|data| data.insert_temp(id, from));
        }
        let from = ui.data(|data| data.get_temp::<Pos2>(id))?;
        let to = response.interact_pointer_pos()?;
        (from.distance(to) >= LEAST).then_some(Self { from, to })
    }

    fn thrown(self, field: Rect, now: f64) -> Motion {
        let share = |at: Pos2| {
            let [x, y] = [(at.x - field.left()) / field.width(), (field.bottom() - at.y) / field.height()];
            [f64::from(x), f64::from(y)]
        };
        let (from, to) = (share(self.from), share(self.to));
        let speed = [0, 1].map(|axis| to[axis] - from[axis]);
        Motion { at: to.map(|place| place.clamp(0.0, 1.0)), speed, when: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_as_fast_as_it_was_thrown_and_bounces_at_every_edge() {
        let thrown = Motion { at: [0.5, 0.5], speed: [0.5, -0.25], when: 10.0 };
        assert_eq!(thrown.go(10.5).at, [0.75, 0.375]);
        assert_eq!(thrown.go(10.5).speed, thrown.speed);
        let back = thrown.go(11.5);
        assert_eq!((back.at, back.speed), ([0.75, 0.125], [-0.5, -0.25]));
        let both = thrown.go(13.0);
        assert_eq!((both.at, both.speed), ([0.0, 0.25], [0.5, 0.25]));
        // In small steps it comes to the same places.
        let mut slow = thrown;
        for step in 1..=3000 {
            slow = slow.go(10.0 + f64::from(step) / 1000.0);
        }
        assert!((slow.at[0] - both.at[0]).abs() < 1e-9 && (slow.at[1] - both.at[1]).abs() < 1e-9, "{slow:?}");
        assert_eq!(thrown.go(9.0).at, thrown.at, "time does not go back");
    }

    #[test]
    fn what_is_far_beyond_an_edge_is_within_and_turned_as_often_as_it_met_one() {
        assert_eq!(bounce(-0.25, -1.0), (0.25, 1.0));
        assert_eq!(bounce(1.25, 1.0), (0.75, -1.0));
        assert_eq!(bounce(2.25, 1.0), (0.25, 1.0));
        assert_eq!(bounce(-1.25, -1.0), (0.75, -1.0));
        assert_eq!(bounce(7.5, 1.0), (0.5, -1.0));
    }
}
