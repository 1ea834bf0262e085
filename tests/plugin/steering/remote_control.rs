//! Everything by remote: each parameter and each remote message, from the host's side, at its frame.

use std::time::{Duration, Instant};

use test_host::host::{Block, EFFECT, Event, EventBody, Host, INSTRUMENT, Instance, Transport, param_id};
use test_host::session::{AtEnd, Session};

use crate::common::bench::{
    Bench, KSMPS, LATENCY, bursts, header, heard_boundary, notes, score_notes, session, silent_from,
    with_parameter, with_slot,
};
use crate::common::{csd, libcsound_is_missing, onset, plugin};

#[test]
fn play_pauses_and_plays_at_the_nearest_k_boundary() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(1000);
    for frame in [0, 15, 16, 17, 100, 101] {
        let at = bench.at;
        let pause = [bench.set(frame, "play", 0.0)];
        let heard = bench.block(480, &pause).output;
        assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, frame as usize)), "frame {frame}");
        let before = bench.clock();
        assert_eq!(before, 0.0, "paused");
        let at = bench.at;
        let play = [bench.set(frame, "play", 1.0)];
        let heard = bench.block(480, &play).output;
        assert_eq!(onset(&heard[0]), Some(heard_boundary(at, frame as usize)), "frame {frame}");
    }
}

#[test]
fn stop_ends_and_a_later_play_performs_afresh() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(48_000);
    let at = bench.at;
    let stop = [bench.set(33, "stop", 1.0), bench.set(40, "stop", 0.0)];
    let heard = bench.block(480, &stop);
    assert_eq!(silent_from(&heard.output[0]), Some(heard_boundary(at, 33)));
    assert!(!bench.block(480, &[]).is_playing());
    let play = [bench.set(0, "play", 0.0), bench.set(1, "play", 1.0)];
    bench.block(480, &play);
    bench.play(4800);
    let clock = bench.clock();
    assert!((0.05..0.3).contains(&clock), "afresh, not at {clock} s");
}

#[test]
fn restart_begins_again_at_its_frame() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(48_000);
    // A note that would sound on if only the time went back.
    bench.block(480, &[Event::midi(0, [0x90, 60, 127])]);
    let restart = [bench.set(0, "restart", 1.0)];
    bench.block(480, &restart);
    bench.play(9600);
    let heard = bench.play(KSMPS);
    let clock = f64::from(heard[0][KSMPS - 1]) * 1000.0;
    let expected = (480 + 9600 + KSMPS - LATENCY) as f64 / 48_000.0;
    assert!((clock - expected).abs() < 0.011 + 1e-3, "{clock} s is not {expected} s");
    assert_eq!(heard[1][KSMPS - 1], 0.0, "notes are over");
}

#[test]
fn a_trigger_acts_once_on_each_rise() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = with_slot("i 2 0 0.001 0.5", false);
    bench.play(4800);
    let rises = [bench.set(10, "event_1", 1.0), bench.set(200, "event_1", 1.0)];
    let heard = bench.block(480, &rises).output;
    assert_eq!(bursts(&heard[1]), [10 + LATENCY]);
    let again =
        [bench.set(5, "event_1", 0.0), bench.set(100, "event_1", 1.0), bench.set(300, "event_1", 0.0)];
    let heard = bench.block(480, &again).output;
    assert_eq!(bursts(&heard[1]), [100 + LATENCY]);
}

#[test]
fn every_event_slot_sends_its_line_at_its_exact_frame() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = with_slot("i 2 0 0.001 0.5", false);
    bench.play(4800);
    for slot in 1..=16 {
        let frame = slot * 7;
        let rise = [bench.set(frame, &format!("event_{slot}"), 1.0)];
        let heard = bench.block(480, &rise).output;
        assert_eq!(bursts(&heard[1]), [frame as usize + LATENCY], "slot {slot}");
    }
}

#[test]
fn an_absolute_line_counts_from_the_beginning() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = with_slot("i 2 0.5 0.01 0.5", true);
    let rise = [bench.set(3, "event_5", 1.0)];
    bench.block(480, &rise);
    let mut heard = Vec::new();
    for _ in 0..60 {
        heard.extend_from_slice(&bench.block(480, &[]).output[1]);
    }
    assert_eq!(bursts(&heard), [24_000 + LATENCY - 480]);
}

