//! The samples of a sound file, however they lie in it, and the bounds of parts of them.

use std::io::Read;
use std::sync::Arc;

use csound_performance::engine::Abandoned;

use crate::editor::model::Sound;

/// Channels that are shown.
const MOST_CHANNELS: usize = 8;

/// Parts of a sound, each of which has its bounds.
pub(super) const PARTS: u64 = 4096;

/// Samples between looks whether anybody still waits.
const LOOK: usize = 1 << 16;

/// How samples lie in a file.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub channels: u16,
    pub frames: u64,
    /// Bits of a sample, which take whole bytes.
    pub bits: u16,
    pub is_little: bool,
    pub is_float: bool,
    /// Silence is in the middle of the numbers.
    pub is_unsigned: bool,
}

/// Reads samples to the end, or as long as somebody waits.
///
/// # Errors
/// Why they cannot be shown, for a user to read.
pub(super) fn read(mut reader: impl Read, layout: Layout, given_up: &Abandoned) -> Result<Sound, String> {
    let Layout { channels, frames, bits, is_little, is_float, is_unsigned } = layout;
    let width = usize::from(bits.div_ceil(8));
    if !(1..=if is_float { 8 } else { 4 }).contains(&width) || is_float && !matches!(width, 4 | 8) {
        return Err(format!("its samples have {bits} bits"));
    }
    let mut parts = Parts::new(frames, usize::from(channels))?;
    let next = || {
        let mut bytes = [0; 8];
        reader.read_exact(&mut bytes[..width]).ok()?;
        if is_little {
            bytes[..width].reverse();
        }
        if is_unsigned {
            bytes[0] ^= 0x80;
        }
        let first = [bytes[0], bytes[1], bytes[2], bytes[3]];
        Some(match (is_float, width) {
            (true, 8) => f64::from_be_bytes(bytes) as f32,
            (true, _) => f32::from_be_bytes(first),
            // They lie at the upper end.
            (false, _) => i32::from_be_bytes(first) as f32 / 2_147_483_648.0,
        })
    };
    parts.take_all(std::iter::from_fn(next), given_up);
    Ok(parts.sound())
}

/// The bounds of the parts of a sound, while it is read.
struct Parts {
    frames: u64,
    channels: usize,
    /// How many there are.
    count: u64,
    bounds: Vec<Vec<f32>>,
}

impl Parts {
    /// Of a sound of so many frames and channels.
    fn new(frames: u64, channels: usize) -> Result<Self, String> {
        if frames == 0 || channels == 0 {
            return Err("there is no sound in it".to_owned());
        }
        let count = frames.min(PARTS);
        let empty = [f32::INFINITY, f32::NEG_INFINITY].repeat(count as usize);
        Ok(Self { frames, channels, count, bounds: vec![empty; channels.min(MOST_CHANNELS)] })
    }

    /// Takes samples, frame by frame, until there are none or nobody waits any more.
    fn take_all(&mut self, samples: impl Iterator<Item = f32>, given_up: &Abandoned) {
        let (mut frame, mut channel) = (0_u64, 0);
        for (number, sample) in samples.enumerate() {
            if number % LOOK == 0 && given_up.is_abandoned() {
                return;
            }
            if let Some(bounds) = self.bounds.get_mut(channel) {
                let part = (frame * self.count / self.frames).min(self.count - 1) as usize * 2;
                let sample = if sample.is_finite() { sample } else { 0.0 };
                bounds[part] = bounds[part].min(sample);
                bounds[part + 1] = bounds[part + 1].max(sample);
            }
            channel += 1;
            if channel == self.channels {
                (frame, channel) = (frame + 1, 0);
                if frame == self.frames {
                    return;
                }
            }
        }
    }

    fn sound(self) -> Sound {
        // What a file that is cut off does not have is silence.
        let settled = |bounds: Vec<f32>| -> Arc<[f32]> {
            bounds.into_iter().map(|bound| if bound.is_finite() { bound } else { 0.0 }).collect()
        };
        Sound { frames: self.frames, bounds: self.bounds.into_iter().map(settled).collect() }
    }
}
