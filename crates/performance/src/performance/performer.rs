//! The performer: commands in, turns to the engine, k-cycles of audio out. It runs on the performing
//! thread, whichever driver owns that: the host's callback (through [`super::blocks`]) or
//! [`super::thread`].
//!
//! One call of [`Performer::perform`] is some k-cycles (see [`crate::engine::framing`]). Its agenda
//! says what happens at which k-cycle; the k-cycles between two happenings are one turn of the engine. With
//! [`Performer::post`] the last of these turns stays with the engine, until [`Performer::collect`].

mod agenda;
mod leaving;
mod passage;
mod runs;

use std::sync::Arc;
use std::time::Duration;

use crate::engine::framing::Place;
use crate::engine::planes::Planes;
use crate::engine::{
    Event, EventKind, Format, MIDI_OUT_CAPACITY, MidiOut, Outcome, Sounding, Span, Turn, Wait,
};

use super::command::{Command, Cycle, ProcessCallback, Spent};
use super::fade::Fade;
use super::recorder::Tap;
use super::seat::Seat;
use super::shared::Shared;
use super::state::{Change, ENGINE_ENDED, Effect, Phase, State};
use agenda::{Agenda, begins_note};
use leaving::Leaving;
use passage::UnderWay;
use runs::Run;

pub use agenda::AGENDA_CAPACITY;

/// A recording in progress, with the exact frames of the coming k-cycle that it wants.
#[derive(Default)]
struct Recording {
    tap: Option<Box<Tap>>,
    from: usize,
    until: Option<usize>,
}

/// Commands in, turns to the engine, audio out.
///
/// # Realtime safety
/// Safe, but for `new` and `close`. What is `offline` may wait for its engine.
pub struct Performer {
    shared: Arc<Shared>,
    state: State,
    seat: Option<Box<Seat>>,
    leaving: Option<Leaving>,
    agenda: Agenda,
    events: Vec<Event>,
    midi_out: Vec<MidiOut>,
    /// What the piece has let sound at the host by MIDI: ended whenever the piece is interrupted.
    sounding: Sounding,
    recording: Recording,
    callback: Option<Box<ProcessCallback>>,
    fade: Fade,
    sounded: bool,
    /// The transport that the performance follows stands.
    stands: bool,
    /// The score is held at this time, for keys that are played meanwhile.
    held: Option<f64>,
    last: Outcome,
    /// The last flush that waits for the turn which executes what was queued before it.
    flushing: u64,
    /// The longest wait for a full recording ring; `None` on a thread that must not wait.
    patience: Option<Duration>,
    /// The frame of the output buffer with which the k-cycle begins that is at hand.
    output_at: usize,
    /// What the engine performs while the host's thread goes on.
    under_way: Option<UnderWay>,
}

/// The longest wait for a full recording ring while the host renders offline.
const OFFLINE_PATIENCE: Duration = Duration::from_secs(10);

impl Performer {
    /// A performer without an engine.
    pub fn new(shared: Arc<Shared>, state: State) -> Self {
        shared.publish_state(&state);
        Self {
            shared,
            state,
            seat: None,
            leaving: None,
            agenda: Agenda::new(),
            // A score that was held goes on by one more.
            events: Vec::with_capacity(AGENDA_CAPACITY + 1),
            midi_out: Vec::with_capacity(MIDI_OUT_CAPACITY),
            sounding: Sounding::default(),
            recording: Recording::default(),
            callback: None,
            fade: Fade::default(),
            sounded: false,
            stands: false,
            held: None,
            last: Outcome::default(),
            flushing: 0,
            patience: None,
            output_at: 0,
            under_way: None,
        }
    }

    /// Waits for the disk rather than lose frames of a recording: for a thread that no sound card
    /// waits for.
    pub fn be_patient(&mut self, limit: Duration) {
        self.patience = Some(limit);
    }

    /// The state of the performance.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The rate, k-cycle and channels of the present engine.
    pub fn format(&self) -> Option<Format> {
        self.seat.as_ref().map(|seat| seat.engine.format())
    }

    /// The present engine's output buffer.
    pub fn output(&mut self) -> Option<&mut Planes> {
        self.seat.as_mut().map(|seat| &mut seat.output)
    }

    /// MIDI that the piece sent during the last [`perform`](Self::perform), or the last that was
    /// [collected](Self::collect); `cycle` is the k-cycle.
    pub fn midi_out(&self) -> &[MidiOut] {
        &self.midi_out
    }

    /// Says whether the performance follows a transport that stands. Then a key that is played lets a paused piece
    /// perform, with its score held.
    pub fn stand(&mut self, stands: bool) {
        self.stands = stands;
    }

