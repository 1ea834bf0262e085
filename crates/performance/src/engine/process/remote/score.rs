//! The score time that an engine tells, held to what is possible.

use crate::engine::event::{EventKind, Prepared};

/// The score time that a piece which moves its score by itself can come to, in seconds: a week.
const WEEK: f64 = 7.0 * 24.0 * 3600.0;

/// K-cycles by which Csound's clock may be ahead of what was asked for, and the part of a time that is lost in rounding.
const AHEAD: usize = 2;
const ROUNDING: f64 = 1e-9;

/// How far the score of a piece can have come: what was asked for, and what was performed since.
///
/// # Realtime safety
/// Safe.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScoreReach {
    /// The time that was asked for last, in seconds, and the frames since.
    from: f64,
    frames: u64,
    /// Where a score that loops begins again, if it does.
    again_at: f64,
    ksmps: usize,
    sample_rate: f64,
    /// The piece may move its score by itself, or was given something that may.
    moves: bool,
}

impl ScoreReach {
    pub(super) fn new(from: f64, again_at: f64, ksmps: usize, sample_rate: f64, moves: bool) -> Self {
        Self { from: sane(from), frames: 0, again_at: sane(again_at), ksmps, sample_rate, moves }
    }

    /// The engine is given an event.
    pub(super) fn give(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Seek(seconds) => (self.from, self.frames) = (sane(*seconds), 0),
            EventKind::Code(_) => self.moves = true,
            EventKind::Score(event) => self.moves |= event.opcode == b'a',
            EventKind::Message(text) => self.moves |= may_advance(text.to_bytes()),
            EventKind::Prepared(event) => match event.as_ref() {
                Prepared::Score(event) => self.moves |= event.opcode == b'a',
                Prepared::Message(text) => self.moves |= may_advance(text.to_bytes()),
            },
            _ => {}
        }
    }

    /// The engine is to perform so many k-cycles, after the events that it was given.
    pub(super) fn perform(&mut self, cycles: usize) {
        self.frames = self.frames.saturating_add((cycles * self.ksmps) as u64);
    }

    /// A score time as its engine tells it, held to what is possible; `before` where it is no time.
    pub(super) fn hold(&self, told: f64, before: f64) -> f64 {
        if !told.is_finite() {
            return before;
        }
        let performed = (self.frames + (AHEAD * self.ksmps) as u64) as f64 / self.sample_rate;
        let furthest = (self.from.max(self.again_at) + performed) * (1.0 + ROUNDING);
        told.clamp(0.0, if self.moves { furthest.max(WEEK) } else { furthest })
    }
}

/// A time that somebody asked for.
fn sane(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

/// True if lines of a score may let time go on unheard.
fn may_advance(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_start().first() == Some(&b'a'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach() -> ScoreReach {
        ScoreReach::new(10.0, 0.0, 32, 48_000.0, false)
    }

    #[test]
    fn a_score_time_is_no_further_than_what_was_asked_for_and_performed() {
        let mut reach = reach();
        assert_eq!(reach.hold(10.0, 3.0), 10.0);
        for told in [11.0, 1e300, f64::MAX] {
            assert!((reach.hold(told, 3.0) - 10.0).abs() < 0.01);
        }
        assert_eq!(reach.hold(-5.0, 3.0), 0.0);
        for told in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(reach.hold(told, 3.0), 3.0);
        }
        reach.perform(1500 * 5);
        assert_eq!(reach.hold(15.0, 3.0), 15.0);
        assert!(reach.hold(16.0, 3.0) < 15.01);
        reach.give(&EventKind::Seek(100.0));
        reach.perform(1500);
        assert_eq!(reach.hold(101.0, 3.0), 101.0);
        reach.give(&EventKind::Seek(1.0));
        assert!(reach.hold(101.0, 3.0) < 1.01, "it goes back, too");
        for wrong in [f64::NAN, f64::INFINITY, -1.0] {
            reach.give(&EventKind::Seek(wrong));
            assert!(reach.hold(101.0, 3.0) < 0.01);
        }
    }

    #[test]
    fn a_piece_that_moves_its_score_gets_a_week() {
        let message = |text: &std::ffi::CStr| EventKind::Message(Box::new(text.to_owned()));
        for (given, moves) in [
            (message(c"i 1 0 1"), false),
            (message(c"i 1 0 1\n a 0 0 100"), true),
            (message(c"a0 0 100"), true),
            (EventKind::Hold, false),
        ] {
            let mut reach = reach();
            reach.give(&given);
            assert_eq!(reach.hold(3600.0, 3.0) == 3600.0, moves, "{given:?}");
            assert!(reach.hold(1e9, 3.0) <= WEEK);
        }
        // What was asked for may be further still.
        let mut reach = ScoreReach::new(2.0 * WEEK, 0.0, 32, 48_000.0, true);
        assert_eq!(reach.hold(2.0 * WEEK, 0.0), 2.0 * WEEK);
        reach.give(&EventKind::Seek(0.0));
        assert_eq!(reach.hold(2.0 * WEEK, 0.0), WEEK);
    }
}
