//! The plugin in the headless host, measured from the host's side. Runs in the measuring program;
//! whether engines are isolated is the environment's choice, as for users.
//!
//! Blocks are rendered offline where nothing else is said: then no late turn becomes silence, and all
//! blocks wait alike. A loop that outruns the clock would be taken for an offline render anyway; in
//! real time the same waiting only has a bound.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::figures::Spread;
use super::job::{self, Crowd, Slice, Took};
use super::pace::{self, Pace};
use super::pieces::{RATE, Weight};
use super::usage::{CpuMeter, engines, memory, nurseries};
use crate::host::{Host, INSTRUMENT, Instance};
use crate::session::{self, Session, Timing};

/// The largest block, in frames.
const LARGEST: u32 = 1024;

/// Frames of a block where only one size is measured.
const BLOCK: usize = 512;

/// Frames of a block while engines are killed.
const KILL_BLOCK: usize = 128;

/// Frames that are played before anything is measured.
const WARM_UP: usize = 48_000 / 4;

/// Measurements of which the spread over a crowd's frames is made.
const CROWD_SLICES: usize = 9;

/// An instance may lose so many engines within ten seconds; with one more it would give up.
const KILLS_OF_AN_INSTANCE: usize = 3;

/// How long sound is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// By then what was heard of an engine that was killed has faded.
const FADED: Duration = Duration::from_millis(5);

/// What is quieter is silence.
const SILENCE: f32 = 1e-4;

/// A subject: `count` instances of the plugin, block by block in turns. Frames are those of all of them.
///
/// # Errors
/// The plugin does not play the piece.
pub fn serve(bundle: &Path, (piece, timing): (Weight, Timing), count: usize, offline: bool) -> Result<()> {
    let host = Host::load(bundle)?;
    let mut crowd = (0..count).map(|_| playing(&host, piece, timing, offline)).collect::<Result<Vec<_>>>()?;
    for instance in &mut crowd {
        play(instance, WARM_UP)?;
    }
    let cpu = CpuMeter::new()?;
    job::serve(|run| {
        let slice = pace::blocks(run, &cpu, || {
            crowd.iter_mut().try_for_each(|one| one.play(run.block as usize).map(drop))
        })?;
        Ok(Slice { frames: slice.frames * count as u64, ..slice })
    })
}

/// Loads a piece again and again into a plugin that plays, and measures the time from the state's
/// arrival to the first block of the new engine.
///
/// # Errors
/// The plugin does not play the piece.
pub fn reload(bundle: &Path, times: usize) -> Result<()> {
    let host = Host::load(bundle)?;
    for piece in [Weight::Trivial, Weight::Moderate] {
        let mut instance = playing(&host, piece, Timing::Exact, true)?;
        let state = session(piece).state()?;
        play(&mut instance, WARM_UP)?;
        let mut took = Vec::new();
        for _ in 0..times {
            let began = Instant::now();
            instance.load_state(&state)?;
            // Offline, a block waits for the engine that is wanted.
            instance.play(BLOCK)?;
            took.push(began.elapsed().as_secs_f64() * 1000.0);
            play(&mut instance, WARM_UP)?;
        }
        check(&mut instance)?;
        job::answer(&summary(piece, &took, 0))?;
    }
    Ok(())
}

/// Plays some instances in one host, one after the other in each block, and measures what each costs.
///
/// # Errors
/// The plugin does not play the piece.
pub fn instances(bundle: &Path, (piece, timing): (Weight, Timing), count: usize, seconds: f64) -> Result<()> {
    let host = Host::load(bundle)?;
    // What comes once, with the first instance of a host, belongs to none: libcsound, for one.
    drop(playing(&host, piece, timing, true)?);
    let before = memory(Pid::this())?;
    let mut crowd = (0..count).map(|_| playing(&host, piece, timing, true)).collect::<Result<Vec<_>>>()?;
    for instance in &mut crowd {
        play(instance, WARM_UP / 4)?;
    }
    let cpu = CpuMeter::new()?;
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let mut slices = Vec::new();
    while slices.len() < CROWD_SLICES || Instant::now() < until {
        slices.push(round(&mut crowd, &cpu)?);
    }
    let grown = memory(Pid::this())?.saturating_sub(before);
    let engines = engines().into_iter().chain(nurseries()).map(memory).sum::<Result<u64>>()?;
    job::answer(&Crowd {
        count,
        piece,
        wall: Spread::of(slices.iter().map(Slice::wall_per_frame)),
        cpu: Spread::of(slices.iter().map(Slice::cpu_per_frame)),
        host: grown as f64 / count as f64,
        engine: engines as f64 / count as f64,
    })
}

