//! Draws the triangles of a mesh, each in the cheapest way that gives its picture.

use std::ops::AddAssign;

use egui::epaint::Vertex;
use egui::{Mesh, Pos2, TextureFilter};

use super::edges::{self, Bounds};
use super::pixel::{self, over, times};
use super::planes::{self, FRACTION, Planes};
use super::texture::Texture;

/// What is drawn into, and where that may be.
pub struct Target<'a> {
    pub pixels: &'a mut [u32],
    /// Pixels of a row.
    pub width: usize,
    pub bounds: Bounds,
}

impl Target<'_> {
    /// Gives each row of a triangle: its first pixel's column, its own number, and its pixels.
    #[inline(always)]
    fn rows(&mut self, places: [Pos2; 3], mut row: impl FnMut(usize, usize, &mut [u32])) {
        edges::rows(places, &self.bounds, |y, from, to| {
            row(from, y, &mut self.pixels[y * self.width + from..y * self.width + to]);
        });
    }
}

/// Draws all of a mesh. A triangle of a corner that is not there is left out.
pub fn paint(mut target: Target, mesh: &Mesh, pixels_per_point: f32, texture: &Texture) {
    let mut plain = Plain { texture, uv: Pos2::ZERO, texel: texel(texture, Pos2::ZERO) };
    for corners in mesh.indices.as_chunks::<3>().0 {
        let corner = |at: usize| mesh.vertices.get(corners[at] as usize);
        if let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) {
            let places = [a.pos * pixels_per_point, b.pos * pixels_per_point, c.pos * pixels_per_point];
            if !edges::is_between_pixels(places, &target.bounds) {
                triangle(&mut target, [a, b, c], places, &mut plain);
            }
        }
    }
}

/// Whether two places are one. What is no number is none; egui's own comparison panics at that where it is debugged.
#[inline(always)]
fn is_same(one: Pos2, other: Pos2) -> bool {
    one.x == other.x && one.y == other.y
}

/// The texel that triangles of one place in the texture have in common: most of a mesh have the same.
struct Plain<'a> {
    texture: &'a Texture,
    uv: Pos2,
    texel: u32,
}

impl Plain<'_> {
    #[inline(always)]
    fn texel(&mut self, uv: Pos2) -> u32 {
        if !is_same(self.uv, uv) {
            (self.uv, self.texel) = (uv, texel(self.texture, uv));
        }
        self.texel
    }
}

#[inline(always)]
fn triangle(target: &mut Target, [a, b, c]: [&Vertex; 3], places: [Pos2; 3], plain: &mut Plain) {
    let area = planes::area(places);
    let colours = [pixel::of(a.color), pixel::of(b.color), pixel::of(c.color)];
    // What is no number has no area either.
    if !(area.abs() > 0.0 && area.is_finite()) || colours == [0; 3] {
        return;
    }
    let is_even = colours[0] == colours[1] && colours[0] == colours[2];
    let is_plain = is_same(a.uv, b.uv) && is_same(a.uv, c.uv);
    let uvs = [a.uv, b.uv, c.uv];
    match (is_even, is_plain) {
        (true, true) => even(target, places, times(colours[0], plain.texel(a.uv))),
        (false, true) => shaded(target, places, area, colours, plain.texel(a.uv)),
        (true, false) => textured(target, places, area, plain.texture, uvs, colours[0]),
        (false, false) => shaded_and_textured(target, places, area, colours, (plain.texture, uvs)),
    }
}

/// The one texel of a triangle whose corners have the same place in the texture.
fn texel(texture: &Texture, uv: Pos2) -> u32 {
    let [width, height] = texture.size();
    let place = planes::fixed([uv.x * width, uv.y * height]);
    match texture.filter(0.0) {
        TextureFilter::Nearest => texture.nearest(place),
        TextureFilter::Linear => texture.linear(place),
    }
}

/// One colour.
fn even(target: &mut Target, places: [Pos2; 3], colour: u32) {
    if colour == 0 {
        return;
    }
    if pixel::is_opaque(colour) {
        return target.rows(places, |_, _, pixels| pixels.fill(colour));
    }
    target.rows(places, |_, _, pixels| {
        for pixel in pixels {
            *pixel = over(colour, *pixel);
        }
    });
}

/// Colours from corner to corner, as numbers that can be stepped.
fn shades(places: [Pos2; 3], area: f32, colours: [u32; 3]) -> Planes<4> {
    let [a, b, c] = colours;
    Planes::through(places, [parts(a), parts(b), parts(c)], area)
}

/// The parts of a colour.
#[inline(always)]
fn parts(colour: u32) -> [f32; 4] {
    let [blue, green, red, alpha] = colour.to_le_bytes();
    [f32::from(blue), f32::from(green), f32::from(red), f32::from(alpha)]
}

/// A colour of its parts. What goes a little beyond a triangle's corners stays a colour: a cast holds it to a byte.
#[inline(always)]
fn colour([blue, green, red, alpha]: [f32; 4]) -> u32 {
    let byte = |part: f32| (part + 0.5) as u8;
    u32::from_le_bytes([byte(blue), byte(green), byte(red), byte(alpha)])
}

