//! The channel bank: 128 parameters, each driving the control channel that its slot was given.
//!
//! The map is by name and is saved with the session. A slot's range is read by the audio thread and
//! by the parameter's text, so it lives in atomics; names live behind a lock that the audio thread
//! never takes.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use atomic_float::AtomicF64;

use crate::csound::ChannelInfo;

use super::session::SavedChannel;

/// Parameters of the bank.
pub const SLOTS: usize = 128;

/// What a slot drives.
#[derive(Clone, Debug, Default, PartialEq)]
struct Slot {
    name: Option<String>,
}

/// The bank. Newest value wins.
pub struct ChannelBank {
    names: Mutex<Vec<Slot>>,
    minimum: Vec<AtomicF64>,
    maximum: Vec<AtomicF64>,
    /// The parameter's value, 0 to 1.
    position: Vec<AtomicF64>,
    /// The value itself, where it was saved more exactly than a parameter holds.
    touched: Vec<AtomicBool>,
    value: Vec<AtomicF64>,
    /// A bit for each slot whose parameter has moved since the audio thread looked.
    moved: [AtomicU64; SLOTS / 64],
}

impl Default for ChannelBank {
    fn default() -> Self {
        let floats = |value: f64| (0..SLOTS).map(|_| AtomicF64::new(value)).collect();
        Self {
            names: Mutex::new(vec![Slot::default(); SLOTS]),
            minimum: floats(0.0),
            maximum: floats(1.0),
            position: floats(0.0),
            touched: (0..SLOTS).map(|_| AtomicBool::new(false)).collect(),
            value: floats(0.0),
            moved: Default::default(),
        }
    }
}

