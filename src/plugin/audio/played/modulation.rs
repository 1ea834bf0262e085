//! What a host adds to a parameter for one note (CLAP's polyphonic modulation). Belongs to the audio thread; all of it is
//! realtime-safe.
//!
//! Where the piece reads a channel for each note, the note's own channel says by how much its value differs from the
//! channel's: 0 while nothing is added. Where it does not, the channel itself moves, by what was added for the newest
//! note, until that note ends: a host that modulates notes then still moves what the piece has.

use csound_performance::command::Command;
use csound_performance::engine::EventKind;

use super::notes::Notes;
use crate::plugin::channels::bank::{ChannelBank, PARAMETERS};
use crate::plugin::channels::expressions::{MODULATED, VOICES};
use crate::plugin::channels::wiring::{FIRST_MODULATED, index_of, modulated_index};
use crate::plugin::shared::modulated::Modulated;

/// What is added for notes.
pub struct Modulation {
    /// By the place among those that the piece reads, and by voice; of a parameter's 0 to 1.
    added: Box<[f32]>,
    /// Whether any of it is not 0.
    is_any: bool,
    /// By parameter, the note for which the channel itself was moved, and how far.
    moved: [Option<(i32, f32)>; PARAMETERS],
}

impl Default for Modulation {
    fn default() -> Self {
        Self { added: vec![0.0; MODULATED * VOICES].into(), is_any: false, moved: [None; PARAMETERS] }
    }
}

/// A channel's value, ready to be asked for.
fn channel(index: usize, value: f64) -> Command {
    Command::Event(EventKind::Channel { index, value })
}

impl Modulation {
    /// The host adds `added`, of the parameter's 0 to 1, to the one of a place for the note with an id of its. `read` is
    /// there where notes have channels of their own.
    pub fn modulate(
        &mut self,
        (bank, read): (&ChannelBank, Option<&Modulated>),
        notes: &Notes,
        (id, place, added): (i32, usize, f32),
        mut ask: impl FnMut(Command),
    ) {
        if place >= PARAMETERS || !added.is_finite() {
            return;
        }
        let Some(slot) = read.and_then(|read| read.slot(place)) else {
            self.moved[place] = Some((id, added));
            return ask(channel(index_of(place), bank.value_moved_by(place, added)));
        };
        let moved_by = bank.moved_by(place, added);
        notes.express_id(id, |voice| {
            self.is_any |= added != 0.0;
            self.added[place_of(slot, voice)] = added;
            ask(channel(modulated_index(slot, voice), moved_by));
        });
    }

    /// A parameter of the bank has moved to `value`: what was added to it still is. Gives what its channel comes to
    /// stand at.
    pub fn follow(
        &self,
        (bank, read): (&ChannelBank, &Modulated),
        place: usize,
        value: f64,
        mut ask: impl FnMut(Command),
    ) -> f64 {
        let Some(moved) = self.moved.get(place) else { return value };
        if let Some(slot) = read.slot(place).filter(|_| self.is_any) {
            let of_slot = slot * VOICES..(slot + 1) * VOICES;
            for (index, added) in
                self.added[of_slot.clone()].iter().enumerate().filter(|(_, added)| **added != 0.0)
            {
                ask(channel(FIRST_MODULATED + of_slot.start + index, bank.moved_by(place, *added)));
            }
        }
        moved.map_or(value, |(_, added)| bank.value_moved_by(place, added))
    }

    /// A note begins, for which nothing is added yet.
    pub fn begin(&mut self, voice: u16, mut ask: impl FnMut(Command)) {
        for slot in (0..MODULATED).filter(|_| self.is_any) {
            if std::mem::take(&mut self.added[place_of(slot, voice)]) != 0.0 {
                ask(channel(modulated_index(slot, voice), 0.0));
            }
        }
    }

    /// The note with an id of the host's is over: channels that were moved for it go back.
    pub fn end(&mut self, bank: &ChannelBank, id: i32, mut ask: impl FnMut(Command)) {
        for (place, moved) in self.moved.iter_mut().enumerate() {
            if moved.take_if(|(known, _)| *known == id).is_some() {
                ask(channel(index_of(place), bank.value_moved_by(place, 0.0)));
            }
        }
    }

