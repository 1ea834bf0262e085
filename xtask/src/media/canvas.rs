//! Pixels to draw on, written as a PNG file: rectangles and text, without system fonts or a window.

use std::convert::Infallible;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::{DrawTarget, Drawable, OriginDimensions, Pixel, Point, RgbColor, Size};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};

/// The colour of everything that is not drawn on.
pub const BACKGROUND: [u8; 3] = [0x10, 0x12, 0x18];
/// What curves and bars stand on.
pub const PANEL: [u8; 3] = [0x18, 0x1B, 0x24];
/// Lines to read values by.
pub const GRID: [u8; 3] = [0x2A, 0x2F, 0x3C];
/// Titles.
pub const TEXT: [u8; 3] = [0xC8, 0xCE, 0xDA];
/// Everything else that is read.
pub const DIM_TEXT: [u8; 3] = [0x8A, 0x92, 0xA4];

/// The pixels, row by row.
pub struct Canvas {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

impl Canvas {
    /// Nothing but background.
    pub fn new(width: usize, height: usize) -> Self {
        Self { pixels: BACKGROUND.repeat(width * height), width, height }
    }

    /// One pixel. What lies outside is not drawn, here and below.
    pub fn set(&mut self, x: usize, y: usize, colour: [u8; 3]) {
        if x < self.width && y < self.height {
            let at = (y * self.width + x) * 3;
            self.pixels[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// Fills up to, and without, `right` and `bottom`.
    pub fn fill(&mut self, left: usize, right: usize, top: usize, bottom: usize, colour: [u8; 3]) {
        for y in top..bottom {
            for x in left..right {
                self.set(x, y, colour);
            }
        }
    }

    /// Writes a line of text whose top is at `y`, and which begins, ends or has its middle at `x`.
    pub fn text(
        &mut self,
        text: &str,
        x: usize,
        y: usize,
        font: &MonoFont,
        colour: [u8; 3],
        alignment: Alignment,
    ) {
        let [r, g, b] = colour;
        let style = MonoTextStyle::new(font, Rgb888::new(r, g, b));
        let layout = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Top).build();
        let place = Point::new(x as i32, y as i32);
        // Drawing into memory cannot fail.
        let Ok(_) = Text::with_text_style(text, place, style, layout).draw(self);
    }

    /// Writes the picture as a PNG file, over an existing one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let cannot = || format!("{} cannot be written", path.display());
        let file = BufWriter::new(File::create(path).with_context(cannot)?);
        self.encode(file).with_context(cannot)
    }

    fn encode(&self, file: impl std::io::Write) -> Result<()> {
        let mut encoder = png::Encoder::new(file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&self.pixels)?;
        Ok(())
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(place, colour) in pixels {
            if let (Ok(x), Ok(y)) = (usize::try_from(place.x), usize::try_from(place.y)) {
                self.set(x, y, [colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}
