//! Reads the number in what people type.

/// The first number of a text, and what follows it.
pub(super) fn first_number(text: &str) -> Option<(f64, &str)> {
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