    /// Whether the score is held.
    pub fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Seats an engine. The one before it leaves: faded over 10 ms if both sound and their k-cycles
    /// are alike, at once if not. `queued` frames of its output that the host has not taken are
    /// kept.
    pub fn seat(&mut self, mut seat: Box<Seat>, queued: usize) {
        let format = seat.engine.format();
        let was_sounding = self.sounded && self.state.phase() == Phase::Playing;
        if let Some(leaving) = self.leaving.take() {
            self.spend(Spent::Seat(leaving.seat));
        }
        self.sounding.interrupt();
        if let Some(old) = self.seat.take() {
            for channel in 0..old.output.channels().min(seat.output.channels()) {
                let kept = queued.min(old.output.frames()).min(seat.output.frames());
                let waiting = &old.output.channel(channel)[..kept];
                seat.output.channel_mut(channel)[..kept].copy_from_slice(waiting);
            }
            let has_ended_unnoticed = !self.last.engine_ended && old.engine.has_ended();
            if was_sounding && has_ended_unnoticed {
                // No gap was heard, and there is nothing of it to fade out: the new one goes on from its last sample.
                self.fade.bridge();
            }
            if was_sounding
                && !self.last.engine_ended
                && !has_ended_unnoticed
                && old.engine.format().ksmps == format.ksmps
            {
                self.leaving = Some(Leaving::new(old, format.sample_rate));
            } else {
                self.spend(Spent::Seat(old));
            }
        }
        self.shared.publish_format(&format);
        let plays = seat.plays;
        self.seat = Some(seat);
        self.sounded = false;
        if self.held.take().is_some() {
            // The score of this one is not held.
            self.apply_change(Change::Pause);
        }
        self.apply_change(Change::Renewed);
        match plays {
            Some(true) => self.apply_change(Change::Play),
            Some(false) => self.apply_change(Change::Pause),
            None => {}
        }
    }

    /// The present engine.
    pub fn present(&mut self) -> Option<&mut Seat> {
        self.seat.as_deref_mut()
    }

    /// Takes an engine that is to take over later, if there is one.
    pub fn take_seat(&mut self) -> Option<Box<Seat>> {
        self.agenda.take_seat()
    }

    /// Gives back engines that were to take over: what comes now is newer.
    pub fn give_up_seats(&mut self) {
        while let Some(seat) = self.take_seat() {
            self.spend(Spent::Seat(seat));
        }
    }

    /// Gives the engine back: nothing is to be performed.
    pub fn unseat(&mut self) {
        self.give_up_seats();
        self.leave_at_once();
        self.sounding.interrupt();
        if let Some(seat) = self.seat.take() {
            self.spend(Spent::Seat(seat));
        }
    }

    /// Ends what the piece has let sound at the host by MIDI, with the next block: the host has interrupted
    /// the piece.
    pub fn end_what_sounds(&mut self) {
        self.sounding.interrupt();
    }

    /// Gives back an engine that performs at another rate than `sample_rate`.
    pub fn unseat_other_rate(&mut self, sample_rate: f64) {
        self.leave_at_once();
        if let Some(seat) = self.seat.take_if(|seat| seat.engine.format().sample_rate != sample_rate) {
            self.spend(Spent::Seat(seat));
        }
    }

    /// Puts a command on the agenda. Commands keep their order: one asked to happen before its
    /// predecessor happens with it. What cannot happen inside a k-cycle moves to the nearest
    /// boundary. A full agenda hands the command back.
    pub fn ask(&mut self, place: Place, command: Command) -> Result<(), Command> {
        let ksmps = self.format().map_or(1, |format| format.ksmps);
        self.agenda.ask(place, command, ksmps, self.last.frames == 0)
    }

    /// True if this many more commands fit the agenda.
    pub fn has_room_for(&self, commands: usize) -> bool {
        self.agenda.has_room_for(commands)
    }

    /// Takes the commands that wait in the queue of the [`Performance`](super::Performance) handles
    /// and asks them at `place`. What does not fit the agenda stays in the queue.
    pub fn take_commands(&mut self, place: Place) {
        while self.agenda.has_room_for(AGENDA_CAPACITY / 2 + 1) && self.shared.has_room_for_spent() {
            let Some(command) = self.shared.next_command() else { return };
            // The agenda was seen to have room.
            if let Err(command) = self.ask(place, command) {
                self.give_up(command);
                return;
            }
        }
    }

    /// Does what waits on the agenda for the coming k-cycle although no k-cycle is performed: what a
    /// paused driver calls, so that messages are executed while paused. `offline`: it may take as long
    /// as it takes, such as a seek.
    pub fn attend(&mut self, input: &Planes, offline: bool) {
        self.do_what_is_due(0, input, offline);
        if !self.events.is_empty() {
            self.have_events_taken(input, offline);
            self.shared.publish_outcome(&self.last);
        }
        self.shared.flushed(self.flushing);
    }

    /// Passes a block in which no k-cycle is completed.
    pub fn rest(&mut self) {
        self.midi_out.clear();
        self.sounding.end(0, &mut self.midi_out);
    }

    /// Ends the notes of MIDI and forgets what was asked of the engine: a host's reset.
    pub fn reset(&mut self) {
        while let Some(item) = self.agenda.next() {
            match item.command {
                Command::Event(EventKind::Midi(_)) => {}
                command => self.execute(command, 0, 0),
            }
        }
        self.leave_at_once();
        self.execute(Command::Event(EventKind::NotesOff), 0, 0);
        self.midi_out.clear();
        self.sounding.interrupt();
    }

