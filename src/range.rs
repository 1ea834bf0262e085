//! What a channel's values are: from where to where, how they lie between a parameter's 0 and 1, in
//! which steps, and how they are written. Pure.
//!
//! A [`Scale`] is the arithmetic, small enough to copy to the audio thread. A [`Range`] adds what
//! only people need: the default, the unit, the names of a choice. It comes from a piece's `chn_k`
//! hints or from a widget of its `<Cabbage>` section.
//!
//! The curve of a skew is Cabbage's, which is JUCE's: `value = minimum + (maximum - minimum) *
//! n^(1 / skew)`, so that a skew below 1 gives the low values more of the way.

use serde::{Deserialize, Serialize};

use csound_library::{Behaviour, ChannelHints};

/// Most decimals that are shown.
const MOST_DECIMALS: usize = 6;

/// Significant digits of a value that has no steps.
const DIGITS: i32 = 4;

/// A value this much of its span is shown as if it were zero: the rest is rounding.
const NOTHING: f64 = 1e-4;

/// How values lie between the ends.
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
    ///
    /// # Realtime safety
    /// Safe.
    pub fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The greatest value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn maximum(&self) -> f64 {
        self.maximum
    }

    /// How the values are bent, above zero; 1 is not at all.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn skew(&self) -> f64 {
        self.skew
    }

    /// The distance of two neighbours; 0 where every value will do.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// How values lie between the ends.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn kind(&self) -> ScaleKind {
        self.kind
    }

    /// The number of steps from end to end, where there are steps.
    pub fn step_count(&self) -> Option<usize> {
        (self.step > 0.0).then(|| ((self.maximum - self.minimum) / self.step + 1e-6) as usize)
    }

    /// The value at a parameter's `normalized`, 0 to 1; beyond that, and for a NaN, the nearest end
    /// and the minimum.
    ///
    /// # Realtime safety
    /// Safe.
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
    ///
    /// # Realtime safety
    /// Safe.
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
    ///
    /// # Realtime safety
    /// Safe.
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
}

/// A channel's values, with what people need to read and write them.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Between 0 to 1 and the values.
    pub scale: Scale,
    /// The value at the start, one that the scale has.
    pub default: f64,
    /// What stands before a value, such as `$`; often empty.
    pub prefix: String,
    /// What stands after a value, such as `Hz`; often empty.
    pub unit: String,
    /// The names of a choice, from the minimum on; empty where it is not one.
    pub items: Vec<String>,
}

impl Default for Range {
    fn default() -> Self {
        Self::new(Scale::default(), 0.0)
    }
}

impl From<&ChannelHints> for Range {
    /// The range that a piece's `chn_k` gives. Without ends (Csound itself refuses those that are
    /// equal or swapped, but not 0 and 0) it is 0 to 1.
    fn from(hints: &ChannelHints) -> Self {
        let kind = match hints.behaviour {
            Behaviour::Integer => ScaleKind::Integer,
            Behaviour::Linear => ScaleKind::Linear,
            Behaviour::Exponential => ScaleKind::Exponential,
        };
        Self::new(Scale::new(kind, hints.minimum, hints.maximum), hints.default)
    }
}

impl Range {
    /// A range without a unit; the default is brought to the nearest value of the scale.
    pub fn new(scale: Scale, default: f64) -> Self {
        let default = scale.nearest(default);
        Self { scale, default, prefix: String::new(), unit: String::new(), items: Vec::new() }
    }

    /// A choice whose first item has the value `first`. `None` without items.
    pub fn choice(items: Vec<String>, first: f64, default: f64) -> Option<Self> {
        let last = first + items.len().checked_sub(1)? as f64;
        let scale = Scale::new(ScaleKind::Items, first, last);
        Some(Self { items, ..Self::new(scale, default) })
    }

    /// The value at a parameter's 0 to 1. See [`Scale::to_value`].
    ///
    /// # Realtime safety
    /// Safe.
    pub fn to_value(&self, normalized: f64) -> f64 {
        self.scale.to_value(normalized)
    }

