//! In a CLAP host.

use serde_json::json;
use test_host::host::{Block, EFFECT, Event, INSTRUMENT, Instance, PortLayout, param_id};
use test_host::session::Timing;

use super::instances::{heard, layouts, with_layout};
use super::{assert_equal, latency_of, measured_latency, noise, reference, session};
use crate::common::{csd, libcsound_is_missing, oracle_is_missing};
use crate::host;

fn widths(layout: &PortLayout) -> (Vec<u32>, Vec<u32>) {
    let of = |ports: &[test_host::host::Port]| ports.iter().map(|port| port.channels).collect();
    (of(&layout.inputs), of(&layout.outputs))
}

#[test]
fn every_layout_sounds_as_csound_does_with_the_latency_that_it_tells() {
    if oracle_is_missing() {
        return;
    }
    for (plugin, timings) in [
        (INSTRUMENT, &[Timing::Exact, Timing::Immediate, Timing::Pipelined][..]),
        (EFFECT, &[Timing::Exact, Timing::Pipelined]),
    ] {
        for layout in layouts(plugin) {
            let (ins, outs) = widths(&layout);
            let (inputs, outputs) = (ins.iter().sum::<u32>() as usize, outs.iter().sum::<u32>() as usize);
            let given = noise(inputs);
            let reference = reference(&given, outputs);
            for timing in timings.iter().copied() {
                let mut instance = with_layout(&host(), plugin, &session(inputs, outputs, timing), layout.id);
                assert_eq!(instance.present_layout(), Some(layout.id));
                assert_eq!(instance.ports(false).unwrap(), layout.outputs);
                assert_eq!(instance.ports(true).unwrap(), layout.inputs);
                let latency = instance.latency() as usize;
                assert_eq!(latency, latency_of(timing), "{} {timing:?}", layout.name);
                let (main, sidechain) = given.split_at(ins.first().map_or(0, |main| *main as usize));
                let heard = heard(&mut instance, main, sidechain);
                let what = format!("{plugin}, {}, {timing:?}", layout.name);
                assert_eq!(measured_latency(&heard, &reference), latency, "{what}");
                assert_equal(&heard, latency, &reference, &what);
            }
        }
    }
}

#[test]
fn what_hosts_are_told_of_the_layouts_is_what_they_know() {
    let (instrument, effect) = (layouts(INSTRUMENT), layouts(EFFECT));
    for layout in instrument.iter().chain(&effect) {
        for (index, port) in layout.inputs.iter().enumerate() {
            assert_eq!(port.is_main, index == 0, "{}", layout.name);
            assert_eq!(port.name, ["Input", "Sidechain Input"][index]);
        }
        for port in layout.inputs.iter().chain(&layout.outputs) {
            let kind = match port.channels {
                1 => "mono",
                2 => "stereo",
                4 | 6 | 8 => "surround",
                _ => "",
            };
            assert_eq!(port.kind, kind, "{}", layout.name);
        }
    }
    let last = instrument.last().unwrap();
    let names: Vec<_> = last.outputs.iter().map(|port| port.name.as_str()).collect();
    assert_eq!((names[0], names[7], names.len()), ("Output 1-2", "Output 15-16", 8));
    let all = |layouts: &[PortLayout]| layouts.iter().map(widths).collect::<Vec<_>>();
    for width in [1, 2, 4, 6, 8, 16] {
        assert!(all(&instrument).contains(&(vec![], vec![width])));
        for ins in [vec![width], vec![width, width], vec![width, 1], vec![width, 2]] {
            assert!(all(&effect).contains(&(ins, vec![width])), "{width}");
        }
    }
    for buses in 2..=8 {
        assert!(all(&instrument).contains(&(vec![], vec![2; buses])));
    }
}

