//! What a block asks of the performance: parameters that changed, the host's transport, MIDI and the
//! remote control, in the order of their frames. The audio thread's side of everything that steers a
//! piece in a host.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use nice_plug::prelude::{NoteEvent, PluginApi};

use csound_performance::Phase;
use csound_performance::blocks::{Block, Blocks};
use csound_performance::command::{Change, Command, Spent};
use csound_performance::engine::{EventKind, Prepared};

use crate::plugin::audio::host_values::HostValues;
use crate::plugin::audio::midi::{self, Burst};
use crate::plugin::audio::played::Played;
use crate::plugin::audio::remote_control::{Remote, RemoteControl};
use crate::plugin::audio::sysex::SysEx;
use crate::plugin::audio::transport::{HostBlock, Move, Sync, Transport};
use crate::plugin::channels::host::HostChannel;
use crate::plugin::channels::wiring::{FIRST_OF_HOST, FIRST_OF_INPUT, index_of};
use crate::plugin::params::Wishes;
use crate::plugin::shared::held_keys::HeldKeys;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::requests::{Risen, Trigger};
use crate::plugin::shared::score_line::ScoreLine;
use crate::plugin::slots::event_slots::EVENT_SLOTS;
use crate::plugin::slots::learning::Triggers;
use crate::user_input::InputChannel;

/// Room that is left for everything else when the host's channels are written.
const ROOM_FOR_EVENTS: usize = 4096;

/// What happens at a frame of the block.
#[derive(Clone, Copy)]
enum Due {
    Move(Move),
    Event,
    Cycle,
}

/// See the module. Belongs to the audio thread.
pub struct Steering {
    link: Arc<Link>,
    /// The loaded session whose parameters were last taken as they are.
    generation: u32,
    last: Wishes,
    /// The engine of that session is yet to be seated: it was started as `play` stood then.
    is_loaded: bool,
    risen: Risen,
    remote: RemoteControl,
    played: Played,
    transport: Transport,
    host: HostValues,
    /// What the host's channels were last written with.
    written: [f64; HostChannel::COUNT],
    /// The same of the user's channels.
    written_of_input: [f64; InputChannel::COUNT],
    slots: [Option<Arc<Prepared>>; EVENT_SLOTS],
    triggers: Triggers,
    held: HeldKeys,
    recording: bool,
    /// This block has asked for another engine already, so what ended plays by it.
    restarted: bool,
    /// A recording was asked for, and none stands by yet.
    awaits_recording: bool,
}

impl Steering {
    /// For an instance's shared link.
    pub fn new(link: Arc<Link>) -> Self {
        Self {
            played: Played::new(Arc::clone(&link)),
            link,
            generation: 0,
            last: Wishes::default(),
            is_loaded: false,
            risen: Risen::default(),
            remote: RemoteControl::default(),
            transport: Transport::default(),
            host: HostValues::default(),
            written: [f64::NAN; HostChannel::COUNT],
            written_of_input: [f64::NAN; InputChannel::COUNT],
            slots: Default::default(),
            triggers: Triggers::default(),
            held: HeldKeys::default(),
            recording: false,
            restarted: false,
            awaits_recording: false,
        }
    }

    /// Prepares for blocks of up to `largest` frames.
    pub fn activate(&mut self, largest: usize) {
        self.host = HostValues::new(largest);
        self.transport.forget();
        self.held.let_go(&self.link.lights);
    }

