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

mod allowance;
mod anticipation;
mod code;
mod handle;
mod options;
mod outcome;
mod outgoing;
mod program;
mod refusals;
mod score;
mod start;
mod sums;
mod watch;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::platform;
use super::protocol::Ask;
use super::wire::{self, Layout, SPIN};
use crate::engine::console::ConsoleLine;
use crate::engine::spec::{AtEnd, PieceSpec, StartError, Started};
use crate::engine::turn::{Engine, Format, Outcome, READ_CHANNELS, Turn, Wait};
use crate::thread::this_thread;

pub use super::nursery::Nurseries;
pub use super::reading::file_read;
pub use handle::EngineHandle;
pub use options::Options;
pub use program::program;
pub use refusals::offers_machine_network;

use allowance::seek_allowance;
use anticipation::{Anticipation, LOOK};
use code::CodeMark;
use handle::{CODES, Inner};
use outgoing::{Outgoing, Reader};
use score::ScoreReach;

/// The longest that one call of the audio thread waits for the engine.
pub const TURN_LIMIT: Duration = Duration::from_millis(50);

/// An engine that does not get on for so long is ended.
const HUNG: Duration = Duration::from_secs(2);

/// The same while the host renders offline, where nothing else is said: it can wait.
pub const HUNG_OFFLINE: Duration = Duration::from_secs(30);

