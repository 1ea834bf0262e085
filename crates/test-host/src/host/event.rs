//! Events to and from a plugin.

use clack_host::events::event_types::{
    MidiEvent, MidiSysExEvent, NoteChokeEvent, NoteExpressionEvent, NoteExpressionType, NoteOffEvent,
    NoteOnEvent, ParamModEvent, ParamValueEvent,
};
use clack_host::events::io::{EventBuffer, OutputEventBuffer, TryPushError};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::events::{Match, Pckn, UnknownEvent};
use clack_host::utils::ClapId;

/// Something that happens at a frame of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Frames after the block's first.
    pub frame: u32,
    /// What happens.
    pub body: EventBody,
}

/// What happens. Channels are 0 to 15, keys 0 to 127.
#[derive(Clone, Debug, PartialEq)]
pub enum EventBody {
    /// A CLAP note begins; velocity 0 to 1.
    NoteOn {
        /// MIDI channel, 0 to 15.
        channel: u8,
        /// MIDI key, 0 to 127.
        key: u8,
        /// 0 to 1.
        velocity: f64,
    },
    /// A CLAP note ends; release velocity 0 to 1.
    NoteOff {
        /// MIDI channel, 0 to 15.
        channel: u8,
        /// MIDI key, 0 to 127.
        key: u8,
        /// 0 to 1.
        velocity: f64,
    },
    /// A CLAP note is cut off.
    NoteChoke {
        /// MIDI channel, 0 to 15.
        channel: u8,
        /// MIDI key, 0 to 127.
        key: u8,
    },
    /// A plugin says that a note is over. Only from a plugin.
    NoteEnd {
        /// MIDI channel, 0 to 15.
        channel: u8,
        /// MIDI key, 0 to 127.
        key: u8,
    },
    /// A sounding note is tuned, in semitones from its key.
    NoteTuning {
        /// MIDI channel, 0 to 15.
        channel: u8,
        /// MIDI key, 0 to 127.
        key: u8,
        /// Semitones.
        semitones: f64,
    },
    /// What a CLAP note with an id of the host's does.
    Note {
        /// The id.
        id: u32,
        /// MIDI channel, 0 to 15.
        channel: u8,
        /// MIDI key, 0 to 127.
        key: u8,
        /// What it does.
        does: NoteDoes,
    },
    /// A MIDI channel message as it goes over the wire; a message of two bytes is followed by a 0.
    Midi([u8; 3]),
    /// A MIDI system exclusive message, F0 and F7 included.
    SysEx(Vec<u8>),
    /// A parameter takes a value.
    Param {
        /// The CLAP id; see [`super::param_id`].
        id: u32,
        /// The plain value.
        value: f64,
    },
}

/// What a note does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoteDoes {
    /// It begins, with a velocity of 0 to 1.
    Begin(f64),
    /// It ends.
    End,
    /// It is tuned, in semitones from its key.
    Tune(f64),
    /// It is pressed, 0 to 1.
    Press(f64),
    /// Its brightness, 0 to 1.
    Brighten(f64),
    /// Its volume, a factor of 0 to 4.
    Louden(f64),
    /// Its place, 0 (left) to 1 (right).
    Place(f64),
    /// Its vibrato, 0 to 1.
    Shake(f64),
    /// Its expression, 0 to 1.
    Express(f64),
    /// A parameter is modulated for it.
    Modulate {
        /// The CLAP id; see [`super::param_id`].
        param: u32,
        /// What is added to the parameter's plain value.
        amount: f64,
    },
}

impl Event {
    /// What a CLAP note with an id does.
    pub fn note(frame: u32, id: u32, channel: u8, key: u8, does: NoteDoes) -> Self {
        Self { frame, body: EventBody::Note { id, channel, key, does } }
    }

    /// A CLAP note on; velocity 0 to 1.
    pub fn note_on(frame: u32, channel: u8, key: u8, velocity: f64) -> Self {
        Self { frame, body: EventBody::NoteOn { channel, key, velocity } }
    }

    /// A CLAP note off.
    pub fn note_off(frame: u32, channel: u8, key: u8) -> Self {
        Self { frame, body: EventBody::NoteOff { channel, key, velocity: 0.0 } }
    }

