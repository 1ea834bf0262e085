//! Undo and redo. A run of typing is one step; whatever else changes the text is one of its own.

use std::ops::Range;

/// Most steps that are kept, and bytes of them.
const MOST: usize = 1000;
const MOST_BYTES: usize = 16 << 20;

/// A part of a text that took the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    at: usize,
    before: String,
    after: String,
    /// What was selected before it.
    selected: Range<usize>,
}

/// What was done to a text, and what was taken back.
#[derive(Clone, Debug, Default)]
pub struct History {
    text: String,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The last step goes on while what is typed follows it.
    runs: bool,
}

impl History {
    /// Of a text as it is.
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Sees the text after a change, and what was selected before it. `is_typed`: by keys, a letter at a time.
    pub fn see(&mut self, text: &str, selected: Range<usize>, is_typed: bool) {
        if self.text == text {
            return;
        }
        let step = step(&self.text, text, selected);
        self.text = text.to_owned();
        self.undone.clear();
        let is_letter = is_typed && step.before.chars().count() + step.after.chars().count() == 1;
        let follows = |last: &Step| {
            // Typing goes on behind it; deleting goes on before it.
            let types =
                last.before.is_empty() && step.before.is_empty() && step.at == last.at + last.after.len();
            let deletes =
                last.after.is_empty() && step.after.is_empty() && step.at + step.before.len() == last.at;
            let is_new_word = step.after.ends_with(char::is_whitespace)
                != last.after.ends_with(char::is_whitespace)
                && !step.after.ends_with(char::is_whitespace);
            (types || deletes) && !step.after.contains('\n') && !is_new_word
        };
        match self.done.last_mut().filter(|_| self.runs && is_letter).filter(|last| follows(last)) {
            Some(last) if step.before.is_empty() => last.after.push_str(&step.after),
            Some(last) => {
                last.at = step.at;
                last.before.insert_str(0, &step.before);
            }
            None => self.done.push(step),
        }
        self.runs = is_letter;
        self.forget_old();
    }

    /// What is typed next begins a new step: the cursor was moved.
    pub fn rest(&mut self) {
        self.runs = false;
    }

    /// Takes the last step back: the text, and what is selected in it.
    pub fn undo(&mut self) -> Option<(String, Range<usize>)> {
        let step = self.done.pop()?;
        self.runs = false;
        self.text.replace_range(step.at..step.at + step.after.len(), &step.before);
        let selected = step.selected.clone();
        self.undone.push(step);
        Some((self.text.clone(), selected))
    }

    /// Does the step again that was taken back last.
    pub fn redo(&mut self) -> Option<(String, Range<usize>)> {
        let step = self.undone.pop()?;
        self.text.replace_range(step.at..step.at + step.before.len(), &step.after);
        let end = step.at + step.after.len();
        self.done.push(step);
        Some((self.text.clone(), end..end))
    }

    fn forget_old(&mut self) {
        let bytes =
            |steps: &[Step]| steps.iter().map(|step| step.before.len() + step.after.len()).sum::<usize>();
        while self.done.len() > MOST || self.done.len() > 1 && bytes(&self.done) > MOST_BYTES {
            self.done.remove(0);
        }
    }
}

/// What differs between two texts, at the borders of letters.
fn step(before: &str, after: &str, selected: Range<usize>) -> Step {
    let same = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    // A letter that is put before its like stands where it was put, not behind that.
    let same = same.min(selected.start);
    let at = before.floor_char_boundary(same).min(after.floor_char_boundary(same));
    let most = before.len().min(after.len()) - at;
    let same =
        before.bytes().rev().zip(after.bytes().rev()).take(most).take_while(|(one, other)| one == other);
    let mut behind = same.count();
    while !before.is_char_boundary(before.len() - behind) || !after.is_char_boundary(after.len() - behind) {
        behind -= 1;
    }
    Step {
        at,
        before: before[at..before.len() - behind].to_owned(),
        after: after[at..after.len() - behind].to_owned(),
        selected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(history: &mut History, text: &mut String, letters: &str) {
        for letter in letters.chars() {
            let before = text.len();
            text.push(letter);
            history.see(text, before..before, true);
        }
    }

    #[test]
    fn words_are_steps_and_so_is_a_command() {
        let mut history = History::of("");
        let mut text = String::new();
        type_in(&mut history, &mut text, "kOne = 1");
        history.see("instead", 0..8, false);
        assert_eq!(history.undo(), Some(("kOne = 1".into(), 0..8)));
        assert_eq!(history.undo().unwrap().0, "kOne = ");
        assert_eq!(history.undo().unwrap().0, "kOne ");
        assert_eq!(history.undo().unwrap().0, "");
        assert_eq!(history.undo(), None);
        for expected in ["kOne ", "kOne = ", "kOne = 1", "instead"] {
            assert_eq!(history.redo().unwrap().0, expected);
        }
        assert_eq!(history.redo(), None);
    }

    #[test]
    fn a_letter_before_its_like_goes_on_with_the_word() {
        let mut history = History::of("  x");
        for (text, at) in [("a  x", 0), ("ab  x", 1), ("ab   x", 2)] {
            history.see(text, at..at, true);
        }
        assert_eq!(history.undo().unwrap(), ("  x".into(), 0..0));
    }

    #[test]
    fn a_change_forgets_what_was_taken_back_and_letters_stay_whole() {
        let mut history = History::of("é");
        history.see("è", 0..2, false);
        assert_eq!(history.undo().unwrap().0, "é");
        history.see("éa", 2..2, true);
        assert_eq!(history.redo(), None);
        let mut text = "éa".to_owned();
        for _ in 0..2 {
            let end = text.len();
            text.pop();
            history.see(&text, end..end, true);
        }
        assert_eq!(history.undo().unwrap().0, "éa", "what is deleted one by one is one step");
    }
}
