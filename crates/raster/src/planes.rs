//! Values between the corners of a triangle.

use egui::Pos2;

/// Bits after the point of a number that is stepped from pixel to pixel.
pub const FRACTION: u32 = 16;

/// Several values that lie on a plane each, over the pixels of a triangle.
pub struct Planes<const N: usize> {
    at: Pos2,
    values: [f32; N],
    /// What a pixel to the right adds, and one below.
    right: [f32; N],
    below: [f32; N],
}

/// Twice the area of a triangle: less than nothing where its corners go round the other way, and nothing where it has
/// no pixels.
pub fn area([a, b, c]: [Pos2; 3]) -> f32 {
    let (ab, ac) = (b - a, c - a);
    ab.x * ac.y - ab.y * ac.x
}

impl<const N: usize> Planes<N> {
    /// Through the values at three corners of that area, which is not nothing.
    #[inline(always)]
    pub fn through([a, b, c]: [Pos2; 3], values: [[f32; N]; 3], area: f32) -> Self {
        let (ab, ac) = (b - a, c - a);
        let share = 1.0 / area;
        let [from, to_b, to_c] = values;
        let mut planes = Self { at: a, values: from, right: [0.0; N], below: [0.0; N] };
        for at in 0..N {
            let (by_b, by_c) = (to_b[at] - from[at], to_c[at] - from[at]);
            planes.right[at] = (by_b * ac.y - by_c * ab.y) * share;
            planes.below[at] = (by_c * ab.x - by_b * ac.x) * share;
        }
        planes
    }

    /// In the middle of a pixel.
    #[inline(always)]
    pub fn at(&self, x: usize, y: usize) -> [f32; N] {
        let (right, below) = (x as f32 + 0.5 - self.at.x, y as f32 + 0.5 - self.at.y);
        let mut values = self.values;
        for (at, value) in values.iter_mut().enumerate() {
            *value += self.right[at] * right + self.below[at] * below;
        }
        values
    }

    /// The same as numbers to be stepped.
    #[inline(always)]
    pub fn fixed(&self, x: usize, y: usize) -> [i64; N] {
        fixed(self.at(x, y))
    }

    /// What a pixel to the right adds to them.
    pub fn step(&self) -> [i64; N] {
        fixed(self.right)
    }

    pub fn right(&self) -> [f32; N] {
        self.right
    }

    pub fn below(&self) -> [f32; N] {
        self.below
    }
}

/// Numbers with [`FRACTION`] bits after the point; far beyond all pictures they are the last that there are, so that
/// steps cannot overflow.
#[inline(always)]
pub fn fixed<const N: usize>(values: [f32; N]) -> [i64; N] {
    const MOST: f32 = (1_i64 << 46) as f32;
    let mut fixed = [0; N];
    for (fixed, value) in fixed.iter_mut().zip(values) {
        *fixed = (value * (1 << FRACTION) as f32).clamp(-MOST, MOST) as i64;
    }
    fixed
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn values_at_corners_and_between_them() {
        let corners = [pos2(2.5, 1.5), pos2(12.5, 3.5), pos2(5.5, 20.5)];
        let planes = Planes::through(corners, [[0.0, 10.0], [100.0, 10.0], [50.0, 30.0]], area(corners));
        let near = |at: [f32; 2], wanted: [f32; 2]| {
            assert!(
                at.iter().zip(wanted).all(|(at, wanted)| (at - wanted).abs() < 1e-3),
                "{at:?} {wanted:?}"
            );
        };
        near(planes.at(2, 1), [0.0, 10.0]);
        near(planes.at(12, 3), [100.0, 10.0]);
        near(planes.at(5, 20), [50.0, 30.0]);
        let [from, to] = [planes.at(4, 4), planes.at(5, 4)];
        near([to[0] - from[0], to[1] - from[1]], planes.right());
        let stepped = planes.fixed(4, 4)[0] + 3 * planes.step()[0];
        assert!((stepped as f64 / 65536.0 - f64::from(planes.at(7, 4)[0])).abs() < 1e-3);
    }
}