    /// Gives back everything that belongs to other threads, at the end of the performing thread.
    pub fn close(&mut self) {
        self.finish();
        while let Some(item) = self.agenda.next() {
            self.give_up(item.command);
        }
        self.leave_at_once();
        if let Some(callback) = self.callback.take() {
            self.spend(Spent::Callback(callback));
        }
        if let Some(seat) = self.seat.take() {
            self.spend(Spent::Seat(seat));
        }
    }

    /// Gives back an engine that is on its way out, without a fade.
    pub fn leave_at_once(&mut self) {
        if let Some(leaving) = self.leaving.take() {
            self.spend(Spent::Seat(leaving.seat));
        }
    }

    /// Whether a key would let the piece perform.
    fn is_asleep(&self) -> bool {
        self.stands && self.state.phase() == Phase::Paused && self.seat.is_some()
    }

    /// Lets the piece perform for a key, with its score held.
    fn wake(&mut self, cycle: usize) {
        if self.events.len() < AGENDA_CAPACITY {
            self.events.push(Event { cycle, frame: 0, kind: EventKind::Hold });
            self.held = self.held.or(Some(self.last.score_time));
            self.apply_change(Change::Play);
        }
    }

    /// Lets a score that was held go on from there: somebody has asked for it.
    fn go_on(&mut self, cycle: usize) {
        if let Some(time) = self.held.take() {
            self.events.push(Event { cycle, frame: 0, kind: EventKind::Seek(time) });
        }
    }

    fn execute(&mut self, command: Command, cycle: usize, frame: usize) {
        match command {
            Command::Change(change) => {
                let plays = match change {
                    Change::Play => true,
                    Change::Toggle => self.state.phase() == Phase::Paused,
                    _ => false,
                };
                if plays {
                    self.go_on(cycle);
                }
                self.apply_change(change);
            }
            Command::Event(kind) => {
                if self.is_asleep() && begins_note(&kind) {
                    self.wake(cycle);
                }
                if matches!(kind, EventKind::Seek(_)) {
                    self.sounding.interrupt();
                    if self.held.take().is_some() && self.stands {
                        // The score is elsewhere now, and waits there.
                        self.apply_change(Change::Pause);
                    }
                }
                if self.state.phase() == Phase::Ended || self.events.len() >= AGENDA_CAPACITY {
                    self.spend(Spent::Event(kind));
                } else {
                    self.events.push(Event { cycle, frame, kind });
                }
            }
            Command::Record(tap) => {
                self.finish_recording();
                self.recording = Recording { tap: Some(tap), from: frame, until: None };
            }
            Command::StopRecord if frame == 0 => self.finish_recording(),
            Command::StopRecord => self.recording.until = Some(frame),
            Command::Callback(callback) => {
                let before = std::mem::replace(&mut self.callback, callback);
                if let Some(before) = before {
                    self.spend(Spent::Callback(before));
                }
                self.shared.publish_callback(self.callback.is_some());
            }
            Command::Request(mut request) => {
                if let Some(seat) = self.seat.as_ref().filter(|_| self.state.phase() != Phase::Ended) {
                    request.call(&self.coming_cycle(seat));
                }
                self.spend(Spent::Request(request));
            }
            Command::Seat(seat) => self.seat(seat, self.output_at),
            Command::Flush(ticket) => self.flushing = self.flushing.max(ticket),
        }
    }

    fn apply_change(&mut self, change: Change) {
        let played = self.state.phase() == Phase::Playing;
        let effect = self.state.apply(change);
        if change == Change::EngineEnded || played && self.state.phase() != Phase::Playing {
            self.sounding.interrupt();
        }
        match effect {
            Effect::None => {}
            Effect::Finish => self.finish(),
            Effect::Renew => self.shared.ask_for_renewal(),
        }
        self.shared.publish_state(&self.state);
    }

    fn finish(&mut self) {
        self.finish_recording();
        self.leave_at_once();
        self.spend_events();
    }

    fn finish_recording(&mut self) {
        if let Some(mut tap) = std::mem::take(&mut self.recording).tap {
            tap.finish();
            self.spend(Spent::Tap(tap));
        }
    }

    /// Drops a command that will not be executed: its ticket counts as flushed.
    fn give_up(&mut self, command: Command) {
        match command {
            Command::Flush(ticket) => self.shared.flushed(ticket),
            Command::Event(kind) => self.spend(Spent::Event(kind)),
            Command::Record(mut tap) => {
                tap.finish();
                self.spend(Spent::Tap(tap));
            }
            Command::Callback(Some(callback)) => self.spend(Spent::Callback(callback)),
            Command::Request(request) => self.spend(Spent::Request(request)),
            Command::Seat(seat) => self.spend(Spent::Seat(seat)),
            Command::Callback(None) | Command::Change(_) | Command::StopRecord => {}
        }
    }

    fn spend_events(&mut self) {
        while let Some(event) = self.events.pop() {
            if event.kind.owns() {
                self.spend(Spent::Event(event.kind));
            }
        }
    }

    fn spend(&mut self, spent: Spent) {
        self.shared.spend(spent);
    }
}
