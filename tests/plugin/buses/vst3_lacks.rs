//! What a VST3 host leaves out of a block: buses, channels, and all of it. Time passes as ever, what it gives is heard, and
//! what it does not give is silent.

use test_host::session::Timing;
use vst3::Steinberg::{kInvalidArgument, kResultOk};

use super::vst3::{EFFECT, MULTI_OUT, instance, parts, state, unwritten};
use super::{FRAMES, KSMPS, assert_equal, noise, reference, session};
use crate::common::vst3::INSTRUMENT;
use crate::common::vst3::buses::{HostBus, Lack, Side};
use crate::common::{libcsound_is_missing, oracle_is_missing};

/// Frames of a block here: a multiple of the k-cycle is not needed.
const BLOCK: usize = 50;

/// What a block has of a direction.
#[derive(Clone, Debug)]
enum Given {
    Null(i32),
    /// So many channels of each, and what is missing of them.
    Buses(Vec<i32>, Lack),
}

/// Everything that a host may do with these buses.
fn everything(widths: &[i32]) -> Vec<Given> {
    let mut all = vec![Given::Null(0), Given::Null(widths.len() as i32), Given::Null(-1)];
    let mut more = widths.to_vec();
    more.push(2);
    for count in 0..=more.len() {
        let buses = &more[..count];
        for lack in [Lack::Nothing, Lack::Array, Lack::Channel(0), Lack::Channel(1)] {
            all.push(Given::Buses(buses.to_vec(), lack));
        }
        for change in [-1, 1, -16] {
            let mut changed = buses.to_vec();
            if let Some(last) = changed.last_mut() {
                *last = (*last + change).max(0);
                all.push(Given::Buses(changed, Lack::Nothing));
            }
        }
    }
    all
}

fn lacking(mut buses: Vec<HostBus>, lack: Lack) -> Vec<HostBus> {
    buses.iter_mut().for_each(|bus| bus.lack = lack);
    buses
}

/// The channel of a signal that a channel of a bus has.
fn place(widths: &[i32], bus: usize, channel: usize) -> Option<usize> {
    let is_there = widths.get(bus).is_some_and(|width| channel < *width as usize);
    is_there.then(|| widths[..bus].iter().sum::<i32>() as usize + channel)
}

/// The input buses of a block, and the signal that the piece hears then.
fn inputs(given: &Given, widths: &[i32], signal: &mut [Vec<f32>], at: usize) -> Option<Vec<HostBus>> {
    let mut heard = vec![false; signal.len()];
    let buses = match given {
        Given::Null(_) => None,
        Given::Buses(counts, lack) => {
            let mut buses = unwritten(counts, BLOCK);
            for (bus, host) in buses.iter_mut().enumerate() {
                for (channel, samples) in host.samples.iter_mut().enumerate() {
                    // What is too much is noise, which nobody may hear.
                    samples.fill(0.7);
                    if let Some(place) = place(widths, bus, channel) {
                        samples.copy_from_slice(&signal[place][at..at + BLOCK]);
                        heard[place] = *lack != Lack::Array && *lack != Lack::Channel(channel);
                    }
                }
            }
            Some(lacking(buses, *lack))
        }
    };
    for (channel, _) in signal.iter_mut().zip(heard).filter(|(_, heard)| !heard) {
        channel[at..at + BLOCK].fill(0.0);
    }
    buses
}

fn side<'a>(given: &Given, buses: &'a mut Option<Vec<HostBus>>) -> Side<'a> {
    match (given, buses) {
        (Given::Null(count), _) => Side::Null(*count),
        (_, Some(buses)) => Side::Buses(buses),
        (_, None) => Side::Null(0),
    }
}

