//! The engine in a process of its own: the host's side.
//!
//! [`RemoteEngine`] performs turns on the audio thread: it writes into the shared memory, wakes the
//! engine, waits for a bounded time, and copies what came out, believing nothing. Its watch
//! thread listens to the process meanwhile, ends it when it does not get on, and says how it ended.
//!
//! # A late engine
//! A turn that is not answered in time is silence. It stays with the engine, and so does the time:
//! k-cycles that go by while the engine is busy are owed, and performed unheard before the next turn
//! that is heard, with the events that belong to them. So the piece is where it would have been.

mod code;
mod handle;
mod options;
mod program;
mod refusals;
mod start;
mod sums;
mod watch;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::platform;
use super::protocol::Ask;
use super::wire::events::EventBytes;
use super::wire::{self, Layout, SPIN};
use crate::engine::console::ConsoleLine;
use crate::engine::event::AnswerError;
use crate::engine::event::{Event, EventKind};
use crate::engine::spec::{AtEnd, PieceSpec, StartError, Started};
use crate::engine::turn::{Engine, Format, MIDI_OUT_CAPACITY, Outcome, READ_CHANNELS, Turn};
use crate::thread::this_thread;

pub use super::nursery::Nurseries;
pub use super::reading::file_read;
pub use handle::EngineHandle;
pub use options::Options;
pub use program::program;
pub use refusals::offers_machine_network;

use handle::{CODES, Inner};

/// The longest that one call of the audio thread waits for the engine.
pub const TURN_LIMIT: Duration = Duration::from_millis(50);

/// An engine that does not get on for so long is ended.
const HUNG: Duration = Duration::from_secs(2);

/// The same while the host renders offline, where nothing else is said: it can wait.
pub const HUNG_OFFLINE: Duration = Duration::from_secs(30);

/// The time that a seek may take beyond that, and seconds for each frame that it skips.
const SEEK_ALLOWANCE: Duration = Duration::from_secs(10);
const SEEK_PER_FRAME: f64 = 1e-6;

/// Frames that are owed at most when a turn is to be heard again; more are caught up with first.
const CATCH_UP_FRAMES: usize = 4096;

/// The longest that binding the channels may take.
const BIND_LIMIT: Duration = Duration::from_secs(2);

/// The fate of a part of a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The engine has it.
    Posted,
    /// It is not done in time, or was not even begun.
    Late,
    /// The engine has ended.
    Ended,
}

/// A turn whose last part the engine has.
struct UnderWay {
    /// What came of the parts before.
    outcome: Outcome,
    /// The last part: its first k-cycle, its k-cycles, its fate so far.
    done: usize,
    cycles: usize,
    fate: Fate,
    /// The time that it may still be waited for in real time.
    patience: Duration,
}

/// A piece that performs in a process of its own.
pub struct RemoteEngine {
    inner: Arc<Inner>,
    watch: Option<JoinHandle<()>>,
    format: Format,
    layout: Layout,
    /// The last turn that the engine was given.
    number: u32,
    /// True if that one is not answered yet.
    outstanding: bool,
    /// K-cycles that went by without the engine.
    owed: usize,
    /// Events that the engine was not given yet, those of owed k-cycles first.
    waiting: EventBytes,
    score_time: f64,
    frames: i64,
    /// True if the engine answered so fast lately that looking for it pays.
    brisk: bool,
    /// The thread whose scheduling the watch was told.
    told: usize,
    /// The time that the turn which is being written may take, beyond the usual.
    allowance: Duration,
    /// The same for the code in it.
    code_allowance: Duration,
    /// The longest that the engine may not get on while the host renders offline.
    offline_limit: Duration,
    /// The same for every turn: the way back to the beginning, if the score loops.
    loop_allowance: Duration,
    /// Events were lost while the engine was late, the ends of notes perhaps among them.
    overrun: bool,
    /// The turn that was posted and is not collected.
    under_way: Option<UnderWay>,
}

