//! Pictures of the sound: meters, oscilloscope, spectrum.

use std::sync::Arc;

use egui::epaint::PathStroke;
use egui::{Align2, Color32, FontId, Rect, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::model::{Action, Meter};
use super::scene::Scene;
use super::theme::{self, Palette};

/// Frames of a spectrum.
const FRAMES: usize = 4096;

/// Frames that the oscilloscope shows.
const SCOPE: usize = 1024;

/// The quietest that is shown, in dB of full scale.
const FLOOR: f32 = -72.0;

/// The lowest and highest frequency that are shown.
const FREQUENCIES: (f32, f32) = (20.0, 20_000.0);

/// The share of a spectrum that is kept after a second, so that it can be followed by eye.
const KEPT: f32 = 1e-9;

/// The speed at which peaks fall, in dB a second.
const FALL: f32 = 36.0;

/// Differences that cannot be seen, in dB.
const UNSEEN: f32 = 0.3;

/// Remembers the last spectrum and how far the meters have fallen.
#[derive(Default)]
pub(super) struct Pictures {
    spectrum: Spectrum,
    peaks: Vec<f32>,
}

impl Pictures {
    /// Draws the page. True: levels still fall, though the sound may not change any more.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) -> bool {
        // After a rest all of it is over.
        let seconds = ui.input(|input| input.unstable_dt).clamp(0.0, 1.0);
        let mut settles = self.fall(&scene.view.picture.meters, seconds);
        ScrollArea::vertical().id_salt("pictures").auto_shrink(false).show(ui, |ui| {
            heading(ui, "Level");
            self.meters(ui, scene);
            heading(ui, "Oscilloscope");
            let rect = picture(ui, 90.0, "The sound of the last moments");
            scope(ui, rect, &scene.view.picture.scope);
            heading(ui, "Spectrum");
            let rect = picture(ui, 110.0, "How loud each frequency is, from 20 Hz to 20 kHz");
            settles |= self.spectrum.analyse(&scene.view.picture.scope, seconds);
            spectrum(ui, rect, &self.spectrum.levels, scene.view.picture.sample_rate as f32);
        });
        settles
    }

    /// Peaks rise at once and fall slowly. True: they have not come to rest.
    fn fall(&mut self, meters: &[Meter], seconds: f32) -> bool {
        self.peaks.resize(meters.len(), FLOOR);
        let mut falls = false;
        for (peak, meter) in self.peaks.iter_mut().zip(meters) {
            let now = decibels(meter.peak).max(FLOOR);
            *peak = now.max(*peak - FALL * seconds);
            falls |= *peak > now;
        }
        falls
    }

    fn meters(&self, ui: &mut Ui, scene: &mut Scene) {
        for (channel, (meter, peak)) in scene.view.picture.meters.iter().zip(&self.peaks).enumerate() {
            let size = vec2(ui.available_width(), 14.0);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            paint_meter(ui, rect, meter, *peak);
            let level = format!("Channel {}: {:.1} dB, peak {peak:.1} dB", channel + 1, decibels(meter.rms));
            let level = if meter.clipped { level + "\nbeyond full scale; click to forget" } else { level };
            if response.on_hover_text(level).clicked() {
                scene.actions.push(Action::ClearClips);
            }
        }
        if scene.view.picture.meters.is_empty() {
            ui.weak("silence");
        }
    }
}

fn heading(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).small().color(theme::palette(ui).weak));
}

fn picture(ui: &mut Ui, height: f32, help: &str) -> Rect {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    theme::paint_well(ui.painter(), theme::palette(ui), rect, theme::ROUND);
    response.on_hover_text(help);
    rect.shrink(4.0)
}

fn decibels(amplitude: f32) -> f32 {
    20.0 * amplitude.max(1e-9).log10()
}

/// The place of a level between the floor and full scale, 0 to 1.
fn share(decibels: f32) -> f32 {
    ((decibels - FLOOR) / -FLOOR).clamp(0.0, 1.0)
}

