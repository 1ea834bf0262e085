//! Program changes that choose presets: which ones, and the newest on its way from the audio thread to the control
//! thread. The newest wins: what a preset sets, the next one sets again.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// No channel.
pub const OFF: u8 = 0;

/// Every channel; 1 to 16 is that one.
pub const ANY: u8 = 17;

/// No program.
const NONE: u32 = u32::MAX;

/// See the module.
pub struct Programs {
    channel: AtomicU8,
    newest: AtomicU32,
}

impl Default for Programs {
    fn default() -> Self {
        Self { channel: AtomicU8::new(OFF), newest: AtomicU32::new(NONE) }
    }
}

impl Programs {
    /// The channel whose program changes choose presets: [`OFF`], 1 to 16, or [`ANY`].
    pub fn channel(&self) -> u8 {
        self.channel.load(Ordering::Relaxed)
    }

    /// Chooses that. What is no channel is none.
    pub fn set_channel(&self, channel: u8) {
        self.channel.store(if channel > ANY { OFF } else { channel }, Ordering::Relaxed);
    }

    /// Takes a message that chooses a preset. False: it is for others.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take(&self, bytes: &[u8]) -> bool {
        let [status @ 0xC0..=0xCF, program, ..] = *bytes else { return false };
        let channel = self.channel();
        if channel != ANY && channel != (status & 0x0F) + 1 {
            return false;
        }
        self.newest.store(u32::from(program & 0x7F), Ordering::Release);
        true
    }

    /// Whether one is on its way.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn waits(&self) -> bool {
        self.newest.load(Ordering::Acquire) != NONE
    }

    /// The newest program, 0 to 127, that was chosen and not looked at.
    pub fn newest(&self) -> Option<u8> {
        u8::try_from(self.newest.load(Ordering::Acquire)).ok()
    }

    /// It is done with that program.
    pub fn done(&self, program: u8) {
        // A newer one stays.
        let _ = self.newest.compare_exchange(u32::from(program), NONE, Ordering::AcqRel, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_program_changes_of_the_chosen_channel_are_taken_and_the_newest_wins() {
        let programs = Programs::default();
        assert!(!programs.take(&[0xC0, 5]) && !programs.waits(), "off as it is new");
        programs.set_channel(3);
        for other in [&[0xC0, 5][..], &[0xC3, 5], &[0x92, 5, 1], &[0xB2, 0, 1], &[]] {
            assert!(!programs.take(other), "{other:?}");
        }
        assert!(programs.take(&[0xC2, 5]) && programs.take(&[0xC2, 127]));
        assert_eq!(programs.newest(), Some(127));
        programs.done(5);
        assert!(programs.waits());
        programs.done(127);
        assert_eq!(programs.newest(), None);
        programs.set_channel(ANY);
        assert!(programs.take(&[0xCF, 0]) && programs.newest() == Some(0));
        programs.set_channel(200);
        assert_eq!(programs.channel(), OFF);
    }
}