#[test]
fn surround_ports_have_their_speakers() {
    let mut instance = Instance::new(&host(), EFFECT).unwrap();
    assert_eq!(instance.speakers(false, 0).unwrap(), [0_u8; 0], "stereo is no surround");
    for layout in layouts(EFFECT) {
        instance.select_layout(layout.id).unwrap();
        for (is_input, ports) in [(true, &layout.inputs), (false, &layout.outputs)] {
            for (index, port) in ports.iter().enumerate() {
                let speakers = instance.speakers(is_input, index as u32).unwrap();
                if port.kind == "surround" {
                    assert_eq!(speakers.len(), port.channels as usize);
                    let mask = speakers.iter().fold(0, |mask, speaker| mask | 1_u64 << speaker);
                    assert_eq!(mask.count_ones(), port.channels, "no speaker is there twice");
                    assert!(instance.knows_speakers(mask).unwrap());
                } else {
                    assert!(speakers.is_empty());
                }
            }
        }
    }
    assert_eq!(instance.speakers(true, 9).unwrap(), [0_u8; 0]);
    assert!(!instance.knows_speakers(0b111).unwrap());
}

#[test]
fn a_host_that_names_channels_gets_the_layout_that_has_them_or_all_stays() {
    let mut effect = Instance::new(&host(), EFFECT).unwrap();
    let ports = |instance: &mut Instance| {
        [true, false].map(|is_input| {
            instance.ports(is_input).unwrap().iter().map(|port| port.channels).collect::<Vec<_>>()
        })
    };
    assert_eq!(effect.configure(&[(true, 0, 6), (false, 0, 6)]).unwrap(), (true, true));
    assert_eq!(ports(&mut effect), [vec![6, 2], vec![6]], "the sidechain was not spoken of");
    assert_eq!(effect.configure(&[(true, 1, 1)]).unwrap(), (true, true));
    assert_eq!(ports(&mut effect), [vec![6, 1], vec![6]]);
    assert_eq!(effect.configure(&[]).unwrap(), (true, true));
    for refused in [
        &[(true, 0, 8)][..],
        &[(true, 0, 3), (false, 0, 3)],
        &[(true, 2, 2)],
        &[(false, 1, 2)],
        &[(true, u32::MAX, 2)],
        &[(true, 0, 0)],
        &[(true, 1, 1); 65],
    ] {
        assert_eq!(effect.configure(refused).unwrap(), (false, false), "{refused:?}");
        assert_eq!(ports(&mut effect), [vec![6, 1], vec![6]]);
    }
    let mut instrument = Instance::new(&host(), INSTRUMENT).unwrap();
    assert_eq!(instrument.configure(&[(false, 0, 16)]).unwrap(), (true, true));
    assert_eq!((ports(&mut instrument), instrument.present_layout()), ([vec![], vec![16]], Some(5)));
    assert_eq!(instrument.configure(&[(false, 1, 2)]).unwrap(), (false, false), "no bus is added so");
}

#[test]
fn layouts_that_there_are_not_are_refused() {
    let mut instance = Instance::new(&host(), INSTRUMENT).unwrap();
    for id in [13, 1000, u32::MAX - 1] {
        assert!(instance.select_layout(id).is_err());
        assert_eq!(instance.present_layout(), Some(0));
    }
}

#[test]
fn what_the_piece_asks_for_is_offered_first_and_the_present_layout_stays() {
    if libcsound_is_missing() {
        return;
    }
    for (plugin, inputs, outputs, first) in [
        (INSTRUMENT, 0, 4, "4 channels"),
        (INSTRUMENT, 0, 5, "6 channels"),
        (INSTRUMENT, 0, 2, "Stereo"),
        (EFFECT, 6, 4, "4 channels with stereo sidechain"),
        (EFFECT, 8, 8, "8 channels with sidechain"),
        (EFFECT, 1, 1, "Mono with sidechain"),
    ] {
        let mut instance = Instance::new(&host(), plugin).unwrap();
        let before = instance.layouts().unwrap();
        let state = session(inputs, outputs, Timing::Exact).state().unwrap();
        instance.load_state(&state).unwrap();
        instance.idle();
        let told = instance.take_layouts_changed();
        let after = instance.layouts().unwrap();
        assert_eq!(after[0].name, first, "before anything is performed");
        assert!(told > 0, "{first}: the host is told");
        assert_eq!(instance.present_layout(), Some(0), "{first}");
        let by_id = |layouts: &[PortLayout]| {
            let mut layouts = layouts.to_vec();
            layouts.sort_by_key(|layout| layout.id);
            layouts
        };
        assert_eq!(by_id(&before), by_id(&after), "{first}: no other is under an id");
    }
}

