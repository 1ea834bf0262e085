//! The plugin's life in a real CLAP host: scanning, state, another piece, another rate, offline, many at once.

use test_host::host::{Block, EFFECT, INSTRUMENT, Instance};
use test_host::session::{self, Session};

use super::{error_of, header, host, keys, session};
use crate::common::{Random, alone, csd, csound_is_missing, onset, perform, pieces, playing};

#[test]
fn scanning_loads_no_csound_and_names_both_plugins() {
    if !alone("life::scanning_loads_no_csound_and_names_both_plugins", "UNUSED", "") {
        return;
    }
    let host = host();
    let names: Vec<_> = host.plugins().into_iter().map(|plugin| plugin.name).collect();
    assert_eq!(names, ["Csound Performer", "Csound Performer FX"]);
    for id in [INSTRUMENT, EFFECT] {
        let mut instance = Instance::new(&host, id).unwrap();
        assert!(instance.params().len() > 128);
        instance.save_state().unwrap();
    }
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(!maps.contains("libcsound"), "scanning loaded libcsound");
    #[cfg(target_os = "linux")]
    {
        use test_host::measure::usage::{engines, nurseries};

        assert!(engines().is_empty() && nurseries().is_empty(), "scanning started a process");
    }
}

#[test]
fn without_libcsound_it_loads_stays_silent_and_says_why() {
    let test = "life::without_libcsound_it_loads_stays_silent_and_says_why";
    if !alone(test, "CSOUND_PERFORMER_LIBCSOUND", "/nowhere/libcsound64.so") {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 1 0.5").state().unwrap(), 512);
    let heard = perform(&mut instance, 4800, 512);
    assert_eq!(heard, vec![0.0; 4800]);
    let error = error_of(&mut instance).unwrap();
    assert!(error.contains("/nowhere/libcsound64.so") && error.contains("Install it ("), "{error}");
}

#[test]
fn a_saved_state_comes_back_without_its_file_and_renders_the_same() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let piece = Session::from_file(&pieces().join("oracle/tones.csd")).unwrap();
    let mut first = playing(&host, INSTRUMENT, &piece.state().unwrap(), 512);
    let heard = perform(&mut first, 24_000, 512);
    assert!(onset(&heard).is_some());
    let saved = first.save_state().unwrap();
    drop(first);
    let mut second = playing(&host, INSTRUMENT, &saved, 512);
    assert_eq!(perform(&mut second, 24_000, 512), heard);
    assert_eq!(second.save_state().unwrap(), saved);
}

#[test]
fn a_broken_state_changes_nothing_and_reports() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let good = keys(32, "i 2 0 100 0.5").state().unwrap();
    let mut instance = playing(&host, INSTRUMENT, &good, 512);
    perform(&mut instance, 480, 480);
    let whole = session::unwrap(&good).unwrap();
    let mut future = whole.clone();
    future["fields"]["session"] = r#"{"version":99,"piece":{"name":"x.csd","csd":"y"}}"#.into();
    let mut damaged = whole.clone();
    damaged["fields"]["session"] = r#"{"version":1,"piece":"#.into();
    let mut empty = whole;
    empty["fields"] = serde_json::json!({});
    for broken in [&future, &damaged, &empty] {
        instance.load_state(&session::wrap(broken)).unwrap();
        let heard = perform(&mut instance, 4800, 480);
        assert!(heard.iter().all(|sample| *sample == 0.5), "the piece plays on");
        assert!(error_of(&mut instance).unwrap().contains("nothing was changed"));
    }
    // Bytes that are no JSON never reach the plugin: the host itself is told that loading failed.
    for cut in [0, 1, 8, 9, good.len() / 2, good.len() - 1] {
        assert!(instance.load_state(&good[..cut]).is_err(), "{cut} bytes");
        assert!(perform(&mut instance, 960, 480).iter().all(|sample| *sample == 0.5));
    }
    instance.load_state(&good).unwrap();
    perform(&mut instance, 4800, 480);
    assert_eq!(error_of(&mut instance), None);
}

#[test]
fn a_piece_that_fails_leaves_the_last_good_one_playing_and_says_why() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 100 0.5").state().unwrap(), 512);
    assert!(perform(&mut instance, 4800, 480)[480..].iter().all(|sample| *sample == 0.5));
    let bad = session(csd("", &header(32), "instr 1\na1 oscilly 1, 2\nendin", ""));
    instance.load_state(&bad.state().unwrap()).unwrap();
    assert!(perform(&mut instance, 9600, 480).iter().all(|sample| *sample == 0.5));
    let error = error_of(&mut instance).unwrap();
    assert!(error.contains("test.csd") && error.contains("oscilly"), "{error}");
    // Saved like this and opened again, the last good piece plays: nothing is lost.
    let saved = instance.save_state().unwrap();
    let mut again = playing(&host, INSTRUMENT, &saved, 512);
    assert!(perform(&mut again, 4800, 480)[480..].iter().all(|sample| *sample == 0.5));
    assert!(
        session::session_of(&again.save_state().unwrap()).unwrap()["piece"]["csd"]
            .as_str()
            .unwrap()
            .contains("oscilly")
    );
}

