//! The channel bank: 128 parameters, each driving the control channel that its place was given. A
//! piece with more channels has them in further places, which no parameter drives and only the editor
//! sets.
//!
//! The map is by name and is saved with the session. A place's scale is read by the audio thread, so
//! it lives in atomics; names, units and items live behind a lock that the audio thread never takes.
//!
//! A channel keeps its place when the piece is loaded again, and a range that somebody edited.

mod atomic_scale;
mod entry;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use atomic_float::AtomicF64;

use crate::plugin::session::SavedChannel;
use crate::range::{EditedRange, Range, Scale};
use atomic_scale::AtomicScale;
use entry::Entry;

pub use entry::NotEditable;

/// Parameters of the bank: its first places.
pub const PARAMETERS: usize = 128;

/// Slots behind those, which have no parameter.
pub const FURTHER: usize = 896;

/// All places of the bank.
pub const CHANNELS: usize = PARAMETERS + FURTHER;

/// The bank. Newest value wins.
pub struct ChannelBank {
    /// The channels that the parameters of an exported piece drive, which no piece and no session changes. Its
    /// other parameters drive nothing. `None`: whatever the piece offers.
    fixed: Option<Vec<(String, Range)>>,
    entries: Mutex<Vec<Entry>>,
    scales: Vec<AtomicScale>,
    /// The parameter's value, 0 to 1.
    position: Vec<AtomicF64>,
    /// Whether something other than the piece has set the channel.
    touched: Vec<AtomicBool>,
    /// The value itself, where it was saved more exactly than a parameter holds; that which the piece begins with, where
    /// nothing has set it.
    value: Vec<AtomicF64>,
    /// The position at which a preset has put the parameter; no number once something else has moved it. At that
    /// position the value and whether it is set stay as the preset has them, more exactly than the position says.
    preset: Vec<AtomicF64>,
    /// A preset is being set: the audio thread waits with all of it until it has all.
    is_being_set: AtomicBool,
    /// A bit for each place that has moved since the audio thread looked.
    moved: [AtomicU64; CHANNELS / 64],
    /// A bit for each place that has moved since the newest engine was given its starting values.
    since: [AtomicU64; CHANNELS / 64],
}

impl Default for ChannelBank {
    fn default() -> Self {
        let zeros = || (0..CHANNELS).map(|_| AtomicF64::new(0.0)).collect();
        Self {
            fixed: None,
            entries: Mutex::new(vec![Entry::default(); CHANNELS]),
            scales: (0..CHANNELS).map(|_| AtomicScale::default()).collect(),
            position: zeros(),
            touched: (0..CHANNELS).map(|_| AtomicBool::new(false)).collect(),
            value: zeros(),
            preset: (0..CHANNELS).map(|_| AtomicF64::new(f64::NAN)).collect(),
            is_being_set: AtomicBool::new(false),
            moved: Default::default(),
            since: Default::default(),
        }
    }
}

impl ChannelBank {
    /// A bank whose first places have these channels, whatever comes. Other channels have places without a
    /// parameter.
    pub fn fixed(channels: Vec<(String, Range)>) -> Self {
        let bank = Self { fixed: Some(channels), ..Self::default() };
        bank.restore(&[]);
        bank
    }

    /// The place at which a channel stays, if it has one.
    fn fixed_place(&self, name: &str) -> Option<usize> {
        self.fixed.iter().flatten().position(|(known, _)| known == name)
    }

    /// The first place that channels may get which have none.
    fn first_free(&self) -> usize {
        if self.fixed.is_some() { PARAMETERS } else { 0 }
    }

