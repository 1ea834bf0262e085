//! What a piece has let sound at its host by MIDI: the keys that it has put down and the pedals. Whoever
//! interrupts the piece ends that, for the piece sends no note-offs any more. Pure.

use csound_library::MidiMessage;

use super::turn::MidiOut;

/// Controllers that hold notes while they are down: sustain, sostenuto, hold 2.
const PEDALS: [u8; 3] = [64, 66, 69];

/// A pedal is down from this value on.
const DOWN: u8 = 64;

/// A bit for each key, and for each channel a bit for each pedal.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    keys: [u128; 16],
    pedals: [u16; PEDALS.len()],
}

/// What sounds at the host, and what is to be ended there. Of a fixed size.
///
/// # Realtime safety
/// Safe.
#[derive(Default)]
pub struct Sounding {
    held: Held,
    ending: Held,
    /// Whether anything is to be ended, so that blocks in which nothing is cost nothing.
    ends: bool,
}

impl Sounding {
    /// Whether a message puts a key or a pedal down.
    pub fn begins(message: MidiMessage) -> bool {
        match *message.bytes() {
            [0x90..=0x9F, _, velocity] => velocity > 0,
            [0xB0..=0xBF, controller, value] => PEDALS.contains(&controller) && value >= DOWN,
            _ => false,
        }
    }

    /// Takes note of a message that the piece has sent.
    pub fn follow(&mut self, message: MidiMessage) {
        let bytes = message.bytes();
        let channel = usize::from(bytes[0] & 0x0F);
        match *bytes {
            [0x90..=0x9F, key, 1..=127] => {
                self.held.keys[channel] |= 1 << key;
                // What did not find room to be ended begins anew, and has one end.
                self.ending.keys[channel] &= !(1 << key);
            }
            [0x80..=0x9F, key, _] => self.held.keys[channel] &= !(1 << key),
            // All sound off, all notes off.
            [0xB0..=0xBF, 120 | 123..=127, _] => self.held.keys[channel] = 0,
            // Reset all controllers.
            [0xB0..=0xBF, 121, _] => self.held.pedals.iter_mut().for_each(|pedal| *pedal &= !(1 << channel)),
            [0xB0..=0xBF, controller, value] => {
                let pedals = PEDALS.into_iter().zip(&mut self.held.pedals);
                for (_, pedal) in pedals.filter(|(number, _)| *number == controller) {
                    *pedal = *pedal & !(1 << channel) | u16::from(value >= DOWN) << channel;
                }
            }
            _ => {}
        }
    }

    /// The piece was interrupted: all that sounds is to be ended.
    pub fn interrupt(&mut self) {
        let held = std::mem::take(&mut self.held);
        if held == Held::default() {
            return;
        }
        self.ends = true;
        for (ending, held) in self.ending.keys.iter_mut().zip(held.keys) {
            *ending |= held;
        }
        for (ending, held) in self.ending.pedals.iter_mut().zip(held.pedals) {
            *ending |= held;
        }
    }

    /// Puts what is to be ended into `out`, in k-cycle `cycle`: pedals first, so that no key goes on by one.
    /// What finds no room waits for the next call.
    pub fn end(&mut self, cycle: usize, out: &mut Vec<MidiOut>) {
        if !self.ends {
            return;
        }
        for (number, pedal) in PEDALS.into_iter().zip(&mut self.ending.pedals) {
            while *pedal != 0 {
                let channel = pedal.trailing_zeros() as u8;
                if !put(cycle, [0xB0 | channel, number, 0], out) {
                    return;
                }
                *pedal &= *pedal - 1;
            }
        }
        for (channel, keys) in (0..).zip(&mut self.ending.keys) {
            while *keys != 0 {
                let key = keys.trailing_zeros() as u8;
                if !put(cycle, [0x80 | channel, key, DOWN], out) {
                    return;
                }
                *keys &= *keys - 1;
            }
        }
        self.ends = false;
    }
}

/// False if there is no room.
fn put(cycle: usize, bytes: [u8; 3], out: &mut Vec<MidiOut>) -> bool {
    let has_room = out.len() < out.capacity();
    if let Some(message) = MidiMessage::new(&bytes).filter(|_| has_room) {
        out.push(MidiOut { cycle, message });
    }
    has_room
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(sounding: &mut Sounding) -> Vec<Vec<u8>> {
        let mut out = Vec::with_capacity(4096);
        sounding.interrupt();
        sounding.end(3, &mut out);
        assert!(out.iter().all(|sent| sent.cycle == 3));
        out.iter().map(|sent| sent.message.bytes().to_vec()).collect()
    }

    fn after(messages: &[&[u8]]) -> Sounding {
        let mut sounding = Sounding::default();
        messages.iter().for_each(|bytes| sounding.follow(MidiMessage::new(bytes).unwrap()));
        sounding
    }

    #[test]
    fn what_sounds_is_ended_once() {
        let mut sounding = after(&[&[0x90, 0, 1], &[0x9F, 127, 100], &[0xB3, 64, 127], &[0x95, 60, 9]]);
        sounding.follow(MidiMessage::new(&[0x85, 60, 0]).unwrap());
        let expected = [vec![0xB3, 64, 0], vec![0x80, 0, 64], vec![0x8F, 127, 64]];
        assert_eq!(ended(&mut sounding), expected);
        assert_eq!(ended(&mut sounding), [[0_u8; 3]; 0]);
    }

    #[test]
    fn all_that_ends_notes_and_pedals_is_understood() {
        for off in [[0x80, 60, 64], [0x90, 60, 0], [0xB0, 120, 0], [0xB0, 123, 0], [0xB0, 126, 1]] {
            assert_eq!(ended(&mut after(&[&[0x90, 60, 1], &off])), [[0_u8; 3]; 0], "{off:x?}");
        }
        for up in [[0xB2, 64, 63], [0xB2, 64, 0], [0xB2, 121, 0]] {
            assert_eq!(ended(&mut after(&[&[0xB2, 64, 64], &up])), [[0_u8; 3]; 0], "{up:x?}");
        }
        for other in [&[0xB1, 123, 0][..], &[0xB0, 7, 0], &[0xC0, 60], &[0xE0, 60, 60], &[0xA0, 60, 0]] {
            assert_eq!(ended(&mut after(&[&[0x90, 60, 1], other])).len(), 1, "{other:x?}");
        }
    }

    #[test]
    fn what_finds_no_room_waits_and_a_note_that_begins_meanwhile_is_not_cut() {
        let mut sounding = Sounding::default();
        let note = |status, key| MidiMessage::new(&[status, key, 1]).unwrap();
        for channel in 0..16 {
            (0..128).for_each(|key| sounding.follow(note(0x90 | channel, key)));
        }
        let mut out = Vec::with_capacity(100);
        sounding.interrupt();
        let mut count = 0;
        for _ in 0..40 {
            out.clear();
            sounding.end(0, &mut out);
            count += out.len();
            if out.is_empty() {
                break;
            }
            sounding.follow(note(0x9F, 127));
        }
        assert_eq!(count, 16 * 128 - 1);
        assert_eq!(ended(&mut sounding), [[0x8F, 127, 64]]);
    }
}
