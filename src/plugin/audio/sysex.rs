//! System-exclusive and real-time messages on their way from the host to the remote control. None
//! goes to the piece: Csound passes them over.

use nice_plug::prelude::SysExMessage;

use crate::plugin::audio::remote_control::LONGEST_MESSAGE;

/// A message of the host, whole. Longer ones than the remote control knows are not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct SysEx {
    bytes: [u8; LONGEST_MESSAGE],
    length: u16,
}

impl SysEx {
    /// The message.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl SysExMessage for SysEx {
    type Buffer = [u8; LONGEST_MESSAGE];

    fn from_buffer(buffer: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST_MESSAGE];
        bytes.get_mut(..buffer.len())?.copy_from_slice(buffer);
        Some(Self { bytes, length: u16::try_from(buffer.len()).ok()? })
    }

    fn as_buffer(&self) -> (Self::Buffer, usize) {
        (self.bytes, usize::from(self.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_whole_or_not_at_all() {
        let stop = [0xF0, 0x7F, 0x7F, 6, 1, 0xF7];
        assert_eq!(SysEx::from_buffer(&stop).unwrap().bytes(), stop);
        assert_eq!(SysEx::from_buffer(&[0; LONGEST_MESSAGE + 1]), None);
    }
}