#[test]
fn a_number_of_channels_that_only_csound_knows_is_offered_first_once_it_performs() {
    if libcsound_is_missing() {
        return;
    }
    let text =
        csd("--omacro:OUTS=8", "sr = 48000\nksmps = 32\nnchnls = $OUTS\n", "instr 1\nendin\n", "i 1 0 10");
    let session = test_host::session::Session::from_csd("macro.csd", text);
    let mut instance = Instance::new(&host(), INSTRUMENT).unwrap();
    instance.set_offline(true).unwrap();
    instance.load_state(&session.state().unwrap()).unwrap();
    assert_eq!(instance.layouts().unwrap()[0].name, "Stereo");
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    heard(&mut instance, &[], &[]);
    instance.idle();
    assert!(instance.take_layouts_changed() > 0);
    assert_eq!(instance.layouts().unwrap()[0].name, "8 channels");
}

/// A session as version 0.1 wrote it, of a piece with a tone and what it hears.
pub fn of_version_0_1(inputs: usize, outputs: usize) -> Vec<u8> {
    let text = format!(
        "{{\"version\":1,\"piece\":{{\"name\":\"old.csd\",\"folder\":null,\"csd\":{}}},\"channel_defaults\":true,\
         \"channels\":[]}}",
        json!(super::piece(inputs, outputs))
    );
    let params = json!({ "timing": { "string": "exact" }, "at_end": { "string": "keep" } });
    test_host::session::wrap(&json!({ "version": "0.1.0", "params": params, "fields": { "session": text } }))
}

#[test]
fn a_project_of_version_0_1_keeps_its_buses_and_its_sound() {
    if oracle_is_missing() {
        return;
    }
    // As that version had them: the layouts by their ids, and the first in a project that names none.
    for (plugin, id, ins, outs) in [
        (INSTRUMENT, None, &[][..], &[2][..]),
        (INSTRUMENT, Some(2), &[], &[4]),
        (INSTRUMENT, Some(5), &[], &[16]),
        (EFFECT, None, &[2, 2], &[2]),
        (EFFECT, Some(1), &[2], &[2]),
    ] {
        let (inputs, outputs) = (ins.iter().sum::<u32>() as usize, outs.iter().sum::<u32>() as usize);
        let mut instance = Instance::new(&host(), plugin).unwrap();
        instance.set_offline(true).unwrap();
        if let Some(id) = id {
            instance.select_layout(id).unwrap();
        }
        instance.load_state(&of_version_0_1(inputs, outputs)).unwrap();
        instance.idle();
        instance.activate(48_000.0, 1, super::LARGEST as u32).unwrap();
        instance.settle().unwrap();
        instance.start().unwrap();
        assert_eq!(
            (instance.port_channels(true), instance.port_channels(false)),
            (ins.to_vec(), outs.to_vec())
        );
        let given = noise(inputs);
        let (main, sidechain) = given.split_at(ins.first().map_or(0, |main| *main as usize));
        let heard = heard(&mut instance, main, sidechain);
        assert_equal(&heard, super::KSMPS - 1, &reference(&given, outputs), &format!("{plugin}, {id:?}"));
    }
}

