//! Reads what people type for a value: a number with its unit, or the word of a switch.
//!
//! The host's parameters, the editor and the command line read by this one file, which therefore needs nothing but
//! the standard library: the command line, which does not know the plugin, takes it by its path.

/// A number that was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Typed {
    /// The number in the unit that was asked for.
    pub value: f64,
    /// The other number that the text may mean: `1,234` is 1.234 to some and 1234 to others.
    pub otherwise: Option<f64>,
}

impl Typed {
    /// The number that is meant where values go from `minimum` to `maximum`: of two the one between them. `None`
    /// where both are.
    pub fn between(self, minimum: f64, maximum: f64) -> Option<f64> {
        let fits = |value: f64| (minimum..=maximum).contains(&value);
        match self.otherwise {
            Some(other) if fits(other) => (!fits(self.value)).then_some(other),
            _ => Some(self.value),
        }
    }
}

/// The word of a switch: `on`, `off`, `true`, `false`, `yes` or `no`, in any case.
pub fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" => Some(true),
        "off" | "false" | "no" => Some(false),
        _ => None,
    }
}

/// A number with a point or a comma, an exponent, and a prefix (`k`, `M`, `m`, `u` or `µ`) and the unit behind it,
/// each of which may be left out. Where values have no unit, any usual one is taken. `None` for all else, and for
/// what is not finite.
pub fn number(text: &str, unit: &str) -> Option<Typed> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    };
    let end =
        text.find(|next: char| !next.is_ascii_digit() && !matches!(next, '.' | ',')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let (exponent, suffix) = rest.split_at(exponent_length(rest));
    let power = power_of(suffix.trim(), unit.trim())?;
    let value = |digits: String| {
        let number: f64 = (digits + exponent).parse().ok()?;
        // Divided, for that is exact more often.
        let scaled = if power < 0 { number / 10_f64.powi(-power) } else { number * 10_f64.powi(power) };
        Some(if negative { -scaled } else { scaled }).filter(|value| value.is_finite())
    };
    let (decimal, grouped) = readings(digits)?;
    Some(Typed { value: value(decimal)?, otherwise: grouped.and_then(value) })
}

/// The length of `e-3` and the like at the beginning of a text.
fn exponent_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else { return 0 };
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    let end = digits.find(|next: char| !next.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 { 0 } else { text.len() - digits.len() + end }
}

/// Digits with a point for decimals only; where it may mean something else, that too. The last of points and commas
/// is the decimal one, unless it stands there several times: then it groups thousands.
fn readings(digits: &str) -> Option<(String, Option<String>)> {
    if !digits.contains(|digit: char| digit.is_ascii_digit()) {
        return None;
    }
    let Some(at) = digits.rfind(['.', ',']) else { return Some((digits.to_owned(), None)) };
    let (whole, decimals, mark) = (&digits[..at], &digits[at + 1..], &digits[at..at + 1]);
    if whole.contains(mark) {
        return Some((without_groups(digits, mark)?, None));
    }
    let other = if mark == "." { "," } else { "." };
    let decimal = without_groups(whole, other)? + "." + decimals;
    let is_group = mark == "," && decimals.len() == 3 && (1..=3).contains(&whole.len());
    let grouped = (is_group && !whole.starts_with('0')).then(|| whole.to_owned() + decimals);
    Some((decimal, grouped))
}

/// Digits without the marks between their thousands. `None` where those stand elsewhere.
fn without_groups(digits: &str, mark: &str) -> Option<String> {
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or_default();
    let plain = |group: &str| group.chars().all(|digit| digit.is_ascii_digit());
    let is_sound = plain(first) && groups.clone().all(|group| group.len() == 3 && plain(group));
    let is_begun = groups.next().is_none() || (1..=3).contains(&first.len());
    (is_sound && is_begun).then(|| digits.replace(mark, ""))
}

/// Units that take prefixes, in small letters.
const BASES: [&str; 7] = ["hz", "s", "sec", "v", "w", "m", "pa"];

/// Other units that people write behind numbers whose unit is not said.
const OTHERS: [&str; 12] =
    ["db", "st", "semitone", "semitones", "ct", "cent", "cents", "bpm", "oct", "\u{b0}", "deg", "samples"];

/// The power of ten by which a number counts with this suffix, where values are of this unit.
fn power_of(suffix: &str, unit: &str) -> Option<i32> {
    if suffix.is_empty() || same(suffix, unit) {
        return Some(0);
    }
    let (own, base) = match prefix(unit) {
        Some((power, base)) if is_base(base) && !is_base(unit) => (power, base),
        _ => (0, unit),
    };
    let with_prefix = prefix(suffix);
    if let Some((power, "")) = with_prefix {
        // 2k of kHz are two of them.
        let is_units = prefix(unit).is_some_and(|(begins, rest)| begins == power && !rest.is_empty());
        return Some(if is_units { 0 } else { power });
    }
    let known = |name: &str| is_base(name) || OTHERS.contains(&name.to_lowercase().as_str());
    let is_unit = |name: &str| if unit.is_empty() { known(name) } else { same(name, base) };
    match with_prefix {
        _ if is_unit(suffix) => Some(-own),
        _ if unit.is_empty() && suffix == "%" => Some(-2),
        Some((power, name)) if is_unit(name) => Some(power - own),
        _ => None,
    }
}

/// The power of ten of the prefix that a text begins with, and what follows.
fn prefix(text: &str) -> Option<(i32, &str)> {
    let first = text.chars().next()?;
    let power = match first {
        'k' | 'K' => 3,
        'M' => 6,
        'm' => -3,
        'u' | '\u{b5}' | '\u{3bc}' => -6,
        _ => return None,
    };
    Some((power, &text[first.len_utf8()..]))
}

fn is_base(name: &str) -> bool {
    BASES.contains(&name.to_lowercase().as_str())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
