//! When an answer is due. Pure: times in, times out.
//!
//! To be woken by the engine costs the most where turns follow each other without a pause: it makes a system call, and
//! this side's processor has to wake. Who knows how long turns take can sleep until shortly before the answer is due,
//! and look for it then. Whether that is a gain depends on the machine and on what else runs there, so both ways are
//! tried on some turns, now and then, and the one that takes less time is kept.

use std::time::Duration;

/// The longest look for an answer that was thought to be due.
pub(super) const LOOK: Duration = Duration::from_micros(100);

/// The time before an answer is due at which to be awake.
const EARLY: f64 = 20e-6;

/// A shorter sleep is none.
const SHORTEST: f64 = 5e-6;

/// How late a timer is thought to be at first: the kernel gives ordinary threads' timers 50 us, and a processor has to
/// wake. And the most that is believed, seconds.
const LATE: f64 = 60e-6;
const MOST_LATE: f64 = 1e-3;

/// Turns of one stretch, in which there is one way to wait, and pairs of stretches of a trial.
const STRETCH: u32 = 16;
const PAIRS: u32 = 4;

/// A turn that takes so much of the usual time was held up by others; more does not count in a trial, where one such
/// turn would decide.
const HELD_UP: f64 = 2.0;

/// Trouble that one turn that was held up or looked for in vain makes; each turn takes 1 away again. And the trouble
/// at which anticipation is given up.
const TROUBLE: u32 = 8;
const TOO_MUCH: u32 = 8 * TROUBLE;

/// Turns from one trial to the next; the most where anticipation was no gain again and again.
const KEPT: u32 = 1024;
const MOST_KEPT: u32 = 1 << 16;

/// Anticipation is kept if it takes at most this part of the time.
const GAIN: f64 = 0.97;

/// Where the choice between the two ways stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    /// Both are tried in turns: turns so far, and the seconds of a k-cycle summed up for each way.
    Trial { turns: u32, sums: [f64; 2] },
    /// One is kept for so many turns.
    Kept { anticipates: bool, turns: u32 },
}

/// Says when an engine's answer is due, from how long the last ones took.
#[derive(Debug)]
pub(super) struct Anticipation {
    /// The seconds of a k-cycle that few turns stay below; 0: unknown.
    usual: f64,
    /// How much later than asked a sleep ends, seconds.
    late: f64,
    choice: Choice,
    /// See [`TROUBLE`].
    trouble: u32,
    /// Turns for which the other way is kept after the next trial that it wins.
    patience: u32,
}

impl Anticipation {
    pub(super) fn new() -> Self {
        let choice = Choice::Trial { turns: 0, sums: [0.0; 2] };
        Self { usual: 0.0, late: LATE, choice, trouble: 0, patience: KEPT }
    }

    /// The time from the beginning of a turn of `cycles` k-cycles after which a sleep is to end; then the answer is
    /// looked for, [`LOOK`] long. None: it is not anticipated.
    pub(super) fn due(&self, cycles: usize) -> Option<Duration> {
        let due = self.usual * cycles as f64 - self.late - EARLY;
        (self.anticipates() && self.usual > 0.0 && cycles > 0).then(|| Duration::from_secs_f64(due.max(0.0)))
    }

    fn anticipates(&self) -> bool {
        match self.choice {
            Choice::Trial { turns, .. } => way_of(turns) == 1,
            Choice::Kept { anticipates, .. } => anticipates,
        }
    }

    /// The rest of a sleep, if it is worth one.
    pub(super) fn rest(due: Duration, passed: Duration) -> Option<Duration> {
        let rest = due.saturating_sub(passed);
        (rest.as_secs_f64() >= SHORTEST).then_some(rest)
    }

    /// A sleep that nobody ended was longer than asked.
    pub(super) fn overslept(&mut self, by: Duration) {
        let by = by.as_secs_f64().min(MOST_LATE);
        self.late += (by - self.late) / if by < self.late { 4.0 } else { 16.0 };
    }

    /// A turn of `cycles` k-cycles was waited for, and was answered after so long; `in_vain`: after it was no longer
    /// looked for.
    pub(super) fn learn(&mut self, cycles: usize, took: Duration, in_vain: bool) {
        if cycles == 0 {
            return;
        }
        let took = took.as_secs_f64() / cycles as f64;
        if self.usual == 0.0 {
            self.usual = took;
        }
        self.usual += (took - self.usual) / if took < self.usual { 4.0 } else { 64.0 };
        if self.anticipates() {
            let troubled = in_vain || took > HELD_UP * self.usual;
            self.trouble = self.trouble.saturating_sub(1) + if troubled { TROUBLE } else { 0 };
        }
        self.choice = match self.trouble {
            TOO_MUCH.. => self.decide(false),
            _ => self.after(took.min(HELD_UP * self.usual)),
        };
    }

    /// The choice after one more turn.
    fn after(&mut self, took: f64) -> Choice {
        match self.choice {
            Choice::Kept { turns: 0, .. } => Choice::Trial { turns: 0, sums: [0.0; 2] },
            Choice::Kept { anticipates, turns } => Choice::Kept { anticipates, turns: turns - 1 },
            Choice::Trial { turns, mut sums } => {
                sums[way_of(turns)] += took;
                match turns + 1 {
                    turns if turns < 2 * PAIRS * STRETCH => Choice::Trial { turns, sums },
                    _ => self.decide(sums[1] <= GAIN * sums[0]),
                }
            }
        }
    }

