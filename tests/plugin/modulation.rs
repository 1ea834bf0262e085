//! What a host adds to a parameter for one note, against the same by a hand that sets the note's own channel.

use serde_json::json;
use test_host::host::{Event, Instance, NoteDoes};
use test_host::session::Session;

use crate::common::bench::{Bench, LARGEST, state_with};
use crate::common::{csd, libcsound_is_missing};
use crate::{header, session};

/// Notes are levels: what the channel says, and what is the note's own. A score sets that by hand.
const BODY: &str = "chn_k \"cutoff\", 1, 3, 400, 100, 1600\n\
    instr 1\nSname sprintf \"note.%d.cutoff\", p4\nchnset p5, Sname\nendin\n\
    instr 2\nkcut chnget \"cutoff\"\nkown chnget sprintf(\"note.%d.cutoff\", p8)\n\
    aout = a((kcut + p8 * kown) / 10000)\nouts aout, aout\nendin\n";

/// The same for notes that know nothing of their own, as score events and by MIDI.
const COMMON: &str = "chn_k \"cutoff\", 1, 3, 400, 100, 1600\nmassign 0, 2\n\
    instr 2\nkcut chnget \"cutoff\"\naout = a(kcut / 10000)\nouts aout, aout\nendin\n";

fn piece(body: &str, score: &str) -> Session {
    session(csd("", &header(32), body, &format!("f 0 3600\n{score}")))
}

/// An instance in the exact timing, and one in the pipelined.
fn bench(body: &str, score: &str, mode: &str) -> [Bench; 2] {
    [false, true].map(|pipelined| {
        Bench::with_state(&state_with(&piece(body, score), |params, _| {
            params["note_mode"] = json!({ "string": mode });
            params["note_instrument"] = json!({ "i32": 2 });
            params["pipelined"] = json!({ "bool": pipelined });
        }))
    })
}

const LENGTH: u32 = 9600;

const BLOCK: u32 = 480;

/// What sounds of events at frames of the whole. In the pipelined timing it is the same, later by the largest block.
fn heard([mut exact, mut late]: [Bench; 2], events: impl Fn(&mut Instance, u32) -> Vec<Event>) -> Vec<f32> {
    let param = cutoff(&mut exact.instance);
    let events = events(&mut exact.instance, param);
    let heard = exact.left(LENGTH, BLOCK, &events);
    assert_eq!(late.instance.latency(), exact.instance.latency() + LARGEST as u32);
    let all = late.left(LENGTH + LARGEST as u32, BLOCK, &events);
    assert!(all[..LARGEST].iter().all(|sample| *sample == 0.0) && all[LARGEST..][..heard.len()] == heard);
    heard
}

/// The parameter of the channel.
fn cutoff(instance: &mut Instance) -> u32 {
    instance.params().into_iter().find(|param| param.name == "cutoff").unwrap().id
}

fn assert_alike(heard: &[f32], hand: &[f32], what: &str) {
    assert!(hand.iter().any(|sample| *sample > 0.05), "{what}");
    let first = heard.iter().zip(hand).position(|(one, other)| (one - other).abs() > 1e-6);
    assert_eq!(first.map(|at| (at, heard[at], hand[at])), None, "{what}");
}

/// Frames are on k boundaries, so a score meets them.
fn notes() -> Vec<Event> {
    vec![
        Event::note(320, 70, 0, 60, NoteDoes::Begin(1.0)),
        Event::note(640, 71, 0, 60, NoteDoes::Begin(1.0)),
        Event::note(6400, 70, 0, 60, NoteDoes::End),
        Event::note(8000, 71, 0, 60, NoteDoes::End),
    ]
}

fn with(mut events: Vec<Event>, more: Vec<Event>) -> Vec<Event> {
    events.extend(more);
    events.sort_by_key(|event| event.frame);
    events
}

fn added(frame: u32, id: u32, param: u32, amount: f64) -> Event {
    Event::note(frame, id, 0, 60, NoteDoes::Modulate { param, amount })
}

#[test]
fn what_a_host_adds_for_one_note_reaches_the_notes_own_channel() {
    if libcsound_is_missing() {
        return;
    }
    let modulated = heard(bench(BODY, "", "score"), |_, param| {
        with(
            notes(),
            vec![
                // Two octaves in a half of the way: a quarter is one.
                added(1600, 71, param, 0.25),
                added(2400, 70, param, -0.25),
                // The parameter moves: what was added to it is still a quarter of its way.
                Event::param(3200, param, 0.25),
                added(4800, 70, param, 0.0),
                // Of a note that is not there.
                added(5600, 99, param, 0.5),
            ],
        )
    });
    let score = "i 1 [1600/48000] 0.0001 2 400\ni 1 [2400/48000] 0.0001 1 -200\n\
                 i 1 [3200/48000] 0.0001 2 200\ni 1 [3200/48000] 0.0001 1 -100\ni 1 [4800/48000] 0.0001 1 0\n";
    let by_hand =
        heard(bench(BODY, score, "score"), |_, param| with(notes(), vec![Event::param(3200, param, 0.25)]));
    assert_alike(&modulated, &by_hand, "two notes");
    let plain = heard(bench(BODY, "", "score"), |_, _| notes());
    assert!(plain != modulated);
}

#[test]
fn where_a_piece_has_no_channel_for_each_note_the_newest_moves_the_one_that_there_is() {
    if libcsound_is_missing() {
        return;
    }
    // One more, which sounds on when the others are over.
    let notes = || with(notes(), vec![Event::note(896, 72, 0, 62, NoteDoes::Begin(1.0))]);
    for mode in ["score", "midi"] {
        let modulated = heard(bench(COMMON, "", mode), |_, param| {
            with(
                notes(),
                vec![
                    Event::param(960, param, 0.5),
                    added(1600, 70, param, 0.25),
                    added(2400, 71, param, 0.5),
                    Event::param(3200, param, 0.25),
                ],
            )
        });
        let by_hand = heard(bench(COMMON, "", mode), |_, param| {
            let moves = [(960, 0.5), (1600, 0.75), (2400, 1.0), (3200, 0.75), (8000, 0.25)];
            let moves = moves.map(|(frame, value)| Event::param(frame, param, value));
            with(notes(), moves.into())
        });
        assert_alike(&modulated, &by_hand, mode);
    }
}

#[test]
fn an_end_without_an_id_ends_what_was_added_for_notes_of_its_key_and_channel() {
    if libcsound_is_missing() {
        return;
    }
    let notes = || {
        vec![
            Event::note(320, 70, 0, 60, NoteDoes::Begin(1.0)),
            Event::note(640, 71, 0, 64, NoteDoes::Begin(1.0)),
            Event::note_off(6400, 0, 60),
            Event::note_off(8000, 0, 64),
        ]
    };
    for mode in ["score", "midi"] {
        let modulated = heard(bench(COMMON, "", mode), |_, param| {
            // Others' ends are no ends of it.
            let others = vec![Event::note_off(3200, 0, 61), Event::note_off(4000, 1, 64)];
            let moved = vec![Event::param(960, param, 0.5), added(1600, 71, param, 0.25)];
            let moved = with(notes(), moved);
            with(moved, others)
        });
        let by_hand = heard(bench(COMMON, "", mode), |_, param| {
            let moves = [(960, 0.5), (1600, 0.75), (8000, 0.5)];
            with(notes(), moves.map(|(frame, value)| Event::param(frame, param, value)).into())
        });
        assert_alike(&modulated, &by_hand, mode);
    }
}
