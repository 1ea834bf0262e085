//! The channel bank: 128 parameters, each driving the control channel that its place was given. A
//! piece with more channels has them in further places, which no parameter drives and only the editor
//! sets.
//!
//! The map is by name and is saved with the session. A place's scale is read by the audio thread, so
//! it lives in atomics; names, units and items live behind a lock that the audio thread never takes.
//!
//! A channel keeps its place when the piece is loaded again, and a range that somebody edited.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use atomic_float::AtomicF64;

use crate::plugin::session::SavedChannel;
use crate::range::{Range, Scale, ScaleKind};

/// Parameters of the bank: its first places.
pub const PARAMETERS: usize = 128;

/// Slots behind those, which have no parameter.
pub const FURTHER: usize = 896;

/// All places of the bank.
pub const CHANNELS: usize = PARAMETERS + FURTHER;

/// What a place drives.
#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
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
    entries: Mutex<Vec<Entry>>,
    scales: Vec<AtomicScale>,
    /// The parameter's value, 0 to 1.
    position: Vec<AtomicF64>,
    /// Whether something other than the piece has set the channel.
    touched: Vec<AtomicBool>,
    /// The value itself, where it was saved more exactly than a parameter holds.
    value: Vec<AtomicF64>,
    /// A bit for each place that has moved since the audio thread looked.
    moved: [AtomicU64; CHANNELS / 64],
    /// A bit for each place that has moved since the newest engine was given its starting values.
    since: [AtomicU64; CHANNELS / 64],
}

impl Default for ChannelBank {
    fn default() -> Self {
        let zeros = || (0..CHANNELS).map(|_| AtomicF64::new(0.0)).collect();
        Self {
            entries: Mutex::new(vec![Entry::default(); CHANNELS]),
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
    pub fn moved_to(&self, index: usize, position: f32) {
        let position = f64::from(position);
        let value = self.scales[index].load().to_value(position);
        self.position[index].store(position, Ordering::Relaxed);
        self.move_to_value(index, value);
    }

    /// Sets a channel that has a place without a parameter, to a value of its own unit; whether there
    /// is such a one.
    pub fn set(&self, name: &str, value: f64) -> bool {
        let entries = self.entries();
        let index = (PARAMETERS..CHANNELS).find(|index| entries[*index].name.as_deref() == Some(name));
        let Some(index) = index.filter(|_| value.is_finite()) else { return false };
        self.move_to_value(index, value);
        true
    }

    fn move_to_value(&self, index: usize, value: f64) {
        self.value[index].store(value, Ordering::Relaxed);
        self.touched[index].store(true, Ordering::Relaxed);
        self.since[index / 64].fetch_or(1 << (index % 64), Ordering::Release);
        self.moved[index / 64].fetch_or(1 << (index % 64), Ordering::Release);
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

    /// The value that something other than the piece has set a place's channel to.
    pub fn value(&self, index: usize) -> Option<f64> {
        let touched = self.touched.get(index)?.load(Ordering::Relaxed);
        touched.then(|| self.value[index].load(Ordering::Relaxed))
    }

    /// Calls `write` with each place that has moved since the last call, and its channel's value.
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
                let index = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                write(index, self.value[index].load(Ordering::Relaxed));
            }
        }
    }

    /// Another piece performs: what was set for the one before it is forgotten, values and ranges, but not what
    /// has moved since the new one was given its starting values. Places keep their channels, so what a host
    /// automates stays where it is.
    pub fn forget_values(&self) {
        let mut entries = self.entries();
        for (index, entry) in entries.iter_mut().enumerate() {
            entry.from_piece = true;
            let since = self.since[index / 64].load(Ordering::Acquire);
            if since & 1 << (index % 64) == 0 {
                self.touched[index].store(false, Ordering::Relaxed);
            }
        }
    }

    /// Takes a saved map. Movements so far are forgotten: they belong to what was before.
    pub fn restore(&self, saved: &[SavedChannel]) {
        let mut entries = self.entries();
        *entries = vec![Entry::default(); CHANNELS];
        for index in 0..CHANNELS {
            self.touched[index].store(false, Ordering::Relaxed);
            self.scales[index].store(Scale::default());
        }
        for channel in saved.iter().filter(|channel| (1..=CHANNELS).contains(&channel.place)) {
            let index = channel.place - 1;
            let scale = Scale::new(channel.kind, channel.min, channel.max)
                .with_skew(channel.skew)
                .with_step(channel.step);
            entries[index] = Entry {
                name: Some(channel.name.clone()),
                range: Range::new(scale, scale.minimum()),
                from_piece: channel.from_piece,
                is_present: true,
            };
            self.scales[index].store(scale);
            if let Some(value) = channel.value {
                self.value[index].store(value, Ordering::Relaxed);
                self.touched[index].store(true, Ordering::Relaxed);
            }
        }
        for moved in self.moved.iter().chain(&self.since) {
            moved.store(0, Ordering::Release);
        }
    }

