//! The plugin in a real CLAP host: state, life, layouts, MIDI, ends.

mod common;

use common::{alone, block, csd, csound_is_missing, onset, perform, pieces, playing, plugin};
use test_host::host::{Block, EFFECT, Event, EventBody, Host, INSTRUMENT, Instance};
use test_host::session::{self, AtEnd, Session, Timing};

/// A MIDI instrument that is a steady level while its key is down, and a held level from the score.
const KEYS: &str = "massign 0, 1\n\
    instr 1\niamp ampmidi 1\naenv linsegr 1, 1, 1, 0.0001, 0\na1 = aenv * iamp * 0.5\nouts a1, a1\nendin\n\
    instr 2\na1 = p4\nouts a1, a1\nendin\n";

fn header(ksmps: usize) -> String {
    format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\n")
}

fn session(text: String) -> Session {
    Session { at_end: AtEnd::Keep, ..Session::from_csd("test.csd", text) }
}

fn keys(ksmps: usize, score: &str) -> Session {
    session(csd("", &header(ksmps), KEYS, score))
}

fn host() -> Host {
    Host::load(plugin()).unwrap()
}

fn error_of(instance: &mut Instance) -> Option<String> {
    session::error_of(&instance.save_state().unwrap()).unwrap()
}

#[test]
fn scanning_loads_no_csound_and_names_both_plugins() {
    if !alone("scanning_loads_no_csound_and_names_both_plugins", "UNUSED", "") {
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
}

#[test]
fn without_libcsound_it_loads_stays_silent_and_says_why() {
    let test = "without_libcsound_it_loads_stays_silent_and_says_why";
    if !alone(test, "CSOUND_PERFORMER_LIBCSOUND", "/nowhere/libcsound64.so") {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 1 0.5").state().unwrap(), 512);
    let heard = perform(&mut instance, 4800, 512);
    assert_eq!(heard, vec![0.0; 4800]);
    let error = error_of(&mut instance).unwrap();
    assert!(error.contains("/nowhere/libcsound64.so") && error.contains("apt install"), "{error}");
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
fn a_reset_ends_the_notes_of_midi_and_keeps_the_score() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let mut instance = playing(&host, INSTRUMENT, &keys(32, "i 2 0 100 0.25").state().unwrap(), 512);
    block(&mut instance, 512, &[Event::note_on(0, 0, 60, 1.0)]);
    assert!(perform(&mut instance, 960, 480)[900] > 0.7);
    instance.stop().unwrap();
    instance.reset().unwrap();
    instance.start().unwrap();
    let heard = perform(&mut instance, 9600, 480);
    assert_eq!(heard[9599], 0.25, "the score's note sounds, the key's does not");
}

#[test]
fn notes_begin_at_the_k_cycle_nearest_to_their_frame_in_exact_timing() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    for ksmps in [1, 10, 64, 441] {
        let mut instance = playing(&host, INSTRUMENT, &keys(ksmps, "").state().unwrap(), 4096);
        let latency = instance.latency() as usize;
        let mut at = 0;
        for frame in [0, 1, 31, 32, 33, 63, 100, 220, 221, 440] {
            let on = block(&mut instance, 2048, &[Event::note_on(frame, 0, 60, 1.0)]);
            let heard = onset(&on.output[0]).unwrap() + at - latency;
            let wanted = at + frame as usize;
            assert!(heard.abs_diff(wanted) * 2 <= ksmps, "ksmps {ksmps} frame {wanted}: {heard}");
            assert_eq!(heard % ksmps, 0);
            block(&mut instance, 2048, &[Event::note_off(0, 0, 60)]);
            at += 4096;
        }
    }
}

#[test]
fn notes_wait_for_the_next_k_cycle_in_immediate_timing() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    for (ksmps, size) in [(1, 2048), (64, 1), (64, 17), (64, 2048), (441, 100)] {
        let state = Session { timing: Timing::Immediate, ..keys(ksmps, "") }.state().unwrap();
        let mut instance = playing(&host, INSTRUMENT, &state, 4096);
        assert_eq!(instance.latency(), 0);
        let before = perform(&mut instance, 1234, size).len();
        let mut heard = block(&mut instance, size, &[Event::note_on(0, 0, 60, 1.0)]).output[0].clone();
        heard.extend(perform(&mut instance, 2000, size));
        let at = before + onset(&heard).unwrap();
        assert_eq!(at, before.next_multiple_of(ksmps), "ksmps {ksmps}, blocks of {size}");
    }
}