#[test]
fn offset_moves_the_score_when_it_changes() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(4800);
    let seek = [bench.say(0, "offset", "100 s")];
    bench.block(480, &seek);
    let there = bench.clock();
    assert!((there - 100.0).abs() < 0.03, "{there}");
    let again = [bench.say(0, "offset", "100 s")];
    bench.block(480, &again);
    let on = bench.clock();
    assert!(on > there && on < there + 0.05, "the same value asks for nothing: {on}");
}

#[test]
fn gain_and_bypass_are_heard_at_their_frame_with_the_latency() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", &header(KSMPS), "instr 1\nouts a(0.5), a(0.5)\nendin\n", "i 1 0 3600");
    let mut bench = Bench::new(&Session { at_end: AtEnd::Keep, ..Session::from_csd("level.csd", text) });
    bench.play(4800);
    let gain = [bench.say(100, "gain", "-6 dB")];
    let heard = bench.block(480, &gain).output;
    assert_eq!(heard[0].iter().position(|sample| *sample < 0.5), Some(100 + LATENCY));
    let settled = bench.play(960)[0][400];
    assert!((settled - 0.5 * 10_f32.powf(-6.0 / 20.0)).abs() < 1e-6, "{settled}");
    let unity = [bench.say(0, "gain", "0")];
    bench.block(480, &unity);
    bench.play(960);
    let bypass = [bench.set(77, "bypass", 1.0)];
    let heard = bench.block(480, &bypass).output;
    assert_eq!(heard[1].iter().position(|sample| *sample < 0.5), Some(77 + LATENCY));
    assert_eq!(bench.play(960)[0][400], 0.0, "an instrument is silent");
    assert!(bench.block(1, &[]).is_playing(), "and plays on");
}

#[test]
fn a_bypassed_effect_passes_its_input_with_the_same_latency() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", &header(KSMPS), "instr 1\na1, a2 ins\nouts a1 * 0.5, a2 * 0.5\nendin\n", "i 1 0 3600");
    let state = Session { at_end: AtEnd::Keep, ..Session::from_csd("half.csd", text) }.state().unwrap();
    let host = Host::load(plugin()).unwrap();
    let mut effect = crate::common::playing(&host, EFFECT, &state, 512);
    let bypass = [Event::param(0, param_id("bypass"), 1.0)];
    let mut heard = Vec::new();
    for block in 0..10 {
        let input: Vec<f32> = (0..512).map(|frame| (block * 512 + frame) as f32 / 10_000.0).collect();
        let events = if block == 2 { &bypass[..] } else { &[] };
        let input = [&input[..], &input[..]];
        let given = Block { frames: 512, input: &input, events, ..Block::default() };
        heard.extend_from_slice(&effect.process(given).unwrap().output[0]);
    }
    for (frame, sample) in heard.iter().enumerate().skip(2000) {
        assert_eq!(*sample, (frame - LATENCY) as f32 / 10_000.0, "frame {frame}");
    }
    assert!((heard[900] - (900 - LATENCY) as f32 / 20_000.0).abs() < 1e-6, "before that the piece is heard");
}

#[test]
fn loading_a_session_sends_no_command_and_sets_the_beginning() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = with_slot("i 2 0 1 0.5", false);
    bench.play(4800);
    let set = [
        bench.set(0, "play", 0.0),
        bench.say(0, "offset", "50"),
        bench.set(0, "event_3", 1.0),
        bench.set(0, "stop", 0.0),
        bench.say(0, "gain", "-6"),
    ];
    bench.block(480, &set);
    bench.play(960);
    let saved = bench.instance.save_state().unwrap();
    let mut other = Bench::with_state(&saved);
    assert!(
        other.play(4800).iter().flatten().all(|sample| *sample == 0.0),
        "it comes back paused, no slot sends"
    );
    // A host finds its parameters as it saved them; what stands at 1 has to fall before it rises.
    assert_eq!(other.instance.param_value(param_id("event_3")), Some(1.0));
    let play = [other.set(0, "play", 1.0)];
    other.block(480, &play);
    let clock = other.clock() / 10_f64.powf(-6.0 / 20.0);
    assert!((clock - 50.0).abs() < 0.05, "it begins at the offset, not at {clock}");
}

