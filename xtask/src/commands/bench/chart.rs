//! The ratios as a picture: a panel for each piece, and one for the hand-over.

use std::path::Path;

use anyhow::Result;
use csound_library::Generation;
use embedded_graphics::mono_font::iso_8859_1::{FONT_8X13, FONT_9X18_BOLD};
use embedded_graphics::text::Alignment;

use super::compare::{BLOCKS, Compared, Who};
use super::results::Results;
use crate::media::canvas::{Canvas, DIM_TEXT, GRID, PANEL, TEXT};
use test_host::measure::figures::Latency;
use test_host::measure::pieces::{COMPARED, RATE, Weight};

const WIDTH: usize = 1600;
const HEIGHT: usize = 960;

/// Where the panels lie: two and two.
const LEFTS: [usize; 2] = [100, 900];
const TOPS: [usize; 2] = [130, 560];
const PANEL_WIDTH: usize = 660;
const PANEL_HEIGHT: usize = 310;

const IN_PROCESS: [u8; 3] = [0x8F, 0xD0, 0xF5];
const ISOLATED: [u8; 3] = [0xFB, 0xA4, 0x1A];
const PIPELINED: [u8; 3] = [0xD9, 0x8C, 0xE8];
const OTHER: [u8; 3] = [0x9A, 0xC8, 0x8A];
const ONE: [u8; 3] = [0xC0, 0x3A, 0x50];

/// The hand-over's axis, in microseconds: each step is ten times the one below.
const FASTEST: f64 = 0.1;
const DECADES: f64 = 6.0;

/// Draws the results and writes the picture, over an existing one.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, results: &Results) -> Result<()> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    canvas.text("Csound Performer, measured", LEFTS[0], 22, &FONT_9X18_BOLD, TEXT, Alignment::Left);
    let subtitle = format!(
        "Time of a piece over a raw loop of csoundPerformKsmps (Csound 6), by the host's block; medians and quartiles. {}",
        results.machine.processor
    );
    canvas.text(&subtitle, LEFTS[0], 48, &FONT_8X13, DIM_TEXT, Alignment::Left);
    legend(&mut canvas);
    let by_six = results.compared.iter().filter(|row| row.generation == Generation::Six);
    for (piece, (left, top)) in COMPARED.into_iter().zip(places()) {
        let rows: Vec<&Compared> = by_six.clone().filter(|row| row.piece == piece).collect();
        Panel { left, top }.ratios(&mut canvas, piece, &rows);
    }
    if let Some((left, top)) = places().nth(COMPARED.len()) {
        Panel { left, top }.hand_over(&mut canvas, results);
    }
    canvas.write(path)
}

fn places() -> impl Iterator<Item = (usize, usize)> {
    TOPS.into_iter().flat_map(|top| LEFTS.into_iter().map(move |left| (left, top)))
}

fn legend(canvas: &mut Canvas) {
    let kinds = [
        ("plugin, in-process", IN_PROCESS),
        ("plugin, isolated", ISOLATED),
        ("plugin, pipelined", PIPELINED),
        ("others", OTHER),
        ("the raw loop", ONE),
    ];
    for (at, (name, colour)) in kinds.into_iter().enumerate() {
        let x = LEFTS[0] + at * 200;
        canvas.fill(x, x + 14, 76, 90, colour);
        canvas.text(name, x + 22, 76, &FONT_8X13, DIM_TEXT, Alignment::Left);
    }
}

/// A rectangle with a title and an axis.
struct Panel {
    left: usize,
    top: usize,
}

impl Panel {
    fn bottom(&self) -> usize {
        self.top + PANEL_HEIGHT
    }

    fn frame(&self, canvas: &mut Canvas, title: &str) {
        canvas.fill(self.left, self.left + PANEL_WIDTH, self.top, self.bottom(), PANEL);
        canvas.text(title, self.left, self.top - 20, &FONT_8X13, TEXT, Alignment::Left);
    }

    /// A row of pixels for a part of the height, 0 at the bottom to 1 at the top.
    fn row(&self, part: f64) -> usize {
        self.bottom() - (part.clamp(0.0, 1.0) * (PANEL_HEIGHT - 1) as f64) as usize - 1
    }

    fn grid(&self, canvas: &mut Canvas, part: f64, name: &str, colour: [u8; 3]) {
        let y = self.row(part);
        canvas.fill(self.left, self.left + PANEL_WIDTH, y, y + 1, colour);
        canvas.text(name, self.left - 10, y - 6, &FONT_8X13, DIM_TEXT, Alignment::Right);
    }

