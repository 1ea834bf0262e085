//! The pictures of a panel as textures of its window.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions};

use super::signal::Spectrograms;
use crate::editor::model::{Direction, Image, Images, Skin};

/// The textures of pictures that are shown.
#[derive(Default)]
pub(super) struct Textures {
    known: HashMap<String, (Arc<Image>, TextureHandle)>,
    /// Those that are painted here.
    pub spectrograms: Spectrograms,
}

/// The pictures in which a control is drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Art {
    /// Behind it.
    pub ground: Option<TextureId>,
    /// The whole of a button while it is off, and while it is on.
    pub off: Option<TextureId>,
    pub on: Option<TextureId>,
    /// The part that is turned or moved.
    pub hand: Option<TextureId>,
    /// Frames from the least position to the greatest: how many, and where they lie.
    pub strip: Option<(TextureId, usize, Direction)>,
}

impl Textures {
    /// Forgets what is not shown any more.
    pub fn keep(&mut self, images: &Images) {
        self.known.retain(|name, (image, _)| {
            images.get(name).and_then(Option::as_ref).is_some_and(|shown| Arc::ptr_eq(shown, image))
        });
    }

    /// The texture of a file, if that is there.
    pub fn of(&mut self, context: &Context, images: &Images, name: &str) -> Option<TextureId> {
        let image = images.get(name)?.as_ref()?;
        if let Some((_, texture)) = self.known.get(name) {
            return Some(texture.id());
        }
        let most = context.input(|input| input.max_texture_side);
        let texture = context.load_texture(name, fitted(image, most), TextureOptions::LINEAR);
        let id = texture.id();
        self.known.insert(name.to_owned(), (Arc::clone(image), texture));
        Some(id)
    }

    /// The pictures of a skin.
    pub fn art(&mut self, context: &Context, images: &Images, skin: &Skin) -> Art {
        let mut of = |name: &str| if name.is_empty() { None } else { self.of(context, images, name) };
        Art {
            ground: of(&skin.ground),
            off: of(&skin.off),
            on: of(&skin.on),
            hand: of(&skin.hand),
            strip: skin
                .strip
                .as_ref()
                .and_then(|strip| Some((of(&strip.file)?, strip.frames, strip.direction))),
        }
    }
}

/// A picture with sides that a texture may have: of one that is too large every few pixels are taken.
fn fitted(image: &Image, most: usize) -> ColorImage {
    let [width, height] = image.size;
    let step = [width, height].map(|side| side.div_ceil(most.max(1)).max(1));
    if step == [1, 1] {
        return ColorImage::from_rgba_unmultiplied(image.size, &image.rgba);
    }
    let size = [width / step[0], height / step[1]];
    let mut rgba = Vec::with_capacity(size[0] * size[1] * 4);
    for row in 0..size[1] {
        for column in 0..size[0] {
            let at = (row * step[1] * width + column * step[0]) * 4;
            rgba.extend_from_slice(&image.rgba[at..at + 4]);
        }
    }
    ColorImage::from_rgba_unmultiplied(size, &rgba)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_too_large_for_a_texture_is_made_smaller() {
        let image = Image { size: [10, 3], rgba: (0..120).collect() };
        let small = fitted(&image, 4);
        assert_eq!(small.size, [3, 3]);
        assert_eq!(fitted(&image, 16).size, [10, 3]);
        assert_eq!(small.pixels[1], egui::Color32::from_rgba_unmultiplied(12, 13, 14, 15));
    }
}