impl RemoteEngine {
    /// Starts an engine process and the piece in it. What Csound and we have to say about it goes to
    /// `console`, also if it fails.
    ///
    /// # Errors
    /// [`StartError`]; whatever else performs is not touched.
    pub fn start(
        spec: &PieceSpec,
        options: &Options,
        console: &mut dyn FnMut(ConsoleLine),
    ) -> Result<Started<Self>, StartError> {
        let (inner, watch, format, shown) = start::start(spec, options, console)?;
        inner.score_time.store(spec.score_start.to_bits(), Ordering::Relaxed);
        let engine = Self {
            watch: Some(watch),
            layout: Layout::new(format.ksmps),
            format,
            number: 0,
            outstanding: false,
            owed: 0,
            waiting: EventBytes::new(wire::EVENT_BYTES),
            score_time: spec.score_start,
            frames: 0,
            brisk: false,
            told: 0,
            allowance: seek_allowance(spec.score_start, format.sample_rate),
            code_allowance: Duration::ZERO,
            offline_limit: options.offline_limit,
            loop_allowance: match spec.at_end {
                AtEnd::Loop => seek_allowance(spec.score_start, format.sample_rate),
                AtEnd::Stop | AtEnd::Keep => Duration::ZERO,
            },
            overrun: false,
            under_way: None,
            inner,
        };
        Ok(Started { engine, shown })
    }

    /// A handle onto the process.
    pub fn handle(&self) -> EngineHandle {
        EngineHandle(Arc::clone(&self.inner))
    }

    fn word(&self, at: usize) -> u32 {
        self.inner.memory.word(at).load(Ordering::Relaxed)
    }

    fn put(&self, at: usize, value: u32) {
        self.inner.memory.word(at).store(value, Ordering::Relaxed);
    }

    fn is_answered(&self) -> bool {
        // Pairs with the engine's Release: the outcome is there.
        self.inner.memory.word(wire::ANSWER).load(Ordering::Acquire) == self.number
    }

    /// Writes the events of the coming k-cycles that fit, behind those that wait already. Gives how
    /// many events were taken and how many k-cycles the turn then has: fewer if the events of a
    /// later one do not fit, none if even those of the first do not.
    fn write_events(&mut self, events: &mut [Event], done: usize, cycles: usize) -> (usize, usize) {
        let (mut taken, mut codes) = (0, 0);
        while let Some(event) =
            events.get_mut(taken).filter(|event| cycles == 0 || event.cycle < done + cycles)
        {
            if let EventKind::Seek(seconds) = event.kind {
                self.allowance += seek_allowance(seconds, self.format.sample_rate);
            }
            let cycle = event.cycle.saturating_sub(done);
            let is_code = matches!(event.kind, EventKind::Code(_));
            let has_room = !is_code || self.inner.given.len() + codes < CODES;
            if has_room && self.waiting.push(self.owed + cycle, event.frame, &event.kind) {
                codes += usize::from(is_code);
            } else if self.owed == 0 && !self.outstanding {
                return self.cut_at_cycle(events, done, cycle, taken);
            } else if let EventKind::Code(code) = &mut event.kind {
                code.ended(Err(AnswerError::NoRoom));
            } else {
                self.overrun = true;
            }
            taken += 1;
        }
        (taken, cycles)
    }

    /// The room was full at `events[taken]`, in the turn's k-cycle `cycle`: the turn ends before it.
    fn cut_at_cycle(
        &mut self,
        events: &mut [Event],
        done: usize,
        cycle: usize,
        taken: usize,
    ) -> (usize, usize) {
        let first = events[..taken].iter().position(|event| event.cycle.saturating_sub(done) == cycle);
        let first = first.unwrap_or(taken);
        if cycle == 0 || first == 0 {
            // One event that no room can hold is passed over: code, of which the engine has too much.
            if taken == 0
                && let Some(EventKind::Code(code)) = events.first_mut().map(|event| &mut event.kind)
            {
                code.ended(Err(AnswerError::NoRoom));
            }
            return (taken.max(1), 0);
        }
        // Written again without those of the k-cycle that has to wait.
        self.waiting.clear();
        for event in events[..first].iter() {
            self.waiting.push(self.owed + event.cycle.saturating_sub(done), event.frame, &event.kind);
        }
        (first, cycle)
    }