#[test]
fn a_piece_of_another_width_is_heard_as_far_as_the_layout_goes() {
    if oracle_is_missing() {
        return;
    }
    let eight = reference(&[], 8);
    let three = layouts(INSTRUMENT).into_iter().find(|layout| layout.outputs.len() == 3).unwrap();
    let mut instance = with_layout(&host(), INSTRUMENT, &session(0, 8, Timing::Exact), three.id);
    let heard_of_eight = heard(&mut instance, &[], &[]);
    assert_equal(&heard_of_eight, super::KSMPS - 1, &eight[..6], "eight channels on three pairs");
    let mut instance = with_layout(&host(), INSTRUMENT, &session(0, 1, Timing::Exact), three.id);
    let heard_of_one = heard(&mut instance, &[], &[]);
    let one = reference(&[], 1).remove(0);
    assert_equal(&heard_of_one[..2], super::KSMPS - 1, &[one.clone(), one], "one channel on the first pair");
    assert!(heard_of_one[2..].iter().flatten().all(|sample| *sample == 0.0), "the others are silent");
}

#[test]
fn a_bypassed_effect_passes_every_channel_of_its_input_as_late_as_its_sound() {
    if libcsound_is_missing() {
        return;
    }
    for layout in layouts(EFFECT) {
        let (ins, outs) = widths(&layout);
        let session = session(ins.iter().sum::<u32>() as usize, outs[0] as usize, Timing::Exact);
        let mut instance = with_layout(&host(), EFFECT, &session, layout.id);
        let given = noise(ins.iter().sum::<u32>() as usize);
        let (main, sidechain) = given.split_at(ins[0] as usize);
        let latency = instance.latency() as usize;
        let bypass = Event::param(0, param_id("bypass"), 1.0);
        instance.process(Block { frames: 1, events: &[bypass], ..Block::default() }).unwrap();
        let heard = heard(&mut instance, main, sidechain);
        assert_eq!(heard.len(), outs[0] as usize);
        for (channel, heard) in heard.iter().enumerate() {
            // One channel goes to both of a pair.
            let source = &main[channel.min(main.len() - 1)];
            // After the fade.
            assert!(
                heard[1000..5000] == source[1000 - latency..5000 - latency],
                "{}, {channel}",
                layout.name
            );
        }
    }
}

#[test]
fn a_layout_can_be_changed_and_what_was_heard_before_is_silent() {
    if oracle_is_missing() {
        return;
    }
    let effects = layouts(EFFECT);
    let named = |name: &str| effects.iter().find(|layout| layout.name == name).unwrap().id;
    let mut instance =
        with_layout(&host(), EFFECT, &session(8, 4, Timing::Exact), named("4 channels with sidechain"));
    let given = noise(8);
    heard(&mut instance, &given[..4], &given[4..]);
    instance.deactivate();
    instance.select_layout(named("Stereo")).unwrap();
    instance.load_state(&session(8, 4, Timing::Exact).state().unwrap()).unwrap();
    instance.activate(48_000.0, 1, super::LARGEST as u32).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let mut silent = given;
    silent[2..].iter_mut().flatten().for_each(|sample| *sample = 0.0);
    let heard = heard(&mut instance, &silent[..2], &[]);
    assert_equal(&heard, super::KSMPS - 1, &reference(&silent, 4)[..2], "after the change");
}

#[test]
fn an_engine_that_goes_on_hears_silence_where_a_layout_has_no_sidechain() {
    if libcsound_is_missing() {
        return;
    }
    let header = "sr = 48000\nksmps = 32\nnchnls = 2\nnchnls_i = 4\n";
    let text = csd("", header, "instr 1\na3 inch 3\nouts a3, a3\nendin\n", "i 1 0 3600");
    let session = test_host::session::Session::from_csd("third.csd", text);
    let mut instance = with_layout(&host(), EFFECT, &session, 0);
    let given = noise(4);
    let before = heard(&mut instance, &given[..2], &given[2..]);
    assert!(before[0].iter().any(|sample| sample.abs() > 0.1));
    instance.deactivate();
    instance.select_layout(1).unwrap();
    instance.activate(48_000.0, 1, super::LARGEST as u32).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let after = heard(&mut instance, &given[..2], &[]);
    assert!(after[0][1000..].iter().all(|sample| *sample == 0.0), "what it heard last stays");
}