    fn decide(&mut self, anticipates: bool) -> Choice {
        self.trouble = 0;
        let turns = if anticipates { KEPT } else { self.patience };
        self.patience = if anticipates { KEPT } else { (2 * self.patience).min(MOST_KEPT) };
        Choice::Kept { anticipates, turns }
    }
}

/// The way of a trial's turn: 0 sleeps until it is woken, 1 anticipates.
fn way_of(turns: u32) -> usize {
    (turns / STRETCH % 2) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const CYCLES: usize = 2;

    fn micros(count: f64) -> Duration {
        Duration::from_secs_f64(count * 1e-6)
    }

    /// Turns of 200 us, with what each way adds. The number of those that were anticipated.
    fn perform(wait: &mut Anticipation, turns: u32, woken: f64, anticipated: f64) -> u32 {
        (0..turns)
            .filter(|_| {
                let is_due = wait.due(CYCLES).is_some();
                wait.learn(CYCLES, micros(200.0 + if is_due { anticipated } else { woken }), false);
                is_due
            })
            .count() as u32
    }

    #[test]
    fn a_sleep_ends_before_the_answer_of_most_turns_however_late_timers_are() {
        let mut wait = Anticipation::new();
        assert_eq!(wait.due(CYCLES), None, "nothing is known yet");
        let mut lengths = [200.0, 210.0, 205.0, 260.0, 203.0, 240.0].into_iter().cycle();
        for _ in 0..100 {
            wait.learn(CYCLES, micros(lengths.next().unwrap()), false);
            wait.overslept(micros(70.0));
        }
        let early = |wait: &Anticipation, cycles: usize| {
            let due = wait.usual * cycles as f64 - wait.late - EARLY;
            due * 1e6
        };
        assert!((200.0 - 70.0 - 25.0..200.0 - 70.0).contains(&early(&wait, CYCLES)), "{wait:?}");
        assert!((400.0 - 70.0 - 30.0..410.0 - 70.0).contains(&early(&wait, 2 * CYCLES)), "twice as long");
        for _ in 0..100 {
            wait.overslept(micros(2.0));
        }
        assert!((200.0 - 2.0 - 25.0..200.0 - 2.0).contains(&early(&wait, CYCLES)), "{wait:?}");
        for _ in 0..200 {
            wait.overslept(Duration::from_secs(3));
        }
        assert!(wait.late <= MOST_LATE);
        wait.choice = Choice::Kept { anticipates: true, turns: 1 };
        assert_eq!(wait.due(CYCLES), Some(Duration::ZERO), "looked for at once, and for a bounded time");
        assert_eq!(wait.due(0), None);
    }

    #[test]
    fn a_sleep_that_is_hardly_one_is_none() {
        assert_eq!(Anticipation::rest(micros(100.0), micros(30.0)), Some(micros(70.0)));
        assert_eq!(Anticipation::rest(micros(100.0), micros(98.0)), None);
        assert_eq!(Anticipation::rest(micros(100.0), micros(300.0)), None);
    }

    #[test]
    fn the_way_that_takes_less_time_is_kept_and_the_other_one_is_tried_ever_less_often() {
        let turns = 400_000;
        let mut gain = Anticipation::new();
        let anticipated = perform(&mut gain, turns, 60.0, 10.0);
        assert!(anticipated > turns * 9 / 10, "{anticipated} of {turns}");
        for (woken, anticipated) in [(10.0, 60.0), (10.0, 10.0), (10.0, 9.0)] {
            let mut none = Anticipation::new();
            let tried = perform(&mut none, turns, woken, anticipated);
            assert!(tried > 0 && tried < turns / 400, "{tried} of {turns}");
        }
    }

    #[test]
    fn what_has_changed_on_the_machine_is_noticed_within_some_thousand_turns() {
        let mut wait = Anticipation::new();
        perform(&mut wait, 10_000, 60.0, 10.0);
        // Other programs have begun to work.
        perform(&mut wait, 3 * KEPT, 60.0, 400.0);
        let still = perform(&mut wait, 1000, 60.0, 400.0);
        assert!(still <= PAIRS * STRETCH, "{still}");
        // And have ended: soon, if they were not there for long.
        perform(&mut wait, 16 * KEPT, 60.0, 10.0);
        let again = perform(&mut wait, 1000, 60.0, 10.0);
        assert!(again > 900, "{again}");
    }

    #[test]
    fn anticipation_is_given_up_at_once_where_it_is_in_vain_and_not_for_a_few_turns() {
        let kept = Choice::Kept { anticipates: true, turns: KEPT };
        let mut wait = Anticipation { usual: 100e-6, choice: kept, ..Anticipation::new() };
        let turns = (0..100).take_while(|_| {
            wait.learn(CYCLES, micros(220.0), true);
            wait.anticipates()
        });
        assert!(turns.count() <= 9);
        assert_eq!(wait.choice, Choice::Kept { anticipates: false, turns: KEPT });
        // One in twelve is what others leave nobody without.
        let mut wait = Anticipation { usual: 100e-6, choice: kept, ..Anticipation::new() };
        assert!((0..KEPT).all(|turn| {
            let held_up = turn % 12 == 0;
            wait.learn(CYCLES, micros(if held_up { 5000.0 } else { 205.0 }), held_up);
            wait.anticipates() || wait.choice == Choice::Trial { turns: 0, sums: [0.0; 2] }
        }));
    }
}
