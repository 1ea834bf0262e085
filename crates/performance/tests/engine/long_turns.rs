//! Turns that an engine process performs in several steps: the same as in one.

use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::planes::Planes;
use csound_performance::engine::remote::RemoteEngine;
use csound_performance::engine::{Engine, Event, EventKind, MidiMessage, MidiOut, Outcome, Span, Turn};

use crate::common::engines::{options, spec};
use crate::common::{csd, libcsound_is_missing};

/// The channels of a piece that hears its input, plays keys, and sends a key for each.
const BODY: &str = "massign 0, 2\ninstr 1\nain in\na1 line 0, 30, 1\nout a1 + ain\nendin\n\
                    instr 2\nnoteondur 1, notnum(), 90, 0.001\na1 oscili 0.1, cpsmidi()\nout a1\nendin\n";

/// One turn with a key in some of its k-cycles: all that comes of it.
fn perform(engine: &mut dyn Engine, cycles: usize) -> (Outcome, Vec<f32>, Vec<MidiOut>) {
    let frames = cycles * engine.format().ksmps;
    let (mut input, mut output) = (Planes::new(4, frames), Planes::new(1, frames));
    for (frame, sample) in input.channel_mut(0).iter_mut().enumerate() {
        *sample = (frame % 997) as f32 / 4096.0;
    }
    let key = |cycle: usize| {
        let bytes = [if cycle.is_multiple_of(10) { 0x90 } else { 0x80 }, 40 + (cycle / 10 % 50) as u8, 64];
        Event { cycle, frame: 0, kind: EventKind::Midi(MidiMessage::new(&bytes).unwrap()) }
    };
    let mut events: Vec<Event> = (0..cycles).filter(|cycle| matches!(cycle % 10, 0 | 7)).map(key).collect();
    let mut midi_out = Vec::with_capacity(1024);
    let outcome = engine.perform(&mut Turn {
        span: Span::at_front(cycles),
        input: &input,
        output: &mut output,
        events: &mut events,
        midi_out: &mut midi_out,
        offline: true,
    });
    (outcome, output.channel(0).to_vec(), midi_out)
}

#[test]
fn a_turn_in_steps_is_the_same_in_sound_events_midi_and_at_the_end_of_the_score() {
    if libcsound_is_missing() {
        return;
    }
    for ksmps in [10, 32, 441] {
        let header = format!("sr = 48000\nksmps = {ksmps}\nnchnls = 1\n");
        let text = csd("", &header, BODY, "i 1 0 0.5");
        let mut remote = RemoteEngine::start(&spec(text.clone()), &options(), &mut |_| ()).unwrap().engine;
        let mut local = LocalEngine::start(&spec(text), &mut |_| ()).unwrap().engine;
        let mut sent = 0;
        // Shorter than a step, as long as a turn, longer; the last of them is beyond the score's end.
        for frames in [500, 4096, 2500, 9000, 4096, 4096] {
            let cycles = frames / ksmps;
            let (theirs, ours) = (perform(&mut local, cycles), perform(&mut remote, cycles));
            assert_eq!(ours.0, theirs.0, "ksmps {ksmps}, {frames} frames");
            assert!(ours.1 == theirs.1, "ksmps {ksmps}, {frames} frames: the sound");
            assert_eq!(ours.2, theirs.2, "ksmps {ksmps}, {frames} frames: MIDI");
            sent += ours.2.len();
        }
        assert!(sent > 10, "{sent} messages");
        assert!(perform(&mut remote, 100).0.end.is_some(), "the score is over");
    }
}