impl ChannelBank {
    /// A parameter of the bank moved, to `position` 0 to 1.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn moved_to(&self, slot: usize, position: f32) {
        let position = f64::from(position);
        let (minimum, maximum) =
            (self.minimum[slot].load(Ordering::Relaxed), self.maximum[slot].load(Ordering::Relaxed));
        self.position[slot].store(position, Ordering::Relaxed);
        self.value[slot].store(minimum + (maximum - minimum) * position, Ordering::Relaxed);
        self.touched[slot].store(true, Ordering::Relaxed);
        self.moved[slot / 64].fetch_or(1 << (slot % 64), Ordering::Release);
    }

    /// Calls `write` with each slot that has moved since the last call, and its channel's value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_moved(&self, mut write: impl FnMut(usize, f64)) {
        for (word, moved) in self.moved.iter().enumerate() {
            let mut bits = match moved.load(Ordering::Relaxed) {
                0 => continue,
                _ => moved.swap(0, Ordering::Acquire),
            };
            while bits != 0 {
                let slot = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                write(slot, self.value[slot].load(Ordering::Relaxed));
            }
        }
    }

    /// Takes a saved map. Movements so far are forgotten: they belong to what was before.
    pub fn restore(&self, saved: &[SavedChannel]) {
        let mut names = self.names();
        *names = vec![Slot::default(); SLOTS];
        for slot in 0..SLOTS {
            self.touched[slot].store(false, Ordering::Relaxed);
            self.set_range(slot, 0.0, 1.0);
        }
        for channel in saved.iter().filter(|channel| (1..=SLOTS).contains(&channel.slot)) {
            let slot = channel.slot - 1;
            names[slot].name = Some(channel.name.clone());
            self.set_range(slot, channel.min, channel.max);
            if let Some(value) = channel.value {
                self.value[slot].store(value, Ordering::Relaxed);
                self.touched[slot].store(true, Ordering::Relaxed);
            }
        }
        for moved in &self.moved {
            moved.store(0, Ordering::Release);
        }
    }

    /// Gives the channels that a piece declares, in its order, to free slots. A channel that has a
    /// slot keeps it and its range.
    pub fn adopt(&self, declared: &[ChannelInfo]) {
        let mut names = self.names();
        for channel in declared.iter().filter(|channel| channel.is_control_input()) {
            if names.iter().any(|slot| slot.name.as_deref() == Some(&channel.name)) {
                continue;
            }
            let Some(free) = names.iter().position(|slot| slot.name.is_none()) else { return };
            names[free].name = Some(channel.name.clone());
            let (minimum, maximum) = channel.range().unwrap_or((0.0, 1.0));
            self.set_range(free, minimum, maximum);
        }
    }

    /// The channels by slot.
    pub fn slot_names(&self) -> Vec<Option<String>> {
        self.names().iter().map(|slot| slot.name.clone()).collect()
    }

    /// The values that something other than the piece has set, by name.
    pub fn values(&self) -> Vec<(String, f64)> {
        self.save().into_iter().filter_map(|channel| Some((channel.name, channel.value?))).collect()
    }

    /// The map with its values, to save.
    pub fn save(&self) -> Vec<SavedChannel> {
        let names = self.names();
        let named = names.iter().enumerate().filter_map(|(slot, entry)| Some((slot, entry.name.clone()?)));
        named
            .map(|(slot, name)| SavedChannel {
                slot: slot + 1,
                name,
                min: self.minimum[slot].load(Ordering::Relaxed),
                max: self.maximum[slot].load(Ordering::Relaxed),
                value: self.touched[slot]
                    .load(Ordering::Relaxed)
                    .then(|| self.value[slot].load(Ordering::Relaxed)),
            })
            .collect()
    }

    /// What a parameter of the bank shows at a position: the channel's name and value.
    pub fn text(&self, slot: usize, position: f32) -> String {
        let name = self.names()[slot].name.clone();
        let (minimum, maximum) =
            (self.minimum[slot].load(Ordering::Relaxed), self.maximum[slot].load(Ordering::Relaxed));
        let value = minimum + (maximum - minimum) * f64::from(position);
        match name {
            Some(name) => format!("{name} {value:.4}"),
            None => format!("{position:.4}"),
        }
    }

    /// The position that a text means: a number in the channel's range, its name before it or not.
    pub fn position(&self, slot: usize, text: &str) -> Option<f32> {
        let value: f64 = text.split_whitespace().next_back()?.parse().ok()?;
        let (minimum, maximum) =
            (self.minimum[slot].load(Ordering::Relaxed), self.maximum[slot].load(Ordering::Relaxed));
        if minimum == maximum {
            return Some(0.0);
        }
        Some((((value - minimum) / (maximum - minimum)) as f32).clamp(0.0, 1.0))
    }

    fn set_range(&self, slot: usize, minimum: f64, maximum: f64) {
        self.minimum[slot].store(minimum, Ordering::Relaxed);
        self.maximum[slot].store(maximum, Ordering::Relaxed);
    }

    fn names(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(slot: usize, name: &str, value: Option<f64>) -> SavedChannel {
        SavedChannel { slot, name: name.into(), min: 20.0, max: 2020.0, value }
    }

    fn moved(bank: &ChannelBank) -> Vec<(usize, f64)> {
        let mut moved = Vec::new();
        bank.take_moved(|slot, value| moved.push((slot, value)));
        moved
    }

    #[test]
    fn a_moved_parameter_gives_its_channels_value_once() {
        let bank = ChannelBank::default();
        bank.restore(&[saved(3, "cutoff", None)]);
        assert_eq!(moved(&bank), []);
        bank.moved_to(2, 0.5);
        bank.moved_to(127, 1.0);
        assert_eq!(moved(&bank), [(2, 1020.0), (127, 1.0)]);
        assert_eq!(moved(&bank), []);
    }

    #[test]
    fn what_was_not_touched_is_not_saved_as_a_value() {
        let bank = ChannelBank::default();
        bank.restore(&[saved(1, "a", None), saved(2, "b", Some(440.000_000_1))]);
        assert_eq!(bank.values(), [("b".to_owned(), 440.000_000_1)]);
        assert_eq!(bank.save(), [saved(1, "a", None), saved(2, "b", Some(440.000_000_1))]);
        bank.moved_to(0, 0.0);
        assert_eq!(bank.values().len(), 2);
    }

    #[test]
    fn restoring_forgets_what_moved_before() {
        let bank = ChannelBank::default();
        bank.moved_to(5, 0.7);
        bank.restore(&[]);
        assert_eq!(moved(&bank), []);
    }

    #[test]
    fn the_text_of_a_slot_is_its_channels_and_is_parsed_back() {
        let bank = ChannelBank::default();
        bank.restore(&[saved(1, "cutoff", None)]);
        assert_eq!(bank.text(0, 0.5), "cutoff 1020.0000");
        assert_eq!(bank.position(0, "cutoff 1020.0000"), Some(0.5));
        assert_eq!(bank.position(0, "1020"), Some(0.5));
        assert_eq!(bank.position(0, "99999"), Some(1.0));
        assert_eq!(bank.position(0, "much"), None);
        assert_eq!(bank.text(1, 0.25), "0.2500");
    }

    #[test]
    fn slots_out_of_the_bank_are_ignored() {
        let bank = ChannelBank::default();
        bank.restore(&[saved(0, "a", None), saved(129, "b", None)]);
        assert_eq!(bank.save(), []);
    }
}
