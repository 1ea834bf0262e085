//! Clip rectangles that cut nothing off. egui makes a mesh of its own, which is a call of OpenGL's, wherever a shape has
//! another clip rectangle than the one before it, and each widget of a panel has one.

use egui::emath::TSTransform;
use egui::epaint::ClippedShape;
use egui::{Rect, Shape};

/// What a shape may reach beyond its bounds, in points: its edges are blended.
const BLENDED: f32 = 2.0;

/// Widens the clip rectangles that cut nothing off, so that neighbours come into one mesh. What is seen stays as it is.
pub(crate) fn widen(shapes: &mut [ClippedShape]) {
    for ClippedShape { clip_rect, shape, transform_after_tessellation } in shapes {
        let is_whole = match shape {
            // It may draw by its clip rectangle.
            Shape::Callback(_) => false,
            // It is moved once it is a mesh.
            _ if *transform_after_tessellation != TSTransform::IDENTITY => false,
            _ => clip_rect.contains_rect(shape.visual_bounding_rect().expand(BLENDED)),
        };
        if is_whole {
            *clip_rect = Rect::EVERYTHING;
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{Color32, Context, RawInput, pos2, vec2};

    use super::*;

    fn rect(at: f32) -> Rect {
        Rect::from_min_size(pos2(at, 0.0), vec2(10.0, 10.0))
    }

    fn shape(clip_rect: Rect, filled: Rect) -> ClippedShape {
        let shape = Shape::rect_filled(filled, 0.0, Color32::WHITE);
        ClippedShape { clip_rect, shape, transform_after_tessellation: TSTransform::IDENTITY }
    }

    #[test]
    fn what_lies_within_its_clip_rectangle_comes_into_one_mesh() {
        let context = Context::default();
        // Nothing takes its textures.
        context.run_ui(RawInput::default(), |_| ()).textures_delta.clear();
        let meshes = |shapes: &[ClippedShape]| context.tessellate(shapes.to_vec(), 1.0).len();
        let mut shapes: Vec<_> = (0..100)
            .map(|number| number as f32 * 20.0)
            .map(|at| shape(rect(at).expand(3.0), rect(at)))
            .collect();
        assert_eq!(meshes(&shapes), 100);
        widen(&mut shapes);
        assert_eq!(meshes(&shapes), 1);
    }

    #[test]
    fn what_is_cut_off_stays_so() {
        // At an edge, beyond it, without bounds, without numbers, and moved later.
        let mut shapes = [
            shape(rect(0.0), rect(0.0)),
            shape(rect(0.0), rect(5.0)),
            ClippedShape { shape: Shape::Noop, ..shape(rect(0.0), rect(0.0)) },
            shape(rect(0.0), rect(f32::NAN)),
            ClippedShape {
                transform_after_tessellation: TSTransform::from_scaling(2.0),
                ..shape(rect(0.0).expand(9.0), rect(0.0))
            },
        ];
        let before: Vec<_> = shapes.iter().map(|shape| shape.clip_rect).collect();
        widen(&mut shapes);
        assert_eq!(shapes.iter().map(|shape| shape.clip_rect).collect::<Vec<_>>(), before);
    }
}
