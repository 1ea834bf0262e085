//! Each message that `remote_control` leaves out, at its frame.

use std::time::Duration;

use serde_json::json;
use test_host::host::{Event, EventBody};
use test_host::session::{AtEnd, Session};

use super::{past, take};
use crate::common::bench::{
    BODY, Bench, KSMPS, LATENCY, bursts, header, heard_boundary, mmc, session, silent_from, state_with,
    with_parameter, with_slot,
};
use crate::common::{csd, libcsound_is_missing, onset};

#[test]
fn the_remote_channel_is_the_one_that_is_chosen() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = with_slot("i 2 0 0.001 0.25", false);
    bench.play(4800);
    // A slot sounds at 0.25, a note of the piece at half of 127/128.
    const PLAYED: f32 = 0.5 * 127.0 / 128.0;
    let keys = |bench: &mut Bench| -> Vec<f32> {
        (0..16)
            .map(|channel| {
                let events =
                    [Event::midi(10, [0x90 | channel, 36, 127]), Event::midi(100, [0x80 | channel, 36, 0])];
                let heard = bench.block(480, &events).output;
                bench.play(480);
                heard[1].iter().copied().fold(0.0, f32::max)
            })
            .collect()
    };
    assert_eq!(keys(&mut bench), [PLAYED; 16], "off: all play the piece");
    for chosen in 1..=16 {
        let channel = [bench.say(471, "remote_channel", &chosen.to_string())];
        bench.block(480, &channel);
        let mut expected = [PLAYED; 16];
        expected[chosen - 1] = 0.25;
        assert_eq!(keys(&mut bench), expected, "channel {chosen}");
    }
    let off = [bench.say(0, "remote_channel", "Off")];
    bench.block(480, &off);
    assert_eq!(keys(&mut bench), [PLAYED; 16], "off again");
}

#[test]
fn machine_control_acts_at_its_frames() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(4800);
    for (command, frame) in [(2, 30), (3, 31), (2, 0), (3, 111)] {
        let at = bench.at;
        let heard = bench.block(480, &[mmc(frame, &[9])]).output;
        assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, frame as usize)), "pause");
        let at = bench.at;
        let heard = bench.block(480, &[mmc(frame, &[command])]).output;
        assert_eq!(onset(&heard[0]), Some(heard_boundary(at, frame as usize)), "play, command {command}");
    }
    for frame in [0, 15, 16, 200] {
        let at = bench.at;
        // 100 s, and back to 1 s.
        let there = mmc(frame, &[0x44, 6, 1, 0x60, 1, 40, 0, 0]);
        let back = mmc(0, &[0x44, 6, 1, 0x60, 0, 1, 0, 0]);
        let heard = bench.block(480, &[there]).output;
        assert_eq!(past(&heard[0], 99.0), Some(heard_boundary(at, frame as usize)), "locate");
        bench.block(480, &[back]);
        assert!((bench.clock() - 1.01).abs() < 0.03);
    }
    let at = bench.at;
    let heard = bench.block(480, &[mmc(70, &[1])]);
    assert_eq!(silent_from(&heard.output[0]), Some(heard_boundary(at, 70)), "stop");
    assert!(!bench.block(480, &[]).is_playing());
}

#[test]
fn records_begin_and_end_at_the_frames_of_messages_and_keys() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = state_with(&session(), |params, own| {
        params["record_bits"] = json!({ "string": "32" });
        params["remote_channel"] = json!({ "i32": 16 });
        own["recording_folder"] = folder.path().to_str().into();
    });
    let mut bench = Bench::with_state(&state);
    bench.play(4800);
    let key = |frame: u32| Event::midi(frame, [0x9F, 27, 100]);
    for (begin, end) in [(mmc(33, &[6]), mmc(5, &[7])), (key(101), key(11))] {
        let (from, until) = (begin.frame as usize, end.frame as usize);
        let blocks = [(480, vec![begin]), (480, Vec::new()), (480, vec![end]), (480, Vec::new())];
        let frames = 960 - from + until;
        let (heard, file) =
            take(&mut bench, folder.path(), &blocks, |reader| reader.duration() == frames as u32);
        let recorded: Vec<f32> =
            hound::WavReader::open(&file).unwrap().samples().map(Result::unwrap).collect();
        let left: Vec<f32> = recorded.chunks(2).map(|frame| frame[0]).collect();
        assert_eq!(left, heard[from + LATENCY..from + LATENCY + frames]);
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn midi_start_continue_and_stop_act_where_the_host_passes_them() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(48_000);
    let byte = |frame: u32, status: u8| Event::sysex(frame, vec![status]);
    let at = bench.at;
    let heard = bench.block(480, &[byte(40, 0xFC)]).output;
    assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, 40)), "stop pauses");
    let at = bench.at;
    let heard = bench.block(480, &[byte(77, 0xFB)]).output;
    assert_eq!(onset(&heard[0]), Some(heard_boundary(at, 77)), "continue plays on");
    assert!(bench.clock() > 1.0);
    bench.block(480, &[byte(9, 0xFA)]);
    bench.play(960);
    let clock = bench.clock();
    assert!(clock < 0.1, "start begins afresh, not at {clock}");
}

