//! The score, and the instruments that sound.

use csound_performer::editor::model::*;

use super::held::Held;

pub fn is_seen(held: &mut Held) {
    let score = [ScoreEntry { instrument: "1".into(), begin: 0.0, length: 1000.0 }];
    held.until("the score is known", |view| *view.score == score);
    let one = [SoundingInstrument { name: "1".into(), voices: 1 }];
    held.until("the instrument of the score sounds", |view| *view.sounding == one);
    held.act(Action::Stop);
    held.until("what is over does not", |view| view.state == State::Ended && view.sounding.is_empty());
    held.act(Action::Play);
    held.until("it sounds again", |view| view.state == State::Playing && *view.sounding == one);
}