    /// Gives the engine one part of a turn, of at most [`Layout::cycles`] k-cycles, whose events are written already.
    fn begin_part(&mut self, turn: &mut Turn<'_>, done: usize, cycles: usize) -> Fate {
        let was_late = self.outstanding;
        if self.outstanding && turn.offline {
            self.settle(None);
        }
        if self.has_ended() {
            return Fate::Ended;
        }
        // In real time a turn that was late once is not waited for again.
        self.outstanding &= !self.is_answered();
        if was_late && !self.outstanding {
            // Its sound is lost, but its MIDI is not: a note-off may be among it.
            self.collect_midi(turn, done, None);
        }
        if self.outstanding {
            self.owed += cycles;
            return Fate::Late;
        }
        if !turn.offline && self.owed * self.format.ksmps > CATCH_UP_FRAMES {
            // Too much to catch up with in one turn: not waited for.
            self.owed += cycles;
            self.post_turn(0, turn.offline);
            return Fate::Late;
        }
        let from = turn.span.input_at + done * self.format.ksmps;
        for channel in 0..self.format.inputs.min(turn.input.channels()).min(wire::INPUTS) {
            let frames = &turn.input.channel(channel)[from..from + cycles * self.format.ksmps];
            self.inner.memory.write_samples(self.layout.input(channel), frames);
        }
        self.post_turn(cycles, turn.offline);
        Fate::Posted
    }

    /// Waits for the part of a turn that is under way, and adds what came of it.
    fn end_part(&mut self, turn: &mut Turn<'_>, under_way: &mut UnderWay) {
        let UnderWay { done, cycles, .. } = *under_way;
        let began = Instant::now();
        let limit = (!turn.offline).then_some(under_way.patience);
        let fate = match under_way.fate {
            Fate::Posted if self.settle(limit) => Fate::Posted,
            Fate::Posted if self.has_ended() => Fate::Ended,
            Fate::Posted => Fate::Late,
            fate => fate,
        };
        match fate {
            Fate::Posted => {
                let part = self.collect_part(turn, done, cycles);
                add(&mut under_way.outcome, part);
            }
            Fate::Late => under_way.outcome.late = true,
            Fate::Ended => under_way.outcome.engine_ended = true,
        }
        under_way.patience = under_way.patience.saturating_sub(began.elapsed());
    }

    /// Gives the engine the turn that was written, with what is owed before it.
    fn post_turn(&mut self, cycles: usize, offline: bool) {
        let here = this_thread();
        if self.told != here {
            self.told = here;
            self.inner.scheduling.store(platform::scheduling().to_bits(), Ordering::Relaxed);
        }
        self.put(wire::HOST_PROCESSOR, platform::processor());
        self.inner.memory.write(wire::EVENTS, self.waiting.bytes());
        self.put(wire::EVENTS_LEN, self.waiting.bytes().len() as u32);
        self.put(wire::CYCLES, cycles as u32);
        self.put(wire::SKIPPED, self.owed as u32);
        // The engine tells of each step of what is owed, and of the turn itself.
        let steps = self.owed.div_ceil(self.layout.step()) + self.layout.steps(cycles);
        self.inner.steps.store(steps as u32, Ordering::Relaxed);
        self.put(wire::FLAGS, u32::from(offline));
        self.waiting.clear();
        self.owed = 0;
        self.outstanding = true;
        self.number = self.number.wrapping_add(1);
        let allowance = self.loop_allowance + std::mem::take(&mut self.allowance);
        let patience = std::mem::take(&mut self.code_allowance)
            + match offline {
                true => self.offline_limit + allowance,
                // A seek may take its own time to begin with.
                false if allowance > Duration::ZERO => HUNG + SEEK_ALLOWANCE + allowance,
                false => HUNG,
            };
        self.inner.patience.store(patience.as_millis() as u64, Ordering::Relaxed);
        self.inner.posted_at.store(self.inner.now(), Ordering::Relaxed);
        self.inner.posted.store(self.number, Ordering::Release);
        // SeqCst with the engine's mark: either it sees the request, or we see that it sleeps. As a
        // Release it publishes the turn.
        self.inner.memory.word(wire::REQUEST).store(self.number, Ordering::SeqCst);
        if self.inner.memory.word(wire::ENGINE_SLEEPS).load(Ordering::SeqCst) != 0 {
            platform::wake(self.inner.memory.word(wire::REQUEST));
        }
    }