#[test]
fn another_piece_is_faded_in_over_ten_milliseconds_without_a_step() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 100 0.5").state().unwrap(), 512);
    perform(&mut instance, 4800, 480);
    instance.load_state(&keys(32, "i 2 0 100 -0.5").state().unwrap()).unwrap();
    let heard = perform(&mut instance, 48_000, 480);
    assert_eq!((heard[0], heard[47_999]), (0.5, -0.5));
    let steepest = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest <= 1.01 / 480.0, "a step of {steepest}");
    let fading = heard.iter().filter(|sample| sample.abs() < 0.499).count();
    assert!((470..=480).contains(&fading), "{fading} frames");
}

#[test]
fn another_ksmps_takes_over_with_its_latency_when_the_host_restarts_us() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 100 0.5").state().unwrap(), 512);
    assert_eq!(instance.latency(), 31);
    perform(&mut instance, 4800, 480);
    instance.load_state(&keys(100, "i 2 0 100 0.25").state().unwrap()).unwrap();
    assert!(perform(&mut instance, 960, 480).iter().all(|sample| *sample == 0.5), "the old one plays on");
    instance.idle();
    assert!(instance.wants_restart());
    instance.restart().unwrap();
    instance.settle().unwrap();
    assert_eq!(instance.latency(), 99);
    assert_eq!(perform(&mut instance, 960, 480)[480], 0.25);
}

#[test]
fn a_host_that_never_restarts_us_hears_the_new_ksmps_after_a_second() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 100 0.5").state().unwrap(), 512);
    perform(&mut instance, 480, 480);
    instance.load_state(&keys(100, "i 2 0 100 0.25").state().unwrap()).unwrap();
    let heard = perform(&mut instance, 96_000, 480);
    assert_eq!((heard[40_000], heard[95_000]), (0.5, 0.25));
    assert_eq!(instance.latency(), 99);
}

#[test]
fn deactivating_keeps_the_position() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    // The level tells the time: a ramp of one a second.
    let ramp = "instr 2\na1 line 0, 10, 10\nouts a1, a1\nendin\n";
    let state = session(csd("", &header(1), ramp, "i 2 0 10")).state().unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.load_state(&state).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.start().unwrap();
    let heard = perform(&mut instance, 24_000, 480);
    assert!((heard[23_999] - 0.5).abs() < 1e-3, "{}", heard[23_999]);
    instance.stop().unwrap();
    instance.deactivate();
    instance.activate(48_000.0, 1, 256).unwrap();
    instance.start().unwrap();
    let heard = perform(&mut instance, 24_000, 240);
    assert!(
        (heard[0] - 0.5).abs() < 1e-3 && (heard[23_999] - 1.0).abs() < 1e-3,
        "{} {}",
        heard[0],
        heard[23_999]
    );
}

#[test]
fn another_rate_goes_on_at_the_same_score_time() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    // A note every tenth of a second, its level its number in hundredths.
    let score: String = (0..100)
        .map(|note| format!("i 2 {} 0.1 {}\n", f64::from(note) / 10.0, f64::from(note) / 100.0))
        .collect();
    let state = keys(32, &score).state().unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.load_state(&state).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.start().unwrap();
    let heard = perform(&mut instance, 26_400, 480);
    assert_eq!(heard[26_399], 0.05, "0.55 s");
    instance.stop().unwrap();
    instance.deactivate();
    instance.activate(96_000.0, 1, 512).unwrap();
    instance.start().unwrap();
    let heard = perform(&mut instance, 24_000, 480);
    // A note that began before is not begun again; the one at 0.6 s comes 0.05 s later.
    let began = onset(&heard).unwrap();
    assert_eq!(heard[began + 10], 0.06);
    assert!((4_600..5_100).contains(&began), "{began}");
    assert_eq!(heard[began + 9_700], 0.07);
}

#[test]
fn going_offline_begins_the_bounce_at_the_start_of_the_piece() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let state = keys(32, "i 2 0 0.5 0.5").state().unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.load_state(&state).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    perform(&mut instance, 36_000, 480);
    instance.stop().unwrap();
    instance.deactivate();
    instance.set_offline(true).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let latency = instance.latency() as usize;
    let heard = perform(&mut instance, 4800, 480);
    assert_eq!(onset(&heard), Some(latency));
}

#[test]
fn twenty_instances_come_and_go_in_any_order_while_others_play() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let state = keys(32, "i 2 0 100 0.5").state().unwrap();
    let mut instances: Vec<Option<Instance>> =
        (0..20).map(|_| Some(playing(&host, INSTRUMENT, &state, 512))).collect();
    let mut random = Random::new(1);
    for round in 0..120 {
        let at = random.below(20);
        instances[at] = match instances[at].take() {
            Some(_) => None,
            None => Some(playing(&host, INSTRUMENT, &state, 512)),
        };
        for instance in instances.iter_mut().flatten() {
            let heard = instance.process(Block { frames: 512, ..Block::default() }).unwrap().output;
            assert!(heard[0][31..].iter().all(|sample| *sample == 0.5), "round {round}");
        }
    }
}
