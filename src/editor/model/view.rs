//! Everything that the editor shows.

use std::path::PathBuf;
use std::sync::Arc;

use csound_language::opcodes::Opcodes;

use super::activity::{ScoreEntry, SoundingInstrument};
use super::channel::{Channel, Controllers};
use super::console::Console;
use super::csound::CsoundView;
use super::image::Images;
use super::isolation::Isolation;
use super::layout::Layout;
use super::picture::Picture;
use super::piece::{ExportView, PieceView, State};
use super::presets::PresetsView;
use super::signal::Signals;
use super::slots::{Reply, SLOTS, Slot};
use super::sound::Sounds;
use super::source::Source;
use super::state::{EditorState, Saved};
use super::table::Tables;
use super::transport::{RecordingView, Transport};
use crate::catalogue::Catalogue;
use crate::chosen_keys::ChosenKeys;
use crate::draft::LeftDraft;
use crate::exporting::Exporting;
use crate::folder_texts::FolderTexts;
use crate::gathering::Gathers;
use crate::host_menu::HostMenu;
use crate::manual::Manual;
use crate::permission::KeptText;
use crate::preview::Preview;
use crate::setting::Settings;
use crate::track::Track;
use crate::user_input::InputWanted;

/// Everything that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The piece and where it came from.
    pub piece: PieceView,
    /// The plugin that the piece is, if it is one of its own.
    pub export: Option<ExportView>,
    /// The export of the piece that the user is busy with.
    pub exporting: Option<Exporting>,
    /// How *Collect files* stands, while the user is busy with it.
    pub gathering: Option<Gathers>,
    /// The pieces and presets that there are, as far as they were looked for.
    pub catalogue: Catalogue,
    /// The piece that is heard before it is opened, or how that ended.
    pub preview: Option<Preview>,
    /// What was looked up in the manual, while that is open.
    pub manual: Option<Manual>,
    /// The keys that the user has chosen.
    pub keys: Arc<ChosenKeys>,
    /// The state of the performance.
    pub state: State,
    /// The Csound that performs, and those that there are.
    pub csound: CsoundView,
    /// The opcodes that it has, with those of the libraries that it loads; none until it has told them.
    pub opcodes: Arc<Opcodes>,
    /// The piece's confinement, and what it may do.
    pub isolation: Isolation,
    /// Time, and the host's.
    pub transport: Transport,
    /// The present or last recording.
    pub recording: RecordingView,
    /// The piece's channels, in its order. They change with the piece.
    pub channels: Arc<[Channel]>,
    /// The values of `channels`, one each; missing ones are shown as the default.
    pub values: Vec<f64>,
    /// The MIDI controllers that turn them.
    pub controllers: Arc<Controllers>,
    /// The piece's own layout of its channels, if it has one.
    pub layout: Option<Arc<Layout>>,
    /// The tables that the layout shows, as far as they are there.
    pub tables: Arc<Tables>,
    /// The signals that the layout shows, as far as they are there.
    pub signals: Arc<Signals>,
    /// The entries of the score, as far as they are known.
    pub score: Arc<[ScoreEntry]>,
    /// The instruments of the text that performs, by their numbers and names. Another text is another list, even if it
    /// has the same ones.
    pub instruments: Arc<[String]>,
    /// The instruments that sound, by their numbers.
    pub sounding: Arc<[SoundingInstrument]>,
    /// The pictures of that layout, as far as they are there.
    pub images: Arc<Images>,
    /// The sounds of that layout, as far as they are there.
    pub sounds: Arc<Sounds>,
    /// What the user's configuration lets texts do, what was changed last first.
    pub kept: Arc<[KeptText]>,
    /// What the piece wants to be told of the user.
    pub input_wanted: InputWanted,
    /// The piece's presets.
    pub presets: PresetsView,
    /// The values that the settings stand at.
    pub settings: Settings,
    /// Whether the host has menus for its parameters.
    pub has_host_menus: bool,
    /// The one that was asked for last, once it is there.
    pub host_menu: Option<Arc<HostMenu>>,
    /// The host's track.
    pub track: Track,
    /// The files of the tuning; none for twelve equal steps.
    pub tuning: Option<String>,
    /// The event slots.
    pub slots: [Slot; SLOTS],
    /// The outcome of the line, the orchestra code or the slot that was sent or set last.
    pub reply: Option<Reply>,
    /// Why the last other action could not be carried out; none once another one was asked for.
    pub refused: Option<String>,
    /// The piece that the program of its own was started with while another one was remembered: to be opened once, as if
    /// the user chose it.
    pub named: Option<PathBuf>,
    /// Whether the piece performs in a program of its own, without a host.
    pub is_alone: bool,
    /// Whether nobody hears the piece: it performs in a program of its own, and no sound system can be used.
    pub is_unheard: bool,
    /// Whether [`Backend::follow`](super::Backend::follow) has something to tell the host.
    pub owes_host: bool,
    /// The keys that sound, a bit each.
    pub held: u128,
    /// The lines that Csound and the plugin say.
    pub console: Console,
    /// The sound, and what it costs.
    pub picture: Picture,
    /// The piece's text.
    pub source: Source,
    /// The texts in the piece's folder besides its own.
    pub folder: Arc<FolderTexts>,
    /// What was typed into the piece and not saved when a program broke off, until the user has decided on it.
    pub draft: Option<Arc<LeftDraft>>,
    /// The editor's part of the session that was loaded. A draft in it belongs to `source`, so both
    /// change in one view.
    pub saved: Saved,
}

impl View {
    /// If other pieces can be opened.
    pub fn opens_pieces(&self) -> bool {
        self.export.is_none()
    }

    /// If there is nothing but the piece's panel.
    pub fn is_sealed(&self) -> bool {
        self.export.as_ref().is_some_and(|export| !export.shows_source)
    }

    /// Whether the piece's own layout fills the window.
    pub fn shows_panel_only(&self, state: &EditorState) -> bool {
        state.own_layout && self.layout.is_some() && state.panel_only.unwrap_or(self.export.is_some())
    }

    /// The value of a channel.
    pub fn value(&self, channel: usize) -> f64 {
        let default = self.channels.get(channel).map_or(0.0, |channel| channel.range.default);
        self.values.get(channel).copied().unwrap_or(default)
    }
}
