//! In a VST3 host.

use test_host::session::{Session, Timing};
use vst3::Steinberg::Vst::SpeakerArr;
use vst3::Steinberg::Vst::SpeakerArrangement;
use vst3::Steinberg::{kInvalidArgument, kResultFalse, kResultOk};

use super::{FRAMES, KSMPS, SIZES, assert_equal, noise, reference, session};
use crate::common::oracle_is_missing;
use crate::common::vst3::buses::{HostBus, Lack, Side};
use crate::common::vst3::{Gives, INSTRUMENT, Instance, Module, plugin};

pub const EFFECT: [u8; 16] = *b"CsndPerformerEff";
pub const MULTI_OUT: [u8; 16] = *b"CsndPerformerMlt";

pub fn instance(class: [u8; 16]) -> Instance {
    Instance::new(&Module::load(&plugin()), class, Gives::Nothing)
}

/// The state as VST3 has it: without the length before it.
pub fn state(session: &Session) -> Vec<u8> {
    session.state().unwrap().split_off(size_of::<u64>())
}

/// Any speakers of this number.
fn arranged(channels: i32) -> SpeakerArrangement {
    match channels {
        1 => SpeakerArr::kMono,
        2 => SpeakerArr::kStereo,
        4 => SpeakerArr::k40Cine,
        6 => SpeakerArr::k51,
        8 => SpeakerArr::k71Cine,
        16 => SpeakerArr::kAmbi3rdOrderACN,
        other => (1 << other) - 1,
    }
}

pub fn all_arranged(channels: &[i32]) -> Vec<SpeakerArrangement> {
    channels.iter().copied().map(arranged).collect()
}

/// Buses with a part of a signal, one bus behind the other.
pub fn parts(widths: &[i32], signal: &[Vec<f32>], at: usize, frames: usize) -> Vec<HostBus> {
    let mut channels = signal.iter();
    let of = |width: &i32| {
        let samples = channels.by_ref().take(*width as usize);
        HostBus {
            samples: samples.map(|channel| channel[at..at + frames].to_vec()).collect(),
            lack: Lack::Nothing,
        }
    };
    widths.iter().map(of).collect()
}

/// Buses that nothing was written to.
pub fn unwritten(widths: &[i32], frames: usize) -> Vec<HostBus> {
    let of =
        |width: &i32| HostBus { samples: vec![vec![f32::NAN; frames]; *width as usize], lack: Lack::Nothing };
    widths.iter().map(of).collect()
}

/// All channels of all outputs, and so many frames more than are compared as the sound is late.
pub fn heard(instance: &Instance, ins: &[i32], outs: &[i32], given: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut heard = vec![Vec::new(); outs.iter().sum::<i32>() as usize];
    let end = FRAMES + instance.latency();
    let mut at = 0;
    for size in SIZES.into_iter().cycle() {
        let frames = size.min(end - at);
        if frames == 0 {
            break;
        }
        let (mut inputs, mut outputs) = (parts(ins, given, at, frames), unwritten(outs, frames));
        let result = instance.process(frames, Side::Buses(&mut inputs), Side::Buses(&mut outputs));
        assert_eq!(result, kResultOk);
        for (heard, channel) in heard.iter_mut().zip(outputs.into_iter().flat_map(|bus| bus.samples)) {
            heard.extend(channel);
        }
        at += frames;
    }
    heard
}

#[test]
fn every_arrangement_sounds_as_csound_does() {
    if oracle_is_missing() {
        return;
    }
    let widths = [1, 2, 4, 6, 8, 16];
    let mut all: Vec<([u8; 16], Vec<i32>, Vec<i32>)> = Vec::new();
    all.extend(widths.map(|width| (INSTRUMENT, vec![], vec![width])));
    all.push((MULTI_OUT, vec![], vec![2; 8]));
    for width in widths {
        let mut sidechains = vec![width, 1, 2];
        sidechains.dedup();
        all.extend(sidechains.into_iter().map(|side| (EFFECT, vec![width, side], vec![width])));
    }
    all.extend([1, 2].map(|side| (EFFECT, vec![1, side], vec![2])));
    for (class, ins, outs) in all {
        let (inputs, outputs) = (ins.iter().sum::<i32>() as usize, outs.iter().sum::<i32>() as usize);
        let given = noise(inputs);
        let reference = reference(&given, outputs);
        let immediate = (class != EFFECT).then_some(Timing::Immediate);
        for timing in [Timing::Exact, Timing::Pipelined].into_iter().chain(immediate) {
            sounds_as_csound_does((class, &ins, &outs), timing, (&given, &reference));
        }
    }
}

/// An instance of a class with these buses.
fn sounds_as_csound_does(
    (class, ins, outs): ([u8; 16], &[i32], &[i32]),
    timing: Timing,
    (given, reference): (&[Vec<f32>], &[Vec<f32>]),
) {
    let what = format!("{ins:?} in, {outs:?} out, {timing:?}");
    let mut instance = instance(class);
    let (asked_in, asked_out) = (all_arranged(ins), all_arranged(outs));
    assert_eq!(instance.arrange(Ok(&asked_in), Ok(&asked_out)), kResultOk, "{what}");
    let told = |is_input| instance.buses(is_input).iter().map(|bus| bus.arrangement).collect::<Vec<_>>();
    assert_eq!((told(true), told(false)), (asked_in, asked_out), "{what}: as the host has chosen them");
    assert_eq!((&instance.widths(true)[..], &instance.widths(false)[..]), (ins, outs), "{what}");
    instance.load(&state(&session(given.len(), reference.len(), timing)));
    instance.activate();
    assert_eq!(instance.latency(), super::latency_of(timing), "{what}");
    let heard = heard(&instance, ins, outs, given);
    assert_eq!(super::measured_latency(&heard, reference), instance.latency(), "{what}");
    assert_equal(&heard, instance.latency(), reference, &what);
}

