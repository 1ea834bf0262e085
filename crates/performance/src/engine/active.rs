//! The instruments that sound: how many instances of each are active.

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
}

/// Counts an instance by its p1, which may have a fraction.
pub(super) fn count(into: &mut Vec<ActiveInstrument>, p1: f64) {
    // A cast holds what is no number of an instrument to what is one.
    let number = p1 as u32;
    if let Some(active) = into.iter_mut().find(|active| active.number == number) {
        active.instances = active.instances.saturating_add(1);
    } else if into.len() < MOST_ACTIVE {
        into.push(ActiveInstrument { number, instances: 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