#[test]
fn what_moves_while_a_piece_is_loading_is_not_lost() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\nklevel chnget \"level\"\nouts a(0.25 + klevel), a(0)\nendin\n";
    let text = csd("", &header(KSMPS), body, "i 1 0 3600");
    let mut bench = Bench::new(&Session { at_end: AtEnd::Keep, ..Session::from_csd("level.csd", text) });
    let set = [bench.set(0, "c001", 0.125)];
    bench.block(480, &set);
    let saved = bench.instance.save_state().unwrap();
    // A host that goes on while the piece is loaded.
    let mut instance = Instance::new(&Host::load(plugin()).unwrap(), INSTRUMENT).unwrap();
    instance.activate(48_000.0, 1, 480).unwrap();
    instance.start().unwrap();
    crate::common::block(&mut instance, 480, &[]);
    // A block that came sooner than this one could have been played would say that the host renders.
    std::thread::sleep(Duration::from_millis(30));
    instance.load_state(&saved).unwrap();
    let moved = [Event::param(0, param_id("c001"), 0.5)];
    assert_eq!(
        crate::common::block(&mut instance, 480, &moved).output[0],
        [0.0; 480],
        "the piece is loading"
    );
    let began = Instant::now();
    while crate::common::block(&mut instance, 480, &[]).output[0] == [0.0; 480] {
        assert!(began.elapsed() < Duration::from_secs(60), "the piece does not begin");
        instance.settle().unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    crate::common::block(&mut instance, 480, &[]);
    assert_eq!(crate::common::block(&mut instance, 480, &[]).output[0], [0.75; 480]);
}

#[test]
fn remote_keys_controllers_and_programs_act_and_are_not_played() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = with_slot("i 2 0 0.001 0.5", false);
    let on = [bench.say(0, "remote_channel", "16")];
    bench.block(480, &on);
    bench.play(4800);
    let key = |frame: u32, key: u8| Event::midi(frame, [0x9F, key, 100]);
    for slot in 0..16 {
        let heard = bench.block(480, &[key(20, 36 + slot)]).output;
        assert_eq!(bursts(&heard[1]), [20 + LATENCY], "key {}", 36 + slot);
    }
    let heard = bench.block(480, &[Event::midi(9, [0xCF, 4, 0])]).output;
    assert_eq!(bursts(&heard[1]), [9 + LATENCY], "a program");
    let at = bench.at;
    let heard = bench.block(480, &[key(50, 24)]).output;
    assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, 50)), "key 24 pauses");
    bench.block(480, &[key(0, 24)]);
    assert!(bench.clock() > 0.0, "and plays on");
    bench.block(480, &[key(0, 26)]);
    bench.play(4800);
    assert!(bench.clock() < 0.3, "key 26 restarts");
    bench.block(480, &[key(0, 25)]);
    bench.play(480);
    assert!(!bench.block(480, &[]).is_playing(), "key 25 stops");
}

#[test]
fn midi_machine_control_and_real_time_messages_steer_the_transport() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(4800);
    let mmc = |frame: u32, command: &[u8]| {
        let mut message = vec![0xF0, 0x7F, 0x7F, 6];
        message.extend_from_slice(command);
        message.push(0xF7);
        Event::sysex(frame, message)
    };
    let at = bench.at;
    let heard = bench.block(480, &[mmc(65, &[9])]).output;
    assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, 65)), "pause");
    let at = bench.at;
    let heard = bench.block(480, &[mmc(65, &[2])]).output;
    assert_eq!(onset(&heard[0]), Some(heard_boundary(at, 65)), "play");
    // One hour, two minutes, three seconds, 15 frames of 30 a second.
    bench.block(480, &[mmc(0, &[0x44, 6, 1, 0x60, 2, 3, 15, 0])]);
    let clock = bench.clock();
    assert!((clock - 123.5).abs() < 0.05, "locate: {clock}");
    bench.block(480, &[mmc(0, &[1])]);
    bench.play(480);
    assert!(!bench.block(480, &[]).is_playing(), "stop");
    // What makes no sense is ignored.
    bench.block(480, &[mmc(0, &[0x44, 6, 1]), Event::sysex(3, vec![0xF0, 0xF7]), mmc(9, &[])]);
}

