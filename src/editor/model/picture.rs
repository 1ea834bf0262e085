//! The sound, and what it costs.

/// The sound, and what it costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Each channel's level.
    pub meters: Vec<Meter>,
    /// Frames per second of `scope`.
    pub sample_rate: f64,
    /// The newest samples of each channel, oldest first: 4096 are enough.
    pub scope: Vec<Vec<f32>>,
    /// The share of the time at hand that performing takes, 1 being all of it.
    pub load: f64,
    /// The most of the last seconds.
    pub worst: f64,
    /// Turns that came late.
    pub late_turns: u64,
}

/// A channel's level. Amplitudes: 1 is full scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meter {
    /// The greatest since the last view.
    pub peak: f32,
    /// The mean of about 300 ms, as a root of squares.
    pub rms: f32,
    /// Whether it went beyond full scale since the clips were cleared.
    pub clipped: bool,
}
