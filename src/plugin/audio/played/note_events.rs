//! The host's notes on their way to the piece as score events: what a block asks of the performance for them. Belongs
//! to the audio thread; all of it is realtime-safe.

use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::NoteEvent;

use csound_performance::blocks::Block;
use csound_performance::command::Command;
use csound_performance::engine::{EventKind, NOTE_FIELDS, Note, VOICES};

use super::members::seven_bits;
use super::modulation::Modulation;
use super::notes::{NoteOff, NoteOn, Notes, Select};
use crate::plugin::audio::sysex::SysEx;
use crate::plugin::channels::expressions::Expression;
use crate::plugin::channels::wiring::FIRST_EXPRESSION;

/// Room that is left in the agenda for the ends of notes, which must never be lost.
const ROOM_FOR_ENDS: usize = 2 * VOICES;

/// How the piece hears of an event of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// As score events and channels, where at all.
    AsNotes,
    /// It is MIDI to the piece as well, whatever it is to its notes.
    AsMidiToo,
}

/// Begins, ends and bends notes as an event at `frame` says. Expressions are passed on where the piece hears them.
pub fn hear(
    (notes, modulation): (&mut Notes, &mut Modulation),
    hears_expressions: bool,
    block: &mut Block<'_>,
    frame: usize,
    event: &NoteEvent<SysEx>,
) -> Heard {
    match *event {
        NoteEvent::NoteOn { voice_id, channel, key, velocity, .. } => {
            if let (Some(channel), Some(key)) = (channel.number(), key.number())
                && block.has_room_for(ROOM_FOR_ENDS)
                && let Some(on) = notes.on(channel, key, velocity, voice_id.id())
            {
                modulation.begin(on.voice, |rest| block.ask_before_frame(frame, rest));
                begin(block, frame, on, hears_expressions);
            }
        }
        NoteEvent::NoteOff { voice_id, channel, key, .. } => {
            notes.off(select(voice_id, channel, key), |off| end(block, frame, off));
        }
        NoteEvent::Choke { voice_id, channel, key, .. } => {
            notes.choke(select(voice_id, channel, key), |off| end(block, frame, off));
        }
        NoteEvent::MidiCC { channel, cc, value, .. } => {
            let value = seven_bits(value);
            notes.controller(channel, cc, value, |off| end(block, frame, off));
            return Heard::AsMidiToo;
        }
        _ => {
            let Some((select, expression, value)) = bend(event) else { return Heard::AsMidiToo };
            if hears_expressions {
                notes.express(select, |voice| {
                    let index = FIRST_EXPRESSION + expression.index(voice);
                    let _ = block.ask(frame, Command::Event(EventKind::Channel { index, value }));
                });
            }
        }
    }
    Heard::AsNotes
}

/// The expression of notes that an event moves, if it does, and its value.
pub fn bend(event: &NoteEvent<SysEx>) -> Option<(Select, Expression, f64)> {
    let (notes, expression, value) = match *event {
        NoteEvent::PolyTuning { voice_id, channel, key, tuning, .. } => {
            (select(voice_id, channel, key), Expression::Tuning, tuning)
        }
        NoteEvent::PolyPressure { voice_id, channel, key, pressure, .. } => {
            (select(voice_id, channel, key), Expression::Pressure, pressure)
        }
        NoteEvent::PolyBrightness { voice_id, channel, key, brightness, .. } => {
            (select(voice_id, channel, key), Expression::Brightness, brightness)
        }
        _ => return None,
    };
    Some((notes, expression, f64::from(value)))
}

/// The notes that an event of the host is meant for.
pub fn select(id: VoiceID, channel: Channel, key: Key) -> Select {
    Select { channel: channel.number(), key: key.number(), id: id.id() }
}

/// Begins a note, with its expressions at rest.
fn begin(block: &mut Block<'_>, frame: usize, on: NoteOn, hears_expressions: bool) {
    if hears_expressions {
        for expression in Expression::ALL {
            let index = FIRST_EXPRESSION + expression.index(on.voice);
            let rest = Command::Event(EventKind::Channel { index, value: expression.resting() });
            block.ask_before_frame(frame, rest);
        }
    }
    let note = Note { fields: on.fields, count: NOTE_FIELDS as u8, voice: on.voice };
    // There was room, or the note would not have begun.
    let _ = block.ask(frame, Command::Event(EventKind::Note(note)));
}

/// Ends a note.
pub fn end(block: &mut Block<'_>, frame: usize, off: NoteOff) {
    // Room was left for it when the note began.
    let _ = block.ask(frame, end_of(off));
}

/// What ends a note.
pub fn end_of(off: NoteOff) -> Command {
    let mut fields = [0.0; NOTE_FIELDS];
    fields[..3].copy_from_slice(&off.fields);
    Command::Event(EventKind::Note(Note { fields, count: 3, voice: off.voice }))
}
