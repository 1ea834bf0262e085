//! Whole pictures.

use egui::epaint::{ColorImage, ImageDelta, Vertex};
use egui::{Color32, Mesh, Pos2, RawInput, Shape, Stroke, TextureOptions, pos2, vec2};

use super::*;

fn raster() -> Raster {
    let mut raster = Raster::default();
    let white = ColorImage::filled([1, 1], Color32::WHITE);
    raster.set_texture(TextureId::default(), &ImageDelta::full(white, TextureOptions::LINEAR));
    raster
}

fn primitive(clip_rect: Rect, mesh: Mesh) -> ClippedPrimitive {
    ClippedPrimitive { clip_rect, primitive: Primitive::Mesh(mesh) }
}

fn at(raster: &Raster, x: usize, y: usize) -> [u8; 4] {
    let from = (y * raster.size[0] + x) * 4;
    let [blue, green, red, alpha] = raster.pixels()[from..from + 4] else { panic!("a pixel has four bytes") };
    [red, green, blue, alpha]
}

#[test]
fn a_picture_is_black_where_nothing_is() {
    let mut raster = raster();
    raster.paint([3, 2], 1.0, &[]);
    assert_eq!(raster.pixels(), [0, 0, 0, 255].repeat(6));
    raster.paint([0, 0], 1.0, &[]);
    assert_eq!(raster.pixels(), []);
}

#[test]
fn a_rectangle_is_drawn_within_its_clip_rectangle_in_pixels() {
    let mut raster = raster();
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(Rect::from_min_max(pos2(1.0, 1.0), pos2(4.0, 3.0)), Color32::from_rgb(10, 20, 30));
    let clip = Rect::from_min_max(pos2(-5.0, 1.5), pos2(3.0, 50.0));
    raster.paint([10, 8], 2.0, &[primitive(clip, mesh)]);
    for y in 0..8 {
        for x in 0..10 {
            let is_in = (2..6).contains(&x) && (3..6).contains(&y);
            let wanted = if is_in { [10, 20, 30, 255] } else { [0, 0, 0, 255] };
            assert_eq!(at(&raster, x, y), wanted, "{x}, {y}");
        }
    }
}

#[test]
fn colours_go_from_corner_to_corner() {
    let mut raster = raster();
    let mut mesh = Mesh::default();
    let corner = |x: f32, y: f32, colour| Vertex::untextured(pos2(x, y), colour);
    let (left, right) = (Color32::BLACK, Color32::from_rgb(200, 100, 0));
    mesh.vertices = vec![
        corner(0.0, 0.0, left),
        corner(10.0, 0.0, right),
        corner(0.0, 4.0, left),
        corner(10.0, 4.0, right),
    ];
    mesh.indices = vec![0, 1, 2, 2, 1, 3];
    raster.paint([10, 4], 1.0, &[primitive(Rect::EVERYTHING, mesh)]);
    for y in 0..4 {
        for x in 0..10 {
            let [red, green, blue, _] = at(&raster, x, y);
            let share = (x as f32 + 0.5) / 10.0;
            assert!((f32::from(red) - 200.0 * share).abs() <= 1.0, "{red} at {x}, {y}");
            assert!((f32::from(green) - 100.0 * share).abs() <= 1.0 && blue == 0, "{x}, {y}");
        }
    }
}

