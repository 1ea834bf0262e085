//! The length of a score, from Csound's own sorted form of it. Pure.
//!
//! `--keep-sorted-score` writes what Csound 6.18 performs: sections closed by `s`, the whole by `e`,
//! a statement a line with its times twice, in beats and in seconds with the tempo worked in. Numbers
//! are hexadecimal.

/// A time this far off is one that holds the score open.
const FAR: f64 = 1e9;

/// The length of a sorted score in seconds, `None` if it has none: nothing in it ends.
pub fn score_length(sorted: &str) -> Option<f64> {
    let whole = walk(sorted, |_, _, _| {});
    (whole > 0.0).then_some(whole)
}

/// Goes through the statements of a sorted score: `see` is given each one's words, the seconds at which its section
/// begins, and those at which it ends, once it does. Gives where the last one ends.
pub(super) fn walk(sorted: &str, mut see: impl FnMut(&[&str], f64, Option<f64>)) -> f64 {
    let (mut whole, mut section) = (0.0, 0.0_f64);
    for line in sorted.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let start = whole;
        let mut end = None;
        match words.as_slice() {
            ["s" | "e"] => {
                whole += std::mem::take(&mut section);
                end = Some(whole);
            }
            // The end of a section may be put off.
            ["s" | "e", .., seconds] => {
                section = section.max(finite(seconds));
                whole += std::mem::take(&mut section);
                end = Some(whole);
            }
            ["i" | "a", _, _, begin, _, length, ..] => {
                section = section.max(finite(begin) + finite(length).max(0.0));
            }
            ["f" | "q", _, _, begin, ..] => section = section.max(finite(begin)),
            _ => {}
        }
        see(&words, start, end);
    }
    whole + section
}

/// A time, 0 if it is none or holds the score open.
fn finite(word: &str) -> f64 {
    number(word).filter(|time| time.is_finite() && time.abs() < FAR).unwrap_or(0.0)
}

/// A decimal or hexadecimal number, as C's `%a` writes it: `-0x1.8p+1` is -3.
pub(super) fn number(word: &str) -> Option<f64> {
    let (sign, rest) = word.strip_prefix('-').map_or((1.0, word), |rest| (-1.0, rest));
    let Some(hexadecimal) = rest.strip_prefix("0x") else { return word.parse().ok() };
    let (mantissa, exponent) = hexadecimal.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |digits: &str| {
        digits.chars().map(|digit| digit.to_digit(16).map(f64::from)).collect::<Option<Vec<_>>>()
    };
    let whole = digits(whole)?.into_iter().fold(0.0, |value, digit| value * 16.0 + digit);
    let fraction = digits(fraction)?.into_iter().rev().fold(0.0, |value, digit| (value + digit) / 16.0);
    Some(sign * (whole + fraction) * 2_f64.powi(exponent.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_writes_them() {
        for (word, value) in
            [("0x0p+0", 0.0), ("0x1p+2", 4.0), ("0x1.8p+1", 3.0), ("-0x1.4p+3", -10.0), ("7", 7.0)]
        {
            assert_eq!(number(word), Some(value), "{word}");
        }
        for word in ["", "x", "0x", "0xp", "0x1", "0x1pz", "0xgp+1"] {
            assert_eq!(number(word), None, "{word}");
        }
    }

    #[test]
    fn sections_follow_each_other_and_held_notes_have_no_length() {
        // As Csound 6.18 writes it for a tempo of 120, two sections, a held note in the second.
        let sorted = "w 0 120\ni 1 0x0p+0 0x0p+0 0x1p+2 0x1p+1\ni 1 0x1p+1 0x1p+0 0x1.8p+2 0x1.8p+1\n\
                      f 0 0x1.4p+4 0x1.4p+3\ns\nw 0 60\ni 1 0x0p+0 0x0p+0 0x1p+1 0x1p+1\n\
                      i 1 0x1p+0 0x1p+0 -0x1p+0 -0x1p+0\ne\ne\n";
        assert_eq!(score_length(sorted), Some(12.0));
    }

    #[test]
    fn what_only_holds_the_score_open_has_no_length() {
        assert_eq!(score_length("f 0 0x1.74876e8p+39 0x1.74876e8p+39\ne\n"), None);
        assert_eq!(score_length(""), None);
        assert_eq!(
            score_length("i 1 0x0p+0 0x0p+0 0x1p+0 0x1p+0\nf 0 0x1.74876e8p+39 0x1.74876e8p+39\ne"),
            Some(1.0)
        );
    }
}
