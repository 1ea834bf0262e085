//! Events on their way to an engine, and the time that they may take there.

use std::time::Duration;

use super::allowance::{code_allowance, seek_allowance};
use super::score::ScoreReach;
use crate::engine::event::{AnswerError, Event, EventKind};
use crate::engine::process::wire::events::EventBytes;

/// The state of an engine as far as events go that are written for it.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    /// K-cycles that it owes: they go before those that are written.
    pub(super) owed: usize,
    /// What does not fit may be of a turn of its own; else the engine is late, and it is lost.
    pub(super) is_in_time: bool,
    /// The number of codes that it can still be given.
    pub(super) codes: usize,
}

/// The events that an engine was not given yet.
///
/// # Realtime safety
/// Safe, but for [`new`](Self::new).
pub(super) struct Outgoing {
    waiting: EventBytes,
    /// Events were lost while the engine was late, the ends of notes perhaps among them.
    overrun: bool,
    /// The time that what waits may take: its seeks, and its code.
    seeks: Duration,
    code: Duration,
    sample_rate: f64,
}

impl Outgoing {
    /// In a room of as many bytes. The first turn may take `allowance` longer.
    pub(super) fn new(capacity: usize, sample_rate: f64, allowance: Duration) -> Self {
        Self {
            waiting: EventBytes::new(capacity),
            overrun: false,
            seeks: allowance,
            code: Duration::ZERO,
            sample_rate,
        }
    }

    /// What was written.
    pub(super) fn bytes(&self) -> &[u8] {
        self.waiting.bytes()
    }

    /// Forgets what was written: the engine has it.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Ends all notes, if events were lost: the engine is there again.
    pub(super) fn make_up_for_losses(&mut self) {
        if self.overrun {
            self.overrun = !self.waiting.push(0, 0, &EventKind::NotesOff);
        }
    }

    /// The time that the seeks, and the code, may take that were written since the last call.
    pub(super) fn take_allowances(&mut self) -> (Duration, Duration) {
        (std::mem::take(&mut self.seeks), std::mem::take(&mut self.code))
    }

    /// Writes the events of the coming k-cycles that fit, behind those that wait already. Gives how
    /// many events were taken and how many k-cycles the turn then has: fewer if the events of a
    /// later one do not fit, none if even those of the first do not.
    pub(super) fn write(
        &mut self,
        events: &mut [Event],
        done: usize,
        cycles: usize,
        reader: Reader,
        reach: &mut ScoreReach,
    ) -> (usize, usize) {
        let (mut taken, mut codes) = (0, 0);
        // Where the events of the k-cycle at hand begin: that k-cycle, and what was there before them.
        let mut begun = (0, self.waiting.bytes().len(), 0);
        while let Some(event) =
            events.get_mut(taken).filter(|event| cycles == 0 || event.cycle < done + cycles)
        {
            let cycle = event.cycle.saturating_sub(done);
            if cycle != begun.0 {
                begun = (cycle, self.waiting.bytes().len(), taken);
            }
            let is_code = matches!(event.kind, EventKind::Code(_));
            let has_room = !is_code || codes < reader.codes;
            if has_room && self.waiting.push(reader.owed + cycle, event.frame, &event.kind) {
                codes += usize::from(is_code);
                self.allow_for(&event.kind);
                reach.give(&event.kind);
            } else if reader.owed == 0 && reader.is_in_time {
                let (_, bytes, first) = begun;
                if cycle > 0 {
                    // The turn ends before this k-cycle. What stood there before it stays.
                    self.waiting.truncate(bytes);
                    return (first, cycle);
                }
                // One event that no room can hold is passed over: code, of which the engine has too much.
                if taken == 0
                    && let EventKind::Code(code) = &mut event.kind
                {
                    code.ended(Err(AnswerError::NoRoom));
                }
                return (taken.max(1), 0);
            } else if let EventKind::Code(code) = &mut event.kind {
                code.ended(Err(AnswerError::NoRoom));
            } else {
                self.overrun = true;
            }
            taken += 1;
        }
        (taken, cycles)
    }

