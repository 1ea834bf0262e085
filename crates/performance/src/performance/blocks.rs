//! The host's driver: blocks of any size in and out, k-cycles of ksmps frames in between.
//!
//! One block is: [`Blocks::begin`], any number of [`Block::ask`] in the order of their frames, the
//! channels of its [`Block::input`], and [`Block::finish`], which gives what came of it.
//!
//! ```
//! # if csound_library::Library::get().is_err() { return Ok(()) }
//! use std::sync::Arc;
//!
//! use csound_performance::blocks::{Blocks, Seat, Timing, arrivals};
//! use csound_performance::{LocalEngine, Performance, Piece, PieceSpec, Shared, Source};
//!
//! const LARGEST: usize = 512; // frames of a block, at most
//!
//! // Off the audio thread: start a piece, seat its engine.
//! let orc = "ksmps = 64\nnchnls = 2\n0dbfs = 1\ninstr 1\na1 oscili 0.2, 440\nouts a1, a1\nendin\n";
//! let source = Source::OrcSco { orc: orc.into(), sco: "i 1 0 10".into() };
//! let spec = PieceSpec::new(Piece { name: "sine.orc".into(), source, folder: None }, 48_000.0);
//! let started = LocalEngine::start(&spec, &mut |line| println!("{}", line.text))?;
//! let (shared, arrivals) = (Arc::<Shared>::default(), arrivals());
//! arrivals.force_push(Box::new(Seat::new(Box::new(started.engine), LARGEST)));
//! let mut blocks = Blocks::new(Arc::clone(&shared), Arc::clone(&arrivals));
//! blocks.activate(48_000.0, LARGEST, Timing::Exact);
//! assert_eq!(blocks.latency(), 63); // ksmps - 1
//!
//! // On the audio thread: perform.
//! let (mut left, mut right) = ([0.0; LARGEST], [0.0; LARGEST]);
//! let done = blocks.begin(LARGEST, true).finish(&mut [&mut left, &mut right]);
//! assert_eq!(done.latency, 63);
//! assert!(left[..64].iter().all(|sample| *sample == 0.0) && left[64] != 0.0);
//!
//! // On any thread: steer, and free what the audio thread is done with.
//! let performance = Performance::new(Arc::clone(&shared));
//! performance.set_score_offset_seconds(5.0)?;
//! blocks.begin(LARGEST, true).finish(&mut [&mut left, &mut right]);
//! assert!(performance.score_time() > 5.0);
//! shared.free_spent();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The order of a block is in its types: what has finished cannot be asked for anything.
//!
//! ```compile_fail,E0382
//! # use csound_performance::{blocks::Blocks, command::{Change, Command}};
//! # fn perform(blocks: &mut Blocks, outputs: &mut [&mut [f32]]) {
//! let mut block = blocks.begin(64, false);
//! block.finish(outputs);
//! let _ = block.ask(0, Command::Change(Change::Play));
//! # }
//! ```

mod block;
mod late_midi;
mod room;

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use crate::engine::framing::{Framing, Place};
use crate::engine::planes::Planes;
use crate::engine::{Format, MAX_KSMPS, MidiMessage, Span, Wait};

use super::command::{Command, Spent};
use super::performer::Performer;
use super::shared::Shared;
use super::state::{Life, Phase, State};

pub use super::seat::Seat;
pub use crate::engine::framing::Timing;
pub use block::{Block, Done};

use late_midi::LateMidi;
use room::{has_room, make_room, takes_over};

/// Most channels that a host's input has: a main bus and a sidechain of 16 each.
pub const HOST_INPUTS: usize = 32;

/// Channels of a host's input where nothing else is said: stereo, and a stereo sidechain.
const USUAL_INPUTS: usize = 4;

/// The queue on which an engine comes to the audio thread. It holds one, the newest: `force_push` brings it
/// and gives back the one that it displaced, to be dropped.
pub type Arrivals = Arc<ArrayQueue<Box<Seat>>>;

/// The queue for engines, empty.
pub fn arrivals() -> Arrivals {
    Arc::new(ArrayQueue::new(1))
}

