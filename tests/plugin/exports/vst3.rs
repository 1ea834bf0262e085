//! In a VST3 host.

use super::{bells, half};
use crate::common::libcsound_is_missing;
use crate::common::vst3::{Gives, Instance, Module, program};
use test_host::host::param_id;

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
