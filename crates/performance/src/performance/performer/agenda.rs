//! The commands and events that wait for their k-cycle, in order.

use std::collections::VecDeque;

use super::super::command::Command;
use super::super::seat::Seat;
use crate::engine::framing::{Place, nearest_boundary};
use crate::engine::{EventKind, VOICES};

/// Most commands and events that wait for their k-cycle at a time.
pub const AGENDA_CAPACITY: usize = 8192;

/// Voices of MIDI: a key on a channel.
const MIDI_VOICES: usize = 16 * 128;

/// A command and where it is to happen.
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) command: Command,
}

/// Commands and events by their place, for the next k-cycles to be performed.
pub(super) struct Agenda {
    /// In ascending order of place.
    items: VecDeque<Item>,
    /// The place of the last command that was asked: none overtakes it.
    asked: Place,
    /// K-cycles performed or passed in silence.
    passed: u64,
    /// By voice, the k-cycle after the one in which its last note begins.
    begun: Box<[u64]>,
}

impl Agenda {
    pub(super) fn new() -> Self {
        Self {
            items: VecDeque::with_capacity(AGENDA_CAPACITY),
            asked: Place { cycle: 0, frame: 0 },
            passed: 0,
            begun: vec![0; MIDI_VOICES + VOICES].into(),
        }
    }

    /// Puts a command on the agenda; see [`Performer::ask`](super::Performer::ask). `first` says that
    /// the next k-cycle is the performance's very first.
    pub(super) fn ask(
        &mut self,
        place: Place,
        command: Command,
        ksmps: usize,
        first: bool,
    ) -> Result<(), Command> {
        if !self.has_room_for(1) {
            return Err(command);
        }
        let place = if is_exact(&command) { place } else { nearest_boundary(place, ksmps) };
        let place = place.max(self.asked);
        self.asked = place;
        let place = self.after_its_beginning(&command, place, ksmps, first);
        let before = self.items.iter().rev().take_while(|item| item.place > place).count();
        self.items.insert(self.items.len() - before, Item { place, command });
        Ok(())
    }

    /// Puts an event back that was taken and did not happen, behind what is due with it.
    pub(super) fn put_back(&mut self, place: Place, command: Command) {
        if self.has_room_for(1) {
            let before = self.items.iter().rev().take_while(|item| item.place > place).count();
            self.items.insert(self.items.len() - before, Item { place, command });
        }
    }

    /// True if this many more commands fit.
    pub(super) fn has_room_for(&self, commands: usize) -> bool {
        self.items.len() + commands <= AGENDA_CAPACITY
    }

    /// The end of a note never comes in the k-cycle of its beginning, where Csound would make
    /// silence of both: it then comes a k-cycle later, and only it.
    fn after_its_beginning(&mut self, command: &Command, place: Place, ksmps: usize, first: bool) -> Place {
        let Command::Event(kind) = command else { return place };
        let Some((voice, begins)) = voice_of(kind) else { return place };
        let cycle = self.passed + place.cycle as u64;
        let begun = &mut self.begun[voice];
        if begins {
            // In its very first k-cycle Csound starts what is due in the second half a k-cycle late.
            let late = first && place.cycle == 0 && place.frame > 0 && 2 * place.frame >= ksmps;
            *begun = cycle + 1 + u64::from(late);
            return place;
        }
        match begun.checked_sub(cycle) {
            Some(wait @ 1..) => Place { cycle: place.cycle + wait as usize, frame: 0 },
            _ => place,
        }
    }

    /// Takes the first item, if it is due before k-cycle `end`.
    pub(super) fn next_before(&mut self, end: usize) -> Option<Item> {
        self.items.pop_front_if(|item| item.place.cycle < end)
    }

    /// Takes an engine that is to take over later, if there is one.
    pub(super) fn take_seat(&mut self) -> Option<Box<Seat>> {
        let at = self.items.iter().position(|item| matches!(item.command, Command::Seat(_)))?;
        match self.items.remove(at)?.command {
            Command::Seat(seat) => Some(seat),
            _ => None,
        }
    }

    /// Takes the first item, wherever it was to happen.
    pub(super) fn next(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    /// The k-cycle of the first item before which a turn has to end: one that is not an event, a seek, before
    /// which what sounds has to end, or the beginning of a note if that `wakes`.
    pub(super) fn first_turn(&self, wakes: bool) -> Option<usize> {
        let item = self.items.iter().find(|item| match &item.command {
            Command::Event(EventKind::Seek(_)) => true,
            Command::Event(kind) => wakes && begins_note(kind),
            _ => true,
        });
        item.map(|item| item.place.cycle)
    }

    /// Counts all places from `cycles` k-cycles later.
    pub(super) fn shift(&mut self, cycles: usize) {
        self.passed += cycles as u64;
        self.asked = match self.asked.cycle.checked_sub(cycles) {
            Some(cycle) => Place { cycle, ..self.asked },
            None => Place { cycle: 0, frame: 0 },
        };
        for item in &mut self.items {
            item.place.cycle -= cycles.min(item.place.cycle);
        }
    }
}

/// True for what happens on its exact frame, inside a k-cycle.
fn is_exact(command: &Command) -> bool {
    match command {
        Command::Event(EventKind::Score(_) | EventKind::Prepared(_))
        | Command::Record(_)
        | Command::StopRecord => true,
        Command::Event(EventKind::Note(note)) => note.begins(),
        _ => false,
    }
}

/// Whether an event begins a note of MIDI or of keys.
pub(super) fn begins_note(kind: &EventKind) -> bool {
    voice_of(kind).is_some_and(|(_, begins)| begins)
}

/// The voice that an event begins (true) or ends.
fn voice_of(kind: &EventKind) -> Option<(usize, bool)> {
    match kind {
        EventKind::Note(note) => Some((MIDI_VOICES + usize::from(note.voice) % VOICES, note.begins())),
        EventKind::Midi(message) => match *message.bytes() {
            [status @ 0x80..=0x9F, key, velocity] => {
                let voice = usize::from(status & 0x0F) * 128 + usize::from(key);
                Some((voice, status >= 0x90 && velocity > 0))
            }
            _ => None,
        },
        _ => None,
    }
}
