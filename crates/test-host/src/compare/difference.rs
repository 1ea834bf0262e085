//! What equal means: bit for bit, with three exceptions that are no sound. Subnormal samples are zero (the command
//! writes them, a host's flush-to-zero removes them), zero has no sign, and what is no number is silence.

use super::verdict::Difference;

/// A sound, or its beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Planar, all channels equally long.
    pub samples: Vec<Vec<f32>>,
    /// The rate in Hz.
    pub rate: u32,
    /// Whether it ended by itself.
    pub ended: bool,
}

impl Sound {
    /// Frames in each channel.
    pub fn frames(&self) -> usize {
        self.samples.first().map_or(0, Vec::len)
    }

    /// Whether nothing is to be heard.
    pub fn is_silent(&self) -> bool {
        self.samples.iter().flatten().all(|sample| plain(*sample) == 0)
    }

    /// Samples that are no finite number.
    pub fn not_numbers(&self) -> usize {
        self.samples.iter().flatten().filter(|sample| !sample.is_finite()).count()
    }
}

/// The bits of a sample, as far as they are heard.
pub fn plain(sample: f32) -> u32 {
    if sample.is_normal() { sample.to_bits() } else { 0 }
}

/// Where two sounds differ first, and by how much at most. After the end of the reference, which is where it is cut
/// if it did not end, there has to be silence in what is left of ours.
pub fn compare_sounds(ours: &Sound, reference: &Sound) -> Option<Difference> {
    let rate = reference.rate;
    if ours.samples.len() != reference.samples.len() {
        return Some(Difference {
            channels: Some((ours.samples.len(), reference.samples.len())),
            ..Difference::at(0, 0, rate)
        });
    }
    let length = ours.frames().max(reference.frames());
    let mut found: Option<Difference> = None;
    for frame in 0..length {
        for (channel, (ours, theirs)) in ours.samples.iter().zip(&reference.samples).enumerate() {
            let heard = |samples: &[f32]| f32::from_bits(plain(samples.get(frame).copied().unwrap_or(0.0)));
            let (ours, theirs) = (heard(ours), heard(theirs));
            if plain(ours) != plain(theirs) {
                let first = found.get_or_insert_with(|| Difference::at(frame as u64, channel, rate));
                first.samples += 1;
                first.peak = first.peak.max((f64::from(ours) - f64::from(theirs)).abs());
            }
        }
    }
    // A sound that breaks off while the other is silent is not heard to be shorter.
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(samples: &[&[f32]]) -> Sound {
        Sound { samples: samples.iter().map(|channel| channel.to_vec()).collect(), rate: 1000, ended: true }
    }

    #[test]
    fn what_is_not_heard_makes_no_difference() {
        let ours = sound(&[&[0.0, 0.0, 0.0, 0.5, 0.0]]);
        assert_eq!(compare_sounds(&ours, &sound(&[&[1e-40, -0.0, f32::NAN, 0.5]])), None);
        assert_eq!(sound(&[&[f32::INFINITY, 1e-40]]).not_numbers(), 1);
        assert!(sound(&[&[f32::INFINITY, 1e-40]]).is_silent());
    }

    #[test]
    fn the_first_frame_the_channel_and_the_greatest_difference_are_told() {
        let ours = sound(&[&[0.1, 0.2, 0.3, 0.4], &[0.1, 0.2, 0.8, 0.4]]);
        let found = compare_sounds(&ours, &sound(&[&[0.1, 0.2, 0.3, 0.5], &[0.1, 0.2, 0.3, 0.4]])).unwrap();
        assert_eq!((found.frame, found.channel, found.samples), (2, 1, 2));
        assert!((found.peak - 0.5).abs() < 1e-6 && (found.seconds - 0.002).abs() < 1e-9);
        assert!((found.peak_db() + 6.02).abs() < 0.01);
    }

    #[test]
    fn the_least_difference_in_bits_is_one() {
        let next = f32::from_bits(0.5_f32.to_bits() + 1);
        assert!(compare_sounds(&sound(&[&[0.5]]), &sound(&[&[next]])).is_some());
    }

    #[test]
    fn a_sound_that_is_shorter_goes_on_longer_or_has_other_channels_differs() {
        assert_eq!(compare_sounds(&sound(&[&[0.5]]), &sound(&[&[0.5, 0.5]])).unwrap().frame, 1);
        assert_eq!(compare_sounds(&sound(&[&[0.5, 0.5]]), &sound(&[&[0.5]])).unwrap().frame, 1);
        assert_eq!(compare_sounds(&sound(&[&[0.5, 0.0]]), &sound(&[&[0.5]])), None);
        assert_eq!(
            compare_sounds(&sound(&[&[0.5]]), &sound(&[&[0.5], &[0.5]])).unwrap().channels,
            Some((1, 2))
        );
    }
}
