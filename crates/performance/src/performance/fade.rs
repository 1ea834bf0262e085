//! Gaps without clicks: where an engine falls silent because it is late, its last sample dies away
//! over a few frames, and its return swells over as many.

use crate::engine::planes::Planes;

/// Frames of a fade: 1.3 ms at 48 kHz.
const FADE: usize = 64;

/// Channels whose last sample is remembered.
const CHANNELS: usize = 64;

/// Shapes the edges of gaps in a performance's output. Realtime safe.
pub struct Fade {
    last: [f32; CHANNELS],
    gap: bool,
    /// The return does not swell from silence, but from the last sample: no gap was heard.
    bridges: bool,
    /// Frames of the present fade that are done.
    done: usize,
}

impl Default for Fade {
    fn default() -> Self {
        Self { last: [0.0; CHANNELS], gap: false, bridges: false, done: FADE }
    }
}

impl Fade {
    /// What is shaped next follows what was heard before the gap, of which nothing was heard.
    pub fn bridge(&mut self) {
        (self.gap, self.bridges, self.done) = (false, true, 0);
    }

    /// Whether a gap is there, and what was heard before it has died away.
    pub fn is_silent(&self) -> bool {
        self.gap && self.done >= FADE
    }

    /// Shapes `frames` frames from `at`, which are silence if `late`. Output that was never late is
    /// not touched.
    pub fn shape(&mut self, output: &mut Planes, at: usize, frames: usize, late: bool) {
        if frames == 0 {
            return;
        }
        if late != self.gap {
            self.gap = late;
            self.bridges = false;
            self.done = 0;
        }
        let fading = FADE.saturating_sub(self.done).min(frames);
        for channel in 0..output.channels().min(CHANNELS) {
            let span = &mut output.channel_mut(channel)[at..at + frames];
            for (frame, sample) in span[..fading].iter_mut().enumerate() {
                let gain = (self.done + frame) as f32 / FADE as f32;
                let dying = if late || self.bridges { self.last[channel] * (1.0 - gain) } else { 0.0 };
                *sample = dying + if late { 0.0 } else { *sample * gain };
            }
            if !late && (!self.bridges || self.done + fading >= FADE) {
                self.last[channel] = span[frames - 1];
            }
        }
        self.done = (self.done + fading).min(FADE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(value: f32) -> Planes {
        let mut planes = Planes::new(1, 128);
        planes.channel_mut(0).fill(value);
        planes
    }

    #[test]
    fn what_is_never_late_is_never_touched() {
        let mut fade = Fade::default();
        for _ in 0..3 {
            let mut output = block(0.5);
            fade.shape(&mut output, 0, 128, false);
            assert!(output.channel(0).iter().all(|sample| *sample == 0.5));
        }
    }

    #[test]
    fn a_gap_that_is_bridged_is_none() {
        for size in [7, 128] {
            let mut fade = Fade::default();
            let mut heard = Vec::new();
            for block_at in 0..20 {
                let mut output = block(if block_at < 3 { 0.5 } else { 0.25 });
                if block_at == 3 {
                    fade.shape(&mut block(0.0), 0, 128, true);
                    fade.bridge();
                }
                fade.shape(&mut output, 0, size, false);
                heard.extend_from_slice(&output.channel(0)[..size]);
            }
            assert!(heard.iter().all(|sample| (0.25..=0.5).contains(sample)), "{heard:?}");
            assert!(heard.windows(2).all(|pair| pair[0] >= pair[1] && pair[0] - pair[1] < 0.01));
            assert_eq!(heard.last(), Some(&0.25));
        }
    }

    #[test]
    fn a_gap_has_no_step_at_either_edge() {
        let mut fade = Fade::default();
        let mut heard = Vec::new();
        for (value, late) in [(0.5, false), (0.0, true), (0.0, true), (0.5, false), (0.5, false)] {
            let mut output = block(value);
            fade.shape(&mut output, 0, 128, late);
            heard.extend_from_slice(output.channel(0));
        }
        let steepest = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(steepest <= 0.5 / FADE as f32 + 1e-6, "a step of {steepest}");
        assert!(heard[2 * 128..3 * 128].iter().all(|sample| *sample == 0.0));
        assert!(heard[4 * 128..].iter().all(|sample| *sample == 0.5));
    }

    #[test]
    fn it_is_silent_once_the_last_sample_has_died_away() {
        let mut fade = Fade::default();
        let silence = |fade: &mut Fade, late, frames| {
            fade.shape(&mut block(0.5), 0, frames, late);
            fade.is_silent()
        };
        assert!(!silence(&mut fade, false, 128));
        assert!(!silence(&mut fade, true, FADE - 1) && silence(&mut fade, true, 1));
        assert!(!silence(&mut fade, false, 1));
    }
}
