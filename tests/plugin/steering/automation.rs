//! Each parameter that `remote_control` leaves out, at its frame.

use hound::SampleFormat;
use serde_json::{Value, json};
use test_host::host::{Event, Host, INSTRUMENT, Instance, Transport};
use test_host::session::{AtEnd, Session};

use super::{recording_into, take};
use crate::common::bench::{
    BODY, Bench, KSMPS, LATENCY, bursts, header, heard_boundary, notes, silent_from, slots, state_with,
    with_parameter,
};
use crate::common::{csd, libcsound_is_missing, onset, plugin};

#[test]
fn record_bits_are_the_next_recordings_format() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::with_state(&recording_into(folder.path()));
    bench.play(4800);
    for (text, bits, format) in [
        ("32 bit float", 32, SampleFormat::Float),
        ("16 bit", 16, SampleFormat::Int),
        ("24 bit", 24, SampleFormat::Int),
    ] {
        let choice = [bench.say(7, "record_bits", text)];
        bench.block(480, &choice);
        let blocks = [
            (480, vec![bench.set(100, "record", 1.0)]),
            (480, vec![bench.set(77, "record", 0.0)]),
            (480, Vec::new()),
        ];
        let frames = 380 + 77;
        let (heard, file) = take(&mut bench, folder.path(), &blocks, |reader| {
            let spec = reader.spec();
            reader.duration() == frames as u32 && (spec.bits_per_sample, spec.sample_format) == (bits, format)
        });
        let mut reader = hound::WavReader::open(&file).unwrap();
        let recorded: Vec<f64> = match format {
            SampleFormat::Float => reader.samples::<f32>().map(|sample| f64::from(sample.unwrap())).collect(),
            SampleFormat::Int => {
                let scale = f64::from(1_u32 << (bits - 1));
                reader.samples::<i32>().map(|sample| f64::from(sample.unwrap()) / scale).collect()
            }
        };
        let step = if bits == 32 { 0.0 } else { 1.0 / f64::from(1_u32 << (bits - 1)) };
        for (frame, recorded) in recorded.chunks(2).enumerate() {
            let heard = f64::from(heard[100 + LATENCY + frame]);
            assert!(
                (recorded[0] - heard).abs() <= step,
                "{text}, frame {frame}: {recorded:?}, heard {heard}"
            );
        }
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn record_buffers_are_the_next_recordings_ring() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // In real time: an offline render waits for the disk.
    let host = Host::load(plugin()).unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.load_state(&recording_into(folder.path())).unwrap();
    instance.activate(48_000.0, 1, 4096).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let mut bench = Bench { instance, at: 0 };
    bench.play(480 * 10);
    // One block is recorded before anybody can write the ring down: what it holds is what is left.
    for (buffers, frames) in [("1", 1024), ("3", 3072), ("64", 4096), ("2", 2048)] {
        let choice = [bench.say(0, "record_buffers", buffers)];
        bench.block(480, &choice);
        let blocks = [(4096, vec![bench.set(0, "record", 1.0)]), (480, vec![bench.set(0, "record", 0.0)])];
        let (_, file) = take(&mut bench, folder.path(), &blocks, |reader| reader.duration() == frames);
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn at_end_can_be_chosen_while_the_piece_plays() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\naout = 0.5\nouts aout, aout\nendin\nmassign 0, 1\n";
    let piece = |at_end| {
        let text = csd("", &header(KSMPS), body, "i 1 0 0.5\nf 0 0.75");
        Session { at_end, ..Session::from_csd("end.csd", text) }
    };
    for (at_end, text) in [(AtEnd::Stop, "Stop"), (AtEnd::Loop, "Loop"), (AtEnd::Keep, "Keep playing")] {
        let other = if at_end == AtEnd::Keep { AtEnd::Stop } else { AtEnd::Keep };
        let mut chosen = Bench::new(&piece(other));
        let mut from_the_start = Bench::new(&piece(at_end));
        for bench in [&mut chosen, &mut from_the_start] {
            bench.play(9600);
        }
        let choice = [chosen.say(50, "at_end", text)];
        chosen.block(480, &choice);
        from_the_start.block(480, &[]);
        // The score goes on where it was; the change of engines is faded over 10 ms.
        chosen.play(960);
        from_the_start.play(960);
        let mut heard = Vec::new();
        for block in 0..150 {
            let (ours, theirs) = (chosen.block(480, &[]), from_the_start.block(480, &[]));
            assert_eq!(ours.output, theirs.output, "{text}, block {block}");
            assert_eq!(ours.is_playing(), theirs.is_playing(), "{text}, block {block}");
            heard.extend_from_slice(&ours.output[0]);
        }
        let begun = 9600 + 480 + 960;
        assert_eq!(silent_from(&heard[..24_000]), Some(24_000 + LATENCY - begun), "{text}");
        let plays = chosen.block(480, &[]).is_playing();
        assert_eq!(plays, at_end != AtEnd::Stop, "{text}");
        assert_eq!(onset(&heard[24_000..]).is_some(), at_end == AtEnd::Loop, "{text}");
        if at_end == AtEnd::Keep {
            let at = chosen.at;
            let heard = chosen.block(480, &[Event::note_on(100, 0, 60, 1.0)]).output;
            assert_eq!(onset(&heard[0]), Some(heard_boundary(at, 100)), "it plays for MIDI");
        }
    }
}

#[test]
fn score_notes_start_the_chosen_instrument_or_the_named_one() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\naout = 0.1\nouts aout, aout\nendin\ninstr 7\naout = 0.7\nouts aout, aout\nendin\n\
                instr Lead\naout = 0.9\nouts aout, aout\nendin\n";
    let text = csd("", &header(KSMPS), body, "");
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("lead.csd", text) };
    let level = |bench: &mut Bench, frame: u32| {
        let heard = bench.block(480, &[Event::note_on(frame, 0, 60, 1.0)]).output;
        assert_eq!(onset(&heard[0]), Some(frame as usize + LATENCY));
        let level = heard[0][479];
        bench.block(480, &[Event::note_off(0, 0, 60)]);
        bench.play(480);
        level
    };
    let mut bench = Bench::with_state(&with_parameter(&session, "note_mode", json!({ "string": "score" })));
    bench.play(960);
    assert_eq!(level(&mut bench, 5), 0.1);
    let seven = [bench.say(13, "note_instrument", "7")];
    bench.block(480, &seven);
    assert_eq!(level(&mut bench, 21), 0.7);
    let mut named = Bench::with_state(&state_with(&session, |params, own| {
        params["note_mode"] = json!({ "string": "score" });
        params["note_instrument"] = json!({ "i32": 7 });
        own["note_instrument"] = "Lead".into();
    }));
    named.play(960);
    assert_eq!(level(&mut named, 17), 0.9, "the name goes before the number");
    let saved = named.instance.save_state().unwrap();
    assert_eq!(test_host::session::session_of(&saved).unwrap()["note_instrument"], "Lead");
    let mut again = Bench::with_state(&saved);
    again.play(960);
    assert_eq!(level(&mut again, 18), 0.9, "it is kept with the session");
}

