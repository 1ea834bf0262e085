//! An exported effect with a sidechain, in a CLAP and in a VST3 host: each channel equal to what the csound command makes
//! of the same sound.

use csound_export::Kind;

use super::clap::begun;
use super::exporter::Bench;
use crate::buses::vst3::heard as heard_in_vst3;
use crate::buses::{KSMPS, assert_equal, instances, noise, piece, reference};
use crate::common::vst3::{Gives, Instance, Module, program};
use crate::common::{libcsound_is_missing, oracle_is_missing};

#[test]
fn an_exported_effect_makes_of_a_sound_what_csound_makes_of_it() {
    if libcsound_is_missing() || oracle_is_missing() {
        return;
    }
    let given = noise(4);
    let reference = reference(&given, 2);
    let bench = Bench::new(&[("both.csd", &piece(4, 2))]);
    bench.export(&["piece/both.csd", "-o", "out", "--id", "org.example.both"]);
    assert_eq!(bench.manifest("out/both").kind, Kind::Effect);

    let mut clap = begun(&bench.host("out/both/both.clap"), "org.example.both");
    assert_eq!(clap.latency() as usize, KSMPS - 1);
    let heard = instances::heard(&mut clap, &given[..2], &given[2..]);
    assert_equal(&heard, KSMPS - 1, &reference, "CLAP");

    let module = Module::load(&program(&bench.at("out/both.vst3")));
    let mut vst3 = Instance::new(&module, module.classes()[0].id, Gives::Nothing);
    vst3.activate();
    assert_eq!((vst3.widths(true), vst3.widths(false)), (vec![2, 2], vec![2]));
    let heard = heard_in_vst3(&vst3, &[2, 2], &[2], &given);
    assert_equal(&heard, vst3.latency(), &reference, "VST3");
}
