//! A k-cycle's sound between Csound's interleaved numbers and planes of samples. Pure.
//!
//! Of a small piece this is nearly all that performing in the host's process adds, so it is written as loops that a
//! compiler makes wide: output in one over all numbers as they lie there, and one that takes the channels apart.

/// The bits of a sample without its sign, and what makes them overflow into that where it is no finite number.
const SIZE: u32 = 0x7FFF_FFFF;
const TO_OVERFLOW: u32 = 0x0080_0000;

/// Samples of the interleaved `numbers`, each times `scale`, in the same order. What is not finite becomes silence.
/// Gives how many were not.
pub(super) fn to_samples(numbers: &[f64], scale: f64, samples: &mut [f32]) -> u32 {
    let mut overflows = 0;
    for (sample, number) in samples.iter_mut().zip(numbers) {
        *sample = (number * scale) as f32;
        overflows |= (sample.to_bits() & SIZE) + TO_OVERFLOW;
    }
    if overflows <= SIZE { 0 } else { silence_what_is_not_finite(samples) }
}

#[cold]
fn silence_what_is_not_finite(samples: &mut [f32]) -> u32 {
    let not_finite = samples.iter_mut().filter(|sample| !sample.is_finite());
    not_finite.map(|sample| *sample = 0.0).count() as u32
}

/// Copies both channels out of interleaved samples.
pub(super) fn take_pair(interleaved: &[f32], left: &mut [f32], right: &mut [f32]) {
    let (frames, _) = interleaved.as_chunks::<2>();
    for (frame, (left, right)) in frames.iter().zip(left.iter_mut().zip(right)) {
        [*left, *right] = *frame;
    }
}

/// Copies one of `channels` channels out of interleaved samples.
pub(super) fn take_channel(interleaved: &[f32], channels: usize, channel: usize, into: &mut [f32]) {
    let samples = interleaved.iter().skip(channel).step_by(channels.max(1));
    into.iter_mut().zip(samples).for_each(|(sample, other)| *sample = *other);
}

/// Writes two planes of samples, each times `scale`, as the two channels of interleaved numbers.
pub(super) fn give_pair(left: &[f32], right: &[f32], scale: f64, numbers: &mut [f64]) {
    let (frames, _) = numbers.as_chunks_mut::<2>();
    for (frame, (left, right)) in frames.iter_mut().zip(left.iter().zip(right)) {
        *frame = [f64::from(*left) * scale, f64::from(*right) * scale];
    }
}

/// Writes a plane of samples, each times `scale`, as one of `channels` channels of interleaved numbers.
pub(super) fn give_channel(
    samples: &[f32],
    scale: f64,
    channels: usize,
    channel: usize,
    numbers: &mut [f64],
) {
    let places = numbers.iter_mut().skip(channel).step_by(channels.max(1));
    places.zip(samples).for_each(|(number, sample)| *number = f64::from(*sample) * scale);
}

#[cfg(test)]
mod tests {
    use test_host::testing::Random;

    use super::*;

    #[test]
    fn samples_are_scaled_rounded_once_and_silent_where_they_are_not_finite() {
        let mut random = Random::new(13);
        for len in [0, 1, 3, 4, 31, 64, 257] {
            for scale in [1.0, 1.0 / 32768.0, 1.0 / 3.0] {
                let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -0.0, 1e-310, 1e-40];
                let number = |random: &mut Random| match random.below(9) {
                    one @ 0..7 => odd[one],
                    _ => random.below(1 << 20) as f64 / 7.0 - 70_000.0,
                };
                let numbers: Vec<f64> = (0..len).map(|_| number(&mut random)).collect();
                let plain = |number: &f64| (number * scale) as f32;
                let expected: Vec<u32> = numbers
                    .iter()
                    .map(plain)
                    .map(|sample| if sample.is_finite() { sample.to_bits() } else { 0 })
                    .collect();
                let infinite = numbers.iter().filter(|number| !plain(number).is_finite()).count();
                let mut samples = vec![9.0; len];
                assert_eq!(to_samples(&numbers, scale, &mut samples), infinite as u32);
                assert_eq!(samples.iter().map(|sample| sample.to_bits()).collect::<Vec<_>>(), expected);
            }
        }
        let mut samples = [9.0; 2];
        assert_eq!(
            (to_samples(&[f64::from(f32::MAX), -1.0], 1.0, &mut samples), samples),
            (0, [f32::MAX, -1.0])
        );
    }

    #[test]
    fn each_channel_is_taken_from_its_place_in_a_frame() {
        for channels in 1..6 {
            let interleaved: Vec<f32> = (0..channels * 37).map(|at| at as f32).collect();
            for channel in 0..channels {
                let mut plane = vec![-1.0; 37];
                take_channel(&interleaved, channels, channel, &mut plane);
                let expected: Vec<f32> = (0..37).map(|frame| (frame * channels + channel) as f32).collect();
                assert_eq!(plane, expected);
            }
        }
        let (mut left, mut right) = ([-1.0; 3], [-1.0; 3]);
        take_pair(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], &mut left, &mut right);
        assert_eq!((left, right), ([0.0, 2.0, 4.0], [1.0, 3.0, 5.0]));
    }

    #[test]
    fn a_pair_is_given_as_its_channels_are_one_by_one() {
        let plane = |first: f32| (0..37).map(|frame| first + frame as f32 / 3.0).collect::<Vec<f32>>();
        let (left, right) = (plane(0.5), plane(-9.0));
        let mut together = vec![7.0; 64];
        give_pair(&left, &right, 32768.0, &mut together);
        let mut apart = vec![7.0; 64];
        give_channel(&left, 32768.0, 2, 0, &mut apart);
        give_channel(&right, 32768.0, 2, 1, &mut apart);
        assert_eq!(together, apart);
        assert_eq!((together[0], together[1]), (0.5 * 32768.0, -9.0 * 32768.0));
        let mut third = vec![0.0; 12];
        give_channel(&left, 1.0, 3, 2, &mut third);
        assert_eq!(third[..6], [0.0, 0.0, 0.5, 0.0, 0.0, f64::from(left[1])]);
    }
}