#[test]
fn sync_follows_the_host_s_loop_and_its_tempo() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\nktime timeinsts\nktempo chnget \"HOST_BPM\"\naclock upsamp ktime / 1000\n\
                atempo upsamp ktempo / 1000\nouts aclock, atempo\nendin\n";
    let text = csd("", &header(KSMPS), body, "i 1 0 3600");
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("loop.csd", text) };
    // The host goes back inside of a block, too.
    for frames in [480, 500, 1111] {
        let mut bench = Bench::with_state(&with_parameter(&session, "sync", json!({ "string": "host" })));
        let (start, length) = (20.0, 4800_usize);
        let end = start + length as f64 / 48_000.0;
        let place = |frame: usize| start + (frame % length) as f64 / 48_000.0;
        let tempo = |block: usize| if block < 15 { 90.0 } else { 133.0 };
        let mut heard = [Vec::new(), Vec::new()];
        for block in 0..30 {
            let transport = Transport {
                playing: true,
                seconds: place(block * frames),
                tempo: tempo(block),
                looped: Some((start, end)),
            };
            let now = bench.synced(frames, transport);
            heard[0].extend_from_slice(&now[0]);
            heard[1].extend_from_slice(&now[1]);
        }
        // Every frame but those beside a return is where the host was.
        for (frame, sample) in heard[0].iter().enumerate().skip(KSMPS + LATENCY) {
            let frame = frame - LATENCY;
            let near = frame % length;
            if near < KSMPS || near > length - KSMPS {
                continue;
            }
            let clock = f64::from(*sample) * 1000.0;
            let off = (clock - place(frame)).abs();
            assert!(off < 0.002, "blocks of {frames}, frame {frame}: {clock}, the host {}", place(frame));
        }
        let returns: Vec<usize> =
            (1..heard[0].len()).filter(|frame| heard[0][*frame] < heard[0][frame - 1] - 5e-5).collect();
        let expected: Vec<usize> = (1..)
            .map(|turn| (turn * length + KSMPS / 2) / KSMPS * KSMPS + LATENCY)
            .take_while(|frame| *frame < heard[0].len())
            .collect();
        assert_eq!(returns, expected, "blocks of {frames}: a return is a seek at the nearest k boundary");
        let changed = heard[1].iter().position(|sample| *sample > 0.1).unwrap();
        let (block, cycle) = (15 * frames, changed - LATENCY);
        assert!(cycle.is_multiple_of(KSMPS) && (block..block + KSMPS).contains(&cycle), "{cycle}, {block}");
    }
}