    /// Waits for the answer to the outstanding turn, at most `limit`; without one, for as long
    /// as the engine lives (which the watch bounds). Whether it is there.
    fn settle(&mut self, limit: Option<Duration>) -> bool {
        let began = Instant::now();
        while !self.is_answered() {
            if self.has_ended() {
                return false;
            }
            let waited = began.elapsed();
            let apart = || platform::processor() != self.word(wire::ENGINE_PROCESSOR);
            if self.brisk && waited < SPIN && apart() {
                std::hint::spin_loop();
                continue;
            }
            let left = limit.map_or(TURN_LIMIT, |limit| limit.saturating_sub(waited));
            if left.is_zero() {
                self.brisk = false;
                return false;
            }
            self.sleep(left.min(TURN_LIMIT));
        }
        self.brisk = began.elapsed() < SPIN;
        self.outstanding = false;
        true
    }

    fn sleep(&self, limit: Duration) {
        let answer = self.inner.memory.word(wire::ANSWER);
        let asleep = self.inner.memory.word(wire::HOST_SLEEPS);
        asleep.store(1, Ordering::SeqCst);
        let present = answer.load(Ordering::SeqCst);
        if present != self.number {
            platform::sleep_while(answer, present, limit);
        }
        asleep.store(0, Ordering::SeqCst);
    }

    /// Copies what came out, and holds it to what is possible.
    fn collect_part(&mut self, turn: &mut Turn<'_>, done: usize, cycles: usize) -> Outcome {
        let ksmps = self.format.ksmps;
        let performed = (self.word(wire::PERFORMED) as usize).min(cycles);
        let at = turn.span.output_at + done * ksmps;
        let mut non_finite = self.word(wire::NON_FINITE);
        for channel in 0..self.format.outputs.min(turn.output.channels()) {
            let frames = &mut turn.output.channel_mut(channel)[at..at + performed * ksmps];
            self.inner.memory.read_samples(self.layout.output(channel), frames);
            for sample in frames.iter_mut().filter(|sample| !sample.is_finite()) {
                *sample = 0.0;
                non_finite = non_finite.saturating_add(1);
            }
        }
        turn.output.silence(at + performed * ksmps, (cycles - performed) * ksmps);
        self.collect_midi(turn, done, Some(cycles));
        let score_time = f64::from_bits(self.inner.memory.long(wire::SCORE_TIME).load(Ordering::Relaxed));
        if score_time.is_finite() {
            self.score_time = score_time;
            self.inner.score_time.store(score_time.to_bits(), Ordering::Relaxed);
        }
        self.frames = self.inner.memory.long(wire::FRAME_COUNT).load(Ordering::Relaxed) as i64;
        Outcome {
            performed,
            end: (self.word(wire::ENDED) != 0).then(|| self.word(wire::END) as i32).filter(|end| *end != 0),
            non_finite,
            late_events: self.word(wire::LATE_EVENTS),
            lengthened_events: self.word(wire::LENGTHENED),
            ..Outcome::default()
        }
    }

    /// Takes the MIDI of a turn of `cycles` k-cycles, or of one that was late: all of it at once then.
    fn collect_midi(&self, turn: &mut Turn<'_>, done: usize, cycles: Option<usize>) {
        let most = cycles.map_or(self.layout.cycles(), |cycles| cycles.max(1));
        let count = (self.word(wire::MIDI_LEN) as usize).min(MIDI_OUT_CAPACITY);
        for at in 0..count {
            let mut bytes = [0; wire::MIDI_BYTES];
            self.inner.memory.read(wire::MIDI + at * wire::MIDI_BYTES, &mut bytes);
            if let Some(mut sent) = wire::midi_from_bytes(bytes, most)
                && turn.midi_out.len() < turn.midi_out.capacity()
            {
                sent.cycle = done + cycles.map_or(0, |_| sent.cycle);
                turn.midi_out.push(sent);
            }
        }
    }
}

/// Adds what one part of a turn did to what the others did.
fn add(whole: &mut Outcome, part: Outcome) {
    whole.performed += part.performed;
    whole.end = part.end.or(whole.end);
    whole.non_finite = whole.non_finite.saturating_add(part.non_finite);
    whole.late_events = whole.late_events.saturating_add(part.late_events);
    whole.lengthened_events = whole.lengthened_events.saturating_add(part.lengthened_events);
}

