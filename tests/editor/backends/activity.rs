//! The score, and the instruments that sound.

use csound_performer::editor::model::*;

use super::held::Held;

pub fn is_seen(held: &mut Held) {
    let score = [ScoreEntry { instrument: "1".into(), begin: 0.0, length: 1000.0 }];
    held.until("the score is known", |view| *view.score == score);
    let is_one = |view: &View| {
        // What it takes is measured: next to nothing.
        let is_it = |sounding: &SoundingInstrument| {
            sounding.name == "1" && sounding.voices == 1 && sounding.load.is_some_and(|load| load < 1000)
        };
        view.sounding.len() == 1 && view.sounding.iter().all(is_it)
    };
    held.until("the instrument of the score sounds", is_one);
    held.act(Action::Stop);
    held.until("what is over does not", |view| view.state == State::Ended && view.sounding.is_empty());
    held.act(Action::Play);
    held.until("it sounds again", |view| view.state == State::Playing && is_one(view));
}
