//! What musicians type instead of a plain number: the name of a note, and decibels for an amplitude. Pure.

use super::number::number;
use super::scale::Scale;

/// The greatest MIDI key, and the least that values have to reach to be keys rather than steps of something else.
const LAST_KEY: f64 = 127.0;
const LEAST_OF_KEYS: f64 = 24.0;

/// The greatest end of values that are amplitudes, where full scale is 1.
const LOUDEST: f64 = 8.0;

/// The key of a note by its name, such as `A4`, `c#3` or `Bb-1`, where C4 is 60. `None` for all else.
fn key(text: &str) -> Option<f64> {
    let mut letters = text.trim().chars();
    let semitone = match letters.next()?.to_ascii_lowercase() {
        'c' => 0,
        'd' => 2,
        'e' => 4,
        'f' => 5,
        'g' => 7,
        'a' => 9,
        'b' => 11,
        _ => return None,
    };
    let rest = letters.as_str();
    let (sign, octave) = match rest.chars().next()? {
        '#' | '\u{266f}' => (1, &rest[rest.chars().next()?.len_utf8()..]),
        'b' | 'B' | '\u{266d}' => (-1, &rest[rest.chars().next()?.len_utf8()..]),
        _ => (0, rest),
    };
    let digits = octave.strip_prefix('-').unwrap_or(octave);
    let is_octave = (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let octave: i32 = octave.parse().ok().filter(|_| is_octave)?;
    Some(f64::from((octave + 1) * 12 + semitone + sign))
}

/// Whether values of a scale in a unit can be notes: in hertz, or as MIDI keys.
pub(super) fn takes_notes(scale: &Scale, unit: &str) -> bool {
    of_key(scale, unit, 69.0).is_some()
}

/// The value that the name of a note means. `None` where it is no note, or values are none.
pub(super) fn note(text: &str, scale: &Scale, unit: &str) -> Option<f64> {
    of_key(scale, unit, key(text)?)
}

fn of_key(scale: &Scale, unit: &str, key: f64) -> Option<f64> {
    let hertz = 440.0 * ((key - 69.0) / 12.0).exp2();
    match unit.trim().to_lowercase().as_str() {
        "hz" => Some(hertz),
        "khz" => Some(hertz / 1000.0),
        // `chn_k` says no unit: up to 127 they are keys, beyond it hertz.
        "" if scale.minimum() >= 0.0 && scale.maximum() > LAST_KEY => Some(hertz),
        "" if scale.minimum() >= 0.0 && scale.maximum() > LEAST_OF_KEYS => Some(key),
        _ => None,
    }
}

/// The amplitude that decibels mean, where values are amplitudes: without a unit, from 0 to 1 or a little more.
/// `None` where the text says no decibels, or values are none.
pub(super) fn amplitude(text: &str, scale: &Scale, unit: &str) -> Option<f64> {
    let text = text.trim();
    let at = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at))?;
    let is_decibels = text[at..].eq_ignore_ascii_case("db");
    let is_amplitude = unit.trim().is_empty() && scale.minimum() >= 0.0 && scale.maximum() <= LOUDEST;
    if !(is_decibels && is_amplitude) {
        return None;
    }
    let silent = ["-inf", "\u{2212}inf", "-\u{221e}", "\u{2212}\u{221e}"];
    if silent.contains(&text[..at].trim().to_lowercase().as_str()) {
        return Some(0.0);
    }
    Some(10_f64.powf(number(&text[..at], "dB")?.value / 20.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::ScaleKind;

    fn between(minimum: f64, maximum: f64) -> Scale {
        Scale::new(ScaleKind::Linear, minimum, maximum)
    }

    #[test]
    fn names_of_notes_are_keys_where_c4_is_60() {
        for (text, expected) in [
            ("C4", 60.0),
            ("a4", 69.0),
            ("c#3", 49.0),
            ("Db3", 49.0),
            ("D\u{266d}3", 49.0),
            ("c\u{266f}3", 49.0),
            ("bb4", 70.0),
            ("B4", 71.0),
            ("b#4", 72.0),
            ("C-1", 0.0),
            (" G9 ", 127.0),
        ] {
            assert_eq!(key(text), Some(expected), "{text}");
        }
        for text in
            ["", "A", "h4", "c##3", "4", "a4x", "a 4", "a+4", "a1.5", "c#", "b", "a-", "A123", "\u{e9}4"]
        {
            assert_eq!(key(text), None, "{text}");
        }
    }

    #[test]
    fn a_note_is_hertz_or_a_key_as_the_values_are() {
        let of = |minimum, maximum, unit: &str| note("A3", &between(minimum, maximum), unit);
        assert_eq!((of(20.0, 20_000.0, "Hz"), of(0.02, 20.0, "kHz")), (Some(220.0), Some(0.22)));
        assert_eq!(
            (of(20.0, 20_000.0, ""), of(0.0, 127.0, ""), of(36.0, 96.0, "")),
            (Some(220.0), Some(57.0), Some(57.0))
        );
        assert_eq!((of(0.0, 1.0, ""), of(-60.0, 60.0, ""), of(0.0, 1000.0, "ms")), (None, None, None));
    }

    #[test]
    fn decibels_are_an_amplitude_only_where_values_are_amplitudes() {
        let of = |text, minimum, maximum, unit: &str| amplitude(text, &between(minimum, maximum), unit);
        let half = of("-6.0206 dB", 0.0, 1.0, "").unwrap();
        assert!((half - 0.5).abs() < 1e-6, "{half}");
        assert_eq!((of("0db", 0.0, 1.0, ""), of("\u{2212}20 DB", 0.0, 2.0, "")), (Some(1.0), Some(0.1)));
        assert_eq!((of("-inf dB", 0.0, 1.0, ""), of("-\u{221e}dB", 0.0, 1.0, "")), (Some(0.0), Some(0.0)));
        for (text, minimum, maximum, unit) in [
            ("-6 dB", -60.0, 0.0, ""),
            ("-6 dB", 0.0, 24.0, ""),
            ("-6 dB", 0.0, 1.0, "dB"),
            ("-6 dB", 0.0, 1.0, "s"),
            ("-6", 0.0, 1.0, ""),
            ("dB", 0.0, 1.0, ""),
            ("\u{e9}b", 0.0, 1.0, ""),
        ] {
            assert_eq!(of(text, minimum, maximum, unit), None, "{text} {minimum} {maximum} {unit}");
        }
    }
}