    /// Allows for the time that an event may take.
    fn allow_for(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Seek(seconds) => self.seeks += seek_allowance(*seconds, self.sample_rate),
            EventKind::Code(code) => self.code += code_allowance(code),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::process::wire::events::read_events;

    const IN_TIME: Reader = Reader { owed: 0, is_in_time: true, codes: 8 };
    const LATE: Reader = Reader { owed: 3, is_in_time: false, codes: 8 };

    /// So many seeks, each in the k-cycle after the one before.
    fn seeks(count: usize) -> Vec<Event> {
        (0..count).map(|cycle| Event { cycle, frame: 0, kind: EventKind::Seek(cycle as f64) }).collect()
    }

    fn reach() -> ScoreReach {
        ScoreReach::new(0.0, 0.0, 32, 48_000.0, false)
    }

    fn kinds(outgoing: &Outgoing) -> Vec<(usize, bool)> {
        let read: Vec<_> = read_events(outgoing.bytes()).collect();
        read.iter().map(|event| (event.cycle, matches!(event.kind, EventKind::NotesOff))).collect()
    }

    #[test]
    fn the_end_of_notes_that_makes_up_for_losses_is_not_lost_where_a_turn_is_cut() {
        let mut outgoing = Outgoing::new(400, 48_000.0, Duration::ZERO);
        outgoing.write(&mut seeks(100), 0, 100, LATE, &mut reach());
        assert!(kinds(&outgoing).len() < 100, "some are lost");
        outgoing.clear();
        outgoing.make_up_for_losses();
        let (taken, cycles) = outgoing.write(&mut seeks(100), 0, 100, IN_TIME, &mut reach());
        assert!(taken < 100 && cycles == taken, "{taken} events in {cycles} k-cycles");
        assert_eq!(kinds(&outgoing)[0], (0, true), "what makes up for it goes first");
        assert_eq!(kinds(&outgoing).len(), 1 + taken);
        // It is said once.
        outgoing.clear();
        outgoing.make_up_for_losses();
        assert_eq!(outgoing.bytes(), b"");
    }

    #[test]
    fn a_turn_that_is_cut_has_whole_k_cycles_and_what_is_left_follows_in_the_next() {
        let mut outgoing = Outgoing::new(400, 48_000.0, Duration::ZERO);
        // Three in each k-cycle.
        let mut events: Vec<Event> = seeks(99).into_iter().collect();
        events.iter_mut().for_each(|event| event.cycle /= 3);
        let (mut taken, mut done, mut heard) = (0, 0, Vec::new());
        while done < 33 {
            let (more, cycles) = outgoing.write(&mut events[taken..], done, 33 - done, IN_TIME, &mut reach());
            assert!(more % 3 == 0 && cycles > 0 && more == cycles * 3, "{more} events in {cycles} k-cycles");
            heard.extend(kinds(&outgoing).into_iter().map(|(cycle, _)| cycle + done));
            (taken, done) = (taken + more, done + cycles);
            outgoing.clear();
        }
        let expected: Vec<_> = (0..99).map(|at| at / 3).collect();
        assert_eq!(heard, expected);
        // Those of a later k-cycle alone are too many.
        let mut late: Vec<Event> = seeks(40);
        late.iter_mut().for_each(|event| event.cycle = 5);
        assert_eq!(outgoing.write(&mut late, 0, 10, IN_TIME, &mut reach()), (0, 5));
        assert_eq!(outgoing.bytes(), b"");
    }

    #[test]
    fn only_what_is_written_is_given_time() {
        let mut outgoing = Outgoing::new(400, 48_000.0, Duration::from_secs(1));
        let (taken, _) = outgoing.write(&mut seeks(100), 0, 100, IN_TIME, &mut reach());
        let seconds: f64 = (0..taken).map(|seconds| seconds as f64).sum();
        let (allowed, code) = outgoing.take_allowances();
        let wanted = Duration::from_secs(1) + seek_allowance(seconds, 48_000.0);
        assert!(allowed.abs_diff(wanted) < Duration::from_millis(1), "{allowed:?} is not {wanted:?}");
        assert_eq!((code, outgoing.take_allowances().0), (Duration::ZERO, Duration::ZERO));
    }
}
