//! What is known of one text while it is changed.

use std::ops::Range;
use std::sync::Arc;

use csound_language::Language;
use csound_language::edit::History;
use csound_language::mistakes::{Mistake, mistakes};
use csound_language::opcodes::Opcodes;
use csound_language::piece::Document;
use egui::Ui;

use super::painter::Painter;

/// Seconds that a text rests before it is looked through for mistakes.
const REST: f64 = 0.3;

/// One text's.
pub(super) struct Buffer {
    pub painter: Painter,
    pub history: History,
    mistakes: Vec<Mistake>,
    /// The text and the opcodes that they were found by.
    checked: Option<(u64, Arc<Opcodes>)>,
    /// The text that was seen last, and since when.
    seen: (u64, f64),
}

impl Buffer {
    pub fn of(text: &str) -> Self {
        Self {
            painter: Painter::default(),
            history: History::of(text),
            mistakes: Vec::new(),
            checked: None,
            seen: (0, f64::NEG_INFINITY),
        }
    }

    /// The mistakes of the text, once it rests; before that those that it had.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Takes note of a text that was changed otherwise than by keys.
    pub fn see(&mut self, text: &str, selected: Range<usize>) {
        self.history.see(text, selected, false);
    }

    /// Looks through a text that rests, if it was not. `included`: the piece's other texts, where all are
    /// known, with a number that is another one for others.
    pub fn check(
        &mut self,
        ui: &Ui,
        text: &str,
        language: Language,
        opcodes: &Arc<Opcodes>,
        (included, of_included): (&[&Document], u64),
    ) {
        self.painter.read(text, language);
        let version = self.painter.version().wrapping_add(of_included);
        let is_checked = self
            .checked
            .as_ref()
            .is_some_and(|(checked, by)| *checked == version && Arc::ptr_eq(by, opcodes));
        if is_checked {
            return;
        }
        let now = ui.input(|input| input.time);
        let is_first = self.checked.is_none();
        if self.seen.0 != version {
            self.seen = (version, now);
        }
        let left = REST - (now - self.seen.1);
        if left > 0.0 && !is_first {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(left));
            return;
        }
        self.mistakes = mistakes(text, self.painter.document(), opcodes, included);
        self.checked = Some((version, Arc::clone(opcodes)));
    }
}
