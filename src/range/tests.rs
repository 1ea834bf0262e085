//! The arithmetic over ranges of every kind, and how values are written and read.

use csound_library::{Behaviour, ChannelHints};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use test_host::testing::seed;

use super::*;

/// A scale of any kind, with ends of any size.
pub(crate) fn any_scale() -> impl Strategy<Value = Scale> {
    let kinds = vec![ScaleKind::Linear, ScaleKind::Integer, ScaleKind::Exponential, ScaleKind::Items];
    let kind = prop::sample::select(kinds);
    let steps = prop::option::of(1..=100_u32);
    (kind, -3.0..6.0, -0.5..0.5, 0.2..3.2, steps).prop_map(|(kind, size, minimum, skew, steps)| {
        let size = 10_f64.powf(size);
        let minimum: f64 = minimum * size;
        let minimum = if kind == ScaleKind::Exponential { minimum.abs() + size * 1e-3 } else { minimum };
        let scale = Scale::new(kind, minimum, minimum + size).with_skew(skew);
        steps.map_or(scale, |steps| scale.with_step(size / f64::from(steps)))
    })
}

fn unit(scale: Scale, unit: &str) -> Range {
    Range { unit: unit.into(), ..Range::new(scale, 0.0) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, rng_seed: RngSeed::Fixed(seed(1)), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_position_is_the_inverse_of_its_value_on_every_scale(scale in any_scale(), way in 0.0..=1.0) {
        let value = scale.to_value(way);
        let again = scale.to_value(scale.to_normalized(value));
        let slack = (scale.maximum() - scale.minimum()) * 1e-9 + value.abs() * 1e-12;
        prop_assert!((again - value).abs() <= slack, "{value} came back as {again}");
    }

    #[test]
    fn without_steps_a_value_is_the_inverse_of_its_position(
        even in any::<bool>(), span in 0.1..1e5, skew in 0.2..2.2, way in 0.0..=1.0,
    ) {
        let kind = if even { ScaleKind::Linear } else { ScaleKind::Exponential };
        let scale = Scale::new(kind, 0.1, 0.1 + span).with_skew(skew);
        let value = scale.to_value(way);
        // Nearer to the minimum, a number of 64 bits cannot tell the values of two positions apart.
        prop_assume!(way == 0.0 || value - scale.minimum() >= scale.maximum() * 1e-9);
        prop_assert!((scale.to_normalized(value) - way).abs() < 1e-6, "{scale:?}");
    }

    #[test]
    fn values_rise_with_the_position_and_stay_between_the_ends(scale in any_scale()) {
        let values: Vec<_> = (0..=50).map(|step| scale.to_value(f64::from(step) / 50.0)).collect();
        prop_assert!(values.is_sorted(), "{values:?}");
        prop_assert!(values.iter().all(|value| (scale.minimum()..=scale.maximum()).contains(value)));
    }

    #[test]
    fn a_step_leads_to_a_neighbour_or_a_hundredth_further(scale in any_scale(), way in 0.0..=1.0) {
        let (up, down) = (scale.step_from(way, 1.0), scale.step_from(way, -1.0));
        prop_assert!(down <= way && way <= up && (0.0..=1.0).contains(&up) && (0.0..=1.0).contains(&down));
        prop_assert!(up - way >= 0.01 - 1e-12 || up == 1.0, "{up}");
    }

    #[test]
    fn a_text_that_was_written_is_read_back_and_written_the_same(
        scale in any_scale(),
        way in 0.0..=1.0,
        words in prop::sample::select(vec!["", "Hz", "dB", "k steps", "%"]),
    ) {
        let range = unit(scale, words);
        let value = range.to_value(way);
        let text = range.text(value);
        let read = range.parse(&text).ok_or_else(|| TestCaseError::fail(format!("{text:?} is not read")))?;
        let span = scale.maximum() - scale.minimum();
        prop_assert!((read - value).abs() <= span * 0.01 + 1e-6, "{value}, {text}, {read}");
        prop_assert_eq!(range.text(read), text, "{}", value);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[0-9.,\\-+eEkK Hz\u{2212}\u{e4}\u{df}%$\u{0}]{0,12}") {
        let read = unit(Scale::default(), "Hz").parse(&text);
        prop_assert!(read.is_none_or(|value| (0.0..=1.0).contains(&value)));
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
    let odd = Scale::new(ScaleKind::Linear, 0.0, 1.0).with_step(0.3);
    assert!((odd.to_value(1.0) - 0.9).abs() < 1e-12);
    assert_eq!(Scale::new(ScaleKind::Linear, 0.0, 1.0).with_step(0.1).to_value(1.0), 1.0);
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
    let written: Vec<_> = [20.0, 20.054_321, 440.0, 1234.56, 19_999.7].map(|value| cutoff.text(value)).into();
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
        ("1.2k", 1200.0),
        ("1.2 kHz", 1200.0),
        ("1.2 khz", 1200.0),
        ("2.5M", 20_000.0),
        ("500 m", 0.5),
        ("500 mHz", 0.5),
        ("20 \u{b5}Hz", 20e-6),
        ("1,234 kHz", 1234.0),
        ("0,125", 0.125),
        ("99999999999", 20_000.0),
    ] {
        assert_eq!(range.parse(text), Some(value), "{text}");
    }
    for text in [
        "",
        "Hz",
        "much",
        "-",
        ".",
        ",",
        "NaN",
        "inf",
        "1e999",
        "3 else",
        "5 kittens",
        "5 s",
        "about 5",
        "1.2.3",
        "1,23.4,5",
        "1,234",
        "12,345",
        "on",
        "1 2",
    ] {
        assert_eq!(range.parse(text), None, "{text}");
    }
    assert_eq!(range.takes(), "a number from -20000 Hz to 20000 Hz, or a note such as A4");
}

#[test]
fn a_note_and_decibels_are_read_where_they_mean_something() {
    let cutoff = unit(Scale::new(ScaleKind::Exponential, 20.0, 20_000.0), "Hz");
    assert_eq!(
        (cutoff.parse("A4"), cutoff.parse("1k"), cutoff.parse("a-1")),
        (Some(440.0), Some(1000.0), Some(20.0))
    );
    let middle = cutoff.parse("c#3").unwrap();
    assert!((middle - 138.591_315).abs() < 1e-5, "{middle}");
    let key = unit(Scale::new(ScaleKind::Integer, 0.0, 127.0), "");
    assert_eq!((key.parse("c#3"), key.parse("60"), key.parse("H2")), (Some(49.0), Some(60.0), None));
    let level = Range::default();
    assert_eq!(
        (level.parse("-20 dB"), level.parse("+6 dB"), level.parse("A4")),
        (Some(0.1), Some(1.0), None)
    );
    let gain = unit(Scale::new(ScaleKind::Linear, -60.0, 6.0), "dB");
    assert_eq!((gain.parse("-6 dB"), gain.parse("-6"), gain.parse("A4")), (Some(-6.0), Some(-6.0), None));
    let items = Range::choice(vec!["A4".into(), "B".into()], 0.0, 0.0).unwrap();
    assert_eq!((items.parse("a4"), items.parse("C4")), (Some(0.0), None));
}

#[test]
fn prefixes_and_units_go_together_where_the_unit_has_a_prefix_or_is_not_said() {
    let of = |words: &str, text: &str| unit(Scale::new(ScaleKind::Linear, 0.0, 100_000.0), words).parse(text);
    assert_eq!(
        (of("kHz", "2k"), of("kHz", "2 kHz"), of("kHz", "440 Hz")),
        (Some(2.0), Some(2.0), Some(0.44))
    );
    assert_eq!(
        (of("ms", "5"), of("ms", "5m"), of("ms", "2 s"), of("s", "5 ms")),
        (Some(5.0), Some(5.0), Some(2000.0), Some(0.005))
    );
    assert_eq!(
        (of("", "440 Hz"), of("", "2.5 kHz"), of("", "2.5k"), of("", "50 %")),
        (Some(440.0), Some(2500.0), Some(2500.0), Some(0.5))
    );
    assert_eq!(
        (of("", "3 dB"), of("%", "50%"), of("", "3 apples"), of("dB", "3 s")),
        (Some(3.0), Some(50.0), None, None)
    );
    let small = Range::new(Scale::new(ScaleKind::Linear, 0.0, 10.0), 0.0);
    assert_eq!(small.parse("1,234"), Some(1.234), "1234 is out of reach");
}

#[test]
fn a_switch_is_read_by_its_words_and_numbers() {
    let button = Range::choice(vec!["Stopped".into(), "Running".into()], 0.0, 0.0).unwrap();
    for range in [Range::default(), button.clone()] {
        for (text, value) in [("on", 1.0), ("Off", 0.0), ("TRUE", 1.0), ("no", 0.0), ("1", 1.0), ("0", 0.0)] {
            assert_eq!(range.parse(text), Some(value), "{text}");
        }
    }
    assert_eq!((button.parse("running"), button.parse("2"), button.parse("0.5")), (Some(1.0), None, None));
    assert_eq!(button.takes(), "one of Stopped, Running");
    assert_eq!(Range::default().takes(), "a number from 0 to 1, or on and off");
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
    assert_eq!((wave.parse("9"), wave.parse("on")), (None, None));
    assert_eq!(Range::choice(Vec::new(), 1.0, 1.0), None);
    let one = Range::choice(vec!["Only".into()], 1.0, 1.0).unwrap();
    assert_eq!((one.to_value(0.7), one.to_normalized(1.0), one.text(1.0)), (1.0, 0.0, "Only".into()));
}
