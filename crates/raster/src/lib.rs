//! Draws what egui has drawn into pixels, by the processor.
//!
//! Where a system has no graphics card, OpenGL is a program too, which prepares itself for any scene: a panel of many
//! small widgets costs it a multiple of what these pixels need. This knows only what egui gives: triangles of one
//! texture, premultiplied colours in gamma space, one way to blend.
//!
//! The picture is the one that `egui_glow` gives by OpenGL, but for rounding. What of a triangle's edge lies on a
//! pixel's middle belongs to one triangle alone, so neighbours neither leave gaps nor draw a pixel twice.
//!
//! Reading order: [`Raster`], `mesh` (a triangle's ways to be filled), `edges` (which pixels it has), `planes`
//! (colours and places in the texture between its corners), `texture`, and `pixel` for the arithmetic of colours.

mod edges;
mod mesh;
mod pixel;
mod planes;
mod texture;

use std::collections::HashMap;

use egui::epaint::{ImageDelta, Primitive};
use egui::{ClippedPrimitive, Rect, TextureId};

use edges::Bounds;
use texture::Texture;

/// The most pixels on a side of a texture, and of a picture.
pub const LONGEST_SIDE: usize = 1 << 14;

/// A picture that egui's meshes are drawn into, and the textures that they use.
#[derive(Default)]
pub struct Raster {
    pixels: Vec<u32>,
    size: [usize; 2],
    textures: HashMap<TextureId, Texture>,
}

impl Raster {
    /// Takes a texture, or a part of one that it has. A part that does not fit into its texture is not taken.
    pub fn set_texture(&mut self, id: TextureId, change: &ImageDelta) {
        match change.pos {
            None => drop(self.textures.insert(id, Texture::new(change))),
            Some(at) => {
                if let Some(texture) = self.textures.get_mut(&id) {
                    texture.change(at, change);
                }
            }
        }
    }

    /// Forgets a texture.
    pub fn free_texture(&mut self, id: TextureId) {
        self.textures.remove(&id);
    }

    /// Draws a picture of so many pixels, on black. What has no texture is left out, and so are callbacks: they draw
    /// by OpenGL. Sides are at most [`LONGEST_SIDE`].
    pub fn paint(&mut self, size: [u32; 2], pixels_per_point: f32, primitives: &[ClippedPrimitive]) {
        self.size = size.map(|side| usize::try_from(side).unwrap_or(LONGEST_SIDE).min(LONGEST_SIDE));
        self.pixels.clear();
        self.pixels.resize(self.size[0] * self.size[1], pixel::BLACK);
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let bounds = bounds(*clip_rect, pixels_per_point, self.size);
            let target = mesh::Target { pixels: &mut self.pixels, width: self.size[0], bounds };
            mesh::paint(target, mesh, pixels_per_point, texture);
        }
    }

    /// The picture, rows from above to below: four bytes for each pixel, blue, green, red and 255.
    pub fn pixels(&self) -> &[u8] {
        bytemuck::cast_slice(&self.pixels)
    }
}

/// The pixels of a clip rectangle.
fn bounds(clip: Rect, pixels_per_point: f32, size: [usize; 2]) -> Bounds {
    // Casts of floats to integers take the nearest there is, and nothing for what is no number.
    let within = |at: f32, side: usize| ((at * pixels_per_point).round() as usize).min(side);
    let [left, top] = [within(clip.min.x, size[0]), within(clip.min.y, size[1])];
    let [right, bottom] = [within(clip.max.x, size[0]), within(clip.max.y, size[1])];
    Bounds { left, top, right: right.max(left), bottom: bottom.max(top) }
}

#[cfg(test)]
mod tests;
