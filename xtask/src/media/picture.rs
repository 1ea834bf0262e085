//! A picture of a sound: the waveform of each channel over a spectrogram.

use std::f32::consts::PI;
use std::path::Path;

use anyhow::Result;
use embedded_graphics::mono_font::iso_8859_1::{FONT_8X13, FONT_9X18_BOLD};
use embedded_graphics::text::Alignment;

use crate::media::canvas::{Canvas, DIM_TEXT, GRID, PANEL, TEXT};
use test_host::render::Rendered;

const WIDTH: usize = 1600;
const HEIGHT: usize = 960;
const LEFT: usize = 90;
const RIGHT: usize = WIDTH - 110;
const WAVES_TOP: usize = 84;
const WAVES_BOTTOM: usize = 384;
const LANE_GAP: usize = 12;
const SPECTRUM_TOP: usize = 408;
const SPECTRUM_BOTTOM: usize = 908;

const PEAK: [u8; 3] = [0x3E, 0x7C, 0xA8];
const LOUD: [u8; 3] = [0x8F, 0xD0, 0xF5];

/// The colours of the spectrogram, from silence to the loudest.
const HEAT: [[u8; 3]; 8] = [
    [0x0C, 0x0A, 0x18],
    [0x24, 0x10, 0x48],
    [0x54, 0x16, 0x6A],
    [0x8A, 0x24, 0x67],
    [0xC0, 0x3A, 0x50],
    [0xE8, 0x64, 0x2E],
    [0xFB, 0xA4, 0x1A],
    [0xFC, 0xF2, 0xA4],
];

/// Samples in one window of the spectrogram.
const WINDOW: usize = 4096;

/// Frequencies shown, in Hz.
const LOWEST: f32 = 40.0;
const HIGHEST: f32 = 18_000.0;

/// The quietest that is shown, in dB under the loudest.
const RANGE: f32 = 80.0;

/// Draws a sound and writes the picture as a PNG file, over an existing one.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, title: &str, subtitle: &str, sound: &Rendered) -> Result<()> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    canvas.text(title, LEFT, 22, &FONT_9X18_BOLD, TEXT, Alignment::Left);
    canvas.text(subtitle, LEFT, 48, &FONT_8X13, DIM_TEXT, Alignment::Left);
    draw_waves(&mut canvas, sound);
    draw_spectrogram(&mut canvas, sound);
    draw_seconds(&mut canvas, sound.seconds());
    canvas.write(path)
}

fn draw_waves(canvas: &mut Canvas, sound: &Rendered) {
    let lanes = sound.samples.len().max(1);
    let height = (WAVES_BOTTOM - WAVES_TOP - LANE_GAP * (lanes - 1)) / lanes;
    // The whole lane is used, whatever the level; the axis says what it means.
    let scale = sound.peak().clamp(1e-6, 1e6);
    for (lane, channel) in sound.samples.iter().enumerate() {
        let top = WAVES_TOP + lane * (height + LANE_GAP);
        let middle = top + height / 2;
        canvas.fill(LEFT, RIGHT, top, top + height, PANEL);
        canvas.fill(LEFT, RIGHT, middle, middle + 1, GRID);
        let half = (height / 2) as f32 - 3.0;
        for x in LEFT..RIGHT {
            let part = column(channel, x);
            let (low, high) =
                part.iter().fold((0.0_f32, 0.0_f32), |(low, high), s| (low.min(*s), high.max(*s)));
            let loud = (part.iter().map(|s| s * s).sum::<f32>() / part.len().max(1) as f32).sqrt();
            let y = |value: f32| (middle as f32 - value / scale * half).round() as usize;
            canvas.fill(x, x + 1, y(high), y(low) + 1, PEAK);
            canvas.fill(x, x + 1, y(loud), y(-loud) + 1, LOUD);
        }
        let name = match (lanes, lane) {
            (1, _) => "mono".to_owned(),
            (2, 0) => "left".to_owned(),
            (2, _) => "right".to_owned(),
            _ => format!("{}", lane + 1),
        };
        canvas.text(&name, LEFT - 12, middle - 6, &FONT_8X13, DIM_TEXT, Alignment::Right);
        let decibels = format!("{:+.1} dB", 20.0 * scale.log10());
        canvas.text(&decibels, RIGHT + 10, top - 2, &FONT_8X13, DIM_TEXT, Alignment::Left);
    }
}

/// The samples that one column of pixels stands for.
fn column(channel: &[f32], x: usize) -> &[f32] {
    let at = |x: usize| (x - LEFT) * channel.len() / (RIGHT - LEFT);
    &channel[at(x)..at(x + 1).max(at(x) + 1).min(channel.len())]
}