#[test]
fn every_combination_of_what_is_missing_leaves_the_rest_as_csound_has_it() {
    if oracle_is_missing() {
        return;
    }
    for (class, ins, outs) in [
        (INSTRUMENT, &[][..], &[2][..]),
        (EFFECT, &[2, 2], &[2]),
        (EFFECT, &[4, 2], &[4]),
        (EFFECT, &[1, 2], &[1]),
        (MULTI_OUT, &[], &[2, 2, 2, 2, 2, 2, 2, 2]),
    ] {
        let all: Vec<(Given, Given)> = everything(ins)
            .into_iter()
            .flat_map(|inputs| everything(outs).into_iter().map(move |outputs| (inputs.clone(), outputs)))
            .collect();
        let (inputs_count, outputs_count) =
            (ins.iter().sum::<i32>() as usize, outs.iter().sum::<i32>() as usize);
        let mut rest = &all[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(FRAMES / BLOCK - 2));
            rest = later;
            let mut instance = instance(class);
            let arranged = |widths: &[i32]| super::vst3::all_arranged(widths);
            assert_eq!(instance.arrange(Ok(&arranged(ins)), Ok(&arranged(outs))), kResultOk);
            instance.load(&state(&session(inputs_count, outputs_count, Timing::Exact)));
            instance.activate();
            let mut signal = noise(inputs_count);
            let mut heard = vec![Vec::new(); outputs_count];
            for (number, (given_in, given_out)) in now.iter().enumerate() {
                let at = number * BLOCK;
                let mut in_buses = inputs(given_in, ins, &mut signal, at);
                let mut out_buses = match given_out {
                    Given::Null(_) => None,
                    Given::Buses(counts, lack) => Some(lacking(unwritten(counts, BLOCK), *lack)),
                };
                let result =
                    instance.process(BLOCK, side(given_in, &mut in_buses), side(given_out, &mut out_buses));
                assert_eq!(result, kResultOk, "{given_in:?} {given_out:?}");
                // What the host has no place for is as it should have been; what it has is looked at below.
                let written = out_buses.unwrap_or_default();
                for channel in &mut heard {
                    channel.extend(std::iter::repeat_n(f32::NAN, BLOCK));
                }
                for (bus, host) in written.iter().enumerate() {
                    for (channel, samples) in host.samples.iter().enumerate() {
                        let is_missing = host.lack == Lack::Array || host.lack == Lack::Channel(channel);
                        match place(outs, bus, channel) {
                            Some(place) if !is_missing => heard[place][at..].copy_from_slice(samples),
                            None if !is_missing => {
                                assert!(
                                    samples.iter().all(|sample| *sample == 0.0),
                                    "{given_out:?}: too much"
                                );
                            }
                            _ => assert!(samples.iter().all(|sample| sample.is_nan()), "{given_out:?}"),
                        }
                    }
                }
            }
            let end = now.len() * BLOCK;
            // The last of the sound, which is late.
            let mut at = end;
            while at < FRAMES + KSMPS - 1 {
                let frames = BLOCK.min(FRAMES + KSMPS - 1 - at);
                let (mut in_buses, mut out_buses) =
                    (parts(ins, &signal, at, frames), unwritten(outs, frames));
                let result =
                    instance.process(frames, Side::Buses(&mut in_buses), Side::Buses(&mut out_buses));
                assert_eq!(result, kResultOk);
                for (heard, channel) in
                    heard.iter_mut().zip(out_buses.into_iter().flat_map(|bus| bus.samples))
                {
                    heard.extend(channel);
                }
                at += frames;
            }
            let reference = reference(&signal, outputs_count);
            for (heard, reference) in heard.iter_mut().zip(&reference) {
                let missing = heard.iter_mut().enumerate().filter(|(_, sample)| sample.is_nan());
                for (frame, sample) in missing {
                    *sample = frame.checked_sub(KSMPS - 1).map_or(0.0, |frame| reference[frame]);
                }
            }
            assert_equal(&heard, KSMPS - 1, &reference, &format!("{ins:?} in, {outs:?} out"));
        }
    }
}

#[test]
fn a_block_that_cannot_be_is_refused_and_the_next_one_is_heard() {
    if libcsound_is_missing() {
        return;
    }
    let mut instance = instance(INSTRUMENT);
    let mut buses = unwritten(&[2], 600);
    assert_ne!(
        instance.process(64, Side::Null(0), Side::Buses(&mut buses)),
        kResultOk,
        "before it is set up"
    );
    instance.load(&state(&session(0, 2, Timing::Exact)));
    instance.activate();
    assert_eq!(instance.process(513, Side::Null(0), Side::Buses(&mut buses)), kInvalidArgument);
    assert_eq!(instance.process(0, Side::Null(0), Side::Null(0)), kResultOk, "parameters only");
    assert_eq!(instance.process(512, Side::Null(0), Side::Buses(&mut buses)), kResultOk);
    let heard = &buses[0].samples[1][..512];
    assert!(heard.iter().any(|sample| sample.abs() > 0.01), "from its beginning");
}
