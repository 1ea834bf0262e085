//! The channel bank: 128 parameters, each driving the control channel that its slot was given. A
//! piece with more channels has them in further slots, which no parameter drives and only the editor
//! sets.
//!
//! The map is by name and is saved with the session. A slot's scale is read by the audio thread, so
//! it lives in atomics; names, units and items live behind a lock that the audio thread never takes.
//!
//! A channel keeps its slot when the piece is loaded again, and a range that somebody edited.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use atomic_float::AtomicF64;

use crate::plugin::session::SavedChannel;
use crate::range::{Range, Scale, ScaleKind};

/// Parameters of the bank: its first slots.
pub const SLOTS: usize = 128;

/// Slots behind those, which have no parameter.
pub const MORE: usize = 896;

/// All slots of the bank.
pub const CHANNELS: usize = SLOTS + MORE;

/// What a slot drives.
#[derive(Clone, Debug, Default, PartialEq)]
struct Slot {
    name: Option<String>,
    range: Range,
    /// Whether the range is the piece's own.
    from_piece: bool,
    /// Whether the present piece has the channel, as far as is known.
    is_present: bool,
}

/// A scale that the audio thread reads.
struct AtomicScale {
    minimum: AtomicF64,
    maximum: AtomicF64,
    skew: AtomicF64,
    step: AtomicF64,
    kind: AtomicU8,
}

impl Default for AtomicScale {
    fn default() -> Self {
        let scale = Self {
            minimum: AtomicF64::new(0.0),
            maximum: AtomicF64::new(1.0),
            skew: AtomicF64::new(1.0),
            step: AtomicF64::new(0.0),
            kind: AtomicU8::new(0),
        };
        scale.store(Scale::default());
        scale
    }
}

impl AtomicScale {
    fn store(&self, scale: Scale) {
        self.minimum.store(scale.minimum(), Ordering::Relaxed);
        self.maximum.store(scale.maximum(), Ordering::Relaxed);
        self.skew.store(scale.skew(), Ordering::Relaxed);
        self.step.store(scale.step(), Ordering::Relaxed);
        self.kind.store(scale.kind() as u8, Ordering::Relaxed);
    }

    /// # Realtime safety
    /// Safe. While a map changes, a value may be of a mixture of two scales: the next movement is
    /// right again.
    fn load(&self) -> Scale {
        let kind = match self.kind.load(Ordering::Relaxed) {
            1 => ScaleKind::Integer,
            2 => ScaleKind::Exponential,
            3 => ScaleKind::Items,
            _ => ScaleKind::Linear,
        };
        Scale::new(kind, self.minimum.load(Ordering::Relaxed), self.maximum.load(Ordering::Relaxed))
            .with_skew(self.skew.load(Ordering::Relaxed))
            .with_step(self.step.load(Ordering::Relaxed))
    }
}

/// The bank. Newest value wins.
pub struct ChannelBank {
    names: Mutex<Vec<Slot>>,
    scales: Vec<AtomicScale>,
    /// The parameter's value, 0 to 1.
    position: Vec<AtomicF64>,
    /// Whether something other than the piece has set the channel.
    touched: Vec<AtomicBool>,
    /// The value itself, where it was saved more exactly than a parameter holds.
    value: Vec<AtomicF64>,
    /// A bit for each slot that has moved since the audio thread looked.
    moved: [AtomicU64; CHANNELS / 64],
    /// A bit for each slot that has moved since the newest engine was given its starting values.
    since: [AtomicU64; CHANNELS / 64],
}