fn paint_meter(ui: &Ui, rect: Rect, meter: &Meter, peak: f32) {
    let palette = theme::palette(ui);
    let (bar, lamp) = rect.split_left_right_at_x(rect.right() - 16.0);
    let painter = ui.painter();
    theme::paint_well(painter, palette, bar, 3);
    let rms = decibels(meter.rms);
    let lit = Rect::from_min_size(bar.min, vec2(bar.width() * share(rms), bar.height()));
    painter.rect_filled(lit, 3, level_colour(palette, rms));
    if peak > FLOOR {
        let x = bar.left() + bar.width() * share(peak);
        painter.vline(x, bar.shrink(1.0).y_range(), Stroke::new(2.0, level_colour(palette, peak)));
    }
    let lamp = Rect::from_center_size(lamp.center() + vec2(2.0, 0.0), vec2(10.0, bar.height()));
    theme::paint_well(painter, palette, lamp, 3);
    if meter.clipped {
        painter.rect_filled(lamp, 3, palette.error);
    }
}

fn level_colour(palette: &Palette, decibels: f32) -> Color32 {
    match decibels {
        level if level >= 0.0 => palette.error,
        level if level >= -6.0 => palette.warning,
        _ => palette.good,
    }
}

/// Begins where the first channel rises through nothing, so that the picture stands still.
fn scope(ui: &Ui, rect: Rect, channels: &[Vec<f32>]) {
    let palette = theme::palette(ui);
    let painter = ui.painter_at(rect);
    painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.0, palette.line));
    let begin = channels.first().map_or(0, |samples| trigger(samples));
    let colours = [palette.accent, palette.code.keyword, palette.code.string, palette.code.number];
    for (channel, samples) in channels.iter().enumerate().rev() {
        let seen = samples.get(begin..).unwrap_or_default();
        let seen = &seen[..seen.len().min(SCOPE)];
        if seen.len() < 2 {
            continue;
        }
        let step = rect.width() / (seen.len() - 1) as f32;
        let at = |(index, sample): (usize, &f32)| {
            let height = sample.clamp(-1.0, 1.0) * rect.height() / 2.0;
            pos2(rect.left() + index as f32 * step, rect.center().y - height)
        };
        let points = seen.iter().enumerate().map(at).collect();
        painter.line(points, PathStroke::new(1.0, colours[channel % colours.len()]));
    }
}

/// The last place from which a whole picture can be shown and where the sound rises through nothing.
fn trigger(samples: &[f32]) -> usize {
    let last = samples.len().saturating_sub(SCOPE);
    let rises = |at: &usize| samples[at - 1] < 0.0 && samples[*at] >= 0.0;
    (1..last).rev().find(rises).unwrap_or(last)
}

fn spectrum(ui: &Ui, rect: Rect, levels: &[f32], sample_rate: f32) {
    let palette = theme::palette(ui);
    let painter = ui.painter_at(rect);
    let font = FontId::proportional(9.0);
    for (frequency, name) in [(100.0, "100"), (1000.0, "1k"), (10_000.0, "10k")] {
        let x = frequency_x(rect, frequency);
        painter.vline(x, rect.y_range(), Stroke::new(1.0, palette.line));
        painter.text(pos2(x + 2.0, rect.top()), Align2::LEFT_TOP, name, font.clone(), palette.weak);
    }
    if levels.is_empty() || sample_rate <= 0.0 {
        return;
    }
    let columns = rect.width().ceil().max(1.0) as usize;
    let points = (0..columns).map(|column| {
        let level = column_level(levels, sample_rate, column as f32 / columns as f32, 1.0 / columns as f32);
        pos2(rect.left() + column as f32, rect.bottom() - rect.height() * share(level))
    });
    painter.line(points.collect(), PathStroke::new(1.5, palette.accent));
}

fn frequency_x(rect: Rect, frequency: f32) -> f32 {
    let (low, high) = FREQUENCIES;
    rect.left() + rect.width() * (frequency / low).ln() / (high / low).ln()
}

/// The greatest level of the frequencies of one column of the picture.
fn column_level(levels: &[f32], sample_rate: f32, from: f32, width: f32) -> f32 {
    let (low, high) = FREQUENCIES;
    let bin = |share: f32| low * (high / low).powf(share) * FRAMES as f32 / sample_rate;
    let (first, last) = (bin(from), bin(from + width));
    if last - first < 1.0 {
        return between(levels, first);
    }
    let bins = levels.get(first as usize..(last as usize).min(levels.len())).unwrap_or_default();
    bins.iter().copied().fold(FLOOR, f32::max)
}

