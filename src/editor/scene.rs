//! The things that widgets work with while a frame is drawn.

use super::held::Held;
use super::model::{Action, EditorState, Question, Tab, View};

/// Counts of what the last frame laid out: they must not grow with what there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Laid {
    /// Controls of channels.
    pub channels: usize,
    /// Lines of the console.
    pub console_lines: usize,
    /// Line numbers of the source.
    pub source_lines: usize,
    /// Lines of the source that were laid out when it changed last.
    pub source_laid: usize,
}

/// A line of the source, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub file: usize,
    pub line: usize,
}

/// The view, and the places where widgets leave what the user does.
pub(super) struct Scene<'a> {
    pub view: &'a View,
    pub state: &'a mut EditorState,
    pub actions: &'a mut Vec<Action>,
    pub questions: &'a mut Vec<Question>,
    pub held: &'a mut Held,
    /// The source line to show.
    pub go_to: &'a mut Option<Place>,
    /// The console's line to show, by its number.
    pub said_to_show: &'a mut Option<u64>,
    pub laid: &'a mut Laid,
    /// Whether the text in the editor differs from the piece's file.
    pub differs: bool,
}

impl Scene<'_> {
    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Opens a file dialog.
    pub fn ask(&mut self, question: Question) {
        self.questions.push(question);
    }

    /// Brings a line of the source into view.
    pub fn show_line(&mut self, file: usize, line: u32) {
        self.state.tab = Tab::Source;
        *self.go_to = Some(Place { file, line: line.saturating_sub(1) as usize });
    }

    /// Brings a line of the console into view.
    pub fn show_said(&mut self, number: u64) {
        self.state.tab = Tab::Console;
        *self.said_to_show = Some(number);
    }
}
