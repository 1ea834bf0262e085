//! The plugin plays in a real CLAP host: notes, MIDI, layouts, ends.

use test_host::host::{Event, EventBody, INSTRUMENT, Instance};
use test_host::session::{AtEnd, Session, Timing};

use super::{header, host, keys, session};
use crate::common::{block, csd, csound_is_missing, onset, perform, playing};

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
    let wild = "instr 1\nkzero init 0\na1 = 1 / a(kzero)\na2 = a1 - a1\nouts a1, a2\nendin\n\
                instr 2\nouts a(0.25), a(0.5)\nendin\n";
    let state = session(csd("", &header(32), wild, "i 1 0 0.2\ni 2 0.2 100")).state().unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    for _ in 0..10 {
        let heard = block(&mut instance, 512, &[]).output;
        assert!(heard.iter().flatten().all(|sample| *sample == 0.0));
    }
    perform(&mut instance, 9600, 512);
    let heard = block(&mut instance, 512, &[]).output;
    assert_eq!((heard[0][0], heard[1][0]), (0.25, 0.5), "what is finite sounds again");
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
