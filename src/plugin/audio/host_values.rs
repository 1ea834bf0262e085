//! The values of the channels that tell of the host, at any k-cycle. Pure.
//!
//! A k-cycle is not a block: it may begin anywhere in one, or in the block before. So the values are
//! asked for at a frame, and places move on between the host's reports, through the end of its loop
//! too.

use crate::plugin::audio::transport::HostBlock;
use crate::plugin::channels::host::HostChannel;
use crate::plugin::channels::told::is_standalone;

/// What is said of a host that does not say its tempo, in quarter notes a minute.
const TEMPO: f64 = 120.0;

/// What is said of a host that does not say its time signature.
const SIGNATURE: (i32, i32) = (4, 4);

/// A block with its place in every unit.
#[derive(Clone, Copy, Debug, Default)]
struct Reported {
    block: HostBlock,
    seconds: f64,
    beats: f64,
    samples: f64,
}

impl Reported {
    /// Completes what the host says. `counted` stands where it does not say its place at all.
    fn new(block: HostBlock, counted: f64) -> Self {
        let seconds = block.place().unwrap_or(counted);
        let beats = block.beats.unwrap_or(seconds * tempo(&block) / 60.0);
        let samples =
            block.samples.map_or_else(|| (seconds * block.rate()).round(), |samples| samples as f64);
        Self { block, seconds, beats, samples }
    }

    fn value(&self, channel: HostChannel, frame: i64, buffer_size: usize) -> f64 {
        let block = &self.block;
        let (numerator, denominator) = block.signature.unwrap_or(SIGNATURE);
        match channel {
            HostChannel::Tempo => tempo(block),
            HostChannel::Beats => self.beats + self.passed(frame) * tempo(block) / 60.0,
            HostChannel::Seconds => self.seconds + self.passed(frame),
            HostChannel::Samples => self.samples + (self.passed(frame) * block.rate()).round(),
            HostChannel::Playing => flag(block.playing),
            HostChannel::Recording => flag(block.recording),
            HostChannel::SignatureNumerator => f64::from(numerator),
            HostChannel::SignatureDenominator => f64::from(denominator),
            HostChannel::BufferSize => buffer_size as f64,
            HostChannel::SampleRate => block.rate(),
            HostChannel::IsPlugin => flag(!is_standalone()),
            HostChannel::Bypassed => flag(block.bypassed),
        }
    }

    /// How far the host's place has moved at a frame, in seconds; back, behind the end of its loop.
    fn passed(&self, frame: i64) -> f64 {
        if !self.block.playing {
            return 0.0;
        }
        let passed = frame as f64 / self.block.rate();
        match (self.block.wrap(self.seconds), self.block.loop_seconds) {
            (Some((wrap, _)), Some((start, end))) if frame >= wrap as i64 => passed - (end - start),
            _ => passed,
        }
    }
}

fn tempo(block: &HostBlock) -> f64 {
    block.tempo.filter(|tempo| tempo.is_finite()).unwrap_or(TEMPO)
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// The values of the host's channels, block by block.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostValues {
    before: Reported,
    now: Reported,
    buffer_size: usize,
    /// Seconds played, for a host that does not say its place.
    counted: f64,
}

impl HostValues {
    /// Values for a host whose largest block has `buffer_size` frames.
    pub fn new(buffer_size: usize) -> Self {
        Self { buffer_size, ..Self::default() }
    }