#[test]
fn remote_keys_act_at_their_frames() {
    if libcsound_is_missing() {
        return;
    }
    let state = state_with(&session(), |params, own| {
        params["remote_channel"] = json!({ "i32": 3 });
        let lines: Vec<_> = (1..=16)
            .map(|slot| json!({ "line": format!("i 2 0 0.001 {}", f64::from(slot) / 32.0), "absolute": false }))
            .collect();
        own["events"] = json!(lines);
    });
    let mut bench = Bench::with_state(&state);
    bench.play(4800);
    let loudest = |heard: &[f32]| heard.iter().copied().fold(0.0, f32::max);
    for slot in 0..16_u8 {
        for (frame, event) in [(7 + u32::from(slot), [0x92, 36 + slot, 1]), (200, [0xC2, slot, 0])] {
            let heard = bench.block(480, &[Event::midi(frame, event)]).output;
            assert_eq!(bursts(&heard[1]), [frame as usize + LATENCY], "{event:?}");
            assert_eq!(loudest(&heard[1]), f32::from(slot + 1) / 32.0, "{event:?} is its slot's");
        }
    }
    // What is beside them does nothing, and never reaches the piece.
    for event in [[0x92, 35, 100], [0x92, 52, 100], [0x82, 36, 0], [0xC2, 16, 0], [0xB2, 21, 9]] {
        let heard = bench.block(480, &[Event::midi(50, event)]).output;
        assert_eq!(onset(&heard[1]), None, "{event:?}");
    }
    for frame in [0, 15, 16, 90] {
        let at = bench.at;
        let heard = bench.block(480, &[Event::midi(frame, [0x92, 24, 1])]).output;
        assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, frame as usize)), "pause");
        let at = bench.at;
        let heard = bench.block(480, &[Event::midi(frame, [0x92, 24, 1])]).output;
        assert_eq!(onset(&heard[0]), Some(heard_boundary(at, frame as usize)), "and play");
    }
    let at = bench.at;
    let heard = bench.block(480, &[Event::midi(47, [0x92, 25, 1])]);
    assert_eq!(silent_from(&heard.output[0]), Some(heard_boundary(at, 47)), "stop");
    bench.block(480, &[Event::midi(47, [0x92, 26, 1])]);
    bench.play(960);
    let clock = bench.clock();
    assert!(clock > 0.0 && clock < 0.1, "restart: {clock}");
}

#[test]
fn controller_20_goes_to_a_part_of_a_score_that_has_a_length() {
    if libcsound_is_missing() {
        return;
    }
    let piece = |score: &str| {
        let text = csd("", &header(KSMPS), BODY, score);
        let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("part.csd", text) };
        let mut bench = Bench::with_state(&with_parameter(&session, "remote_channel", json!({ "i32": 1 })));
        bench.play(4800);
        bench
    };
    let mut bench = piece("i 1 0 200");
    for (value, seconds) in [(127, 200.0), (64, 64.0 * 200.0 / 127.0), (1, 200.0 / 127.0)] {
        // Far from all of these.
        bench.block(480, &[mmc(0, &[0x44, 6, 1, 0x60, 0, 0, 0, 0])]);
        let at = bench.at;
        let heard = bench.block(480, &[Event::midi(83, [0xB0, 20, value])]).output;
        if value == 127 {
            assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, 83)), "the end of the score");
            continue;
        }
        assert_eq!(past(&heard[0], seconds - 0.1), Some(heard_boundary(at, 83)), "{value}");
        let clock = bench.clock();
        assert!((clock - seconds - 0.01).abs() < 0.02, "{value}: {clock}, not {seconds}");
    }
    // A held note alone: nothing in the score ends.
    let mut open = piece("i 1 0 -1");
    let before = open.clock();
    open.block(480, &[Event::midi(83, [0xB0, 20, 64])]);
    let clock = open.clock();
    assert!((clock - before - 0.011).abs() < 0.003, "a score without an end: {before}, {clock}");
}

