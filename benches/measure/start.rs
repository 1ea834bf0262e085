//! How large an engine process is, and how long it takes from its start to its first turn.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::planes::Planes;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{Engine, PieceSpec, Span, Turn};
use test_host::measure::figures::Spread;
use test_host::measure::job::{self, EngineStart, Took, Way};
use test_host::measure::pieces::{KSMPS, RATE, Weight};
use test_host::measure::usage::{Memory, engines, memory_of};

/// Starts engines for the trivial piece, in each way in turns.
pub fn measure(program: PathBuf, times: usize) -> Result<()> {
    let bytes = std::fs::metadata(&program)?.len();
    let nursed = Options::new(program.clone(), Some(Confinement::default()));
    let confined = Options { nurseries: None, ..nursed.clone() };
    let trusted = Options::new(program, None);
    let ways = [(Way::Nursery, &nursed), (Way::Program, &confined), (Way::Trusted, &trusted)];
    // What lies on the disk is read once before, and the nursery is there.
    for (_, options) in ways {
        start(options)?;
    }
    let mut starts = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..times {
        for (starts, (_, options)) in starts.iter_mut().zip(ways) {
            starts.push(start(options)?);
        }
    }
    for (starts, (way, _)) in starts.into_iter().zip(ways) {
        job::answer(&summary(&starts, way, bytes))?;
    }
    Ok(())
}

fn summary(starts: &[(f64, Memory)], way: Way, program: u64) -> EngineStart {
    let times = || starts.iter().map(|(time, _)| *time);
    let middle =
        |of: fn(&Memory) -> u64| Spread::of(starts.iter().map(|(_, memory)| of(memory) as f64)).median;
    EngineStart {
        way,
        took: Took {
            piece: Weight::Trivial,
            milliseconds: Spread::of(times()),
            worst: times().fold(0.0, f64::max),
            failed: 0,
        },
        program,
        own: middle(|memory| memory.own),
        share: middle(|memory| memory.share),
    }
}

/// Milliseconds from nothing to the first turn's answer, and the process's memory after some turns.
fn start(options: &Options) -> Result<(f64, Memory)> {
    let source = Source::Csd(Weight::Trivial.csd());
    let spec = PieceSpec::new(Piece { name: "trivial.csd".to_owned(), source, folder: None }, RATE);
    let began = Instant::now();
    let mut engine = RemoteEngine::start(&spec, options, &mut |_| ())?.engine;
    turn(&mut engine);
    let took = began.elapsed().as_secs_f64() * 1e3;
    (0..100).for_each(|_| turn(&mut engine));
    let process = engines().pop().ok_or_else(|| anyhow::anyhow!("there is no engine process"))?;
    Ok((took, memory_of(process)?))
}

fn turn(engine: &mut RemoteEngine) {
    let (input, mut output) = (Planes::new(0, KSMPS), Planes::new(engine.format().outputs.max(1), KSMPS));
    let mut turn = Turn {
        span: Span::at_front(1),
        input: &input,
        output: &mut output,
        events: &mut [],
        midi_out: &mut Vec::new(),
        offline: true,
    };
    engine.perform(&mut turn);
}