/// Some blocks of each instance.
fn round(crowd: &mut [Instance], cpu: &CpuMeter) -> Result<Slice> {
    let blocks = 64_usize.div_ceil(crowd.len());
    let (before, began) = (cpu.read()?, Instant::now());
    for _ in 0..blocks {
        for instance in crowd.iter_mut() {
            instance.play(BLOCK)?;
        }
    }
    let wall = began.elapsed().as_nanos() as u64;
    let cpu = (cpu.read()? - before).as_nanos() as u64;
    Ok(Slice { frames: (blocks * BLOCK * crowd.len()) as u64, wall, cpu, blocks: Vec::new() })
}

/// Kills engines while their pieces play in real time, and measures how long it takes until they are
/// heard again.
///
/// # Errors
/// The plugin does not play the piece, or there is no engine to kill.
pub fn kill_engines(bundle: &Path, times: usize) -> Result<()> {
    let host = Host::load(bundle)?;
    let (mut took, mut failed) = (Vec::new(), 0);
    while took.len() + failed < times {
        let mut instance = playing(&host, Weight::Trivial, Timing::Exact, false)?;
        let mut player = Player::new(KILL_BLOCK);
        player.play(&mut instance, Duration::from_millis(200))?;
        for _ in 0..KILLS_OF_AN_INSTANCE.min(times - took.len() - failed) {
            let engine = *engines().first().context("no engine process runs: nothing to kill")?;
            let killed = Instant::now();
            kill(engine, Signal::SIGKILL).context("the engine cannot be killed")?;
            match player.until_heard_again(&mut instance, engine)? {
                true => took.push(killed.elapsed().as_secs_f64() * 1000.0),
                false => failed += 1,
            }
            player.play(&mut instance, Duration::from_millis(200))?;
        }
    }
    job::answer(&summary(Weight::Trivial, &took, failed))
}

/// Calls a plugin at the pace of a sound card.
struct Player {
    frames: usize,
    pace: Pace,
}

impl Player {
    fn new(frames: usize) -> Self {
        Self { frames, pace: Pace::new(frames) }
    }

    /// One block, when it is time.
    fn block(&mut self, instance: &mut Instance) -> Result<()> {
        self.pace.wait();
        instance.play(self.frames)?;
        Ok(())
    }

    fn play(&mut self, instance: &mut Instance, duration: Duration) -> Result<()> {
        let until = Instant::now() + duration;
        while Instant::now() < until {
            self.block(instance)?;
        }
        Ok(())
    }

    /// Plays until silence was heard and sound after it; false if that does not come. Where another engine was
    /// there before the next block there is no silence: then it counts from when the killed one's fade is over.
    fn until_heard_again(&mut self, instance: &mut Instance, killed: Pid) -> Result<bool> {
        let began = Instant::now();
        let mut was_silent = false;
        while began.elapsed() < PATIENCE {
            self.block(instance)?;
            let left = &instance.heard()[0][..self.frames];
            let silent = left.iter().all(|sample| sample.abs() < SILENCE);
            if was_silent && !silent {
                return Ok(true);
            }
            was_silent |= silent;
            let another = || engines().iter().any(|engine| *engine != killed);
            if !was_silent && began.elapsed() > FADED && another() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn summary(piece: Weight, milliseconds: &[f64], failed: usize) -> Took {
    let worst = milliseconds.iter().copied().fold(0.0, f64::max);
    Took { piece, milliseconds: Spread::of(milliseconds.iter().copied()), worst, failed }
}

fn session(piece: Weight) -> Session {
    // The Csound that the benchmark lets be found.
    let csound = csound_library::installed().into_iter().map(|found| found.generation.number().into()).next();
    Session { csound, ..Session::from_csd(&format!("{}.csd", piece.name()), piece.csd()) }
}

fn playing(host: &Host, piece: Weight, timing: Timing, offline: bool) -> Result<Instance> {
    let mut instance = Instance::new(host, INSTRUMENT)?;
    instance.set_offline(offline)?;
    instance.load_state(&Session { timing, ..session(piece) }.state()?)?;
    instance.activate(RATE, 1, LARGEST)?;
    instance.settle()?;
    instance.start()?;
    check(&mut instance)?;
    Ok(instance)
}

/// That the piece performs.
fn check(instance: &mut Instance) -> Result<()> {
    let error = session::error_of(&instance.save_state()?)?;
    ensure!(error.is_none(), "the piece does not perform: {}", error.unwrap_or_default());
    Ok(())
}

fn play(instance: &mut Instance, frames: usize) -> Result<()> {
    for _ in 0..frames.div_ceil(BLOCK) {
        instance.play(BLOCK)?;
    }
    Ok(())
}
