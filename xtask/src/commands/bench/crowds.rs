//! Instances in one host beside as many raw loops, each of which is a process of its own: in turns, as everything that
//! is compared.

use std::time::Instant;

use anyhow::Result;
use csound_library::Generation;
use serde::{Deserialize, Serialize};

use super::subject::{Isolation, Lab, Subject};
use test_host::bundle::Bundle;
use test_host::measure::figures::Spread;
use test_host::measure::job::{Call, Job, Run, Slice};
use test_host::measure::pieces::Weight;
use test_host::session::Timing;

/// Frames of a block.
const BLOCK: u32 = 512;

/// Blocks of each in a run, where there are many; fewer performers perform more.
const BLOCKS: usize = 4;
const BLOCKS_OF_ALL: usize = 64;

/// The piece of each.
pub const PIECE: Weight = Weight::Moderate;

/// What performs a piece many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Many {
    /// Raw loops in processes of their own, one after the other: what all are compared with.
    RawInTurns,
    /// The same, all at once on all processors.
    RawAtOnce,
    /// Instances in one host, in its process.
    InProcess,
    /// Instances in one host, isolated.
    Isolated,
    /// The same, pipelined.
    Pipelined,
}

/// All of them, in the order of a report.
const ALL: [Many; 5] = [Many::RawInTurns, Many::RawAtOnce, Many::InProcess, Many::Isolated, Many::Pipelined];

impl Many {
    /// What a reader calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RawInTurns => "raw loops, one after the other",
            Self::RawAtOnce => "raw loops, all at once",
            Self::InProcess => "instances in-process",
            Self::Isolated => "instances isolated",
            Self::Pipelined => "instances pipelined",
        }
    }
}

/// One of those who perform a piece many times, against raw loops one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crowded {
    /// By which Csound.
    pub generation: Generation,
    /// How many times.
    pub count: usize,
    /// Who.
    pub many: Many,
    /// Its time over the raw loops'.
    pub wall: Spread,
    /// Its CPU time, of all its processes, over the raw loops'.
    pub cpu: Spread,
    /// Nanoseconds of one frame of one of them.
    pub per_frame: Spread,
}

/// What each needed in a round.
type Round = Vec<(Many, Slice)>;

/// Compares so many instances with so many raw loops.
///
/// # Errors
/// One of them does not perform.
pub fn compare(lab: &Lab, bundle: &Bundle, count: usize, rounds: usize) -> Result<Vec<Crowded>> {
    let raw = || lab.subject(&Job::RawLoop { piece: PIECE, call: Call::Ksmps }, Isolation::On);
    let mut raws = (0..count).map(|_| raw()).collect::<Result<Vec<_>>>()?;
    let host = |isolation, timing| {
        let bundle = bundle.clap.clone();
        lab.subject(&Job::Plugin { bundle, piece: PIECE, timing, count, offline: true }, isolation)
    };
    let mut hosts = [
        (Many::InProcess, host(Isolation::Off, Timing::Exact)?),
        (Many::Isolated, host(Isolation::On, Timing::Exact)?),
        (Many::Pipelined, host(Isolation::On, Timing::Pipelined)?),
    ];
    let blocks = BLOCKS_OF_ALL.div_ceil(count).max(BLOCKS);
    let run = Run { frames: (blocks * BLOCK as usize) as u64, block: BLOCK, paced: false };
    let mut measured = Vec::new();
    for number in 0..=rounds {
        let mut round = Vec::with_capacity(ALL.len());
        for at in 0..ALL.len() {
            // Another begins each time, and every other round goes backwards.
            let at = if number % 2 == 0 { at } else { ALL.len() - 1 - at };
            let many = ALL[(at + number) % ALL.len()];
            let slice = match many {
                Many::RawInTurns => in_turns(&mut raws, run)?,
                Many::RawAtOnce => at_once(&mut raws, run)?,
                many => {
                    let Some((_, host)) = hosts.iter_mut().find(|(which, _)| *which == many) else {
                        continue;
                    };
                    host.run(run)?
                }
            };
            round.push((many, slice));
        }
        // In the first everybody warms up.
        if number > 0 {
            measured.push(round);
        }
    }
    Ok(evaluate(lab.generation, count, &measured))
}

fn in_turns(raws: &mut [Subject], run: Run) -> Result<Slice> {
    let mut all = Slice::default();
    for raw in raws {
        let slice = raw.run(run)?;
        all = Slice {
            frames: all.frames + slice.frames,
            wall: all.wall + slice.wall,
            cpu: all.cpu + slice.cpu,
            ..all
        };
    }
    Ok(all)
}

fn at_once(raws: &mut [Subject], run: Run) -> Result<Slice> {
    let began = Instant::now();
    raws.iter_mut().try_for_each(|raw| raw.begin(run))?;
    let mut all = Slice::default();
    for raw in raws {
        let slice = raw.end()?;
        all = Slice { frames: all.frames + slice.frames, cpu: all.cpu + slice.cpu, ..all };
    }
    Ok(Slice { wall: began.elapsed().as_nanos() as u64, ..all })
}

fn evaluate(generation: Generation, count: usize, rounds: &[Round]) -> Vec<Crowded> {
    let slice = |round: &Round, many: Many| {
        round.iter().find(|(which, _)| *which == many).map(|(_, slice)| slice.clone())
    };
    let row = |many: Many| {
        let pairs: Vec<(Slice, Slice)> = rounds
            .iter()
            .filter_map(|round| Some((slice(round, many)?, slice(round, Many::RawInTurns)?)))
            .collect();
        let spread =
            |figure: fn(&Slice, &Slice) -> f64| Spread::of(pairs.iter().map(|(one, raw)| figure(one, raw)));
        Crowded {
            generation,
            count,
            many,
            wall: spread(|one, raw| one.wall_per_frame() / raw.wall_per_frame()),
            cpu: spread(|one, raw| one.cpu_per_frame() / raw.cpu_per_frame()),
            per_frame: spread(|one, _| one.wall_per_frame()),
        }
    };
    ALL.map(row).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_compared_with_raw_loops_of_the_same_round() {
        let slice = |wall: u64, cpu: u64| Slice { frames: 10, wall, cpu, ..Slice::default() };
        let round = |busy: u64| {
            ALL.iter()
                .enumerate()
                .map(|(at, many)| (*many, slice(busy * (100 + at as u64), busy * (200 + 20 * at as u64))))
                .collect()
        };
        let rows = evaluate(Generation::Seven, 32, &[round(1), round(3)]);
        let isolated = rows.iter().find(|row| row.many == Many::Isolated).unwrap();
        assert_eq!((isolated.count, isolated.generation), (32, Generation::Seven));
        assert_eq!((isolated.wall.median, isolated.cpu.median, isolated.wall.count), (1.03, 1.3, 2));
        assert_eq!(
            (rows[0].many, rows[0].cpu.upper, rows[0].per_frame.median),
            (Many::RawInTurns, 1.0, 20.0)
        );
    }
}
