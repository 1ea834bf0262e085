//! What a Csound cannot be given while it performs.

use std::ffi::CStr;

use csound_library::{Csound, Generation, Level, Library};

use crate::engine::console::ConsoleLine;
use crate::engine::event::{EventKind, Prepared};
use crate::engine::piece::live_text::ends_csound_7;
use crate::engine::piece::starters::starter_in;
use crate::engine::piece::{self, Piece, PreparedPiece, Source};

/// The note on a piece whose score has sections, where Csound cannot play them with MIDI and events.
const SECTIONS_ALONE: &str = "this Csound hangs at the end of a score's section once MIDI or an event has come in \
                              from outside, so this piece gets no MIDI and no events: its score has sections. \
                              Csound 6 plays both";

/// The words for events that were left out.
const LEFT_OUT: &str =
    "an event was not played: the score has sections, at the end of which this Csound would hang";

/// The words for a line that was left out.
const UNREADABLE: &str = "an event was not played, as this Csound would end on it: its strings cannot have { or } in \
                          them, nor n or m before a blank without a letter behind it, nor a blank in an instrument's name";

/// The words for code that was left out.
pub(super) const CODE_LEFT_OUT: &str = "it starts notes, and the score has sections, at the end of which this Csound would \
                                        hang";

/// Frames between two tellings of events that are left out.
const PAUSE: i64 = 48_000;

/// What cannot be given to the Csound that performs a piece.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// True if it plays sections, and only those.
    has_sections_only: bool,
    /// The first opcode by which the orchestra would start notes itself.
    starter: Option<String>,
    /// The frame of the last telling.
    told: Option<i64>,
}

impl Guard {
    pub(super) fn of(piece: &Piece, prepared: &PreparedPiece, library: &Library) -> Self {
        let generation = library.generation();
        let has_sections_only = !library.plays_sections_with_events()
            && prepared.files.iter().any(|file| piece::has_sections(file, generation));
        let starter = has_sections_only.then(|| starter(piece)).flatten();
        Self { has_sections_only, starter, told: None }
    }

    /// True if events and MIDI may come in.
    pub(super) fn takes_events(&self) -> bool {
        !self.has_sections_only
    }

    /// True if this event may come in: where none may, still the end of all, and what
    /// is no event to Csound.
    pub(super) fn takes(&self, kind: &EventKind) -> bool {
        let is_end = match kind {
            EventKind::Score(event) => event.opcode == b'e',
            EventKind::Message(line) => line.to_bytes().starts_with(b"e"),
            EventKind::Prepared(prepared) => match prepared.as_ref() {
                Prepared::Score(event) => event.opcode == b'e',
                Prepared::Message(line) => line.to_bytes().starts_with(b"e"),
            },
            EventKind::Note(_) => false,
            EventKind::Code(code) => !code.starts_notes(),
            EventKind::Midi(_)
            | EventKind::Channel { .. }
            | EventKind::Seek(_)
            | EventKind::Hold
            | EventKind::NotesOff => true,
        };
        is_end || self.takes_events()
    }

    /// The words for the console when the piece starts.
    pub(super) fn notes(&self) -> Vec<ConsoleLine> {
        let sections = self.has_sections_only.then(|| ConsoleLine::note(SECTIONS_ALONE));
        let starter = self.starter.as_ref().map(|opcode| {
            ConsoleLine::warning(format!(
                "`{opcode}` starts notes from the orchestra: this Csound then hangs at the end of the section. Use \
                 Csound 6 for this piece, or take the sections (s) out of its score"
            ))
        });
        sections.into_iter().chain(starter).collect()
    }

    /// Says that an event was left out, once a second at most.
    pub(super) fn tell_of_sections(&mut self, csound: &Csound) {
        let now = csound.current_time_samples();
        if self.told.is_none_or(|told| now < told || now - told >= PAUSE) {
            self.told = Some(now);
            csound.handle().tell(Level::Warning, LEFT_OUT);
        }
    }

    /// Why a line of an event is not handed over.
    pub(super) fn refuses(&self, csound: &Csound, line: &CStr) -> Option<&'static str> {
        let reads_as_score = csound.library().generation() == Generation::Seven;
        (reads_as_score && ends_csound_7(line.to_bytes())).then_some(UNREADABLE)
    }
}

/// The first opcode of an orchestra that starts notes.
fn starter(piece: &Piece) -> Option<String> {
    let text = match &piece.source {
        Source::Csd(text) => text,
        Source::OrcSco { orc, .. } => orc,
    };
    starter_in(text)
}
