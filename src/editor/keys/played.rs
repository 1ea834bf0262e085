//! The computer's keys that play notes.

use egui::{Context, Id, Key};

/// Keys of the computer from C on, as a piano lies on them: two rows, an octave apart.
pub(in crate::editor) const COMPUTER: [(Key, u8); 29] = [
    (Key::Z, 0),
    (Key::S, 1),
    (Key::X, 2),
    (Key::D, 3),
    (Key::C, 4),
    (Key::V, 5),
    (Key::G, 6),
    (Key::B, 7),
    (Key::H, 8),
    (Key::N, 9),
    (Key::J, 10),
    (Key::M, 11),
    (Key::Q, 12),
    (Key::Num2, 13),
    (Key::W, 14),
    (Key::Num3, 15),
    (Key::E, 16),
    (Key::R, 17),
    (Key::Num5, 18),
    (Key::T, 19),
    (Key::Num6, 20),
    (Key::Y, 21),
    (Key::Num7, 22),
    (Key::U, 23),
    (Key::I, 24),
    (Key::Num9, 25),
    (Key::O, 26),
    (Key::Num0, 27),
    (Key::P, 28),
];

/// Under this egui remembers which widget is played by the computer's keys.
fn piano() -> Id {
    Id::unique("the keys to play")
}

/// Says that a widget is played by the computer's keys while it has the focus.
pub(in crate::editor) fn play_on(context: &Context, widget: Id) {
    context.data_mut(|data| data.insert_temp(piano(), widget));
}

/// Whether a widget is.
pub(super) fn is_played(context: &Context, widget: Id) -> bool {
    context.data(|data| data.get_temp(piano())) == Some(widget)
}