/// To the next pixel.
#[inline(always)]
fn advance<const N: usize, T: Copy + AddAssign>(values: &mut [T; N], steps: &[T; N]) {
    for (value, step) in values.iter_mut().zip(steps) {
        *value += *step;
    }
}

/// Colours from corner to corner, of one texel.
fn shaded(target: &mut Target, places: [Pos2; 3], area: f32, colours: [u32; 3], texel: u32) {
    let [a, b, c] = colours;
    let shades = shades(places, area, [times(a, texel), times(b, texel), times(c, texel)]);
    let steps = shades.right();
    target.rows(places, |x, y, pixels| {
        let mut shade = shades.at(x, y);
        for pixel in pixels {
            *pixel = over(colour(shade), *pixel);
            advance(&mut shade, &steps);
        }
    });
}

/// Places in a texture from corner to corner, in texels.
fn places_in(texture: &Texture, places: [Pos2; 3], area: f32, uvs: [Pos2; 3]) -> Planes<2> {
    let [width, height] = texture.size();
    Planes::through(places, uvs.map(|uv| [uv.x * width, uv.y * height]), area)
}

/// How many texels a pixel covers, along the side where that is most.
fn texels_per_pixel(inside: &Planes<2>) -> f32 {
    let [right, below] = [inside.right(), inside.below()].map(|step| step[0].hypot(step[1]));
    right.max(below)
}

/// A picture, of one colour by its own.
fn textured(target: &mut Target, places: [Pos2; 3], area: f32, texture: &Texture, uvs: [Pos2; 3], tint: u32) {
    let inside = places_in(texture, places, area, uvs);
    if lies_on_pixels(&inside, places[0]) {
        return copied(target, places, &inside, texture, tint);
    }
    match texture.filter(texels_per_pixel(&inside)) {
        TextureFilter::Nearest => drawn(target, places, &inside, tint, |place| texture.nearest(place)),
        TextureFilter::Linear => drawn(target, places, &inside, tint, |place| texture.linear(place)),
    }
}

/// How far texels may lie beside pixels to be taken as lying on them, in pixels. It is what a mixture rounds away.
const BESIDE: f32 = 1.0 / 64.0;

/// Whether each texel is a pixel, as in text.
fn lies_on_pixels(inside: &Planes<2>, near: Pos2) -> bool {
    let is = |is: f32, wanted: f32| (is - wanted).abs() < 1e-3;
    let ([ux, vx], [uy, vy]) = (inside.right(), inside.below());
    if !(is(ux, 1.0) && is(vx, 0.0) && is(uy, 0.0) && is(vy, 1.0)) {
        return false;
    }
    let middle = inside.at(near.x.max(0.0) as usize, near.y.max(0.0) as usize);
    middle.iter().all(|at| (at - at.floor() - 0.5).abs() < BESIDE)
}

/// A picture whose texels lie on pixels.
fn copied(target: &mut Target, places: [Pos2; 3], inside: &Planes<2>, texture: &Texture, tint: u32) {
    target.rows(places, |x, y, pixels| {
        let [u, v] = inside.fixed(x, y).map(|at| at >> FRACTION);
        let Some(texels) = texture.run(u, v, pixels.len()) else {
            // At an edge.
            let mut place = [u, v].map(|at| at << FRACTION);
            for pixel in pixels {
                *pixel = over(times(texture.nearest(place), tint), *pixel);
                place[0] += 1 << FRACTION;
            }
            return;
        };
        for (pixel, texel) in pixels.iter_mut().zip(texels) {
            if *texel != 0 {
                *pixel = over(times(*texel, tint), *pixel);
            }
        }
    });
}

/// A picture by a way to take its texels.
#[inline(always)]
fn drawn(
    target: &mut Target,
    places: [Pos2; 3],
    inside: &Planes<2>,
    tint: u32,
    take: impl Fn([i64; 2]) -> u32,
) {
    let steps = inside.step();
    target.rows(places, |x, y, pixels| {
        let mut place = inside.fixed(x, y);
        if tint == pixel::WHITE {
            for pixel in pixels {
                *pixel = over(take(place), *pixel);
                advance(&mut place, &steps);
            }
        } else {
            for pixel in pixels {
                *pixel = over(times(take(place), tint), *pixel);
                advance(&mut place, &steps);
            }
        }
    });
}

/// A picture, of colours from corner to corner by its own.
fn shaded_and_textured(
    target: &mut Target,
    places: [Pos2; 3],
    area: f32,
    colours: [u32; 3],
    (texture, uvs): (&Texture, [Pos2; 3]),
) {
    let inside = places_in(texture, places, area, uvs);
    let filter = texture.filter(texels_per_pixel(&inside));
    let shades = shades(places, area, colours);
    let (shade_steps, place_steps) = (shades.right(), inside.step());
    target.rows(places, |x, y, pixels| {
        let (mut shade, mut place) = (shades.at(x, y), inside.fixed(x, y));
        for pixel in pixels {
            let texel = match filter {
                TextureFilter::Nearest => texture.nearest(place),
                TextureFilter::Linear => texture.linear(place),
            };
            *pixel = over(times(texel, colour(shade)), *pixel);
            advance(&mut shade, &shade_steps);
            advance(&mut place, &place_steps);
        }
    });
}
