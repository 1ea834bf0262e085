//! When it is time to look at what is shown to a user: some times a second of performed time.

/// Looks a second.
const LOOKS: f64 = 25.0;

/// The looks of one thing.
#[derive(Default)]
pub(super) struct Looks {
    /// Frames since the last look; none yet.
    frames: Option<usize>,
}

impl Looks {
    /// Whether to look, after so many frames at this rate. Realtime safe.
    pub(super) fn is_due(&mut self, frames: usize, rate: f64) -> bool {
        let since = self.frames.map(|before| before.saturating_add(frames));
        let is_due = since.is_none_or(|since| (since as f64) * LOOKS >= rate);
        self.frames = if is_due { Some(0) } else { since };
        is_due
    }
}
