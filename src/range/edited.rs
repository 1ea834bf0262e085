//! The range that a user gives a channel in the place of the piece's own: checked, and read from what is typed. Pure.

use super::{Range, Scale, ScaleKind, number, pitch};

/// The most characters of a unit.
const LONGEST_UNIT: usize = 16;

/// The most steps between the ends: finer ones are none.
const MOST_STEPS: f64 = 1e9;

/// A range that a user gives a channel. Its ends are finite and in order, its step fits between them.
#[derive(Clone, Debug, PartialEq)]
pub struct EditedRange {
    minimum: f64,
    maximum: f64,
    step: f64,
    unit: String,
}

/// The fields in which a range is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeField {
    /// The least value.
    Least,
    /// The greatest value.
    Most,
    /// The distance of two neighbours.
    Step,
    /// The words after a value.
    Unit,
}

impl RangeField {
    /// All of them, as they are asked for.
    pub const ALL: [Self; 4] = [Self::Least, Self::Most, Self::Step, Self::Unit];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Least => "Least",
            Self::Most => "Most",
            Self::Step => "Step",
            Self::Unit => "Unit",
        }
    }
}

/// Why a range cannot be taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RangeError {
    /// A field holds no number.
    #[error("{} has to be a number, and “{text}” is none", .field.name())]
    NoNumber {
        /// The field.
        field: RangeField,
        /// What it holds.
        text: String,
    },
    /// A comma may be one for decimals or for thousands.
    #[error("{} “{text}” may be {one} or {other}: write it without the comma", .field.name())]
    Ambiguous {
        /// The field.
        field: RangeField,
        /// What it holds.
        text: String,
        /// One reading.
        one: f64,
        /// The other one.
        other: f64,
    },
    /// The ends are equal or in the wrong order.
    #[error("Most has to be greater than Least: {most} is not greater than {least}")]
    NotAbove {
        /// The least value.
        least: f64,
        /// What should be greater.
        most: f64,
    },
    /// The ends are too far from each other to be reckoned with.
    #[error("Least and Most are too far apart")]
    TooWide,
    /// The step does not fit.
    #[error("Step has to be between 0 and {span}, which is from Least to Most; empty, or 0, is none")]
    Step {
        /// From the least value to the greatest.
        span: f64,
    },
    /// The step is nearly none.
    #[error("Step is too fine: leave it empty for values without steps")]
    TooFine,
    /// The unit is too long, or has something in it that is no letter or sign.
    #[error("Unit takes {} characters at most, on one line", LONGEST_UNIT)]
    Unit,
}

impl RangeError {
    /// The field to mend.
    pub fn field(&self) -> RangeField {
        match self {
            Self::NoNumber { field, .. } | Self::Ambiguous { field, .. } => *field,
            Self::NotAbove { .. } | Self::TooWide => RangeField::Most,
            Self::Step { .. } | Self::TooFine => RangeField::Step,
            Self::Unit => RangeField::Unit,
        }
    }
}

impl EditedRange {
    /// A range from `minimum` to `maximum` in steps, 0 for none, in a unit, which may be empty.
    ///
    /// # Errors
    /// [`RangeError`]: something is not finite, the ends are not in order, or the step does not fit between them.
    pub fn new(minimum: f64, maximum: f64, step: f64, unit: &str) -> Result<Self, RangeError> {
        let unit = unit.trim();
        let numbers = [(RangeField::Least, minimum), (RangeField::Most, maximum), (RangeField::Step, step)];
        if let Some((field, wrong)) = numbers.into_iter().find(|(_, value)| !value.is_finite()) {
            return Err(RangeError::NoNumber { field, text: wrong.to_string() });
        }
        if minimum >= maximum {
            return Err(RangeError::NotAbove { least: minimum, most: maximum });
        }
        let span = maximum - minimum;
        if !span.is_finite() {
            return Err(RangeError::TooWide);
        }
        if !(0.0..=span).contains(&step) {
            return Err(RangeError::Step { span });
        }
        if step > 0.0 && span / step > MOST_STEPS {
            return Err(RangeError::TooFine);
        }
        if !Self::is_unit(unit) {
            return Err(RangeError::Unit);
        }
        Ok(Self { minimum, maximum, step, unit: unit.to_owned() })
    }

