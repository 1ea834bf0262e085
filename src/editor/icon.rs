//! Pictures on buttons, drawn: no font has to have them, and they are sharp at every scale.

use egui::epaint::{PathShape, PathStroke};
use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::theme::{self, ROUND, ROW};

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Play,
    Pause,
    Stop,
    Restart,
    Record,
    Shield,
    /// Light and dark.
    Contrast,
    Down,
    Keys,
    Wave,
}

/// A button with a picture, which does something. `label` is what it is called: its tooltip, and what screen readers say.
pub(super) fn button(ui: &mut Ui, icon: Icon, label: &str, lit: Option<Color32>) -> Response {
    let response = drawn(ui, icon, label, lit);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    response
}

/// The same for what is on or off.
pub(super) fn switch(ui: &mut Ui, icon: Icon, label: &str, is_on: bool) -> Response {
    let lit = is_on.then_some(theme::palette(ui).accent);
    let response = drawn(ui, icon, label, lit);
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), is_on, label));
    response
}

fn drawn(ui: &mut Ui, icon: Icon, label: &str, lit: Option<Color32>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ROW + 4.0, ROW), Sense::click());
    let enabled = ui.is_enabled();
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact(&response);
        let palette = theme::palette(ui);
        let fill = lit.map_or(look.bg_fill, |colour| palette.lit(look.bg_fill, colour));
        let edge = if response.has_focus() { Stroke::new(1.0, palette.accent) } else { look.bg_stroke };
        ui.painter().rect(rect, ROUND, fill, edge, egui::StrokeKind::Inside);
        let ink =
            if enabled { lit.unwrap_or(look.fg_stroke.color) } else { palette.weak.gamma_multiply(0.5) };
        paint(ui.painter(), icon, Rect::from_center_size(rect.center(), Vec2::splat(12.0)), ink);
    }
    response.on_hover_text(label)
}

/// Draws a picture into a square.
pub(super) fn paint(painter: &Painter, icon: Icon, rect: Rect, ink: Color32) {
    let at = |x: f32, y: f32| pos2(rect.left() + x * rect.width(), rect.top() + y * rect.height());
    let line = Stroke::new(1.5, ink);
    match icon {
        Icon::Play => fill(painter, vec![at(0.15, 0.0), at(1.0, 0.5), at(0.15, 1.0)], ink),
        Icon::Pause => {
            painter.rect_filled(Rect::from_min_max(at(0.1, 0.05), at(0.4, 0.95)), 1, ink);
            painter.rect_filled(Rect::from_min_max(at(0.6, 0.05), at(0.9, 0.95)), 1, ink);
        }
        Icon::Stop => drop(painter.rect_filled(Rect::from_min_max(at(0.1, 0.1), at(0.9, 0.9)), 2, ink)),
        Icon::Record => drop(painter.circle_filled(rect.center(), rect.width() * 0.45, ink)),
        Icon::Restart => {
            painter.rect_filled(Rect::from_min_max(at(0.05, 0.05), at(0.22, 0.95)), 1, ink);
            fill(painter, vec![at(1.0, 0.0), at(1.0, 1.0), at(0.28, 0.5)], ink);
        }
        Icon::Shield => shield(painter, at, line),
        Icon::Contrast => contrast(painter, rect, line),
        Icon::Down => fill(painter, vec![at(0.1, 0.3), at(0.9, 0.3), at(0.5, 0.8)], ink),
        Icon::Keys => keys(painter, rect, ink),
        Icon::Wave => wave(painter, at, line),
    }
}

fn fill(painter: &Painter, points: Vec<Pos2>, ink: Color32) {
    painter.add(Shape::convex_polygon(points, ink, Stroke::NONE));
}

fn shield(painter: &Painter, at: impl Fn(f32, f32) -> Pos2, line: Stroke) {
    let outline = [(0.5, 0.0), (0.95, 0.15), (0.9, 0.6), (0.5, 1.0), (0.1, 0.6), (0.05, 0.15)];
    let points = outline.iter().map(|&(x, y)| at(x, y)).collect();
    painter.add(Shape::Path(PathShape::closed_line(points, PathStroke::from(line))));
}

/// A disc, half of it filled.
fn contrast(painter: &Painter, rect: Rect, line: Stroke) {
    let radius = rect.width() * 0.46;
    painter.circle_stroke(rect.center(), radius, line);
    let at = |step: usize| {
        let angle = std::f32::consts::PI * (step as f32 / 16.0 - 0.5);
        rect.center() + Vec2::angled(angle) * radius
    };
    fill(painter, (0..=16).map(at).collect(), line.color);
}

/// Five white keys from C on, wider than the square; the black ones are what is left free between them.
fn keys(painter: &Painter, rect: Rect, ink: Color32) {
    let rect = Rect::from_center_size(rect.center(), Vec2::new(rect.width() * 1.75, rect.height() * 1.1));
    let (width, gap) = (rect.width() / 5.0, 1.0);
    let (black, shoulder) = (width * 0.62, rect.top() + rect.height() * 0.6);
    for key in 0..5_u8 {
        let (left, right) = (rect.left() + width * f32::from(key), rect.left() + width * f32::from(key + 1));
        let front = Rect::from_x_y_ranges(left..=right - gap, shoulder..=rect.bottom());
        painter.rect_filled(front, 0, ink);
        // C and F have no black key at their left, E none at its right.
        let from = if matches!(key, 0 | 3) { left } else { left + black / 2.0 };
        let to = if key == 2 { right - gap } else { right - gap - black / 2.0 };
        painter.rect_filled(Rect::from_x_y_ranges(from..=to, rect.top()..=shoulder), 0, ink);
    }
}

fn wave(painter: &Painter, at: impl Fn(f32, f32) -> Pos2, line: Stroke) {
    let points = (0..=16).map(|step| {
        let x = step as f32 / 16.0;
        at(x, 0.5 - 0.42 * (x * std::f32::consts::TAU).sin())
    });
    painter.line(points.collect(), PathStroke::from(line));
}