    /// A parameter's 0 to 1 at a value. See [`Scale::to_normalized`].
    ///
    /// # Realtime safety
    /// Safe.
    pub fn to_normalized(&self, value: f64) -> f64 {
        self.scale.to_normalized(value)
    }

    /// The value as people read it: an item's name, or a number with its unit. Numbers have the
    /// decimals of the step, or else four significant digits.
    pub fn text(&self, value: f64) -> String {
        if let Some(item) = self.item(value) {
            return item.to_owned();
        }
        let number = self.number(value);
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{}{number}{space}{}", self.prefix, self.unit)
    }

    /// The value that a text means: an item by its name, or the first number, with a point or a
    /// comma; the unit may be left out, and a `k` before it counts thousands. It is brought to the
    /// nearest value that the scale has. `None` where there is no number.
    pub fn parse(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        if let Some(index) = self.items.iter().position(|item| same(item, text)) {
            return Some(self.scale.minimum + index as f64);
        }
        let text = text.strip_prefix(self.prefix.trim()).unwrap_or(text);
        let (number, rest) = first_number(text)?;
        let number = if self.counts_thousands(rest) { number * 1000.0 } else { number };
        number.is_finite().then(|| self.scale.nearest(number))
    }

    fn item(&self, value: f64) -> Option<&str> {
        let index = self.scale.nearest(value) - self.scale.minimum;
        self.items.get(index as usize).map(String::as_str)
    }

