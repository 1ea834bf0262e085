//! The names that a piece gives its keys, as a drum kit does: comments of ours in its text, such as
//!
//! ```text
//! ; csound-performer-note: 36 Bass drum
//! ```
//!
//! Pure.

use std::collections::BTreeMap;

/// The word that such a comment begins with.
const MARK: &str = "csound-performer-note:";

/// Most characters of a name.
const LONGEST: usize = 60;

/// The names by their keys, 0 to 127; of several for one the last. What is no name is none.
pub fn note_names(text: &str) -> Vec<(u8, String)> {
    let mut names = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        let comment = line.trim_start_matches([';', '/']);
        let listed = comment.trim_start().strip_prefix(MARK).filter(|_| comment.len() < line.len());
        let Some((key, name)) = listed.and_then(|listed| listed.trim().split_once(char::is_whitespace))
        else {
            continue;
        };
        let name: String = name.trim().chars().take(LONGEST).collect();
        if let Some(key) = key.parse().ok().filter(|key: &u8| *key < 128 && !name.is_empty()) {
            names.insert(key, name);
        }
    }
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_comments_of_ours_and_the_last_one_counts() {
        let text = "; csound-performer-note: 38 Snare\n//csound-performer-note:36   Bass drum, deep \n\
                    csound-performer-note: 40 none\n; csound-performer-note: 128 none\n; csound-performer-note: x none\n\
                    ; csound-performer-note: 41\n;; csound-performer-note: 38 Rim\n; a csound-performer-note: 42 none\n";
        assert_eq!(note_names(text), [(36, "Bass drum, deep".to_owned()), (38, "Rim".to_owned())]);
        let long = note_names(&format!("; csound-performer-note: 1 {}", "é".repeat(1000)));
        assert_eq!(long[0].1.chars().count(), LONGEST);
    }
}
