//! The host's driver: blocks of any size in and out, k-cycles of ksmps frames in between.
//!
//! One block is: [`Blocks::begin`], any number of [`Blocks::ask`] in the order of their frames,
//! [`Blocks::process`], then [`Blocks::midi_out`].

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use crate::engine::framing::{Framing, Place, Timing};
use crate::engine::planes::Planes;
use crate::engine::{MAX_KSMPS, MidiMessage, Span};

use super::command::{Command, Spent};
use super::performer::Performer;
use super::seat::Seat;
use super::shared::Shared;
use super::state::{Life, Phase, State};

/// Most channels that a host's input has: stereo main and stereo sidechain.
pub const HOST_INPUTS: usize = 4;

/// How an engine comes to the audio thread: newest wins, the one it displaces goes back.
pub type Arrivals = Arc<ArrayQueue<Box<Seat>>>;

/// Performs in a host's blocks. See the module.
pub struct Blocks {
    shared: Arc<Shared>,
    performer: Performer,
    framing: Framing,
    input: Planes,
    largest: usize,
    arrivals: Arrivals,
    /// An engine whose k-cycle or timing needs the host to restart us first.
    held: Option<Box<Seat>>,
    timing: Timing,
    /// The frame of the last block at which its first k-cycle was heard.
    heard_from: usize,
    /// Whether an engine was seated since the last block.
    renewed: bool,
}

impl Blocks {
    /// A driver without an engine, for blocks of up to `largest` frames once
    /// [`activate`](Self::activate)d.
    pub fn new(shared: Arc<Shared>, arrivals: Arrivals) -> Self {
        let state = State::new(Phase::Playing, Life::Renewable);
        Self {
            performer: Performer::new(Arc::clone(&shared), state),
            shared,
            framing: Framing::new(1, Timing::Immediate),
            input: Planes::default(),
            largest: 0,
            arrivals,
            held: None,
            timing: Timing::Exact,
            heard_from: 0,
            renewed: false,
        }
    }

    /// Prepares for blocks of up to `largest` frames at `sample_rate` and seats what has arrived.
    /// Engine, position and channels are kept, unless the engine performs at another rate. Not for
    /// the audio thread: it allocates.
    pub fn activate(&mut self, sample_rate: f64, largest: usize, timing: Timing) {
        self.timing = timing;
        self.largest = largest;
        self.receive();
        self.performer.unseat_other_rate(sample_rate);
        if let Some(seat) = self.held.take() {
            self.seat(seat, 0);
        }
        let ksmps = self.performer.format().map(|format| format.ksmps);
        self.framing = match ksmps {
            Some(ksmps) => Framing::new(ksmps, timing),
            None => Framing::new(1, Timing::Immediate),
        };
        self.input = Planes::new(HOST_INPUTS, largest + MAX_KSMPS);
        let needed = largest + 2 * self.framing.ksmps();
        if let Some(output) = self.performer.output()
            && output.frames() < needed
        {
            *output = Planes::new(output.channels(), needed);
        }
        self.empty_buffers();
    }

