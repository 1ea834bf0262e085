//! MIDI that a piece has sent and whose sound is still to come: if the timing is pipelined.

use std::collections::VecDeque;

use crate::engine::{MIDI_OUT_CAPACITY, MidiMessage, Sounding};

/// Messages that can wait: what many turns bring, because small blocks leave many on their way.
const CAPACITY: usize = 8 * MIDI_OUT_CAPACITY;

/// The messages, in the order in which they were sent.
///
/// # Realtime safety
/// Safe, but to make one.
pub(super) struct LateMidi {
    /// The frames from the beginning of the coming block, and the message.
    waiting: VecDeque<(usize, MidiMessage)>,
}

impl Default for LateMidi {
    fn default() -> Self {
        Self { waiting: VecDeque::with_capacity(CAPACITY) }
    }
}

impl LateMidi {
    /// Has a message wait for a frame, counted from the beginning of the coming block. Where there is no room, a
    /// beginning of a note is given up for it, so that what sounds ends.
    pub(super) fn push(&mut self, frame: usize, message: MidiMessage) {
        if self.waiting.len() == self.waiting.capacity() {
            if Sounding::begins(message) {
                return;
            }
            let beginning = self.waiting.iter().rposition(|(_, waiting)| Sounding::begins(*waiting));
            self.waiting.remove(beginning.unwrap_or(0));
        }
        self.waiting.push_back((frame, message));
    }

    /// Those of a block of `frames` frames that begins now, with their frame.
    pub(super) fn due(&self, frames: usize) -> impl Iterator<Item = (usize, MidiMessage)> {
        self.waiting.iter().copied().filter(move |(frame, _)| *frame < frames)
    }

    /// A block of `frames` frames has passed: what was due in it is gone.
    pub(super) fn pass(&mut self, frames: usize) {
        self.waiting.retain_mut(|(frame, _)| match frame.checked_sub(frames) {
            Some(left) => {
                *frame = left;
                true
            }
            None => false,
        });
    }

    /// The sound of what waits does not come any more: nothing begins, and what ends does so at once.
    pub(super) fn hasten(&mut self) {
        self.waiting.retain_mut(|(frame, message)| {
            *frame = 0;
            !Sounding::begins(*message)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: [u8; 3]) -> MidiMessage {
        MidiMessage::new(&bytes).unwrap()
    }

    #[test]
    fn a_message_comes_in_the_block_of_its_frame_and_once() {
        let mut late = LateMidi::default();
        late.push(10, message([0x90, 60, 1]));
        late.push(25, message([0x80, 60, 1]));
        let mut came = Vec::new();
        for block in 0..6 {
            came.extend(late.due(7).map(|(frame, _)| block * 7 + frame));
            late.pass(7);
        }
        assert_eq!(came, [10, 25]);
    }

    #[test]
    fn what_ends_finds_room_and_is_not_lost_when_the_sound_does_not_come() {
        let mut late = LateMidi::default();
        for _ in 0..CAPACITY {
            late.push(100, message([0x90, 60, 1]));
        }
        let capacity = late.waiting.capacity();
        for at in 0..capacity {
            late.push(at, message([0x80, 61, 1]));
        }
        late.push(3, message([0x90, 60, 1]));
        assert_eq!(late.waiting.capacity(), capacity, "it has not grown");
        late.push(100, message([0xB0, 7, 1]));
        late.hasten();
        let due: Vec<_> = late.due(1).map(|(_, message)| message.bytes()[0]).collect();
        assert!(due.len() > CAPACITY - 8 && !due.contains(&0x90) && due.contains(&0xB0), "{}", due.len());
    }
}
