//! The name that was meant by one that is misspelt. Pure.

/// Letters of a name that are compared.
const LONGEST: usize = 64;

/// The nearest of some names, if it is near: a letter of three may be wrong, too many, missing or in the
/// neighbour's place. Of two that are as near, the shorter one.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let letters: Vec<char> = name.chars().take(LONGEST).collect();
    let most = (letters.len() / 3).min(3);
    let near = known.filter_map(|known| {
        let others: Vec<char> = known.chars().take(LONGEST).collect();
        let is_near = letters.len().abs_diff(others.len()) <= most;
        let distance = is_near.then(|| distance(&letters, &others))?;
        (distance <= most).then_some((distance, others.len(), known.as_str()))
    });
    near.min().map(|(_, _, known)| known)
}

/// Steps from one word to another: a letter taken away, put in or changed, or two neighbours exchanged.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    rows[0] = (0..=other.len()).collect();
    for from in 1..=one.len() {
        rows[from][0] = from;
        for to in 1..=other.len() {
            let changed = rows[from - 1][to - 1] + usize::from(one[from - 1] != other[to - 1]);
            let moved = (rows[from - 1][to] + 1).min(rows[from][to - 1] + 1);
            rows[from][to] = changed.min(moved);
            let is_exchanged =
                from > 1 && to > 1 && one[from - 1] == other[to - 2] && one[from - 2] == other[to - 1];
            if is_exchanged {
                rows[from][to] = rows[from][to].min(rows[from - 2][to - 2] + 1);
            }
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_more_less_other_or_exchanged_is_near() {
        let known = ["oscil1i", "oscili", "oscil", "moogladder", "line", "outs", "out"].map(str::to_owned);
        let near = |name| nearest(name, known.iter());
        for (name, meant) in [
            ("oscilli", "oscili"),
            ("osicl", "oscil"),
            ("mogladder", "moogladder"),
            ("mooglader", "moogladder"),
            ("lina", "line"),
            ("out5", "out"),
        ] {
            assert_eq!(near(name), Some(meant), "{name}");
        }
        for name in ["xyz", "fo", "", "oscilloscope"] {
            assert_eq!(near(name), None, "{name}");
        }
    }
}
