//! Textures, and the colours at places in them.

use egui::epaint::ImageDelta;
use egui::{ImageData, TextureFilter, TextureOptions, TextureWrapMode};

use super::pixel;
use super::planes::FRACTION;

/// A picture of so many texels, rows from above to below.
pub struct Texture {
    size: [usize; 2],
    texels: Vec<u32>,
    options: TextureOptions,
}

impl Texture {
    pub fn new(whole: &ImageDelta) -> Self {
        let ImageData::Color(image) = &whole.image;
        let texels = image.pixels.iter().copied().map(pixel::of).collect();
        Self { size: image.size, texels, options: whole.options }
    }

    /// Changes a part of it from a column and a row on.
    pub fn change(&mut self, [left, top]: [usize; 2], part: &ImageDelta) {
        let ImageData::Color(image) = &part.image;
        let [width, height] = image.size;
        if left + width > self.size[0] || top + height > self.size[1] || width == 0 {
            return;
        }
        self.options = part.options;
        let rows = self.texels.chunks_exact_mut(self.size[0]).skip(top);
        for (row, from) in rows.zip(image.pixels.chunks_exact(width)) {
            for (texel, from) in row[left..left + width].iter_mut().zip(from) {
                *texel = pixel::of(*from);
            }
        }
    }

    /// How many texels it has across and down, as places in it are counted.
    pub fn size(&self) -> [f32; 2] {
        self.size.map(|side| side as f32)
    }

    /// How its texels are taken where a pixel covers so many of them.
    pub fn filter(&self, texels_per_pixel: f32) -> TextureFilter {
        if texels_per_pixel > 1.0 { self.options.minification } else { self.options.magnification }
    }

    /// The texels of a row from one on, if it has as many.
    #[inline(always)]
    pub fn run(&self, column: i64, row: i64, count: usize) -> Option<&[u32]> {
        let (column, row) = (usize::try_from(column).ok()?, usize::try_from(row).ok()?);
        let has = column + count <= self.size[0];
        let from = row.checked_mul(self.size[0])? + column;
        if has { self.texels.get(from..from + count) } else { None }
    }

    /// The texel that a place lies in.
    #[inline(always)]
    pub fn nearest(&self, [u, v]: [i64; 2]) -> u32 {
        self.texel(self.wrapped(u >> FRACTION, 0), self.wrapped(v >> FRACTION, 1))
    }

    /// Between the four texels whose middles lie around a place.
    #[inline(always)]
    pub fn linear(&self, place: [i64; 2]) -> u32 {
        const HALF: i64 = 1 << (FRACTION - 1);
        let [u, v] = [place[0] - HALF, place[1] - HALF];
        let (left, top) = (u >> FRACTION, v >> FRACTION);
        let parts = |at: i64| (at >> (FRACTION - 8)) as u32 & 0xFF;
        pixel::between(self.four(left, top), parts(u), parts(v))
    }

    /// A texel, the one to its right, and those below them.
    #[inline(always)]
    fn four(&self, left: i64, top: i64) -> [u32; 4] {
        let [width, height] = self.size;
        // Of what lies before the first, the place is beyond all.
        let (column, row) = (left as usize, top as usize);
        if column < width.saturating_sub(1) && row < height.saturating_sub(1) {
            let at = row * width + column;
            if let (Some(above), Some(below)) =
                (self.texels.get(at..at + 2), self.texels.get(at + width..at + width + 2))
            {
                return [above[0], above[1], below[0], below[1]];
            }
        }
        let columns = [self.wrapped(left, 0), self.wrapped(left + 1, 0)];
        let rows = [self.wrapped(top, 1), self.wrapped(top + 1, 1)];
        [
            self.texel(columns[0], rows[0]),
            self.texel(columns[1], rows[0]),
            self.texel(columns[0], rows[1]),
            self.texel(columns[1], rows[1]),
        ]
    }

    #[inline(always)]
    fn texel(&self, column: usize, row: usize) -> u32 {
        self.texels.get(row * self.size[0] + column).copied().unwrap_or(0)
    }