    fn number(&self, value: f64) -> String {
        let value = self.scale.nearest(value);
        if self.scale.step > 0.0 {
            return without_sign_of_zero(format!("{value:.*}", decimals_of_step(self.scale.step)));
        }
        let span = self.scale.maximum - self.scale.minimum;
        let nothing = self.scale.kind != ScaleKind::Exponential && value.abs() < span * NOTHING;
        let size = if nothing { return "0".into() } else { value.abs().log10().floor() as i32 };
        let decimals = (DIGITS - 1 - size).clamp(0, MOST_DECIMALS as i32) as usize;
        let text = format!("{value:.decimals$}");
        let short = match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        };
        without_sign_of_zero(short)
    }

    /// Whether what follows a number is a `k` of its own: `1.2k` or `1.2 kHz`, where the unit does
    /// not begin with one.
    fn counts_thousands(&self, rest: &str) -> bool {
        let Some(after) = rest.trim_start().strip_prefix('k') else { return false };
        !self.unit.starts_with('k') && (after.trim().is_empty() || same(after, &self.unit))
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn decimals_of_step(step: f64) -> usize {
    let is_enough = |decimals: &usize| {
        let scaled = step * 10_f64.powi(*decimals as i32);
        (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0)
    };
    (0..MOST_DECIMALS).find(is_enough).unwrap_or(MOST_DECIMALS)
}

fn without_sign_of_zero(text: String) -> String {
    let zero = !text.contains(|digit: char| ('1'..='9').contains(&digit));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// The first number of a text, and what follows it.
fn first_number(text: &str) -> Option<(f64, &str)> {
    let is_digit = |character: char| character.is_ascii_digit();
    let digit = text.find(is_digit)?;
    // A point or comma may stand before the first digit, a sign before that.
    let before = text[..digit].trim_end_matches(['.', ',']);
    let begin = if digit - before.len() > 1 { digit - 1 } else { before.len() };
    let negative = text[..begin].trim_end().ends_with(['-', '\u{2212}']);
    let rest = &text[begin..];
    let end = rest.find(|next: char| !is_digit(next) && !matches!(next, '.' | ',')).unwrap_or(rest.len());
    let exponent = exponent_length(&rest[end..]);
    let digits = with_point(&rest[..end]) + &rest[end..end + exponent];
    let number: f64 = digits.parse().ok()?;
    Some((if negative { -number } else { number }, &rest[end + exponent..]))
}

/// The length of `e-3` and the like at the beginning of a text.
fn exponent_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else { return 0 };
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    let end = digits.find(|next: char| !next.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 { 0 } else { text.len() - digits.len() + end }
}

/// Digits with a point for decimals only. The last of points and commas is the decimal one, unless
/// it stands there several times: then it groups thousands.
fn with_point(digits: &str) -> String {
    let decimal = digits.rfind(['.', ',']).filter(|at| {
        let mark = &digits[*at..at + 1];
        digits.matches(mark).count() == 1
    });
    let groups = |text: &str| text.replace(['.', ','], "");
    match decimal {
        Some(at) => groups(&digits[..at]) + "." + &groups(&digits[at + 1..]),
        None => groups(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Repeatable numbers from 0 to 1.
    fn numbers(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// A scale of any kind, with ends of any size.
    fn any_scale(number: &mut impl FnMut() -> f64) -> Scale {
        let kinds = [ScaleKind::Linear, ScaleKind::Integer, ScaleKind::Exponential, ScaleKind::Items];
        let kind = kinds[(number() * 4.0) as usize];
        let size = 10_f64.powf(number() * 9.0 - 3.0);
        let minimum = (number() - 0.5) * size;
        let minimum = if kind == ScaleKind::Exponential { minimum.abs() + size * 1e-3 } else { minimum };
        let scale = Scale::new(kind, minimum, minimum + size).with_skew(0.2 + number() * 3.0);
        if number() < 0.5 { scale.with_step(size / (1.0 + (number() * 100.0).floor())) } else { scale }
    }

    fn unit(scale: Scale, unit: &str) -> Range {
        Range { unit: unit.into(), ..Range::new(scale, 0.0) }
    }

    #[test]
    fn a_position_is_the_inverse_of_its_value_on_every_scale() {
        let mut number = numbers(1);
        for _ in 0..20_000 {
            let scale = any_scale(&mut number);
            let value = scale.to_value(number());
            let again = scale.to_value(scale.to_normalized(value));
            let slack = (scale.maximum() - scale.minimum()) * 1e-9 + value.abs() * 1e-12;
            assert!((again - value).abs() <= slack, "{scale:?}: {value} came back as {again}");
        }
    }

    #[test]
    fn without_steps_a_value_is_the_inverse_of_its_position() {
        let mut number = numbers(2);
        for _ in 0..20_000 {
            let kind = if number() < 0.5 { ScaleKind::Linear } else { ScaleKind::Exponential };
            let scale = Scale::new(kind, 0.1, 0.2 + number() * 1e5).with_skew(0.2 + number() * 2.0);
            let way = number();
            assert!((scale.to_normalized(scale.to_value(way)) - way).abs() < 1e-6, "{scale:?} at {way}");
        }
    }

    #[test]
    fn values_rise_with_the_position_and_stay_between_the_ends() {
        let mut number = numbers(3);
        for _ in 0..2000 {
            let scale = any_scale(&mut number);
            let values: Vec<_> = (0..=50).map(|step| scale.to_value(f64::from(step) / 50.0)).collect();
            assert!(values.is_sorted(), "{scale:?}: {values:?}");
            assert!(values.iter().all(|value| (scale.minimum()..=scale.maximum()).contains(value)));
        }
    }

    #[test]
    fn the_skew_is_cabbages() {
        let scale = Scale::new(ScaleKind::Linear, 20.0, 20_020.0).with_skew(0.5);
        assert_eq!(scale.to_value(0.5), 20.0 + 20_000.0 * 0.25);
        assert_eq!(scale.to_normalized(5020.0), 0.5);
        assert_eq!((scale.to_value(0.0), scale.to_value(1.0)), (20.0, 20_020.0));
    }

    #[test]
    fn even_ratios_are_even() {
        let scale = Scale::new(ScaleKind::Exponential, 20.0, 20_000.0);
        assert!((scale.to_value(1.0 / 3.0) - 200.0).abs() < 1e-9);
        assert!((scale.to_normalized(2000.0) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!((scale.to_value(0.0), scale.to_value(1.0)), (20.0, 20_000.0));
    }

    #[test]
    fn steps_count_from_the_minimum_and_a_maximum_on_no_step_is_not_reached() {
        let scale = Scale::new(ScaleKind::Linear, 0.5, 10.5).with_step(1.0);
        assert_eq!(scale.to_value(0.52), 5.5);
        assert_eq!(scale.step_count(), Some(10));
        let odd = Scale::new(ScaleKind::Linear, 0.0, 1.0).with_step(0.3);
        assert!((odd.to_value(1.0) - 0.9).abs() < 1e-12);
        assert_eq!(Scale::new(ScaleKind::Linear, 0.0, 1.0).with_step(0.1).to_value(1.0), 1.0);
        assert_eq!(Scale::new(ScaleKind::Linear, 0.0, 1.0).step_count(), None);
    }

    #[test]
    fn senseless_ends_skews_and_steps_leave_a_usable_scale() {
        for (minimum, maximum) in [
            (1.0, 1.0),
            (20.0, 2.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
            (f64::MIN, f64::MAX),
            (f64::NEG_INFINITY, f64::NAN),
        ] {
            for kind in [ScaleKind::Linear, ScaleKind::Integer, ScaleKind::Exponential] {
                let scale = Scale::new(kind, minimum, maximum);
                assert_eq!((scale.minimum(), scale.maximum()), (0.0, 1.0), "{minimum} to {maximum}");
            }
        }
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Scale::default().with_skew(bad).skew(), 1.0);
        }
        for bad in [-1.0, 2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Scale::default().with_step(bad).step(), 0.0);
        }
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 7.0] {
            assert!((0.0..=1.0).contains(&Scale::default().to_value(bad)));
            assert!((0.0..=1.0).contains(&Scale::default().to_normalized(bad)));
        }
    }

    #[test]
    fn hints_make_a_range_and_bad_ones_a_usable_range() {
        let hints = |behaviour, default, minimum, maximum| ChannelHints {
            behaviour,
            default,
            minimum,
            maximum,
            attributes: String::new(),
        };
        let cutoff = Range::from(&hints(Behaviour::Exponential, 440.0, 20.0, 20_000.0));
        assert_eq!(cutoff.scale.kind(), ScaleKind::Exponential);
        assert_eq!(cutoff.default, 440.0);
        let voices = Range::from(&hints(Behaviour::Integer, 3.0, 0.5, 8.5));
        assert_eq!((voices.scale.minimum(), voices.scale.maximum(), voices.default), (1.0, 8.0, 3.0));
        assert_eq!(voices.to_value(0.5), 5.0);
        let from_zero = Range::from(&hints(Behaviour::Exponential, 0.5, 0.0, 1.0));
        assert_eq!(from_zero.scale.kind(), ScaleKind::Linear);
        let swapped = Range::from(&hints(Behaviour::Linear, 5.0, 10.0, 0.0));
        assert_eq!((swapped.scale.minimum(), swapped.scale.maximum(), swapped.default), (0.0, 1.0, 1.0));
    }

    #[test]
    fn a_value_is_written_with_sensible_digits_and_its_unit() {
        let cutoff = unit(Scale::new(ScaleKind::Exponential, 20.0, 20_000.0), "Hz");
        let written: Vec<_> =
            [20.0, 20.054_321, 440.0, 1234.56, 19_999.7].map(|value| cutoff.text(value)).into();
        assert_eq!(written, ["20 Hz", "20.05 Hz", "440 Hz", "1235 Hz", "20000 Hz"]);
        let mix = Range::default();
        let written: Vec<_> = [0.0, 0.000_001, 0.5, 0.123_456, 1.0].map(|value| mix.text(value)).into();
        assert_eq!(written, ["0", "0", "0.5", "0.1235", "1"]);
        let pan = Range::new(Scale::new(ScaleKind::Linear, -1.0, 1.0).with_step(0.25), 0.0);
        assert_eq!((pan.text(-0.26), pan.text(-0.01)), ("-0.25".into(), "0.00".into()));
        let whole = unit(Scale::new(ScaleKind::Integer, 1.0, 16.0), "voices");
        assert_eq!(whole.text(7.4), "7 voices");
        let money = Range { prefix: "$".into(), ..Range::new(Scale::new(ScaleKind::Linear, 0.0, 9.0), 0.0) };
        assert_eq!((money.text(2.5), money.parse("$2.5")), ("$2.5".into(), Some(2.5)));
    }

    #[test]
    fn a_text_that_was_written_is_read_back_and_written_the_same() {
        let mut number = numbers(4);
        for _ in 0..20_000 {
            let range =
                unit(any_scale(&mut number), ["", "Hz", "dB", "k steps", "%"][(number() * 5.0) as usize]);
            let value = range.to_value(number());
            let text = range.text(value);
            let read = range.parse(&text).unwrap_or_else(|| panic!("{range:?}: {text:?}"));
            let span = range.scale.maximum() - range.scale.minimum();
            assert!((read - value).abs() <= span * 0.01 + 1e-6, "{range:?}: {value}, {text}, {read}");
            assert_eq!(range.text(read), text, "{range:?}: {value}");
        }
    }

    #[test]
    fn units_signs_commas_and_thousands_are_understood() {
        let range = unit(Scale::new(ScaleKind::Linear, -20_000.0, 20_000.0), "Hz");
        for (text, value) in [
            ("440", 440.0),
            (" 440 Hz", 440.0),
            ("440,5", 440.5),
            ("1,234.5", 1234.5),
            ("1.234,5Hz", 1234.5),
            ("1.234.567", 20_000.0),
            ("-.5", -0.5),
            ("\u{2212}3", -3.0),
            ("- 3", -3.0),
            ("+3", 3.0),
            ("2e3 Hz", 2000.0),
            ("1e-1", 0.1),
            ("3 else", 3.0),
            ("1.2k", 1200.0),
            ("1.2 kHz", 1200.0),
            ("1.2 khz", 1200.0),
            ("5 kittens", 5.0),
            ("99999999999", 20_000.0),
        ] {
            assert_eq!(range.parse(text), Some(value), "{text}");
        }
        for text in ["", "Hz", "much", "-", ".", ",", "NaN", "inf", "1e999"] {
            assert_eq!(range.parse(text), None, "{text}");
        }
    }

    #[test]
    fn items_are_named_read_by_name_and_counted_from_the_first_value() {
        let items = ["Sine", "Saw", "16384"].map(String::from);
        let wave = Range::choice(items.into(), 1.0, 2.0).unwrap();
        assert_eq!((wave.to_value(0.0), wave.to_value(0.5), wave.to_value(1.0)), (1.0, 2.0, 3.0));
        assert_eq!(wave.default, 2.0);
        assert_eq!((wave.text(1.0), wave.text(2.2)), ("Sine".into(), "Saw".into()));
        assert_eq!(wave.parse("saw"), Some(2.0));
        assert_eq!(wave.parse("16384"), Some(3.0));
        assert_eq!(wave.parse("1"), Some(1.0));
        assert_eq!(wave.parse("Square"), None);
        assert_eq!(Range::choice(Vec::new(), 1.0, 1.0), None);
        let one = Range::choice(vec!["Only".into()], 1.0, 1.0).unwrap();
        assert_eq!((one.to_value(0.7), one.to_normalized(1.0), one.text(1.0)), (1.0, 0.0, "Only".into()));
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let mut number = numbers(5);
        let alphabet: Vec<char> = "0123456789.,-+eEkK Hz\u{2212}äß%$\u{0}".chars().collect();
        let range = unit(Scale::default(), "Hz");
        for _ in 0..50_000 {
            let length = (number() * 12.0) as usize;
            let pick = |_| alphabet[(number() * alphabet.len() as f64) as usize];
            let text: String = (0..length).map(pick).collect();
            let read = range.parse(&text);
            assert!(read.is_none_or(|value| (0.0..=1.0).contains(&value)), "{text:?}");
        }
    }
}