    /// A CLAP note choke.
    pub fn note_choke(frame: u32, channel: u8, key: u8) -> Self {
        Self { frame, body: EventBody::NoteChoke { channel, key } }
    }

    /// A MIDI message of up to three bytes.
    pub fn midi(frame: u32, message: [u8; 3]) -> Self {
        Self { frame, body: EventBody::Midi(message) }
    }

    /// A system exclusive message, F0 and F7 included, or a system real-time message of one byte.
    pub fn sysex(frame: u32, message: impl Into<Vec<u8>>) -> Self {
        Self { frame, body: EventBody::SysEx(message.into()) }
    }

    /// A parameter's value; `id` as [`super::param_id`] gives it.
    pub fn param(frame: u32, id: u32, value: f64) -> Self {
        Self { frame, body: EventBody::Param { id, value } }
    }
}

impl EventBody {
    /// The MIDI message that this is or stands for, without padding. None for a parameter, and for
    /// notes that only CLAP knows.
    pub fn midi_bytes(&self) -> Option<Vec<u8>> {
        let seven_bits = |velocity: f64| (velocity.clamp(0.0, 1.0) * 127.0).round() as u8;
        match self {
            Self::NoteOn { channel, key, velocity } => {
                Some(vec![0x90 | channel, *key, seven_bits(*velocity)])
            }
            Self::NoteOff { channel, key, velocity } => {
                Some(vec![0x80 | channel, *key, seven_bits(*velocity)])
            }
            Self::Midi(message) => {
                let is_short = matches!(message[0] & 0xF0, 0xC0 | 0xD0);
                Some(message[..if is_short { 2 } else { 3 }].to_vec())
            }
            Self::SysEx(message) => Some(message.clone()),
            Self::NoteChoke { .. }
            | Self::NoteTuning { .. }
            | Self::Note { .. }
            | Self::NoteEnd { .. }
            | Self::Param { .. } => None,
        }
    }
}

/// The events in CLAP's form. They must outlive the buffer's use: it points into their SysEx data.
pub(super) fn fill(buffer: &mut EventBuffer, events: &[Event]) {
    buffer.clear();
    let note = |channel: u8, key: u8| Pckn::new(0_u16, u16::from(channel), u16::from(key), Match::All);
    for Event { frame, body } in events {
        match body {
            EventBody::NoteOn { channel, key, velocity } => {
                buffer.push(&NoteOnEvent::new(*frame, note(*channel, *key), *velocity));
            }
            EventBody::NoteOff { channel, key, velocity } => {
                buffer.push(&NoteOffEvent::new(*frame, note(*channel, *key), *velocity));
            }
            EventBody::NoteChoke { channel, key } => {
                buffer.push(&NoteChokeEvent::new(*frame, note(*channel, *key)));
            }
            EventBody::NoteTuning { channel, key, semitones } => {
                let pckn = note(*channel, *key);
                buffer.push(&NoteExpressionEvent::new(*frame, pckn, NoteExpressionType::Tuning, *semitones));
            }
            EventBody::Note { id, channel, key, does } => {
                let pckn = Pckn::new(0_u16, u16::from(*channel), u16::from(*key), *id);
                let express = |kind, value| NoteExpressionEvent::new(*frame, pckn, kind, value);
                match *does {
                    NoteDoes::Begin(velocity) => buffer.push(&NoteOnEvent::new(*frame, pckn, velocity)),
                    NoteDoes::End => buffer.push(&NoteOffEvent::new(*frame, pckn, 0.0)),
                    NoteDoes::Tune(value) => buffer.push(&express(NoteExpressionType::Tuning, value)),
                    NoteDoes::Press(value) => buffer.push(&express(NoteExpressionType::Pressure, value)),
                    NoteDoes::Brighten(value) => buffer.push(&express(NoteExpressionType::Brightness, value)),
                    NoteDoes::Louden(value) => buffer.push(&express(NoteExpressionType::Volume, value)),
                    NoteDoes::Place(value) => buffer.push(&express(NoteExpressionType::Pan, value)),
                    NoteDoes::Shake(value) => buffer.push(&express(NoteExpressionType::Vibrato, value)),
                    NoteDoes::Express(value) => buffer.push(&express(NoteExpressionType::Expression, value)),
                    NoteDoes::Modulate { param, amount } => {
                        let Some(param) = ClapId::from_raw(param) else { continue };
                        buffer.push(&ParamModEvent::new(*frame, param, pckn, amount));
                    }
                }
            }
            EventBody::Midi(message) => buffer.push(&MidiEvent::new(*frame, 0, *message)),
            EventBody::SysEx(message) => {
                // SAFETY: `events` outlive the use of the buffer, as this function asks.
                buffer.push(&unsafe { MidiSysExEvent::new(*frame, 0, message) });
            }
            EventBody::Param { id, value } => {
                let Some(id) = ClapId::from_raw(*id) else {
                    continue;
                };
                buffer.push(&ParamValueEvent::new(*frame, id, Pckn::match_all(), *value));
            }
            // Only plugins say so.
            EventBody::NoteEnd { .. } => {}
        }
    }
    // Stable, so that events of one frame keep their order.
    buffer.sort();
}

