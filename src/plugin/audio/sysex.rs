//! System-exclusive and real-time messages on their way from the host to the remote control, and what it answers.
//! None goes to the piece: Csound passes them over.

use nice_plug::prelude::SysExMessage;

use crate::plugin::audio::remote_control::LONGEST_MESSAGE;
use crate::plugin::shared::score_line::CodeReply;

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

    /// The answer to orchestra code that came as a message: `F0 7D 43 52 <the number> F7` (`CR`), or
    /// `F0 7D 43 58 <why there is none> F7` (`CX`), in ASCII.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn of_reply(reply: &CodeReply) -> Self {
        let (text, kind) = (reply.text.as_str().as_bytes(), if reply.is_error { b'X' } else { b'R' });
        let mut bytes = [0; LONGEST_MESSAGE];
        bytes[..4].copy_from_slice(&[0xF0, 0x7D, b'C', kind]);
        let end = (4 + text.len()).min(LONGEST_MESSAGE - 1);
        bytes[4..end].copy_from_slice(&text[..end - 4]);
        bytes[end] = 0xF7;
        Self { bytes, length: (end + 1) as u16 }
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
    fn an_answer_is_a_message_with_its_text() {
        let reply = CodeReply::new(false, "-0.25").unwrap();
        assert_eq!(SysEx::of_reply(&reply).bytes(), b"\xF0\x7DCR-0.25\xF7");
        let longest = CodeReply::new(true, &"x\u{e9}\n".repeat(1000)).unwrap();
        let message = SysEx::of_reply(&longest);
        assert_eq!((message.bytes()[3], message.bytes().len()), (b'X', LONGEST_MESSAGE));
        assert!(message.bytes()[4..LONGEST_MESSAGE - 1].iter().all(|byte| (b' '..=b'~').contains(byte)));
        assert_eq!(message.bytes().last(), Some(&0xF7));
    }

    #[test]
    fn a_message_is_taken_whole_or_not_at_all() {
        let stop = [0xF0, 0x7F, 0x7F, 6, 1, 0xF7];
        assert_eq!(SysEx::from_buffer(&stop).unwrap().bytes(), stop);
        assert_eq!(SysEx::from_buffer(&[0; LONGEST_MESSAGE + 1]), None);
    }
}