/// The driver of a performance in a host's blocks.
///
/// # Realtime safety
/// Safe, but for [`new`](Self::new) and [`activate`](Self::activate), which allocate. What is offline may
/// wait for its engine.
pub struct Blocks {
    shared: Arc<Shared>,
    performer: Performer,
    framing: Framing,
    input: Planes,
    /// Channels of the input from the next activation on.
    hears: usize,
    largest: usize,
    arrivals: Arrivals,
    /// An engine whose k-cycle or timing needs the host to restart us first.
    held: Option<Box<Seat>>,
    /// An engine at its start for when the transport starts, and whether it was asked for.
    spare: Option<Box<Seat>>,
    asked_spare: bool,
    /// The transport that the performance follows stands.
    stands: bool,
    timing: Timing,
    /// The frame of the last block at which its first k-cycle was heard.
    heard_from: usize,
    /// An engine was seated since the last block.
    renewed: bool,
    /// The block whose turn is not collected yet.
    posted: Option<Posted>,
    /// MIDI of the piece that waits for its sound: if the timing is pipelined. And frames that have passed of it.
    late_midi: LateMidi,
    passed: usize,
}

/// A block that the engine performs while the host's thread goes on.
#[derive(Clone, Copy)]
struct Posted {
    /// Frames of the block, and those of its k-cycles.
    frames: usize,
    performed: usize,
}

/// What brings another engine where one ends offline.
type Revive<'a> = dyn FnMut() -> Option<Box<Seat>> + 'a;

impl Blocks {
    /// A driver without an engine, for blocks of up to `largest` frames once
    /// [`activate`](Self::activate)d.
    pub fn new(shared: Arc<Shared>, arrivals: Arrivals) -> Self {
        let state = State::new(Phase::Playing, Life::Renewable);
        Self {
            performer: Performer::new(Arc::clone(&shared), state),
            shared,
            framing: Framing::new(1, Timing::Immediate, 0),
            input: Planes::default(),
            hears: USUAL_INPUTS,
            largest: 0,
            arrivals,
            held: None,
            spare: None,
            asked_spare: false,
            stands: false,
            timing: Timing::Exact,
            heard_from: 0,
            renewed: false,
            posted: None,
            late_midi: LateMidi::default(),
            passed: 0,
        }
    }

    /// From the next [`activate`](Self::activate) on the input has so many channels, at most [`HOST_INPUTS`]. There are
    /// 4 where it is never said.
    pub fn hear(&mut self, channels: usize) {
        self.hears = channels.min(HOST_INPUTS);
    }

    /// Prepares for blocks of up to `largest` frames at `sample_rate` (Hz) and seats what has arrived.
    /// Engine, position and channels are kept, unless the engine performs at another rate.
    pub fn activate(&mut self, sample_rate: f64, largest: usize, timing: Timing) {
        self.collect_shortly();
        self.late_midi.hasten();
        self.timing = timing;
        self.largest = largest;
        self.performer.end_what_sounds();
        while let Some(mut seat) = self.arrivals.pop() {
            make_room(&mut seat, largest);
            self.receive(seat);
        }
        self.performer.unseat_other_rate(sample_rate);
        // Engines that were to take over in the midst of a block that does not come any more.
        while let Some(seat) = self.performer.take_seat() {
            if self.held.is_some() || seat.engine.format().sample_rate != sample_rate {
                self.shared.spend(Spent::Seat(seat));
            } else {
                self.held = Some(seat);
            }
        }
        let other_rate = |seat: &mut Box<Seat>| seat.engine.format().sample_rate != sample_rate;
        if let Some(spare) = self.spare.take_if(other_rate) {
            self.shared.spend(Spent::Seat(spare));
            self.asked_spare = false;
        }
        if let Some(spare) = &mut self.spare {
            make_room(spare, largest);
        }
        if let Some(seat) = self.held.take() {
            self.seat(seat, 0);
        }
        let ksmps = self.performer.format().map(|format| format.ksmps);
        self.framing = match ksmps {
            Some(ksmps) => Framing::new(ksmps, timing, largest),
            None => Framing::new(1, Timing::Immediate, largest),
        };
        // An engine keeps what it was last given: what is heard no more is silence to it from now on.
        let channels = self.hears.max(self.input.channels());
        self.input = Planes::new(channels, largest + MAX_KSMPS);
        // Its buffer is as large as blocks were before, and there is nothing to fade into.
        self.performer.leave_at_once();
        if let Some(seat) = self.performer.present() {
            make_room(seat, largest);
        }
        self.empty_buffers();
    }

