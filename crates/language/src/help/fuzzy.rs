//! How well a name fits what was typed.

/// How well `typed` fits `name`; more is better, none: it does not. The letters have to come in their order; best are the
/// whole name, then its beginning, then a part of it, then letters from all over it (`rvb` fits `reverb`). Of two that
/// are alike otherwise the shorter one is better, and small and capital letters as they were typed.
pub fn score(typed: &str, name: &str) -> Option<i32> {
    if typed.is_empty() {
        return Some(0);
    }
    let length = i32::try_from(name.chars().count()).unwrap_or(i32::MAX).min(500);
    if name == typed {
        return Some(10_000);
    }
    if name.starts_with(typed) {
        return Some(8_000 - length);
    }
    let (small_name, small_typed) = (name.to_ascii_lowercase(), typed.to_ascii_lowercase());
    if small_name.starts_with(&small_typed) {
        return Some(7_000 - length);
    }
    if name.contains(typed) {
        return Some(6_000 - length);
    }
    if small_name.contains(&small_typed) {
        return Some(5_000 - length);
    }
    scattered(typed, name).map(|total| total.min(4_000) - length)
}

/// Letters that are not side by side.
fn scattered(typed: &str, name: &str) -> Option<i32> {
    let mut letters = name.chars().enumerate();
    let (mut total, mut last, mut before) = (0, None, ' ');
    for (number, wanted) in typed.chars().enumerate() {
        loop {
            let (at, letter) = letters.next()?;
            let is_begin = at == 0 || before == '_' || before.is_lowercase() && letter.is_uppercase();
            before = letter;
            if !letter.eq_ignore_ascii_case(&wanted) {
                continue;
            }
            let follows = last.is_some_and(|last| last + 1 == at);
            total += 10 + if is_begin { 30 } else { 0 } + if follows { 20 } else { 0 };
            // As far as the name begins so, it is meant; a name with capitals is written with them.
            total += if at == number { 40 } else { 0 } - if letter == wanted { 0 } else { 40 };
            last = Some(at);
            break;
        }
    }
    // One that begins otherwise is meant less often.
    let begins =
        name.chars().next().zip(typed.chars().next()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b));
    Some(if begins { 1_000 } else { 0 } + total)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn of_names_that_have_the_letters_the_one_that_is_meant_comes_first() {
        for (typed, better, worse) in [
            ("mgl", "moogladder", "MixerGetLevel"),
            ("moogl", "moogladder", "moogladder2"),
            ("osl", "oscil", "OSClisten"),
            ("osli", "OSClisten", "moscili"),
            ("ladder", "moogladder", "lXaXdXdXeXr"),
            ("klf", "klXXf", "kXlXf"),
            ("cut", "kCutoff", "countXt"),
            ("MGL", "MixerGetLevel", "moogladder"),
            ("rvb", "reverb", "reverb2"),
            ("lpf", "lpf18", "alpf"),
        ] {
            let scores = [better, worse].map(|name| score(typed, name).unwrap());
            assert!(scores[0] > scores[1], "{typed}: {better} before {worse}, {scores:?}");
        }
    }

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
