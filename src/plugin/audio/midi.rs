//! MIDI between the host and the piece.

use nice_plug::midi::MidiResult;
use nice_plug::prelude::{NoteEvent, PluginApi};

use csound_performance::engine::MidiMessage;

use crate::plugin::audio::sysex::SysEx;

/// Events of one block that are looked at; what the host's wrapper can hold.
pub const EVENT_CAPACITY: usize = 4096;

/// A burst has at least this many controllers at the same frame.
const BURST: usize = 32;

/// The value that no seven-bit controller has: between 63/127 and 64/127.
const RESTING: f32 = 0.5;

/// An event as the host means it: nice-plug takes VST3's brightness of a note for its expression, and the reverse.
///
/// # Realtime safety
/// Safe.
pub fn as_meant(api: PluginApi, event: NoteEvent<SysEx>) -> NoteEvent<SysEx> {
    match event {
        NoteEvent::PolyExpression { timing, voice_id, channel, key, expression }
            if api == PluginApi::Vst3 =>
        {
            NoteEvent::PolyBrightness { timing, voice_id, channel, key, brightness: expression }
        }
        NoteEvent::PolyBrightness { timing, voice_id, channel, key, brightness }
            if api == PluginApi::Vst3 =>
        {
            NoteEvent::PolyExpression { timing, voice_id, channel, key, expression: brightness }
        }
        event => event,
    }
}

/// The channel message that a host's event is to a piece, if it is one.
///
/// # Realtime safety
/// Safe.
pub fn to_piece(event: &NoteEvent<SysEx>) -> Option<MidiMessage> {
    if let NoteEvent::Choke { channel, key, .. } = event {
        return MidiMessage::new(&[0x80 | channel.number()?, key.number()?, 64]);
    }
    let MidiResult::Basic(bytes) = event.as_midi()? else { return None };
    // The wrapper always gives three bytes; program change and channel pressure have two.
    match bytes[0] & 0xF0 {
        0xC0 | 0xD0 => MidiMessage::new(&bytes[..2]),
        _ => MidiMessage::new(&bytes),
    }
}

/// The host's event for a message that a piece sent at `frame` of the block.
///
/// # Realtime safety
/// Safe.
pub fn to_host(frame: usize, message: MidiMessage) -> Option<NoteEvent<SysEx>> {
    NoteEvent::from_midi(u32::try_from(frame).ok()?, message.bytes()).ok()
}

/// Finds the controllers that a VST3 host made up. Asked for the value of a controller that never
/// moved, nice-plug answers 0.5; Ardour sends those back for all 2048 controllers when it loads a
/// session, the sustain pedal among them. A frame with many controllers at exactly that value is
/// such a burst.
#[derive(Default)]
pub struct Burst {
    frame: Option<u32>,
}

impl Burst {
    /// Looks for a burst in a block's events.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn find(api: PluginApi, events: &[NoteEvent<SysEx>]) -> Self {
        if api != PluginApi::Vst3 {
            return Self::default();
        }
        let mut frame = None;
        let mut count = 0;
        for timing in events.iter().filter_map(resting_controller) {
            if frame != Some(timing) {
                (frame, count) = (Some(timing), 0);
            }
            count += 1;
            if count == BURST {
                return Self { frame };
            }
        }
        Self::default()
    }

    /// Whether an event belongs to the burst.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn has(&self, event: &NoteEvent<SysEx>) -> bool {
        self.frame.is_some() && resting_controller(event) == self.frame
    }
}

/// The frame of a controller, bend or pressure that rests at the wrapper's made-up value.
fn resting_controller(event: &NoteEvent<SysEx>) -> Option<u32> {
    match *event {
        NoteEvent::MidiCC { timing, value, .. }
        | NoteEvent::MidiChannelPressure { timing, pressure: value, .. }
        | NoteEvent::MidiPitchBend { timing, value, .. } => (value == RESTING).then_some(timing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::midi::{Channel, Key, VoiceID};

    use super::*;

    fn controller(timing: u32, cc: u8, value: f32) -> NoteEvent<SysEx> {
        NoteEvent::MidiCC { timing, channel: cc % 16, cc, value }
    }

    #[test]
    fn every_channel_message_reaches_the_piece_with_its_length() {
        for bytes in [
            &[0x93, 60, 100][..],
            &[0x83, 60, 0],
            &[0xA1, 60, 5],
            &[0xB2, 64, 127],
            &[0xC4, 9],
            &[0xD5, 77],
            &[0xE6, 1, 64],
        ] {
            let event = NoteEvent::from_midi(0, bytes).unwrap();
            assert_eq!(to_piece(&event).unwrap().bytes(), bytes);
            assert_eq!(to_host(0, MidiMessage::new(bytes).unwrap()).unwrap(), event);
        }
    }

    #[test]
    fn a_choke_is_a_note_off() {
        let choke = NoteEvent::Choke {
            timing: 3,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Number(2),
            key: Key::Number(61),
        };
        assert_eq!(to_piece(&choke).unwrap().bytes(), [0x82, 61, 64]);
    }

    #[test]
    fn a_burst_of_made_up_controllers_is_found_in_vst3_only() {
        let events: Vec<_> = (0..100).map(|cc| controller(0, cc, 0.5)).collect();
        let burst = Burst::find(PluginApi::Vst3, &events);
        assert!(events.iter().all(|event| burst.has(event)));
        let clap = Burst::find(PluginApi::Clap, &events);
        assert!(!events.iter().any(|event| clap.has(event)));
    }

    #[test]
    fn what_a_controller_sent_passes_through_a_burst() {
        let mut events: Vec<_> = (0..100).map(|cc| controller(7, cc, 0.5)).collect();
        let real = [controller(7, 64, 64.0 / 127.0), controller(7, 1, 1.0), controller(8, 2, 0.5)];
        events.extend(real.clone());
        let burst = Burst::find(PluginApi::Vst3, &events);
        assert!(real.iter().all(|event| !burst.has(event)));
    }

    #[test]
    fn a_few_controllers_in_the_middle_are_no_burst() {
        let events: Vec<_> = (0..20).map(|cc| controller(0, cc, 0.5)).collect();
        let burst = Burst::find(PluginApi::Vst3, &events);
        assert!(!events.iter().any(|event| burst.has(event)));
    }
}
