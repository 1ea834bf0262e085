//! `cabbageMidiListener` and `cabbageMidiSender`: the notes that are held. The engine knows them itself, so that
//! the sender has nothing to do.

use csound_library::Call;

use crate::engine::cabbage::context;

/// Notes that are told at most: the length of the listener's arrays.
const MOST: usize = 128;

/// A note that is held.
#[derive(Clone, Copy, Default)]
struct Note {
    note: u8,
    velocity: u8,
    /// From 1.
    channel: u8,
}

/// The notes that are held, in the order in which they began.
pub(in crate::engine::cabbage) struct Held {
    notes: [Note; MOST],
    count: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self { notes: [Note::default(); MOST], count: 0 }
    }
}

impl Held {
    /// Takes a message of MIDI.
    pub(in crate::engine::cabbage) fn take(&mut self, message: &[u8]) {
        let &[status, note, velocity, ..] = message else { return };
        let channel = (status & 0x0F) + 1;
        match (status & 0xF0, velocity) {
            (0x90, 1..) => {
                self.end(note, channel);
                if self.count < MOST {
                    self.notes[self.count] = Note { note, velocity, channel };
                    self.count += 1;
                }
            }
            (0x80 | 0x90, _) => self.end(note, channel),
            (0xB0, _) if matches!(note, 120 | 123) => self.keep(|held| held.channel != channel),
            _ => {}
        }
    }

    fn end(&mut self, note: u8, channel: u8) {
        self.keep(|held| held.note != note || held.channel != channel);
    }

    fn keep(&mut self, stays: impl Fn(&Note) -> bool) {
        let mut kept = 0;
        for at in 0..self.count {
            if stays(&self.notes[at]) {
                self.notes[kept] = self.notes[at];
                kept += 1;
            }
        }
        self.count = kept;
    }
}

/// Gives the notes that are held, by their number if it is asked to sort them.
pub(in crate::engine::cabbage) fn listen(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let sorts = crate::engine::cabbage::values::is_on(call.number(0));
    let Some((mut notes, count)) = context.with(|work| (work.held.notes, work.held.count)) else { return };
    if sorts {
        notes[..count].sort_unstable_by_key(|held| held.note);
    }
    for result in 0..3 {
        call.set_length(result, MOST);
    }
    for (index, held) in notes.iter().enumerate() {
        let held = if index < count { *held } else { Note::default() };
        for (result, number) in [held.note, held.velocity, held.channel].into_iter().enumerate() {
            call.set_number_in(result, index, f64::from(number));
        }
    }
    call.set_number(3, count as f64);
}

/// `cabbageMidiSender`.
pub(in crate::engine::cabbage) fn send(_call: &mut Call<'_>) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(held: &Held) -> Vec<(u8, u8, u8)> {
        held.notes[..held.count].iter().map(|note| (note.note, note.velocity, note.channel)).collect()
    }

    #[test]
    fn notes_are_held_until_they_end() {
        let mut held = Held::default();
        for message in [[0x90, 64, 100], [0x91, 60, 90], [0x90, 67, 80], [0x80, 64, 0], [0x91, 67, 0]] {
            held.take(&message);
        }
        assert_eq!(notes(&held), [(60, 90, 2), (67, 80, 1)]);
        held.take(&[0xB1, 123, 0]);
        held.take(&[0xC0, 5]);
        assert_eq!(notes(&held), [(67, 80, 1)]);
        for note in 0..=127 {
            held.take(&[0x92, note, 1]);
            held.take(&[0x93, note, 1]);
        }
        assert_eq!(held.count, MOST);
    }
}
