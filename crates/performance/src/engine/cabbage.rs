//! Cabbage's opcodes, in an engine: a piece reads and changes the widgets of its `<Cabbage>` section, and makes
//! new ones.
//!
//! They are there only for a piece that names one. What a piece changes goes into its tree of widgets, which the
//! opcodes read, and into a box that goes up to the host ([`Exchange`]), in which the newest values of each
//! identifier stand. The older way, texts of identifiers in the channel that `identchannel` names, ends in the same
//! tree. Nothing of ours allocates in a k-cycle: tree and boxes have their room from the start. When a note begins
//! `cabbageCreate`, and what reads and writes files, may; and a result grows by Csound's allocator.
//!
//! Reading order: `cabbage/exchange.rs`, `cabbage/context.rs` (what the opcodes work on), `cabbage/signatures.rs`
//! (which opcodes there are), then what they do: `values`, `identifiers`, `files`, `state`, `presets`,
//! `midi`, `aside`; `json` (the opcodes of a section in Cabbage 3's JSON, which are others); `tables` and `signals`
//! (what widgets show of function tables, and of what the piece displays).

mod aside;
mod context;
mod exchange;
mod files;
mod identifiers;
mod json;
mod looks;
mod midi;
mod presets;
mod signals;
mod signatures;
mod state;
mod tables;
mod values;

use std::path::Path;
use std::sync::Arc;

use csound_cabbage::Tree;
use csound_cabbage::json::section::is_json;
use csound_cabbage::tree::TreeWidget;
use csound_library::{Csound, Generation, MidiMessage};

use super::console::ConsoleLine;
use super::opcode_libraries::check::included_text;
use super::piece::opcode_uses::scan_opcode_uses;
use super::piece::{Piece, Source};
use super::spec::PieceSpec;
use context::{Context, Ident};
use tables::Tables;

pub use exchange::Exchange;

/// The beginning of the names of all these opcodes.
const BEGINNING: &str = "cabbage";

/// The widgets of a piece that performs, and what its opcodes work on.
pub(crate) struct Cabbage {
    context: Arc<Context>,
    /// True if the piece names one of the opcodes.
    has_opcodes: bool,
    /// The section is in Cabbage 3's JSON.
    is_json: bool,
    /// The channels by which widgets hear of new identifiers.
    idents: Vec<Ident>,
    /// The tables that widgets show.
    tables: Option<Tables>,
    /// True if widgets show signals that the piece displays.
    has_signals: bool,
}

impl Cabbage {
    /// Of a piece that names one of the opcodes, or whose widgets hear of new identifiers.
    pub(crate) fn of(spec: &PieceSpec) -> Option<Self> {
        let (text, orchestra) = match &spec.piece.source {
            Source::Csd(text) => (text.as_str(), text),
            Source::OrcSco { orc, .. } => ("", orc),
        };
        let has_opcodes = names_one(&spec.piece, orchestra);
        let may_hear = text.to_ascii_lowercase().contains("identchannel");
        let shown = ["gentable", "soundfiler", "signaldisplay"];
        let may_show = shown.iter().any(|kind| text.to_ascii_lowercase().contains(kind));
        if !has_opcodes && !may_hear && !may_show {
            return None;
        }
        let mut tree = Tree::of(text);
        for change in &spec.panel {
            // What has no room now had none when the host was told of it.
            let _ = tree.take(change);
        }
        let idents: Vec<_> = tree.widgets().iter().filter_map(Ident::of).collect();
        let tables = tree.widgets().iter().any(TreeWidget::is_of_tables).then(Tables::new);
        let has_signals = tree.widgets().iter().any(TreeWidget::is_of_signals);
        if !has_opcodes && idents.is_empty() && tables.is_none() && !has_signals {
            return None;
        }
        let is_json = tree.is_json();
        let context = Arc::new(Context::new(tree, spec.piece.folder.clone()));
        Some(Self { context, has_opcodes, is_json, idents, tables, has_signals })
    }