    fn ratios(&self, canvas: &mut Canvas, piece: Weight, rows: &[&Compared]) {
        let raw = rows.iter().find(|row| row.who == Who::Raw).map_or(0.0, |row| row.per_frame.median);
        let title = format!(
            "{}: {} ({raw:.1} ns a frame, {:.1} % of real time)",
            piece.name(),
            piece.description(),
            raw * RATE * 1e-7
        );
        self.frame(canvas, &title);
        if rows.is_empty() {
            return;
        }
        let (low, high) = range(rows);
        let part = |ratio: f64| (ratio - low) / (high - low);
        let digits = if high - low > 2.0 { 1 } else { 3 };
        for step in 0..=5 {
            let ratio = low + (high - low) * f64::from(step) / 5.0;
            self.grid(canvas, part(ratio), &format!("{ratio:.digits$}"), GRID);
        }
        self.grid(canvas, part(1.0), "", ONE);
        for row in rows {
            let Some((column, colour)) = place(row.who) else { continue };
            let x = self.left + column;
            let (lower, upper) = (self.row(part(row.wall.lower)), self.row(part(row.wall.upper)));
            canvas.fill(x - 1, x + 2, upper, lower + 1, colour);
            let middle = self.row(part(row.wall.median));
            canvas.fill(x - 8, x + 9, middle.saturating_sub(2), middle + 3, colour);
        }
        for (name, x) in columns() {
            canvas.text(&name, self.left + x, self.bottom() + 8, &FONT_8X13, DIM_TEXT, Alignment::Center);
        }
    }

    fn hand_over(&self, canvas: &mut Canvas, results: &Results) {
        self.frame(canvas, "Hand-over to an engine process, us: median, p99, p99.9, worst");
        let part = |time: f64| (time.max(FASTEST) / FASTEST).log10() / DECADES;
        for decade in 0..=DECADES as i32 {
            let time = FASTEST * 10_f64.powi(decade);
            self.grid(canvas, part(time), &time.to_string(), GRID);
        }
        let width = PANEL_WIDTH / results.six.hand_over.len().max(1);
        for (at, row) in results.six.hand_over.iter().enumerate() {
            let Latency { median, p99, p999, worst, .. } = row.beyond;
            let left = self.left + at * width;
            for (bar, time) in [median, p99, p999, worst].into_iter().enumerate() {
                let x = left + width * (bar + 1) / 6;
                canvas.fill(x, x + width / 8, self.row(part(time)), self.bottom(), ISOLATED);
            }
            let name = format!("{}, {}", row.piece.name(), if row.paced { "paced" } else { "in a row" });
            let middle = left + width / 2;
            canvas.text(&name, middle, self.bottom() + 8, &FONT_8X13, DIM_TEXT, Alignment::Center);
        }
    }
}

/// The lowest and highest ratio of a panel, with the raw loop's 1 in it.
fn range(rows: &[&Compared]) -> (f64, f64) {
    let low = rows.iter().map(|row| row.wall.lower).fold(1.0, f64::min);
    let high = rows.iter().map(|row| row.wall.upper).fold(1.01, f64::max);
    let margin = (high - low) * 0.05;
    (low - margin, high + margin)
}

/// Where the plugin's blocks and the others stand, in pixels from a panel's left.
fn columns() -> impl Iterator<Item = (String, usize)> {
    let step = PANEL_WIDTH / (BLOCKS.len() + 3);
    let others = ["buffer loop", "our thread", "reference"].map(str::to_owned);
    let names = BLOCKS.map(|block| block.to_string()).into_iter().chain(others);
    names.enumerate().map(move |(at, name)| (name, at * step + step / 2))
}

fn place(who: Who) -> Option<(usize, [u8; 3])> {
    let block_at = |block: u32| BLOCKS.iter().position(|size| *size == block);
    let (column, aside, colour) = match who {
        Who::Raw | Who::RawPaced(_) => return None,
        Who::InProcess(block) => (block_at(block)?, -18, IN_PROCESS),
        Who::Isolated(block) => (block_at(block)?, 0, ISOLATED),
        Who::Pipelined(block) => (block_at(block)?, 18, PIPELINED),
        Who::RawBuffer => (BLOCKS.len(), 0, OTHER),
        Who::Thread => (BLOCKS.len() + 1, 0, OTHER),
        Who::Reference => (BLOCKS.len() + 2, 0, OTHER),
    };
    let (_, x) = columns().nth(column)?;
    Some((x.saturating_add_signed(aside), colour))
}
