//! The signals of the piece that its panel shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::Table;

/// A signal that the piece displays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signal {
    /// Its samples, or their bounds.
    pub waveform: Table,
    /// The first samples of a waveform of which only bounds are there; empty where all of it is there.
    pub samples: Arc<[f32]>,
    /// Its spectrum from 0 Hz to half the sample rate.
    pub spectrum: Table,
    /// The spectrum is in decibels, and not in magnitudes.
    pub is_in_decibels: bool,
    /// Counts the spectra.
    pub spectra: u64,
}

impl Signal {
    /// Samples one after another, as far as they are there.
    pub fn run(&self) -> &[f32] {
        if self.waveform.is_of_bounds() { &self.samples } else { &self.waveform.points }
    }
}

/// The signals of a piece by the names of their variables.
pub type Signals = BTreeMap<String, Signal>;

/// The way in which a signal is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignalKind {
    /// The spectrum as it is.
    #[default]
    Spectrum,
    /// The spectrum as it was, from left to right.
    Spectrogram,
    /// The samples.
    Waveform,
    /// One signal to the right, another one up.
    Lissajous,
}

/// The graph of a signal, of a sound or of a table that can be drawn into.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The names of the signals that it shows.
    pub signals: Vec<String>,
    /// The lower frequencies have more room below 1, the higher ones above it.
    pub skew: f32,
    /// How much larger it is shown than whole, from 1.
    pub zoom: f32,
    /// The user may look closer.
    pub is_zoomed: bool,
    /// The part that is shown, in samples: from the first to before the second; `None`: all of it.
    pub part: Option<[f64; 2]>,
    /// What is played now, in samples.
    pub scrubber: Option<f64>,
    /// What the piece says is selected: where it begins, and its length, in samples.
    pub region: Option<[f64; 2]>,
    /// The width of its line.
    pub line_width: f32,
    /// What lies under the line is filled.
    pub is_filled: bool,
    /// The user may draw into the tables.
    pub is_drawn_into: bool,
    /// The lines of the grid.
    pub grid: Option<[u8; 4]>,
}

impl Default for Graph {
    fn default() -> Self {
        Self {
            signals: Vec::new(),
            skew: 1.0,
            zoom: 1.0,
            is_zoomed: false,
            part: None,
            scrubber: None,
            region: None,
            line_width: 1.5,
            is_filled: true,
            is_drawn_into: false,
            grid: None,
        }
    }
}
