//! The things that the editor shows and asks for: plain data, without a lock, a thread or a piece.
//!
//! The editor reads one [`View`] a frame, which a [`Backend`] fills from readings that are at hand,
//! and hands back [`Action`]s. It waits for nothing: what an action leads to is seen in a later view.
//!
//! Reading order: this file (the backend), `model/view.rs` (all that is shown), `model/action.rs` (all that is
//! asked for), then one file for each part of a view.

mod action;
mod activity;
mod channel;
mod console;
mod csound;
mod finish;
mod image;
mod isolation;
mod layout;
mod picture;
mod piece;
mod presets;
mod signal;
mod slots;
mod sound;
mod source;
mod state;
mod table;
mod transport;
mod view;

use nice_plug::context::gui::GuiContext;

pub use action::{Action, ParamRef, Question};
pub use activity::{ScoreEntry, SoundingInstrument};
pub use channel::{Channel, Controllers, Widget};
pub use console::{CONSOLE_LINES, Console, Importance, Line};
pub use csound::{ComparisonView, CsoundView, FindingKind, InstalledView};
pub use finish::{Direction, Finish, Side, Skin, Strip};
pub use image::{Image, Images};
pub use isolation::{Isolation, IsolationLevel, PermissionView};
pub use layout::{Face, Layout, PairKind, Part, PathKind, PathWish, Placed, PlacedKind, PresetDeed, Shape};
pub use picture::{Meter, Picture};
pub use piece::{ExportView, Fault, FaultKind, PieceView, Shipped, State};
pub use presets::{PresetId, PresetView, PresetsView};
pub use signal::{Graph, Signal, SignalKind, Signals};
pub use slots::{Reply, SLOTS, Slot};
pub use sound::{Sound, Sounds};
pub use source::{Language, Source, SourceError, SourceFile, place_of_error};
pub use state::{Brightness, EditorState, HISTORY, OpenText, Saved, Sending, Tab};
pub use table::{Table, Tables, Trace};
pub use transport::{HostPosition, RecordingView, Transport};
pub use view::View;

pub use crate::catalogue::{Catalogue, Entry, Opens, Origin};
pub use crate::chosen_keys::{ChosenKeys, KeyChoice};
pub use crate::draft::LeftDraft;
pub use crate::exporting::{ExportWish, Exported, Exporting, Findings, Kind, NO_FILE, Stands, UNSAVED};
pub use crate::folder_texts::{FolderName, FolderText, FolderTexts};
pub use crate::gathering::{FileToCopy, Gathering, Gathers, NO_FOLDER, NOT_SAVED};
pub use crate::host_menu::{HostEntry, HostItem, HostMenu, MenuOf};
pub use crate::manual::{Found, Manual};
pub use crate::preview::{Preview, Stands as PreviewStands};
pub use crate::setting::{Setting, SettingKind, Settings};

/// The other side of the editor: its readings come from there and its actions go there.
///
/// The editor never waits for it: an implementation may take a lock that is held shortly, never one that an
/// engine or the audio thread holds. All but [`fill`](Self::fill) is called from the window's thread.
pub trait Backend: Send + Sync + 'static {
    /// Brings a view up to date. It is the one of the last call, so only what has changed needs to
    /// be written; new console lines are those from [`Console::next`] on. Two threads call it: the window's, and
    /// the one that looks whether a frame is needed.
    fn fill(&self, view: &mut View);

    /// Has the host's parameters follow what has happened, before each frame: hosts take gestures from the
    /// window's thread only. [`View::owes_host`] says that there is something to follow.
    fn follow(&self) {}

    /// Takes an action. What comes of it is shown by a later view.
    fn act(&self, action: Action);

    /// A window was opened; gestures go to the host over `context`.
    fn opened(&self, context: GuiContext) {
        drop(context);
    }

    /// The window was closed.
    fn closed(&self) {}
}
