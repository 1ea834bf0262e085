//! What a session keeps of the editor.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::console::Level;

/// Lines that the history of events keeps.
pub const HISTORY: usize = 100;

/// What a loaded session says about the editor itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Counts up with each session that was loaded.
    pub generation: u64,
    /// The editor's part of it.
    pub state: Arc<EditorState>,
}

/// What the editor is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    /// The piece's controls.
    #[default]
    Channels,
    /// Lines to send, and slots.
    Events,
    /// The piece's text.
    Source,
    /// What Csound says.
    Console,
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

/// What is sent from the line of the *Events* tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// A score event.
    #[default]
    Event,
    /// A line of orchestra.
    Orchestra,
}

/// What the session keeps of the editor. Fields that a session lacks are as new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditorState {
    /// The window's width and height, in points.
    pub size: [f32; 2],
    /// What is in front.
    pub tab: Tab,
    /// Whether meters, oscilloscope and spectrum are shown.
    pub picture: bool,
    /// Whether the keyboard is shown.
    pub keyboard: bool,
    /// Whether the piece's own layout is shown, where it has one.
    pub own_layout: bool,
    /// Light or dark.
    pub brightness: Brightness,
    /// Lines that were sent, oldest first.
    pub history: Vec<String>,
    /// What the line is sent as.
    pub sending: Sending,
    /// The octave of the keyboard's left end, in C notation.
    pub octave: i8,
    /// The least level of console lines that are shown.
    pub level: Level,
    /// Whether a file that changes is read again by itself.
    pub reload_by_itself: bool,
    /// Texts that were changed and not applied.
    pub draft: Option<Vec<String>>,
}

impl Default for EditorState {
    fn default() -> Self {
        Self {
            size: [960.0, 640.0],
            tab: Tab::Channels,
            picture: true,
            keyboard: false,
            own_layout: true,
            brightness: Brightness::Dark,
            history: Vec::new(),
            sending: Sending::Event,
            octave: 3,
            level: Level::Info,
            reload_by_itself: false,
            draft: None,
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
