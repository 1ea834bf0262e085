//! Controls that are drawn in pictures of the piece's own.

use egui::{Pos2, Rect, Ui, Vec2};

use super::Control;
use crate::editor::panel::paint::{WHOLE, paint_frame, paint_hand, paint_picture};

impl Control<'_> {
    /// Paints a knob in its pictures; false if it has none that say where it stands.
    pub(super) fn paint_turned_art(&self, ui: &Ui, body: Rect, position: f32) -> bool {
        self.paint_art_ground(ui, body);
        match (self.look.art.strip, self.look.art.hand) {
            (Some(strip), _) => paint_frame(ui, body, strip, position),
            (None, Some(hand)) => paint_hand(ui, body, hand, position),
            (None, None) => return false,
        }
        true
    }

    /// The same for a slider, whose hand is at `at`.
    pub(super) fn paint_moved_art(&self, ui: &Ui, body: Rect, at: Pos2, position: f32) -> bool {
        self.paint_art_ground(ui, body);
        match (self.look.art.strip, self.look.art.hand) {
            (Some(strip), _) => paint_frame(ui, body, strip, position),
            (None, Some(hand)) => {
                let side = body.size().min_elem();
                paint_picture(ui.painter(), hand, Rect::from_center_size(at, Vec2::splat(side)), WHOLE);
            }
            (None, None) => return false,
        }
        true
    }

    /// Paints a button in its picture; false if it has none.
    pub(super) fn paint_button_art(&self, ui: &Ui, rect: Rect, on: bool) -> bool {
        let art = self.look.art;
        let own = if on { art.on.or(art.off) } else { art.off };
        let Some(picture) = own.or(art.ground) else { return false };
        paint_picture(ui.painter(), picture, rect, WHOLE);
        true
    }

    fn paint_art_ground(&self, ui: &Ui, body: Rect) {
        if let Some(ground) = self.look.art.ground {
            paint_picture(ui.painter(), ground, body, WHOLE);
        }
    }
}
