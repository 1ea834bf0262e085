//! The time from an audio thread to an engine process and back: what a turn takes there beyond what
//! the same turn takes in this process.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::planes::Planes;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{Engine, MidiOut, PieceSpec, Span, Turn};
use test_host::measure::figures::{Latency, quantile};
use test_host::measure::job::{self, HandOver};
use test_host::measure::pieces::{KSMPS, RATE, Weight};

/// Frames of a turn.
const FRAMES: usize = 64;

/// Turns before anything is measured.
const WARM_UP: usize = 200;

/// Turns of one kind in a row, where kinds alternate.
const STRETCH: usize = 2000;

/// How often the moderate piece is measured for once of the empty one: it takes so much longer.
const MODERATE_PART: usize = 20;

/// Measures turns in a row and turns at the pace of a sound card, over an engine that has nothing to
/// do and one that is at work for a while.
pub fn measure(program: PathBuf, turns: usize, paced: usize) -> Result<()> {
    let options = Options::new(program, Some(Confinement::default()));
    for (piece, part) in [(Weight::Empty, 1), (Weight::Moderate, MODERATE_PART)] {
        let spec = spec(piece);
        let mut here = LocalEngine::start(&spec, &mut |_| ())?.engine;
        let mut there = RemoteEngine::start(&spec, &options, &mut |_| ())?.engine;
        for (is_paced, turns) in [(false, turns / part), (true, paced / part.min(2))] {
            job::answer(&compare(&mut here, &mut there, piece, is_paced, turns))?;
        }
    }
    Ok(())
}

/// What is performed.
fn spec(piece: Weight) -> PieceSpec {
    let source = Source::Csd(piece.csd());
    PieceSpec::new(Piece { name: format!("{}.csd", piece.name()), source, folder: None }, RATE)
}

/// Turns by turns: a stretch here, a stretch there.
fn compare(
    here: &mut dyn Engine,
    there: &mut dyn Engine,
    piece: Weight,
    paced: bool,
    turns: usize,
) -> HandOver {
    let (mut own, mut whole, mut late) = (Vec::new(), Vec::new(), 0);
    perform(here, paced, WARM_UP, &mut Vec::new());
    perform(there, paced, WARM_UP, &mut Vec::new());
    while whole.len() < turns {
        let stretch = STRETCH.min(turns - whole.len());
        // A few suffice to know the middle.
        perform(here, paced, stretch.div_ceil(4), &mut own);
        late += perform(there, paced, stretch, &mut whole);
    }
    let mut own: Vec<f64> = own.into_iter().map(|time| time as f64).collect();
    own.sort_by(f64::total_cmp);
    let own = quantile(&own, 0.5);
    HandOver { piece, frames: FRAMES, paced, own: own / 1000.0, beyond: Latency::of(whole, own), late }
}

/// Performs turns and notes how long each takes, in nanoseconds. Gives how many were late.
fn perform(engine: &mut dyn Engine, paced: bool, turns: usize, times: &mut Vec<u64>) -> usize {
    let mut output = Planes::new(engine.format().outputs.max(1), FRAMES);
    let mut midi_out: Vec<MidiOut> = Vec::with_capacity(64);
    let input = Planes::new(0, FRAMES);
    times.reserve(turns);
    let period = Duration::from_secs_f64(FRAMES as f64 / RATE);
    let (mut next, mut late) = (Instant::now(), 0);
    for _ in 0..turns {
        if paced {
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
            next += period;
        }
        let mut turn = Turn {
            span: Span::at_front(FRAMES / KSMPS),
            input: &input,
            output: &mut output,
            events: &mut [],
            midi_out: &mut midi_out,
            offline: false,
        };
        let began = Instant::now();
        late += usize::from(engine.perform(&mut turn).late);
        times.push(began.elapsed().as_nanos() as u64);
    }
    late
}
