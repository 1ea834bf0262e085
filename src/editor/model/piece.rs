//! The piece, and how its performance stands.

use std::path::PathBuf;
use std::sync::Arc;

/// The piece and where it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PieceView {
    /// Its name, such as `bells.csd`; empty where there is none.
    pub name: String,
    /// The file it was read from.
    pub path: Option<PathBuf>,
    /// Whether that file has changed since.
    pub changed_on_disk: bool,
    /// Pieces opened before, newest first.
    pub recent: Arc<[PathBuf]>,
    /// The pieces that come with the plugin.
    pub shipped: Arc<[Shipped]>,
    /// What is wrong with the piece that performs.
    pub faults: Arc<[Fault]>,
}

impl PieceView {
    /// The name to offer for a file that it is saved to: a packed piece is not packed again.
    pub fn name_to_save(&self) -> String {
        self.name.strip_suffix(".gz").unwrap_or(&self.name).to_owned()
    }
}

/// A piece that is a plugin of its own: no other one is opened in its editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportView {
    /// The plugin's name.
    pub name: String,
    /// Whether the text, the console and what the piece may do are shown; without them there is its panel.
    pub shows_source: bool,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A file, or an instrument, is not there.
    Missing,
    /// The piece wanted what it may not.
    Refused,
    /// An opcode could not begin, or failed.
    Error,
}

/// Something that is wrong with a piece that performs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// The line of the text, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong and what can be done, in a sentence or two.
    pub text: String,
}

/// A piece that comes with the plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shipped {
    /// Its file's name.
    pub name: String,
    /// A sentence about it.
    pub about: String,
}

/// The state of the performance: of what performs, where that is not the text that was wanted last.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// There is no piece.
    #[default]
    Empty,
    /// It is being compiled.
    Loading,
    /// It performs.
    Playing,
    /// It holds still.
    Paused,
    /// It is over.
    Ended,
    /// It cannot be performed, and nothing else is; this is why.
    Failed(String),
    /// Its engine broke off and was started again, and this is why.
    Restarted(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_piece_is_saved_unpacked() {
        let offered = |name: &str| PieceView { name: name.into(), ..PieceView::default() }.name_to_save();
        assert_eq!(["a.csd.gz", "a.csd", "b.orc"].map(offered), ["a.csd", "a.csd", "b.orc"]);
    }
}