#[test]
fn a_line_in_a_system_exclusive_message_is_sent() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(4800);
    let mut message = vec![0xF0, 0x7D, b'C', b'S'];
    message.extend_from_slice(b"i 2 0 1 0.5");
    message.push(0xF7);
    bench.block(480, &[Event::sysex(0, message)]);
    let heard = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(2));
        bench.block(480, &[]).output[1].contains(&0.5)
    });
    assert!(heard, "the line was not sent");
}

#[test]
fn the_piece_follows_the_hosts_transport() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    let sync = [bench.set(0, "sync", 1.0)];
    bench.block(480, &sync);
    let mut seconds = 20.0;
    let mut step = |bench: &mut Bench, playing: bool, jump: Option<f64>| {
        seconds = jump.unwrap_or(seconds);
        let transport = Transport { playing, seconds, tempo: 90.0, looped: None };
        let block = Block { frames: 480, transport: Some(transport), ..Block::default() };
        let heard = bench.instance.process(block).unwrap().output;
        if playing {
            seconds += 0.01;
        }
        heard
    };
    for _ in 0..5 {
        assert!(
            step(&mut bench, false, None)[0].iter().skip(100).all(|sample| *sample == 0.0),
            "the host stands"
        );
    }
    for _ in 0..20 {
        step(&mut bench, true, None);
    }
    let heard = step(&mut bench, true, None);
    let clock = f64::from(heard[0][479]) * 1000.0;
    assert!((clock - 20.21).abs() < 0.002, "the piece is at {clock}");
    step(&mut bench, true, Some(300.0));
    let heard = step(&mut bench, true, None);
    let clock = f64::from(heard[0][479]) * 1000.0;
    assert!((clock - 300.02).abs() < 0.002, "after a jump it is at {clock}");
    step(&mut bench, false, None);
    assert!(step(&mut bench, false, None)[0].iter().all(|sample| *sample == 0.0));
}

#[test]
fn the_host_s_channels_are_written_before_every_k_cycle() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\nktempo chnget \"HOST_BPM\"\nktime chnget \"TIME_IN_SECONDS\"\n\
                atempo upsamp ktempo / 1000\natime upsamp ktime\nouts atempo, atime\nendin\n";
    let text = csd("", &header(KSMPS), body, "i 1 0 3600");
    let mut bench = Bench::new(&Session { at_end: AtEnd::Keep, ..Session::from_csd("host.csd", text) });
    let mut heard = [Vec::new(), Vec::new()];
    for block in 0..20 {
        let tempo = if block < 10 { 90.0 } else { 133.0 };
        let seconds = 5.0 + f64::from(block) * 0.01;
        let transport = Transport { playing: true, seconds, tempo, looped: None };
        let given = Block { frames: 480, transport: Some(transport), ..Block::default() };
        for (heard, now) in heard.iter_mut().zip(bench.instance.process(given).unwrap().output) {
            heard.extend(now);
        }
    }
    let change = heard[0].iter().position(|sample| *sample == 0.133).unwrap();
    assert_eq!(change, 4800 + LATENCY, "a tempo change is there with the k-cycle that it begins");
    for cycle in 2..290 {
        let sample = heard[1][cycle * KSMPS + LATENCY];
        let expected = 5.0 + (cycle * KSMPS) as f32 / 48_000.0;
        assert!((sample - expected).abs() < 1e-5, "k-cycle {cycle}: {sample} is not {expected}");
    }
}

#[test]
fn a_note_is_never_lost_however_short_it_is() {
    if libcsound_is_missing() {
        return;
    }
    for state in [score_notes(64), notes(64).state().unwrap()] {
        let mut bench = Bench::with_state(&state);
        bench.play(4800);
        for frame in [0, 5, 31, 32, 63, 64] {
            let note = [Event::note_on(frame, 0, 60, 0.5), Event::note_off(frame, 0, 60)];
            let heard = bench.block(480, &note).output;
            assert_eq!(bursts(&heard[0]).len(), 1, "frame {frame}");
            assert_eq!(bench.play(960)[0][479], 0.0, "and it ends");
        }
    }
}

