//! What an open editor sees of the sound: the newest frames of the first two channels, and what a
//! block costs. Written by the audio thread while somebody looks, read by anybody; newest wins.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use atomic_float::AtomicF32;

/// Channels that are seen.
pub const CHANNELS: usize = 2;

/// Frames that are kept of each.
pub const FRAMES: usize = 4096;

/// How much of the worst load is left after a block, of every second that it lasts.
const FORGETTING: f32 = 0.3;

/// See the module.
pub struct Taps {
    watched: AtomicBool,
    samples: Vec<AtomicU32>,
    /// Frames written so far, wrapping.
    at: AtomicUsize,
    load: AtomicF32,
    worst: AtomicF32,
}

impl Default for Taps {
    fn default() -> Self {
        Self {
            watched: AtomicBool::new(false),
            samples: (0..CHANNELS * FRAMES).map(|_| AtomicU32::new(0)).collect(),
            at: AtomicUsize::new(0),
            load: AtomicF32::new(0.0),
            worst: AtomicF32::new(0.0),
        }
    }
}

impl Taps {
    /// Has the sound written down, or no longer.
    pub fn watch(&self, watched: bool) {
        self.watched.store(watched, Ordering::Relaxed);
    }

    /// Whether somebody looks.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed)
    }

    /// Takes a block that was performed in `took`, at `sample_rate`.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take(&self, output: &[&mut [f32]], frames: usize, sample_rate: f64, took: Duration) {
        let at = self.at.load(Ordering::Relaxed);
        for (channel, samples) in output.iter().take(CHANNELS).enumerate() {
            for (frame, sample) in samples[..frames].iter().enumerate() {
                let place = channel * FRAMES + at.wrapping_add(frame) % FRAMES;
                self.samples[place].store(sample.to_bits(), Ordering::Relaxed);
            }
        }
        self.at.store(at.wrapping_add(frames), Ordering::Release);
        let budget = (frames.max(1) as f64 / sample_rate.max(1.0)) as f32;
        let load = took.as_secs_f32() / budget;
        let kept = self.worst.load(Ordering::Relaxed) * FORGETTING.powf(budget);
        self.load.store(load, Ordering::Relaxed);
        self.worst.store(kept.max(load), Ordering::Relaxed);
    }

    /// The newest frames of each channel, oldest first. A frame that is being written may be old or
    /// new.
    pub fn scope(&self) -> Vec<Vec<f32>> {
        let at = self.at.load(Ordering::Acquire);
        let sample = |channel: usize, frame: usize| {
            let place = channel * FRAMES + at.wrapping_add(frame) % FRAMES;
            f32::from_bits(self.samples[place].load(Ordering::Relaxed))
        };
        (0..CHANNELS).map(|channel| (0..FRAMES).map(|frame| sample(channel, frame)).collect()).collect()
    }

    /// The last block's share of its time, and the worst of the last seconds; 1 is all of it.
    pub fn load(&self) -> (f32, f32) {
        (self.load.load(Ordering::Relaxed), self.worst.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_frames_come_in_their_order() {
        let taps = Taps::default();
        for block in 0..50 {
            let mut left: Vec<f32> = (0..100).map(|frame| (block * 100 + frame) as f32).collect();
            let mut right = vec![-1.0; 100];
            taps.take(&[&mut left, &mut right], 100, 48_000.0, Duration::from_micros(100));
        }
        let scope = taps.scope();
        assert_eq!((scope[0][0], scope[0][FRAMES - 1]), (904.0, 4999.0));
        assert!(scope[1].iter().all(|sample| *sample == -1.0));
        let (load, worst) = taps.load();
        assert!((load - 0.048).abs() < 1e-3 && worst >= load);
    }
}