/// The level between two bins.
fn between(levels: &[f32], at: f32) -> f32 {
    let below = at.floor() as usize;
    match (levels.get(below), levels.get(below + 1)) {
        (Some(below), Some(above)) => egui::lerp(*below..=*above, at.fract()),
        _ => FLOOR,
    }
}

/// The levels of the frequencies of the newest sound.
struct Spectrum {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    frames: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// In dB of a full-scale sine; empty before the first sound.
    levels: Vec<f32>,
}

impl Default for Spectrum {
    fn default() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(FRAMES);
        let hann = |frame: usize| 0.5 - 0.5 * (std::f32::consts::TAU * frame as f32 / FRAMES as f32).cos();
        Self {
            window: (0..FRAMES).map(hann).collect(),
            frames: transform.make_input_vec(),
            bins: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            levels: Vec::new(),
            transform,
        }
    }
}

impl Spectrum {
    /// Takes in the newest sound, so many seconds after the last: the mean of its channels. True: it has not
    /// come to rest.
    fn analyse(&mut self, channels: &[Vec<f32>], seconds: f32) -> bool {
        if channels.is_empty() {
            self.levels.clear();
            return false;
        }
        self.frames.fill(0.0);
        let scale = 1.0 / channels.len() as f32;
        for samples in channels {
            let newest = &samples[samples.len().saturating_sub(FRAMES)..];
            let begin = FRAMES - newest.len();
            for (frame, sample) in self.frames[begin..].iter_mut().zip(newest) {
                *frame += sample * scale;
            }
        }
        self.frames.iter_mut().zip(&self.window).for_each(|(frame, window)| *frame *= window);
        // The sizes are those that the transform made itself.
        let done = self.transform.process_with_scratch(&mut self.frames, &mut self.bins, &mut self.scratch);
        debug_assert!(done.is_ok());
        self.levels.resize(self.bins.len(), FLOOR);
        // A full-scale sine is half of the window's sum, which is half of its frames.
        let full = FRAMES as f32 / 4.0;
        let kept = KEPT.powf(seconds);
        let mut falls = false;
        for (level, bin) in self.levels.iter_mut().zip(&self.bins) {
            let now = decibels(bin.norm() / full).max(FLOOR);
            *level = if now > *level - UNSEEN { now } else { kept * *level + (1.0 - kept) * now };
            falls |= *level > now;
        }
        falls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency: f32, frames: usize) -> Vec<f32> {
        (0..frames).map(|frame| (std::f32::consts::TAU * frequency * frame as f32 / 48_000.0).sin()).collect()
    }

    #[test]
    fn a_full_scale_sine_has_its_peak_at_its_frequency_and_at_0_db() {
        let mut spectrum = Spectrum::default();
        let frequency = 48_000.0 / FRAMES as f32 * 100.0;
        spectrum.analyse(&[sine(frequency, FRAMES), sine(frequency, FRAMES)], 0.04);
        let loudest = (0..spectrum.levels.len())
            .max_by(|a, b| spectrum.levels[*a].total_cmp(&spectrum.levels[*b]))
            .unwrap();
        assert_eq!(loudest, 100);
        assert!(spectrum.levels[100].abs() < 0.1, "{}", spectrum.levels[100]);
        assert_eq!(spectrum.levels[1000], FLOOR);
    }

    #[test]
    fn little_or_no_sound_makes_a_picture_too() {
        let mut spectrum = Spectrum::default();
        spectrum.analyse(&[vec![0.5; 3], Vec::new()], 0.04);
        assert!(spectrum.levels.iter().all(|level| level.is_finite()));
        spectrum.analyse(&[], 0.04);
        assert!(spectrum.levels.is_empty());
        assert_eq!((trigger(&[]), trigger(&[1.0])), (0, 0));
    }

    #[test]
    fn the_oscilloscope_begins_where_the_sound_rises() {
        let samples = sine(480.0, 4096);
        let begin = trigger(&samples);
        assert!(samples[begin - 1] < 0.0 && samples[begin] >= 0.0);
        assert!(begin + SCOPE <= samples.len());
    }
}