    /// Takes the coming block.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn begin(&mut self, block: &HostBlock) {
        let is_first = self.now.block.sample_rate == 0.0;
        if self.now.block.playing {
            self.counted += self.now.block.length();
        }
        let now = Reported::new(*block, self.counted);
        self.before = if is_first { now } else { self.now };
        if is_first {
            // Nothing is known of the time before; it is taken for more of the same.
            self.before.block.frames = 0;
        }
        self.now = now;
    }

    /// The value of a channel for a k-cycle that begins at `frame` of the block: below 0 in the
    /// block before, or where that was shorter, as far back as it takes.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn value(&self, channel: HostChannel, frame: i64) -> f64 {
        if frame >= 0 {
            return self.now.value(channel, frame, self.buffer_size);
        }
        let before = self.before.block.frames as i64;
        self.before.value(channel, frame.saturating_add(before), self.buffer_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(seconds: f64) -> HostBlock {
        HostBlock {
            playing: true,
            seconds: Some(seconds),
            beats: Some(seconds * 2.0),
            tempo: Some(120.0),
            signature: Some((3, 8)),
            sample_rate: 48_000.0,
            frames: 480,
            ..HostBlock::default()
        }
    }

    fn at(block: &HostBlock) -> HostValues {
        let mut channels = HostValues::new(512);
        channels.begin(block);
        channels
    }

    fn assert_close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value}, not {expected}");
    }

    #[test]
    fn the_host_is_told_as_it_is() {
        let recording = HostBlock { recording: true, bypassed: true, ..block(2.0) };
        let channels = at(&recording);
        let values = HostChannel::ALL.map(|channel| channels.value(channel, 0));
        assert_eq!(values, [120.0, 4.0, 1.0, 1.0, 2.0, 96_000.0, 3.0, 8.0, 512.0, 48_000.0, 1.0, 1.0]);
    }

    #[test]
    fn places_move_on_inside_a_block_while_the_host_plays() {
        let channels = at(&block(2.0));
        assert_close(channels.value(HostChannel::Seconds, 240), 2.005);
        assert_close(channels.value(HostChannel::Beats, 240), 4.01);
        assert_eq!(channels.value(HostChannel::Samples, 240), 96_240.0);
        let stopped = at(&HostBlock { playing: false, ..block(2.0) });
        assert_eq!(stopped.value(HostChannel::Seconds, 240), 2.0);
        assert_eq!(stopped.value(HostChannel::Playing, 240), 0.0);
    }

    #[test]
    fn a_k_cycle_that_began_in_the_block_before_has_its_values() {
        let mut channels = at(&HostBlock { tempo: Some(60.0), ..block(2.0) });
        channels.begin(&block(7.0));
        assert_close(channels.value(HostChannel::Seconds, -1), 2.01 - 1.0 / 48_000.0);
        assert_eq!(channels.value(HostChannel::Tempo, -1), 60.0);
        assert_eq!(channels.value(HostChannel::Tempo, 0), 120.0);
        assert_eq!(channels.value(HostChannel::Seconds, 0), 7.0);
        assert_close(channels.value(HostChannel::Seconds, -960), 1.99);
    }

    #[test]
    fn before_the_first_block_it_was_as_in_it() {
        let channels = at(&block(2.0));
        assert_close(channels.value(HostChannel::Seconds, -48), 1.999);
        assert_eq!(channels.value(HostChannel::Tempo, -48), 120.0);
    }

    #[test]
    fn places_go_back_at_the_end_of_the_loop() {
        let channels = at(&HostBlock { loop_seconds: Some((1.0, 2.005)), ..block(2.0) });
        assert_close(channels.value(HostChannel::Seconds, 239), 2.0 + 239.0 / 48_000.0);
        assert_close(channels.value(HostChannel::Seconds, 240), 1.0);
        assert_close(channels.value(HostChannel::Beats, 241), 2.0 + 2.0 / 48_000.0);
        assert_eq!(channels.value(HostChannel::Samples, 241), 48_001.0);
    }

    #[test]
    fn what_a_host_does_not_say_is_counted_or_usual() {
        let silent = HostBlock { seconds: None, beats: None, tempo: None, signature: None, ..block(0.0) };
        let mut channels = at(&silent);
        channels.begin(&silent);
        channels.begin(&silent);
        assert_close(channels.value(HostChannel::Seconds, 0), 0.02);
        assert_close(channels.value(HostChannel::Beats, 0), 0.04);
        assert_eq!(channels.value(HostChannel::Tempo, 0), 120.0);
        assert_eq!(channels.value(HostChannel::SignatureNumerator, 0), 4.0);
        let exact = HostBlock { seconds: None, samples: Some(7), ..silent };
        channels.begin(&exact);
        assert_eq!(channels.value(HostChannel::Samples, 3), 10.0);
    }
}
