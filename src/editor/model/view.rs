//! Everything that the editor shows.

use std::sync::Arc;

use super::channel::Channel;
use super::console::Console;
use super::isolation::Isolation;
use super::layout::Layout;
use super::picture::Picture;
use super::piece::{PieceView, State};
use super::slots::{Reply, SLOTS, Slot};
use super::source::Source;
use super::state::Saved;
use super::transport::{RecordingView, Transport};

/// Everything that is shown.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The piece and where it came from.
    pub piece: PieceView,
    /// How the performance stands.
    pub state: State,
    /// How the piece is confined.
    pub isolation: Isolation,
    /// Time, and the host's.
    pub transport: Transport,
    /// The present or last recording.
    pub recording: RecordingView,
    /// The piece's channels, in its order. They change with the piece.
    pub channels: Arc<[Channel]>,
    /// The values of `channels`, one each; missing ones are shown as the default.
    pub values: Vec<f64>,
    /// How the piece lays out its channels, where it says so.
    pub layout: Option<Arc<Layout>>,
    /// The event slots.
    pub slots: [Slot; SLOTS],
    /// What came of the line or orchestra sent last.
    pub reply: Option<Reply>,
    /// The keys that sound, a bit each.
    pub held: u128,
    /// What Csound says.
    pub console: Console,
    /// The sound, and what it costs.
    pub picture: Picture,
    /// The piece's text.
    pub source: Source,
    /// What a loaded session says about the editor itself. A draft in it belongs to `source`, so both
    /// change in one view.
    pub saved: Saved,
}

impl View {
    /// The value of a channel.
    pub fn value(&self, channel: usize) -> f64 {
        let default = self.channels.get(channel).map_or(0.0, |channel| channel.range.default);
        self.values.get(channel).copied().unwrap_or(default)
    }
}
