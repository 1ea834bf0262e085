//! A piece, some blocks of it, and nothing else: for callgrind, which counts the instructions of each thread. This one
//! is the host's audio thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use csound_library::FlushDenormals;
use csound_performance::blocks::{Blocks, Seat, arrivals};
use csound_performance::engine::framing::Timing;
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::{Engine, PieceSpec, Shared};
use test_host::measure::job::{self, Call, Counted, Slice};
use test_host::measure::pieces::{KSMPS, RATE, Weight};

/// What callgrind makes of a start: it takes some fifty times as long.
const PATIENCE: Duration = Duration::from_secs(300);

/// The pause between two blocks, so that either side finds the other asleep and counts the same each time.
const PAUSE: Duration = Duration::from_millis(2);

/// Performs `blocks` blocks of `frames` frames; if that is 0, as many as it is asked for, as a subject does.
pub fn perform(engine: PathBuf, piece: Weight, counted: Counted, frames: usize, blocks: usize) -> Result<()> {
    let source = Source::Csd(piece.csd());
    let piece_itself = Piece { name: format!("{}.csd", piece.name()), source, folder: None };
    let spec = PieceSpec::new(piece_itself, RATE);
    let seated: Box<dyn Engine> = match counted {
        Counted::RawLoop => return raw_loop(piece, frames * blocks),
        Counted::InProcess => Box::new(LocalEngine::start(&spec, &mut |_| ())?.engine),
        Counted::Isolated | Counted::Pipelined => {
            // Without a confinement, which callgrind would need to be let through.
            let options = Options { compile_limit: PATIENCE, ..Options::new(engine, None) };
            Box::new(RemoteEngine::start(&spec, &options, &mut |_| ())?.engine)
        }
    };
    let timing = if counted == Counted::Pipelined { Timing::Pipelined } else { Timing::Exact };
    let (shared, arrivals) = (Arc::<Shared>::default(), arrivals());
    drop(arrivals.force_push(Box::new(Seat::new(seated, frames))));
    let mut driver = Blocks::new(shared, arrivals);
    driver.activate(RATE, frames, timing);
    let _denormals = FlushDenormals::new();
    let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
    let mut perform = |blocks: usize| {
        for _ in 0..blocks {
            driver.begin(frames, true).finish(&mut [&mut left, &mut right]);
            std::thread::sleep(PAUSE);
        }
    };
    if blocks > 0 {
        perform(blocks);
        return Ok(());
    }
    job::serve(|run| {
        perform((run.frames / u64::from(run.block)) as usize);
        Ok(Slice { frames: run.frames, ..Slice::default() })
    })
}

fn raw_loop(piece: Weight, frames: usize) -> Result<()> {
    let (mut csound, _folder) = super::raw_loop::start(piece, Call::Ksmps)?;
    let _denormals = FlushDenormals::new();
    for _ in 0..frames / KSMPS {
        anyhow::ensure!(csound.perform_ksmps() == 0, "the piece has ended");
    }
    Ok(())
}
