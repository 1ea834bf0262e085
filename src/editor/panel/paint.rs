//! Paints controls: where their parts lie, and how they look.

use std::f32::consts::PI;

use egui::emath::Rot2;
use egui::epaint::PathStroke;
use egui::{
    Color32, Mesh, Painter, Pos2, Rect, Response, Stroke, StrokeKind, TextureId, Ui, Vec2, pos2, vec2,
};

use crate::editor::model::Direction;

use crate::editor::theme::{self, Palette};

/// The height of a line of small text.
pub(super) const LINE: f32 = 15.0;

/// Title, body and value, from above to below; what has no room for all keeps its body.
pub(super) fn parts(rect: Rect) -> (Rect, Rect, Rect) {
    let line = LINE.min(rect.height() / 4.0);
    let (title, rest) = rect.split_top_bottom_at_y(rect.top() + line);
    let (body, value) = rest.split_top_bottom_at_y(rest.bottom() - line);
    (title, body, value)
}

/// The same beside each other, for what is as low as a line or two.
pub(super) fn parts_in_a_line(rect: Rect) -> (Rect, Rect, Rect) {
    let (title, rest) = rect.split_left_right_at_fraction(0.3);
    let (body, value) = rest.split_left_right_at_fraction(0.75);
    let line = |part: Rect| Rect::from_center_size(part.center(), vec2(part.width(), LINE));
    (line(title), body, line(value))
}

pub(super) fn is_low(rect: Rect) -> bool {
    rect.height() < 3.5 * LINE
}

/// The ground under a knob's hand.
fn face(palette: &Palette, touched: bool) -> Color32 {
    palette.text.gamma_multiply(if touched { 0.16 } else { 0.1 })
}

pub(super) fn edge(response: &Response, palette: &Palette) -> Stroke {
    let colour = if response.has_focus() { palette.accent } else { palette.edge };
    Stroke::new(1.0, colour)
}

/// From half past seven to half past four.
fn angle(position: f32) -> f32 {
    PI * (0.75 + 1.5 * position)
}

pub(super) fn paint_knob(ui: &Ui, rect: Rect, position: f32, zero: f32, lit: Color32, response: &Response) {
    let palette = theme::palette(ui);
    let centre = rect.center() + vec2(0.0, 1.0);
    let radius = (rect.size().min_elem() / 2.0 - 2.0).max(4.0);
    let wide = (radius * 0.16).clamp(2.0, 5.0);
    let painter = ui.painter();
    arc(painter, centre, radius - wide / 2.0, (0.0, 1.0), Stroke::new(wide, palette.unlit()));
    let ends = (zero.min(position), zero.max(position));
    arc(painter, centre, radius - wide / 2.0, ends, Stroke::new(wide, lit));
    let face = face(palette, response.hovered() || response.dragged());
    let rim = if response.has_focus() { Stroke::new(1.5, palette.accent) } else { Stroke::NONE };
    painter.circle(centre, radius - wide - 2.0, face, rim);
    let hand = Vec2::angled(angle(position));
    let (inner, outer) = (radius * 0.3, radius - wide - 4.0);
    painter.line_segment([centre + hand * inner, centre + hand * outer], Stroke::new(2.0, palette.text));
}

/// The whole of a texture.
pub(super) const WHOLE: Rect = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));

/// A part of a texture, stretched to a place.
pub(super) fn paint_picture(painter: &Painter, texture: TextureId, rect: Rect, part: Rect) {
    painter.image(texture, rect, part, Color32::WHITE);
}

/// The frame of a strip at a position from 0 to 1, in a square as large as there is room for.
pub(super) fn paint_frame(
    ui: &Ui,
    rect: Rect,
    (texture, frames, direction): (TextureId, usize, Direction),
    position: f32,
) {
    let last = frames.saturating_sub(1) as f32;
    let (from, share) = ((position * last).round() / frames as f32, 1.0 / frames as f32);
    let part = match direction {
        Direction::Across => Rect::from_min_size(pos2(from, 0.0), vec2(share, 1.0)),
        Direction::Up => Rect::from_min_size(pos2(0.0, from), vec2(1.0, share)),
    };
    paint_picture(ui.painter(), texture, square(rect), part);
}

/// A picture turned as a knob at a position from 0 to 1.
pub(super) fn paint_hand(ui: &Ui, rect: Rect, texture: TextureId, position: f32) {
    let mut mesh = Mesh::with_texture(texture);
    mesh.add_rect_with_uv(square(rect), WHOLE, Color32::WHITE);
    // It points up in the middle.
    mesh.rotate(Rot2::from_angle(1.5 * PI * (position - 0.5)), rect.center());
    ui.painter().add(mesh);
}

fn square(rect: Rect) -> Rect {
    Rect::from_center_size(rect.center(), Vec2::splat(rect.size().min_elem()))
}

fn arc(painter: &Painter, centre: Pos2, radius: f32, ends: (f32, f32), stroke: Stroke) {
    let steps = ((ends.1 - ends.0) * 48.0).ceil().max(1.0) as usize;
    let at = |step: usize| {
        let share = ends.0 + (ends.1 - ends.0) * step as f32 / steps as f32;
        centre + Vec2::angled(angle(share)) * radius
    };
    painter.line((0..=steps).map(at).collect(), PathStroke::from(stroke));
}

pub(super) fn paint_slider(ui: &Ui, rail: Rect, lit: Rect, at: Pos2, colour: Color32, response: &Response) {
    let palette = theme::palette(ui);
    ui.painter().rect_filled(rail, 3, palette.unlit());
    ui.painter().rect_filled(lit, 3, colour);
    let rim = if response.has_focus() { Stroke::new(2.0, palette.accent) } else { Stroke::NONE };
    let radius = if response.hovered() || response.dragged() { 8.0 } else { 7.0 };
    ui.painter().circle(at, radius, palette.text, rim);
}

pub(super) fn paint_toggle(ui: &Ui, rect: Rect, amount: f32, colour: Color32, response: &Response) {
    let palette = theme::palette(ui);
    let size = vec2(34.0, 18.0).min(rect.size());
    let track = Rect::from_center_size(rect.center(), size);
    let round = size.y / 2.0;
    let fill = theme::mix(palette.unlit(), colour, amount);
    ui.painter().rect(track, round, fill, edge(response, palette), StrokeKind::Inside);
    let x = egui::lerp(track.left() + round..=track.right() - round, amount);
    ui.painter().circle_filled(
        pos2(x, track.center().y),
        round - 3.0,
        theme::mix(palette.text, palette.base, amount),
    );
}