    /// Gives what a piece offers to free places, in its order. A channel that has a place keeps it; its
    /// range follows the piece's, unless somebody edited it. Where all places are taken, those without
    /// a parameter go over from the channels of other pieces.
    pub fn adopt(&self, offered: &[(String, Range)]) {
        let mut entries = self.entries();
        for entry in entries.iter_mut() {
            let there =
                entry.name.as_ref().is_some_and(|name| offered.iter().any(|(known, _)| known == name));
            entry.is_present = there;
        }
        for (name, range) in offered {
            let there = entries.iter().position(|entry| entry.name.as_deref() == Some(name));
            let free = || entries.iter().position(|entry| entry.name.is_none());
            let stale =
                || Some(PARAMETERS + entries[PARAMETERS..].iter().position(|entry| !entry.is_present)?);
            let Some(index) = there.or_else(free).or_else(stale) else { return };
            if there.is_none() {
                self.touched[index].store(false, Ordering::Relaxed);
            }
            let edited = there.is_some() && !entries[index].from_piece;
            if edited {
                // What an edited range lacks are the words.
                entries[index].range.unit.clone_from(&range.unit);
                entries[index].range.items.clone_from(&range.items);
                continue;
            }
            self.scales[index].store(range.scale);
            entries[index] =
                Entry { name: Some(name.clone()), range: range.clone(), from_piece: true, is_present: true };
        }
    }

    /// The channels by place.
    pub fn names(&self) -> Vec<Option<String>> {
        self.entries().iter().map(|entry| entry.name.clone()).collect()
    }

    /// The range of a place that has a channel, with the channel's name.
    pub fn channel(&self, index: usize) -> Option<(String, Range)> {
        let entries = self.entries();
        let entry = entries.get(index)?;
        Some((entry.name.clone()?, entry.range.clone()))
    }

    /// The present piece's channels with their places and ranges.
    pub fn present(&self) -> Vec<(usize, String, Range)> {
        let entries = self.entries();
        let present = entries.iter().enumerate().filter(|(_, entry)| entry.is_present);
        present.filter_map(|(at, entry)| Some((at, entry.name.clone()?, entry.range.clone()))).collect()
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
        let entries = self.entries();
        let named =
            entries.iter().enumerate().filter_map(|(index, entry)| Some((index, entry, entry.name.clone()?)));
        named
            // Which place a channel has matters only where a parameter drives it.
            .filter(|(index, ..)| *index < PARAMETERS || self.value(*index).is_some())
            .map(|(index, entry, name)| SavedChannel {
                place: index + 1,
                name,
                min: entry.range.scale.minimum(),
                max: entry.range.scale.maximum(),
                skew: entry.range.scale.skew(),
                step: entry.range.scale.step(),
                kind: entry.range.scale.kind(),
                from_piece: entry.from_piece,
                value: self.value(index),
            })
            .collect()
    }

    /// What a parameter of the bank shows at a position: the channel's name and value.
    pub fn text(&self, index: usize, position: f32) -> String {
        match self.channel(index) {
            Some((name, range)) => format!("{name} {}", range.text(range.to_value(f64::from(position)))),
            None => format!("{position:.4}"),
        }
    }

    /// The position that a text means: a value in the channel's range, its name before it or not.
    pub fn position(&self, index: usize, text: &str) -> Option<f32> {
        let Some((name, range)) = self.channel(index) else {
            return Some(Range::default().parse(text)? as f32);
        };
        let value = text.trim().strip_prefix(&name).unwrap_or(text).trim();
        Some((range.to_normalized(range.parse(value)?) as f32).clamp(0.0, 1.0))
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(place: usize, name: &str, value: Option<f64>) -> SavedChannel {
        SavedChannel {
            place,
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
        bank.take_moved(|index, value| moved.push((index, value)));
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
    fn the_text_of_a_place_is_its_channels_and_is_parsed_back() {
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
    fn places_out_of_the_bank_are_ignored() {
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
        assert_eq!(bank.channel(0).unwrap().1.scale.maximum(), 20.0);
        assert_eq!(bank.channel(1).unwrap().0, "b");
        bank.restore(&[saved(1, "a", None)]);
        bank.adopt(&[("a".into(), range(10.0))]);
        assert_eq!(bank.channel(0).unwrap().1.scale.maximum(), 2020.0);
    }

    fn many(letter: char, count: usize) -> Vec<(String, Range)> {
        (0..count).map(|number| (format!("{letter}{number}"), Range::default())).collect()
    }

    #[test]
    fn channels_beyond_the_parameters_are_set_by_name_and_saved_once_they_are() {
        let bank = ChannelBank::default();
        bank.adopt(&many('c', 300));
        assert_eq!(bank.names()[127].as_deref(), Some("c127"));
        assert_eq!(bank.save().len(), PARAMETERS);
        assert!(bank.set("c200", 0.25));
        assert!(!bank.set("c1", 0.25), "the host would not learn of it");
        assert!(!bank.set("c200", f64::NAN) && !bank.set("none", 1.0));
        assert_eq!(moved(&bank), [(200, 0.25)]);
        let saved = bank.save();
        assert_eq!((saved[PARAMETERS].name.as_str(), saved[PARAMETERS].value), ("c200", Some(0.25)));
        let again = ChannelBank::default();
        again.restore(&saved);
        again.adopt(&many('c', 300));
        assert_eq!(again.values(), [("c200".to_owned(), 0.25)]);
        assert_eq!(again.present().len(), 300);
    }

    #[test]
    fn another_piece_shows_its_own_channels_and_takes_places_that_no_parameter_drives() {
        let bank = ChannelBank::default();
        bank.adopt(&many('c', CHANNELS));
        bank.set("c128", 0.5);
        bank.adopt(&many('d', 2));
        let present: Vec<_> = bank.present().into_iter().map(|(index, name, _)| (index, name)).collect();
        assert_eq!(present, [(PARAMETERS, "d0".to_owned()), (PARAMETERS + 1, "d1".to_owned())]);
        assert_eq!(bank.value(PARAMETERS), None, "it was another channel's");
        assert_eq!(bank.names()[0].as_deref(), Some("c0"), "what a host may automate stays");
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
