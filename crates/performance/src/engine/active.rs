//! The instruments that sound: how many instances of each are active.

use csound_library::Times;
use serde::{Deserialize, Serialize};

/// The most instruments that are told of.
pub const MOST_ACTIVE: usize = 256;

/// An instrument of which instances are active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveInstrument {
    /// Its number. One with a name has the number that Csound gave it.
    pub number: u32,
    /// How many instances are active.
    pub instances: u32,
    /// How much of one processor they take, in thousandths, of late. None where Csound cannot be watched, or performs by
    /// several threads.
    pub load: Option<u32>,
}

/// The most that an instrument can take of a processor, in thousandths: more than all of it is too slow, whatever it is.
pub(super) const MOST_LOAD: u32 = 100_000;

/// Counts an instance by its p1, which may have a fraction.
pub(super) fn count(into: &mut Vec<ActiveInstrument>, p1: f64) {
    // A cast holds what is no number of an instrument to what is one.
    let number = p1 as u32;
    if let Some(active) = into.iter_mut().find(|active| active.number == number) {
        active.instances = active.instances.saturating_add(1);
    } else if into.len() < MOST_ACTIVE {
        into.push(ActiveInstrument { number, instances: 1, load: None });
    }
}

/// What instruments took of late: the older, the less it counts.
#[derive(Default)]
pub(super) struct Loads(Vec<(u32, f64)>);

/// What the newest of the measurements counts for; they come some ten times a second.
const NEWEST: f64 = 0.3;

impl Loads {
    /// Adds what was measured since the last time, and says it of each instrument. A k-cycle lasts so many seconds.
    pub(super) fn follow(&mut self, active: &mut [ActiveInstrument], times: &Times, cycle: f64) {
        if times.is_spread {
            self.0.clear();
        }
        self.0.retain(|(number, _)| active.iter().any(|active| active.number == *number));
        for active in active {
            let known = self.0.iter_mut().find(|(number, _)| *number == active.number);
            let load = match (times.share(active.number, cycle), known) {
                // Nothing was performed since.
                (None, known) => known.map(|(_, load)| *load),
                (Some(share), Some((_, load))) => {
                    *load += (share - *load) * NEWEST;
                    Some(*load)
                }
                // It may have begun in the midst of them.
                (Some(share), None) => {
                    self.0.push((active.number, share));
                    Some(share)
                }
            };
            // A cast holds what is too much to the most, and what is no number to nothing.
            active.load = load.map(|load| ((load * 1000.0).round() as u32).min(MOST_LOAD));
        }
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn loads_follow_what_was_measured_of_late() {
        let of = |milliseconds: u64| {
            let mut times = Times::with_room();
            times.cycles = 1000;
            times.add(1, Duration::from_millis(milliseconds));
            times
        };
        let mut active = [1, 2].map(|number| ActiveInstrument { number, instances: 1, load: None });
        let mut loads = Loads::default();
        let mut follow = |times: &Times| {
            loads.follow(&mut active, times, 0.001);
            [active[0].load, active[1].load]
        };
        assert_eq!(follow(&Times::default()), [None, None], "nothing was measured");
        assert_eq!(follow(&of(100)), [Some(100), Some(0)]);
        assert_eq!(follow(&of(200)), [Some(130), Some(0)]);
        assert_eq!(follow(&Times::default()), [Some(130), Some(0)], "nothing was performed since");
        assert_eq!(follow(&of(1_000_000_000)), [Some(MOST_LOAD), Some(0)]);
        let mut spread = of(100);
        spread.is_spread = true;
        assert_eq!(follow(&spread), [None, None]);
        assert_eq!(follow(&Times::default()), [None, None], "what was known before is not shown on");
    }

    #[test]
    fn instances_are_counted_by_whole_numbers_and_within_bounds() {
        let mut found = Vec::new();
        for p1 in [1.0, 1.25, 3.0, 1.999, f64::NAN, -5.0] {
            count(&mut found, p1);
        }
        let found: Vec<_> = found.iter().map(|active| (active.number, active.instances)).collect();
        assert_eq!(found, [(1, 3), (3, 1), (0, 2)]);
        let mut many = Vec::new();
        (0..1000).for_each(|number| count(&mut many, f64::from(number)));
        assert_eq!(many.len(), MOST_ACTIVE);
    }
}
