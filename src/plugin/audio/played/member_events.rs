//! The host's notes on their way to a piece that gives each a MIDI channel of its own. Belongs to the audio thread; all
//! of it is realtime-safe.

use nice_plug::prelude::NoteEvent;

use super::members::{Control, Members, seven_bits};
use super::note_events::{bend, select};
use super::notes::Select;
use crate::plugin::audio::sysex::SysEx;

/// Tells the piece what an event of the host is to the notes and their channels. False where it is nothing to them.
pub fn hear(members: &mut Members, event: &NoteEvent<SysEx>, tell: &mut impl FnMut(&[u8])) -> bool {
    match *event {
        NoteEvent::NoteOn { voice_id, channel, key, velocity, .. } => {
            if let (Some(channel), Some(key)) = (channel.number(), key.number()) {
                members.on(channel & 0x0F, key & 0x7F, seven_bits(velocity).max(1), voice_id.id(), tell);
            }
        }
        NoteEvent::NoteOff { voice_id, channel, key, velocity, .. } => {
            return members.off(select(voice_id, channel, key), seven_bits(velocity), tell);
        }
        NoteEvent::Choke { voice_id, channel, key, .. } => {
            return members.choke(select(voice_id, channel, key), tell);
        }
        NoteEvent::MidiCC { channel, cc, value, .. } => {
            members.controller(channel & 0x0F, cc & 0x7F, seven_bits(value), tell);
        }
        NoteEvent::MidiPitchBend { channel, value, .. } => {
            let steps = (value * 16383.0).round().clamp(0.0, 16383.0) as u16;
            members.bend(channel & 0x0F, steps, tell);
        }
        NoteEvent::MidiChannelPressure { channel, pressure, .. } => {
            members.pressure(channel & 0x0F, seven_bits(pressure), tell);
        }
        NoteEvent::MidiProgramChange { program, .. } => members.program(program & 0x7F, tell),
        _ => match (bend(event), control(event)) {
            (Some((select, expression, value)), _) => members.express(select, expression, value as f32, tell),
            // What is no number says nothing.
            (_, Some((select, control, value))) if !value.is_nan() => {
                members.control(select, control, seven_bits(value), tell);
            }
            (_, Some(_)) => {}
            _ => return false,
        },
    }
    true
}

/// The controller of notes that an event moves, if it does, and where to, from 0 to 1.
fn control(event: &NoteEvent<SysEx>) -> Option<(Select, Control, f32)> {
    Some(match *event {
        NoteEvent::PolyVibrato { voice_id, channel, key, vibrato, .. } => {
            (select(voice_id, channel, key), Control::Vibrato, vibrato)
        }
        // As loud as it is at 1; what is louder has no place there.
        NoteEvent::PolyVolume { voice_id, channel, key, gain, .. } => {
            (select(voice_id, channel, key), Control::Volume, gain)
        }
        NoteEvent::PolyPan { voice_id, channel, key, pan, .. } => {
            (select(voice_id, channel, key), Control::Pan, (pan + 1.0) / 2.0)
        }
        NoteEvent::PolyExpression { voice_id, channel, key, expression, .. } => {
            (select(voice_id, channel, key), Control::Expression, expression)
        }
        _ => return None,
    })
}
