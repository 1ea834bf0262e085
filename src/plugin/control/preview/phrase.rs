//! What is played to a piece that has no notes of its own in its score. Pure.

use std::collections::VecDeque;

use csound_library::MidiMessage;
use csound_performance::command::event_of_text;
use csound_performance::engine::EventKind;

/// When each key goes down and up, in seconds: four one by one, and then three of them together.
const NOTES: [(f64, f64, u8); 7] = [
    (0.0, 0.45, 60),
    (0.5, 0.95, 64),
    (1.0, 1.45, 67),
    (1.5, 1.95, 72),
    (2.0, 3.5, 60),
    (2.0, 3.5, 64),
    (2.0, 3.5, 67),
];

/// When the last one ends.
pub(super) const END: f64 = 3.5;

const VELOCITY: u8 = 90;

/// The phrase, on the first channel: as MIDI, or as score events for an instrument with the fields that notes have.
pub(super) fn phrase(as_score: Option<u16>) -> VecDeque<(f64, EventKind)> {
    let mut events: Vec<(f64, EventKind)> = Vec::new();
    for (number, (down, up, key)) in NOTES.into_iter().enumerate() {
        match as_score {
            Some(instrument) => {
                let length = up - down;
                let line = format!("i {instrument} 0 {length} {key} {VELOCITY} 0 {}", number + 1);
                // It is a line that passes the check of any other.
                events.extend(event_of_text(&line).ok().map(|event| (down, event)));
            }
            None => {
                let keys = [(down, [0x90, key, VELOCITY]), (up, [0x80, key, 0])];
                let message =
                    |(at, bytes): (f64, [u8; 3])| Some((at, EventKind::Midi(MidiMessage::new(&bytes)?)));
                events.extend(keys.into_iter().filter_map(message));
            }
        }
    }
    events.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    events.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_goes_down_goes_up_and_notes_of_the_score_end_by_themselves() {
        let midi = phrase(None);
        assert_eq!(midi.len(), 2 * NOTES.len());
        let mut held = std::collections::BTreeSet::new();
        for (_, event) in &midi {
            let EventKind::Midi(message) = event else { panic!("{event:?}") };
            let [status, key, _] = *message.bytes() else { panic!("{message:?}") };
            assert!(if status == 0x90 { held.insert(key) } else { held.remove(&key) }, "{message:?}");
        }
        assert!(held.is_empty() && midi.back().unwrap().0 == END);
        let score = phrase(Some(7));
        assert_eq!(score.len(), NOTES.len());
        assert!(score.iter().all(|(_, event)| matches!(event, EventKind::Score(_))), "{score:?}");
        for all in [midi, score] {
            assert!(all.iter().zip(all.iter().skip(1)).all(|(one, next)| one.0 <= next.0));
        }
    }
}