#[test]
fn the_classes_of_before_have_their_buses_and_a_third_has_eight_of_which_one_is_active() {
    let classes = Module::load(&plugin()).classes();
    let names: Vec<_> = classes.iter().map(|class| (class.id, class.name.as_str())).collect();
    let expected = [
        (INSTRUMENT, "Csound Performer"),
        (EFFECT, "Csound Performer FX"),
        (MULTI_OUT, "Csound Performer Multi-out"),
    ];
    assert_eq!(names, expected);
    assert_eq!(classes[2].subcategories, classes[0].subcategories);
    for (class, ins, outs) in [
        (INSTRUMENT, &[][..], &[2][..]),
        (EFFECT, &[2, 2], &[2]),
        (MULTI_OUT, &[], &[2, 2, 2, 2, 2, 2, 2, 2]),
    ] {
        let instance = instance(class);
        assert_eq!((instance.widths(true), instance.widths(false)), (ins.to_vec(), outs.to_vec()));
        assert!(instance.buses(true).iter().all(|bus| bus.is_active_at_first));
        for (index, bus) in instance.buses(false).iter().enumerate() {
            assert_eq!(bus.is_active_at_first, index == 0);
            assert_eq!(bus.arrangement, SpeakerArr::kStereo);
        }
    }
    let buses = instance(MULTI_OUT).buses(false);
    assert_eq!((buses[0].name.as_str(), buses[7].name.as_str()), ("Output 1-2", "Output 15-16"));
    assert_eq!(instance(INSTRUMENT).buses(false)[0].name, "Output", "as it was");
}

#[test]
fn the_usual_speakers_are_those_that_hosts_know() {
    let instance = instance(INSTRUMENT);
    for (channels, usual) in [
        (1, SpeakerArr::kMono),
        (2, SpeakerArr::kStereo),
        (4, SpeakerArr::k40Music),
        (6, SpeakerArr::k51),
        (8, SpeakerArr::k71Music),
        (16, SpeakerArr::k91_6),
    ] {
        assert_eq!(instance.arrange(Ok(&[]), Ok(&[usual])), kResultOk);
        assert_eq!((instance.buses(false)[0].arrangement, instance.widths(false)), (usual, vec![channels]));
        // Any other of as many.
        assert_eq!(instance.arrange(Ok(&[]), Ok(&[(1 << channels) - 1])), kResultOk);
    }
}

#[test]
fn whatever_a_host_asks_for_the_number_of_buses_stays_and_a_refusal_changes_nothing() {
    for class in [INSTRUMENT, EFFECT, MULTI_OUT] {
        let instance = instance(class);
        let (first_in, first_out) = (instance.widths(true), instance.widths(false));
        let widths = [0, 1, 2, 3, 4, 6, 8, 16, 64];
        let mut lists: Vec<Vec<SpeakerArrangement>> = vec![vec![]];
        let speakers = |width: i32| if width == 64 { u64::MAX } else { arranged(width) };
        lists.extend(widths.map(|width| vec![speakers(width)]));
        lists.extend(widths.into_iter().flat_map(|one| widths.map(|two| vec![speakers(one), speakers(two)])));
        lists.extend((3..10).map(|count| vec![SpeakerArr::kStereo; count]));
        let mut given: Vec<Result<&[SpeakerArrangement], i32>> =
            lists.iter().map(|list| Ok(&list[..])).collect();
        given.extend([Err(0), Err(1), Err(2), Err(-1), Err(i32::MAX), Err(i32::MIN)]);
        let mut taken = 0;
        for inputs in &given {
            for outputs in &given {
                let before = (instance.buses(true), instance.buses(false));
                let result = instance.arrange(*inputs, *outputs);
                let (ins, outs) = (instance.buses(true), instance.buses(false));
                assert_eq!(
                    (ins.len(), outs.len()),
                    (first_in.len(), first_out.len()),
                    "{inputs:?} {outputs:?}"
                );
                if result == kResultOk {
                    taken += 1;
                    for (given, buses) in [(inputs, &ins), (outputs, &outs)] {
                        for (given, bus) in given.unwrap_or_default().iter().zip(buses) {
                            assert_eq!(bus.arrangement, *given);
                            let width = given.count_ones() as i32;
                            assert!(width == bus.channels || width == 0, "{inputs:?} {outputs:?}");
                        }
                    }
                } else {
                    assert!([kResultFalse, kInvalidArgument].contains(&result), "{result}");
                    assert_eq!((ins, outs), before, "{inputs:?} {outputs:?}");
                }
            }
        }
        assert!(taken > 5, "{taken}");
    }
}

#[test]
fn a_project_of_version_0_1_has_its_buses_and_its_sound() {
    if oracle_is_missing() {
        return;
    }
    for (class, ins, outs) in [(INSTRUMENT, &[][..], &[2][..]), (EFFECT, &[2, 2], &[2])] {
        let (inputs, outputs) = (ins.iter().sum::<i32>() as usize, 2);
        let mut instance = instance(class);
        // As that version wrote it, and without a word on buses by the host.
        instance.load(&super::clap::of_version_0_1(inputs, outputs).split_off(size_of::<u64>()));
        instance.activate();
        assert_eq!((instance.widths(true), instance.widths(false)), (ins.to_vec(), outs.to_vec()));
        let given = noise(inputs);
        let heard = heard(&instance, ins, outs, &given);
        assert_equal(&heard, KSMPS - 1, &reference(&given, outputs), "a project of version 0.1");
    }
}