    /// All notes are over, or nobody says which: every channel that was moved for one goes back.
    pub fn end_all(&mut self, bank: &ChannelBank, mut ask: impl FnMut(Command)) {
        for (place, moved) in self.moved.iter_mut().enumerate() {
            if moved.take().is_some() {
                ask(channel(index_of(place), bank.value_moved_by(place, 0.0)));
            }
        }
    }

    /// Another engine takes over, which knows of nothing that was added.
    pub fn forget(&mut self) {
        if std::mem::take(&mut self.is_any) {
            self.added.fill(0.0);
        }
        self.moved = [None; PARAMETERS];
    }
}

fn place_of(slot: usize, voice: u16) -> usize {
    slot * VOICES + usize::from(voice).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::{Range, Scale, ScaleKind};

    /// The indices and values that are asked for.
    fn asked(act: impl FnOnce(&mut dyn FnMut(Command))) -> Vec<(usize, f64)> {
        let mut asked = Vec::new();
        act(&mut |command| match command {
            Command::Event(EventKind::Channel { index, value }) => asked.push((index, value)),
            _ => panic!("no value"),
        });
        asked
    }

    #[test]
    fn what_was_added_follows_its_parameter_and_ends_with_the_notes_of_its_voice() {
        let range = Range::new(Scale::new(ScaleKind::Linear, 0.0, 10.0).with_skew(0.5), 2.5);
        let (bank, read) = (ChannelBank::default(), Modulated::default());
        bank.adopt(&[("other".to_owned(), Range::default()), ("cutoff".to_owned(), range)]);
        read.set(&[None, Some(1)]);
        let (mut notes, mut modulation) = (Notes::default(), Modulation::default());
        let voice = notes.on(0, 60, 1.0, Some(7)).unwrap().voice;
        let own = modulated_index(1, voice);
        let add = |modulation: &mut Modulation, id, place, added| {
            asked(|ask| modulation.modulate((&bank, Some(&read)), &notes, (id, place, added), ask))
        };
        // The way goes by the square: half of it is where the channel begins.
        assert_eq!(add(&mut modulation, 7, 1, 0.5), [(own, 7.5)]);
        assert!(add(&mut modulation, 8, 1, 0.5).is_empty(), "no note");
        for (place, added) in [(128, 0.5), (usize::MAX, 0.5), (1, f32::NAN)] {
            assert!(add(&mut modulation, 7, place, added).is_empty());
        }
        assert_eq!(add(&mut modulation, 7, 0, 0.25), [(0, 0.25)], "one that is not read for each note");
        bank.moved_to(1, 0.0);
        let followed = asked(|ask| assert_eq!(modulation.follow((&bank, &read), 1, 0.0, ask), 0.0));
        assert_eq!(followed, [(own, 2.5)]);
        assert_eq!(modulation.follow((&bank, &read), 0, 0.5, |_| {}), 0.25, "as the bank has it");
        assert_eq!(asked(|ask| modulation.end(&bank, 7, ask)), [(0, 0.0)]);
        assert_eq!(asked(|ask| modulation.begin(voice, ask)), [(own, 0.0)]);
        assert!(asked(|ask| modulation.begin(voice, ask)).is_empty());
        nice_assert_no_alloc::assert_no_alloc(|| {
            let both = (&bank, &read);
            modulation.modulate((&bank, Some(&read)), &notes, (7, 1, 0.25), |_| {});
            let _ = modulation.follow(both, 1, 0.0, |_| {});
            modulation.begin(voice, |_| {});
            modulation.end(&bank, 7, |_| {});
            modulation.end_all(&bank, |_| {});
            modulation.forget();
        });
        assert!(asked(|ask| assert_eq!(modulation.follow((&bank, &read), 1, 0.0, ask), 0.0)).is_empty());
    }

    #[test]
    fn channels_go_back_when_all_notes_are_over() {
        let bank = ChannelBank::default();
        bank.adopt(&[("cutoff".to_owned(), Range::default()), ("level".to_owned(), Range::default())]);
        let (notes, mut modulation) = (Notes::default(), Modulation::default());
        let base = bank.value_moved_by(0, 0.0);
        for (id, place) in [(7, 0), (8, 1)] {
            let moved = asked(|ask| modulation.modulate((&bank, None), &notes, (id, place, 0.25), ask));
            assert_ne!(moved, [(place, base)]);
        }
        assert_eq!(asked(|ask| modulation.end_all(&bank, ask)), [(0, base), (1, base)]);
        assert!(asked(|ask| modulation.end_all(&bank, ask)).is_empty(), "once");
    }
}