/// The longest that a seek may take, in seconds.
const LONGEST_SEEK: f64 = 600.0;

fn seek_allowance(seconds: f64, sample_rate: f64) -> Duration {
    // An engine says where its score is, and may lie.
    let skipped = (seconds * sample_rate * SEEK_PER_FRAME).clamp(0.0, LONGEST_SEEK);
    // NaN is no time.
    Duration::from_secs_f64(skipped.max(0.0))
}

impl Engine for RemoteEngine {
    fn format(&self) -> Format {
        self.format
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        self.post(turn);
        self.collect(turn)
    }

    fn post(&mut self, turn: &mut Turn<'_>) {
        let mut under_way = UnderWay {
            outcome: Outcome::default(),
            done: 0,
            cycles: 0,
            fate: Fate::Late,
            patience: TURN_LIMIT,
        };
        let mut taken = 0;
        if self.overrun && !self.outstanding {
            self.overrun = !self.waiting.push(0, 0, &EventKind::NotesOff);
        }
        loop {
            let done = under_way.done;
            let wanted = (turn.span.cycles - done).min(self.layout.cycles());
            let (more, cycles) = self.write_events(&mut turn.events[taken..], done, wanted);
            self.give_code(&mut turn.events[taken..taken + more]);
            taken += more;
            under_way.cycles = cycles;
            under_way.fate = self.begin_part(turn, done, cycles);
            if done + cycles >= turn.span.cycles && taken >= turn.events.len() {
                self.under_way = Some(under_way);
                return;
            }
            self.end_part(turn, &mut under_way);
            under_way.done += cycles;
        }
    }

    fn collect(&mut self, turn: &mut Turn<'_>) -> Outcome {
        let Some(mut under_way) = self.under_way.take() else { return self.perform(turn) };
        self.end_part(turn, &mut under_way);
        let mut outcome = under_way.outcome;
        if outcome.engine_ended && turn.offline {
            // What it has performed is heard: another one goes on from there.
            let performed = outcome.performed * self.format.ksmps;
            let whole = turn.span.cycles * self.format.ksmps;
            turn.output.silence(turn.span.output_at + performed, whole - performed);
        } else if outcome.late || outcome.engine_ended {
            // A gap is a whole turn, so that it is faded once. The time went by all the same.
            turn.output.silence(turn.span.output_at, turn.span.cycles * self.format.ksmps);
            outcome.performed = if outcome.engine_ended { 0 } else { turn.span.cycles };
        }
        outcome.score_time = self.score_time;
        outcome.frames = self.frames;
        outcome
    }

    fn has_ended(&self) -> bool {
        self.inner.ended.load(Ordering::Acquire)
    }

    fn bind(&mut self, names: &[Option<String>]) {
        let before = *self.inner.bound.lock().unwrap_or_else(PoisonError::into_inner);
        if self.inner.ask(&Ask::Bind(names.to_vec())).is_err() {
            return;
        }
        // The first turn must find the channels bound. An engine that does not answer is reported by
        // its watch.
        let bound = self.inner.bound.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = self.inner.was_bound.wait_timeout_while(bound, BIND_LIMIT, |bound| *bound == before);
        drop(answered.unwrap_or_else(PoisonError::into_inner));
    }

    fn read_channels(&self, values: &mut [f64]) {
        for (index, value) in values.iter_mut().enumerate().take(READ_CHANNELS) {
            let read =
                f64::from_bits(self.inner.memory.long(wire::READINGS + index * 8).load(Ordering::Relaxed));
            if read.is_finite() {
                *value = read;
            }
        }
    }
}

impl Drop for RemoteEngine {
    fn drop(&mut self) {
        self.inner.ending.store(true, Ordering::Release);
        // The engine closes its files, answers for its code and ends; the watch sees to it that it does.
        let _ = self.inner.control.shutdown(std::net::Shutdown::Write);
        if let Some(watch) = self.watch.take() {
            // A panic there was reported when it happened; the process is then left to end by itself.
            let _ = watch.join();
        }
    }
}