#[test]
fn timing_changes_the_latency_and_when_notes_begin() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&notes(64));
    bench.play(960);
    let choices = [
        ("timing", "Immediate", 0),
        ("timing", "Exact", 63),
        ("pipelined", "On", 63 + 4096),
        ("timing", "Immediate", 63 + 4096),
        ("pipelined", "Off", 0),
    ];
    for (id, text, latency) in choices {
        let before = bench.instance.latency();
        let choice = [bench.say(3, id, text)];
        bench.block(480, &choice);
        bench.instance.settle().unwrap();
        bench.instance.start().unwrap();
        assert_eq!(bench.instance.latency(), latency, "{text}");
        if latency != before {
            // The framing begins anew with the activation.
            bench.at = 0;
        }
        bench.play(960);
        for frame in [0, 1, 31, 32, 33, 63, 64, 65] {
            let place = bench.at + frame;
            let boundary = match latency {
                0 => place.div_ceil(64) * 64,
                _ => (place + 32) / 64 * 64,
            };
            let expected = boundary + latency as usize - bench.at;
            let mut heard = bench.block(480, &[Event::note_on(frame as u32, 0, 60, 1.0)]).output.remove(0);
            while heard.len() < latency as usize + 480 {
                heard.extend(bench.block(480, &[]).output.remove(0));
            }
            assert_eq!(onset(&heard), Some(expected), "{text}, frame {frame}");
            bench.block(480, &[Event::note_off(0, 0, 60)]);
            bench.play(latency as usize + 480);
        }
    }
}

#[test]
fn sample_accurate_and_note_mode_can_be_chosen_while_the_piece_plays() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", &header(KSMPS), BODY, "i 1 0 3600");
    let rough = Session { at_end: AtEnd::Keep, ..Session::from_csd("rough.csd", text) };
    let line = |own: &mut Value| own["events"] = slots("i 2 0 0.01 0.5", false);
    let mut bench = Bench::with_state(&state_with(&rough, |_, own| line(own)));
    bench.play(4800);
    let send = |bench: &mut Bench, frame: u32| {
        let rise = [bench.set(frame, "event_1", 1.0), bench.set(479, "event_1", 0.0)];
        let heard = bench.block(480, &rise).output;
        bench.play(960);
        bursts(&heard[1])
    };
    assert_eq!((bench.at + 13) % KSMPS, 13);
    let first = send(&mut bench, 13);
    assert!(first == [LATENCY] || first == [KSMPS + LATENCY], "at a k boundary: {first:?}");
    let on = [bench.say(9, "sample_accurate", "On")];
    bench.block(480, &on);
    bench.play(960);
    for frame in [13, 29, 4] {
        assert_eq!(send(&mut bench, frame), [frame as usize + LATENCY], "on its frame");
    }
    let clock = bench.clock();
    let expected = bench.at as f64 / 48_000.0;
    assert!((clock - expected).abs() < 0.002, "at the same score position: {clock}, not {expected}");

    let mut bench = Bench::new(&notes(64));
    bench.play(9600);
    for (text, is_exact) in [("Score events", true), ("MIDI", false), ("Score events", true)] {
        let choice = [bench.say(9, "note_mode", text)];
        bench.block(480, &choice);
        bench.play(960);
        for frame in [3, 40, 77] {
            let at = bench.at;
            let place = at + frame;
            let begins = if is_exact { place } else { (place + 32) / 64 * 64 };
            let heard = bench.block(480, &[Event::note_on(frame as u32, 0, 60, 1.0)]).output;
            assert_eq!(onset(&heard[0]), Some(begins + 63 - at), "{text}, frame {frame}");
            bench.block(480, &[Event::note_off(0, 0, 60)]);
            bench.play(480);
        }
    }
}

#[test]
fn every_channel_of_the_bank_is_written_at_the_k_cycle_nearest_to_its_frame() {
    if libcsound_is_missing() {
        return;
    }
    let reads: String =
        (1..=128).map(|slot| format!("k{slot} chnget \"v{slot}\"\nksum = ksum + k{slot}\n")).collect();
    let body = format!("instr 1\nksum = 0\n{reads}asum upsamp ksum\nouts asum, a(0)\nendin\n");
    let text = csd("", &header(KSMPS), &body, "i 1 0 3600");
    let mut bench = Bench::new(&Session { at_end: AtEnd::Keep, ..Session::from_csd("bank.csd", text) });
    bench.play(960);
    for slot in 1..=128_u32 {
        let id = format!("c{slot:03}");
        let name = bench.instance.value_to_text(test_host::host::param_id(&id), 0.5).unwrap();
        assert!(name.starts_with(&format!("v{slot} ")), "{id} shows {name}");
        let (at, frame) = (bench.at, slot * 3 % 97);
        let up = [bench.set(frame, &id, 0.5)];
        let heard = bench.block(480, &up).output;
        assert_eq!(onset(&heard[0]), Some(heard_boundary(at, frame as usize)), "{id}");
        assert_eq!(heard[0][479], 0.5, "{id}");
        let at = bench.at;
        let down = [bench.set(frame, &id, 0.0)];
        let heard = bench.block(480, &down).output;
        assert_eq!(silent_from(&heard[0]), Some(heard_boundary(at, frame as usize)), "{id}");
    }
}
