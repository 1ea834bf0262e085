//! A backend's memory between frames.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use csound_cabbage::Changes;
use nice_plug::context::PluginApi;
use nice_plug::context::gui::GuiContext;

use super::panel::TextChannel;
use crate::editor::model::{EditorState, Reply, SLOTS};
use crate::plugin::channels::cabbage::CabbageSection;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::panel_files::Lists;
use crate::plugin::shared::scope;
use crate::user_input::UserInput;

/// The source of a channel's value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// The value that the place of the bank was set to, else the one that the piece begins with.
    Set(usize),
    /// The piece itself, while it plays; else as above.
    SetOrWritten(usize),
    /// The piece itself: the index of a channel that it only writes.
    Written(usize),
    /// Nowhere: it is a text.
    Text,
}

/// All that only the editor's thread touches.
#[derive(Default)]
pub(super) struct Memory {
    pub host: Option<GuiContext>,
    pub piece: Option<SavedPiece>,
    /// The piece as its file has it, as far as the view has it.
    pub unedited: Option<Arc<SavedPiece>>,
    pub generation: u64,
    pub answered: u64,
    /// The generation of the text that the errors shown are of.
    pub errors_of: u64,
    /// The file that the piece is being saved to, which the user has chosen.
    pub saving: Option<PathBuf>,
    /// A text was applied that is not answered yet.
    pub applied: bool,
    pub looked: Option<Instant>,
    /// What the control thread had done then.
    pub done: u64,
    /// The console's next line.
    pub said: u64,
    pub reply: Option<Reply>,
    /// Why the last other action could not be carried out.
    pub refused: Option<String>,
    /// Lines of slots that cannot be sent, as they were typed, and why.
    pub unsendable: [Option<(String, String)>; SLOTS],
    /// The count of recordings that failed, as far as the host's parameter was set back.
    pub failed_recordings: u64,
    /// Whether the console is to be cleared.
    pub clears: bool,
    pub state: Arc<EditorState>,
    /// Counts loaded sessions, and the one that was looked at.
    pub saved: u64,
    pub loaded: Option<u32>,
    /// The text that the next two were read from.
    pub panel: Option<Arc<str>>,
    /// The piece's `<Cabbage>` section, and what was changed of it.
    pub section: CabbageSection,
    pub changes: Changes,
    /// The widgets of the section, as they are now.
    pub cabbage: CabbageSection,
    /// The string channels that the piece reads, and the lists of files that they were made with.
    pub texts: Vec<TextChannel>,
    pub lists: Arc<Lists>,
    /// The text that performs, and its instruments: all of them, and the names of those that have one by their numbers.
    pub performing: Option<Arc<str>>,
    pub instruments: Arc<[String]>,
    pub names: BTreeMap<u32, String>,
    /// The piece that the program was started with, and that the editor is to open.
    pub named: Option<PathBuf>,
    pub clipped: [bool; scope::CHANNELS],
    /// What the piece was told of the user last.
    pub input: UserInput,
    /// Keys that the on-screen keyboard holds.
    pub held: u128,
    /// The sources of the values of the view's channels, one each.
    pub readings: Vec<Reading>,
}

impl Memory {
    /// Whether the plugin runs without a host: its shell then makes up a transport that always runs.
    pub fn is_alone(&self) -> bool {
        self.host.as_ref().is_some_and(|host| host.plugin_api() == PluginApi::Standalone)
    }

    pub fn answer(&mut self, error: Option<String>, value: Option<f64>) {
        let number = self.reply.as_ref().map_or(0, |reply| reply.number) + 1;
        self.reply = Some(Reply { number, error, value });
    }
}
