//! The host's buses, as the doors and the rest of the plugin tell each other of them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::asked::Asked;

/// The channels of the main input where the shell's layout has more of them than the host. Set before an activation.
#[derive(Default)]
pub struct NarrowMain(AtomicUsize);

impl NarrowMain {
    /// So many, or as many as the layout has.
    pub fn set(&self, channels: Option<usize>) {
        self.0.store(channels.unwrap_or(0), Ordering::Release);
    }

    /// The number, where it is another than the layout's.
    pub fn get(&self) -> Option<usize> {
        Some(self.0.load(Ordering::Acquire)).filter(|channels| *channels > 0)
    }
}

/// The channels that the piece asks for, once that is known.
#[derive(Default)]
pub struct AskedChannels(AtomicU64);

impl AskedChannels {
    /// Says what it asks for. True where that is a change.
    pub fn set(&self, asked: Option<Asked>) -> bool {
        let bits = |channels: usize| u64::from(u16::try_from(channels).unwrap_or(u16::MAX));
        // The highest bit tells a piece without channels from no piece.
        let known = |asked: Asked| 1 << 63 | bits(asked.inputs) << 16 | bits(asked.outputs);
        let word = asked.map_or(0, known);
        self.0.swap(word, Ordering::AcqRel) != word
    }

    /// What it asks for.
    pub fn get(&self) -> Option<Asked> {
        let word = self.0.load(Ordering::Acquire);
        let channels = |shift: u32| usize::from((word >> shift) as u16);
        (word != 0).then(|| Asked { inputs: channels(16), outputs: channels(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_piece_asks_for_is_kept_and_a_change_is_seen() {
        let asked = AskedChannels::default();
        assert_eq!(asked.get(), None);
        for (inputs, outputs) in [(0, 0), (4, 2), (2, 4), (65_535, 65_535)] {
            let now = Some(Asked { inputs, outputs });
            assert!(asked.set(now) && !asked.set(now));
            assert_eq!(asked.get(), now);
        }
        assert!(asked.set(None));
        assert_eq!(asked.get(), None);
    }
}
