//! What stands on a panel and turns nothing: words, frames, grounds, lines, meters, and places that are kept.

use egui::epaint::{EllipseShape, PathShape};
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, ScrollArea, Shape as Painted, Stroke,
    StrokeKind, Ui, pos2, vec2,
};

use super::paint::LINE;
use crate::editor::model::{Direction, Finish, Placed, Shape, Side};
use crate::editor::theme;

/// The height of a title's words, in the units of the bounds.
const TITLE: f32 = 12.0;

/// The height of a piece's letters on the screen, in points, held to what a screen can show: a letter takes pixels by
/// the square of it.
fn letters(points: f32) -> f32 {
    points.clamp(4.0, 256.0)
}

/// A widget's place, and how many points a unit of its bounds has.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub rect: Rect,
    pub scale: f32,
}

impl Spot {
    fn corners(self, finish: &Finish) -> CornerRadius {
        let most = self.rect.size().min_elem() / 2.0;
        CornerRadius::same((finish.corners * self.scale).min(most).min(255.0) as u8)
    }

    fn outline(self, finish: &Finish) -> Stroke {
        match finish.outline {
            Some(colour) if finish.outline_width > 0.0 => {
                Stroke::new(finish.outline_width * self.scale, theme::colour(colour))
            }
            _ => Stroke::NONE,
        }
    }

    /// Words of which the height is a share of the place's, where the piece does not say it.
    fn font(self, finish: &Finish, share: f32) -> FontId {
        let usual = (self.rect.height() * share).clamp(9.0, 28.0);
        FontId::proportional(finish.font_size.map_or(usual, |size| letters(size * self.scale)))
    }
}

/// The point at which words stand, and how.
fn anchor(rect: Rect, side: Side) -> (Pos2, Align2) {
    match side {
        Side::Left => (rect.left_center(), Align2::LEFT_CENTER),
        Side::Centre => (rect.center(), Align2::CENTER_CENTER),
        Side::Right => (rect.right_center(), Align2::RIGHT_CENTER),
    }
}

/// A line of text, on a ground where the piece gives it one.
pub(super) fn label(ui: &Ui, placed: &Placed, spot: Spot, colour: Color32) {
    let painter = ui.painter_at(spot.rect);
    if let Some(ground) = placed.colour {
        painter.rect_filled(spot.rect, spot.corners(&placed.finish), theme::colour(ground));
    }
    let (at, align) = anchor(spot.rect, placed.finish.align);
    painter.text(at, align, &placed.text, spot.font(&placed.finish, 0.75), colour);
}

/// A text of several lines, to read.
pub(super) fn page(ui: &mut Ui, placed: &Placed, spot: Spot, colour: Color32) {
    let palette = theme::palette(ui);
    let ground = placed.colour.or(placed.finish.ground).map_or(palette.well, theme::colour);
    ui.painter().rect_filled(spot.rect, spot.corners(&placed.finish), ground);
    let font = FontId::proportional(placed.finish.font_size.map_or(13.0, |size| letters(size * spot.scale)));
    let inner = ui.new_child(egui::UiBuilder::new().max_rect(spot.rect.shrink(4.0)));
    scrolled(inner, |ui| {
        ui.label(egui::RichText::new(&placed.text).font(font).color(colour));
    });
}

/// Shows what may be longer than its place.
pub(super) fn scrolled(mut ui: Ui, show: impl FnOnce(&mut Ui)) {
    ui.shrink_clip_rect(ui.max_rect());
    ScrollArea::vertical().auto_shrink(false).show(&mut ui, |ui| {
        ui.with_layout(egui::Layout::top_down(Align::LEFT), show);
    });
}

/// A frame with a title.
pub(super) fn group(ui: &Ui, placed: &Placed, spot: Spot, text: Color32) {
    let finish = &placed.finish;
    let fill = placed.colour.map_or(text.gamma_multiply(0.05), theme::colour);
    let usual = Stroke::new(1.0, text.gamma_multiply(0.25));
    let edge = if finish.outline.is_some() { spot.outline(finish) } else { usual };
    let corners = if finish.corners > 0.0 { spot.corners(finish) } else { CornerRadius::same(theme::ROUND) };
    ui.painter().rect(spot.rect, corners, fill, edge, StrokeKind::Inside);
    let font = FontId::proportional(finish.font_size.map_or(TITLE, |size| letters(size * spot.scale)));
    let line = Rect::from_min_size(spot.rect.min + vec2(6.0, 4.0), vec2(spot.rect.width() - 12.0, font.size));
    let (at, align) = anchor(line, finish.align);
    ui.painter().text(at, align, &placed.text, font, text);
}

/// A ground without a file.
pub(super) fn ground(ui: &Ui, placed: &Placed, spot: Spot, shape: Shape) {
    let (rect, edge) = (spot.rect, spot.outline(&placed.finish));
    let fill = placed.colour.map_or(Color32::WHITE, theme::colour);
    match shape {
        Shape::Rectangle => {
            let corners = spot.corners(&placed.finish);
            ui.painter().rect(rect, corners, fill, edge, StrokeKind::Inside);
        }
        Shape::Ellipse => {
            let ellipse = EllipseShape::filled(rect.center(), rect.size() / 2.0, fill);
            ui.painter().add(EllipseShape { stroke: edge, ..ellipse });
        }
        Shape::Triangle => {
            let points = vec![rect.center_top(), rect.right_bottom(), rect.left_bottom()];
            ui.painter().add(Painted::Path(PathShape::convex_polygon(points, fill, edge)));
        }
    }
}

/// A line.
pub(super) fn line(ui: &Ui, placed: &Placed, rect: Rect) {
    ui.painter().rect_filled(rect, 0, placed.colour.map_or(Color32::WHITE, theme::colour));
}

/// A meter at a share of its way.
pub(super) fn meter(ui: &Ui, placed: &Placed, spot: Spot, share: f32, direction: Direction) {
    let palette = theme::palette(ui);
    let (rect, corners) = (spot.rect, spot.corners(&placed.finish));
    let ground = placed.finish.ground.map_or(palette.well, theme::colour);
    let lit = placed.lit_colour.map_or(palette.good, theme::colour);
    let edge = match spot.outline(&placed.finish) {
        Stroke { width: 0.0, .. } => Stroke::new(1.0, palette.edge),
        edge => edge,
    };
    ui.painter().rect(rect, corners, ground, edge, StrokeKind::Inside);
    let inner = rect.shrink(edge.width);
    let part = match direction {
        Direction::Across => Rect::from_min_size(inner.min, vec2(inner.width() * share, inner.height())),
        Direction::Up => {
            Rect::from_min_max(pos2(inner.left(), inner.bottom() - inner.height() * share), inner.max)
        }
    };
    ui.painter().rect_filled(part, corners, lit);
}

/// The place of what is not drawn, with the word for it.
pub(super) fn kept_place(ui: &Ui, spot: Spot, word: &str, colour: Color32) {
    let painter = ui.painter_at(spot.rect);
    let rect = spot.rect.shrink(0.5);
    dashed(&painter, rect, Stroke::new(1.0, colour.gamma_multiply(0.6)));
    let font = FontId::proportional((rect.height() * 0.5).clamp(8.0, LINE));
    painter.text(rect.center(), Align2::CENTER_CENTER, word, font, colour);
}

fn dashed(painter: &Painter, rect: Rect, stroke: Stroke) {
    let around =
        [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    // A large frame has no more dashes than a small one.
    let dash = (rect.size().max_elem() / 60.0).max(4.0);
    painter.extend(Painted::dashed_line(&around, stroke, dash, dash));
}