/// Takes what a plugin gives. SysEx is copied at once: its data is the plugin's, for now only.
#[derive(Default)]
pub(super) struct Collector(pub(super) Vec<Event>);

impl OutputEventBuffer for Collector {
    fn try_push(&mut self, event: &UnknownEvent) -> Result<(), TryPushError> {
        let frame = event.header().time();
        if let Some(body) = event.as_core_event().and_then(read) {
            self.0.push(Event { frame, body });
        }
        Ok(())
    }
}

fn read(event: CoreEventSpace) -> Option<EventBody> {
    let note = |pckn: Pckn| (pckn.raw_channel().max(0) as u8, pckn.raw_key().max(0) as u8);
    let body = match event {
        CoreEventSpace::NoteOn(on) => {
            let (channel, key) = note(on.pckn());
            EventBody::NoteOn { channel, key, velocity: on.velocity() }
        }
        CoreEventSpace::NoteOff(off) => {
            let (channel, key) = note(off.pckn());
            EventBody::NoteOff { channel, key, velocity: off.velocity() }
        }
        CoreEventSpace::NoteChoke(choke) => {
            let (channel, key) = note(choke.pckn());
            EventBody::NoteChoke { channel, key }
        }
        CoreEventSpace::NoteEnd(end) => {
            let (channel, key) = note(end.pckn());
            EventBody::NoteEnd { channel, key }
        }
        CoreEventSpace::Midi(midi) => EventBody::Midi(midi.data()),
        CoreEventSpace::MidiSysEx(sysex) => {
            // SAFETY: the plugin keeps its data at least until it has pushed the event, which it
            // is doing now.
            EventBody::SysEx(unsafe { sysex.data() }.to_vec())
        }
        CoreEventSpace::ParamValue(param) => {
            EventBody::Param { id: param.param_id()?.get(), value: param.value() }
        }
        _ => return None,
    };
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_go_out_and_come_back_in_order_of_their_frames() {
        let events = [
            Event::midi(9, [0xB0, 1, 64]),
            Event::note_on(3, 15, 127, 0.5),
            Event::note_off(9, 2, 60),
            Event::note_choke(1, 0, 61),
            Event::param(0, 1234, 0.25),
            Event { frame: 9, body: EventBody::SysEx(vec![0xF0, 1, 2, 3, 0xF7]) },
        ];
        let mut buffer = EventBuffer::new();
        fill(&mut buffer, &events);
        let mut back = Collector::default();
        for event in buffer.iter() {
            back.try_push(event).unwrap();
        }
        let mut expected = events.to_vec();
        expected.sort_by_key(|event| event.frame);
        assert_eq!(back.0, expected);
    }

    #[test]
    fn notes_become_midi_and_short_messages_lose_their_padding() {
        let midi = |body: EventBody| body.midi_bytes();
        assert_eq!(midi(EventBody::NoteOn { channel: 3, key: 60, velocity: 1.0 }), Some(vec![0x93, 60, 127]));
        assert_eq!(midi(EventBody::Midi([0xC1, 5, 0])), Some(vec![0xC1, 5]));
        assert_eq!(midi(EventBody::Midi([0xE1, 5, 6])), Some(vec![0xE1, 5, 6]));
        assert_eq!(midi(EventBody::Param { id: 1, value: 0.0 }), None);
    }
}
