//! Loaded sessions: they set how a performance begins and send no command, whatever plays before.

use std::path::PathBuf;

use serde_json::{Value, json};
use test_host::host::{Event, Host, INSTRUMENT, Instance, param_id};
use test_host::session::Session;

use crate::common::bench::{Bench, KSMPS, header, session, slots, state_with};
use crate::common::{alone, csd, libcsound_is_missing, pieces, plugin};

/// Frames in which another engine is faded in.
const FADE: usize = 1440;

/// How the instance stands that a session is loaded into.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Playing,
    Paused,
    Ended,
    Nothing,
}

/// What is heard of a session from its beginning, after the frames of a fade.
fn heard(bench: &mut Bench) -> Vec<Vec<f32>> {
    bench.play(FADE);
    let mut heard = vec![Vec::new(); 2];
    for _ in 0..8 {
        for (heard, now) in heard.iter_mut().zip(bench.block(480, &[]).output) {
            heard.extend(now);
        }
    }
    heard
}

#[test]
fn every_parameter_is_restored_in_every_state_and_sends_no_command() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let base = state_with(&session(), |_, own| {
        own["events"] = slots("i 2 0 1 0.5", false);
        own["recording_folder"] = folder.path().to_str().into();
    });
    let empty = state_with(&session(), |_, own| own["piece"] = Value::Null);
    let mut scratch = Instance::new(&Host::load(plugin()).unwrap(), INSTRUMENT).unwrap();
    // A state as a host saves it, with parameters at a value.
    let mut with = |base: &[u8], ids: &[u32], value: f64| {
        scratch.load_state(base).unwrap();
        let events: Vec<_> = ids.iter().map(|id| Event::param(0, *id, value)).collect();
        scratch.flush(&events).unwrap();
        let saved: Vec<_> = ids.iter().map(|id| scratch.param_value(*id).unwrap()).collect();
        (scratch.save_state().unwrap(), saved)
    };
    let mut loaded: Vec<(Before, Bench)> = [Before::Playing, Before::Paused, Before::Ended, Before::Nothing]
        .map(|before| (before, Bench::with_state(&base)))
        .into();
    let params = loaded[0].1.instance.params();
    // Each alone, but the slots and the channels, which are all alike.
    let alike = |module: &'static str| {
        let rows = params.iter().filter(move |param| param.module == module);
        rows.map(|param| param.id).collect::<Vec<_>>()
    };
    let (events, channels) = (alike("Events"), alike("Channels"));
    assert_eq!((events.len(), channels.len()), (16, 128));
    let mut restored = 0;
    for param in &params {
        let ids = match param.id {
            id if id == events[1] => events.clone(),
            id if id == channels[1] => channels.clone(),
            id if events[1..].contains(&id) || channels[1..].contains(&id) => continue,
            id => vec![id],
        };
        // Csound takes seconds to skip a day of k-cycles.
        let most = if param.id == param_id("offset") { 0.01 } else { 1.0 };
        let mut values = vec![param.min, param.min + (param.max - param.min) * most, param.default];
        values.sort_by(f64::total_cmp);
        values.dedup();
        for value in values {
            let (state, saved) = with(&base, &ids, value);
            let values = |bench: &mut Bench| -> Vec<f64> {
                ids.iter().map(|id| bench.instance.param_value(*id).unwrap()).collect()
            };
            let said = format!("{} at {value}", param.name);
            let mut fresh = Bench::with_state(&state);
            let expected = heard(&mut fresh);
            assert!(expected[1].iter().all(|sample| *sample == 0.0), "{said}: no slot is sent");
            assert_eq!(values(&mut fresh), saved, "{said}");
            for (before, bench) in &mut loaded {
                if *before == Before::Nothing {
                    bench.instance.load_state(&with(&empty, &ids, value).0).unwrap();
                    bench.play(960);
                    let heard = bench.block(480, &[]).output;
                    assert!(heard.iter().flatten().all(|sample| *sample == 0.0), "{said}: nothing performs");
                } else {
                    bench.instance.load_state(&base).unwrap();
                    bench.play(480);
                    // Where the latency was another one.
                    bench.instance.settle().unwrap();
                    bench.instance.start().unwrap();
                    bench.play(960);
                    let change = match before {
                        Before::Paused => vec![bench.set(0, "play", 0.0)],
                        Before::Ended => vec![bench.set(0, "stop", 1.0)],
                        _ => Vec::new(),
                    };
                    bench.block(480, &change);
                    bench.instance.load_state(&state).unwrap();
                    let now = heard(bench);
                    // Another latency begins with the host's restart, at another place of the piece.
                    if param.id == param_id("timing") && value > 0.0 {
                        bench.instance.settle().unwrap();
                        bench.instance.start().unwrap();
                        assert!(now[1].iter().all(|sample| *sample == 0.0), "{said}, {before:?}");
                    } else {
                        assert!(now == expected, "{said}, {before:?}: it begins as in a new instance");
                    }
                }
                assert_eq!(values(bench), saved, "{said}, {before:?}");
                restored += ids.len();
            }
        }
    }
    assert!(restored > 4 * 2 * params.len());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is recorded");
}

