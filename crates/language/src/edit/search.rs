//! Find and replace: words as they are, or regular expressions, in a part of the text.

use std::ops::Range;

use regex_lite::{Regex, RegexBuilder};

/// Places that are found at most.
const MOST: usize = 20_000;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The words, or the expression.
    pub words: String,
    /// It is an expression.
    pub is_expression: bool,
    /// Capitals matter.
    pub minds_case: bool,
    /// Whole names only.
    pub whole_names: bool,
}

/// Why nothing can be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchError(String);

impl std::fmt::Display for SearchError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "this is no regular expression: {}", self.0)
    }
}

impl std::error::Error for SearchError {}

impl Search {
    fn regex(&self) -> Result<Option<Regex>, SearchError> {
        if self.words.is_empty() {
            return Ok(None);
        }
        let words = if self.is_expression { self.words.clone() } else { regex_lite::escape(&self.words) };
        let words = if self.whole_names { format!(r"\b(?:{words})\b") } else { words };
        let built = RegexBuilder::new(&words).case_insensitive(!self.minds_case).multi_line(true).build();
        built.map(Some).map_err(|error| SearchError(error.to_string()))
    }

    /// The places within a part of a text, in their order. Empty ones are none.
    ///
    /// # Errors
    /// The expression is none.
    pub fn find(&self, text: &str, within: Range<usize>) -> Result<Vec<Range<usize>>, SearchError> {
        let Some(regex) = self.regex()? else { return Ok(Vec::new()) };
        Ok(places(&regex, text, held(text, within)).take(MOST).collect())
    }

    /// The text that takes the place of one that was found: in expressions `$1` is what its first brackets found. None:
    /// the place holds something else.
    ///
    /// # Errors
    /// The expression is none.
    pub fn replacement(
        &self,
        text: &str,
        place: Range<usize>,
        by: &str,
    ) -> Result<Option<String>, SearchError> {
        let Some(regex) = self.regex()?.filter(|_| self.is_expression) else {
            return Ok(Some(by.to_owned()));
        };
        let place = held(text, place);
        let found = regex.captures_at(text, place.start);
        let found = found.filter(|found| found.get(0).map(|whole| whole.range()) == Some(place));
        Ok(found.map(|found| {
            let mut replaced = String::new();
            found.expand(by, &mut replaced);
            replaced
        }))
    }

    /// A part of a text with all places replaced, and their number.
    ///
    /// # Errors
    /// The expression is none.
    pub fn replace_all(
        &self,
        text: &str,
        within: Range<usize>,
        by: &str,
    ) -> Result<(String, usize), SearchError> {
        let within = held(text, within);
        let Some(regex) = self.regex()? else { return Ok((text.to_owned(), 0)) };
        let (mut new, mut done, mut count) = (String::new(), 0, 0);
        for place in places(&regex, text, within) {
            new.push_str(&text[done..place.start]);
            match regex.captures_at(text, place.start).filter(|_| self.is_expression) {
                Some(found) => found.expand(by, &mut new),
                None => new.push_str(by),
            }
            (done, count) = (place.end, count + 1);
        }
        new.push_str(&text[done..]);
        Ok((new, count))
    }
}

/// The places within a part of a text that are not empty. What stands around the part is seen: a line begins where it
/// begins in the text.
fn places(regex: &Regex, text: &str, within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = within.start;
    std::iter::from_fn(move || {
        while at <= within.end {
            let found = regex.find_at(text, at).filter(|found| found.end() <= within.end)?.range();
            let next = text[found.end..].chars().next().map_or(1, char::len_utf8);
            at = if found.is_empty() { found.end + next } else { found.end };
            if !found.is_empty() {
                return Some(found);
            }
        }
        None
    })
}

fn held(text: &str, within: Range<usize>) -> Range<usize> {
    let end = text.floor_char_boundary(within.end.min(text.len()));
    text.floor_char_boundary(within.start.min(end))..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "kCut = 1\nkcut2 = kCut + 2\n";

    fn search(words: &str) -> Search {
        Search { words: words.to_owned(), ..Search::default() }
    }

    #[test]
    fn words_are_found_by_case_by_names_and_in_a_part() {
        let all = 0..TEXT.len();
        assert_eq!(search("kcut").find(TEXT, all.clone()).unwrap().len(), 3);
        let exact = Search { minds_case: true, ..search("kCut") };
        assert_eq!(exact.find(TEXT, all.clone()).unwrap(), [0..4, 17..21]);
        assert_eq!(exact.find(TEXT, 9..TEXT.len()).unwrap(), vec![Range { start: 17, end: 21 }]);
        let whole = Search { whole_names: true, ..search("kcut") };
        assert_eq!(whole.find(TEXT, all.clone()).unwrap().len(), 2);
        assert_eq!(search("").find(TEXT, all.clone()).unwrap(), []);
        assert_eq!(search("+").find(TEXT, all.clone()).unwrap().len(), 1, "no expression");
        let begins = Search { is_expression: true, ..search("^kcut2") };
        assert_eq!(begins.find(TEXT, all).unwrap().len(), 1, "lines begin");
        let digits = Search { is_expression: true, ..search(r"^\d|\b2") };
        assert_eq!(digits.find(TEXT, 7..TEXT.len()).unwrap(), vec![24..25], "a part is no line of its own");
        assert_eq!(digits.replacement(TEXT, 7..8, "x").unwrap(), None, "nothing of it is there");
        let empty = Search { is_expression: true, ..search("u?") };
        let (text, count) = empty.replace_all("süß u", 0..8, "v").unwrap();
        assert_eq!((text.as_str(), count), ("süß v", 1), "nothing is no place");
    }

    #[test]
    fn expressions_are_replaced_with_what_they_found() {
        let numbers = Search { is_expression: true, ..search(r"k(\w+) = (\d)") };
        let (text, count) = numbers.replace_all(TEXT, 0..TEXT.len(), "i$1 = $2.0").unwrap();
        assert_eq!((text.as_str(), count), ("iCut = 1.0\nkcut2 = kCut + 2\n", 1));
        let place = numbers.find(TEXT, 0..TEXT.len()).unwrap()[0].clone();
        assert_eq!(numbers.replacement(TEXT, place, "$2").unwrap().as_deref(), Some("1"));
        let error = Search { is_expression: true, ..search("(") }.find(TEXT, 0..9).unwrap_err();
        assert!(error.to_string().starts_with("this is no regular expression"));
        let dollar = search("kCut").replace_all("kCut", 0..4, "$1").unwrap();
        assert_eq!(dollar.0, "$1", "words are put in as they are");
    }
}