    /// A parameter of the bank moved, to `position` 0 to 1.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn moved_to(&self, index: usize, position: f32) {
        let position = f64::from(position);
        self.position[index].store(position, Ordering::Relaxed);
        if self.preset[index].load(Ordering::Relaxed) == position {
            return self.tell(index / 64, 1 << (index % 64));
        }
        self.preset[index].store(f64::NAN, Ordering::Relaxed);
        let value = self.scales[index].load().to_value(position);
        self.move_to_value(index, value);
    }

    /// Sets places as a preset has them, all in one go. Without a value a channel goes back to where its piece
    /// begins, and is not set any more. `position` says where a place's parameter comes to stand for 0 to 1.
    ///
    /// Gives the positions at which their parameters belong.
    pub fn set_as_preset(
        &self,
        values: &[(usize, Option<f64>)],
        position: impl Fn(usize, f64) -> f32,
    ) -> Vec<(usize, f32)> {
        let entries = self.entries();
        self.is_being_set.store(true, Ordering::Release);
        let (mut words, mut positions) = ([0_u64; CHANNELS / 64], Vec::new());
        for (index, value) in values.iter().copied().filter(|(index, _)| *index < CHANNELS) {
            if value.is_none() && !self.touched[index].load(Ordering::Relaxed) {
                continue;
            }
            let range = &entries[index].range;
            let number = value.unwrap_or(range.default);
            let at = position(index, range.to_normalized(number).clamp(0.0, 1.0));
            self.preset[index].store(f64::from(at), Ordering::Relaxed);
            self.position[index].store(f64::from(at), Ordering::Relaxed);
            self.value[index].store(number, Ordering::Relaxed);
            self.touched[index].store(value.is_some(), Ordering::Relaxed);
            words[index / 64] |= 1 << (index % 64);
            positions.push((index, at));
        }
        for (word, bits) in words.into_iter().enumerate().filter(|(_, bits)| *bits != 0) {
            self.tell(word, bits);
        }
        self.is_being_set.store(false, Ordering::Release);
        positions
    }

    /// The audio thread is to hear of these places.
    fn tell(&self, word: usize, bits: u64) {
        self.since[word].fetch_or(bits, Ordering::Release);
        self.moved[word].fetch_or(bits, Ordering::Release);
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
        self.tell(index / 64, 1 << (index % 64));
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

    /// The value of a place's channel where its parameter was moved on by a part of its way, -1 to 1.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn value_moved_by(&self, index: usize, added: f32) -> f64 {
        let (scale, value) = (self.scales[index].load(), self.value[index].load(Ordering::Relaxed));
        if added == 0.0 {
            return value;
        }
        scale.to_value((scale.to_normalized(value) + f64::from(added)).clamp(0.0, 1.0))
    }

    /// By how much that differs from the value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn moved_by(&self, index: usize, added: f32) -> f64 {
        self.value_moved_by(index, added) - self.value[index].load(Ordering::Relaxed)
    }

    /// Calls `write` with each place that has moved since the last call, and its channel's value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_moved(&self, mut write: impl FnMut(usize, f64)) {
        if self.is_being_set.load(Ordering::Acquire) {
            return;
        }
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
            entry.forget_edit();
            let since = self.since[index / 64].load(Ordering::Acquire);
            if since & 1 << (index % 64) == 0 {
                self.touched[index].store(false, Ordering::Relaxed);
            }
        }
    }

    /// Takes a saved map. Movements so far are forgotten: they belong to what was before. A channel that stays at a
    /// place gets its value, wherever it was when that was saved.
    pub fn restore(&self, saved: &[SavedChannel]) {
        let mut entries = self.entries();
        *entries = vec![Entry::default(); CHANNELS];
        for index in 0..CHANNELS {
            self.touched[index].store(false, Ordering::Relaxed);
            self.preset[index].store(f64::NAN, Ordering::Relaxed);
            self.scales[index].store(Scale::default());
        }
        for (index, (name, range)) in self.fixed.iter().flatten().enumerate() {
            self.scales[index].store(range.scale);
            entries[index] = Entry::fixed(name, range);
        }
        let mut further = PARAMETERS;
        for channel in saved.iter().filter(|channel| (1..=CHANNELS).contains(&channel.place)) {
            if let Some(index) = self.fixed_place(&channel.name) {
                self.set_saved(index, channel.value);
                continue;
            }
            let index = match self.fixed {
                // One that has no parameter here: where there is room.
                Some(_) => {
                    further += 1;
                    further - 1
                }
                None => channel.place - 1,
            };
            if index >= CHANNELS {
                continue;
            }
            entries[index] = Entry::saved(channel);
            self.scales[index].store(entries[index].range.scale);
            self.set_saved(index, channel.value);
        }
        for moved in self.moved.iter().chain(&self.since) {
            moved.store(0, Ordering::Release);
        }
    }

    fn set_saved(&self, index: usize, value: Option<f64>) {
        if let Some(value) = value {
            self.value[index].store(value, Ordering::Relaxed);
            self.touched[index].store(true, Ordering::Relaxed);
        }
    }

    /// Gives what a piece offers to free places, in its order. A channel that has a place keeps it; its
    /// range follows the piece's, unless somebody edited it. Where all places are taken, those without
    /// a parameter go over from the channels of other pieces.
    pub fn adopt(&self, offered: &[(String, Range)]) {
        self.adopt_each(offered, |_| false);
    }

    /// The same, where no parameter is to drive the channels that are `quiet`.
    pub fn adopt_each(&self, offered: &[(String, Range)], quiet: impl Fn(&str) -> bool) {
        let mut entries = self.entries();
        for entry in entries.iter_mut() {
            let there =
                entry.name.as_ref().is_some_and(|name| offered.iter().any(|(known, _)| known == name));
            entry.is_present = there;
        }
        for (name, range) in offered {
            if self.fixed_place(name).is_some() {
                continue;
            }
            let there = entries.iter().position(|entry| entry.name.as_deref() == Some(name));
            let first = if quiet(name) { PARAMETERS } else { self.first_free() };
            let free = || Some(first + entries[first..].iter().position(|entry| entry.name.is_none())?);
            let stale =
                || Some(PARAMETERS + entries[PARAMETERS..].iter().position(|entry| !entry.is_present)?);
            let Some(index) = there.or_else(free).or_else(stale) else { return };
            if there.is_none() {
                self.touched[index].store(false, Ordering::Relaxed);
                self.preset[index].store(f64::NAN, Ordering::Relaxed);
            }
            if !self.touched[index].load(Ordering::Relaxed) {
                self.value[index].store(range.default, Ordering::Relaxed);
            }
            match there {
                Some(_) => entries[index].follow(range),
                None => entries[index] = Entry::of_piece(name, range),
            }
            self.scales[index].store(entries[index].range.scale);
        }
    }

    /// Channels of the present piece that begin beyond the range that the user has given them go to its nearest value:
    /// their places, and where their parameters belong.
    pub fn bring_into_edited(&self, position: impl Fn(usize, f64) -> f32) -> Vec<(usize, f32)> {
        let entries = self.entries();
        let edited = entries.iter().enumerate().filter(|(_, entry)| entry.is_present && entry.own.is_some());
        let beyond = edited.filter_map(|(index, entry)| {
            let begins = self.value[index].load(Ordering::Relaxed);
            let is_beyond = self.value(index).is_none() && entry.range.default != begins;
            is_beyond.then(|| (index, self.stay_at(index, &entry.range, entry.range.default, &position)))
        });
        beyond.collect()
    }

    /// The piece gives a channel another range: its place, and where its parameter belongs now, if something other
    /// than the piece has set it. `position` says where a parameter comes to stand for 0 to 1. `None` if that is no
    /// change, or somebody has edited the range.
    pub fn change_range(
        &self,
        name: &str,
        range: &Range,
        position: impl Fn(usize, f64) -> f32,
    ) -> Option<(usize, Option<f32>)> {
        let mut entries = self.entries();
        let index = entries.iter().position(|entry| entry.is_of(name))?;
        if !entries[index].change(range) {
            return None;
        }
        self.scales[index].store(range.scale);
        let Some(before) = self.value(index) else { return Some((index, None)) };
        let value = before.clamp(range.scale.minimum(), range.scale.maximum());
        Some((index, Some(self.stay_at(index, range, value, position))))
    }

    /// The user gives a channel another range, or without one the piece's own again. Its value stays, brought to the
    /// nearest that the range has. Gives what [`change_range`](Self::change_range) gives.
    ///
    /// # Errors
    /// The channel's range cannot be edited.
    pub fn edit_range(
        &self,
        name: &str,
        edited: Option<&EditedRange>,
        position: impl Fn(usize, f64) -> f32,
    ) -> Result<(usize, Option<f32>), NotEditable> {
        if self.fixed_place(name).is_some() {
            return Err(NotEditable::Fixed);
        }
        let mut entries = self.entries();
        let index = entries.iter().position(|entry| entry.is_of(name)).ok_or(NotEditable::Unknown)?;
        if !entries[index].range.is_editable() {
            return Err(NotEditable::Choice);
        }
        entries[index].edit(edited);
        let range = &entries[index].range;
        self.scales[index].store(range.scale);
        let is_set = self.value(index).is_some();
        let before = self.value[index].load(Ordering::Relaxed);
        let value = before.clamp(range.scale.minimum(), range.scale.maximum());
        // Where nothing has set it the piece's own beginning stands, as long as the range has it.
        let stays = !is_set && value == before;
        let at = (!stays).then(|| self.stay_at(index, range, value, position));
        Ok((index, at))
    }

    /// A channel whose range has changed has this value in it: gives where its parameter belongs.
    fn stay_at(&self, index: usize, range: &Range, value: f64, position: impl Fn(usize, f64) -> f32) -> f32 {
        let at = position(index, range.to_normalized(value).clamp(0.0, 1.0));
        self.preset[index].store(f64::from(at), Ordering::Relaxed);
        self.position[index].store(f64::from(at), Ordering::Relaxed);
        if self.value(index) != Some(value) {
            self.move_to_value(index, value);
        }
        at
    }

    /// The piece's own ranges of those of its channels that the user has given others, by place.
    pub fn own_ranges(&self) -> BTreeMap<usize, Range> {
        let entries = self.entries();
        let edited = entries.iter().enumerate().filter(|(_, entry)| entry.is_present);
        edited.filter_map(|(index, entry)| Some((index, entry.own.clone()?))).collect()
    }

    /// Where a parameter of the bank was moved to last, 0 to 1.
    pub fn stands_at(&self, index: usize) -> f64 {
        self.position[index].load(Ordering::Relaxed)
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
            .filter(|(index, entry, _)| {
                *index < PARAMETERS || self.value(*index).is_some() || !entry.from_piece
            })
            .map(|(index, entry, name)| entry.save(index, name, self.value(index)))
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
mod tests;
