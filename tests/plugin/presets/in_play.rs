//! Presets that a host loads while the piece plays: nothing is heard but what they set, and no click. In a CLAP host a
//! preset of ours moves channels and the piece plays on; a host's own preset is a state, with which the piece begins
//! anew, faded in over what played.

use serde_json::json;
use test_host::host::Answer;
use test_host::session::{AtEnd, Channel, Session};

use crate::common::bench::{Bench, KSMPS, header};
use crate::common::{csd, libcsound_is_missing};

/// On the left a tone whose level is a channel, smoothed by the piece; on the right one that no channel moves.
const TONES: &str = "chn_k \"level\", 1, 2, 0.25, 0, 1\n\
    instr 1\nklevel chnget \"level\"\nksmooth port klevel, 0.01, 0.25\nalevel interp ksmooth, 0, 1, 0.25\n\
    aleft oscili alevel, 110\naright oscili 0.5, 330\nouts aleft, aright\nendin\n";

/// The largest steps from sample to sample that the tones themselves make: a sine of that level at its steepest, and the
/// smoothing, of which a k-cycle moves a twentieth of the way.
const STEPS: [f32; 2] = [0.0145 + 0.05 / KSMPS as f32, 0.0217];

/// Blocks of 480 frames before a preset is loaded: neither tone is where it began.
const BLOCKS: usize = 9;

/// Frames in which another engine is faded in.
const FADE: usize = 480;

fn largest_step(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

fn loudest(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |most, sample| most.max(sample.abs()))
}

fn tones() -> Session {
    let text = csd("", &header(KSMPS), TONES, "i 1 0 3600");
    Session { at_end: AtEnd::Keep, ..Session::from_csd("tones.csd", text) }
}

/// The same with another level.
fn tones_at(level: f64) -> Session {
    let level = Channel { name: "level".to_owned(), min: 0.0, max: 1.0, value: Some(level), position: level };
    Session { channels: vec![level], ..tones() }
}

/// Blocks one after the other, as one sound of two channels.
fn played(blocks: usize, mut block: impl FnMut() -> [Vec<f32>; 2]) -> [Vec<f32>; 2] {
    let mut heard = [Vec::new(), Vec::new()];
    for _ in 0..blocks {
        for (heard, now) in heard.iter_mut().zip(block()) {
            heard.extend(now);
        }
    }
    heard
}

fn of_bench(bench: &mut Bench, blocks: usize) -> [Vec<f32>; 2] {
    played(blocks, || bench.block(480, &[]).output.try_into().unwrap())
}

#[test]
fn a_preset_that_a_clap_host_loads_makes_no_click_and_what_it_does_not_set_plays_on() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let preset = folder.path().join("Loud.csdpreset");
    let loud = json!({ "csound_performer_preset": 1, "name": "Loud", "channels": { "level": 1.0 } });
    std::fs::write(&preset, loud.to_string()).unwrap();
    let (mut bench, mut twin) = (Bench::new(&tones()), Bench::new(&tones()));
    let mut heard = of_bench(&mut bench, BLOCKS);
    assert_eq!(bench.instance.load_preset(Some(&preset), None).unwrap(), [Answer::Loaded]);
    for (heard, now) in heard.iter_mut().zip(of_bench(&mut bench, 20)) {
        heard.extend(now);
    }
    assert!(
        (loudest(&heard[0][..BLOCKS * 480]) - 0.25).abs() < 1e-3 && loudest(&heard[0][9600..]) > 0.99,
        "it is heard"
    );
    for (channel, most) in heard.iter().zip(STEPS) {
        assert!(largest_step(channel) < most, "{}", largest_step(channel));
    }
    let [_, right] = of_bench(&mut twin, BLOCKS + 20);
    assert!(heard[1] == right, "to the last bit as if nothing had been loaded");
}

#[test]
fn a_state_that_a_clap_host_loads_fades_in_without_a_click() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&tones());
    let before = of_bench(&mut bench, BLOCKS);
    bench.instance.load_state(&tones_at(1.0).state().unwrap()).unwrap();
    let after = of_bench(&mut bench, 20);
    let fresh = of_bench(&mut Bench::new(&tones_at(1.0)), 20);
    assert_faded(&before, &after, &fresh);
}