#[test]
fn every_kind_of_midi_reaches_the_piece_and_comes_back_at_its_frame() {
    if csound_is_missing() {
        return;
    }
    let through = "massign 0, 0\ninstr 9\nkstatus, kchan, kdata1, kdata2 midiin\nif kstatus != 0 then\n\
                   midiout kstatus, kchan, kdata1, kdata2\nendif\nendin\n";
    let host = host();
    let ksmps = 16;
    let state = session(csd("", &header(ksmps), through, "i 9 0 100")).state().unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    let latency = instance.latency();
    block(&mut instance, 512, &[]);
    for message in
        [[0x93, 60, 100], [0x83, 60, 0], [0xB2, 74, 99], [0xE6, 1, 64], [0xC4, 9, 0], [0xD5, 77, 0]]
    {
        let sent = Event::midi(160, message);
        let mut back = block(&mut instance, 512, &[sent]).events;
        back.retain(|event| !matches!(event.body, EventBody::NoteEnd { .. }));
        let bytes: Vec<_> = back.iter().filter_map(|event| event.body.midi_bytes()).collect();
        let wanted = if message[0] >= 0xC0 && message[0] < 0xE0 { &message[..2] } else { &message[..] };
        assert_eq!(bytes.len(), 1, "{message:x?}: {back:?}");
        assert_eq!(bytes[0][..wanted.len()], *wanted);
        assert_eq!(back[0].frame, 160 + latency, "{message:x?}");
    }
}

#[test]
fn poly_pressure_reaches_the_piece() {
    if csound_is_missing() {
        return;
    }
    let pressed =
        "massign 0, 1\ninstr 1\nkpressure polyaft 60, 0, 1\nouts a(kpressure), a(kpressure)\nendin\n";
    let host = host();
    let mut instance =
        playing(&host, INSTRUMENT, &session(csd("", &header(32), pressed, "")).state().unwrap(), 512);
    block(&mut instance, 512, &[Event::note_on(0, 1, 60, 1.0)]);
    block(&mut instance, 512, &[Event::midi(0, [0xA1, 60, 127])]);
    assert!(block(&mut instance, 512, &[]).output[0][500] > 0.9);
}

#[test]
fn channels_are_mapped_onto_every_layout() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let levels = |count: usize| -> String {
        let outs: String =
            (1..=count).map(|channel| format!("outch {channel}, a(0.05 * {channel})\n")).collect();
        csd(
            "",
            &format!("sr = 48000\nksmps = 32\nnchnls = {count}\n"),
            &format!("instr 1\n{outs}endin\n"),
            "i 1 0 100",
        )
    };
    for (piece, layout) in
        [(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (2, 8), (4, 2), (4, 4), (6, 6), (8, 8), (16, 16), (20, 16)]
    {
        let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
        instance.select_output_channels(layout).unwrap();
        instance.load_state(&session(levels(piece)).state().unwrap()).unwrap();
        instance.activate(48_000.0, 1, 512).unwrap();
        instance.settle().unwrap();
        instance.start().unwrap();
        block(&mut instance, 512, &[]);
        let heard = block(&mut instance, 512, &[]).output;
        let got: Vec<f32> = heard.iter().map(|channel| channel[500]).collect();
        let wanted: Vec<f32> = (0..layout as usize)
            .map(|channel| match (piece, channel) {
                (1, 0 | 1) => 0.05,
                (piece, channel) if channel < piece => (0.05 * (channel + 1) as f64) as f32,
                _ => 0.0,
            })
            .collect();
        assert_eq!(got, wanted, "{piece} channels on {layout}");
    }
}