#[test]
fn malformed_messages_change_nothing() {
    if libcsound_is_missing() {
        return;
    }
    let line = |text: &[u8]| [&[0xF0, 0x7D, b'C', b'S'], text, &[0xF7]].concat();
    let malformed = [
        vec![0xF0],
        vec![0xF7],
        vec![0xF0, 0xF7],
        vec![0xF0, 0x7F, 0x7F, 6, 0xF7],
        vec![0xF0, 0x7F, 0x7F, 6, 1],
        vec![0xF0, 0x7F, 0x7F, 6, 1, 1, 0xF7],
        vec![0xF0, 0x7F, 0x7F, 6, 9, 0x80, 0xF7],
        vec![0xF0, 0x7F, 0x7F, 6, 0x44, 6, 1, 0xF7],
        vec![0xF0, 0x7F, 0x7F, 6, 0x44, 6, 1, 0x60, 61, 61, 0, 0, 0xF7],
        vec![0xFA, 0xFA],
        vec![0xF9],
        line(b""),
        line(b"i 2 0 1\n0.5"),
        line(&[b'i'; 600]),
        line("i 2 0 1 0.5 \u{e9}".as_bytes()),
        // A line, but none that Csound's reader would survive.
        line(b"i 2 0 \"unclosed"),
        line(b"no line at all"),
    ];
    let mut steered = Bench::new(&session());
    let mut left_alone = Bench::new(&session());
    for (number, message) in malformed.into_iter().enumerate() {
        let heard = steered.block(480, &[Event::sysex(number as u32, message.clone())]).output;
        assert_eq!(heard, left_alone.block(480, &[]).output, "{message:02X?}");
        std::thread::sleep(Duration::from_millis(30));
    }
    for _ in 0..20 {
        assert_eq!(steered.block(480, &[]).output, left_alone.block(480, &[]).output);
    }
    assert_eq!(test_host::session::error_of(&steered.instance.save_state().unwrap()).unwrap(), None);
}

#[test]
fn orchestra_code_in_a_message_is_answered_by_one() {
    if libcsound_is_missing() {
        return;
    }
    let code = |head: u8, text: &str| [&[0xF0, 0x7D, b'C', head], text.as_bytes(), &[0xF7]].concat();
    let mut bench = Bench::new(&session());
    bench.play(4800);
    let compiled = Event::sysex(3, code(b'O', "instr 77\n outch 2, a(0.5)\nendin"));
    bench.block(480, &[compiled]);
    for (head, text, kind, words) in [
        (b'E', "schedule 77, 0, -1\nreturn 2.5", b'R', "2.5"),
        (b'E', "return -1e-3", b'R', "-0.001"),
        (b'E', "return nonsense", b'X', "nonsense"),
        (b'O', "instr 78\nendin\nendin", b'X', "error"),
        (b'E', "return \"open", b'X', "quote"),
    ] {
        let mut events = vec![Event::sysex(70, code(head, text))];
        let mut sent = Vec::new();
        let began = std::time::Instant::now();
        while sent.is_empty() {
            assert!(began.elapsed() < Duration::from_secs(40), "{text}: no answer");
            sent = bench.block(480, &std::mem::take(&mut events)).events;
            std::thread::sleep(Duration::from_millis(5));
        }
        let [Event { frame: 0, body: EventBody::SysEx(answer) }] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!((&answer[..4], answer.last()), (&[0xF0, 0x7D, b'C', kind][..], Some(&0xF7)), "{text}");
        let said = std::str::from_utf8(&answer[4..answer.len() - 1]).unwrap();
        match kind {
            b'R' => assert_eq!(said, words),
            _ => assert!(said.contains(words), "{said}"),
        }
    }
    assert_eq!(bench.play(4800)[1][479], 0.5, "what was compiled plays");
}
