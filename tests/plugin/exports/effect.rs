//! An exported effect with a sidechain, in a CLAP and in a VST3 host: each channel equal to what the csound command makes
//! of the same sound, and to what it made before its project was saved and opened again.

use std::time::{Duration, Instant};

use csound_export::Kind;
use test_host::host::param_id;
use test_host::session::session_of;

use super::HEADER;
use super::clap::begun;
use super::either::{Either, Loaded};
use super::exporter::Bench;
use crate::buses::vst3::heard as heard_in_vst3;
use crate::buses::{KSMPS, assert_equal, instances, noise, piece, reference};
use crate::common::vst3::{Gives, Instance, Mode, Module, program};
use crate::common::{csd, libcsound_is_missing, oracle_is_missing};

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

/// An effect that keeps the level it has while it learns, as data of its own: it gives the main input at that level, and
/// the sidechain at the present one.
fn learner() -> String {
    let body = "chn_k \"level\", 1, 2, 0.5, 0, 1\nchn_k \"learn\", 1, 2, 0, 0, 1\n\
        instr 1\nklevel chnget \"level\"\nklearn chnget \"learn\"\n\
        if klearn > 0.5 then\ncabbageSetStateValue \"learned\", klevel\nendif\n\
        klearned cabbageGetStateValue \"learned\"\nain1 inch 1\nain2 inch 2\nain3 inch 3\nain4 inch 4\n\
        outs ain1 * klearned + ain3 * klevel, ain2 * klearned + ain4 * klevel\nendin\n";
    let text = csd("", &format!("{HEADER}nchnls_i = 4\n"), body, "i 1 0 3600");
    format!("<Cabbage>\nform size(90, 90)\n</Cabbage>\n{text}")
}

/// Its state, once that holds what the piece has learned: the piece performs elsewhere, and tells it in its time.
fn saved_with_data(instance: &mut Either) -> Vec<u8> {
    let began = Instant::now();
    loop {
        let state = instance.save();
        let widgets = session_of(&state).unwrap()["widgets"].to_string();
        if widgets.contains("learned") && widgets.contains("0.75") {
            return state;
        }
        assert!(began.elapsed() < Duration::from_secs(240), "not in the state: {widgets}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_exported_effect_that_is_saved_and_opened_again_has_its_values_and_its_pieces_data_and_sounds_the_same()
{
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("learner.csd", &learner())]);
    bench.export(&["piece/learner.csd", "-o", "out", "--id", "org.example.learner"]);
    let manifest = bench.manifest("out/learner");
    assert_eq!(manifest.kind, Kind::Effect);
    let channels: Vec<_> = manifest.parameters.iter().map(|found| found.channel.as_str()).collect();
    assert_eq!(channels, ["level", "learn"]);
    let [level, learn] = [0, 1].map(|place| param_id(&manifest.parameters[place].id()));
    let gain = param_id("gain");

    let given = noise(4);
    // 0.75 as it has learned, and 0.25 as it is now.
    let mix = |main: f32, side: f32| (f64::from(main) * 0.75 + f64::from(side) * 0.25) as f32;
    let expected: Vec<Vec<f32>> = [0, 1]
        .map(|side| given[side].iter().zip(&given[side + 2]).map(|(a, b)| mix(*a, *b)).collect())
        .into();
    for loaded in Loaded::both(&bench.at("out/learner/learner.clap"), &bench.at("out/learner.vst3")) {
        let mut first = loaded.instance();
        first.begin(Mode::Offline);
        first.set(level, 0.75);
        first.set(learn, 1.0);
        first.made_of(&given);
        first.set(learn, 0.0);
        first.made_of(&given);
        first.set(level, 0.25);
        first.made_of(&given);
        let latency = first.latency();
        let heard = first.made_of(&given);
        let expected: Vec<_> =
            expected.iter().map(|side| side[..heard[0].len() - latency].to_vec()).collect();
        assert_equal(&heard, latency, &expected, "as it has learned");
        // The output's own value goes with it.
        first.set(gain, 0.6);
        first.made_of(&given);
        let before = first.made_of(&given);
        assert_ne!(before[0][latency + 100], expected[0][100]);
        let values = [level, learn, gain].map(|id| first.value(id));
        let state = saved_with_data(&mut first);
        drop(first);

        let mut again = loaded.instance();
        again.load(&state);
        assert_eq!([level, learn, gain].map(|id| again.value(id)), values);
        again.begin(Mode::Offline);
        assert_eq!(again.latency(), latency);
        let after = again.made_of(&given);
        assert_eq!(again.error(), None);
        let before: Vec<_> = before.into_iter().map(|channel| channel[latency..].to_vec()).collect();
        assert_equal(&after, latency, &before, "opened again, from its first frame on");
    }
}
