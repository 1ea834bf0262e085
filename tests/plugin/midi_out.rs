//! What a piece has let sound at the host by MIDI ends with every interruption of the piece.

use serde_json::json;
use test_host::host::{Event, Transport};
use test_host::session::{AtEnd, Session};

use crate::common::bench::{Bench, KSMPS, LATENCY, header, with_parameter};
use crate::common::{csd, libcsound_is_missing};

/// A key and the pedal go down at the start and at every beginning after that, and never go up.
/// Instrument 2 ends its engine, by either Csound.
const BODY: &str = "instr 1\nnoteon 3, 60, 100\noutic 5, 64, 127, 0, 127\nendin\n\
    instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n";

const ENDS: [[u8; 3]; 2] = [[0xB4, 64, 0], [0x82, 60, 64]];

fn piece(score: &str) -> Session {
    let text = csd("", &header(KSMPS), BODY, score);
    Session { at_end: AtEnd::Keep, ..Session::from_csd("held.csd", text) }
}

/// The MIDI of a block, each message with its frame.
fn sent(bench: &mut Bench, frames: usize, events: &[Event]) -> Vec<(usize, Vec<u8>)> {
    let events = bench.block(frames, events).events;
    events
        .iter()
        .filter_map(|event| Some((event.frame as usize, event.body.midi_bytes()?)))
        .filter(|(_, bytes)| bytes.len() == 3)
        .collect()
}

/// A bench in which both are down.
fn held(state: &[u8]) -> Bench {
    let mut bench = Bench::with_state(state);
    let begun = sent(&mut bench, 480, &[]);
    assert!(begun.iter().any(|(_, bytes)| bytes[..] == [0x92, 60, 100]), "{begun:x?}");
    assert!(begun.iter().any(|(_, bytes)| bytes[..2] == [0xB4, 64]), "{begun:x?}");
    bench
}

/// Plays on until both are up, and gives the frame of the first end, counted from here.
fn ended(what: &str, bench: &mut Bench, events: &[Event]) -> usize {
    let mut events = events;
    for block in 0..60 {
        let messages = sent(bench, 480, events);
        events = &[];
        if let Some((first, _)) = messages.first() {
            let bytes: Vec<_> = messages.iter().take(2).map(|(_, bytes)| bytes.clone()).collect();
            assert_eq!(bytes, ENDS, "{what}");
            return block * 480 + first;
        }
    }
    panic!("{what}: nothing ended");
}

#[test]
fn notes_and_pedals_of_a_piece_end_when_it_is_paused_stopped_moved_or_started_anew() {
    if libcsound_is_missing() {
        return;
    }
    let state = piece("i 1 0 3600").state().unwrap();
    for (id, value, exact) in
        [("play", 0.0, true), ("stop", 1.0, true), ("restart", 1.0, false), ("offset", 0.01, true)]
    {
        let mut bench = held(&state);
        let event = bench.set(100, id, value);
        let at = ended(id, &mut bench, &[event]);
        if exact {
            assert_eq!(at, 480usize.next_multiple_of(KSMPS) - 480 + 96 + LATENCY, "{id}");
        }
    }
    let mut bench = held(&state);
    bench.instance.reset().unwrap();
    ended("reset", &mut bench, &[]);
    let mut bench = held(&state);
    bench.instance.stop().unwrap();
    bench.instance.deactivate();
    bench.instance.activate(48_000.0, 1, 4096).unwrap();
    bench.instance.start().unwrap();
    ended("deactivate", &mut bench, &[]);
    let mut bench = held(&state);
    bench.instance.stop().unwrap();
    bench.instance.deactivate();
    bench.instance.activate(44_100.0, 1, 4096).unwrap();
    bench.instance.start().unwrap();
    ended("another rate", &mut bench, &[]);
    let mut bench = held(&state);
    let silent = csd("", &header(KSMPS), "instr 1\nendin\n", "i 1 0 3600");
    bench.instance.load_state(&Session::from_csd("other.csd", silent).state().unwrap()).unwrap();
    ended("another piece", &mut bench, &[]);
}

#[test]
fn notes_and_pedals_of_a_piece_end_with_its_score_its_loop_and_its_engine() {
    if libcsound_is_missing() {
        return;
    }
    let mut short = piece("i 1 0 0.1");
    for at_end in [AtEnd::Stop, AtEnd::Loop] {
        short.at_end = at_end;
        let at = ended("the end of the score", &mut held(&short.state().unwrap()), &[]);
        assert!((4800..4800 + 3 * KSMPS).contains(&(at + 480)), "{at_end:?}: {}", at + 480);
    }
    ended("a crash", &mut held(&piece("i 1 0 3600\ni 2 0.1 1").state().unwrap()), &[]);
}

#[test]
fn notes_and_pedals_of_a_piece_end_when_the_hosts_transport_stops() {
    if libcsound_is_missing() {
        return;
    }
    let state = with_parameter(&piece("i 1 0 3600"), "sync", json!({ "string": "host" }));
    let mut bench = Bench::with_state(&state);
    let transport = |playing, at| Transport { playing, seconds: at, tempo: 120.0, looped: None };
    let mut messages = Vec::new();
    for block in 0..20 {
        let playing = block < 10;
        let at = f64::from(block.min(10)) * 0.01;
        let transport = Some(transport(playing, at));
        let block = test_host::host::Block { frames: 480, transport, ..Default::default() };
        let events = bench.instance.process(block).unwrap().events;
        messages.extend(events.iter().filter_map(|event| event.body.midi_bytes()));
    }
    messages.retain(|bytes| bytes.len() == 3);
    assert_eq!(messages[messages.len() - 2..], ENDS, "{messages:x?}");
}

#[test]
fn a_bypassed_piece_lets_nothing_sound_at_the_host() {
    if libcsound_is_missing() {
        return;
    }
    let mut score = piece("i 1 0 3600\ni 1 0.1 3600");
    score.at_end = AtEnd::Keep;
    let mut bench = held(&score.state().unwrap());
    let event = bench.set(100, "bypass", 1.0);
    // Where the sound begins to fade.
    assert_eq!(ended("bypass", &mut bench, &[event]), 100 + LATENCY);
    let mut messages = Vec::new();
    (0..20).for_each(|_| messages.extend(sent(&mut bench, 480, &[])));
    assert_eq!(messages, [], "what begins while it is bypassed is not sent");
}
