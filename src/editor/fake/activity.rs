//! What sounds of a score for show.

use std::collections::BTreeMap;
use std::sync::Arc;

use csound_language::piece::Document;

use crate::editor::model::{SoundingInstrument, State, View};

/// The instruments of the source, which performs.
pub(super) fn instruments(view: &View) -> Arc<[String]> {
    let documents = view.source.files.iter().map(|file| Document::of(&file.text, file.language));
    let all = documents.flat_map(|document| document.instruments().map(str::to_owned).collect::<Vec<_>>());
    all.collect()
}

/// What a voice takes of a processor, in thousandths.
const LOAD: u32 = 12;

/// The instruments of the score that sound at its time, while it plays.
pub(super) fn sounding(view: &View) -> Vec<SoundingInstrument> {
    let now = view.transport.time;
    let sounds = view.score.iter().filter(|entry| entry.begin <= now && now < entry.begin + entry.length);
    let mut voices: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in sounds.filter(|_| matches!(view.state, State::Playing | State::Paused)) {
        *voices.entry(&entry.instrument).or_default() += 1;
    }
    let sounding = |(name, voices): (&str, u32)| SoundingInstrument {
        name: name.to_owned(),
        voices,
        load: Some(voices * LOAD),
    };
    voices.into_iter().map(sounding).collect()
}