/// Asserts that a state has come without a click, as in an instance that began with it.
fn assert_faded(before: &[Vec<f32>; 2], after: &[Vec<f32>; 2], fresh: &[Vec<f32>; 2]) {
    assert!((loudest(&before[0]) - 0.25).abs() < 1e-3 && loudest(&after[0]) > 0.99, "it is heard");
    for (channel, most) in [0, 1].into_iter().zip(STEPS) {
        let heard = [&before[channel][..], &after[channel]].concat();
        // While one fades into the other, each frame moves a part of the way between the two.
        let of_fade = (loudest(&heard) + 0.5) / FADE as f32;
        assert!(largest_step(&heard) < most + of_fade, "{}", largest_step(&heard));
        let late = 3 * FADE;
        assert!(
            after[channel][late..] == fresh[channel][late..],
            "channel {channel}: as it begins elsewhere"
        );
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod in_vst3_host {
    use serde_json::Value;

    use super::*;
    use crate::common::bench::{session, slots, state_with};
    use crate::common::vst3::{Gives, INSTRUMENT, Instance, Module, plugin};

    /// What a host takes of a preset's file: the state of the component.
    fn chunk(preset: &[u8]) -> &[u8] {
        const HEAD: usize = 48;
        let end = u64::from_le_bytes(preset[40..HEAD].try_into().unwrap()) as usize;
        &preset[HEAD..end]
    }

    /// An instance that performs what a preset says.
    fn playing(session: &Session) -> Instance {
        let mut instance = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Instance);
        load(&instance, session);
        instance.activate();
        instance
    }

    fn load(instance: &Instance, session: &Session) {
        instance.load(chunk(&test_host::vstpreset::of_instrument(session).unwrap()));
    }

    fn of_instance(instance: &Instance, blocks: usize) -> [Vec<f32>; 2] {
        played(blocks, || instance.moved(480, &[]))
    }

    #[test]
    fn a_vstpreset_that_a_host_loads_fades_in_without_a_click() {
        if libcsound_is_missing() {
            return;
        }
        let instance = playing(&tones());
        let before = of_instance(&instance, BLOCKS);
        load(&instance, &tones_at(1.0));
        let after = of_instance(&instance, 20);
        assert_faded(&before, &after, &of_instance(&playing(&tones_at(1.0)), 20));
    }

    #[test]
    fn a_level_that_a_vstpreset_does_not_move_stays_where_it_is() {
        if libcsound_is_missing() {
            return;
        }
        let levels = "chn_k \"level\", 1, 2, 0.25, 0, 1\n\
            instr 1\nklevel chnget \"level\"\naleft upsamp klevel\naright init 0.5\nouts aleft, aright\nendin\n";
        let at = |level: f64| {
            let text = csd("", &header(KSMPS), levels, "i 1 0 3600");
            let channels = tones_at(level).channels;
            Session { at_end: AtEnd::Keep, channels, ..Session::from_csd("levels.csd", text) }
        };
        let instance = playing(&at(0.25));
        of_instance(&instance, 2);
        load(&instance, &at(0.75));
        let [left, right] = of_instance(&instance, 4);
        assert!(right.iter().all(|sample| (sample - 0.5).abs() < 1e-6));
        // On its way there it goes in one direction, in steps of a fade.
        assert!(left.windows(2).all(|pair| (0.0..2.0 / FADE as f32).contains(&(pair[1] - pair[0] + 1e-6))));
        assert_eq!((left[0], left[1919]), (0.25, 0.75));
    }

    /// A state in which every parameter and all that a session keeps is otherwise than in a new instance.
    fn with_everything() -> Vec<u8> {
        let text = csd(
            "",
            &header(KSMPS),
            "instr 7, bell\nSwords chnget \"words\"\nouts a(0.5), a(0.5)\nendin\n",
            "",
        );
        let piece = Session { channels: tones_at(0.75).channels, ..Session::from_csd("whole.csd", text) };
        let new = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Nothing).save();
        let new: Value = serde_json::from_slice(&new).unwrap();
        let words = json!({ "note_mode": "score", "at_end": "loop", "sync": "host", "timing": "immediate",
            "sample_accurate": "on", "record_bits": "16" });
        let state = state_with(&piece, |params, own| {
            for (id, value) in new["params"].as_object().unwrap() {
                params[id] = match value.as_object().unwrap().iter().next().unwrap() {
                    (kind, Value::Bool(on)) => json!({ kind: !on }),
                    (kind, Value::String(_)) => json!({ kind: words[id] }),
                    (kind, value) if kind == "i32" => json!({ kind: value.as_i64().unwrap() + 3 }),
                    (kind, value) => json!({ kind: value.as_f64().unwrap() + 0.375 }),
                };
                assert_ne!(params[id], *value, "{id}");
            }
            own["events"] = slots("i 7 0 1", true);
            own["triggers"] = json!([{ "slot": 3, "kind": "note", "channel": 2, "number": 60 }]);
            own["controllers"] = json!([{ "name": "level", "channel": 3, "controller": 21 }]);
            own["note_instrument"] = "bell".into();
            own["score_start"] = json!(0.375);
            own["recording_folder"] = "/gone/takes".into();
            own["channel_texts"] = json!({ "words": "d\u{e4}mmerung" });
            own["channel_defaults"] = false.into();
            own["compile_limit"] = json!(5.0);
            own["program_channel"] = json!(17);
            own["mpe"] = true.into();
            own["tuning"] = json!({ "scale": { "name": "a.scl", "text": "a\n1\n2/1\n" } });
            own["editor"] = json!({ "tab": "source" });
        });
        state[size_of::<u64>()..].to_vec()
    }

    #[test]
    fn a_hosts_own_preset_recalls_everything_in_a_playing_instance() {
        if libcsound_is_missing() {
            return;
        }
        let mut first = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Nothing);
        first.load(&with_everything());
        first.activate();
        of_instance(&first, 4);
        let saved = first.save();
        let as_json = |bytes: &[u8]| {
            let whole: Value = serde_json::from_slice(bytes).unwrap();
            let own: Value = serde_json::from_str(whole["fields"]["session"].as_str().unwrap()).unwrap();
            (whole["params"].clone(), own)
        };
        let (params, own) = as_json(&saved);
        let (given, given_own) = as_json(&with_everything());
        for (id, value) in given.as_object().unwrap() {
            assert_eq!(params[id], *value, "{id}");
        }
        for (name, value) in given_own.as_object().unwrap().iter().filter(|(name, _)| *name != "channels") {
            assert_eq!(own[name], *value, "{name}");
        }
        // Into an instance that plays something else.
        let mut second = playing(&session());
        of_instance(&second, 4);
        second.load(&saved);
        // Another latency begins with the host's restart.
        second.deactivate();
        second.activate();
        of_instance(&second, 4);
        let (now, now_own) = as_json(&second.save());
        assert_eq!(now, params);
        assert_eq!(now_own, own);
        for (one, other) in first.params().iter().zip(second.params()) {
            assert_eq!((one, first.value(one.id)), (&other, second.value(other.id)), "as the host reads it");
        }
    }
}
