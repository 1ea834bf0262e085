//! Where two sounds differ, frame by frame as they come. Pure.

/// A frame of a channel, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub frame: u64,
    pub channel: usize,
}

/// Two sounds, as far as they were compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Frames that were compared.
    pub frames: u64,
    /// Where they differ first.
    pub first: Option<Spot>,
    /// Where they differ most, and by how much, full scale 1.
    pub most: Option<(Spot, f64)>,
    /// If anything is to be heard of either.
    pub sounds: bool,
}

/// The bits of a sample, as far as they are heard: a zero has no sign, and what is less than the least normal number
/// is one, which some processors' modes make of it.
fn heard(sample: f32) -> u32 {
    if sample.is_normal() { sample.to_bits() } else { 0 }
}

impl Difference {
    /// Takes the next frames of both: all channels that both have, equally long.
    pub fn take<'a>(&mut self, channels: impl Iterator<Item = (&'a [f32], &'a [f32])>, frames: usize) {
        for (channel, (one, other)) in channels.enumerate() {
            let pairs = one.iter().zip(other).take(frames);
            for (frame, (one, other)) in pairs.enumerate() {
                self.sounds |= heard(*one) != 0 || heard(*other) != 0;
                if heard(*one) != heard(*other) {
                    self.note(Spot { frame: self.frames + frame as u64, channel }, *one, *other);
                }
            }
        }
        self.frames += frames as u64;
    }

    fn note(&mut self, spot: Spot, one: f32, other: f32) {
        if self.first.is_none_or(|first| spot.frame < first.frame) {
            self.first = Some(spot);
        }
        let by = (f64::from(one) - f64::from(other)).abs();
        if self.most.is_none_or(|(_, most)| by > most) {
            self.most = Some((spot, by));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[[[&[f32]; 2]; 2]]) -> Difference {
        let mut difference = Difference::default();
        for [one, other] in parts {
            difference.take(one.iter().copied().zip(other.iter().copied()), one[0].len());
        }
        difference
    }

    #[test]
    fn the_first_and_the_greatest_difference_are_found_across_parts_and_channels() {
        let same: [&[f32]; 2] = [&[0.5, 0.25], &[0.0, -0.5]];
        let difference = of(&[[same, same]]);
        assert_eq!(difference, Difference { frames: 2, sounds: true, ..Difference::default() });
        let one: [&[f32]; 2] = [&[0.0, 0.5, 0.25], &[0.0, 0.5, 0.25]];
        let other: [&[f32]; 2] = [&[0.0, 0.5, 0.5], &[0.0, 0.375, 0.25]];
        let difference = of(&[[same, same], [one, other], [same, same]]);
        // Channel 2 differs first, channel 1 most.
        assert_eq!(difference.first, Some(Spot { frame: 3, channel: 1 }));
        assert_eq!(difference.most, Some((Spot { frame: 4, channel: 0 }, 0.25)));
        assert_eq!(difference.frames, 7);
    }

    #[test]
    fn a_zeros_sign_and_what_is_no_normal_number_are_not_heard() {
        let quiet: [&[f32]; 2] = [&[0.0, 1e-40], &[-0.0, -1e-42]];
        let silent: [&[f32]; 2] = [&[-0.0, 0.0], &[0.0, 0.0]];
        assert_eq!(of(&[[quiet, silent]]), Difference { frames: 2, ..Difference::default() });
        let least: [&[f32]; 2] = [&[0.0, f32::MIN_POSITIVE], &[0.0, 0.0]];
        assert_eq!(of(&[[least, silent]]).first, Some(Spot { frame: 1, channel: 0 }));
    }
}