#[test]
fn the_end_of_the_score_is_silence_and_a_status() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let stop = Session { at_end: AtEnd::Stop, ..keys(32, "i 2 0 0.1 0.5") };
    let mut instance = playing(&host, INSTRUMENT, &stop.state().unwrap(), 512);
    assert!(block(&mut instance, 512, &[]).is_playing());
    let heard = perform(&mut instance, 9600, 512);
    assert!(heard[5000..].iter().all(|sample| *sample == 0.0), "nothing stale");
    assert!(!block(&mut instance, 512, &[Event::note_on(0, 0, 60, 1.0)]).is_playing());
    assert!(perform(&mut instance, 4800, 512).iter().all(|sample| *sample == 0.0));
}

#[test]
fn a_kept_performance_goes_on_for_midi_and_a_looped_one_begins_again() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let mut kept = playing(&host, INSTRUMENT, &keys(32, "i 2 0 0.1 0.5\ne").state().unwrap(), 512);
    assert!(perform(&mut kept, 9600, 512)[5000..].iter().all(|sample| *sample == 0.0));
    let played = block(&mut kept, 512, &[Event::note_on(0, 0, 60, 1.0)]);
    assert!(played.is_playing() && onset(&played.output[0]).is_some());
    let looped = Session { at_end: AtEnd::Loop, ..keys(32, "i 2 0 0.1 0.5\ni 2 0.1 0.1 0.25\ne") };
    let mut looped = playing(&host, INSTRUMENT, &looped.state().unwrap(), 512);
    let heard = perform(&mut looped, 48_000, 512);
    for turn in 0..4 {
        assert_eq!((heard[turn * 9600 + 2400], heard[turn * 9600 + 7200]), (0.5, 0.25), "turn {turn}");
    }
}

#[test]
fn what_is_not_finite_becomes_silence() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let wild = "instr 1\nkzero init 0\na1 = 1 / a(kzero)\na2 = a1 - a1\nouts a1, a2\nendin\n";
    let state = session(csd("", &header(32), wild, "i 1 0 100")).state().unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    for _ in 0..10 {
        let heard = block(&mut instance, 512, &[]).output;
        assert!(heard.iter().flatten().all(|sample| *sample == 0.0));
    }
}

#[test]
fn a_moved_parameter_reaches_its_channel_and_an_untouched_one_is_left_alone() {
    if csound_is_missing() {
        return;
    }
    let host = host();
    let reads = "chn_k \"level\", 1, 2, 0.25, 0, 1\nchnset 0.125, \"own\"\n\
                 instr 1\nklevel chnget \"level\"\nkown chnget \"own\"\nouts a(klevel), a(kown)\nendin\n";
    let state = session(csd("", &header(32), reads, "i 1 0 100")).state().unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    block(&mut instance, 512, &[]);
    let before = block(&mut instance, 512, &[]).output;
    assert_eq!(
        (before[0][500], before[1][500]),
        (0.25, 0.125),
        "the declared default, the piece's own value"
    );
    let id = instance.param("c001").unwrap();
    assert_eq!(instance.value_to_text(id, 0.5).unwrap(), "level 0.5");
    block(&mut instance, 512, &[Event::param(100, id, 0.75)]);
    let after = block(&mut instance, 512, &[]).output;
    assert_eq!((after[0][500], after[1][500]), (0.75, 0.125));
    let saved = instance.save_state().unwrap();
    let mut again = playing(&host, INSTRUMENT, &saved, 512);
    block(&mut again, 512, &[]);
    assert_eq!(block(&mut again, 512, &[]).output[0][500], 0.75);
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
    let mut random = 1_usize;
    for round in 0..120 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (random >> 33) % 20;
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
