//! Paints what the editor draws into memory, without a graphics card, and compares it with pictures that are kept.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use egui::epaint::{ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Pos2, Rect, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;

/// Set to write the kept pictures anew: look at them before they are committed.
const WRITES: &str = "CSOUND_PERFORMER_WRITES_PICTURES";

/// How far two pictures may be apart: the mean difference of a channel, of 255, and the share of pixels that
/// differ visibly. Edges come out a little differently where a processor rounds differently.
const MEAN: f64 = 2.0;
const VISIBLE: u8 = 40;
const SHARE: f64 = 0.01;

/// The textures of a window. Give one end to the window, and keep the other.
#[derive(Clone, Default)]
pub struct Textures(Arc<Mutex<HashMap<TextureId, ColorImage>>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let delta = std::mem::take(delta);
        for (id, changes) in delta.set.clone() {
            for change in changes {
                let ImageData::Color(image) = change.image;
                match (change.pos, textures.get_mut(&id)) {
                    (Some([left, top]), Some(texture)) => {
                        for (row, pixels) in image.pixels.chunks(image.size[0]).enumerate() {
                            let at = (top + row) * texture.size[0] + left;
                            texture.pixels[at..at + pixels.len()].copy_from_slice(pixels);
                        }
                    }
                    _ => drop(textures.insert(id, (*image).clone())),
                }
            }
        }
        delta.free.iter().for_each(|id| drop(textures.remove(id)));
        let mut delta = delta;
        delta.clear();
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
        let mut canvas = Self { size, pixels: vec![Color32::BLACK; size[0] * size[1]] };
        let textures = textures.0.lock().unwrap_or_else(PoisonError::into_inner);
        for clipped in context.tessellate(output.shapes.clone(), 1.0) {
            let Primitive::Mesh(mesh) = clipped.primitive else { continue };
            canvas.mesh(&mesh, clipped.clip_rect, &textures);
        }
        canvas
    }

    fn mesh(&mut self, mesh: &Mesh, clip: Rect, textures: &HashMap<TextureId, ColorImage>) {
        let Some(texture) = textures.get(&mesh.texture_id) else { return };
        for corners in mesh.indices.chunks_exact(3) {
            self.triangle([0, 1, 2].map(|at| mesh.vertices[corners[at] as usize]), clip, texture);
        }
    }

    fn triangle(&mut self, [a, b, c]: [Vertex; 3], clip: Rect, texture: &ColorImage) {
        let cross =
            |from: Pos2, to: Pos2, at: Pos2| (to - from).x * (at - from).y - (to - from).y * (at - from).x;
        let area = cross(a.pos, b.pos, c.pos);
        if area == 0.0 {
            return;
        }
        let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
        let [width, height] = self.size;
        let columns = bounds.left().max(0.0) as usize..(bounds.right().ceil().max(0.0) as usize).min(width);
        let rows = bounds.top().max(0.0) as usize..(bounds.bottom().ceil().max(0.0) as usize).min(height);
        for row in rows {
            for column in columns.clone() {
                let at = Pos2::new(column as f32 + 0.5, row as f32 + 0.5);
                let shares = [cross(b.pos, c.pos, at), cross(c.pos, a.pos, at), cross(a.pos, b.pos, at)]
                    .map(|part| part / area);
                if !clip.contains(at) || shares.iter().any(|share| *share < 0.0) {
                    continue;
                }
                let mixed = |of: [f32; 3]| of[0] * shares[0] + of[1] * shares[1] + of[2] * shares[2];
                let uv = [mixed([a.uv.x, b.uv.x, c.uv.x]), mixed([a.uv.y, b.uv.y, c.uv.y])];
                let texel = sample(texture, uv);
                let colours = [a, b, c].map(|vertex| vertex.color.to_array().map(f32::from));
                let source: [f32; 4] = std::array::from_fn(|channel| {
                    mixed([0, 1, 2].map(|corner| colours[corner][channel])) * texel[channel] / 255.0
                });
                let before = self.pixels[row * width + column].to_array().map(f32::from);
                let after = |channel: usize| {
                    (source[channel] + before[channel] * (1.0 - source[3] / 255.0)).round().clamp(0.0, 255.0)
                        as u8
                };
                self.pixels[row * width + column] =
                    Color32::from_rgba_premultiplied(after(0), after(1), after(2), after(3));
            }
        }
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

/// The colour of a texture at a place, from 0 to 1 either way, between its four nearest pixels.
fn sample(texture: &ColorImage, uv: [f32; 2]) -> [f32; 4] {
    let [width, height] = texture.size;
    let place = |at: f32, side: usize| {
        let at = (at * side as f32 - 0.5).clamp(0.0, side as f32 - 1.0);
        (at as usize, (at as usize + 1).min(side - 1), at.fract())
    };
    let ((left, right, x), (top, bottom, y)) = (place(uv[0], width), place(uv[1], height));
    let pixel = |column: usize, row: usize| texture.pixels[row * width + column].to_array().map(f32::from);
    let corners = [pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom)];
    std::array::from_fn(|channel| {
        let upper = corners[0][channel] * (1.0 - x) + corners[1][channel] * x;
        let lower = corners[2][channel] * (1.0 - x) + corners[3][channel] * x;
        upper * (1.0 - y) + lower * y
    })
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
