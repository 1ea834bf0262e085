//! Lines with no more points than can be seen.

use egui::Pos2;

/// Leaves out points of a line from left to right that lie in a column of pixels between others: the first, the last,
/// the highest and the lowest of each column are what is seen of it. A column is so many points wide.
pub(super) fn thin(points: &mut Vec<Pos2>, column: f32) {
    let mut kept = Vec::with_capacity(points.len());
    let same_column = |one: &Pos2, other: &Pos2| (one.x / column).floor() == (other.x / column).floor();
    for column in points.chunk_by(same_column) {
        let by_height = |one: &usize, other: &usize| column[*one].y.total_cmp(&column[*other].y);
        let (highest, lowest) = ((0..column.len()).min_by(by_height), (0..column.len()).max_by(by_height));
        let mut seen = [Some(0), highest, lowest, column.len().checked_sub(1)];
        seen.sort_unstable();
        let mut before = None;
        for at in seen.into_iter().filter(|at| std::mem::replace(&mut before, *at) != *at) {
            kept.extend(at.and_then(|at| column.get(at)));
        }
    }
    *points = kept;
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn what_is_seen_of_a_line_stays() {
        let few = vec![pos2(0.0, 3.0), pos2(1.5, 1.0), pos2(1.7, 2.0), pos2(9.0, 0.0)];
        let mut thinned = few.clone();
        thin(&mut thinned, 1.0);
        assert_eq!(thinned, few);
        let heights = [5.0, 1.0, 7.0, 9.0, 2.0, 6.0];
        let at = |(at, y): (usize, &f32)| pos2(2.0 + at as f32 * 0.1, *y);
        let mut many: Vec<_> = heights.iter().enumerate().map(at).chain([pos2(3.0, 4.0)]).collect();
        thin(&mut many, 1.0);
        assert_eq!(many.iter().map(|point| point.y).collect::<Vec<_>>(), [5.0, 1.0, 9.0, 6.0, 4.0]);
        let mut rising: Vec<_> = (0..1000).map(|at| pos2(at as f32 * 0.01, at as f32)).collect();
        thin(&mut rising, 0.5);
        assert_eq!(rising.len(), 40);
        assert_eq!((rising[0].y, rising[39].y), (0.0, 999.0));
        let mut none = Vec::new();
        thin(&mut none, 1.0);
        assert!(none.is_empty());
    }
}
