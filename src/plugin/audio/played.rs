//! The notes that the host and the editor's keys play, whichever way they reach the piece: as MIDI, each with a channel of
//! its own, or as score events. Belongs to the audio thread; all of it is realtime-safe.

mod held;
mod member_events;
mod members;
mod modulation;
mod note_events;
pub mod notes;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use nice_plug::prelude::NoteEvent;

use csound_performance::blocks::{Block, Blocks};
use csound_performance::command::Command;
use csound_performance::engine::{EventKind, MidiMessage};

use super::midi;
use super::sysex::SysEx;
use crate::plugin::params::NoteMode;
use crate::plugin::shared::link::Link;
use held::Held;
use members::Members;
use modulation::Modulation;
use note_events::{Heard, end, end_of, hear, select};
use notes::Notes;

/// See the module.
pub struct Played {
    link: Arc<Link>,
    notes: Notes,
    members: Members,
    modulation: Modulation,
    held: Held,
    mode: NoteMode,
    /// Whether notes have channels of their own.
    has_members: bool,
}

impl Played {
    /// For an instance's shared link.
    pub fn new(link: Arc<Link>) -> Self {
        Self {
            link,
            notes: Notes::default(),
            members: Members::default(),
            modulation: Modulation::default(),
            held: Held::default(),
            mode: NoteMode::Midi,
            has_members: false,
        }
    }

    /// How notes reach the piece from now on, and the number of the instrument that they start as score events. Notes
    /// that sound in another way end.
    pub fn begin_block(&mut self, block: &mut Block<'_>, mode: NoteMode, instrument: u16) {
        self.notes.set_instrument(instrument);
        if std::mem::replace(&mut self.mode, mode) != mode {
            self.notes.all_off(|off| end(block, 0, off));
            self.modulation.end_all(&self.link.bank, |command| ask(block, 0, command));
            self.held.forget();
        }
        let has_members = mode == NoteMode::Midi && self.link.mpe.load(Ordering::Relaxed);
        if std::mem::replace(&mut self.has_members, has_members) && !has_members {
            self.members.leave(&mut |bytes| send(block, 0, bytes));
        }
    }

    /// Another engine takes over: it knows of no notes.
    pub fn begin_anew(&mut self) {
        self.notes.forget();
        self.members.forget();
        self.modulation.forget();
        self.held.forget();
    }

    /// Csound has ended the notes that are score events: it was moved elsewhere.
    pub fn forget_score_events(&mut self) {
        self.notes.forget();
    }

    /// The host has reset us: notes are over.
    pub fn reset(&mut self, blocks: &mut Blocks) {
        self.notes.all_off(|off| {
            // Room was left for it when the note began.
            let _ = blocks.ask_between(end_of(off));
        });
        self.modulation.end_all(&self.link.bank, |command| {
            // As in `ask`: a full agenda drops values.
            let _ = blocks.ask_between(command);
        });
        self.members.forget();
        self.held.forget();
    }

    /// Hands the piece an event of the host's.
    pub fn event(&mut self, block: &mut Block<'_>, frame: usize, event: &NoteEvent<SysEx>) {
        if let NoteEvent::PolyModulation { voice_id, poly_modulation_id, normalized_offset, .. } = *event {
            return self.modulate(block, frame, (voice_id, poly_modulation_id as usize, normalized_offset));
        }
        self.follow_held(block, frame, event);
        match self.mode {
            NoteMode::Midi => self.midi(block, frame, event),
            NoteMode::ScoreEvents => {
                let hears_expressions = self.link.hears_expressions();
                let notes = (&mut self.notes, &mut self.modulation);
                if hear(notes, hears_expressions, block, frame, event) == Heard::AsMidiToo {
                    self.midi(block, frame, event);
                }
            }
        }
    }

    /// What was added to parameters for a note goes with it.
    fn follow_held(&mut self, block: &mut Block<'_>, frame: usize, event: &NoteEvent<SysEx>) {
        let Self { held, modulation, link, .. } = self;
        let mut end = |id| modulation.end(&link.bank, id, |command| ask(block, frame, command));
        match *event {
            NoteEvent::NoteOn { voice_id, channel, key, .. } => {
                held.on(select(voice_id, channel, key));
                return;
            }
            NoteEvent::NoteOff { voice_id, channel, key, .. } => {
                held.off(select(voice_id, channel, key), &mut end);
            }
            NoteEvent::Choke { voice_id, channel, key, .. } => {
                held.choke(select(voice_id, channel, key), &mut end);
            }
            _ => return,
        }
        if held.is_empty() {
            // Nobody will say which.
            modulation.end_all(&link.bank, |command| ask(block, frame, command));
        }
    }

    fn midi(&mut self, block: &mut Block<'_>, frame: usize, event: &NoteEvent<SysEx>) {
        let is_taken = self.has_members
            && member_events::hear(&mut self.members, event, &mut |bytes| send(block, frame, bytes));
        if !is_taken && let Some(message) = midi::to_piece(event) {
            ask(block, frame, Command::Event(EventKind::Midi(message)));
        }
    }

    fn modulate(&mut self, block: &mut Block<'_>, frame: usize, added: (i32, usize, f32)) {
        let read = Some(&self.link.modulated).filter(|_| self.mode == NoteMode::ScoreEvents);
        self.modulation
            .modulate((&*self.link.bank, read), &self.notes, added, |command| ask(block, frame, command));
    }

    /// A parameter of the bank has moved to `value`: gives what its channel comes to stand at, with all that was added
    /// to it.
    pub fn follow(&self, block: &mut Block<'_>, frame: usize, place: usize, value: f64) -> f64 {
        let both = (&*self.link.bank, &self.link.modulated);
        self.modulation.follow(both, place, value, |command| ask(block, frame, command))
    }
}

/// A full agenda drops messages, as a MIDI port would, and values of channels: the next movement brings a newer one.
fn ask(block: &mut Block<'_>, frame: usize, command: Command) {
    let _ = block.ask(frame, command);
}

fn send(block: &mut Block<'_>, frame: usize, bytes: &[u8]) {
    if let Some(message) = MidiMessage::new(bytes) {
        ask(block, frame, Command::Event(EventKind::Midi(message)));
    }
}
