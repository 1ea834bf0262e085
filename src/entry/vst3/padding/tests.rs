use std::ptr::null_mut;

use nice_assert_no_alloc::assert_no_alloc;

use super::*;
use crate::layouts::{EFFECT, INSTRUMENT, MULTI_OUT};

const FRAMES: usize = 8;

/// Buses as a host gives them: channels of a number each, of which some may be missing.
struct Given {
    samples: Vec<Vec<Vec<f32>>>,
    channels: Vec<Vec<*mut f32>>,
    buses: Vec<AudioBusBuffers>,
}

#[derive(Clone, Copy, Debug)]
enum Lack {
    Nothing,
    /// The bus has no array of channels.
    Array,
    /// Every second channel is null.
    Channels,
}

impl Given {
    fn new(counts: &[usize], lack: Lack) -> Self {
        let samples: Vec<Vec<_>> = counts.iter().map(|count| vec![vec![7.0; FRAMES]; *count]).collect();
        let mut given = Self { samples, channels: Vec::new(), buses: Vec::new() };
        for bus in &mut given.samples {
            let channel = |(index, samples): (usize, &mut Vec<f32>)| {
                let is_missing = matches!(lack, Lack::Channels) && index % 2 == 1;
                if is_missing { null_mut() } else { samples.as_mut_ptr() }
            };
            given.channels.push(bus.iter_mut().enumerate().map(channel).collect());
        }
        for channels in &mut given.channels {
            let array = if matches!(lack, Lack::Array) { null_mut() } else { channels.as_mut_ptr() };
            given.buses.push(AudioBusBuffers {
                numChannels: channels.len() as i32,
                silenceFlags: u64::MAX,
                __field0: AudioBusBuffers__type0 { channelBuffers32: array },
            });
        }
        given
    }

    fn pointer(&mut self) -> *mut AudioBusBuffers {
        self.buses.as_mut_ptr()
    }
}

/// All that a host may give of these buses: none, or any number of them, of any number of channels.
fn all_given(widths: &[BusWidth]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for bus in 0..=widths.len() {
        let host = widths.get(bus).map_or(2, |width| width.host);
        for count in [0, 1, host.saturating_sub(1), host, host + 1] {
            let before = widths.iter().take(bus).map(|width| width.host);
            all.push(before.chain([count]).collect());
        }
    }
    all
}

fn data() -> ProcessData {
    // SAFETY: numbers and pointers, which may all be zero.
    let mut data: ProcessData = unsafe { std::mem::zeroed() };
    data.numSamples = FRAMES as i32;
    data
}

/// Holds a padded copy to what was given.
fn check(padding: &mut Padding, inputs: &[usize], outputs: &[usize], lack: Lack, is_null: bool) {
    let what = format!("{inputs:?} in, {outputs:?} out, {lack:?}, null {is_null}");
    let (mut ins, mut outs) = (Given::new(inputs, lack), Given::new(outputs, lack));
    let mut data = data();
    (data.numInputs, data.numOutputs) = (inputs.len() as i32, outputs.len() as i32);
    if !is_null {
        (data.inputs, data.outputs) = (ins.pointer(), outs.pointer());
    }
    // SAFETY: as a host gives it, and it lives to the end of this function.
    let padded = assert_no_alloc(|| unsafe { padding.fit(&data) }).expect("a block");
    let mut written = Vec::new();
    for (is_input, pointer, count, given) in
        [(true, padded.inputs, padded.numInputs, &ins), (false, padded.outputs, padded.numOutputs, &outs)]
    {
        let side = if is_input { &padding.inputs } else { &padding.outputs };
        assert_eq!(count as usize, side.widths.len(), "{what}");
        for (bus, width) in side.widths.iter().enumerate() {
            // SAFETY: there are so many buses and channels, of so many frames.
            let found: Vec<*mut f32> = unsafe {
                let found = &*pointer.add(bus);
                assert_eq!(found.numChannels as usize, width.shell, "{what}");
                std::slice::from_raw_parts(found.__field0.channelBuffers32, width.shell).to_vec()
            };
            for (channel, samples) in found.into_iter().enumerate() {
                let theirs = given.channels.get(bus).and_then(|channels| channels.get(channel)).copied();
                let is_given = channel < width.host && !is_null && !matches!(lack, Lack::Array);
                match theirs.filter(|theirs| is_given && !theirs.is_null()) {
                    Some(theirs) => assert_eq!(samples, theirs, "{what}"),
                    // SAFETY: what stands for a missing channel has the frames of a block.
                    None if is_input => unsafe {
                        assert!(
                            std::slice::from_raw_parts(samples, FRAMES).iter().all(|sample| *sample == 0.0),
                            "{what}"
                        );
                    },
                    None => {}
                }
                if !is_input {
                    assert!(!samples.is_null() && !written.contains(&samples), "{what}: no two are one");
                    written.push(samples);
                    // SAFETY: as above.
                    unsafe { std::slice::from_raw_parts_mut(samples, FRAMES).fill(1.0) };
                }
            }
        }
    }
    // SAFETY: as above.
    assert_no_alloc(|| unsafe { padding.silence_rest(&data) });
    if is_null || matches!(lack, Lack::Array) {
        return;
    }
    for (bus, channels) in outs.samples.iter().enumerate() {
        assert_eq!(outs.buses[bus].silenceFlags, 0, "{what}");
        let ours = padding.outputs.widths.get(bus).map_or(0, |width| width.host);
        for (channel, samples) in channels.iter().enumerate() {
            let is_missing = outs.channels[bus][channel].is_null();
            let expected = if is_missing {
                7.0
            } else if channel < ours {
                1.0
            } else {
                0.0
            };
            assert!(samples.iter().all(|sample| *sample == expected), "{what}: bus {bus}, channel {channel}");
        }
    }
}

#[test]
fn whatever_a_host_leaves_out_is_put_in_and_what_it_gives_is_handed_on() {
    let effects = (0..EFFECT.len()).map(|place| (EFFECT, place));
    let instruments = [0, 1, 5, MULTI_OUT].map(|place| (INSTRUMENT, place));
    for (layouts, place) in effects.chain(instruments) {
        let buses = Buses::new(layouts, place);
        let mut padding = Padding::new(&buses, FRAMES);
        for inputs in all_given(&buses.widths(true)) {
            for outputs in all_given(&buses.widths(false)) {
                for lack in [Lack::Nothing, Lack::Array, Lack::Channels] {
                    for is_null in [false, true] {
                        check(&mut padding, &inputs, &outputs, lack, is_null);
                    }
                }
            }
        }
    }
}

#[test]
fn a_block_that_was_not_announced_is_refused() {
    let mut padding = Padding::new(&Buses::new(EFFECT, 0), FRAMES);
    for (frames, size) in [(FRAMES as i32 + 1, 0), (-1, 0), (1, 1)] {
        let mut data = data();
        (data.numSamples, data.symbolicSampleSize) = (frames, size);
        // SAFETY: it has no buses.
        assert!(unsafe { padding.fit(&data) }.is_none());
    }
    padding.resize(FRAMES + 1);
    check(&mut padding, &[], &[], Lack::Nothing, false);
}
