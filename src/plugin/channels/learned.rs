//! MIDI controllers that turn channels: each is what the user has moved on a controller while the channel waited for
//! one. A message that is learned is not for the piece any more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::bank::{CHANNELS, PARAMETERS};

/// The controller that turns a channel, as a session keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedController {
    /// The channel's name.
    pub name: String,
    /// The MIDI channel, 1 to 16.
    pub channel: u8,
    /// The controller, 0 to 119.
    pub controller: u8,
}

/// Controllers from here on are modes of a MIDI channel, not to be learned.
const MODES: u8 = 120;

/// The highest value of a controller.
const HIGHEST: f32 = 127.0;

/// A controller of a MIDI channel, from 1; 0 is none.
type Code = u32;

fn code(channel: u8, controller: u8) -> Code {
    u32::from(channel & 0x0F) * u32::from(MODES) + u32::from(controller) + 1
}

/// What the channels have learned, as an instance's threads share it. Each is known by its place in the bank.
pub struct LearnedControllers {
    learned: Vec<AtomicU32>,
    /// Behind the last place that has learned something.
    end: AtomicUsize,
    /// The place that waits, from 1; 0 is none.
    waiting: AtomicUsize,
    /// The positions, 0 to 1, that parameters were turned to, as bits; and which are yet to be told to the host.
    positions: Vec<AtomicU32>,
    moved: [AtomicU64; PARAMETERS / 64],
    /// The names of the channels that have learned: at their places others may come.
    names: Mutex<BTreeMap<usize, String>>,
}

impl Default for LearnedControllers {
    fn default() -> Self {
        Self {
            learned: (0..CHANNELS).map(|_| AtomicU32::new(0)).collect(),
            end: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            positions: (0..PARAMETERS).map(|_| AtomicU32::new(0)).collect(),
            moved: Default::default(),
            names: Mutex::default(),
        }
    }
}

impl LearnedControllers {
    /// A place takes the next controller, or waits for none any more if it did.
    pub fn wait_or_cancel(&self, place: usize) {
        let waits = self.waiting() == Some(place) || place >= CHANNELS;
        self.waiting.store(if waits { 0 } else { place + 1 }, Ordering::Relaxed);
    }

    /// The place that waits.
    pub fn waiting(&self) -> Option<usize> {
        self.waiting.load(Ordering::Relaxed).checked_sub(1)
    }

    /// A place is turned by no controller any more.
    pub fn forget(&self, place: usize) {
        if let Some(learned) = self.learned.get(place) {
            learned.store(0, Ordering::Relaxed);
        }
        if self.waiting() == Some(place) {
            self.wait_or_cancel(place);
        }
        self.names().remove(&place);
    }

