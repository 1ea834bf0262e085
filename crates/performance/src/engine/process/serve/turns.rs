//! The turns that the host puts into the shared memory.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_library::FlushDenormals;

use super::activity::Counting;
use super::shared::SharedByThreads;
use crate::engine::event::Event;
use crate::engine::planes::Planes;
use crate::engine::process::platform;
use crate::engine::process::wire::events::read_events;
use crate::engine::process::wire::{self, Layout, SPIN};
use crate::engine::turn::{Engine, MIDI_OUT_CAPACITY, MidiOut, Outcome, READ_CHANNELS, Span, Turn};

/// Performs turns.
pub(super) struct Turns<'a> {
    shared: &'a SharedByThreads,
    engine: Box<dyn Engine>,
    layout: Layout,
    input: Planes,
    silence: Planes,
    output: Planes,
    unheard: Planes,
    bytes: Vec<u8>,
    events: Vec<Event>,
    midi_out: Vec<MidiOut>,
    readings: [f64; READ_CHANNELS],
    counting: Counting,
    /// The number of the last request.
    seen: u32,
    progress: u32,
    /// True if requests come so fast that it pays to look for them a little before sleeping.
    hurried: bool,
}

impl<'a> Turns<'a> {
    pub(super) fn new(shared: &'a SharedByThreads, engine: Box<dyn Engine>) -> Self {
        let format = engine.format();
        let layout = Layout::new(format.ksmps);
        let planes = |channels: usize| Planes::new(channels, layout.frames());
        Self {
            shared,
            engine,
            layout,
            input: planes(format.inputs.min(wire::INPUTS)),
            silence: planes(format.inputs.min(wire::INPUTS)),
            output: planes(format.outputs.max(1)),
            unheard: planes(format.outputs.max(1)),
            bytes: Vec::with_capacity(wire::EVENT_BYTES),
            events: Vec::new(),
            midi_out: Vec::with_capacity(MIDI_OUT_CAPACITY),
            readings: [0.0; READ_CHANNELS],
            counting: Counting::default(),
            seen: 0,
            progress: 0,
            hurried: false,
        }
    }

    pub(super) fn run(&mut self) {
        let _denormals = FlushDenormals::new();
        while self.wait() {
            self.bind();
            self.turn();
            self.answer();
            self.counting.count(&mut *self.engine, &self.shared.activity);
        }
    }

    fn word(&self, at: usize) -> u32 {
        self.shared.memory.word(at).load(Ordering::Relaxed)
    }

    fn put(&self, at: usize, value: u32) {
        self.shared.memory.word(at).store(value, Ordering::Relaxed);
    }

    /// Waits for the next request; false at the end.
    fn wait(&mut self) -> bool {
        let request = self.shared.memory.word(wire::REQUEST);
        let asleep = self.shared.memory.word(wire::ENGINE_SLEEPS);
        let began = Instant::now();
        loop {
            // Pairs with the host's Release: the whole turn is there.
            let number = request.load(Ordering::Acquire);
            if self.shared.ending.load(Ordering::Acquire) {
                return false;
            }
            if number != self.seen {
                self.seen = number;
                self.hurried = began.elapsed() < SPIN;
                return true;
            }
            let here = platform::processor();
            self.put(wire::ENGINE_PROCESSOR, here);
            // On the host's own processor it could only keep the host from going on.
            if self.hurried && here != self.word(wire::HOST_PROCESSOR) && began.elapsed() < SPIN {
                std::hint::spin_loop();
                continue;
            }
            // Either the host sees the mark, or we see its request: both are in one order.
            asleep.store(1, Ordering::SeqCst);
            if request.load(Ordering::SeqCst) == self.seen {
                platform::sleep_while(request, self.seen, Duration::from_secs(1));
            }
            asleep.store(0, Ordering::SeqCst);
        }
    }

    fn bind(&mut self) {
        // Never waits: the thread that holds it is about to let it go, and the next turn looks again.
        if let Ok(mut bindings) = self.shared.bindings.try_lock()
            && let Some(names) = bindings.take()
        {
            self.engine.bind(&names);
        }
    }

    fn turn(&mut self) {
        let ksmps = self.engine.format().ksmps;
        let cycles = (self.word(wire::CYCLES) as usize).min(self.layout.cycles());
        let skipped = self.word(wire::SKIPPED) as usize;
        let offline = self.word(wire::FLAGS) & 1 != 0;
        self.read_events();
        self.midi_out.clear();
        let mut outcome = self.catch_up(skipped, offline);
        self.events.iter_mut().for_each(|event| event.cycle = event.cycle.saturating_sub(skipped));
        for channel in 0..wire::INPUTS.min(self.engine.format().inputs) {
            let frames = &mut self.input.channel_mut(channel)[..cycles * ksmps];
            self.shared.memory.read_samples(self.layout.input(channel), frames);
        }
        let heard = self.perform(cycles, offline);
        self.shared.answers.give(&mut self.events);
        outcome = Outcome {
            late_events: outcome.late_events + heard.late_events,
            lengthened_events: outcome.lengthened_events + heard.lengthened_events,
            ..heard
        };
        for channel in 0..self.output.channels() {
            let frames = &self.output.channel(channel)[..outcome.performed * ksmps];
            self.shared.memory.write_samples(self.layout.output(channel), frames);
        }
        self.write_outcome(&outcome);
    }