/// A state whose session is this text.
fn state_of(params: Value, session: &str) -> Vec<u8> {
    test_host::session::wrap(
        &json!({ "version": "0.1.0", "params": params, "fields": { "session": session } }),
    )
}

#[test]
fn a_session_of_the_first_version_loads_as_it_was() {
    if libcsound_is_missing() {
        return;
    }
    // As the first version wrote it: no ranges' kinds, no events, no folder below home.
    let piece = csd(
        "",
        &header(KSMPS),
        "instr 1\nk1 chnget \"level\"\naout upsamp k1\nouts aout, aout\nendin\n",
        "i 1 0 3600",
    );
    let text = format!(
        "{{\"version\":1,\"piece\":{{\"name\":\"old.csd\",\"folder\":null,\"csd\":{}}},\"channel_defaults\":true,\
         \"channels\":[{{\"slot\":7,\"name\":\"level\",\"min\":0.0,\"max\":2.0,\"value\":0.75}}]}}",
        json!(piece)
    );
    let params = json!({
        "timing": { "string": "immediate" }, "sample_accurate": { "string": "piece" },
        "at_end": { "string": "keep" }, "c007": { "f32": 0.375 },
    });
    let mut bench = Bench::with_state(&state_of(params, &text));
    assert_eq!(bench.instance.latency(), 0);
    assert_eq!(bench.play(960)[0][479], 0.75);
    let slot = param_id("c007");
    assert_eq!(bench.instance.param_value(slot), Some(0.375));
    assert_eq!(bench.instance.value_to_text(slot, 0.5).unwrap(), "level 1");
    // What the first version had no word for is as in a new instance.
    assert_eq!(bench.instance.param_value(param_id("play")), Some(1.0));
    assert_eq!(bench.instance.param_value(param_id("event_1")), Some(0.0));
}

#[test]
fn what_a_later_version_adds_is_kept() {
    if libcsound_is_missing() {
        return;
    }
    let state = state_with(&session(), |params, own| {
        params["warp"] = json!({ "f32": 0.5 });
        own["scenes"] = json!([{ "name": "dawn" }]);
        own["piece"]["mood"] = "blue".into();
    });
    let mut bench = Bench::with_state(&state);
    bench.play(960);
    let saved = bench.instance.save_state().unwrap();
    let own = test_host::session::session_of(&saved).unwrap();
    assert_eq!(own["scenes"][0]["name"], "dawn");
    assert_eq!(own["piece"]["mood"], "blue");
    let whole = test_host::session::unwrap(&saved).unwrap();
    assert!(whole["fields"]["kept_parameters"].as_str().unwrap().contains("warp"));
    // It stays so however often it is loaded and saved.
    let mut again = Bench::with_state(&saved);
    assert_eq!(again.instance.save_state().unwrap(), saved);
}

