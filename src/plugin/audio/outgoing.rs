//! The piece's MIDI on its way to the host. While the piece is bypassed it begins nothing there: what sounds ends in
//! the frame in which the sound begins to fade, and what does not sound (programs, controllers, the ends of notes)
//! passes, so that the instruments there are as the piece wants them when it is heard again.

use csound_performance::engine::{MIDI_OUT_CAPACITY, MidiMessage, MidiOut, Sounding};

/// A frame of a block from which on the piece is heard or not.
pub type Edge = (usize, bool);

/// See the module.
pub struct Outgoing {
    sounding: Sounding,
    /// Room for what ends.
    ends: Vec<MidiOut>,
    is_bypassed: bool,
}

impl Default for Outgoing {
    fn default() -> Self {
        let ends = Vec::with_capacity(MIDI_OUT_CAPACITY);
        Self { sounding: Sounding::default(), ends, is_bypassed: false }
    }
}

impl Outgoing {
    /// Gives a block's messages with their frames to `give`; `edges` are the block's, in their order.
    ///
    /// # Realtime safety
    /// Safe, if `give` is.
    pub fn pass(
        &mut self,
        sent: impl Iterator<Item = (usize, MidiMessage)>,
        edges: &[Edge],
        mut give: impl FnMut(usize, MidiMessage),
    ) {
        let mut edges = edges.iter().copied().peekable();
        for (frame, message) in sent {
            while let Some(edge) = edges.next_if(|(at, _)| *at <= frame) {
                self.turn(edge, &mut give);
            }
            if !(self.is_bypassed && Sounding::begins(message)) {
                self.sounding.follow(message);
                give(frame, message);
            }
        }
        edges.for_each(|edge| self.turn(edge, &mut give));
    }

    fn turn(&mut self, (frame, is_heard): Edge, give: &mut impl FnMut(usize, MidiMessage)) {
        self.is_bypassed = !is_heard;
        if is_heard {
            return;
        }
        self.sounding.interrupt();
        loop {
            self.ends.clear();
            self.sounding.end(0, &mut self.ends);
            if self.ends.is_empty() {
                return;
            }
            self.ends.iter().for_each(|end| give(frame, end.message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(outgoing: &mut Outgoing, sent: &[(usize, [u8; 3])], edges: &[Edge]) -> Vec<(usize, Vec<u8>)> {
        let sent = sent.iter().map(|(frame, bytes)| (*frame, MidiMessage::new(bytes).unwrap()));
        let mut given = Vec::new();
        outgoing.pass(sent, edges, |frame, message| given.push((frame, message.bytes().to_vec())));
        given
    }

    #[test]
    fn a_bypassed_piece_begins_nothing_and_what_sounds_ends_at_the_edge() {
        let mut outgoing = Outgoing::default();
        let sent = [(3, [0x90, 60, 100]), (4, [0xB0, 64, 127]), (20, [0x90, 61, 100]), (21, [0xB0, 7, 9])];
        let expected = [
            (3, vec![0x90, 60, 100]),
            (4, vec![0xB0, 64, 127]),
            (10, vec![0xB0, 64, 0]),
            (10, vec![0x80, 60, 64]),
            (21, vec![0xB0, 7, 9]),
        ];
        assert_eq!(passed(&mut outgoing, &sent, &[(10, false)]), expected);
        let sent = [(0, [0x90, 62, 1]), (1, [0x80, 61, 0]), (9, [0x90, 63, 1])];
        let expected = [(1, vec![0x80, 61, 0]), (9, vec![0x90, 63, 1])];
        assert_eq!(passed(&mut outgoing, &sent, &[(5, true)]), expected);
        assert_eq!(passed(&mut outgoing, &[], &[(0, false)]), [(0, vec![0x80, 63, 64])]);
        assert_eq!(passed(&mut outgoing, &[], &[(0, true), (1, false)]), []);
    }
}
