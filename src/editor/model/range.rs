//! The values of a channel.

/// The values of a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// At position 0.
    pub min: f64,
    /// At position 1. May be below `min`.
    pub max: f64,
    /// What lies between.
    pub curve: Curve,
    /// Distance between values; 0: none.
    pub step: f64,
}

/// How positions become values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Curve {
    /// Evenly.
    #[default]
    Linear,
    /// The position to the power of 1 / skew; below 1 there is more room for small values.
    Skew(f64),
    /// Evenly by ratio; both ends have to be of one sign and not 0, else it is linear.
    Exponential,
}

impl Default for Range {
    fn default() -> Self {
        Self { min: 0.0, max: 1.0, curve: Curve::Linear, step: 0.0 }
    }
}

impl Range {
    /// The value at a position from 0 to 1.
    pub fn value(&self, position: f64) -> f64 {
        let position = position.clamp(0.0, 1.0);
        let value = match self.curve {
            Curve::Exponential if self.min * self.max > 0.0 => {
                self.min * (self.max / self.min).powf(position)
            }
            Curve::Skew(skew) if skew > 0.0 => self.along(position.powf(1.0 / skew)),
            _ => self.along(position),
        };
        self.clamp(self.stepped(value))
    }

    /// The position of a value.
    pub fn position(&self, value: f64) -> f64 {
        if self.min == self.max {
            return 0.0;
        }
        let value = self.clamp(value);
        let share = (value - self.min) / (self.max - self.min);
        match self.curve {
            Curve::Exponential if self.min * self.max > 0.0 => {
                (value / self.min).ln() / (self.max / self.min).ln()
            }
            Curve::Skew(skew) if skew > 0.0 => share.powf(skew),
            _ => share,
        }
    }

    /// The nearest value inside.
    pub fn clamp(&self, value: f64) -> f64 {
        value.clamp(self.min.min(self.max), self.min.max(self.max))
    }

    /// The position one step (or a hundredth) further.
    pub fn nudge(&self, position: f64, by: f64) -> f64 {
        let width = (self.max - self.min).abs();
        let step = if self.step > 0.0 && width > 0.0 { (self.step / width).max(0.01) } else { 0.01 };
        (position + by * step).clamp(0.0, 1.0)
    }

    /// A value with as many decimals as its range needs.
    pub fn show(&self, value: f64) -> String {
        let width = (self.max - self.min).abs();
        let decimals = match self.step {
            step if step >= 1.0 && step.fract() == 0.0 && self.min.fract() == 0.0 => 0,
            _ if width >= 1000.0 => 0,
            _ if width >= 100.0 => 1,
            _ if width >= 10.0 => 2,
            _ => 3,
        };
        let shown = format!("{value:.decimals$}");
        // A rounded nothing has no sign.
        if shown.trim_matches(['-', '0', '.']).is_empty() { format!("{:.decimals$}", 0.0) } else { shown }
    }

    fn along(&self, share: f64) -> f64 {
        self.min + (self.max - self.min) * share
    }

    fn stepped(&self, value: f64) -> f64 {
        if self.step > 0.0 { self.min + ((value - self.min) / self.step).round() * self.step } else { value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: f64, max: f64, curve: Curve, step: f64) -> Range {
        Range { min, max, curve, step }
    }

    #[test]
    fn positions_and_values_are_each_others_inverse() {
        let ranges = [
            range(0.0, 1.0, Curve::Linear, 0.0),
            range(20.0, 20_000.0, Curve::Exponential, 0.0),
            range(20.0, 20_000.0, Curve::Skew(0.5), 0.0),
            range(5.0, -5.0, Curve::Linear, 0.0),
        ];
        for range in ranges {
            for position in [0.0, 0.25, 0.5, 1.0] {
                assert!((range.position(range.value(position)) - position).abs() < 1e-9, "{range:?}");
            }
        }
    }

    #[test]
    fn ranges_without_width_or_with_wrong_signs_are_harmless() {
        assert_eq!(range(3.0, 3.0, Curve::Linear, 0.0).position(3.0), 0.0);
        assert_eq!(range(3.0, 3.0, Curve::Linear, 1.0).value(0.5), 3.0);
        assert_eq!(range(-1.0, 1.0, Curve::Exponential, 0.0).value(0.5), 0.0);
        assert_eq!(range(0.0, 10.0, Curve::Linear, 2.5).value(0.3), 2.5);
        assert_eq!(range(-1.0, 1.0, Curve::Linear, 0.0).show(-0.0001), "0.000");
    }
}
