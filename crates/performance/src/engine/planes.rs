//! Planar audio of a fixed size: one row of frames a channel.

/// Channels of equal length, full scale 1.0. Allocated once, on a thread that may.
///
/// # Realtime safety
/// Every method but [`new`](Self::new) is safe.
#[derive(Clone, Debug, Default)]
pub struct Planes {
    samples: Vec<f32>,
    channels: usize,
    frames: usize,
}

impl Planes {
    /// Silence of `channels` times `frames`.
    pub fn new(channels: usize, frames: usize) -> Self {
        Self { samples: vec![0.0; channels * frames], channels, frames }
    }

    /// The number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The number of frames in each channel.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// The frames of a channel below [`channels`](Self::channels).
    pub fn channel(&self, channel: usize) -> &[f32] {
        &self.samples[channel * self.frames..][..self.frames]
    }

    /// The frames of a channel, to write.
    pub fn channel_mut(&mut self, channel: usize) -> &mut [f32] {
        &mut self.samples[channel * self.frames..][..self.frames]
    }

    /// The first two channels, to write; none if there are not as many.
    pub fn first_pair_mut(&mut self) -> Option<[&mut [f32]; 2]> {
        self.samples.get_disjoint_mut([0..self.frames, self.frames..2 * self.frames]).ok()
    }

    /// Makes a span of every channel silent.
    pub fn silence(&mut self, start: usize, frames: usize) {
        for channel in 0..self.channels {
            self.channel_mut(channel)[start..start + frames].fill(0.0);
        }
    }

    /// Moves a span of every channel to the front.
    pub fn move_to_front(&mut self, start: usize, frames: usize) {
        for channel in 0..self.channels {
            self.channel_mut(channel).copy_within(start..start + frames, 0);
        }
    }
}
