//! Signals of the piece on a panel: spectrum, spectrogram, waveform, and two signals against each other.

use std::collections::HashMap;

use egui::{Color32, ColorImage, Context, Mesh, Pos2, Rect, Stroke, TextureHandle, TextureOptions, Ui, pos2};

use super::paint::{WHOLE, paint_picture};
use super::plain::Spot;
use super::table::{bounds, line};
use crate::editor::model::{Graph, Placed, Signal, SignalKind, Signals, Table, Trace};
use crate::editor::theme;

/// The magnitude of a spectrum at the upper edge, as Cabbage draws it.
const LOUD: f32 = 0.2;

/// Columns and rows of a spectrogram, in pixels.
const COLUMNS: usize = 256;
const ROWS: usize = 128;

/// The softest that a spectrogram shows, in decibels.
const SOFTEST: f32 = -96.0;

/// Spectrograms that are kept at most.
const MOST: usize = 16;

/// The spectrograms of a panel's signals as they were.
#[derive(Default)]
pub(super) struct Spectrograms(HashMap<Key, Spectrogram>);

/// What tells spectrograms apart: the signal, the skew's bits, the ground and the colour.
type Key = (String, u32, [Color32; 2]);

/// Draws the signals of a widget.
pub(super) fn show(
    ui: &Ui,
    placed: &Placed,
    (spot, kind): (Spot, SignalKind),
    signals: &Signals,
    spectrograms: &mut Spectrograms,
) {
    let palette = theme::palette(ui);
    let rect = spot.rect;
    let ground = placed.finish.ground.map_or(palette.well, theme::colour);
    let colour = placed.colour.map_or(palette.accent, theme::colour);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, ground);
    let graph = &placed.graph;
    let mut named = graph.signals.iter().filter_map(|name| Some((name, signals.get(name)?)));
    let Some((name, first)) = named.next() else { return };
    // What lies beyond the right edge is cut off.
    let wide = Rect::from_min_size(rect.min, egui::vec2(rect.width() * graph.zoom, rect.height()));
    let stroke = Stroke::new(graph.line_width * spot.scale, colour);
    match kind {
        SignalKind::Waveform => {
            let trace = Trace { range: ends(&first.waveform), ..Trace::default() };
            match first.waveform.is_of_bounds() {
                true => bounds(&painter, &first.waveform.points, &trace, wide, colour),
                false => line(&painter, &first.waveform.points, &trace, wide, (stroke, false)),
            }
        }
        SignalKind::Spectrum => spectrum(&painter, first, graph, wide, stroke),
        SignalKind::Lissajous => {
            let other = named.next().map_or(first, |(_, other)| other);
            lissajous(&painter, [first.run(), other.run()], rect, stroke);
        }
        SignalKind::Spectrogram => {
            let key = (name.clone(), graph.skew.to_bits(), [ground, colour]);
            if let Some(texture) = spectrograms.of(ui.ctx(), key, first) {
                paint_picture(&painter, texture.id(), rect, WHOLE);
            }
        }
    }
}

/// The values at the edges: full scale, or what there is room for all in.
fn ends(table: &Table) -> [f32; 2] {
    let peak = table.points.iter().fold(1.0_f32, |peak, point| peak.max(point.abs()));
    // Steps, so that it does not breathe.
    let most = if peak <= 1.0 { 1.0 } else { peak.log2().ceil().exp2() };
    [-most, most]
}

/// The values of a spectrum; of a long one the greatest of each part.
fn bins(table: &Table) -> Vec<f32> {
    match table.is_of_bounds() {
        true => table.points.as_chunks::<2>().0.iter().map(|[_, greatest]| *greatest).collect(),
        false => table.points.to_vec(),
    }
}

/// Where a bin is found for a place from 0 to 1.
fn bin(place: f32, count: usize, skew: f32) -> usize {
    // Counted from the upper edge, as Cabbage does: below 1 the low frequencies have more room.
    (((1.0 - (1.0 - place).powf(skew)) * count as f32) as usize).min(count.saturating_sub(1))
}

/// The greatest of the bins between two places.
fn greatest(bins: &[f32], [from, to]: [f32; 2], skew: f32) -> f32 {
    let first = bin(from, bins.len(), skew);
    let last = bin(to, bins.len(), skew).max(first);
    bins.get(first..=last).unwrap_or_default().iter().copied().fold(f32::MIN, f32::max)
}