    /// Takes a message that a channel waits for or has learned, and calls `turn` with the places that it turns and the
    /// position, 0 to 1, that they come to. False: it is for others.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take(&self, bytes: &[u8], mut turn: impl FnMut(usize, f32)) -> bool {
        let [status @ 0xB0..=0xBF, controller @ 0..MODES, value] = *bytes else { return false };
        let code = code(status, controller);
        if let Some(place) = self.waiting() {
            self.learned[place].store(code, Ordering::Relaxed);
            self.end.fetch_max(place + 1, Ordering::Relaxed);
            self.waiting.store(0, Ordering::Relaxed);
        }
        let position = f32::from(value.min(127)) / HIGHEST;
        let mut is_taken = false;
        for (place, learned) in self.learned[..self.end.load(Ordering::Relaxed)].iter().enumerate() {
            if learned.load(Ordering::Relaxed) == code {
                is_taken = true;
                turn(place, position);
                self.tell(place, position);
            }
        }
        is_taken
    }

    /// The host is to hear of a parameter.
    fn tell(&self, place: usize, position: f32) {
        if let Some(known) = self.positions.get(place) {
            known.store(position.to_bits(), Ordering::Relaxed);
            self.moved[place / 64].fetch_or(1 << (place % 64), Ordering::Release);
        }
    }

    /// Whether the host is to hear of parameters.
    pub fn has_moves(&self) -> bool {
        self.moved.iter().any(|moved| moved.load(Ordering::Relaxed) != 0)
    }

    /// The parameters that were turned since the last call, and their newest positions. `stands_at` says where one is now:
    /// those that something else has moved since are left out.
    pub fn take_moves(&self, stands_at: impl Fn(usize) -> f64) -> Vec<(usize, f32)> {
        let words = self.moved.iter().map(|moved| moved.swap(0, Ordering::Acquire)).enumerate();
        let places = words.flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits & 1 << bit != 0).map(move |bit| word * 64 + bit)
        });
        let turned = places.map(|at| (at, f32::from_bits(self.positions[at].load(Ordering::Relaxed))));
        turned.filter(|(at, position)| stands_at(*at) == f64::from(*position)).collect()
    }

    /// Forgets what was learned by a channel of which another one has the place by now; `before` are the names that were
    /// in the bank, `now` those that are.
    pub fn follow(&self, before: &[Option<String>], now: &[Option<String>]) {
        // What nobody has looked at yet is known by no name.
        drop(self.all(before));
        drop(self.all(now));
    }

    /// What the channels have learned, by their places; `names` are those in the bank now. What was learned by a channel
    /// that is not at its place any more is forgotten.
    pub fn all(&self, names: &[Option<String>]) -> Vec<(usize, SavedController)> {
        let end = self.end.load(Ordering::Relaxed);
        let mut known = self.names();
        let mut found = Vec::new();
        for (place, learned) in self.learned[..end].iter().enumerate() {
            let Some(code) = learned.load(Ordering::Relaxed).checked_sub(1) else { continue };
            let Some(name) = names.get(place).cloned().flatten() else { continue };
            if *known.entry(place).or_insert_with(|| name.clone()) != name {
                learned.store(0, Ordering::Relaxed);
                known.remove(&place);
                continue;
            }
            let (channel, controller) = (code / u32::from(MODES), code % u32::from(MODES));
            found.push((
                place,
                SavedController { name, channel: channel as u8 + 1, controller: controller as u8 },
            ));
        }
        found
    }

    /// Takes what a session kept, and nothing else; `names` are those in the bank. What makes no sense is left out.
    pub fn restore(&self, saved: &[SavedController], names: &[Option<String>]) {
        self.waiting.store(0, Ordering::Relaxed);
        self.learned.iter().for_each(|learned| learned.store(0, Ordering::Relaxed));
        self.moved.iter().for_each(|moved| moved.store(0, Ordering::Relaxed));
        self.names().clear();
        let is_possible = |one: &&SavedController| (1..=16).contains(&one.channel) && one.controller < MODES;
        // A session may say anything: no more than there is room for.
        for saved in saved.iter().filter(is_possible).take(CHANNELS) {
            let is_it = |name: &Option<String>| name.as_deref() == Some(&*saved.name);
            if let Some(place) = names.iter().position(is_it) {
                self.learned[place].store(code(saved.channel - 1, saved.controller), Ordering::Relaxed);
                self.end.fetch_max(place + 1, Ordering::Relaxed);
                self.names().insert(place, saved.name.clone());
            }
        }
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<usize, String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Display for SavedController {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CC {} ch {}", self.controller, self.channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::channels::bank::ChannelBank;

    fn turned(learned: &LearnedControllers, bytes: &[u8]) -> Option<Vec<(usize, f32)>> {
        let mut turned = Vec::new();
        learned.take(bytes, |place, position| turned.push((place, position))).then_some(turned)
    }

    fn names(named: &[(usize, &str)]) -> Vec<Option<String>> {
        let mut names = vec![None; CHANNELS];
        named.iter().for_each(|(place, name)| names[*place] = Some((*name).to_owned()));
        names
    }

    #[test]
    fn a_channel_learns_the_next_controller_and_is_turned_by_it_from_there_on() {
        let learned = LearnedControllers::default();
        assert_eq!(turned(&learned, &[0xB0, 20, 64]), None, "nothing waits");
        learned.wait_or_cancel(3);
        for other in [&[0x90, 60, 100][..], &[0xB0, 123, 0], &[0xE0, 0, 64], &[0xC0, 1], &[]] {
            assert_eq!(turned(&learned, other), None, "{other:?} is no controller");
        }
        assert_eq!(turned(&learned, &[0xBF, 20, 127]), Some(vec![(3, 1.0)]));
        assert_eq!(learned.waiting(), None);
        assert_eq!(turned(&learned, &[0xBF, 20, 0]), Some(vec![(3, 0.0)]));
        for other in [[0xBE, 20, 0], [0xBF, 21, 0]] {
            assert_eq!(turned(&learned, &other), None);
        }
        learned.wait_or_cancel(CHANNELS - 1);
        assert_eq!(turned(&learned, &[0xBF, 20, 127]), Some(vec![(3, 1.0), (CHANNELS - 1, 1.0)]), "both");
        learned.forget(3);
        assert_eq!(turned(&learned, &[0xBF, 20, 0]), Some(vec![(CHANNELS - 1, 0.0)]));
    }

    #[test]
    fn waiting_is_given_up_and_goes_over_to_another_channel() {
        let learned = LearnedControllers::default();
        learned.wait_or_cancel(3);
        learned.wait_or_cancel(3);
        assert_eq!(learned.waiting(), None);
        learned.wait_or_cancel(3);
        learned.wait_or_cancel(4);
        assert_eq!(learned.waiting(), Some(4));
        learned.forget(4);
        assert_eq!(learned.waiting(), None);
        learned.wait_or_cancel(CHANNELS);
        assert_eq!(learned.waiting(), None);
    }

    #[test]
    fn the_host_hears_of_parameters_alone_and_of_their_newest_positions() {
        let learned = LearnedControllers::default();
        for place in [0, 127, 128] {
            learned.wait_or_cancel(place);
            turned(&learned, &[0xB0, 20, 1]);
        }
        turned(&learned, &[0xB0, 20, 127]);
        assert!(learned.has_moves());
        assert_eq!(learned.take_moves(|_| 1.0), [(0, 1.0), (127, 1.0)]);
        assert!(!learned.has_moves() && learned.take_moves(|_| 1.0).is_empty());
    }

    #[test]
    fn the_host_does_not_hear_of_a_parameter_that_it_has_moved_itself_since() {
        let (learned, bank) = (LearnedControllers::default(), ChannelBank::default());
        for place in [0, 1] {
            learned.wait_or_cancel(place);
            learned.take(&[0xB0, 20, 100], |place, position| bank.moved_to(place, position));
        }
        bank.moved_to(0, 0.25);
        let told = learned.take_moves(|index| bank.stands_at(index));
        assert_eq!(told, [(1, 100.0 / 127.0)]);
        assert!(!learned.has_moves(), "nor later");
    }

    #[test]
    fn what_was_learned_is_kept_by_name_and_gone_with_the_channel() {
        let learned = LearnedControllers::default();
        learned.wait_or_cancel(2);
        turned(&learned, &[0xB9, 20, 0]);
        let here = names(&[(2, "cutoff"), (5, "level")]);
        let (place, saved) = learned.all(&here).remove(0);
        assert_eq!((place, saved.to_string()), (2, "CC 20 ch 10".to_owned()));
        let again = LearnedControllers::default();
        again.restore(std::slice::from_ref(&saved), &names(&[(7, "cutoff")]));
        assert_eq!(again.all(&names(&[(7, "cutoff")])), [(7, saved.clone())]);
        let wrong = [
            SavedController { channel: 17, ..saved.clone() },
            SavedController { channel: 0, ..saved.clone() },
            SavedController { controller: 120, ..saved.clone() },
            SavedController { name: "none".into(), ..saved },
        ];
        again.restore(&wrong, &here);
        assert_eq!(again.all(&here), []);
        assert_eq!(learned.all(&names(&[(2, "other")])), [], "another channel has taken its place");
        assert_eq!(turned(&learned, &[0xB9, 20, 0]), None);
    }

    #[test]
    fn a_channel_that_comes_to_the_place_of_another_is_not_turned_though_nobody_has_looked() {
        let learned = LearnedControllers::default();
        for place in [2, 3] {
            learned.wait_or_cancel(place);
            turned(&learned, &[0xB0, 20, 0]);
        }
        let names = [[(2, "cutoff"), (3, "level")], [(2, "other"), (3, "level")]].map(|named| names(&named));
        learned.follow(&names[0], &names[1]);
        assert_eq!(turned(&learned, &[0xB0, 20, 127]), Some(vec![(3, 1.0)]));
    }

    #[test]
    fn a_session_gives_no_more_controllers_than_there_are_channels() {
        let learned = LearnedControllers::default();
        let saved = |name: &str| SavedController { name: name.into(), channel: 1, controller: 20 };
        let mut list = vec![saved("none"); CHANNELS - 1];
        list.extend([saved("first"), saved("second")]);
        learned.restore(&list, &names(&[(0, "first"), (1, "second")]));
        assert_eq!(turned(&learned, &[0xB0, 20, 0]), Some(vec![(0, 0.0)]));
        learned.wait_or_cancel(0);
        turned(&learned, &[0xB0, 20, 127]);
        learned.restore(&[], &names(&[]));
        assert!(!learned.has_moves(), "of the session before");
    }
}