    /// What comes before a block: whether a fresh engine is asked for.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn before_block(&mut self, wishes: &Wishes) {
        if self.generation != self.link.requests.generation() {
            self.generation = self.link.requests.generation();
            self.last = *wishes;
            self.is_loaded = true;
            self.awaits_recording = false;
            self.transport.forget();
        }
        self.risen = self.link.requests.take_risen();
        if self.risen.has(Trigger::Restart) {
            self.link.shared.ask_for_renewal();
        }
        let (link, slots) = (&self.link, &mut self.slots);
        link.slots.take_changed(|slot, event| {
            if let Some(before) = slots.get_mut(slot).and_then(|place| std::mem::replace(place, event)) {
                link.shared.spend(Spent::Event(EventKind::Prepared(before)));
            }
        });
    }

    /// Asks for everything that the block brings.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn block(
        &mut self,
        block: &mut Block<'_>,
        wishes: &Wishes,
        host: &HostBlock,
        events: &[NoteEvent<SysEx>],
        api: PluginApi,
    ) {
        self.restarted = false;
        if block.is_renewed() {
            self.begin_anew();
        }
        block.stand(wishes.sync == Sync::Host && !host.playing);
        self.host.begin(host);
        let reading = &self.link.host;
        reading.tempo.store(host.tempo.unwrap_or(0.0), Ordering::Relaxed);
        reading.seconds.store(host.place().unwrap_or(f64::NAN), Ordering::Relaxed);
        reading.playing.store(host.playing, Ordering::Relaxed);
        let (bar, beat) =
            host.bar_and_beat().map_or((f64::NAN, f64::NAN), |(bar, beat)| (f64::from(bar), beat));
        reading.bar.store(bar, Ordering::Relaxed);
        reading.beat.store(beat, Ordering::Relaxed);
        self.act_on_parameters(block, wishes);
        self.play_keys(block);
        let steps = self.transport.block(wishes.sync, f64::from(wishes.offset), host);
        let mut steps = steps.iter().peekable();
        let burst = Burst::find(api, events);
        let (mut event, mut cycle) = (0, 0);
        let cycles = block.cycles();
        loop {
            // What begins a k-cycle comes before what happens in it; a step before an event.
            let next = [
                (cycle < cycles).then(|| (block.cycle_frame(cycle), Due::Cycle)),
                steps.peek().map(|step| (step.frame as i64, Due::Move(step.action))),
                events.get(event).map(|at| (i64::from(at.timing()), Due::Event)),
            ];
            let Some((frame, due)) = next
                .into_iter()
                .flatten()
                .reduce(|first, other| if other.0 < first.0 { other } else { first })
            else {
                break;
            };
            let frame_in_block = frame.max(0) as usize;
            match due {
                Due::Cycle => {
                    self.tell_of_the_host(block, cycle, frame);
                    self.tell_of_the_user(block, cycle);
                    cycle += 1;
                }
                Due::Move(action) => {
                    self.follow(block, frame_in_block, action);
                    steps.next();
                }
                Due::Event => {
                    if !burst.has(&events[event]) {
                        self.event(block, frame_in_block, &events[event]);
                    }
                    event += 1;
                }
            }
        }
    }

    /// Another engine takes over: it knows of no notes, and is told of the channels again.
    fn begin_anew(&mut self) {
        self.written = [f64::NAN; HostChannel::COUNT];
        self.written_of_input = [f64::NAN; InputChannel::COUNT];
        self.played.begin_anew();
        self.link.bank.move_again();
    }

    /// The host has reset us: notes are over, what was expected of its transport does not hold.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn reset(&mut self, blocks: &mut Blocks) {
        self.played.reset(blocks);
        self.transport.forget();
        self.held.let_go(&self.link.lights);
    }

    /// Asks for what parameters want, all of it at frame 0: the shell splits a block at every frame at which
    /// a parameter moves (`SAMPLE_ACCURATE_AUTOMATION`), so a parameter has moved before its block began.
    fn act_on_parameters(&mut self, block: &mut Block<'_>, wishes: &Wishes) {
        let last = std::mem::replace(&mut self.last, *wishes);
        self.remote.set_channel(wishes.remote_channel);
        self.write_moved(block, 0);
        // What moved since the loaded piece was built, and before its first block, is still wanted of it.
        let is_first = block.is_renewed() && std::mem::take(&mut self.is_loaded);
        let stands = if wishes.play { Phase::Paused } else { Phase::Playing };
        let is_late = is_first && wishes.sync == Sync::Free && block.phase() == stands;
        if wishes.play != last.play || is_late {
            self.change(block, 0, if wishes.play { Change::Play } else { Change::Pause });
        }
        if self.risen.has(Trigger::Stop) {
            self.change(block, 0, Change::Stop);
        }
        if wishes.offset != last.offset && wishes.sync == Sync::Free {
            self.seek(block, 0, f64::from(wishes.offset));
        }
        // The editor's press counts where the parameter stood there already, or was the first to be seen.
        let is_asked = self.link.take_recording_asked() && wishes.record;
        if wishes.record != last.record || is_asked {
            self.record(block, 0, wishes.record);
        } else if self.awaits_recording {
            self.record_when_it_can_be(block);
        }
        for slot in self.risen.events() {
            self.send_slot(block, 0, slot);
        }
        let instrument = self.link.named_instrument().unwrap_or(wishes.instrument);
        self.played.begin_block(block, wishes.note_mode, instrument);
    }

    /// Writes the channels that have moved.
    fn write_moved(&self, block: &mut Block<'_>, frame: usize) {
        self.link.bank.take_moved(|place, value| {
            let value = self.played.follow(block, frame, place, value);
            let index = index_of(place);
            // A full agenda drops the value; the parameter's next movement brings a newer one.
            let _ = block.ask(frame, Command::Event(EventKind::Channel { index, value }));
        });
    }

    /// A program change has chosen a preset: the control thread reads it. An offline render waits for that.
    fn wait_for_program(&self, block: &mut Block<'_>, frame: usize) {
        if block.is_offline() {
            self.link.wait_for_program();
            self.write_moved(block, frame);
        }
    }

    fn follow(&mut self, block: &mut Block<'_>, frame: usize, action: Move) {
        match action {
            Move::Play => self.change(block, frame, Change::Play),
            Move::Pause => self.change(block, frame, Change::Pause),
            Move::Seek(seconds) => self.seek(block, frame, seconds),
        }
    }

    fn seek(&mut self, block: &mut Block<'_>, frame: usize, seconds: f64) {
        // Csound ends the notes that it does not skip into; those of ours are forgotten with them.
        self.played.forget_score_events();
        let _ = block.ask(frame, Command::Event(EventKind::Seek(seconds.max(0.0))));
    }

    /// Plays the keys of the editor's keyboard as the host's notes are played.
    fn play_keys(&mut self, block: &mut Block<'_>) {
        while let Some(message) = self.link.keys.pop() {
            if let Ok(event) = NoteEvent::from_midi(0, &message) {
                self.event(block, 0, &event);
            }
        }
    }

    fn event(&mut self, block: &mut Block<'_>, frame: usize, event: &NoteEvent<SysEx>) {
        if let NoteEvent::MidiSysEx { message, .. } = event {
            return self.remote_message(block, frame, message.bytes());
        }
        if let Some(message) = midi::to_piece(event) {
            let bytes = message.bytes();
            if let Some(slots) = self.triggers.take(&self.link.learning, bytes) {
                let triggered = (0..EVENT_SLOTS).filter(|slot| slots & 1 << slot != 0);
                return triggered.for_each(|slot| self.send_slot(block, frame, slot));
            }
            if self.link.learned.take(bytes, |place, position| self.link.bank.moved_to(place, position)) {
                return self.write_moved(block, frame);
            }
            if self.link.programs.take(bytes) {
                return self.wait_for_program(block, frame);
            }
            if self.remote.is_for_remote(bytes[0] & 0x0F) {
                return self.remote_message(block, frame, bytes);
            }
            self.held.follow(bytes, &self.link.lights);
        } else if matches!(event, NoteEvent::NoteOff { .. } | NoteEvent::Choke { .. }) {
            // Every key, or every channel: which ones sound is the notes' business.
            self.held.let_go(&self.link.lights);
        }
        self.played.event(block, frame, event);
    }

    fn remote_message(&mut self, block: &mut Block<'_>, frame: usize, bytes: &[u8]) {
        let before = self.remote.malformed();
        let asked = self.remote.message(bytes);
        self.link.note_malformed(self.remote.malformed() - before);
        match asked {
            Some(Remote::Play | Remote::DeferredPlay) => self.change(block, frame, Change::Play),
            Some(Remote::Pause) => self.change(block, frame, Change::Pause),
            Some(Remote::TogglePause) => self.change(block, frame, Change::Toggle),
            Some(Remote::Stop) => self.change(block, frame, Change::Stop),
            Some(Remote::Restart) => self.restart(block, frame),
            Some(Remote::RecordStrobe) => self.record(block, frame, true),
            Some(Remote::RecordExit) => self.record(block, frame, false),
            Some(Remote::ToggleRecord) => {
                self.record(block, frame, !(self.recording || self.awaits_recording));
            }
            Some(Remote::Locate(seconds)) => self.seek(block, frame, seconds),
            Some(Remote::OffsetPercent(percent)) => {
                if let Some(length) = self.link.score_length() {
                    self.seek(block, frame, length * percent / 100.0);
                }
            }
            Some(Remote::Slot(slot)) => self.send_slot(block, frame, slot),
            Some(Remote::Line(line)) => self.send_line(block, frame, line),
            None => {}
        }
    }

    fn send_slot(&mut self, block: &mut Block<'_>, frame: usize, slot: usize) {
        if let Some(Some(event)) = self.slots.get(slot) {
            let event = EventKind::Prepared(Arc::clone(event));
            // A full agenda hands it back; the slot still holds it, so nothing is freed here.
            let _ = block.ask(frame, Command::Event(event));
        }
    }

    fn record(&mut self, block: &mut Block<'_>, frame: usize, on: bool) {
        self.awaits_recording = false;
        if !on {
            self.recording = false;
            let _ = block.ask(frame, Command::StopRecord);
            return;
        }
        if block.is_offline() {
            self.link.wait_for_standby();
        }
        if let Some(tap) = self.link.standby.pop() {
            self.recording = true;
            if let Err(Command::Record(tap)) = block.ask(frame, Command::Record(tap)) {
                self.link.shared.spend(Spent::Tap(tap));
            }
        } else {
            // It begins as soon as one stands by, unless the control thread says that none will.
            self.awaits_recording = true;
            self.link.note_unready_recording();
        }
    }

    fn record_when_it_can_be(&mut self, block: &mut Block<'_>) {
        if self.link.take_recording_given_up() {
            self.awaits_recording = false;
        } else if !self.link.standby.is_empty() {
            self.record(block, 0, true);
        }
    }

    /// Writes what the piece reads of the host before k-cycle `cycle`, which begins at `frame`.
    fn tell_of_the_host(&mut self, block: &mut Block<'_>, cycle: usize, frame: i64) {
        let used = self.link.host_channels();
        if used == 0 || block.phase() != Phase::Playing {
            return;
        }
        for (number, channel) in HostChannel::ALL.into_iter().enumerate() {
            if used & 1 << number == 0 || !block.has_room_for(ROOM_FOR_EVENTS) {
                continue;
            }
            let value = self.host.value(channel, frame);
            if value != self.written[number] {
                self.written[number] = value;
                let index = FIRST_OF_HOST + number;
                block.ask_before_cycle(cycle, Command::Event(EventKind::Channel { index, value }));
            }
        }
    }

    /// Writes what the piece reads of the user before k-cycle `cycle`. A switch that went on and off again since the last
    /// time is on in it.
    fn tell_of_the_user(&mut self, block: &mut Block<'_>, cycle: usize) {
        let used = self.link.input.used();
        if used == 0 {
            return;
        }
        let pressed = self.link.input.take_pressed();
        if block.phase() != Phase::Playing {
            return;
        }
        for (number, channel) in InputChannel::ALL.into_iter().enumerate() {
            if used & 1 << number == 0 || !block.has_room_for(ROOM_FOR_EVENTS) {
                continue;
            }
            let was_pressed = pressed & 1 << number != 0;
            let value = if was_pressed { 1.0 } else { self.link.input.value(channel) };
            if value != self.written_of_input[number] {
                self.written_of_input[number] = value;
                let index = FIRST_OF_INPUT + number;
                block.ask_before_cycle(cycle, Command::Event(EventKind::Channel { index, value }));
            }
        }
    }

    /// Begins again from the start. In real time that is when the engine is there; an offline render waits, and
    /// begins in the k-cycle in which `frame` falls.
    fn restart(&mut self, block: &mut Block<'_>, frame: usize) {
        self.link.shared.ask_for_renewal();
        if !block.is_offline() {
            return;
        }
        self.link.wait_for_engine();
        let Some(seat) = self.link.arrivals.pop() else { return };
        match block.seat(frame, seat) {
            Ok(()) => {
                self.restarted = true;
                self.begin_anew();
            }
            // One of another k-cycle: the next block sees to it.
            Err(seat) => {
                if let Some(displaced) = self.link.arrivals.force_push(seat) {
                    self.link.shared.spend(Spent::Seat(displaced));
                }
            }
        }
    }

    /// Sends a line of the remote control. In real time that is when it has been checked; an offline render waits
    /// for that.
    fn send_line(&mut self, block: &mut Block<'_>, frame: usize, line: ScoreLine) {
        if !block.is_offline() {
            return self.link.send_line_later(line);
        }
        if let Some(event) = self.link.wait_for_line(line)
            && let Err(Command::Event(event)) = block.ask(frame, Command::Event(event))
        {
            self.link.shared.spend(Spent::Event(event));
        }
    }

    /// A full agenda holds thousands of commands already; the state is the user's to ask for again.
    fn change(&mut self, block: &mut Block<'_>, frame: usize, change: Change) {
        let plays = matches!(change, Change::Play | Change::Toggle);
        if plays && block.is_offline() && block.phase() == Phase::Ended && !self.restarted {
            // What is over plays again by another engine.
            return self.restart(block, frame);
        }
        let _ = block.ask(frame, Command::Change(change));
    }
}
