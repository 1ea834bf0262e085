//! What triggers an event slot besides its parameter: a MIDI message of the host's that the user has
//! played while the slot waited for one.
//!
//! A learned message is not for the piece any more, nor for the remote control: a note's end goes
//! with its beginning, and a controller with all its values. A note triggers where it begins, a
//! controller where it rises to its upper half, a program change always.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use crate::plugin::slots::event_slots::EVENT_SLOTS;

/// What can be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A note by its key.
    Note,
    /// A controller by its number.
    Controller,
    /// A program change by its program.
    Program,
}

/// The message that triggers a slot, as a session keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTrigger {
    /// The slot, 1 to 16.
    pub slot: usize,
    /// What it is.
    pub kind: MessageKind,
    /// The channel, 1 to 16.
    pub channel: u8,
    /// The key, controller or program, 0 to 127.
    pub number: u8,
}

/// Controllers from here on are modes of a channel, not to be learned.
const MODES: u8 = 120;

/// No slot.
const NOBODY: u8 = u8::MAX;

/// A message: its kind and channel as a status byte, then its number; 0 is none.
type Code = u32;

/// How a message changes what it is about.
#[derive(Clone, Copy)]
enum Turn {
    Begins,
    Ends,
    To(u8),
}

fn read(bytes: &[u8]) -> Option<(Code, Turn)> {
    let code = |status: u8, number: u8| u32::from(status) << 8 | u32::from(number);
    match *bytes {
        [status @ 0x90..=0x9F, key, 1..=127] => Some((code(status, key), Turn::Begins)),
        [status @ 0x80..=0x9F, key, _] => Some((code(status | 0x10, key), Turn::Ends)),
        [status @ 0xB0..=0xBF, number, value] if number < MODES => {
            Some((code(status, number), Turn::To(value)))
        }
        [status @ 0xC0..=0xCF, program] => Some((code(status, program), Turn::Begins)),
        _ => None,
    }
}

/// What the slots have learned, as an instance's threads share it.
pub struct Learning {
    learned: [AtomicU32; EVENT_SLOTS],
    /// The slot that waits for a message.
    waiting: AtomicU8,
}

impl Default for Learning {
    fn default() -> Self {
        Self { learned: Default::default(), waiting: AtomicU8::new(NOBODY) }
    }
}

impl Learning {
    /// A slot takes the next message, or waits for none any more if it did.
    pub fn wait_or_cancel(&self, slot: usize) {
        let waits = self.waiting() == Some(slot);
        let slot = if waits || slot >= EVENT_SLOTS { NOBODY } else { slot as u8 };
        self.waiting.store(slot, Ordering::Relaxed);
    }

    /// The slot that waits.
    pub fn waiting(&self) -> Option<usize> {
        Some(usize::from(self.waiting.load(Ordering::Relaxed))).filter(|slot| *slot < EVENT_SLOTS)
    }

    /// A slot is triggered by no message any more.
    pub fn forget(&self, slot: usize) {
        if let Some(learned) = self.learned.get(slot) {
            learned.store(0, Ordering::Relaxed);
        }
        if self.waiting() == Some(slot) {
            self.wait_or_cancel(slot);
        }
    }

    /// What has been learned, to save.
    pub fn save(&self) -> Vec<SavedTrigger> {
        (0..EVENT_SLOTS).filter_map(|slot| self.learned(slot)).collect()
    }

    /// What a slot has learned.
    pub fn learned(&self, slot: usize) -> Option<SavedTrigger> {
        let code = self.learned.get(slot)?.load(Ordering::Relaxed);
        let kind = match code >> 12 {
            0x9 => MessageKind::Note,
            0xB => MessageKind::Controller,
            0xC => MessageKind::Program,
            _ => return None,
        };
        let channel = (code >> 8 & 0x0F) as u8 + 1;
        Some(SavedTrigger { slot: slot + 1, kind, channel, number: (code & 0x7F) as u8 })
    }

    /// Takes what a session kept, and nothing else. What makes no sense is left out.
    pub fn restore(&self, saved: &[SavedTrigger]) {
        self.waiting.store(NOBODY, Ordering::Relaxed);
        for (slot, learned) in self.learned.iter().enumerate() {
            let trigger = saved.iter().find(|trigger| trigger.slot == slot + 1);
            learned.store(trigger.and_then(SavedTrigger::code).unwrap_or(0), Ordering::Relaxed);
        }
    }
}

impl SavedTrigger {
    fn code(&self) -> Option<Code> {
        let kind = match self.kind {
            MessageKind::Note => 0x90,
            MessageKind::Controller => 0xB0,
            MessageKind::Program => 0xC0,
        };
        let most = if self.kind == MessageKind::Controller { MODES - 1 } else { 127 };
        let possible = (1..=16).contains(&self.channel) && self.number <= most;
        possible.then(|| u32::from(kind | (self.channel - 1)) << 8 | u32::from(self.number))
    }
}

impl std::fmt::Display for SavedTrigger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 12] = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
        let Self { kind, channel, number, .. } = *self;
        match kind {
            MessageKind::Note => {
                let name = NAMES[usize::from(number % 12)];
                write!(formatter, "{name}{} ch {channel}", i32::from(number / 12) - 1)
            }
            MessageKind::Controller => write!(formatter, "CC {number} ch {channel}"),
            MessageKind::Program => write!(formatter, "Program {number} ch {channel}"),
        }
    }
}

