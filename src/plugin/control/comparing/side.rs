//! One of the two engines of a comparison, which renders ahead of what is compared.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use csound_library::MidiMessage;
use csound_performance::engine::planes::Planes;
use csound_performance::engine::{Engine, Event, EventKind, MIDI_OUT_CAPACITY, MidiOut, Span, Turn};

use crate::plugin::control::engines::RunningEngine;

/// Frames of a turn, or one k-cycle where that is more.
const TURN: usize = 4096;

/// The longest wait for the report of an engine's end, and the pause between two looks.
const REPORT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

/// What is played to a piece that plays nothing by itself: a chord, held so many seconds, on the first channel.
const CHORD: [u8; 3] = [60, 64, 67];
const HELD: f64 = 2.0;
const VELOCITY: u8 = 100;

/// The level of the noise that such a piece hears.
const NOISE: f32 = 0.25;

/// How a piece ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It came to its end.
    OfPiece,
    /// Csound failed while it performed.
    Error(i32),
    /// Its engine ended, with the report of that.
    Engine(String),
}

/// An engine that renders.
pub struct Side {
    engine: Box<dyn Engine>,
    running: RunningEngine,
    input: Planes,
    output: Planes,
    midi_out: Vec<MidiOut>,
    /// Frames that are rendered and not compared yet, by channels.
    ahead: Vec<VecDeque<f32>>,
    /// K-cycles that were performed.
    cycles: usize,
    /// A chord is played to it, and noise.
    is_played: bool,
    /// One a channel of input.
    noises: Vec<fastrand::Rng>,
    /// What was told of it when it started.
    pub notes: Vec<String>,
    /// How it ended, if it has.
    pub end: Option<End>,
}

impl Side {
    /// Of an engine that has just started.
    pub fn new(engine: Box<dyn Engine>, running: RunningEngine, is_played: bool, notes: Vec<String>) -> Self {
        let format = engine.format();
        let frames = TURN.div_ceil(format.ksmps) * format.ksmps;
        Self {
            input: Planes::new(format.inputs, frames),
            output: Planes::new(format.outputs, frames),
            midi_out: Vec::with_capacity(MIDI_OUT_CAPACITY),
            ahead: vec![VecDeque::new(); format.outputs],
            cycles: 0,
            is_played,
            // Both sides hear the same.
            noises: (0..format.inputs as u64).map(fastrand::Rng::with_seed).collect(),
            notes,
            end: None,
            engine,
            running,
        }
    }

    /// Channels that it plays.
    pub fn channels(&self) -> usize {
        self.ahead.len()
    }

    /// Frames that wait to be compared.
    pub fn ahead(&self) -> usize {
        self.ahead.first().map_or(0, VecDeque::len)
    }

    /// The frames that wait, by channels.
    pub fn waiting(&mut self) -> Vec<&[f32]> {
        self.ahead.iter_mut().map(|channel| &*channel.make_contiguous()).collect()
    }

    /// These were compared.
    pub fn forget(&mut self, frames: usize) {
        self.ahead.iter_mut().for_each(|channel| drop(channel.drain(..frames)));
    }

    /// Renders one more turn. Once nobody waits any more it is not asked how an engine ended.
    pub fn render(&mut self, is_over: &dyn Fn() -> bool) {
        let format = self.engine.format();
        let cycles = self.output.frames() / format.ksmps;
        self.midi_out.clear();
        let mut events = self.chord(cycles);
        self.make_noise();
        let outcome = self.engine.perform(&mut Turn {
            span: Span::at_front(cycles),
            input: &self.input,
            output: &mut self.output,
            events: &mut events,
            midi_out: &mut self.midi_out,
            offline: true,
        });
        self.cycles += cycles;
        let frames = outcome.performed * format.ksmps;
        for (channel, ahead) in self.ahead.iter_mut().enumerate() {
            ahead.extend(&self.output.channel(channel)[..frames]);
        }
        self.end = match outcome.end {
            _ if outcome.engine_ended => Some(End::Engine(self.report(is_over))),
            Some(status) if status < 0 => Some(End::Error(status)),
            Some(_) => Some(End::OfPiece),
            None => None,
        };
        // What the piece says is said when it performs.
        drop(self.running.drain());
    }

    /// The keys that go down and up in the coming k-cycles.
    fn chord(&self, cycles: usize) -> Vec<Event> {
        let format = self.engine.format();
        let up = (HELD * format.sample_rate / format.ksmps as f64) as usize;
        let keys = |cycle: usize, status: u8, velocity: u8| {
            let here = self.is_played && (self.cycles..self.cycles + cycles).contains(&cycle);
            let messages = CHORD.into_iter().filter(move |_| here);
            let messages = messages.filter_map(move |key| MidiMessage::new(&[status, key, velocity]));
            messages.map(move |message| (cycle, message))
        };
        let events = keys(0, 0x90, VELOCITY).chain(keys(up.max(1), 0x80, 0));
        let event =
            |(cycle, message)| Event { cycle: cycle - self.cycles, frame: 0, kind: EventKind::Midi(message) };
        events.map(event).collect()
    }

    fn make_noise(&mut self) {
        if !self.is_played {
            return;
        }
        for (channel, noise) in self.noises.iter_mut().enumerate() {
            self.input.channel_mut(channel).fill_with(|| (noise.f32() * 2.0 - 1.0) * NOISE);
        }
    }

    /// How the engine ended, as its watch reports it soon.
    fn report(&self, is_over: &dyn Fn() -> bool) -> String {
        let began = Instant::now();
        loop {
            match self.running.take_end() {
                Some(report) => return report,
                None if began.elapsed() < REPORT && !is_over() => std::thread::sleep(LOOK),
                None => return "its engine ended".to_owned(),
            }
        }
    }
}
