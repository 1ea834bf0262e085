//! Notes and event slots begin when they are asked to, whatever the k-cycle and the host's blocks.

use serde_json::json;
use test_host::host::Event;
use test_host::session::{AtEnd, Session, Timing};

use crate::common::bench::{Bench, bursts, header, slots, state_with};
use crate::common::{Random, csd, libcsound_is_missing};

/// The largest block.
const LARGEST: usize = 4096;

/// Frames before the first event.
const LEAD: usize = 8820;

/// How an event comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// A key, as MIDI.
    Midi,
    /// A key, as a score event.
    Score,
    /// The trigger of an event slot.
    Slot,
}

fn bench(ksmps: usize, timing: Timing, way: Way) -> Bench {
    let body = "massign 0, 1\ninstr 1\naout = 0.25\nouts aout, aout\nendin\n";
    let text = csd("--sample-accurate", &header(ksmps), body, "");
    let session = Session { at_end: AtEnd::Keep, timing, ..Session::from_csd("times.csd", text) };
    Bench::with_state(&state_with(&session, |params, own| {
        params["note_mode"] = json!({ "string": if way == Way::Score { "score" } else { "midi" } });
        own["events"] = slots("i 1 0 0.0005", false);
    }))
}

/// What makes event `number` at a frame of the whole performance, and ends it.
fn events(bench: &Bench, way: Way, number: usize, frame: usize, ksmps: usize) -> Vec<(usize, Event)> {
    let key = (number % 128) as u8;
    let trigger = |value| bench.set(0, &format!("event_{}", number % 16 + 1), value);
    match way {
        Way::Slot => vec![(frame, trigger(1.0)), (frame + 20, trigger(0.0))],
        _ => vec![(frame, Event::note_on(0, 0, key, 0.5)), (frame + ksmps + 20, Event::note_off(0, 0, key))],
    }
}

/// When an event is heard that is asked for at a frame.
fn heard_at(frame: usize, ksmps: usize, timing: Timing, way: Way) -> usize {
    match (timing, way) {
        (Timing::Immediate, _) => frame.div_ceil(ksmps) * ksmps,
        (Timing::Exact, Way::Midi) => (frame + ksmps / 2) / ksmps * ksmps + ksmps - 1,
        (Timing::Exact, _) => frame + ksmps - 1,
        (Timing::Pipelined, _) => heard_at(frame, ksmps, Timing::Exact, way) + LARGEST,
    }
}

/// Asks for events at `frames`, in blocks as `next_block` says, and compares when they are heard.
fn check(ksmps: usize, timing: Timing, way: Way, frames: &[usize], mut next_block: impl FnMut() -> usize) {
    let mut bench = bench(ksmps, timing, way);
    let mut asked: Vec<(usize, Event)> = frames
        .iter()
        .enumerate()
        .flat_map(|(number, frame)| events(&bench, way, number, *frame, ksmps))
        .collect();
    asked.sort_by_key(|(frame, _)| *frame);
    let end = frames.last().unwrap() + 4 * ksmps + 2 * LARGEST;
    let (mut heard, mut next) = (Vec::with_capacity(end), 0);
    while bench.at < end {
        let (begin, size) = (bench.at, next_block());
        let mut now = Vec::new();
        while let Some((frame, event)) = asked.get(next).filter(|(frame, _)| *frame < begin + size) {
            now.push(Event { frame: (frame - begin) as u32, body: event.body.clone() });
            next += 1;
        }
        heard.extend_from_slice(&bench.block(size, &now).output[0]);
    }
    let expected: Vec<usize> = frames.iter().map(|frame| heard_at(*frame, ksmps, timing, way)).collect();
    assert_eq!(bursts(&heard), expected, "ksmps {ksmps}, {timing:?}, {way:?}");
}

const WAYS: [Way; 3] = [Way::Midi, Way::Score, Way::Slot];

const TIMINGS: [Timing; 3] = [Timing::Exact, Timing::Immediate, Timing::Pipelined];

#[test]
fn an_event_begins_right_on_every_frame_of_a_k_cycle() {
    if libcsound_is_missing() {
        return;
    }
    for ksmps in [1_usize, 10, 64, 441] {
        let apart = (4 * ksmps + 60).next_multiple_of(ksmps);
        let first = LEAD.next_multiple_of(ksmps);
        let frames: Vec<usize> = (0..ksmps).map(|frame| first + frame * apart + frame).collect();
        for way in WAYS {
            for timing in TIMINGS {
                check(ksmps, timing, way, &frames, || 512);
            }
        }
    }
}

#[test]
fn random_notes_and_slots_begin_when_they_are_asked_to_in_blocks_of_1_to_4096() {
    if libcsound_is_missing() {
        return;
    }
    let (mut random, mut events) = (Random::new(77), 0);
    for ksmps in [1_usize, 10, 64, 441] {
        for way in WAYS {
            for timing in TIMINGS {
                let mut frame = LEAD;
                let frames: Vec<usize> = (0..100)
                    .map(|_| {
                        frame += 4 * ksmps + 60 + random.below(500);
                        frame
                    })
                    .collect();
                events += frames.len();
                // As many small blocks as large ones.
                check(ksmps, timing, way, &frames, || {
                    let most = 1 << random.below(13);
                    1 + random.below(most)
                });
            }
        }
    }
    assert!(events > 1000);
}