/// The audio thread's side.
#[derive(Default)]
pub struct Triggers {
    /// Slots whose controller is in its upper half.
    high: [bool; EVENT_SLOTS],
}

impl Triggers {
    /// Takes a message that a slot waits for or has learned, and gives the slots that it triggers, a
    /// bit each. `None`: it is for others.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take(&mut self, learning: &Learning, bytes: &[u8]) -> Option<u16> {
        let (code, turn) = read(bytes)?;
        if let Some(slot) = learning.waiting()
            && !matches!(turn, Turn::Ends)
        {
            learning.learned[slot].store(code, Ordering::Relaxed);
            learning.waiting.store(NOBODY, Ordering::Relaxed);
            self.high[slot] = matches!(turn, Turn::To(64..));
            return Some(0);
        }
        let mut triggered = None;
        for (slot, learned) in learning.learned.iter().enumerate() {
            if learned.load(Ordering::Relaxed) == code {
                let rises = match turn {
                    Turn::Begins => true,
                    Turn::Ends => false,
                    Turn::To(value) => !std::mem::replace(&mut self.high[slot], value >= 64) && value >= 64,
                };
                triggered = Some(triggered.unwrap_or(0) | u16::from(rises) << slot);
            }
        }
        triggered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(learning: &Learning, triggers: &mut Triggers, slot: usize, bytes: &[u8]) {
        learning.wait_or_cancel(slot);
        assert_eq!(triggers.take(learning, bytes), Some(0), "what is learned does nothing else");
        assert_eq!(learning.waiting(), None);
    }

    #[test]
    fn a_note_triggers_where_it_begins_and_its_end_goes_with_it() {
        let (learning, mut triggers) = (Learning::default(), Triggers::default());
        assert_eq!(triggers.take(&learning, &[0x93, 60, 100]), None);
        learn(&learning, &mut triggers, 2, &[0x93, 60, 100]);
        assert_eq!(triggers.take(&learning, &[0x83, 60, 0]), Some(0));
        assert_eq!(triggers.take(&learning, &[0x93, 60, 1]), Some(1 << 2));
        assert_eq!(triggers.take(&learning, &[0x93, 60, 0]), Some(0));
        for other in [[0x92, 60, 100], [0x93, 61, 100], [0xB3, 60, 100], [0xA3, 60, 100]] {
            assert_eq!(triggers.take(&learning, &other), None);
        }
    }

    #[test]
    fn a_controller_triggers_each_time_it_rises_to_its_upper_half() {
        let (learning, mut triggers) = (Learning::default(), Triggers::default());
        learn(&learning, &mut triggers, 15, &[0xBF, 20, 127]);
        let risen = [127, 0, 63, 64, 100, 64, 63, 90];
        let taken = risen.map(|value| triggers.take(&learning, &[0xBF, 20, value]).unwrap() == 1 << 15);
        assert_eq!(taken, [false, false, false, true, false, false, false, true]);
    }

    #[test]
    fn a_program_triggers_two_slots_that_have_learned_it() {
        let (learning, mut triggers) = (Learning::default(), Triggers::default());
        learn(&learning, &mut triggers, 0, &[0xC0, 5]);
        learn(&learning, &mut triggers, 1, &[0xC0, 5]);
        assert_eq!(triggers.take(&learning, &[0xC0, 5]), Some(3));
        learning.forget(0);
        assert_eq!(triggers.take(&learning, &[0xC0, 5]), Some(2));
    }

    #[test]
    fn waiting_is_given_up_and_goes_over_to_another_slot() {
        let (learning, mut triggers) = (Learning::default(), Triggers::default());
        learning.wait_or_cancel(3);
        learning.wait_or_cancel(3);
        assert_eq!(triggers.take(&learning, &[0x90, 60, 100]), None);
        learning.wait_or_cancel(3);
        learning.wait_or_cancel(4);
        for not_learned in [&[0x80, 60, 0][..], &[0xB0, 123, 0], &[0xE0, 0, 64], &[0xD0, 1]] {
            assert_eq!(triggers.take(&learning, not_learned), None);
        }
        assert_eq!(learning.waiting(), Some(4));
        learning.forget(4);
        assert_eq!(learning.waiting(), None);
    }

    #[test]
    fn what_was_learned_is_saved_shown_and_restored() {
        let (learning, mut triggers) = (Learning::default(), Triggers::default());
        learn(&learning, &mut triggers, 0, &[0x90, 61, 100]);
        learn(&learning, &mut triggers, 1, &[0xB9, 20, 0]);
        learn(&learning, &mut triggers, 15, &[0xCF, 0]);
        let saved = learning.save();
        let shown: Vec<_> = saved.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["C♯4 ch 1", "CC 20 ch 10", "Program 0 ch 16"]);
        let again = Learning::default();
        again.restore(&saved);
        assert_eq!(again.save(), saved);
        let wrong = SavedTrigger { channel: 17, ..saved[0] };
        again.restore(&[
            wrong,
            SavedTrigger { slot: 17, ..saved[0] },
            SavedTrigger { number: 123, ..saved[1] },
        ]);
        assert_eq!(again.save(), []);
    }
}
