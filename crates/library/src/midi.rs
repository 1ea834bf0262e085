//! Host-implemented MIDI: two queues between the host's side and Csound's callbacks.
//!
//! A queue holds whole channel messages, so that Csound never reads half of one: its parser looks
//! at the byte after a status byte without asking whether there is one yet, and crashes on garbage.
//! Both queues are first in, first out, of a fixed size and lock-free; what does not fit is refused
//! and counted.

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;

use super::instance::Host;
use super::library::{CSOUND, Library};

/// Messages that each queue holds: about 1000 times what a k-cycle usually brings.
pub const CAPACITY: usize = 8192;

/// A whole MIDI channel message: note off and on, poly pressure, controller, program, channel
/// pressure or bend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidiMessage {
    bytes: [u8; 3],
    len: u8,
}

impl MidiMessage {
    /// The message in `bytes`, if they are one whole channel message: a status byte from 0x80 to
    /// 0xEF, and as many data bytes below 0x80 as it asks for.
    ///
    /// # Realtime safety
    /// Safe.
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
    ///
    /// # Realtime safety
    /// Safe.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// The two directions of an instance's MIDI.
pub(super) struct MidiPort {
    to_csound: ArrayQueue<MidiMessage>,
    from_csound: ArrayQueue<MidiMessage>,
    lost_to: AtomicU64,
    lost_from: AtomicU64,
}

impl MidiPort {
    pub(super) fn new() -> Self {
        Self {
            to_csound: ArrayQueue::new(CAPACITY),
            from_csound: ArrayQueue::new(CAPACITY),
            lost_to: AtomicU64::new(0),
            lost_from: AtomicU64::new(0),
        }
    }

    /// Queues a message for the next k-cycle; false if there is no room.
    pub(super) fn push(&self, message: MidiMessage) -> bool {
        let taken = self.to_csound.push(message).is_ok();
        self.lost_to.fetch_add(u64::from(!taken), Ordering::Relaxed);
        taken
    }

    /// The oldest message that the piece has sent.
    pub(super) fn pop(&self) -> Option<MidiMessage> {
        self.from_csound.pop()
    }

    /// Messages refused on the way to Csound, and those that the piece sent in vain.
    pub(super) fn lost(&self) -> (u64, u64) {
        (self.lost_to.load(Ordering::Relaxed), self.lost_from.load(Ordering::Relaxed))
    }

