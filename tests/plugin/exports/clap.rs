//! In a CLAP host.

use test_host::host::{Block, EFFECT, Event, Host, INSTRUMENT, Instance, Param, param_id};
use test_host::session::{AtEnd, Session, Timing};

use super::{Export, bells, half, reference};
use crate::common::{csound_is_missing, libcsound_is_missing, playing, plugin};
use crate::error_of;

const BELLS: &str = "org.example.bells";

/// An instance that performs its own piece, offline.
pub(super) fn begun(host: &Host, id: &str) -> Instance {
    let mut instance = Instance::new(host, id).unwrap();
    instance.set_offline(true).unwrap();
    start(&mut instance);
    instance
}

fn start(instance: &mut Instance) {
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
}

pub(super) fn heard(instance: &mut Instance, frames: usize, events: &[Event]) -> Vec<Vec<f32>> {
    let mut heard = vec![Vec::new(); 2];
    while heard[0].len() < frames {
        let now = 480.min(frames - heard[0].len());
        let events = if heard[0].is_empty() { events } else { &[] };
        let output = instance.process(Block { frames: now, events, ..Block::default() }).unwrap().output;
        heard[0].extend_from_slice(&output[0]);
        heard[1].extend_from_slice(&output[1]);
    }
    heard
}

pub(super) fn shown(params: &[Param]) -> Vec<(&str, &str, u32)> {
    params.iter().map(|param| (param.name.as_str(), param.module.as_str(), param.id)).collect()
}

#[test]
fn an_export_is_found_under_its_own_name_with_its_own_parameters() {
    let Export { clap, .. } = &bells();
    let host = Host::load(clap).unwrap();
    let [plugin] = &host.plugins()[..] else { panic!("{:?}", host.plugins()) };
    assert_eq!((plugin.id.as_str(), plugin.name.as_str()), (BELLS, "Bells"));
    let params = Instance::new(&host, BELLS).unwrap().params();
    let expected = [
        ("oscaa", "Osc/One", param_id("p0003")),
        ("oscbB", "Osc/Two", param_id("p0001")),
        ("W\u{e4}ve \u{1d11e}", "", param_id("p0007")),
        ("Gain", "Output", param_id("gain")),
        ("Bypass", "Output", param_id("bypass")),
    ];
    assert_eq!(shown(&params), expected);
    assert_eq!((params[2].stepped, params[2].max), (true, 2.0));
    assert_eq!((params[0].stepped, params[0].max), (false, 1.0));
}

#[test]
fn an_exported_instrument_plays_as_the_csound_command_does_and_reads_its_own_folder() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    let export = bells();
    let expected = reference(export.clap.parent().unwrap());
    let mut instance = begun(&Host::load(&export.clap).unwrap(), BELLS);
    let heard = heard(&mut instance, 24_000, &[]);
    assert_eq!(error_of(&mut instance), None);
    assert_eq!(heard[0][31..], expected[..24_000 - 31]);
    assert!(heard[0].iter().any(|sample| sample.abs() > 0.1));
}

#[test]
fn each_parameter_drives_its_own_channel_though_the_shell_would_take_their_names_for_one() {
    if libcsound_is_missing() {
        return;
    }
    assert_eq!(param_id("oscaa"), param_id("oscbB"));
    let export = bells();
    let mut instance = begun(&Host::load(&export.clap).unwrap(), BELLS);
    let set = |key: &str, value| Event::param(0, param_id(key), value);
    heard(&mut instance, 960, &[set("p0001", 0.25), set("p0007", 2.0)]);
    let now = heard(&mut instance, 960, &[]);
    assert_eq!(now[1][959], 200.5);
    assert!(now[0].iter().all(|sample| sample.abs() <= 0.25), "the other one is where it was");
    assert_eq!(instance.value_to_text(param_id("p0003"), 0.5).as_deref(), Some("1 Hz"));
    assert_eq!(instance.value_to_text(param_id("p0007"), 1.0).as_deref(), Some("square"));
    assert_eq!(instance.text_to_value(param_id("p0007"), "sine"), Some(2.0));

    // Saved, and opened again in another instance.
    let state = instance.save_state().unwrap();
    drop(instance);
    let mut again = Instance::new(&Host::load(&export.clap).unwrap(), BELLS).unwrap();
    again.set_offline(true).unwrap();
    again.load_state(&state).unwrap();
    assert_eq!(again.param_value(param_id("p0007")), Some(2.0));
    start(&mut again);
    assert_eq!(heard(&mut again, 960, &[])[1][959], 200.5);
    assert_eq!(again.params().len(), 5);
}

