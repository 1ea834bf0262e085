//! The entries of a score, from Csound's own sorted form of it: which instrument, from when and for how long. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::length::walk;

/// The most entries of a score that are told of.
pub const MOST_ENTRIES: usize = 20_000;

/// The longest name of an instrument that is told of, in bytes.
const LONGEST_NAME: usize = 64;

/// An entry of a score: an `i` statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreEntry {
    /// The instrument's number without a fraction, or its name.
    pub instrument: String,
    /// When it begins, in seconds of score time.
    pub begin: f64,
    /// How long it lasts, in seconds. A note that is held lasts until it is turned off or its section ends, and without
    /// either for ever.
    pub length: f64,
}

impl ScoreEntry {
    /// Whether it can be one: an engine may say anything.
    pub(crate) fn is_possible(&self) -> bool {
        let is_name = !self.instrument.is_empty()
            && self.instrument.len() <= LONGEST_NAME
            && !self.instrument.contains(char::is_control);
        is_name && self.begin.is_finite() && self.begin >= 0.0 && self.length >= 0.0
    }
}

/// The notes that are held: what p1 names, and its place among the entries.
type HeldNotes = BTreeMap<String, usize>;

/// The first entries of a sorted score, in the order of their beginnings within each section.
pub fn score_entries(sorted: &str) -> Vec<ScoreEntry> {
    let mut entries: Vec<ScoreEntry> = Vec::new();
    let mut held = HeldNotes::new();
    walk(sorted, |words, start, end| match (words, end) {
        (["i", p1, _, begin, _, length, ..], _) => {
            let (Some(begin), Some(length)) = (time(begin), time(length)) else { return };
            let begin = start + begin;
            if let Some(p1) = p1.strip_prefix('-') {
                return turn_off(&mut entries, &mut held, p1, begin);
            }
            // A note that is held goes on as the next of its p1 (a tie).
            turn_off(&mut entries, &mut held, p1, begin);
            let is_held = length < 0.0;
            let length = if is_held { f64::INFINITY } else { length };
            let entry = ScoreEntry { instrument: instrument(p1), begin, length };
            if entries.len() < MOST_ENTRIES && entry.is_possible() {
                if is_held {
                    held.insert((*p1).to_owned(), entries.len());
                }
                entries.push(entry);
            }
        }
        (_, Some(end)) => {
            for index in std::mem::take(&mut held).into_values() {
                entries[index].length = (end - entries[index].begin).max(0.0);
            }
        }
        _ => {}
    });
    entries
}

/// The note that is held under this p1 ends, if there is one.
fn turn_off(entries: &mut [ScoreEntry], held: &mut HeldNotes, p1: &str, at: f64) {
    if let Some(index) = held.remove(p1) {
        entries[index].length = (at - entries[index].begin).max(0.0);
    }
}

/// A time of the sorted score, if it is one.
fn time(word: &str) -> Option<f64> {
    super::length::number(word).filter(|time| time.is_finite())
}

/// The instrument that p1 names: a fraction tells instances apart, quotes are those of a name.
fn instrument(p1: &str) -> String {
    match super::length::number(p1) {
        Some(number) => (number.trunc() as i64).to_string(),
        None => p1.trim_matches('"').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sorted: &str) -> Vec<(String, f64, f64)> {
        score_entries(sorted).into_iter().map(|entry| (entry.instrument, entry.begin, entry.length)).collect()
    }

    fn entry(instrument: &str, begin: f64, length: f64) -> (String, f64, f64) {
        (instrument.to_owned(), begin, length)
    }

    #[test]
    fn entries_stand_at_their_seconds_section_after_section() {
        // As Csound 6.18 writes it for a tempo of 120 and two sections; the second begins at 3 s.
        let sorted = "w 0 120\ni 1 0x0p+0 0x0p+0 0x1p+2 0x1p+1\ni 2.5 0x1p+1 0x1p+0 0x1p+2 0x1p+1\ns\n\
                      w 0 60\ni \"bell\" 0x0p+0 0x0p+0 0x1p+1 0x1p+1 0x1.8p+8\ne\n";
        assert_eq!(found(sorted), [entry("1", 0.0, 2.0), entry("2", 1.0, 2.0), entry("bell", 3.0, 2.0)]);
    }

    #[test]
    fn a_held_note_lasts_until_it_is_turned_off_or_its_section_ends() {
        let sorted = "i 1.1 0x0p+0 0x0p+0 -0x1p+0 -0x1p+0\ni 1.2 0x0p+0 0x0p+0 -0x1p+0 -0x1p+0\n\
                      i -1.1 0x1p+1 0x1p+1 0x1p+0 0x1p+0\ni 3 0x1p+2 0x1p+2 0x1p+0 0x1p+0\ns\n\
                      i 4 0x0p+0 0x0p+0 -0x1p+0 -0x1p+0\n";
        let expected = [
            entry("1", 0.0, 2.0),
            entry("1", 0.0, 5.0),
            entry("3", 4.0, 1.0),
            entry("4", 5.0, f64::INFINITY),
        ];
        assert_eq!(found(sorted), expected);
    }

    #[test]
    fn a_tie_is_one_note_after_the_other() {
        let sorted = "i 1 0x0p+0 0x0p+0 -0x1p+0 -0x1p+0\ni 1 0x1p+0 0x1p+0 -0x1p+0 -0x1p+0\n\
                      i 1 0x1p+1 0x1p+1 0x1p+0 0x1p+0\n";
        assert_eq!(found(sorted), [entry("1", 0.0, 1.0), entry("1", 1.0, 1.0), entry("1", 2.0, 1.0)]);
    }

    #[test]
    fn what_is_no_entry_is_left_out_and_the_rest_is_bounded() {
        let mut sorted =
            String::from("f 1 0 0 16384 10 1\ni\ni 1\ni 1 0 x 0 1\ni 1 0 -1 0 1\ni 1 0 inf 0 1\n");
        assert_eq!(found(&sorted), []);
        for _ in 0..MOST_ENTRIES + 10 {
            sorted += "i 1 0x0p+0 0x0p+0 0x1p+0 0x1p+0\n";
        }
        assert_eq!(score_entries(&sorted).len(), MOST_ENTRIES);
    }
}