    /// Fills `room` with whole messages and says how many bytes they are. What does not fit stays
    /// for the next call, which Csound makes as soon as it has read these.
    fn fill(&self, room: &mut [u8]) -> usize {
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
    fn take(&self, bytes: &[u8]) {
        let taken = MidiMessage::new(bytes).is_some_and(|message| self.from_csound.push(message).is_ok());
        self.lost_from.fetch_add(u64::from(!taken), Ordering::Relaxed);
    }
}

/// Gives Csound what the other callbacks shall get as their user data: the instance's [`Host`].
pub(super) extern "C" fn open(
    csound: *mut CSOUND,
    user_data: *mut *mut c_void,
    _device: *const c_char,
) -> c_int {
    let Some(library) = Library::loaded() else { return -1 };
    // SAFETY: Csound calls this with a live instance and a place for the user data; the host data
    // is the instance's `Host` (see `Csound::new`).
    unsafe { *user_data = (library.functions.host_data)(csound) };
    0
}

/// Gives Csound the messages that wait for this k-cycle.
pub(super) extern "C" fn read(
    _csound: *mut CSOUND,
    user_data: *mut c_void,
    buffer: *mut c_uchar,
    room: c_int,
) -> c_int {
    if user_data.is_null() || buffer.is_null() || room <= 0 {
        return 0;
    }
    // SAFETY: the user data is the instance's `Host` (see `open`), which outlives the instance and
    // is shared only.
    let host = unsafe { &*user_data.cast::<Host>() };
    // SAFETY: Csound gives room for `room` bytes, its own array, which it does not touch meanwhile.
    let room = unsafe { std::slice::from_raw_parts_mut(buffer, room as usize) };
    host.midi.fill(room) as c_int
}

/// Takes what the piece sends. Always content: a piece cannot do anything about a full queue.
pub(super) extern "C" fn write(
    _csound: *mut CSOUND,
    user_data: *mut c_void,
    bytes: *const c_uchar,
    count: c_int,
) -> c_int {
    if user_data.is_null() || bytes.is_null() || count <= 0 {
        return 0;
    }
    // SAFETY: as in `read`.
    let host = unsafe { &*user_data.cast::<Host>() };
    // SAFETY: Csound gives `count` bytes.
    host.midi.take(unsafe { std::slice::from_raw_parts(bytes, count as usize) });
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::tests::{perform, start};

    fn note(key: u8) -> MidiMessage {
        MidiMessage::new(&[0x90, key, 1]).unwrap()
    }

    #[test]
    fn only_whole_channel_messages_are_taken() {
        for whole in [&[0x90, 60, 100][..], &[0x8F, 0, 0], &[0xC3, 9], &[0xDF, 127], &[0xE0, 0, 64]] {
            assert_eq!(MidiMessage::new(whole).unwrap().bytes(), whole);
        }
        let garbage: &[&[u8]] = &[
            &[],
            &[60],
            &[0x90],
            &[0x90, 60],
            &[0x90, 60, 0xF8],
            &[0xC0, 1, 2],
            &[0xF8],
            &[0xF0, 1, 0xF7],
            &[0x90, 60, 1, 2],
        ];
        for bytes in garbage {
            assert_eq!(MidiMessage::new(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_full_queue_refuses_and_counts() {
        let port = MidiPort::new();
        for _ in 0..CAPACITY {
            assert!(port.push(note(60)));
        }
        assert!(!port.push(note(60)));
        assert_eq!(port.lost(), (1, 0));
    }

    #[test]
    fn csound_never_gets_half_a_message() {
        let port = MidiPort::new();
        for key in 0..10 {
            assert!(port.push(note(key)));
        }
        let mut room = [0; 16];
        assert_eq!(port.fill(&mut room), 15);
        assert_eq!(port.fill(&mut room), 15);
        assert_eq!(room[..3], [0x90, 5, 1]);
        assert_eq!(port.fill(&mut room), 0);
    }

    #[test]
    fn what_a_piece_sends_is_handed_out_whole_and_the_rest_is_counted() {
        let port = MidiPort::new();
        for sent in [&[0x90, 60, 100][..], &[0xF0, 1, 2, 0xF7], &[0xF8], &[0x90, 200, 1], &[0xC3, 9]] {
            port.take(sent);
        }
        let messages: Vec<_> =
            std::iter::from_fn(|| port.pop()).map(|message| message.bytes().to_vec()).collect();
        assert_eq!(messages, [vec![0x90, 60, 100], vec![0xC3, 9]]);
        assert_eq!(port.lost(), (0, 3));
    }

    const ECHO: &str = "massign 0, 1
instr 1
  inote notnum
  chnset inote, \"note\"
  noteondur 3, inote + 1, 100, 0.01
endin
instr 2
  midiout_i 176, 2, 7, 99
  turnoff
endin";

    #[test]
    fn notes_go_through_a_piece_and_back_within_their_k_cycle() {
        let Some(mut csound) = start(ECHO, "i2 0.01 1\ne 10") else { return };
        let channel = csound.control_channel(c"note").unwrap();
        assert_eq!(csound.perform_ksmps(), 0);
        assert_eq!(csound.pop_midi_out(), None);
        assert!(csound.push_midi(note(60)));
        assert_eq!(csound.perform_ksmps(), 0);
        assert_eq!(channel.get(), 60.0);
        assert_eq!(csound.pop_midi_out(), MidiMessage::new(&[0x92, 61, 100]));
        let sent = perform(&mut csound, 200);
        assert!(sent.contains(&vec![0x82, 61, 100]), "the note's end: {sent:?}");
        assert!(sent.contains(&vec![0xB1, 7, 99]), "the controller: {sent:?}");
    }

    #[test]
    fn more_messages_than_csound_reads_at_once_all_arrive() {
        // Csound reads 4096 bytes at once: its last message would be cut in two after number 1364,
        // which is controller 45 of channel 11.
        let numbers = [0, 44, 45, 46, 90];
        let all = || (0..16).flat_map(|channel| numbers.map(|number| (channel, number)));
        let name = |channel: u8, number: u8| format!("{channel}/{number}");
        let mut orchestra = String::from("massign 0, 0\ninstr 1\n");
        for (channel, number) in all() {
            let name = name(channel, number);
            orchestra += &format!("k1 ctrl7 {}, {number}, 0, 127\nchnset k1, \"{name}\"\n", channel + 1);
        }
        let Some(mut csound) = start(&(orchestra + "endin"), "i1 0 10") else { return };
        let value = |channel: u8, number: u8| (channel * 7 + number) % 128;
        for (channel, number) in (0..16).flat_map(|channel| (0..120).map(move |number: u8| (channel, number)))
        {
            let message = MidiMessage::new(&[0xB0 | channel, number, value(channel, number)]).unwrap();
            assert!(csound.push_midi(message));
        }
        assert_eq!(csound.perform_ksmps(), 0);
        assert_eq!(csound.perform_ksmps(), 0);
        let handle = csound.handle();
        for (channel, number) in all() {
            let read = handle.control_channel(&name(channel, number)).unwrap();
            assert!((read - f64::from(value(channel, number))).abs() < 0.5, "{channel}/{number}: {read}");
        }
        assert_eq!(csound.midi_lost(), (0, 0));
    }
}
