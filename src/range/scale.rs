//! The arithmetic between a parameter's 0 to 1 and a channel's values.
//!
//! The curve of a skew is Cabbage's, which is JUCE's: `value = minimum + (maximum - minimum) *
//! n^(1 / skew)`, so that a skew below 1 gives the low values more of the way.

use serde::{Deserialize, Serialize};

/// The ways in which values lie between the ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleKind {
    /// Even steps, bent by the skew.
    #[default]
    Linear,
    /// Whole numbers.
    Integer,
    /// Even ratios. Both ends are above zero.
    Exponential,
    /// A choice: the minimum is the first item, one more is the next.
    Items,
}

/// Between a parameter's 0 to 1 and a channel's values.
///
/// Whatever it is made from, its ends are finite and in order, its skew is above zero, and its
/// step is zero (none) or fits between the ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    minimum: f64,
    maximum: f64,
    skew: f64,
    step: f64,
    kind: ScaleKind,
}

impl Default for Scale {
    fn default() -> Self {
        Self { minimum: 0.0, maximum: 1.0, skew: 1.0, step: 0.0, kind: ScaleKind::Linear }
    }
}

/// # Realtime safety
/// All safe.
impl Scale {
    /// A scale from `minimum` to `maximum`. Ends that are equal, in the wrong order or not finite
    /// make it 0 to 1; an exponential one that does not begin above zero is linear; one of whole
    /// numbers ends on whole numbers.
    pub fn new(kind: ScaleKind, minimum: f64, maximum: f64) -> Self {
        let whole = matches!(kind, ScaleKind::Integer | ScaleKind::Items);
        let (minimum, maximum) = if whole { (minimum.ceil(), maximum.floor()) } else { (minimum, maximum) };
        // The span of finite ends can overflow.
        let sound = minimum < maximum && (maximum - minimum).is_finite();
        // A choice of one is a choice.
        let single = kind == ScaleKind::Items && minimum == maximum && minimum.is_finite();
        let (minimum, maximum) = if sound || single { (minimum, maximum) } else { (0.0, 1.0) };
        let kind = match kind {
            ScaleKind::Exponential if minimum <= 0.0 => ScaleKind::Linear,
            kind => kind,
        };
        Self { minimum, maximum, skew: 1.0, step: if whole { 1.0 } else { 0.0 }, kind }
    }

    /// The same, bent: below 1 the low values get more of the way. Ignored where it is not above
    /// zero, and where even ratios or items already say how values lie.
    pub fn with_skew(mut self, skew: f64) -> Self {
        let bends = matches!(self.kind, ScaleKind::Linear | ScaleKind::Integer);
        if bends && skew.is_finite() && skew > 0.0 {
            self.skew = skew.clamp(0.01, 100.0);
        }
        self
    }

    /// The same, in steps from the minimum on. Ignored where it is negative or greater than the
    /// span; whole numbers keep to whole steps.
    pub fn with_step(mut self, step: f64) -> Self {
        let whole = matches!(self.kind, ScaleKind::Integer | ScaleKind::Items);
        let step = if whole { step.round().max(1.0) } else { step };
        if step >= 0.0 && step <= self.maximum - self.minimum {
            self.step = step;
        }
        self
    }

    /// The least value.
    pub fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The greatest value.
    pub fn maximum(&self) -> f64 {
        self.maximum
    }

    /// The bend of the values, above zero; 1 is none.
    pub fn skew(&self) -> f64 {
        self.skew
    }

    /// The distance of two neighbours; 0 where every value will do.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The ways in which values lie between the ends.
    pub fn kind(&self) -> ScaleKind {
        self.kind
    }

    /// The value at a parameter's `normalized`, 0 to 1; beyond that, and for a NaN, the nearest end
    /// and the minimum.
    pub fn to_value(&self, normalized: f64) -> f64 {
        let way = if normalized > 0.0 { normalized.min(1.0) } else { 0.0 };
        if way == 1.0 {
            // Exactly, whatever the rounding of the curve.
            return self.nearest(self.maximum);
        }
        let value = match self.kind {
            ScaleKind::Exponential => self.minimum * (self.maximum / self.minimum).powf(way),
            _ => self.minimum + (self.maximum - self.minimum) * way.powf(1.0 / self.skew),
        };
        self.nearest(value)
    }

    /// A parameter's 0 to 1 at a value: the inverse of [`to_value`](Self::to_value). Values beyond
    /// the ends are at the ends, a NaN is at the minimum.
    pub fn to_normalized(&self, value: f64) -> f64 {
        let span = self.maximum - self.minimum;
        if span == 0.0 || value.is_nan() || value <= self.minimum {
            return 0.0;
        }
        let value = value.min(self.maximum);
        let way = match self.kind {
            ScaleKind::Exponential => (value / self.minimum).ln() / (self.maximum / self.minimum).ln(),
            _ => ((value - self.minimum) / span).powf(self.skew),
        };
        way.clamp(0.0, 1.0)
    }

    /// The nearest value that the scale has: between the ends, and on a step counted from the
    /// minimum. As in Cabbage, a maximum that is on no step is not reached.
    pub fn nearest(&self, value: f64) -> f64 {
        if value.is_nan() {
            return self.minimum;
        }
        let value = value.clamp(self.minimum, self.maximum);
        if self.step == 0.0 {
            return value;
        }
        // The slack lets 0.1 count ten steps up to 1.
        let most = ((self.maximum - self.minimum) / self.step + 1e-6).floor();
        let steps = ((value - self.minimum) / self.step).round().min(most);
        (self.minimum + steps * self.step).min(self.maximum)
    }

    /// How far a notch of a wheel goes, as a part of the way: a fiftieth, and finely a tenth of that, but no less
    /// than the scale's step.
    pub fn notch(&self, fine: bool) -> f64 {
        let span = self.maximum - self.minimum;
        let step = if self.step > 0.0 && span > 0.0 { self.step / span } else { 0.0 };
        if fine { step.max(0.002) } else { step.max(0.02) }
    }

    /// The position some steps further on, or back where `steps` is below zero. A step is the scale's, but no
    /// less than a hundredth of the way.
    pub fn step_from(&self, normalized: f64, steps: f64) -> f64 {
        let span = self.maximum - self.minimum;
        let step = if self.step > 0.0 && span > 0.0 { (self.step / span).max(0.01) } else { 0.01 };
        (normalized + steps * step).clamp(0.0, 1.0)
    }
}
