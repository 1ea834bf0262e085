//! Figures from measurements: medians, spreads, percentiles. Pure.

use serde::{Deserialize, Serialize};

/// The middle of some measurements and how far they lie apart: the quartiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// A quarter lies below.
    pub lower: f64,
    /// Half lies below.
    pub median: f64,
    /// Three quarters lie below.
    pub upper: f64,
    /// How many there are.
    pub count: usize,
}

impl Spread {
    /// The spread of `values`; all zero where there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| quantile(&sorted, part);
        Self { lower: at(0.25), median: at(0.5), upper: at(0.75), count: sorted.len() }
    }

    /// The same in another unit.
    pub fn scaled(self, by: f64) -> Self {
        Self { lower: self.lower * by, median: self.median * by, upper: self.upper * by, count: self.count }
    }
}

/// How long something took, again and again. Microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half took less.
    pub median: f64,
    /// One in a hundred took longer.
    pub p99: f64,
    /// One in a thousand took longer.
    pub p999: f64,
    /// The longest.
    pub worst: f64,
    /// How often it was measured.
    pub count: usize,
}

impl Latency {
    /// Of times in nanoseconds, each less `own` nanoseconds.
    pub fn of(mut times: Vec<u64>, own: f64) -> Self {
        times.sort_unstable();
        let sorted: Vec<f64> = times.iter().map(|time| (*time as f64 - own) / 1000.0).collect();
        let at = |part: f64| quantile(&sorted, part);
        Self { median: at(0.5), p99: at(0.99), p999: at(0.999), worst: at(1.0), count: sorted.len() }
    }
}

/// The value below which `part` of the sorted values lie, on the line between its neighbours.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = part.clamp(0.0, 1.0) * last as f64;
    let (below, rest) = (at.floor() as usize, at.fract());
    sorted[below] + (sorted[(below + 1).min(last)] - sorted[below]) * rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_quartiles() {
        let spread = Spread::of([5.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!(spread, Spread { lower: 2.0, median: 3.0, upper: 4.0, count: 5 });
        assert_eq!(Spread::of([1.0, 2.0]).median, 1.5);
        assert_eq!(Spread::of([]), Spread::default());
        assert_eq!(spread.scaled(2.0).upper, 8.0);
    }

    #[test]
    fn latencies_are_counted_without_the_pieces_own_time() {
        let latency = Latency::of((1..=1001).rev().map(|n| n * 1000 + 500).collect(), 500.0);
        assert_eq!((latency.median, latency.p99, latency.worst), (501.0, 991.0, 1001.0));
        assert_eq!(latency.p999, 1000.0);
    }
}
