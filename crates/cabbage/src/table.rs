//! What widgets show of a function table: all of a short one, and of a long one the least and the greatest value of
//! each of some parts.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