impl Default for ChannelBank {
    fn default() -> Self {
        let zeros = || (0..CHANNELS).map(|_| AtomicF64::new(0.0)).collect();
        Self {
            names: Mutex::new(vec![Slot::default(); CHANNELS]),
            scales: (0..CHANNELS).map(|_| AtomicScale::default()).collect(),
            position: zeros(),
            touched: (0..CHANNELS).map(|_| AtomicBool::new(false)).collect(),
            value: zeros(),
            moved: Default::default(),
            since: Default::default(),
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
        let value = self.scales[slot].load().to_value(position);
        self.position[slot].store(position, Ordering::Relaxed);
        self.move_to_value(slot, value);
    }

    /// Sets a channel that has a slot without a parameter, to a value of its own unit; whether there
    /// is such a one.
    pub fn set(&self, name: &str, value: f64) -> bool {
        let names = self.names();
        let slot = (SLOTS..CHANNELS).find(|slot| names[*slot].name.as_deref() == Some(name));
        let Some(slot) = slot.filter(|_| value.is_finite()) else { return false };
        self.move_to_value(slot, value);
        true
    }

    fn move_to_value(&self, slot: usize, value: f64) {
        self.value[slot].store(value, Ordering::Relaxed);
        self.touched[slot].store(true, Ordering::Relaxed);
        self.since[slot / 64].fetch_or(1 << (slot % 64), Ordering::Release);
        self.moved[slot / 64].fetch_or(1 << (slot % 64), Ordering::Release);
    }

    /// Another engine performs from now on: it is yet to hear of what has moved since it was given
    /// its starting values.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn move_again(&self) {
        for (moved, since) in self.moved.iter().zip(&self.since) {
            moved.fetch_or(since.load(Ordering::Acquire), Ordering::Relaxed);
        }
    }

    /// The value that something other than the piece has set a slot's channel to.
    pub fn value(&self, slot: usize) -> Option<f64> {
        let touched = self.touched.get(slot)?.load(Ordering::Relaxed);
        touched.then(|| self.value[slot].load(Ordering::Relaxed))
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
        *names = vec![Slot::default(); CHANNELS];
        for slot in 0..CHANNELS {
            self.touched[slot].store(false, Ordering::Relaxed);
            self.scales[slot].store(Scale::default());
        }
        for channel in saved.iter().filter(|channel| (1..=CHANNELS).contains(&channel.slot)) {
            let slot = channel.slot - 1;
            let scale = Scale::new(channel.kind, channel.min, channel.max)
                .with_skew(channel.skew)
                .with_step(channel.step);
            names[slot] = Slot {
                name: Some(channel.name.clone()),
                range: Range::new(scale, scale.minimum()),
                from_piece: channel.from_piece,
                is_present: true,
            };
            self.scales[slot].store(scale);
            if let Some(value) = channel.value {
                self.value[slot].store(value, Ordering::Relaxed);
                self.touched[slot].store(true, Ordering::Relaxed);
            }
        }
        for moved in self.moved.iter().chain(&self.since) {
            moved.store(0, Ordering::Release);
        }
    }

    /// Gives what a piece offers to free slots, in its order. A channel that has a slot keeps it; its
    /// range follows the piece's, unless somebody edited it. Where all slots are taken, those without
    /// a parameter go over from the channels of other pieces.
    pub fn adopt(&self, offered: &[(String, Range)]) {
        let mut names = self.names();
        for slot in names.iter_mut() {
            let there = slot.name.as_ref().is_some_and(|name| offered.iter().any(|(known, _)| known == name));
            slot.is_present = there;
        }
        for (name, range) in offered {
            let there = names.iter().position(|slot| slot.name.as_deref() == Some(name));
            let free = || names.iter().position(|slot| slot.name.is_none());
            let stale = || Some(SLOTS + names[SLOTS..].iter().position(|slot| !slot.is_present)?);
            let Some(slot) = there.or_else(free).or_else(stale) else { return };
            if there.is_none() {
                self.touched[slot].store(false, Ordering::Relaxed);
            }
            let edited = there.is_some() && !names[slot].from_piece;
            if edited {
                // What an edited range lacks are the words.
                names[slot].range.unit.clone_from(&range.unit);
                names[slot].range.items.clone_from(&range.items);
                continue;
            }
            self.scales[slot].store(range.scale);
            names[slot] =
                Slot { name: Some(name.clone()), range: range.clone(), from_piece: true, is_present: true };
        }
    }