    /// The column (or row, along the other axis) that stands for one which may lie beyond the edges.
    #[inline(always)]
    fn wrapped(&self, at: i64, axis: usize) -> usize {
        let side = self.size[axis] as i64;
        let within = match self.options.wrap_mode {
            _ if (0..side).contains(&at) => at,
            TextureWrapMode::ClampToEdge => at.min(side - 1),
            TextureWrapMode::Repeat => at.checked_rem_euclid(side).unwrap_or(0),
            TextureWrapMode::MirroredRepeat => {
                let round = at.checked_rem_euclid(2 * side).unwrap_or(0);
                round.min(2 * side - 1 - round)
            }
        };
        within.max(0) as usize
    }
}

#[cfg(test)]
mod tests {
    use egui::{Color32, ColorImage};

    use super::*;

    fn texture(wrap_mode: TextureWrapMode) -> Texture {
        let pixels = (0..6).map(|at| Color32::from_gray(at * 40)).collect();
        let image = ColorImage { size: [3, 2], pixels, ..ColorImage::default() };
        Texture::new(&ImageDelta::full(image, TextureOptions { wrap_mode, ..TextureOptions::LINEAR }))
    }

    fn at(place: f64) -> i64 {
        (place * 65536.0) as i64
    }

    fn grey(pixel: u32) -> u8 {
        pixel.to_le_bytes()[0]
    }

    #[test]
    fn places_between_texels() {
        let texture = texture(TextureWrapMode::ClampToEdge);
        assert_eq!(grey(texture.nearest([at(1.9), at(0.1)])), 40);
        assert_eq!(grey(texture.linear([at(1.5), at(0.5)])), 40);
        assert_eq!(grey(texture.linear([at(1.0), at(0.5)])), 20);
        assert_eq!(grey(texture.linear([at(0.5), at(1.0)])), 60);
    }

    #[test]
    fn places_beyond_the_edges() {
        let nearest = |wrap, u: f64| grey(texture(wrap).nearest([at(u), at(0.5)]));
        let columns = [-3.5, -1.5, -0.5, 0.5, 2.5, 3.5, 4.5, 6.5];
        assert_eq!(columns.map(|u| nearest(TextureWrapMode::ClampToEdge, u)), [0, 0, 0, 0, 80, 80, 80, 80]);
        assert_eq!(columns.map(|u| nearest(TextureWrapMode::Repeat, u)), [80, 40, 80, 0, 80, 0, 40, 0]);
        assert_eq!(
            columns.map(|u| nearest(TextureWrapMode::MirroredRepeat, u)),
            [80, 40, 0, 0, 80, 80, 40, 0]
        );
    }

    #[test]
    fn a_part_changes_where_it_fits_only() {
        let mut texture = texture(TextureWrapMode::ClampToEdge);
        let part = |size: [usize; 2]| {
            let image = ColorImage::filled(size, Color32::from_gray(9));
            ImageDelta::partial([1, 1], image, TextureOptions::NEAREST)
        };
        texture.change([1, 1], &part([3, 1]));
        texture.change([1, 1], &part([2, 2]));
        assert_eq!(grey(texture.nearest([at(1.5), at(1.5)])), 160);
        texture.change([1, 1], &part([2, 1]));
        assert_eq!([0.5, 1.5, 2.5].map(|u| grey(texture.nearest([at(u), at(1.5)]))), [120, 9, 9]);
        assert_eq!(texture.run(1, 1, 2).map(<[u32]>::len), Some(2));
        assert_eq!([texture.run(2, 1, 2), texture.run(-1, 0, 1), texture.run(0, 2, 1)], [None; 3]);
    }

    #[test]
    fn a_texture_without_texels_has_no_colour() {
        let image = ColorImage { size: [0, 0], pixels: Vec::new(), ..ColorImage::default() };
        let texture = Texture::new(&ImageDelta::full(image, TextureOptions::LINEAR_REPEAT));
        assert_eq!(texture.linear([at(0.5), at(0.5)]), 0);
    }
}
