//! Turns what was painted of a widget: shapes, after they are there.

use egui::emath::Rot2;
use egui::layers::ShapeIdx;
use egui::{Pos2, Rect, Shape, Ui};

/// Paints by `paint`, and turns that around a point by radians, clockwise. What is turned is cut off at `clip`.
pub(super) fn turned(ui: &mut Ui, around: Pos2, angle: f32, clip: Rect, paint: impl FnOnce(&mut Ui)) {
    let layer = ui.layer_id();
    let next = |ui: &Ui| ui.ctx().graphics_mut(|graphics| graphics.entry(layer).next_idx());
    let first = next(ui);
    paint(ui);
    if angle == 0.0 {
        return;
    }
    let (last, by) = (next(ui), Turn { around, angle, by: Rot2::from_angle(angle) });
    ui.ctx().graphics_mut(|graphics| {
        let list = graphics.entry(layer);
        for index in first.0..last.0 {
            list.mutate_shape(ShapeIdx(index), |painted| {
                painted.clip_rect = clip;
                by.shape(&mut painted.shape);
            });
        }
    });
}

struct Turn {
    around: Pos2,
    angle: f32,
    by: Rot2,
}

impl Turn {
    fn point(&self, point: Pos2) -> Pos2 {
        self.around + self.by * (point - self.around)
    }

    fn shape(&self, shape: &mut Shape) {
        match shape {
            // Nothing on a panel is painted by the last two.
            Shape::Noop | Shape::Callback(_) | Shape::Band(_) => {}
            Shape::Vec(shapes) => shapes.iter_mut().for_each(|shape| self.shape(shape)),
            Shape::Circle(circle) => circle.center = self.point(circle.center),
            Shape::Ellipse(ellipse) => {
                ellipse.center = self.point(ellipse.center);
                ellipse.angle += self.angle;
            }
            Shape::LineSegment { points, .. } => self.points(points),
            Shape::Path(path) => self.points(&mut path.points),
            Shape::Rect(rect) => {
                let to = self.point(rect.rect.center());
                rect.rect = Rect::from_center_size(to, rect.rect.size());
                rect.angle += self.angle;
            }
            Shape::Text(text) => {
                text.pos = self.point(text.pos);
                text.angle += self.angle;
            }
            Shape::Mesh(mesh) => std::sync::Arc::make_mut(mesh).rotate(self.by, self.around),
            Shape::QuadraticBezier(curve) => self.points(&mut curve.points),
            Shape::CubicBezier(curve) => self.points(&mut curve.points),
        }
    }

    fn points(&self, points: &mut [Pos2]) {
        points.iter_mut().for_each(|point| *point = self.point(*point));
    }
}
