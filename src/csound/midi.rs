//! Host-implemented MIDI: two small rings between the engine and Csound's callbacks.
//!
//! The callbacks run inside `csoundPerformKsmps`, on the thread that performs, which is also the
//! thread that fills and empties the rings. So the rings are plain.

use std::ffi::{c_char, c_int, c_uchar, c_void};

use super::library::CSOUND;

/// Bytes that each ring holds: a k-cycle brings far fewer.
const CAPACITY: usize = 1 << 16;

/// A ring of bytes. Full: the newest message is refused and counted.
pub(super) struct Ring {
    bytes: Box<[u8]>,
    start: usize,
    len: usize,
    lost: u64,
}

impl Default for Ring {
    fn default() -> Self {
        Self { bytes: vec![0; CAPACITY].into_boxed_slice(), start: 0, len: 0, lost: 0 }
    }
}

impl Ring {
    /// Adds all of `bytes` or none.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        if self.len + bytes.len() > CAPACITY {
            self.lost += 1;
            return false;
        }
        for byte in bytes {
            self.bytes[(self.start + self.len) % CAPACITY] = *byte;
            self.len += 1;
        }
        true
    }

    pub(super) fn pop(&mut self) -> Option<u8> {
        if self.len == 0 {
            return None;
        }
        let byte = self.bytes[self.start];
        self.start = (self.start + 1) % CAPACITY;
        self.len -= 1;
        Some(byte)
    }
}

/// The two directions of an instance's MIDI.
#[derive(Default)]
pub(super) struct MidiPort {
    pub(super) to_csound: Ring,
    pub(super) from_csound: Ring,
    /// The message that is being put together from what Csound wrote.
    partial: [u8; 3],
    have: usize,
}

impl MidiPort {
    /// The next whole channel message that Csound wrote, with its length. System messages are
    /// passed over.
    pub(super) fn next_message(&mut self) -> Option<([u8; 3], usize)> {
        while let Some(byte) = self.from_csound.pop() {
            if byte >= 0x80 {
                self.have = 0;
                if byte >= 0xF0 {
                    continue;
                }
            } else if self.have == 0 {
                continue;
            }
            self.partial[self.have] = byte;
            self.have += 1;
            let whole = match self.partial[0] & 0xF0 {
                0xC0 | 0xD0 => 2,
                _ => 3,
            };
            if self.have == whole {
                self.have = 0;
                return Some((self.partial, whole));
            }
        }
        None
    }
}

/// Hands the port to the other callbacks.
pub(super) extern "C" fn open(
    csound: *mut CSOUND,
    user_data: *mut *mut c_void,
    _device: *const c_char,
) -> c_int {
    let Ok(library) = super::Library::get() else { return -1 };
    // SAFETY: Csound calls this with a live instance and a place for the user data; the instance
    // was created with its port as host data.
    unsafe { *user_data = (library.functions.host_data)(csound) };
    0
}

/// Gives Csound the bytes that wait for this k-cycle.
pub(super) extern "C" fn read(
    _csound: *mut CSOUND,
    user_data: *mut c_void,
    buffer: *mut c_uchar,
    room: c_int,
) -> c_int {
    // SAFETY: the user data is the instance's port (see `open`), which lives as long as the
    // instance; only the performing thread touches it, and that is inside this call.
    let port = unsafe { &mut *user_data.cast::<MidiPort>() };
    let mut given = 0;
    while given < room {
        let Some(byte) = port.to_csound.pop() else { break };
        // SAFETY: Csound gives room for `room` bytes, and `given` is below that.
        unsafe { *buffer.add(given as usize) = byte };
        given += 1;
    }
    given
}

/// Takes what Csound sends.
pub(super) extern "C" fn write(
    _csound: *mut CSOUND,
    user_data: *mut c_void,
    bytes: *const c_uchar,
    count: c_int,
) -> c_int {
    // SAFETY: as in `read`.
    let port = unsafe { &mut *user_data.cast::<MidiPort>() };
    // SAFETY: Csound gives `count` bytes, which is never negative.
    let bytes = unsafe { std::slice::from_raw_parts(bytes, count.max(0) as usize) };
    port.from_csound.push(bytes);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_refuses_whole_messages_and_goes_round() {
        let mut ring = Ring::default();
        for round in 0..3 {
            let mut pushed = 0;
            while ring.push(&[0x90, 60, round]) {
                pushed += 1;
            }
            assert_eq!(pushed, CAPACITY / 3);
            for _ in 0..pushed {
                assert_eq!([ring.pop(), ring.pop(), ring.pop()], [Some(0x90), Some(60), Some(round)]);
            }
            assert_eq!(ring.pop(), None);
        }
        assert_eq!(ring.lost, 3);
    }

    #[test]
    fn messages_are_put_together_and_system_messages_passed_over() {
        let mut port = MidiPort::default();
        port.from_csound.push(&[0x90, 60]);
        assert_eq!(port.next_message(), None);
        port.from_csound.push(&[100, 0xF0, 1, 2, 0xF7, 0xC3, 9, 5, 0xB0, 1, 2]);
        let whole: Vec<_> =
            std::iter::from_fn(|| port.next_message()).map(|(bytes, len)| bytes[..len].to_vec()).collect();
        assert_eq!(whole, [vec![0x90, 60, 100], vec![0xC3, 9], vec![0xB0, 1, 2]]);
    }
}