#[test]
fn overlapping_keys_pedals_chokes_and_tunings_of_score_notes() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\nktune chnget sprintf(\"note.%d.tuning\", p8)\naout = a(0.1 + ktune / 1000)\n\
                outs aout, aout\nendin\n";
    let session =
        Session { at_end: AtEnd::Keep, ..Session::from_csd("t.csd", csd("", &header(KSMPS), body, "")) };
    let mut bench =
        Bench::with_state(&with_parameter(&session, "note_mode", serde_json::json!({ "string": "score" })));
    bench.play(4800);
    let on = Event::note_on(0, 0, 60, 0.5);
    let level = |bench: &mut Bench| (bench.play(960)[0][479] * 1000.0).round() as i32;
    bench.block(480, std::slice::from_ref(&on));
    bench.block(480, std::slice::from_ref(&on));
    assert_eq!(level(&mut bench), 200, "two notes of one key");
    bench.block(480, &[Event::note_off(0, 0, 60)]);
    assert_eq!(level(&mut bench), 100, "one of them ends");
    let tuned = Event { frame: 0, body: EventBody::NoteTuning { channel: 0, key: 60, semitones: 7.0 } };
    bench.block(480, &[tuned]);
    assert_eq!(level(&mut bench), 107, "a tuning reaches its note");
    bench.block(480, &[Event::midi(0, [0xB0, 64, 127]), Event::note_off(9, 0, 60)]);
    assert_eq!(level(&mut bench), 107, "the pedal holds it");
    bench.block(480, &[Event::midi(0, [0xB0, 64, 0])]);
    assert_eq!(level(&mut bench), 0);
    bench.block(480, std::slice::from_ref(&on));
    bench.block(480, &[Event::note_choke(0, 0, 60)]);
    assert_eq!(level(&mut bench), 0, "a choke");
    bench.block(480, std::slice::from_ref(&on));
    assert_eq!(level(&mut bench), 100, "the next note of the voice is at rest");
    bench.block(480, &[Event::midi(0, [0xB0, 123, 0])]);
    assert_eq!(level(&mut bench), 0, "all notes off");
}

#[test]
fn record_writes_the_exact_frames_into_the_folder_under_the_piece_s_name() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = session().state().unwrap();
    let mut whole = test_host::session::unwrap(&state).unwrap();
    let mut own: serde_json::Value =
        serde_json::from_str(whole["fields"]["session"].as_str().unwrap()).unwrap();
    own["recording_folder"] = folder.path().to_str().into();
    whole["fields"]["session"] = own.to_string().into();
    whole["params"]["record_bits"] = serde_json::json!({ "string": "32" });
    let mut bench = Bench::with_state(&test_host::session::wrap(&whole));
    bench.play(4800);
    // A recording stands by shortly after the engine has come.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let mut heard = Vec::new();
    let from = [bench.set(100, "record", 1.0)];
    heard.extend_from_slice(&bench.block(480, &from).output[0]);
    heard.extend_from_slice(&bench.block(480, &[]).output[0]);
    let until = [bench.set(77, "record", 0.0)];
    heard.extend_from_slice(&bench.block(480, &until).output[0]);
    heard.extend_from_slice(&bench.block(480, &[]).output[0]);
    let file = (0..500).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let file = std::fs::read_dir(folder.path()).unwrap().flatten().next()?.path();
        let complete = hound::WavReader::open(&file).is_ok_and(|reader| reader.duration() == 380 + 480 + 77);
        complete.then_some(file)
    });
    let file = file.expect("a file with exactly the frames between the two");
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("witness 20") && name.ends_with(".wav"), "{name}");
    let recorded: Vec<f32> = hound::WavReader::open(&file).unwrap().samples().map(Result::unwrap).collect();
    let left: Vec<f32> = recorded.chunks(2).map(|frame| frame[0]).collect();
    assert_eq!(left, heard[100 + LATENCY..100 + LATENCY + left.len()]);
}