    /// The range that texts mean, in the order of [`RangeField::ALL`], for a channel whose range is `of` so far. Numbers
    /// are read as values of the channel are, in the unit that is typed beside them.
    ///
    /// # Errors
    /// As [`new`](Self::new), and for what is no number.
    pub fn read(texts: &[String; 4], of: &Range) -> Result<Self, RangeError> {
        let [least, most, step, unit] = texts;
        let unit = unit.trim();
        let minimum = read_end(RangeField::Least, least, of, unit)?;
        let maximum = read_end(RangeField::Most, most, of, unit)?;
        let step = match step.trim() {
            "" => 0.0,
            step => plain(RangeField::Step, step, unit)?,
        };
        Self::new(minimum, maximum, step, unit)
    }

    /// What is shown in the fields of a channel whose range this is.
    pub fn texts(of: &Range) -> [String; 4] {
        let step = if of.scale.step() > 0.0 { of.scale.step().to_string() } else { String::new() };
        [of.scale.minimum().to_string(), of.scale.maximum().to_string(), step, of.unit.clone()]
    }

    /// Whether a text can be a unit: it is short, and on one line.
    pub fn is_unit(text: &str) -> bool {
        text.chars().take(LONGEST_UNIT + 1).count() <= LONGEST_UNIT && !text.chars().any(char::is_control)
    }

    /// The unit; often empty.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// This range for a channel whose piece has given it `own`: what the user does not say (the way in which values lie
    /// between the ends, the words before them) stays the piece's, and where the channel begins is brought between the
    /// ends. Whole numbers stay whole as long as the ends and the step are; even ratios need a least value above zero,
    /// and else lie evenly.
    pub fn over(&self, own: &Range) -> Range {
        let is_whole = [self.minimum, self.maximum].iter().all(|value| value.fract() == 0.0)
            && self.step >= 1.0
            && self.step.fract() == 0.0;
        let kind = match own.scale.kind() {
            ScaleKind::Exponential => ScaleKind::Exponential,
            ScaleKind::Integer if is_whole => ScaleKind::Integer,
            ScaleKind::Integer | ScaleKind::Items | ScaleKind::Linear => ScaleKind::Linear,
        };
        let scale = Scale::new(kind, self.minimum, self.maximum);
        let scale = scale.with_skew(own.scale.skew()).with_step(self.step);
        let range = Range::new(scale, own.default);
        Range { unit: self.unit.clone(), prefix: own.prefix.clone(), ..range }
    }
}

impl Range {
    /// Whether a user can give it other ends: a choice has the ends of its items.
    pub fn is_editable(&self) -> bool {
        self.items.is_empty()
    }
}

/// An end of a range, as values are typed: with its unit or without, as a note or in decibels where values are so.
fn read_end(field: RangeField, text: &str, of: &Range, unit: &str) -> Result<f64, RangeError> {
    let text = text.trim();
    if let Some(amplitude) = pitch::amplitude(text, &of.scale, unit) {
        return Ok(amplitude);
    }
    let read = plain(field, text, unit);
    if matches!(read, Err(RangeError::NoNumber { .. }))
        && let Some(note) = pitch::note(text, &of.scale, unit)
    {
        return Ok(note);
    }
    read
}

