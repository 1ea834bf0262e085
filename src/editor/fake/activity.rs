//! What sounds of a score for show.

use std::collections::BTreeMap;

use crate::editor::model::{SoundingInstrument, State, View};

/// The instruments of the score that sound at its time, while it plays.
pub(super) fn sounding(view: &View) -> Vec<SoundingInstrument> {
    let now = view.transport.time;
    let sounds = view.score.iter().filter(|entry| entry.begin <= now && now < entry.begin + entry.length);
    let mut voices: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in sounds.filter(|_| matches!(view.state, State::Playing | State::Paused)) {
        *voices.entry(&entry.instrument).or_default() += 1;
    }
    voices.into_iter().map(|(name, voices)| SoundingInstrument { name: name.to_owned(), voices }).collect()
}