    /// Empties the framing and ends the notes of MIDI. Engine, position and channels are kept.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn reset(&mut self) {
        self.framing.reset();
        self.performer.reset();
        self.empty_buffers();
    }

    /// Frames from input to output: what the host is told.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn latency(&self) -> usize {
        self.framing.latency()
    }

    /// Whether an engine or a timing waits that needs another latency, so that the host has to
    /// restart us.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn wants_restart(&self, timing: Timing) -> bool {
        self.held.is_some() || self.has_engine() && timing != self.framing.timing()
    }

    /// Whether an engine is seated.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn has_engine(&self) -> bool {
        self.performer.format().is_some()
    }

    /// Changes the latency without the host having restarted us: seats the engine that waits for
    /// it, or takes the timing.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_over(&mut self, timing: Timing) {
        self.timing = timing;
        if let Some(seat) = self.held.take() {
            self.seat(seat, 0);
        }
        let ksmps = self.performer.format().map_or(1, |format| format.ksmps);
        self.framing = Framing::new(ksmps, timing);
        self.empty_buffers();
    }

    /// Performs nothing from the coming block on, until another engine arrives.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn unseat(&mut self) {
        self.performer.unseat();
        if let Some(held) = self.held.take() {
            self.shared.spend(Spent::Seat(held));
        }
    }

    /// Begins a block: seats an engine that has arrived, takes the commands that wait. Whether an
    /// engine was seated since the last block.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn begin(&mut self) -> bool {
        self.shared.attend();
        self.receive();
        if let Some(seat) = self.held.take_if(|seat| {
            seat.engine.format().ksmps == self.framing.ksmps() && self.framing.timing() == self.timing
        }) {
            self.seat(seat, self.framing.queued());
        }
        self.performer.take_commands(self.framing.place(0));
        std::mem::take(&mut self.renewed)
    }

    fn seat(&mut self, seat: Box<Seat>, queued: usize) {
        self.renewed = true;
        self.performer.seat(seat, queued);
    }

    /// Asks for something at a frame of the block that has begun. Frames must not descend. A full
    /// agenda hands the command back.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn ask(&mut self, frame: usize, command: Command) -> Result<(), Command> {
        self.performer.ask(self.framing.place(frame), command)
    }

    /// Asks for something before k-cycle `cycle` of the block that has begun, counted from 0. What does
    /// not fit the agenda is dropped: a value that the next k-cycle brings anew.
    ///
    /// # Realtime safety
    /// Safe, for commands that own nothing.
    pub fn ask_before_cycle(&mut self, cycle: usize, command: Command) {
        let _ = self.performer.ask(Place { cycle, frame: 0 }, command);
    }

    /// Asks for something before the k-cycle in which `frame` falls.
    ///
    /// # Realtime safety
    /// As [`ask_before_cycle`](Self::ask_before_cycle).
    pub fn ask_before_frame(&mut self, frame: usize, command: Command) {
        let Place { cycle, .. } = self.framing.place(frame);
        self.ask_before_cycle(cycle, command);
    }

    /// K-cycles that a block of `frames` performs.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn cycles(&self, frames: usize) -> usize {
        self.framing.cycles(frames.min(self.largest))
    }

    /// The frame of the coming block at which the time of k-cycle `cycle` begins; below 0 where that was
    /// in a block before.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn cycle_frame(&self, cycle: usize) -> i64 {
        let begun = match self.framing.timing() {
            Timing::Exact => -(self.framing.gathered() as i64),
            Timing::Immediate => self.framing.queued() as i64,
        };
        begun + (cycle * self.framing.ksmps()) as i64
    }

    /// Whether this many more commands fit.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn has_room_for(&self, commands: usize) -> bool {
        self.performer.has_room_for(commands)
    }

    /// Gives a channel of the block's input: 0 and 1 the main pair, 2 and 3 the sidechain. A channel
    /// that is not given is silence.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn input(&mut self, channel: usize, samples: &[f32]) {
        if channel < HOST_INPUTS && self.framing.timing() == Timing::Exact {
            let at = self.framing.gathered();
            let given = samples.len().min(self.largest);
            self.input.channel_mut(channel)[at..at + given].copy_from_slice(&samples[..given]);
        }
    }

    /// Performs the block into `outputs`, channels of equal length and at most the largest. A
    /// piece's single channel goes to both of a stereo pair; channels that only one side has are
    /// dropped or silent.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn process(&mut self, outputs: &mut [&mut [f32]], frames: usize, offline: bool) {
        let frames = frames.min(self.largest);
        let cycles = self.framing.cycles(frames);
        let queued = self.framing.queued();
        self.heard_from = queued;
        if cycles == 0 {
            self.performer.rest();
        } else {
            let span = Span { cycles, input_at: 0, output_at: queued };
            self.performer.perform(span, &self.input, offline);
        }
        self.give(outputs, frames);
        self.keep_rest(cycles, frames);
        self.framing.advance(frames);
    }

    /// MIDI that the piece sent in the last block, with its frame in the block.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn midi_out(&self) -> impl Iterator<Item = (usize, MidiMessage)> {
        let heard = |cycle: usize| self.heard_from + cycle * self.framing.ksmps();
        self.performer.midi_out().iter().map(move |sent| (heard(sent.cycle), sent.message))
    }

    /// The state of the performance.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn state(&self) -> &State {
        self.performer.state()
    }

    fn receive(&mut self) {
        while let Some(seat) = self.arrivals.pop() {
            if let Some(displaced) = self.held.replace(seat) {
                self.shared.spend(Spent::Seat(displaced));
            }
        }
    }

    fn empty_buffers(&mut self) {
        self.input.silence(0, self.input.frames());
        let queued = self.framing.queued();
        if let Some(output) = self.performer.output() {
            output.silence(0, queued);
        }
    }

    fn give(&mut self, outputs: &mut [&mut [f32]], frames: usize) {
        let Some(piece) = self.performer.output() else {
            for output in outputs {
                output.fill(0.0);
            }
            return;
        };
        for (channel, output) in outputs.iter_mut().enumerate() {
            let source = match (piece.channels(), channel) {
                (1, 1) => 0,
                _ => channel,
            };
            if source < piece.channels() {
                output[..frames].copy_from_slice(&piece.channel(source)[..frames]);
            } else {
                output.fill(0.0);
            }
        }
    }

    /// Moves what the next block needs to the front: output not yet given, input not yet performed.
    fn keep_rest(&mut self, cycles: usize, frames: usize) {
        let performed = cycles * self.framing.ksmps();
        let left = self.framing.queued() + performed - frames;
        if let Some(output) = self.performer.output() {
            output.move_to_front(frames, left);
        }
        if self.framing.timing() == Timing::Exact {
            let gathered = self.framing.gathered() + frames - performed;
            self.input.move_to_front(performed, gathered);
        }
    }
}

/// Where the coming frame stands, for commands that have no frame of their own.
pub const NOW: Place = Place { cycle: 0, frame: 0 };
