//! Host-implemented MIDI: two queues between the host's side and Csound's callbacks.
//!
//! A queue holds whole channel messages, so that Csound never reads half of one: its parser looks
//! at the byte after a status byte without asking whether there is one yet, and crashes on garbage.
//! Both queues are first in, first out, of a fixed size and lock-free; what does not fit is refused.

use crossbeam_queue::ArrayQueue;

/// Messages that each queue holds: about 1000 times what a k-cycle usually brings.
const CAPACITY: usize = 8192;

/// A whole MIDI channel message: note off and on, poly pressure, controller, program, channel
/// pressure or bend.
///
/// # Realtime safety
/// Every method is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidiMessage {
    bytes: [u8; 3],
    len: u8,
}

impl MidiMessage {
    /// The message in `bytes`, if they are one whole channel message: a status byte from 0x80 to
    /// 0xEF, and as many data bytes below 0x80 as it asks for.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let (&status, data) = bytes.split_first()?;
        let wanted = match status {
            0x80..=0xBF | 0xE0..=0xEF => 2,
            0xC0..=0xDF => 1,
            _ => return None,
        };
        if data.len() != wanted || data.iter().any(|byte| *byte > 0x7F) {
            return None;
        }
        let mut whole = [status, 0, 0];
        whole[1..=wanted].copy_from_slice(data);
        Some(Self { bytes: whole, len: wanted as u8 + 1 })
    }

    /// The bytes, two or three.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// The two directions of an instance's MIDI.
pub(super) struct MidiPort {
    to_csound: ArrayQueue<MidiMessage>,
    from_csound: ArrayQueue<MidiMessage>,
}

impl MidiPort {
    pub(super) fn new() -> Self {
        Self { to_csound: ArrayQueue::new(CAPACITY), from_csound: ArrayQueue::new(CAPACITY) }
    }

    /// Queues a message for the next k-cycle; false if there is no room.
    pub(super) fn push(&self, message: MidiMessage) -> bool {
        self.to_csound.push(message).is_ok()
    }

    /// The oldest message that the piece has sent.
    pub(super) fn pop(&self) -> Option<MidiMessage> {
        self.from_csound.pop()
    }

    /// Fills `room` with whole messages and says how many bytes they are. What does not fit stays
    /// for the next call, which Csound makes as soon as it has read these.
    pub(super) fn fill(&self, room: &mut [u8]) -> usize {
        let mut filled = 0;
        while room.len() - filled >= 3 {
            let Some(message) = self.to_csound.pop() else { break };
            let bytes = message.bytes();
            room[filled..filled + bytes.len()].copy_from_slice(bytes);
            filled += bytes.len();
        }
        filled
    }

    /// Takes what the piece sends: Csound calls with one message at a time.
    pub(super) fn take(&self, bytes: &[u8]) {
        // A piece cannot do anything about a full queue.
        let _ = MidiMessage::new(bytes).map(|message| self.from_csound.push(message));
    }
}

#[cfg(test)]
mod tests;