    /// Gives a slot to another channel, or with `None` to nobody. Its range follows the piece's.
    pub fn assign(&self, slot: usize, channel: Option<(String, Range)>) {
        let mut names = self.names();
        let Some(place) = names.get_mut(slot) else { return };
        *place = match channel {
            Some((name, range)) => Slot { name: Some(name), range, from_piece: true, is_present: true },
            None => Slot::default(),
        };
        self.scales[slot].store(place.range.scale);
        self.touched[slot].store(false, Ordering::Relaxed);
    }

    /// The channels by slot.
    pub fn slot_names(&self) -> Vec<Option<String>> {
        self.names().iter().map(|slot| slot.name.clone()).collect()
    }

    /// The range of a slot that has a channel, with the channel's name.
    pub fn slot(&self, slot: usize) -> Option<(String, Range)> {
        let names = self.names();
        let slot = names.get(slot)?;
        Some((slot.name.clone()?, slot.range.clone()))
    }

    /// The present piece's channels with their slots and ranges.
    pub fn present(&self) -> Vec<(usize, String, Range)> {
        let names = self.names();
        let present = names.iter().enumerate().filter(|(_, slot)| slot.is_present);
        present.filter_map(|(at, slot)| Some((at, slot.name.clone()?, slot.range.clone()))).collect()
    }

    /// The values that a new engine starts with, by name. What moves from now on it has to be told.
    pub fn starting_values(&self) -> Vec<(String, f64)> {
        // First: what moves in between is told twice rather than not at all.
        for since in &self.since {
            since.store(0, Ordering::Release);
        }
        self.values()
    }

    /// The values that something other than the piece has set, by name.
    pub fn values(&self) -> Vec<(String, f64)> {
        self.save().into_iter().filter_map(|channel| Some((channel.name, channel.value?))).collect()
    }

    /// The map with its values, to save.
    pub fn save(&self) -> Vec<SavedChannel> {
        let names = self.names();
        let named =
            names.iter().enumerate().filter_map(|(slot, entry)| Some((slot, entry, entry.name.clone()?)));
        named
            // Which slot a channel has matters only where a parameter drives it.
            .filter(|(slot, ..)| *slot < SLOTS || self.value(*slot).is_some())
            .map(|(slot, entry, name)| SavedChannel {
                slot: slot + 1,
                name,
                min: entry.range.scale.minimum(),
                max: entry.range.scale.maximum(),
                skew: entry.range.scale.skew(),
                step: entry.range.scale.step(),
                kind: entry.range.scale.kind(),
                from_piece: entry.from_piece,
                value: self.value(slot),
            })
            .collect()
    }

    /// What a parameter of the bank shows at a position: the channel's name and value.
    pub fn text(&self, slot: usize, position: f32) -> String {
        match self.slot(slot) {
            Some((name, range)) => format!("{name} {}", range.text(range.to_value(f64::from(position)))),
            None => format!("{position:.4}"),
        }
    }

    /// The position that a text means: a value in the channel's range, its name before it or not.
    pub fn position(&self, slot: usize, text: &str) -> Option<f32> {
        let Some((name, range)) = self.slot(slot) else {
            return text.trim().parse().ok().map(|position: f32| position.clamp(0.0, 1.0));
        };
        let value = text.trim().strip_prefix(&name).unwrap_or(text).trim();
        Some((range.to_normalized(range.parse(value)?) as f32).clamp(0.0, 1.0))
    }

