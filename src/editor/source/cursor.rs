//! What is selected in the source, in bytes: egui counts letters.

use std::ops::Range;

use egui::text::{CCursor, CCursorRange};
use egui::{Context, Id, TextEdit};

/// What is selected; an empty range is the cursor.
pub(super) fn selected(context: &Context, id: Id, text: &str) -> Range<usize> {
    let range = TextEdit::load_state(context, id).and_then(|state| state.cursor.char_range());
    let [from, to] = range.map_or([0, 0], |range| {
        let sorted = range.as_sorted_char_range();
        [sorted.start.0, sorted.end.0]
    });
    let begin = byte_of(text, from);
    begin..begin + byte_of(&text[begin..], to - from)
}

/// Selects this.
pub(super) fn select(context: &Context, id: Id, text: &str, range: Range<usize>) {
    let mut state = TextEdit::load_state(context, id).unwrap_or_default();
    let [from, to] = [range.start, range.end].map(|byte| CCursor::new(letter_of(text, byte)));
    state.cursor.set_char_range(Some(CCursorRange::two(from, to)));
    state.store(context, id);
}

/// The byte at which a letter begins.
pub(super) fn byte_of(text: &str, letter: usize) -> usize {
    text.char_indices().nth(letter).map_or(text.len(), |(at, _)| at)
}

/// The letters before a byte.
pub(super) fn letter_of(text: &str, byte: usize) -> usize {
    let byte = text.floor_char_boundary(byte.min(text.len()));
    text[..byte].chars().count()
}