/// How high a bin stands, from 0 to 1.
fn heights(signal: &Signal) -> Vec<f32> {
    let mut bins = bins(&signal.spectrum);
    if signal.is_in_decibels {
        let greatest = bins.iter().copied().fold(f32::MIN, f32::max);
        let least = bins.iter().copied().fold(f32::MAX, f32::min);
        let span = (greatest - least).max(f32::EPSILON);
        bins.iter_mut().for_each(|bin| *bin = (*bin - least) / span);
    } else {
        bins.iter_mut().for_each(|bin| *bin = (*bin / LOUD).clamp(0.0, 1.0));
    }
    bins
}

fn spectrum(painter: &egui::Painter, signal: &Signal, graph: &Graph, rect: Rect, stroke: Stroke) {
    let heights = heights(signal);
    if heights.is_empty() {
        return;
    }
    let steps = heights.len().min(rect.width().max(2.0) as usize).max(2);
    let at = |step: usize| {
        let place = step as f32 / (steps - 1) as f32;
        let next = (step as f32 + 0.99).min((steps - 1) as f32) / (steps - 1) as f32;
        let height = greatest(&heights, [place, next], graph.skew);
        pos2(rect.left() + rect.width() * place, rect.bottom() - rect.height() * height)
    };
    let points: Vec<Pos2> = (0..steps).map(at).collect();
    painter.add(under(&points, rect.bottom(), stroke.color.gamma_multiply(0.3)));
    painter.line(points, stroke);
}

/// What lies under a line.
fn under(points: &[Pos2], bottom: f32, colour: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    for point in points {
        let next = mesh.vertices.len() as u32;
        mesh.colored_vertex(*point, colour);
        mesh.colored_vertex(pos2(point.x, bottom), colour);
        if next > 0 {
            mesh.add_triangle(next - 2, next - 1, next);
            mesh.add_triangle(next - 1, next, next + 1);
        }
    }
    mesh
}

fn lissajous(painter: &egui::Painter, [across, up]: [&[f32]; 2], rect: Rect, stroke: Stroke) {
    let share = |value: f32| (value + 1.0) / 2.0;
    let at = |(x, y): (&f32, &f32)| {
        pos2(rect.left() + rect.width() * share(*x), rect.bottom() - rect.height() * share(*y))
    };
    painter.line(across.iter().zip(up).map(at).collect(), stroke);
}

/// A spectrogram: the newest spectrum at its right edge.
struct Spectrogram {
    texture: TextureHandle,
    image: ColorImage,
    /// The spectra that there were when it was drawn.
    spectra: u64,
    /// When it was drawn last, by egui's count.
    pass: u64,
}

impl Spectrograms {
    /// That of a signal, with its newest spectrum.
    fn of(&mut self, context: &Context, key: Key, signal: &Signal) -> Option<&TextureHandle> {
        let (skew, [ground, colour]) = (f32::from_bits(key.1), key.2);
        let now = context.cumulative_pass_nr();
        if signal.spectra == 0 {
            return None;
        }
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            // A piece may name other signals all the time. Of more than there is room for at once some are not shown.
            self.0.retain(|_, shown| shown.pass + 1 >= now);
            if self.0.len() >= MOST {
                return None;
            }
        }
        let options = TextureOptions::LINEAR;
        let shown = self.0.entry(key).or_insert_with_key(|(key, ..)| {
            let image = ColorImage::filled([COLUMNS, ROWS], ground);
            let texture = context.load_texture(key, image.clone(), options);
            Spectrogram { texture, image, spectra: 0, pass: now }
        });
        shown.pass = now;
        if shown.spectra != signal.spectra {
            shown.spectra = signal.spectra;
            let bins = bins(&signal.spectrum);
            for row in 0..ROWS {
                let pixels = &mut shown.image.pixels[row * COLUMNS..(row + 1) * COLUMNS];
                pixels.rotate_left(1);
                let places = [ROWS - 1 - row, ROWS - row].map(|row| row as f32 / ROWS as f32);
                let value = greatest(&bins, places, skew);
                pixels[COLUMNS - 1] = tint(loudness(value, signal.is_in_decibels), ground, colour);
            }
            shown.texture.set(shown.image.clone(), options);
        }
        Some(&shown.texture)
    }
}

/// From 0, which is as soft as nothing, to 1, which is full scale.
fn loudness(value: f32, is_in_decibels: bool) -> f32 {
    let decibels = if is_in_decibels { value } else { 20.0 * (value * 2.0).max(1e-9).log10() };
    (1.0 - decibels / SOFTEST).clamp(0.0, 1.0)
}

/// The ground, the colour, and white.
fn tint(loudness: f32, ground: Color32, colour: Color32) -> Color32 {
    match loudness {
        soft if soft < 0.75 => theme::mix(ground, colour, soft / 0.75),
        loud => theme::mix(colour, Color32::WHITE, (loud - 0.75) / 0.25),
    }
}