#[test]
fn pictures_lie_where_they_are_put() {
    let mut raster = raster();
    let id = TextureId::User(1);
    let pixels = (0..4).map(|at| Color32::from_gray(50 + at * 50)).collect();
    let image = ColorImage { size: [2, 2], pixels, ..ColorImage::default() };
    let mut show = |options, rect: Rect, tint| {
        raster.set_texture(id, &ImageDelta::full(image.clone(), options));
        let mut mesh = Mesh::with_texture(id);
        mesh.add_rect_with_uv(rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), tint);
        raster.paint([8, 8], 1.0, &[primitive(Rect::EVERYTHING, mesh)]);
        [[2, 2], [3, 2], [2, 3], [5, 5]].map(|[x, y]| at(&raster, x, y)[0])
    };
    let small = Rect::from_min_size(pos2(2.0, 2.0), vec2(2.0, 2.0));
    assert_eq!(show(TextureOptions::LINEAR, small, Color32::WHITE), [50, 100, 150, 0]);
    assert_eq!(show(TextureOptions::LINEAR, small, Color32::from_gray(51)), [10, 20, 30, 0]);
    // Between pixels all four have a part.
    let beside = show(TextureOptions::LINEAR, small.translate(vec2(0.5, 0.5)), Color32::WHITE);
    assert_eq!(beside[0], 50);
    assert_eq!(at(&raster, 3, 3)[0], 125);
    let large = Rect::from_min_size(pos2(2.0, 2.0), vec2(4.0, 4.0));
    let mut show = |options| {
        raster.set_texture(id, &ImageDelta::full(image.clone(), options));
        let mut mesh = Mesh::with_texture(id);
        mesh.add_rect_with_uv(large, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
        raster.paint([8, 8], 1.0, &[primitive(Rect::EVERYTHING, mesh)]);
        [[2, 2], [3, 2], [2, 3], [5, 5]].map(|[x, y]| at(&raster, x, y)[0])
    };
    assert_eq!(show(TextureOptions::NEAREST), [50, 50, 50, 200]);
    assert_eq!(show(TextureOptions::LINEAR), [50, 63, 75, 200]);
}

/// The same picture by ways that share nothing with the quick ones: each pixel asks each triangle, in doubles.
fn slowly(size: [usize; 2], mesh: &Mesh) -> Vec<[f64; 3]> {
    let mut pixels = vec![[0.0; 3]; size[0] * size[1]];
    for corners in mesh.indices.chunks_exact(3) {
        let [a, b, c] = [0, 1, 2].map(|at| &mesh.vertices[corners[at] as usize]);
        let side = |p: [f64; 2], a: &Vertex, b: &Vertex| {
            let [ax, ay, bx, by] = [a.pos.x, a.pos.y, b.pos.x, b.pos.y].map(f64::from);
            (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax)
        };
        for y in 0..size[1] {
            for x in 0..size[0] {
                let p = [x as f64 + 0.5, y as f64 + 0.5];
                let sides = [side(p, b, c), side(p, c, a), side(p, a, b)];
                let area: f64 = sides.iter().sum();
                let shares = sides.map(|side| side / area);
                if area == 0.0 || shares.iter().any(|share| *share < 0.0) {
                    continue;
                }
                let part = |at: usize| {
                    let of = |corner: &Vertex| f64::from(corner.color.to_array()[at]);
                    of(a) * shares[0] + of(b) * shares[1] + of(c) * shares[2]
                };
                let rest = 1.0 - part(3) / 255.0;
                let pixel = &mut pixels[y * size[0] + x];
                *pixel = [0, 1, 2].map(|at| part(at) + pixel[at] * rest);
            }
        }
    }
    pixels
}

