//! The engine boundary: what performs a piece, one *turn* at a time.
//!
//! A [`Turn`] is what one callback asks of an engine: some k-cycles with their input, events and
//! output. Everything above this boundary (commands, state, framing, the plugin) is the same
//! whether libcsound performs in this process ([`local::LocalEngine`]), in a process of its own, or
//! not at all (the fakes of the tests).
//!
//! Reading order: `turn`, `event`, `spec`, `cabbage` (a piece's widgets), [`framing`] (host blocks and k-cycles), [`piece`] (the text that
//! is performed), [`local`] (the turn over libcsound). Then the engine process: [`wire`] (a turn in shared
//! memory), [`protocol`] (what else is said), `remote` (the host's side), `serve` (the engine's), `sandbox`
//! and `platform`.

#![warn(unreachable_pub)]
#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there are no engine processes yet"))]

mod active;
mod cabbage;
mod console;
mod event;
pub mod folders;
pub mod framing;
pub mod local;
pub mod opcode_libraries;
pub mod piece;
pub mod planes;
mod process;
pub mod resource_file;
mod sounding;
mod spec;
pub(crate) mod timing;
mod turn;

pub use active::{ActiveInstrument, MOST_ACTIVE};
pub use cabbage::Exchange;
pub use console::{ConsoleLine, LONGEST_LINE};
pub use csound_library::MidiMessage;
pub use event::{AnswerError, Code, Purpose, Reply};
pub use event::{Event, EventKind, NOTE_FIELDS, Note, PField, Prepared, ScoreEvent, TimeBase, VOICES};
pub use piece::score_entries::{MOST_ENTRIES, ScoreEntry};
#[cfg(target_os = "linux")]
pub use process::{platform, remote, serve};
pub use process::{protocol, wire};
pub use sounding::Sounding;
pub use spec::{Abandoned, AtEnd, PieceSpec, Shown, StartError, Started};
pub use turn::{
    Engine, Format, MAX_KSMPS, MIDI_OUT_CAPACITY, MidiOut, Outcome, READ_CHANNELS, Span, Turn, Wait,
};

/// The option by which the engine program says a libcsound's version, and does nothing else.
pub const VERSION_OPTION: &str = "--csound-version";

/// What reads foreign bytes, for the fuzz targets and their tests in `fuzz/`. Nothing of it is promised.
#[doc(hidden)]
pub mod foreign {
    pub use super::piece::length::score_length;
    pub use super::piece::opcode_uses::scan_opcode_uses;
    pub use super::piece::options::{OptionReader, choose};
    pub use super::piece::score::hold_open;
    pub use super::piece::score_entries::score_entries;
    pub use super::piece::{hold_score_open, take_out_foreign_parts};
    pub use super::process::protocol::{Inbox, LONGEST_FROM_ENGINE, LONGEST_TO_ENGINE, to_bytes};
    pub use super::process::wire::events::{EventBytes, describe, read_events};
    pub use super::process::wire::{MIDI_BYTES, midi_from_bytes, midi_to_bytes};
}
