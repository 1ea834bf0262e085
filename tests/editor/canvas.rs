//! Paints what the editor draws into memory, without a graphics card, and compares it with pictures that are kept.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use csound_raster::Raster;
use egui::{Color32, Rect, TexturesDelta};
use egui_kittest::TestRenderer;

/// Set to write the kept pictures anew: look at them before they are committed.
const WRITES: &str = "CSOUND_PERFORMER_WRITES_PICTURES";

/// How far two pictures may be apart: the mean difference of a channel, of 255, and the share of pixels that
/// differ visibly. Edges come out a little differently where a processor rounds differently.
const MEAN: f64 = 2.0;
const VISIBLE: u8 = 40;
const SHARE: f64 = 0.01;

/// The textures of a window, and what paints with them: the painter of windows without a graphics card. Give one end
/// to the window, and keep the other.
#[derive(Clone, Default)]
pub struct Textures(Arc<Mutex<Raster>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut raster = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, changes) in delta.set.drain() {
            changes.iter().for_each(|change| raster.set_texture(id, change));
        }
        delta.free.drain().for_each(|id| raster.free_texture(id));
    }
}

/// A picture.
#[derive(Clone, PartialEq)]
pub struct Canvas {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

impl Canvas {
    /// Paints a frame.
    pub fn of(context: &egui::Context, output: &egui::FullOutput, textures: &Textures) -> Self {
        let size = context.content_rect().size();
        let size = [size.x as usize, size.y as usize];
        let mut raster = textures.0.lock().unwrap_or_else(PoisonError::into_inner);
        raster.paint(size.map(|side| side as u32), 1.0, &context.tessellate(output.shapes.clone(), 1.0));
        let colour = |pixel: &[u8]| Color32::from_rgb(pixel[2], pixel[1], pixel[0]);
        Self { size, pixels: raster.pixels().chunks_exact(4).map(colour).collect() }
    }

    /// A part of it.
    pub fn part(&self, rect: Rect) -> Self {
        let [left, top] = [rect.left().max(0.0) as usize, rect.top().max(0.0) as usize];
        let size = [
            (rect.width() as usize).min(self.size[0].saturating_sub(left)),
            (rect.height() as usize).min(self.size[1].saturating_sub(top)),
        ];
        let row = |row: usize| {
            let at = (top + row) * self.size[0] + left;
            &self.pixels[at..at + size[0]]
        };
        Self { size, pixels: (0..size[1]).flat_map(|number| row(number).to_vec()).collect() }
    }

    /// How far it is from another: the mean difference of a channel, and the share of pixels that differ visibly.
    /// Without another size they are all the way apart.
    pub fn distance(&self, other: &Self) -> (f64, f64) {
        if self.size != other.size {
            return (255.0, 1.0);
        }
        let (mut sum, mut visible) = (0_u64, 0_usize);
        for (one, other) in self.pixels.iter().zip(&other.pixels) {
            let apart = |channel: usize| one.to_array()[channel].abs_diff(other.to_array()[channel]);
            let most = apart(0).max(apart(1)).max(apart(2));
            sum += (0..3).map(|channel| u64::from(apart(channel))).sum::<u64>();
            visible += usize::from(most > VISIBLE);
        }
        let count = self.pixels.len().max(1) as f64;
        (sum as f64 / count / 3.0, visible as f64 / count)
    }

    /// Whether it looks the same as another, to the eye.
    pub fn looks_like(&self, other: &Self) -> bool {
        let (mean, share) = self.distance(other);
        mean <= MEAN && share <= SHARE
    }

    /// The colour of a pixel.
    pub fn at(&self, column: usize, row: usize) -> Color32 {
        self.pixels[row * self.size[0] + column]
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/editor/pictures").join(format!("{name}.png"))
}

/// The kept picture of this name; with the variable above the present one is written in its place first.
pub fn kept(name: &str, present: &Canvas) -> Canvas {
    let path = path(name);
    if std::env::var_os(WRITES).is_some() {
        write(&path, present);
    }
    let file =
        File::open(&path).unwrap_or_else(|error| panic!("{}: {error}; set {WRITES}=1", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let pixels = bytes.chunks_exact(3).map(|pixel| Color32::from_rgb(pixel[0], pixel[1], pixel[2])).collect();
    Canvas { size: [info.width as usize, info.height as usize], pixels }
}

/// Writes a picture where a developer finds it.
pub fn write(path: &std::path::Path, canvas: &Canvas) {
    let [width, height] = canvas.size.map(|side| side as u32);
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path).unwrap()), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let bytes: Vec<u8> = canvas.pixels.iter().flat_map(|pixel| pixel.to_array()[..3].to_vec()).collect();
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
}