#[test]
fn shapes_of_egui_look_as_they_do_by_a_slow_way() {
    let context = egui::Context::default();
    let size = [160, 120];
    let drawn = context.run_ui(RawInput::default(), |ui| {
        let painter = ui.ctx().debug_painter();
        painter.rect_filled(
            Rect::from_min_size(pos2(3.3, 4.7), vec2(90.0, 60.0)),
            9.0,
            Color32::from_rgb(40, 90, 160),
        );
        painter.circle(
            pos2(100.2, 70.9),
            33.4,
            Color32::from_rgba_unmultiplied(250, 40, 40, 120),
            Stroke::new(2.3, Color32::WHITE),
        );
        painter.line_segment([pos2(5.0, 110.0), pos2(150.0, 12.0)], Stroke::new(1.2, Color32::YELLOW));
        painter.line_segment(
            [pos2(5.1, 100.4), pos2(150.3, 98.1)],
            Stroke::new(7.0, Color32::from_white_alpha(90)),
        );
        let wave = (0..60).map(|at| pos2(20.0 + at as f32 * 2.0, 60.0 + (at as f32 * 0.4).sin() * 30.0));
        painter.add(Shape::line(wave.collect(), Stroke::new(1.5, Color32::LIGHT_GREEN)));
        painter.add(Shape::convex_polygon(
            vec![pos2(60.0, 80.0), pos2(90.5, 99.5), pos2(70.0, 115.0), pos2(40.0, 109.0)],
            Color32::from_rgba_unmultiplied(0, 255, 255, 70),
            Stroke::new(0.7, Color32::BLACK),
        ));
    });
    let mut raster = Raster::default();
    for (id, changes) in &drawn.textures_delta.set {
        changes.iter().for_each(|change| raster.set_texture(*id, change));
    }
    let primitives = context.tessellate(drawn.shapes, 1.0);
    // They have been taken.
    let mut textures = drawn.textures_delta;
    textures.clear();
    raster.paint(size.map(|side| side as u32), 1.0, &primitives);
    let mut all = Mesh::default();
    for ClippedPrimitive { primitive, .. } in &primitives {
        let Primitive::Mesh(mesh) = primitive else { panic!("only meshes are drawn") };
        all.append_ref(mesh);
    }
    let wanted = slowly(size, &all);
    let mut apart = 0;
    for y in 0..size[1] {
        for x in 0..size[0] {
            let (pixel, wanted) = (at(&raster, x, y), wanted[y * size[0] + x]);
            let is_near = pixel.iter().zip(wanted).all(|(is, wanted)| (f64::from(*is) - wanted).abs() <= 3.0);
            apart += usize::from(!is_near);
        }
    }
    // Where a middle lies on an edge that two triangles share, both draw it by the slow way.
    assert!(apart <= 20, "{apart} pixels differ");
    let lit = wanted.iter().filter(|pixel| pixel.iter().any(|part| *part > 10.0)).count();
    assert!(lit > 5000, "only {lit} pixels are drawn at all");
}

#[test]
fn damaged_meshes_and_textures_end_nothing() {
    let mut raster = raster();
    let odd = [f32::NAN, f32::INFINITY, -1e38, 1e38, 0.0, 5.0, 1e-40];
    let mut mesh = Mesh::with_texture(TextureId::User(3));
    for at in 0..343 {
        let [x, y, u] = [at % 7, at / 7 % 7, at / 49].map(|at| odd[at]);
        let color = Color32::from_rgba_premultiplied(at as u8, 250, 3, (at * 7) as u8);
        mesh.vertices.push(Vertex { pos: pos2(x, y), uv: pos2(u, x), color });
    }
    mesh.indices = (0..3000_u32).map(|at| at * 7919 % 350).collect();
    // Triangles with one place in the texture.
    for far in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -2e14, 1e38] {
        for pos in [pos2(1.0, 1.0), pos2(20.0, 2.0), pos2(3.0, 15.0)] {
            mesh.indices.push(mesh.vertices.len() as u32);
            mesh.vertices.push(Vertex { pos, uv: pos2(far, -far), color: Color32::LIGHT_BLUE });
        }
    }
    for options in
        [TextureOptions::LINEAR, TextureOptions::NEAREST_REPEAT, TextureOptions::LINEAR_MIRRORED_REPEAT]
    {
        for size in [[0, 0], [1, 1], [3, 5]] {
            let image = ColorImage::filled(size, Color32::from_gray(100));
            raster.set_texture(TextureId::User(3), &ImageDelta::full(image, options));
            for scale in [0.0, 1.0, 2.5, f32::NAN, f32::INFINITY] {
                raster.paint([30, 20], scale, &[primitive(Rect::EVERYTHING, mesh.clone())]);
            }
        }
    }
    raster.free_texture(TextureId::User(3));
    raster.paint([30, 20], 1.0, &[primitive(Rect::NAN, mesh)]);
    assert_eq!(raster.pixels(), [0, 0, 0, 255].repeat(600));
}