    /// Empties the framing and ends the notes of MIDI. Engine, position and channels are kept.
    pub fn reset(&mut self) {
        self.collect_shortly();
        self.late_midi.hasten();
        self.framing.reset();
        self.performer.reset();
        self.empty_buffers();
    }

    /// Frames from input to output: what the host is told.
    pub fn latency(&self) -> usize {
        self.framing.latency()
    }

    /// True while an engine or a timing waits that needs another latency, so that the host has to
    /// restart us.
    pub fn wants_restart(&self, timing: Timing) -> bool {
        self.held.is_some() || self.has_engine() && timing != self.framing.timing()
    }

    /// True while an engine is seated.
    pub fn has_engine(&self) -> bool {
        self.performer.format().is_some()
    }

    /// Changes the latency without the host having restarted us: seats the engine that waits for
    /// it, or takes the timing.
    pub fn take_over(&mut self, timing: Timing) {
        self.collect();
        self.late_midi.hasten();
        self.timing = timing;
        if let Some(seat) = self.held.take() {
            self.seat(seat, 0);
        }
        let ksmps = self.performer.format().map_or(1, |format| format.ksmps);
        self.framing = Framing::new(ksmps, timing, self.largest);
        self.empty_buffers();
    }

    /// Takes what came of the last block, if the engine performs it while the host's thread goes on: all that is
    /// asked of this driver does so first. It waits as [`finish`](Block::finish) does in the other timings: offline
    /// as long as the block takes.
    pub fn collect(&mut self) {
        self.collect_within(Wait::ToTheEnd, &mut || None);
    }

    /// The same, but never longer than in real time: for a host that rendered offline and does not any more. What
    /// is not there by then is a late turn. So do those wait for which no sound of it is to come:
    /// [`activate`](Self::activate), [`reset`](Self::reset), [`unseat`](Self::unseat).
    pub fn collect_shortly(&mut self) {
        self.collect_within(Wait::Shortly, &mut || None);
    }

    /// The same for a host that starts another engine where one ends, as for [`Block::finish_with`]: to be called
    /// before a block is begun.
    pub fn collect_with(&mut self, revive: &mut Revive<'_>) {
        self.collect_within(Wait::ToTheEnd, revive);
    }

    fn collect_within(&mut self, wait: Wait, revive: &mut Revive<'_>) {
        self.late_midi.pass(std::mem::take(&mut self.passed));
        let Some(Posted { frames, performed }) = self.posted.take() else { return };
        let Self { performer, input, arrivals, renewed, largest, .. } = &mut *self;
        let (present, largest) = (performer.format(), *largest);
        performer.collect(input, wait, &mut || fitting(revive()?, present, largest, renewed, arrivals));
        self.input.move_to_front(performed, self.framing.gathered());
        let ksmps = self.framing.ksmps();
        let last = frames.saturating_sub(1);
        for sent in self.performer.midi_out() {
            // Later than in an exact block by the depth; counted from the block that comes.
            let heard = (self.heard_from + sent.cycle * ksmps).min(last) + self.framing.depth();
            self.late_midi.push(heard - frames.min(heard), sent.message);
        }
    }

    /// Performs nothing from the coming block on, until another engine arrives.
    pub fn unseat(&mut self) {
        self.collect_shortly();
        self.performer.unseat();
        for seat in self.held.take().into_iter().chain(self.spare.take()) {
            self.shared.spend(Spent::Seat(seat));
        }
    }

    /// Asks for something between two blocks, such as the ends of notes before a
    /// [`reset`](Self::reset). It happens before the coming block. A full agenda hands the command back.
    pub fn ask_between(&mut self, command: Command) -> Result<(), Command> {
        self.collect();
        self.performer.ask(self.framing.place(0), command)
    }

