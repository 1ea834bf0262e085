//! The host's notes on their way to a piece that gives each a MIDI channel of its own. Belongs to the audio thread; all
//! of it is realtime-safe.

use nice_plug::prelude::NoteEvent;

use super::members::{Members, seven_bits};
use super::note_events::{bend, select};
use super::sysex::SysEx;

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
        _ => {
            let Some((select, expression, value)) = bend(event) else { return false };
            members.express(select, expression, value as f32, tell);
        }
    }
    true
}