    /// True if widgets show signals that the piece displays.
    pub(crate) fn shows_signals(&self) -> bool {
        self.has_signals
    }

    /// Adds the opcodes to a Csound that has compiled nothing yet. Where they cannot be had the console says why,
    /// and the piece does not compile.
    pub(crate) fn add_to(&self, csound: &mut Csound, console: &mut dyn FnMut(ConsoleLine)) {
        if self.has_signals {
            let context = Arc::clone(&self.context);
            csound.take_graphs(move |graph| context.take_graph(graph));
        }
        if !self.has_opcodes {
            return;
        }
        let context = Arc::clone(&self.context);
        let opcodes = if self.is_json { json::signatures::OPCODES } else { signatures::OPCODES };
        if let Err(error) = csound.add_opcodes(opcodes, context) {
            console(ConsoleLine::error(format!(
                "the piece uses opcodes of Cabbage (cabbageGetValue and others), which cannot be had here: {error}"
            )));
        }
    }

    /// What goes up to the host.
    pub(crate) fn exchange(&self) -> Arc<Exchange> {
        self.context.exchange()
    }

    /// Takes the texts of identifiers that the piece has sent in a k-cycle.
    ///
    /// # Realtime safety
    /// Takes Csound's lock for each of the channels. Allocates nothing.
    pub(crate) fn hear(&self, csound: &Csound) {
        for ident in &self.idents {
            self.context.hear_ident(csound, ident);
        }
    }

    /// Notes a message of MIDI that the piece gets.
    pub(crate) fn note(&self, message: MidiMessage) {
        self.context.with(|work| work.held.take(message.bytes()));
    }

    /// Looks at the tables that are shown, after so many frames.
    ///
    /// # Realtime safety
    /// Safe.
    pub(crate) fn look_at_tables(&mut self, csound: &Csound, frames: usize) {
        if let Some(tables) = &mut self.tables {
            tables.look(&self.context, csound, frames);
        }
    }

    /// Looks at the signals that are shown, after so many frames.
    ///
    /// # Realtime safety
    /// Safe.
    pub(crate) fn look_at_signals(&self, csound: &Csound, frames: usize) {
        if self.has_signals {
            self.context.look_at_signals(frames, csound.sample_rate());
        }
    }

    /// Draws what a user has drawn into tables.
    ///
    /// # Realtime safety
    /// Safe: what is too much for one turn waits for the next.
    pub(crate) fn draw_tables(&self, csound: &mut Csound) {
        if self.tables.is_some() {
            self.context.draw_tables(csound);
        }
    }

    /// Sends what was changed up to the host.
    pub(crate) fn send(&self) {
        self.context.send();
    }
}

/// Why a piece cannot be performed by this Csound, if its section is in Cabbage 3's JSON.
pub(crate) fn refusal(piece: &Piece, generation: Generation) -> Option<String> {
    let Source::Csd(text) = &piece.source else { return None };
    (generation == Generation::Six && is_json(text)).then(|| {
        "its <Cabbage> section is in Cabbage 3's JSON, and such pieces are written for Csound 7: choose Csound 7 in \
         the settings, or write the section in lines, as Cabbage 2 has it"
            .to_owned()
    })
}

/// True if an orchestra names one of the opcodes, itself or in a file that it includes. A macro may be one.
fn names_one(piece: &Piece, orchestra: &str) -> bool {
    if has_name(orchestra) {
        return true;
    }
    let mut is_found = false;
    let folder: Option<&Path> = piece.folder.as_deref();
    let mut included = |name: &str| {
        let text = included_text(folder, name);
        is_found |= text.as_deref().is_some_and(has_name);
        text
    };
    let _ = scan_opcode_uses(orchestra, &mut included);
    is_found
}

/// True if a word begins as they do: `cabbageGetValue`, not `<Cabbage>`.
fn has_name(text: &str) -> bool {
    text.match_indices(BEGINNING)
        .any(|(at, name)| text[at + name.len()..].starts_with(|next: char| next.is_ascii_uppercase()))
}