fn draw_spectrogram(canvas: &mut Canvas, sound: &Rendered) {
    let highest = HIGHEST.min(sound.rate as f32 / 2.0);
    let columns: Vec<Vec<f32>> = spectra(sound);
    let loudest = columns.iter().flatten().fold(1e-9_f32, |loudest, level| loudest.max(*level));
    let height = SPECTRUM_BOTTOM - SPECTRUM_TOP;
    let frequency = |row: f32| LOWEST * (highest / LOWEST).powf(1.0 - row / height as f32);
    let bin = |frequency: f32| frequency * WINDOW as f32 / sound.rate as f32;
    for (index, spectrum) in columns.iter().enumerate() {
        for row in 0..height {
            let (low, high) = (bin(frequency(row as f32 + 1.0)), bin(frequency(row as f32)));
            let level = level(spectrum, low, high) / loudest;
            let heat = 1.0 + 20.0 * level.max(1e-9).log10() / RANGE;
            canvas.set(LEFT + index, SPECTRUM_TOP + row, heat_colour(heat));
        }
    }
    for (hertz, name) in [
        (50.0, "50"),
        (100.0, "100"),
        (200.0, "200"),
        (500.0, "500"),
        (1e3, "1k"),
        (2e3, "2k"),
        (5e3, "5k"),
        (1e4, "10k"),
    ] {
        let row = height as f32 * (1.0 - (hertz / LOWEST).ln() / (highest / LOWEST).ln());
        if (0.0..height as f32).contains(&row) {
            let y = SPECTRUM_TOP + row as usize;
            canvas.fill(LEFT - 6, LEFT, y, y + 1, DIM_TEXT);
            canvas.text(name, LEFT - 12, y - 6, &FONT_8X13, DIM_TEXT, Alignment::Right);
        }
    }
    canvas.text("Hz", 24, SPECTRUM_TOP - 4, &FONT_8X13, DIM_TEXT, Alignment::Left);
    for row in 0..height {
        let colour = heat_colour(1.0 - row as f32 / height as f32);
        canvas.fill(RIGHT + 16, RIGHT + 32, SPECTRUM_TOP + row, SPECTRUM_TOP + row + 1, colour);
    }
    for step in 0..=4 {
        let y = SPECTRUM_TOP + height * step / 4;
        let name = format!("{:.0} dB", 0.0 - RANGE * step as f32 / 4.0);
        canvas.text(&name, RIGHT + 40, y - 6, &FONT_8X13, DIM_TEXT, Alignment::Left);
    }
}

/// The magnitudes of the mixed channels around the time of each column of pixels.
fn spectra(sound: &Rendered) -> Vec<Vec<f32>> {
    let frames = sound.frames();
    let mixed: Vec<f32> =
        (0..frames).map(|frame| sound.samples.iter().map(|channel| channel[frame]).sum()).collect();
    let window: Vec<f32> =
        (0..WINDOW).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f32 / WINDOW as f32).cos()).collect();
    let columns = RIGHT - LEFT;
    (0..columns)
        .map(|index| {
            let centre = (2 * index + 1) * frames / (2 * columns);
            let mut buffer = [0.0; WINDOW];
            for (n, sample) in buffer.iter_mut().enumerate() {
                let frame = (centre + n).checked_sub(WINDOW / 2);
                *sample = frame.and_then(|frame| mixed.get(frame)).unwrap_or(&0.0) * window[n];
            }
            let spectrum = microfft::real::rfft_4096(&mut buffer);
            // The transform packs the highest frequency beside the lowest.
            spectrum[0].im = 0.0;
            spectrum.iter().map(|bin| bin.norm()).collect()
        })
        .collect()
}

/// The loudest between two bins; between neighbours, what lies on the line from one to the other.
fn level(spectrum: &[f32], low: f32, high: f32) -> f32 {
    let at = |bin: usize| spectrum.get(bin).copied().unwrap_or(0.0);
    if high - low < 1.0 {
        let middle = (low + high) / 2.0;
        let (below, part) = (middle.floor(), middle.fract());
        return at(below as usize) * (1.0 - part) + at(below as usize + 1) * part;
    }
    (low.floor() as usize..=high.ceil() as usize).map(at).fold(0.0, f32::max)
}

fn heat_colour(heat: f32) -> [u8; 3] {
    let position = heat.clamp(0.0, 1.0) * (HEAT.len() - 1) as f32;
    let below = (position as usize).min(HEAT.len() - 2);
    let part = position - below as f32;
    std::array::from_fn(|i| {
        (f32::from(HEAT[below][i]) * (1.0 - part) + f32::from(HEAT[below + 1][i]) * part) as u8
    })
}

fn draw_seconds(canvas: &mut Canvas, seconds: f64) {
    let step = [1, 2, 5, 10, 20, 60, 120, 300]
        .into_iter()
        .find(|step| seconds / f64::from(*step) <= 12.0)
        .unwrap_or(600);
    let mut second = 0;
    while f64::from(second) <= seconds {
        let x = LEFT + (f64::from(second) / seconds.max(1e-9) * (RIGHT - LEFT) as f64) as usize;
        canvas.fill(x, x + 1, SPECTRUM_BOTTOM, SPECTRUM_BOTTOM + 6, DIM_TEXT);
        canvas.text(&format!("{second} s"), x, SPECTRUM_BOTTOM + 12, &FONT_8X13, DIM_TEXT, Alignment::Center);
        second += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(channels: usize, frames: usize) -> Rendered {
        let wave = |frame: usize| (frame as f32 * 440.0 * 2.0 * PI / 48_000.0).sin() * 0.5;
        let samples = vec![(0..frames).map(wave).collect(); channels];
        Rendered {
            samples,
            rate: 48_000,
            latency: 0,
            midi_out: Vec::new(),
            ended: true,
            faults: Vec::new(),
            refusals: Vec::new(),
            crash: None,
        }
    }

    #[test]
    fn any_sound_gives_a_picture() {
        let path = std::env::temp_dir().join(format!("csound-performer-{}.png", std::process::id()));
        for (channels, frames) in [(0, 0), (1, 0), (1, 1), (2, 100), (16, 48_000)] {
            write(&path, "title", "subtitle", &sound(channels, frames)).unwrap();
            assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn the_loudest_of_a_spectrum_is_at_the_tones_frequency() {
        let columns = spectra(&sound(1, 48_000));
        let spectrum = &columns[columns.len() / 2];
        let loudest = (0..spectrum.len()).max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b])).unwrap();
        assert_eq!(loudest, (440.0 * WINDOW as f32 / 48_000.0).round() as usize);
    }

    #[test]
    fn colours_run_from_silence_to_loud() {
        assert_eq!(heat_colour(-1.0), HEAT[0]);
        assert_eq!(heat_colour(2.0), HEAT[HEAT.len() - 1]);
    }
}
