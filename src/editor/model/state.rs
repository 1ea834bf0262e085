//! The part of the editor that a session keeps.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::console::Importance;

/// Lines that the history of events keeps.
pub const HISTORY: usize = 100;

/// The editor's part of the session that was loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Counts up with each session that was loaded.
    pub generation: u64,
    /// The editor's part of it.
    pub state: Arc<EditorState>,
}

/// The pages of the editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    /// The piece's controls.
    #[default]
    Channels,
    /// Lines to send, and slots.
    Events,
    /// The piece's text.
    Source,
    /// The lines that Csound and the plugin say.
    Console,
    /// The settings of the instance.
    Settings,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Brightness {
    /// Dark.
    #[default]
    Dark,
    /// Light.
    Light,
}

/// The kinds of text that the line of the *Events* tab sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// A score event.
    #[default]
    Event,
    /// A line of orchestra.
    Orchestra,
    /// The same, for the number that it gives.
    Evaluate,
}

/// A text of the piece's folder that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenText {
    /// Its name in the folder.
    pub name: String,
    /// What was typed and not saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The fingerprint of the text that it was typed into.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
}

/// The part of the editor that the session keeps. Fields that a session lacks are as new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditorState {
    /// The window's width and height, in points at a zoom of 100 %.
    pub size: [f32; 2],
    /// The page in front.
    pub tab: Tab,
    /// Whether meters, oscilloscope and spectrum are shown.
    pub picture: bool,
    /// Whether the keyboard is shown.
    pub keyboard: bool,
    /// Whether the piece's own layout is shown, where it has one.
    pub own_layout: bool,
    /// Whether that layout fills the window; as long as the user has not said so, it does in a plugin that is its
    /// own piece.
    pub panel_only: Option<bool>,
    /// The window's size before it did.
    pub size_before: Option<[f32; 2]>,
    /// Light or dark.
    pub brightness: Brightness,
    /// Lines that were sent, oldest first.
    pub history: Vec<String>,
    /// The kind of text that the line is sent as.
    pub sending: Sending,
    /// The octave of the keyboard's left end, in C notation.
    pub octave: i8,
    /// The least that a line of the console has to matter to be shown.
    #[serde(rename = "level")]
    pub importance: Importance,
    /// Whether a file that changes is read again by itself.
    pub reload_by_itself: bool,
    /// Texts that were changed and not applied.
    pub draft: Option<Vec<String>>,
    /// The texts of the piece's folder that are open.
    pub open_texts: Vec<OpenText>,
    /// Whether long lines of the source are wrapped.
    pub wrap: bool,
    /// Whether the outline of the source is shown.
    pub outline: bool,
    /// The zoom of all of the editor, in percent.
    pub zoom: u16,
    /// The size of the source's letters, 1 as usual.
    pub source_zoom: f32,
}

impl Default for EditorState {
    fn default() -> Self {
        Self {
            size: [960.0, 640.0],
            tab: Tab::Channels,
            picture: true,
            keyboard: false,
            own_layout: true,
            panel_only: None,
            size_before: None,
            brightness: Brightness::Dark,
            history: Vec::new(),
            sending: Sending::Event,
            octave: 3,
            importance: Importance::Info,
            reload_by_itself: false,
            draft: None,
            open_texts: Vec::new(),
            wrap: false,
            outline: false,
            zoom: 100,
            source_zoom: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_of_before_the_editor_opens_as_new() {
        let state: EditorState = serde_json::from_str("{}").unwrap();
        assert_eq!(state, EditorState::default());
    }
}