fn plain(field: RangeField, text: &str, unit: &str) -> Result<f64, RangeError> {
    let typed = number::number(text, unit);
    let typed = typed.ok_or_else(|| RangeError::NoNumber { field, text: text.to_owned() })?;
    match typed.otherwise {
        Some(other) => Err(RangeError::Ambiguous { field, text: text.to_owned(), one: typed.value, other }),
        None => Ok(typed.value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use test_host::testing::seed;

    use super::*;
    use crate::range::tests::any_scale;

    fn read(texts: [&str; 4], of: &Range) -> Result<EditedRange, RangeError> {
        EditedRange::read(&texts.map(str::to_owned), of)
    }

    fn hertz() -> Range {
        Range::new(Scale::new(ScaleKind::Exponential, 20.0, 20_000.0), 440.0)
    }

    #[test]
    fn ends_are_typed_as_values_are() {
        for (texts, expected) in [
            (["100", "2k", "", "Hz"], (100.0, 2000.0, 0.0, "Hz")),
            (["100 Hz", "2 kHz", "10 Hz", " Hz "], (100.0, 2000.0, 10.0, "Hz")),
            (["A3", "A5", " ", "Hz"], (220.0, 880.0, 0.0, "Hz")),
            (["-1.5", "1,5", "0", ""], (-1.5, 1.5, 0.0, "")),
            (["\u{2212}1e-2", "1.000.000", "0.5", "turns"], (-0.01, 1e6, 0.5, "turns")),
        ] {
            let (minimum, maximum, step, unit) = expected;
            let expected = EditedRange { minimum, maximum, step, unit: unit.into() };
            assert_eq!(read(texts, &hertz()), Ok(expected), "{texts:?}");
        }
        let amplitude = read(["-inf dB", "0 dB", "", ""], &Range::default());
        assert_eq!(amplitude, EditedRange::new(0.0, 1.0, 0.0, ""));
    }

    #[test]
    fn what_makes_no_range_is_refused_in_words_that_name_the_field() {
        let long = "a unit of too many letters";
        for (texts, field, word) in [
            (["much", "1", "", ""], RangeField::Least, "Least has to be a number, and “much” is none"),
            (["", "1", "", ""], RangeField::Least, "“” is none"),
            (["0", "NaN", "", ""], RangeField::Most, "Most has to be a number"),
            (["0", "inf", "", ""], RangeField::Most, "Most has to be a number"),
            (["0", "1e999", "", ""], RangeField::Most, "Most has to be a number"),
            (["0", "2,000", "", ""], RangeField::Most, "may be 2 or 2000: write it without the comma"),
            (["5", "5", "", ""], RangeField::Most, "5 is not greater than 5"),
            (["10", "-10", "", ""], RangeField::Most, "-10 is not greater than 10"),
            (["-1e308", "1e308", "", ""], RangeField::Most, "too far apart"),
            (["0", "1", "2", ""], RangeField::Step, "between 0 and 1"),
            (["0", "1", "-0.5", ""], RangeField::Step, "between 0 and 1"),
            (["0", "1", "fine", ""], RangeField::Step, "“fine” is none"),
            (["0", "1", "1e-300", ""], RangeField::Step, "too fine"),
            (["0", "1", "", long], RangeField::Unit, "16 characters at most"),
            (["0", "1", "", "a\u{7}b"], RangeField::Unit, "on one line"),
        ] {
            let error = read(texts, &hertz()).expect_err(texts[0]);
            assert_eq!(error.field(), field, "{texts:?}");
            assert!(error.to_string().contains(word), "{texts:?}: {error}");
        }
        assert!(EditedRange::new(f64::NAN, 1.0, 0.0, "").is_err());
        assert!(EditedRange::new(0.0, 1.0, f64::NAN, "").is_err());
    }

    #[test]
    fn the_rest_stays_the_pieces() {
        let own = Range { prefix: "~".into(), unit: "Hz".into(), ..hertz() };
        let edited = EditedRange::new(1000.0, 2000.0, 0.0, "cps").unwrap().over(&own);
        assert_eq!((edited.scale.kind(), edited.default), (ScaleKind::Exponential, 1000.0));
        assert_eq!((edited.prefix.as_str(), edited.unit.as_str()), ("~", "cps"));
        let from_zero = EditedRange::new(0.0, 2000.0, 0.0, "").unwrap().over(&own);
        assert_eq!((from_zero.scale.kind(), from_zero.default), (ScaleKind::Linear, 440.0));
        let whole = Range::new(Scale::new(ScaleKind::Integer, 1.0, 8.0), 4.0);
        let over = |least, most, step| EditedRange::new(least, most, step, "").unwrap().over(&whole).scale;
        assert_eq!(over(1.0, 16.0, 1.0).kind(), ScaleKind::Integer);
        for [least, most, step] in [[0.5, 16.0, 1.0], [1.0, 16.0, 0.5], [1.0, 16.0, 0.0]] {
            let scale = over(least, most, step);
            let found = (scale.kind(), scale.minimum(), scale.maximum(), scale.step());
            assert_eq!(found, (ScaleKind::Linear, least, most, step));
        }
        let bent = Range::new(Scale::new(ScaleKind::Linear, 0.0, 1.0).with_skew(0.5), 0.0);
        assert_eq!(EditedRange::new(0.0, 2.0, 0.0, "").unwrap().over(&bent).scale.skew(), 0.5);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(seed(1)), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_the_fields_show_is_read_back_to_the_last_bit(scale in any_scale()) {
            let range = Range { unit: "Hz".into(), ..Range::new(scale, 0.0) };
            prop_assume!(scale.step() == 0.0 || (scale.maximum() - scale.minimum()) / scale.step() <= MOST_STEPS);
            prop_assume!(scale.minimum() < scale.maximum());
            let read = EditedRange::read(&EditedRange::texts(&range), &range).unwrap();
            let found = (read.minimum, read.maximum, read.step);
            prop_assert_eq!(found, (scale.minimum(), scale.maximum(), scale.step()));
        }
    }
}
