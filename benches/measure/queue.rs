//! Commands through the queue: from the API's callers to an engine that does nothing with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;
use crossbeam_queue::ArrayQueue;
use csound_performance::blocks::Seat;
use csound_performance::blocks::{Arrivals, Blocks};
use csound_performance::engine::framing::Timing;
use csound_performance::engine::{Engine, Format, Outcome, Turn};
use csound_performance::{MidiMessage, PerformanceError, TimeBase};
use csound_performance::{Performance, Shared};
use test_host::measure::figures::Spread;
use test_host::measure::job::{self, Throughput};
use test_host::measure::pieces::{KSMPS, RATE};

/// Frames of a block.
const FRAMES: usize = 64;

/// Takes events, and nothing else.
struct Sink(Arc<AtomicUsize>);

impl Engine for Sink {
    fn format(&self) -> Format {
        Format { sample_rate: RATE, ksmps: KSMPS, inputs: 0, outputs: 2, sample_accurate: false }
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        self.0.fetch_add(turn.events.len(), Ordering::Relaxed);
        Outcome { performed: turn.span.cycles, ..Outcome::default() }
    }
}

/// A command and how it is sent.
type Send = fn(&Performance) -> Result<(), PerformanceError>;

/// Measures commands with and without memory of their own, from one thread and from four.
pub fn measure(commands: usize, times: usize) -> Result<()> {
    let kinds: [(&str, Send); 2] = [
        ("score events", |performance| performance.score_event(TimeBase::Now, 'i', &[1.0, 0.0, 1.0])),
        ("MIDI messages", |performance| match MidiMessage::new(&[0xB0, 1, 64]) {
            Some(message) => performance.midi_message(message),
            None => Ok(()),
        }),
    ];
    for (what, send) in kinds {
        for senders in [1, 4] {
            let rates: Vec<f64> = (0..times).map(|_| rate(commands, senders, send)).collect();
            job::answer(&Throughput { what: what.to_owned(), senders, per_second: Spread::of(rates) })?;
        }
    }
    Ok(())
}

/// Commands in a second, from the first that is sent to the last that has arrived.
fn rate(commands: usize, senders: usize, send: Send) -> f64 {
    let (shared, arrivals): (Arc<Shared>, Arrivals) = (Arc::default(), Arc::new(ArrayQueue::new(1)));
    let taken = Arc::new(AtomicUsize::new(0));
    let mut blocks = Blocks::new(Arc::clone(&shared), Arc::clone(&arrivals));
    drop(arrivals.force_push(Box::new(Seat::new(Box::new(Sink(Arc::clone(&taken))), FRAMES))));
    blocks.activate(RATE, FRAMES, Timing::Immediate);
    let performance = Performance::new(shared);
    let share = commands / senders;
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..senders {
            scope.spawn(|| (0..share).for_each(|_| insist(&performance, send)));
        }
        let (mut left, mut right) = ([0.0; FRAMES], [0.0; FRAMES]);
        while taken.load(Ordering::Relaxed) < share * senders {
            blocks.begin(FRAMES, false).finish(&mut [&mut left, &mut right]);
        }
    });
    (share * senders) as f64 / began.elapsed().as_secs_f64()
}

/// Sends; where the queue is full, again.
fn insist(performance: &Performance, send: Send) {
    let mut sent = send(performance);
    while let Err(PerformanceError::QueueFull(command)) = sent {
        std::thread::yield_now();
        sent = performance.send(*command);
    }
}