    fn names(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(slot: usize, name: &str, value: Option<f64>) -> SavedChannel {
        SavedChannel {
            slot,
            name: name.into(),
            min: 20.0,
            max: 2020.0,
            skew: 1.0,
            step: 0.0,
            kind: ScaleKind::Linear,
            from_piece: false,
            value,
        }
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
        assert_eq!(bank.text(0, 0.5), "cutoff 1020");
        assert_eq!(bank.position(0, "cutoff 1020"), Some(0.5));
        assert_eq!(bank.position(0, "1020"), Some(0.5));
        assert_eq!(bank.position(0, "99999"), Some(1.0));
        assert_eq!(bank.position(0, "much"), None);
        assert_eq!(bank.text(1, 0.25), "0.2500");
    }

    #[test]
    fn slots_out_of_the_bank_are_ignored() {
        let bank = ChannelBank::default();
        bank.restore(&[saved(0, "a", None), saved(CHANNELS + 1, "b", None)]);
        assert_eq!(bank.save(), []);
    }

    #[test]
    fn a_range_follows_the_piece_unless_it_was_edited() {
        let bank = ChannelBank::default();
        let range = |maximum: f64| Range::new(Scale::new(ScaleKind::Linear, 0.0, maximum), 0.0);
        bank.adopt(&[("a".into(), range(10.0))]);
        bank.adopt(&[("b".into(), range(1.0)), ("a".into(), range(20.0))]);
        assert_eq!(bank.slot(0).unwrap().1.scale.maximum(), 20.0);
        assert_eq!(bank.slot(1).unwrap().0, "b");
        bank.restore(&[saved(1, "a", None)]);
        bank.adopt(&[("a".into(), range(10.0))]);
        assert_eq!(bank.slot(0).unwrap().1.scale.maximum(), 2020.0);
    }

    fn many(letter: char, count: usize) -> Vec<(String, Range)> {
        (0..count).map(|number| (format!("{letter}{number}"), Range::default())).collect()
    }

    #[test]
    fn channels_beyond_the_parameters_are_set_by_name_and_saved_once_they_are() {
        let bank = ChannelBank::default();
        bank.adopt(&many('c', 300));
        assert_eq!(bank.slot_names()[127].as_deref(), Some("c127"));
        assert_eq!(bank.save().len(), SLOTS);
        assert!(bank.set("c200", 0.25));
        assert!(!bank.set("c1", 0.25), "the host would not learn of it");
        assert!(!bank.set("c200", f64::NAN) && !bank.set("none", 1.0));
        assert_eq!(moved(&bank), [(200, 0.25)]);
        let saved = bank.save();
        assert_eq!((saved[SLOTS].name.as_str(), saved[SLOTS].value), ("c200", Some(0.25)));
        let again = ChannelBank::default();
        again.restore(&saved);
        again.adopt(&many('c', 300));
        assert_eq!(again.values(), [("c200".to_owned(), 0.25)]);
        assert_eq!(again.present().len(), 300);
    }

    #[test]
    fn another_piece_shows_its_own_channels_and_takes_slots_that_no_parameter_drives() {
        let bank = ChannelBank::default();
        bank.adopt(&many('c', CHANNELS));
        bank.set("c128", 0.5);
        bank.adopt(&many('d', 2));
        let present: Vec<_> = bank.present().into_iter().map(|(slot, name, _)| (slot, name)).collect();
        assert_eq!(present, [(SLOTS, "d0".to_owned()), (SLOTS + 1, "d1".to_owned())]);
        assert_eq!(bank.value(SLOTS), None, "it was another channel's");
        assert_eq!(bank.slot_names()[0].as_deref(), Some("c0"), "what a host may automate stays");
    }

    #[test]
    fn what_moves_while_an_engine_is_built_moves_again_once_it_performs() {
        let bank = ChannelBank::default();
        bank.moved_to(1, 0.25);
        assert_eq!(moved(&bank), [(1, 0.25)]);
        bank.starting_values();
        bank.moved_to(2, 0.5);
        assert_eq!(moved(&bank), [(2, 0.5)], "the engine before it hears of it");
        bank.move_again();
        assert_eq!(moved(&bank), [(2, 0.5)]);
        bank.starting_values();
        bank.move_again();
        assert_eq!(moved(&bank), []);
    }
}