    /// Begins a block of `frames` frames, at most the largest: seats an engine that has arrived, takes the
    /// commands that wait. `offline`: the host renders, so the block may take as long as it takes.
    pub fn begin(&mut self, frames: usize, offline: bool) -> Block<'_> {
        self.shared.attend();
        self.collect_within(Wait::of(offline), &mut || None);
        self.receive_all();
        if let Some(seat) = self.held.take_if(|seat| {
            seat.engine.format().ksmps == self.framing.ksmps() && self.framing.timing() == self.timing
        }) {
            self.seat(seat, self.framing.queued());
        }
        let is_needed = self.performer.is_holding() && !self.stands || self.shared.has_engine_ended();
        if let Some(spare) = self.spare.take_if(|_| is_needed) {
            // It may be of a piece that waits until the host has restarted us.
            if takes_over(&spare, self.performer.format(), self.largest) && self.held.is_none() {
                self.seat(spare, self.framing.queued());
            } else {
                self.shared.spend(Spent::Seat(spare));
            }
        }
        self.performer.take_commands(self.framing.place(0));
        let renewed = std::mem::take(&mut self.renewed);
        Block { frames: frames.min(self.largest), blocks: self, offline, renewed }
    }

    /// Says whether the performance follows a transport that stands, in the coming block. A key that is played then
    /// lets the piece perform with its score held; when the transport starts, a fresh engine takes over that was
    /// built meanwhile, or else this one goes back.
    pub fn stand(&mut self, stands: bool) {
        self.collect();
        self.stands = stands;
        self.performer.stand(stands);
    }

    fn seat(&mut self, seat: Box<Seat>, queued: usize) {
        self.renewed = true;
        self.performer.give_up_seats();
        self.asked_spare = false;
        self.performer.seat(seat, queued);
    }

    /// Takes the engines that have arrived. One that was built for smaller blocks than the host now gives is none
    /// for this thread to make larger: it goes back, and another is asked for.
    fn receive_all(&mut self) {
        while let Some(seat) = self.arrivals.pop() {
            if has_room(&seat, self.largest) {
                self.receive(seat);
            } else {
                self.shared.spend(Spent::Seat(seat));
                self.shared.ask_for_renewal();
            }
        }
    }

    fn receive(&mut self, seat: Box<Seat>) {
        if let Some(displaced) = self.spare.take() {
            self.shared.spend(Spent::Seat(displaced));
        }
        if seat.is_spare {
            self.spare = Some(seat);
            return;
        }
        self.asked_spare = false;
        if let Some(displaced) = self.held.replace(seat) {
            self.shared.spend(Spent::Seat(displaced));
        }
    }

    fn perform(&mut self, outputs: &mut [&mut [f32]], frames: usize, offline: bool, revive: &mut Revive<'_>) {
        let cycles = self.framing.cycles(frames);
        let queued = self.framing.queued();
        let is_ahead = self.framing.timing() == Timing::Pipelined;
        self.heard_from = queued - self.framing.depth();
        self.passed = frames;
        if is_ahead {
            self.posted = Some(Posted { frames, performed: cycles * self.framing.ksmps() });
        }
        if cycles == 0 {
            self.performer.rest();
        } else {
            let span = Span { cycles, input_at: 0, output_at: queued };
            let Self { performer, input, arrivals, renewed, largest, .. } = &mut *self;
            let (present, largest) = (performer.format(), *largest);
            let mut revive = || fitting(revive()?, present, largest, renewed, arrivals);
            match is_ahead {
                true => performer.post(span, input, offline, &mut revive),
                false => performer.perform(span, input, offline, &mut revive),
            }
        }
        if self.performer.is_holding() && !std::mem::replace(&mut self.asked_spare, true) {
            self.shared.ask_for_spare();
        }
        self.give(outputs, frames);
        self.keep_rest(cycles, frames);
        self.framing.advance(frames);
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
        self.performer.give(frames);
        // What is performed meanwhile needs its input where it is.
        if self.framing.timing() == Timing::Exact {
            let gathered = self.framing.gathered() + frames - performed;
            self.input.move_to_front(performed, gathered);
        }
    }
}

/// An engine that goes on where one of the format `present` ended. One that cannot waits for the next block, or
/// for the host.
fn fitting(
    seat: Box<Seat>,
    present: Option<Format>,
    largest: usize,
    renewed: &mut bool,
    arrivals: &Arrivals,
) -> Option<Box<Seat>> {
    if takes_over(&seat, present, largest) {
        *renewed = true;
        return Some(seat);
    }
    // There was no other.
    drop(arrivals.force_push(seat));
    None
}

/// The coming frame: the place of commands that have no frame of their own.
pub const NOW: Place = Place { cycle: 0, frame: 0 };
