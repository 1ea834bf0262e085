//! What widgets show of a function table: all of a short one, and of a long one the least and the greatest value of
//! each of some parts. And what a user draws into one.

use serde::{Deserialize, Serialize};

/// Values that are shown of a table at most.
pub const MOST_SHOWN: usize = 1024;

/// The parts of a long table.
const PARTS: usize = MOST_SHOWN / 2;

/// Values that are looked at in each part of a very long table: a look must not take long.
const LOOKED_AT: usize = 32;

/// Puts what is shown of a table into `shown`, finite, and gives how many values that is: those of a table of up to
/// [`MOST_SHOWN`], else the least and the greatest of each part in turn.
///
/// # Realtime safety
/// Safe.
pub fn sketch(table: &[f64], shown: &mut [f64; MOST_SHOWN]) -> usize {
    let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
    if table.len() <= MOST_SHOWN {
        shown.iter_mut().zip(table).for_each(|(shown, value)| *shown = finite(*value));
        return table.len();
    }
    for part in 0..PARTS {
        let (from, to) = (part * table.len() / PARTS, (part + 1) * table.len() / PARTS);
        let step = ((to - from) / LOOKED_AT).max(1);
        let values = table[from..to].iter().step_by(step).map(|value| finite(*value));
        let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        (shown[2 * part], shown[2 * part + 1]) = (finite(least), finite(most));
    }
    MOST_SHOWN
}

/// The longest table that a user may draw into.
pub const LONGEST_EDITED: usize = 16_384;

/// A stroke of a user's hand in a function table: a straight line from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// The table's number.
    pub table: u32,
    /// The two places, from 0, in either order.
    pub places: [u32; 2],
    /// The values there.
    pub values: [f64; 2],
}

impl Stroke {
    /// Draws it, also into the point behind the table's end where `guard` is as the first value: readers that go round
    /// find the beginning there. False if the table is too long to be drawn into, or a value is no number. What lies outside of the
    /// table is left out.
    ///
    /// # Realtime safety
    /// Safe: as long as the table, which is bounded.
    pub fn draw(&self, table: &mut [f64], guard: Option<&mut f64>) -> bool {
        if table.len() > LONGEST_EDITED || self.values.iter().any(|value| !value.is_finite()) {
            return false;
        }
        let goes_round = guard.filter(|guard| table.first() == Some(&**guard));
        let [one, other] = self.places;
        let span = f64::from(one.abs_diff(other)).max(1.0);
        let (from, to) = (one.min(other), one.max(other));
        let places = (from as usize..table.len()).take_while(|place| *place <= to as usize);
        for place in places {
            let share = (place as u32).abs_diff(one) as f64 / span;
            table[place] = self.values[0] + (self.values[1] - self.values[0]) * share;
        }
        if let (Some(guard), Some(first)) = (goes_round, table.first()) {
            *guard = *first;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_is_a_line_in_either_direction_and_stays_in_its_table() {
        let drawn = |places, values| {
            let mut table = [9.0; 5];
            assert!(Stroke { table: 1, places, values }.draw(&mut table, None));
            table
        };
        assert_eq!(drawn([1, 3], [0.0, 1.0]), [9.0, 0.0, 0.5, 1.0, 9.0]);
        assert_eq!(drawn([3, 1], [1.0, 0.0]), [9.0, 0.0, 0.5, 1.0, 9.0]);
        assert_eq!(drawn([2, 2], [0.25, 7.0]), [9.0, 9.0, 0.25, 9.0, 9.0]);
        assert_eq!(drawn([4, u32::MAX], [1.0, 1.0]), [9.0, 9.0, 9.0, 9.0, 1.0]);
        assert_eq!(drawn([70, 90], [1.0, 1.0]), [9.0; 5]);
        let stroke = Stroke { table: 1, places: [0, 1], values: [0.0, f64::NAN] };
        assert!(!stroke.draw(&mut [0.0; 2], None));
        let stroke = Stroke { values: [0.0, 1.0], ..stroke };
        assert!(!stroke.draw(&mut vec![0.0; LONGEST_EDITED + 1], None));
    }

    #[test]
    fn a_short_table_is_shown_whole_and_of_a_long_one_its_bounds() {
        let mut shown = [9.0; MOST_SHOWN];
        assert_eq!(sketch(&[1.0, f64::NAN, -3.0], &mut shown), 3);
        assert_eq!(shown[..4], [1.0, 0.0, -3.0, 9.0]);
        assert_eq!(sketch(&[], &mut shown), 0);
        let long: Vec<f64> =
            (0..100_000).map(|index| if index % 2 == 0 { 1.0 } else { -1.0 } * f64::from(index)).collect();
        assert_eq!(sketch(&long, &mut shown), MOST_SHOWN);
        let is_bound = |part: usize| shown[2 * part] <= shown[2 * part + 1];
        assert!((0..PARTS).all(is_bound) && shown[MOST_SHOWN - 1] > 99_000.0, "{:?}", &shown[..4]);
    }

    #[test]
    fn what_goes_round_goes_on_as_it_begins() {
        let stroke = Stroke { table: 1, places: [0, 1], values: [0.5, 1.0] };
        for (guard, expected) in [(9.0, 0.5), (3.0, 3.0)] {
            let (mut table, mut guard) = ([9.0; 4], guard);
            assert!(stroke.draw(&mut table, Some(&mut guard)));
            assert_eq!((table, guard), ([0.5, 1.0, 9.0, 9.0], expected));
        }
        let (mut table, mut guard) = ([9.0; 4], 9.0);
        assert!(Stroke { places: [1, 2], ..stroke }.draw(&mut table, Some(&mut guard)));
        assert_eq!(guard, 9.0);
    }
}