#[test]
fn a_moved_project_finds_its_samples_in_a_folder_that_pieces_may_read() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    std::fs::create_dir_all(project.join("pieces")).unwrap();
    for name in ["sampled.csd", "bell.wav", "bell.inc"] {
        std::fs::copy(pieces().join("oracle").join(name), project.join("pieces").join(name)).unwrap();
    }
    let test = "sessions::a_moved_project_finds_its_samples_in_a_folder_that_pieces_may_read";
    if !alone(test, "CSOUND_PERFORMER_FOLDERS", project.to_str().unwrap()) {
        return;
    }
    let project = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_FOLDERS").unwrap());
    let there = project.join("pieces");
    let file = Session::from_file(&there.join("sampled.csd")).unwrap();
    let mut expected = Bench::new(&file);
    let expected = heard(&mut expected);
    assert!(expected[0].iter().any(|sample| sample.abs() > 0.01));
    let moved = state_with(&file, |_, own| own["piece"]["folder"] = "/gone/project/pieces".into());
    let mut bench = Bench::with_state(&moved);
    assert_eq!(heard(&mut bench), expected);
    let own = test_host::session::session_of(&bench.instance.save_state().unwrap()).unwrap();
    assert_eq!(own["piece"]["folder"], there.to_str().unwrap(), "the session follows");
    let lost = state_with(&file, |_, own| {
        own["piece"]["folder"] = "/gone/project/pieces".into();
        own["piece"]["name"] = "another.csd".into();
    });
    let mut bench = Bench::with_state(&lost);
    let own = test_host::session::session_of(&bench.instance.save_state().unwrap()).unwrap();
    assert_eq!(own["piece"]["folder"], "/gone/project/pieces", "another piece's folder is not taken");
}

#[test]
fn a_session_with_every_limit_at_its_extremes_holds_the_host_no_longer_than_any_other() {
    if libcsound_is_missing() {
        return;
    }
    // It never compiles; the limits and counts say that the host should wait for it, or make room.
    let endless = csd("", "ksmps = 32\nnchnls = 2\nwhile 1 == 1 do\nod\n", "instr 1\nendin\n", "f 0 10");
    let many: Vec<Value> =
        (0..100_000).map(|at| json!({ "slot": at, "name": format!("c{at}"), "max": 1e308 })).collect();
    let host = Host::load(plugin()).unwrap();
    for number in [json!(600.0), json!(1e308), json!(-1e308), json!(0.0), json!(u64::MAX)] {
        let state = state_with(&session(), |_, own| {
            own["piece"]["csd"] = endless.clone().into();
            own["compile_limit"] = number.clone();
            own["score_start"] = number.clone();
            own["channels"] = json!(many);
            own["triggers"] = json!([{ "slot": number, "kind": "key", "channel": 99, "number": 999 }]);
        });
        let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
        // Whether it is taken or refused as a whole is another matter: here the host goes on.
        let _ = instance.load_state(&state);
        instance.activate(48_000.0, 1, 512).unwrap();
        // Nobody has waited for the piece's end, which would stand here.
        let own = test_host::session::session_of(&instance.save_state().unwrap());
        let error = own.as_ref().map_or("", |own| own["error"].as_str().unwrap_or_default());
        assert!(!error.contains("not done after 10 s"), "{number}: {error}");
        instance.start().unwrap();
        instance.play(512).unwrap();
        instance.deactivate();
    }
    // And its end is that of the usual limit, not the session's.
    let state = state_with(&session(), |_, own| {
        own["piece"]["csd"] = endless.clone().into();
        own["compile_limit"] = json!(600.0);
    });
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.load_state(&state).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    let began = std::time::Instant::now();
    loop {
        let own = test_host::session::session_of(&instance.save_state().unwrap()).unwrap();
        if own["error"].as_str().is_some_and(|error| error.contains("not done after 10 s")) {
            break;
        }
        assert!(began.elapsed().as_secs() < 120, "the session's limit holds: {}", own["error"]);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