/// The time that a seek may take beyond that and what it skips.
const SEEK_ALLOWANCE: Duration = Duration::from_secs(10);

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
    outgoing: Outgoing,
    score_time: f64,
    /// How far that can be.
    reach: ScoreReach,
    frames: i64,
    /// True if the engine answered so fast lately that looking for it pays.
    brisk: bool,
    /// When the turn was given that the engine was given last, and its k-cycles, those that were owed among them.
    given_at: Instant,
    given: usize,
    /// True if it followed the answer to the one before without a pause; and when that came.
    at_once: bool,
    answered_at: Instant,
    anticipation: Anticipation,
    /// The thread whose scheduling the watch was told.
    told: usize,
    /// The longest that the engine may not get on while the host renders offline.
    offline_limit: Duration,
    /// The time that every turn may take beyond the usual: the way back to the beginning, if the score loops.
    loop_allowance: Duration,
    /// All the code that the engine was given, wrapping.
    code_count: u32,
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
        let at_start = seek_allowance(spec.score_start, format.sample_rate);
        let again_at = if spec.at_end == AtEnd::Loop { spec.loop_start } else { 0.0 };
        let moves = spec.piece.source.may_move_its_score();
        let engine = Self {
            watch: Some(watch),
            layout: Layout::new(format.ksmps),
            format,
            number: 0,
            outstanding: false,
            owed: 0,
            outgoing: Outgoing::new(wire::EVENT_BYTES, format.sample_rate, at_start),
            score_time: spec.score_start,
            reach: ScoreReach::new(spec.score_start, again_at, format.ksmps, format.sample_rate, moves),
            frames: 0,
            brisk: false,
            given_at: Instant::now(),
            given: 0,
            at_once: false,
            answered_at: Instant::now(),
            anticipation: Anticipation::new(),
            told: 0,
            offline_limit: options.offline_limit,
            loop_allowance: match spec.at_end {
                AtEnd::Loop => at_start,
                AtEnd::Stop | AtEnd::Keep => Duration::ZERO,
            },
            code_count: 0,
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

    fn reader(&self) -> Reader {
        Reader {
            owed: self.owed,
            is_in_time: !self.outstanding,
            codes: CODES.saturating_sub(self.inner.given.len()),
        }
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
            outcome::read_midi(&self.inner.memory, self.layout, turn, done, None);
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
    fn end_part(&mut self, turn: &mut Turn<'_>, under_way: &mut UnderWay, wait: Wait) {
        let UnderWay { done, cycles, .. } = *under_way;
        let began = Instant::now();
        let limit = match wait {
            Wait::Shortly => Some(under_way.patience),
            Wait::ToTheEnd => None,
        };
        let fate = match under_way.fate {
            Fate::Posted if self.settle(limit) => Fate::Posted,
            Fate::Posted if self.has_ended() => Fate::Ended,
            Fate::Posted => Fate::Late,
            fate => fate,
        };
        match fate {
            Fate::Posted => {
                let part = self.collect_part(turn, done, cycles);
                outcome::add(&mut under_way.outcome, part);
            }
            Fate::Late => under_way.outcome.late = true,
            Fate::Ended => under_way.outcome.engine_ended = true,
        }
        if wait == Wait::Shortly {
            under_way.patience = under_way.patience.saturating_sub(began.elapsed());
        }
    }

    /// Gives the engine the turn that was written, with what is owed before it.
    fn post_turn(&mut self, cycles: usize, offline: bool) {
        let here = this_thread();
        if self.told != here {
            self.told = here;
            self.inner.scheduling.store(platform::scheduling().to_bits(), Ordering::Relaxed);
        }
        self.put(wire::HOST_PROCESSOR, platform::processor());
        self.inner.memory.write(wire::EVENTS, self.outgoing.bytes());
        self.put(wire::EVENTS_LEN, self.outgoing.bytes().len() as u32);
        self.put(wire::CYCLES, cycles as u32);
        self.put(wire::SKIPPED, self.owed as u32);
        self.reach.perform(self.owed + cycles);
        // The engine tells of each step of what is owed, and of the turn itself.
        let steps = self.owed.div_ceil(self.layout.step()) + self.layout.steps(cycles);
        self.inner.steps.store(steps as u32, Ordering::Relaxed);
        self.put(wire::FLAGS, u32::from(offline));
        self.outgoing.clear();
        self.given = self.owed + cycles;
        self.owed = 0;
        self.outstanding = true;
        self.number = self.number.wrapping_add(1);
        let (seeks, code) = self.outgoing.take_allowances();
        let allowance = self.loop_allowance + seeks;
        let patience = code
            + match offline {
                true => self.offline_limit + allowance,
                // A seek may take its own time to begin with.
                false if allowance > Duration::ZERO => HUNG + SEEK_ALLOWANCE + allowance,
                false => HUNG,
            };
        self.inner.patience.store(patience.as_millis() as u64, Ordering::Relaxed);
        self.given_at = Instant::now();
        self.at_once = self.given_at.duration_since(self.answered_at) < SPIN;
        self.inner.posted_at.store(self.inner.now(), Ordering::Relaxed);
        self.inner.posted.store(self.number, Ordering::Release);
        if self.inner.code_mark().0.count != self.code_count {
            self.inner.mark_code(CodeMark { turn: self.number, count: self.code_count }, code);
        }
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
        let is_long = self.at_once && !self.brisk && !self.is_answered();
        let mut in_vain = false;
        let mut look = if self.brisk { SPIN } else { Duration::ZERO };
        if is_long && let Some(due) = self.anticipation.due(self.given) {
            self.sleep_until(due, limit);
            look = began.elapsed() + LOOK;
        }
        while !self.is_answered() {
            if self.has_ended() {
                return false;
            }
            let waited = began.elapsed();
            let left = limit.map_or(TURN_LIMIT, |limit| limit.saturating_sub(waited));
            if waited < look && !left.is_zero() && self.is_apart() {
                std::hint::spin_loop();
                continue;
            }
            if left.is_zero() {
                self.brisk = false;
                return false;
            }
            in_vain = true;
            self.sleep(left.min(TURN_LIMIT));
        }
        self.answered_at = Instant::now();
        if is_long {
            self.anticipation.learn(self.given, self.answered_at.duration_since(self.given_at), in_vain);
        }
        self.brisk = began.elapsed() < SPIN;
        self.outstanding = false;
        true
    }

    /// Whether the engine is on another processor: on this one it could not get on while it is looked for.
    fn is_apart(&self) -> bool {
        platform::processor() != self.word(wire::ENGINE_PROCESSOR)
    }

    /// Sleeps until the turn has lasted for so long, or the engine has answered, or `limit` has passed.
    fn sleep_until(&mut self, due: Duration, limit: Option<Duration>) {
        let Some(rest) = Anticipation::rest(due, self.given_at.elapsed()) else { return };
        let rest = rest.min(limit.unwrap_or(TURN_LIMIT));
        let began = Instant::now();
        self.sleep(rest);
        if let (false, Some(late)) = (self.is_answered(), began.elapsed().checked_sub(rest)) {
            self.anticipation.overslept(late);
        }
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

    /// Copies what came out of a part.
    fn collect_part(&mut self, turn: &mut Turn<'_>, done: usize, cycles: usize) -> Outcome {
        let memory = &self.inner.memory;
        let part = outcome::read_part(memory, &self.format, turn, done, cycles);
        let score_time = f64::from_bits(memory.long(wire::SCORE_TIME).load(Ordering::Relaxed));
        self.score_time = self.reach.hold(score_time, self.score_time);
        self.inner.score_time.store(self.score_time.to_bits(), Ordering::Relaxed);
        self.frames = (memory.long(wire::FRAME_COUNT).load(Ordering::Relaxed) as i64).max(0);
        part
    }
}

impl Engine for RemoteEngine {
    fn format(&self) -> Format {
        self.format
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        let wait = Wait::of(turn.offline);
        self.post(turn);
        self.collect(turn, wait)
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
        if !self.outstanding {
            self.outgoing.make_up_for_losses();
        }
        loop {
            let done = under_way.done;
            let wanted = (turn.span.cycles - done).min(self.layout.cycles());
            let (more, cycles) = {
                let reader = self.reader();
                self.outgoing.write(&mut turn.events[taken..], done, wanted, reader, &mut self.reach)
            };
            self.code_count =
                self.code_count.wrapping_add(self.inner.give_code(&mut turn.events[taken..taken + more]));
            taken += more;
            under_way.cycles = cycles;
            under_way.fate = self.begin_part(turn, done, cycles);
            if done + cycles >= turn.span.cycles && taken >= turn.events.len() {
                self.under_way = Some(under_way);
                return;
            }
            self.end_part(turn, &mut under_way, Wait::of(turn.offline));
            under_way.done += cycles;
        }
    }

    fn collect(&mut self, turn: &mut Turn<'_>, wait: Wait) -> Outcome {
        let Some(mut under_way) = self.under_way.take() else { return self.perform(turn) };
        self.end_part(turn, &mut under_way, wait);
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