    fn read_events(&mut self) {
        let len = (self.word(wire::EVENTS_LEN) as usize).min(wire::EVENT_BYTES);
        self.bytes.resize(len, 0);
        self.shared.memory.read(wire::EVENTS, &mut self.bytes);
        self.events.clear();
        self.events.extend(read_events(&self.bytes));
    }

    /// Performs the turn that was read, in steps.
    fn perform(&mut self, cycles: usize, offline: bool) -> Outcome {
        let ksmps = self.engine.format().ksmps;
        let steps = self.layout.steps(cycles);
        let (mut whole, mut done, mut taken) = (Outcome::default(), 0, 0);
        for step in 1..=steps {
            let now = (cycles - done).min(self.layout.step());
            let due = self.events[taken..].iter().take_while(|event| event.cycle < done + now).count();
            // The last step takes all there is.
            let end = if step == steps { self.events.len() } else { taken + due };
            let events = &mut self.events[taken..end];
            events.iter_mut().for_each(|event| event.cycle = event.cycle.saturating_sub(done));
            let sent_before = self.midi_out.len();
            let outcome = self.engine.perform(&mut Turn {
                span: Span { cycles: now, input_at: done * ksmps, output_at: done * ksmps },
                input: &self.input,
                output: &mut self.output,
                events,
                midi_out: &mut self.midi_out,
                offline,
            });
            self.midi_out[sent_before..].iter_mut().for_each(|sent| sent.cycle += done);
            whole = Outcome {
                performed: whole.performed + outcome.performed,
                non_finite: whole.non_finite.saturating_add(outcome.non_finite),
                late_events: whole.late_events + outcome.late_events,
                lengthened_events: whole.lengthened_events + outcome.lengthened_events,
                ..outcome
            };
            (done, taken) = (done + now, end);
            self.get_on(now);
            if outcome.end.is_some() {
                break;
            }
        }
        whole
    }

    /// Performs unheard what went by while this engine was late.
    fn catch_up(&mut self, skipped: usize, offline: bool) -> Outcome {
        let mut whole = Outcome::default();
        let mut done = 0;
        while done < skipped {
            let cycles = (skipped - done).min(self.layout.step());
            let due = self.events.iter().take_while(|event| event.cycle < done + cycles).count();
            let mut events: Vec<Event> = self.events.drain(..due).collect();
            events.iter_mut().for_each(|event| event.cycle = event.cycle.saturating_sub(done));
            let sent_before = self.midi_out.len();
            let mut turn = Turn {
                span: Span::at_front(cycles),
                input: &self.silence,
                output: &mut self.unheard,
                events: &mut events,
                midi_out: &mut self.midi_out,
                offline,
            };
            let outcome = self.engine.perform(&mut turn);
            self.shared.answers.give(&mut events);
            // What is sent late is sent at once.
            self.midi_out[sent_before..].iter_mut().for_each(|sent| sent.cycle = 0);
            whole.late_events += outcome.late_events;
            whole.lengthened_events += outcome.lengthened_events;
            done += cycles;
            self.get_on(cycles);
        }
        whole
    }

    fn get_on(&mut self, cycles: usize) {
        self.progress = self.progress.wrapping_add(cycles as u32);
        self.put(wire::PROGRESS, self.progress);
    }

    fn write_outcome(&mut self, outcome: &Outcome) {
        let memory = &self.shared.memory;
        for (at, sent) in self.midi_out.iter().enumerate() {
            memory.write(wire::MIDI + at * wire::MIDI_BYTES, &wire::midi_to_bytes(sent));
        }
        self.engine.read_channels(&mut self.readings);
        for (index, value) in self.readings.iter().enumerate() {
            memory.long(wire::READINGS + index * 8).store(value.to_bits(), Ordering::Relaxed);
        }
        memory.long(wire::SCORE_TIME).store(outcome.score_time.to_bits(), Ordering::Relaxed);
        memory.long(wire::FRAME_COUNT).store(outcome.frames as u64, Ordering::Relaxed);
        self.put(wire::MIDI_LEN, self.midi_out.len() as u32);
        self.put(wire::PERFORMED, outcome.performed as u32);
        self.put(wire::ENDED, u32::from(outcome.end.is_some()));
        self.put(wire::END, outcome.end.unwrap_or(0) as u32);
        self.put(wire::NON_FINITE, outcome.non_finite);
        self.put(wire::LATE_EVENTS, outcome.late_events);
        self.put(wire::LENGTHENED, outcome.lengthened_events);
    }

    fn answer(&self) {
        let memory = &self.shared.memory;
        // SeqCst with the host's mark, as in `wait`; as a Release it publishes the outcome.
        memory.word(wire::ANSWER).store(self.seen, Ordering::SeqCst);
        if memory.word(wire::HOST_SLEEPS).load(Ordering::SeqCst) != 0 {
            platform::wake(memory.word(wire::ANSWER));
        }
    }
}
