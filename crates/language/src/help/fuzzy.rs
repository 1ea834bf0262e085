//! How well a name fits what was typed.

/// How well `typed` fits `name`; more is better, none: it does not. The letters have to come in their order; best are the
/// whole name, then its beginning, then its parts (`rvb` fits `reverb`).
pub fn score(typed: &str, name: &str) -> Option<i32> {
    if typed.is_empty() {
        return Some(0);
    }
    let length = i32::try_from(name.chars().count()).unwrap_or(i32::MAX);
    if name == typed {
        return Some(10_000);
    }
    if name.starts_with(typed) {
        return Some(8_000 - length);
    }
    let is_prefix = name.len() >= typed.len()
        && name.is_char_boundary(typed.len())
        && name[..typed.len()].eq_ignore_ascii_case(typed);
    if is_prefix {
        return Some(7_000 - length);
    }
    let mut letters = name.chars().enumerate();
    let (mut total, mut last, mut before) = (0, None, ' ');
    for wanted in typed.chars() {
        loop {
            let (at, letter) = letters.next()?;
            let is_begin = at == 0 || before == '_' || before.is_lowercase() && letter.is_uppercase();
            before = letter;
            if !letter.eq_ignore_ascii_case(&wanted) {
                continue;
            }
            let follows = last.is_some_and(|last| last + 1 == at);
            total += 10 + if is_begin { 30 } else { 0 } + if follows { 20 } else { 0 };
            last = Some(at);
            break;
        }
    }
    // One that begins otherwise is meant less often.
    let begins =
        name.chars().next().zip(typed.chars().next()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b));
    Some(if begins { 1_000 } else { 0 } + total - length)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn beginnings_are_better_than_parts_and_parts_than_nothing() {
        let order = ["osc", "oscil", "oscili", "Oscar", "moscow_c"];
        let scores: Vec<_> = order.iter().map(|name| score("osc", name).unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
        assert_eq!(score("osx", "oscili"), None);
        assert!(score("rvsc", "reverbsc").is_some());
        assert_eq!(score("", "anything"), Some(0));
        assert!(score("é", "écho").is_some() && score("ab", "é").is_none());
    }
}
