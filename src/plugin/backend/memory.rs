//! What a backend remembers between frames.

use std::sync::Arc;
use std::time::Instant;

use nice_plug::context::gui::GuiContext;

use crate::editor::model::{EditorState, Reply};
use crate::plugin::channels::cabbage::CabbageSection;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::scope;

/// Where the value of a channel comes from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// What the slot of the bank was set to, else the value that the piece begins with.
    Set(usize),
    /// The piece itself, while it plays; else as above.
    SetOrWritten(usize),
    /// The piece itself: the slot of a channel that it only writes.
    Written(usize),
}

/// What only the editor's thread touches.
#[derive(Default)]
pub(super) struct Memory {
    pub host: Option<GuiContext>,
    pub piece: Option<SavedPiece>,
    pub generation: u64,
    pub answered: u64,
    /// A text was applied that is not answered yet.
    pub applied: bool,
    pub looked: Option<Instant>,
    /// What the control thread had done then.
    pub done: u64,
    /// The console's next line.
    pub said: u64,
    pub reply: Option<Reply>,
    pub state: Arc<EditorState>,
    /// Counts loaded sessions, and the one that was looked at.
    pub saved: u64,
    pub loaded: Option<u32>,
    /// The widgets of the piece's `<Cabbage>` section.
    pub cabbage: CabbageSection,
    pub clipped: [bool; scope::CHANNELS],
    /// Keys that the on-screen keyboard holds.
    pub held: u128,
    /// Where the values of the view's channels come from, one each.
    pub readings: Vec<Reading>,
}

impl Memory {
    pub fn answer(&mut self, error: Option<String>) {
        let number = self.reply.as_ref().map_or(0, |reply| reply.number) + 1;
        self.reply = Some(Reply { number, error });
    }
}
