//! In a VST3 host.

use super::clap::begun;
use super::{bells, half};
use crate::common::libcsound_is_missing;
use crate::common::vst3::moves::Move;
use crate::common::vst3::{Gives, Instance, Module, program};
use test_host::host::{Block, Event, Host, param_id};

#[test]
fn an_export_is_a_class_of_its_own_with_its_own_parameters() {
    let (bells, half) = (bells(), half());
    let (module, effect) = (Module::load(&program(&bells.vst3)), Module::load(&program(&half.vst3)));
    let classes = module.classes();
    let [class] = &classes[..] else { panic!("{classes:?}") };
    assert_eq!(
        (class.name.as_str(), class.wide_name.as_str(), class.vendor.as_str()),
        ("Bells", "Bells", "Anna")
    );
    assert_eq!((class.version.as_str(), class.subcategories.as_str()), ("1.2.3", "Instrument|Stereo"));
    let others = effect.classes();
    assert_eq!((others.len(), others[0].subcategories.as_str()), (1, "Fx|Stereo"));
    assert_ne!(others[0].id, class.id);
    let instance = Instance::new(&module, class.id, Gives::Nothing);
    let params = instance.params();
    let titles: Vec<_> = params.iter().map(|param| (param.title.as_str(), param.steps)).collect();
    let expected = [("oscaa", 0), ("oscbB", 0), ("W\u{e4}ve \u{1d11e}", 2), ("Gain", 0), ("Bypass", 1)];
    assert_eq!(titles, expected);
    assert_eq!((params[0].units.as_str(), params[0].id), ("Hz", param_id("p0003")));
    assert_eq!(instance.plain(params[0].id, 0.5), 1.0, "in the channel's own unit");
    assert_eq!(instance.plain(params[2].id, 1.0), 2.0);
    assert_eq!(instance.unit(params[1].unit).as_deref(), Some("Two"));
}

#[test]
fn an_export_plays_its_piece_is_saved_and_opened_again() {
    if libcsound_is_missing() {
        return;
    }
    let export = bells();
    let module = Module::load(&program(&export.vst3));
    let class = module.classes()[0].id;
    let mut instance = Instance::new(&module, class, Gives::Nothing);
    instance.set(param_id("p0003"), 0.75);
    instance.activate();
    let heard: Vec<f32> = (0..20).flat_map(|_| instance.block(480)).collect();
    assert!(heard[4800..].iter().all(|sample| (1.2..=1.8).contains(sample)), "the channel is at 1.5");
    let state = instance.save();
    drop(instance);
    let mut again = Instance::new(&module, class, Gives::Nothing);
    again.load(&state);
    assert_eq!(again.value(param_id("p0003")), 0.75);
    again.activate();
    let heard: Vec<f32> = (0..20).flat_map(|_| again.block(480)).collect();
    assert!(heard[4800..].iter().all(|sample| (1.2..=1.8).contains(sample)));
}

/// What a host's lanes do, by blocks of 480 frames: the frame, the parameter, its position.
const LANES: [&[(u32, &str, f64)]; 5] = [
    &[(0, "p0003", 0.5), (31, "p0001", 0.25)],
    &[],
    &[(1, "p0001", 0.5), (240, "p0001", 0.75), (250, "p0007", 1.0), (479, "p0003", 0.0)],
    &[(100, "p0003", 1.0), (101, "p0003", 0.125), (479, "p0007", 0.0)],
    &[(33, "p0001", 0.0)],
];

#[test]
fn lanes_move_an_exports_channels_at_their_frames_as_in_a_clap_host() {
    if libcsound_is_missing() {
        return;
    }
    let export = bells();
    let module = Module::load(&program(&export.vst3));
    let mut instance = Instance::new(&module, module.classes()[0].id, Gives::Nothing);
    instance.activate();
    let mut other = begun(&Host::load(&export.clap).unwrap(), "org.example.bells");
    // Where a CLAP host says 2, the third of three steps, a VST3 host says 1.
    let plain = |name: &str, position: f64| if name == "p0007" { 2.0 * position } else { position };
    let mut loudest = [0.0f32; 2];
    for lanes in LANES.into_iter().chain([[].as_slice(); 3]) {
        let moves: Vec<Move> = lanes
            .iter()
            .map(|(frame, name, position)| Move { frame: *frame, id: param_id(name), position: *position })
            .collect();
        let events: Vec<Event> = lanes
            .iter()
            .map(|(frame, name, position)| Event::param(*frame, param_id(name), plain(name, *position)))
            .collect();
        let heard = instance.moved(480, &moves);
        let block = Block { frames: 480, events: &events, ..Block::default() };
        assert!(heard[..] == other.process(block).unwrap().output[..2], "{lanes:?}");
        for (loudest, heard) in loudest.iter_mut().zip(&heard) {
            *loudest = heard.iter().fold(*loudest, |most, sample| most.max(*sample));
        }
    }
    // Each of the two is heard on a side of its own, though the shell would take their names for one.
    assert!(loudest[0] > 1.0 && loudest[1] > 201.0, "{loudest:?}");
    assert_eq!([instance.value(param_id("p0003")), instance.value(param_id("p0001"))], [0.125, 0.0]);
}
