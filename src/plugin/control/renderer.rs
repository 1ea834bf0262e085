//! An engine that renders ahead of whoever takes its sound: for a comparison, and for a preview.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use csound_performance::engine::planes::Planes;
use csound_performance::engine::{
    ConsoleLine, Engine, Event, EventKind, Format, MIDI_OUT_CAPACITY, MidiOut, Span, Turn,
};

use crate::plugin::control::engines::RunningEngine;

/// The longest wait for the report of an engine's end, and the pause between two looks.
const REPORT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

/// What a piece hears while it is rendered.
#[derive(Default)]
pub(super) struct Played {
    /// Events in the order of their times, in seconds from the start.
    pub events: VecDeque<(f64, EventKind)>,
    /// The level of the noise at its inputs, as a factor; 0 for silence.
    pub noise: f32,
}

/// How a piece ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It came to its end.
    OfPiece,
    /// Csound failed while it performed.
    Error(i32),
    /// Its engine ended, with the report of that.
    Engine(String),
}

/// An engine that renders.
pub(super) struct Renderer {
    engine: Box<dyn Engine>,
    running: RunningEngine,
    input: Planes,
    output: Planes,
    midi_out: Vec<MidiOut>,
    /// Frames that are rendered and not taken yet, by channels.
    ahead: Vec<VecDeque<f32>>,
    /// K-cycles that were performed.
    cycles: usize,
    played: Played,
    /// One a channel of input.
    noises: Vec<fastrand::Rng>,
    /// What was told of it when it started.
    pub notes: Vec<String>,
    /// How it ended, if it has.
    pub end: Option<End>,
}

impl Renderer {
    /// Of an engine that has just started, in turns of so many frames at least.
    pub fn new(
        engine: Box<dyn Engine>,
        running: RunningEngine,
        turn: usize,
        played: Played,
        notes: Vec<String>,
    ) -> Self {
        let format = engine.format();
        let frames = turn.div_ceil(format.ksmps) * format.ksmps;
        Self {
            input: Planes::new(format.inputs, frames),
            output: Planes::new(format.outputs, frames),
            midi_out: Vec::with_capacity(MIDI_OUT_CAPACITY),
            ahead: vec![VecDeque::new(); format.outputs],
            cycles: 0,
            played,
            // Whoever renders the same twice hears the same.
            noises: (0..format.inputs as u64).map(fastrand::Rng::with_seed).collect(),
            notes,
            end: None,
            engine,
            running,
        }
    }

    /// What the engine performs at.
    pub fn format(&self) -> Format {
        self.engine.format()
    }

    /// Channels that it plays.
    pub fn channels(&self) -> usize {
        self.ahead.len()
    }

    /// Frames that wait to be taken.
    pub fn ahead(&self) -> usize {
        self.ahead.first().map_or(0, VecDeque::len)
    }

    /// The frames that wait, by channels.
    pub fn waiting(&mut self) -> Vec<&[f32]> {
        self.ahead.iter_mut().map(|channel| &*channel.make_contiguous()).collect()
    }

    /// These were taken.
    pub fn forget(&mut self, frames: usize) {
        self.ahead.iter_mut().for_each(|channel| drop(channel.drain(..frames)));
    }

    /// Renders one more turn, and gives what the piece says. Once nobody waits any more it is not asked how an engine
    /// ended.
    pub fn render(&mut self, is_over: &dyn Fn() -> bool) -> Vec<ConsoleLine> {
        let format = self.engine.format();
        let cycles = self.output.frames() / format.ksmps;
        self.midi_out.clear();
        let mut events = self.events(cycles);
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
        self.running.drain()
    }

    /// The events of the coming k-cycles.
    fn events(&mut self, cycles: usize) -> Vec<Event> {
        let format = self.engine.format();
        let (first, end) = (self.cycles, self.cycles + cycles);
        let cycle = |seconds: f64| (seconds * format.sample_rate / format.ksmps as f64) as usize;
        let mut events = Vec::new();
        while let Some((seconds, kind)) = self.played.events.pop_front_if(|(at, _)| cycle(*at) < end) {
            events.push(Event { cycle: cycle(seconds).saturating_sub(first), frame: 0, kind });
        }
        events
    }

    fn make_noise(&mut self) {
        let level = self.played.noise;
        if level == 0.0 {
            return;
        }
        for (channel, noise) in self.noises.iter_mut().enumerate() {
            self.input.channel_mut(channel).fill_with(|| (noise.f32() * 2.0 - 1.0) * level);
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
