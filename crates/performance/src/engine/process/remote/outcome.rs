//! What came of a turn, as its engine has left it in the shared memory. Nothing of it is believed.

use std::sync::atomic::Ordering;

use crate::engine::process::platform::SharedMemory;
use crate::engine::process::wire::{self, Layout};
use crate::engine::turn::{Format, MIDI_OUT_CAPACITY, Outcome, Turn};

/// Copies what came out of a part of a turn, of `cycles` k-cycles after `done`, and holds it to what is possible.
///
/// # Realtime safety
/// Safe.
pub(super) fn read_part(
    memory: &SharedMemory,
    format: &Format,
    turn: &mut Turn<'_>,
    done: usize,
    cycles: usize,
) -> Outcome {
    let word = |at: usize| memory.word(at).load(Ordering::Relaxed);
    let (ksmps, layout) = (format.ksmps, Layout::new(format.ksmps));
    let performed = (word(wire::PERFORMED) as usize).min(cycles);
    let at = turn.span.output_at + done * ksmps;
    let mut non_finite = word(wire::NON_FINITE);
    for channel in 0..format.outputs.min(turn.output.channels()) {
        let frames = &mut turn.output.channel_mut(channel)[at..at + performed * ksmps];
        memory.read_samples(layout.output(channel), frames);
        for sample in frames.iter_mut().filter(|sample| !sample.is_finite()) {
            *sample = 0.0;
            non_finite = non_finite.saturating_add(1);
        }
    }
    turn.output.silence(at + performed * ksmps, (cycles - performed) * ksmps);
    read_midi(memory, layout, turn, done, Some(cycles));
    Outcome {
        performed,
        end: (word(wire::ENDED) != 0).then(|| word(wire::END) as i32).filter(|end| *end != 0),
        non_finite,
        late_events: word(wire::LATE_EVENTS),
        lengthened_events: word(wire::LENGTHENED),
        ..Outcome::default()
    }
}

/// Takes the MIDI of a turn of `cycles` k-cycles, or of one that was late: all of it at once then.
///
/// # Realtime safety
/// Safe.
pub(super) fn read_midi(
    memory: &SharedMemory,
    layout: Layout,
    turn: &mut Turn<'_>,
    done: usize,
    cycles: Option<usize>,
) {
    let most = cycles.map_or(layout.cycles(), |cycles| cycles.max(1));
    let count = memory.word(wire::MIDI_LEN).load(Ordering::Relaxed) as usize;
    for at in 0..count.min(MIDI_OUT_CAPACITY) {
        let mut bytes = [0; wire::MIDI_BYTES];
        memory.read(wire::MIDI + at * wire::MIDI_BYTES, &mut bytes);
        if let Some(mut sent) = wire::midi_from_bytes(bytes, most)
            && turn.midi_out.len() < turn.midi_out.capacity()
        {
            sent.cycle = done + cycles.map_or(0, |_| sent.cycle);
            turn.midi_out.push(sent);
        }
    }
}

/// Adds what one part of a turn did to what the others did.
pub(super) fn add(whole: &mut Outcome, part: Outcome) {
    whole.performed += part.performed;
    whole.end = part.end.or(whole.end);
    whole.non_finite = whole.non_finite.saturating_add(part.non_finite);
    whole.late_events = whole.late_events.saturating_add(part.late_events);
    whole.lengthened_events = whole.lengthened_events.saturating_add(part.lengthened_events);
}
