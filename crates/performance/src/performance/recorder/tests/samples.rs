//! A file holds what was written: frames, channels, numbers.

use super::*;

#[test]
fn a_file_holds_exactly_the_frames_that_were_written() {
    let folder = folder();
    for frames in [0, 1, 31, 1024, 1025, 48000] {
        let path = folder.path().join(format!("{frames}.wav"));
        let (mut tap, recording) = open_float(&path, 2, 4);
        write_marked(&mut tap, &recording, 2, frames);
        close(tap, &recording);
        assert_eq!(read_floats(&path).1, expected(2, frames));
        assert_eq!(recording.frames_written(), frames as u64);
        assert_eq!(recording.seconds(), frames as f64 / 48000.0);
    }
}

#[test]
fn three_and_sixteen_channels_keep_their_order_through_many_turns_of_the_ring() {
    let folder = folder();
    for channels in [1, 3, 16] {
        let path = folder.path().join(format!("{channels}.wav"));
        let (mut tap, recording) = open_float(&path, channels, 1);
        write_marked(&mut tap, &recording, channels, 10007);
        close(tap, &recording);
        let (spec, samples) = read_floats(&path);
        assert_eq!(usize::from(spec.channels), channels);
        assert_eq!(spec.sample_rate, 48000);
        assert_eq!(samples, expected(channels, 10007));
    }
}

#[test]
fn only_the_asked_span_of_the_planes_is_recorded() {
    let folder = folder();
    let path = folder.path().join("span.wav");
    let (mut tap, recording) = open_float(&path, 1, 1);
    let planes = marked(1, 0, 10);
    tap.write(&planes, 3, 4);
    tap.write(&planes, 8, 100);
    tap.write(&planes, 11, 1);
    tap.write(&planes, usize::MAX, usize::MAX);
    close(tap, &recording);
    let frames: Vec<usize> = read_floats(&path).1.into_iter().map(|s| read_mark(s).0).collect();
    assert_eq!(frames, [3, 4, 5, 6, 8, 9]);
    assert_eq!(recording.frames_lost(), 0);
}

#[test]
fn missing_channels_are_silent_and_extra_ones_left_out() {
    let folder = folder();
    let path = folder.path().join("three.wav");
    let (mut tap, recording) = open_float(&path, 3, 1);
    tap.write(&marked(3, 0, 2), 0, 2);
    tap.write(&marked(1, 2, 2), 0, 2);
    tap.write(&marked(5, 4, 2), 0, 2);
    tap.write(&Planes::new(0, 0), 0, 2);
    close(tap, &recording);
    let mut frames = expected(3, 6);
    for silent in [7, 8, 10, 11] {
        frames[silent] = 0.0;
    }
    assert_eq!(read_floats(&path).1, frames);
}

/// What `csound -W -s` and `csound -W -3` (6.18) wrote for `out` of these.
const FROM_CSOUND: [(f32, i32, i32); 18] = [
    (0.0, 0, 0),
    (0.5 / 32768.0, 0, 128),
    (-0.5 / 32768.0, -1, -128),
    (1.5 / 32768.0, 1, 384),
    (-1.5 / 32768.0, -2, -384),
    (2.5 / 32768.0, 2, 640),
    (0.4999 / 32768.0, 0, 127),
    (0.75 / 32768.0, 0, 192),
    (-0.75 / 32768.0, -1, -192),
    (1.0, 32767, 8388607),
    (-1.0, -32768, -8388608),
    (1.5, 32767, 8388607),
    (-1.5, -32768, -8388608),
    (32767.5 / 32768.0, 32767, 8388480),
    (0.25, 8192, 2097152),
    (32767.4 / 32768.0, 32767, 8388454),
    (0.1, 3276, 838860),
    (-0.1, -3277, -838861),
];

fn one_channel(samples: &[f32]) -> Planes {
    let mut planes = Planes::new(1, samples.len());
    planes.channel_mut(0).copy_from_slice(samples);
    planes
}

fn record_samples(path: &Path, depth: BitDepth, samples: &[f32]) {
    let (mut tap, recording) =
        open(options(path, depth, 1), Sound { channels: 1, sample_rate: 44100, ksmps: 10 }).unwrap();
    let planes = one_channel(samples);
    tap.write(&planes, 0, samples.len());
    // Recording does not touch what it records.
    assert_eq!(bits_of(planes.channel(0)), bits_of(samples));
    close(tap, &recording);
}

#[test]
fn files_of_16_and_24_bits_hold_the_numbers_that_csound_writes() {
    let folder = folder();
    let samples = FROM_CSOUND.map(|row| row.0);
    for (depth, numbers) in
        [(BitDepth::Pcm16, FROM_CSOUND.map(|row| row.1)), (BitDepth::Pcm24, FROM_CSOUND.map(|row| row.2))]
    {
        let path = folder.path().join(format!("{}.wav", depth.bits()));
        record_samples(&path, depth, &samples);
        let (spec, found) = read_numbers(&path);
        assert_eq!(found, numbers);
        assert_eq!(u32::from(spec.bits_per_sample), depth.bits());
        assert_eq!(spec.sample_format, SampleFormat::Int);
        assert_eq!((spec.channels, spec.sample_rate), (1, 44100));
    }
}

#[test]
fn files_of_32_bits_hold_the_samples_bit_for_bit() {
    let folder = folder();
    let path = folder.path().join("float.wav");
    let samples = [0.0, -0.0, 1.0, -1.0, 7.25, -1e30, f32::MAX, 1e-40, 0.1];
    record_samples(&path, BitDepth::Float32, &samples);
    let (spec, found) = read_floats(&path);
    assert_eq!(bits_of(&found), bits_of(&samples));
    assert_eq!((spec.bits_per_sample, spec.sample_format), (32, SampleFormat::Float));
}

fn bits_of(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
}

#[test]
fn samples_that_are_not_finite_become_zero_at_every_depth() {
    let folder = folder();
    let samples = [0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.5];
    for depth in [BitDepth::Pcm16, BitDepth::Pcm24] {
        let path = folder.path().join(format!("{}.wav", depth.bits()));
        record_samples(&path, depth, &samples);
        let half = 1 << (depth.bits() - 2);
        assert_eq!(read_numbers(&path).1, [half, 0, 0, 0, -half]);
    }
    let path = folder.path().join("float.wav");
    record_samples(&path, BitDepth::Float32, &samples);
    assert_eq!(read_floats(&path).1, [0.5, 0.0, 0.0, 0.0, -0.5]);
}
