//! Which pixels a triangle has.

use egui::Pos2;

/// Pixels that may be drawn: from left and top, up to right and bottom, which are not of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

/// An edge, from above to below: the same for both triangles that share it.
struct Edge {
    from: Pos2,
    slope: f32,
}

impl Edge {
    fn new(from: Pos2, to: Pos2) -> Self {
        Self { from, slope: (to.x - from.x) / (to.y - from.y) }
    }

    /// Where it crosses the middle of a row.
    #[inline(always)]
    fn at(&self, row: usize) -> f32 {
        self.from.x + (row as f32 + 0.5 - self.from.y) * self.slope
    }
}

/// The first of the pixels from `least` to `most` whose middle lies at `at` or beyond; none is `most`.
#[inline(always)]
fn first_beyond(at: f32, least: usize, most: usize) -> usize {
    // By hand, since without a processor's own instruction to round up each would be a call. What is no number comes
    // out as nothing.
    let at = at - 0.5;
    let cut = at as i32;
    let up = cut.saturating_add(i32::from(at > cut as f32));
    // At least nothing.
    (up.max(0) as usize).max(least).min(most)
}

/// Whether the middle of no pixel lies near a triangle: so it is with most that blend an edge.
#[inline(always)]
pub fn is_between_pixels([a, b, c]: [Pos2; 3], bounds: &Bounds) -> bool {
    let first = |at: f32, least: usize, most: usize| first_beyond(at, least, most);
    let columns = [a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x)];
    let rows = [a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y)];
    first(rows[0], bounds.top, bounds.bottom) >= first(rows[1], bounds.top, bounds.bottom)
        || first(columns[0], bounds.left, bounds.right) >= first(columns[1], bounds.left, bounds.right)
}

/// Gives each row of a triangle within bounds, with its first pixel and the one after its last. A pixel is the
/// triangle's if its middle lies in it, on its left or on its upper edge.
#[inline(always)]
pub fn rows(corners: [Pos2; 3], bounds: &Bounds, mut row: impl FnMut(usize, usize, usize)) {
    let [mut top, mut middle, mut bottom] = corners;
    let is_above = |one: Pos2, other: Pos2| (one.y, one.x) < (other.y, other.x);
    if is_above(middle, top) {
        std::mem::swap(&mut top, &mut middle);
    }
    if is_above(bottom, middle) {
        std::mem::swap(&mut middle, &mut bottom);
        if is_above(middle, top) {
            std::mem::swap(&mut top, &mut middle);
        }
    }
    let first = first_beyond(top.y, bounds.top, bounds.bottom);
    let last = first_beyond(bottom.y, bounds.top, bounds.bottom);
    if first >= last {
        return;
    }
    let turn = first_beyond(middle.y, bounds.top, bounds.bottom);
    let long = Edge::new(top, bottom);
    // Whether the two short edges lie to the right of the long one.
    let is_right = (middle - top).rot90().dot(bottom - top) < 0.0;
    let mut part = |rows: std::ops::Range<usize>, short: &Edge| {
        let (left, right) = if is_right { (&long, short) } else { (short, &long) };
        for at in rows {
            let from = first_beyond(left.at(at), bounds.left, bounds.right);
            let to = first_beyond(right.at(at), bounds.left, bounds.right);
            if from < to {
                row(at, from, to);
            }
        }
    };
    if first < turn {
        part(first..turn.min(last), &Edge::new(top, middle));
    }
    if turn < last {
        part(turn.max(first)..last, &Edge::new(middle, bottom));
    }
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    const BOUNDS: Bounds = Bounds { left: 2, top: 3, right: 40, bottom: 50 };

    fn pixels(corners: [Pos2; 3]) -> Vec<[usize; 2]> {
        let mut pixels = Vec::new();
        rows(corners, &BOUNDS, |row, from, to| pixels.extend((from..to).map(|at| [at, row])));
        pixels
    }

    #[test]
    fn a_triangle_has_the_pixels_whose_middles_lie_in_it() {
        let mut random = 1_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as f32 / (1 << 24) as f32 * 70.0 - 10.0
        };
        for _ in 0..2000 {
            let corners = [pos2(next(), next()), pos2(next(), next()), pos2(next(), next())];
            let drawn = pixels(corners);
            let side = |at: Pos2, from: Pos2, to: Pos2| {
                let [at, from, to] = [at, from, to].map(|p| [f64::from(p.x), f64::from(p.y)]);
                (to[0] - from[0]) * (at[1] - from[1]) - (to[1] - from[1]) * (at[0] - from[0])
            };
            for y in 0..60 {
                for x in 0..60 {
                    let middle = pos2(x as f32 + 0.5, y as f32 + 0.5);
                    let sides = [0, 1, 2].map(|at| side(middle, corners[at], corners[(at + 1) % 3]));
                    let is_near = sides.iter().any(|side| side.abs() < 1e-2);
                    let is_within =
                        sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0);
                    let may =
                        (BOUNDS.left..BOUNDS.right).contains(&x) && (BOUNDS.top..BOUNDS.bottom).contains(&y);
                    let is_drawn = drawn.contains(&[x, y]);
                    assert!(is_near || is_drawn == (is_within && may), "{corners:?} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn neighbours_share_no_pixel_and_leave_none_out() {
        let mut random = 7_u32;
        let mut next = |most: f32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as f32 / (1 << 24) as f32 * most
        };
        for round in 0..500 {
            // A square about a point within it; in every other round, all lies on pixels' middles and edges.
            let snap = |at: f32| if round % 2 == 0 { at } else { (at * 2.0).round() / 2.0 };
            let (left, top) = (snap(4.0 + next(4.0)), snap(4.0 + next(4.0)));
            let (right, bottom) = (snap(20.0 + next(15.0)), snap(20.0 + next(15.0)));
            let centre = pos2(snap(left + next(right - left)), snap(top + next(bottom - top)));
            let around =
                [pos2(left, top), pos2(right, top), pos2(right, bottom), pos2(left, bottom), pos2(left, top)];
            let mut count = [[0_u8; 64]; 64];
            for edge in around.windows(2) {
                for [x, y] in pixels([edge[0], edge[1], centre]) {
                    count[y][x] += 1;
                }
            }
            let is_in = |at: usize, from: f32, to: f32| (from..to).contains(&(at as f32 + 0.5));
            for (y, row) in count.iter().enumerate() {
                for (x, count) in row.iter().enumerate() {
                    let wanted = is_in(x, left, right) && is_in(y, top, bottom);
                    assert_eq!(*count, u8::from(wanted), "round {round} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_or_beyond_all_measure_stays_within_bounds() {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -1e38, 1e-38, 0.0, 20.0];
        for [a, b, c] in (0..512).map(|at| [at % 8, at / 8 % 8, at / 64].map(|at| odd[at])) {
            for corners in
                [[pos2(a, b), pos2(b, c), pos2(c, a)], [pos2(a, 5.0), pos2(20.0, b), pos2(c, 40.0)]]
            {
                for [x, y] in pixels(corners) {
                    assert!((BOUNDS.left..BOUNDS.right).contains(&x), "{corners:?}");
                    assert!((BOUNDS.top..BOUNDS.bottom).contains(&y), "{corners:?}");
                }
            }
        }
    }
}