#[test]
fn a_session_moves_from_the_plugin_that_takes_any_piece_to_the_export_of_its_piece() {
    if libcsound_is_missing() {
        return;
    }
    let export = bells();
    let piece = export.clap.with_file_name("piece.csd");
    let text = std::fs::read_to_string(&piece).unwrap().replace("\"values.txt\"", "\"nothing.txt\"");
    let mut session = Session { at_end: AtEnd::Keep, ..Session::from_csd("old.csd", text) };
    let channel = |name: &str, value| test_host::session::Channel {
        name: name.into(),
        min: 0.0,
        max: 4.0,
        value: Some(value),
        position: value / 4.0,
    };
    session.channels = vec![channel("another", 1.0), channel("oscbB", 1.5), channel("oscaa", 0.5)];
    let mut moved = Instance::new(&Host::load(&export.clap).unwrap(), BELLS).unwrap();
    moved.set_offline(true).unwrap();
    moved.load_state(&session.state().unwrap()).unwrap();
    assert_eq!(moved.param_value(param_id("p0001")), Some(0.75));
    assert_eq!(moved.param_value(param_id("p0003")), Some(0.25));
    start(&mut moved);
    // The export's own piece, with the session's values.
    assert_eq!(heard(&mut moved, 960, &[])[1][959], 1.5);
    assert_eq!(error_of(&mut moved), None);
    assert_eq!(moved.latency(), 31);
    // How it is performed moves as well, though this host has no parameter for it, and is saved again.
    session.timing = Timing::Immediate;
    moved.load_state(&session.state().unwrap()).unwrap();
    for _ in 0..2 {
        let state = moved.save_state().unwrap();
        assert_eq!(moved.params().len(), 5);
        moved = Instance::new(&Host::load(&export.clap).unwrap(), BELLS).unwrap();
        moved.set_offline(true).unwrap();
        moved.load_state(&state).unwrap();
        start(&mut moved);
        assert_eq!((moved.latency(), heard(&mut moved, 960, &[])[1][959]), (0, 1.5));
    }
}

#[test]
fn exports_and_the_plugin_that_takes_any_piece_play_in_one_host() {
    if libcsound_is_missing() {
        return;
    }
    let (bells, half) = (bells(), half());
    let (one, two, any) =
        (Host::load(&bells.clap).unwrap(), Host::load(&half.clap).unwrap(), Host::load(plugin()).unwrap());
    let ids = |host: &Host| host.plugins().into_iter().map(|plugin| plugin.id).collect::<Vec<_>>();
    assert_eq!(ids(&one), [BELLS]);
    assert_eq!(ids(&two), ["org.example.half"]);
    assert_eq!(ids(&any), [INSTRUMENT, EFFECT]);
    let mut bells = begun(&one, BELLS);
    let mut half = begun(&two, "org.example.half");
    let text = crate::common::csd("", super::HEADER, "instr 1\na1 = 0.125\nouts a1, a1\nendin\n", "i 1 0 9");
    let state = Session { at_end: AtEnd::Keep, ..Session::from_csd("any.csd", text) }.state().unwrap();
    let mut any = playing(&any, INSTRUMENT, &state, 512);
    for _ in 0..4 {
        heard(&mut bells, 480, &[]);
        assert!(heard(&mut bells, 480, &[])[0].iter().any(|sample| *sample != 0.0));
        let input = [vec![0.5_f32; 480], vec![0.5; 480]];
        let input: Vec<_> = input.iter().map(Vec::as_slice).collect();
        let block = Block { frames: 480, input: &input, ..Block::default() };
        half.process(block).unwrap();
        let block = Block { frames: 480, input: &input, ..Block::default() };
        assert_eq!(half.process(block).unwrap().output[0][479], 0.25);
        heard(&mut any, 480, &[]);
        assert_eq!(heard(&mut any, 480, &[])[0][479], 0.125);
    }
    assert_eq!(half.param_value(param_id("p0001")), Some(0.5), "it begins where the manifest says");
}
