//! The comparison: the same piece by everything that can perform it, in turns (A B C A B C …), over
//! several generations of processes, so that neither the machine's moods nor how one process
//! happened to lie in memory decides.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::subject::{Isolation, Lab, Subject};
use test_host::bundle::Bundle;
use test_host::measure::figures::Spread;
use test_host::measure::job::{Call, Job, Run, Slice};
use test_host::measure::pieces::{COMPARED, KSMPS, Weight};

/// The sizes of blocks that are compared, in frames.
pub const BLOCKS: [u32; 5] = [32, 64, 128, 512, 1024];

/// Runs are multiples of so many frames: whole blocks of every size.
const GRAIN: u64 = 1024;

/// What performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// The raw loop of `csoundPerformKsmps`: what all are compared with.
    Raw,
    /// The raw loop of `csoundPerformBuffer`.
    RawBuffer,
    /// The plugin, performing in the host's process, in blocks of some frames.
    InProcess(u32),
    /// The plugin, performing in an engine process, in blocks of some frames.
    Isolated(u32),
    /// Our performance thread.
    Thread,
    /// The reference performance thread.
    Reference,
}

impl Who {
    /// What a reader calls it.
    pub fn name(self) -> String {
        match self {
            Self::Raw => "raw loop, csoundPerformKsmps".to_owned(),
            Self::RawBuffer => "raw loop, csoundPerformBuffer".to_owned(),
            Self::InProcess(block) => format!("plugin in-process, blocks of {block}"),
            Self::Isolated(block) => format!("plugin isolated, blocks of {block}"),
            Self::Thread => "our performance thread".to_owned(),
            Self::Reference => "reference performance thread".to_owned(),
        }
    }
}

/// One of those who perform a piece, against the raw loop of the same round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The piece.
    pub piece: Weight,
    /// Who performed it.
    pub who: Who,
    /// Its time over the raw loop's.
    pub wall: Spread,
    /// Its CPU time, of all its processes, over the raw loop's.
    pub cpu: Spread,
    /// Nanoseconds a frame.
    pub per_frame: Spread,
    /// Nanoseconds a frame more than the raw loop.
    pub beyond: Spread,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Generations of processes.
    pub generations: usize,
    /// Rounds in each.
    pub rounds: usize,
    /// How long one run is to take.
    pub run: Duration,
}

/// A subject and what it is to do in each round.
struct Seat {
    subject: usize,
    who: Who,
    run: Run,
}

/// Compares on every piece.
///
/// # Errors
/// A subject does not perform.
pub fn compare(
    lab: &Lab,
    bundle: &Bundle,
    effort: Effort,
    mut say: impl FnMut(&str),
) -> Result<Vec<Compared>> {
    let mut compared = Vec::new();
    for piece in COMPARED {
        let began = Instant::now();
        let mut rounds = Vec::new();
        for _ in 0..effort.generations {
            generation(lab, bundle, piece, effort, &mut rounds)?;
        }
        compared.extend(evaluate(piece, &rounds));
        say(&format!("{}: {:.0} s", piece.name(), began.elapsed().as_secs_f64()));
    }
    Ok(compared)
}

/// Rounds of one generation of processes.
fn generation(
    lab: &Lab,
    bundle: &Bundle,
    piece: Weight,
    effort: Effort,
    rounds: &mut Vec<Vec<(Who, Slice)>>,
) -> Result<()> {
    let (mut subjects, mut seats) = (Vec::new(), Vec::new());
    let mut add = |subject: Option<Subject>, whos: &[Who]| -> Result<()> {
        let Some(mut subject) = subject else { return Ok(()) };
        for who in whos {
            let run = calibrate(&mut subject, *who, effort.run)?;
            seats.push(Seat { subject: subjects.len(), who: *who, run });
        }
        subjects.push(subject);
        Ok(())
    };
    let raw = |call| lab.subject(&Job::RawLoop { piece, call }, Isolation::On);
    let plugin = |isolation| lab.subject(&Job::Plugin { bundle: bundle.clap.clone(), piece }, isolation);
    add(Some(raw(Call::Ksmps)?), &[Who::Raw])?;
    add(Some(plugin(Isolation::Off)?), &BLOCKS.map(Who::InProcess))?;
    add(Some(plugin(Isolation::On)?), &BLOCKS.map(Who::Isolated))?;
    add(Some(raw(Call::Buffer)?), &[Who::RawBuffer])?;
    add(Some(lab.subject(&Job::Thread { piece }, Isolation::On)?), &[Who::Thread])?;
    add(lab.reference(piece)?, &[Who::Reference])?;
    for round in 0..effort.rounds {
        let mut slices = Vec::with_capacity(seats.len());
        for turn in 0..seats.len() {
            // Another begins each time, and every other round goes backwards.
            let turn = if round % 2 == 0 { turn } else { seats.len() - 1 - turn };
            let seat = &seats[(turn + round) % seats.len()];
            slices.push((seat.who, subjects[seat.subject].run(seat.run)?));
        }
        rounds.push(slices);
    }
    Ok(())
}

/// The run that takes about as long as is wished.
fn calibrate(subject: &mut Subject, who: Who, wished: Duration) -> Result<Run> {
    let block = match who {
        Who::InProcess(block) | Who::Isolated(block) => block,
        Who::Raw | Who::RawBuffer | Who::Thread | Who::Reference => KSMPS as u32,
    };
    let mut run = Run { frames: GRAIN, block };
    loop {
        let slice = subject.run(run)?;
        let wanted = wished.as_nanos() as f64 / slice.wall_per_frame().max(0.01);
        let enough = (wanted / GRAIN as f64).ceil().max(1.0) as u64 * GRAIN;
        // The first frames are slower than those that follow; who performs long has said enough.
        if slice.wall as u128 * 4 >= wished.as_nanos() {
            return Ok(Run { frames: enough, block });
        }
        run.frames = enough.min(run.frames * 8);
    }
}

/// The figures of one piece.
fn evaluate(piece: Weight, rounds: &[Vec<(Who, Slice)>]) -> Vec<Compared> {
    let Some(first) = rounds.first() else { return Vec::new() };
    let mut whos: Vec<Who> = first.iter().map(|(who, _)| *who).collect();
    whos.sort_by_key(|who| order(*who));
    let against_raw = |who: Who| -> Vec<(Slice, Slice)> {
        let of = |round: &[(Who, Slice)], wanted: Who| {
            round.iter().find(|(who, _)| *who == wanted).map(|(_, slice)| *slice)
        };
        rounds.iter().filter_map(|round| Some((of(round, who)?, of(round, Who::Raw)?))).collect()
    };
    whos.into_iter()
        .map(|who| {
            let pairs = against_raw(who);
            let spread = |figure: fn(&Slice, &Slice) -> f64| {
                Spread::of(pairs.iter().map(|(slice, raw)| figure(slice, raw)))
            };
            Compared {
                piece,
                who,
                wall: spread(|slice, raw| slice.wall_per_frame() / raw.wall_per_frame()),
                cpu: spread(|slice, raw| slice.cpu_per_frame() / raw.cpu_per_frame()),
                per_frame: spread(|slice, _| slice.wall_per_frame()),
                beyond: spread(|slice, raw| slice.wall_per_frame() - raw.wall_per_frame()),
            }
        })
        .collect()
}

/// The order in a report.
fn order(who: Who) -> (u32, u32) {
    match who {
        Who::Raw => (0, 0),
        Who::RawBuffer => (1, 0),
        Who::InProcess(block) => (2, block),
        Who::Isolated(block) => (3, block),
        Who::Thread => (4, 0),
        Who::Reference => (5, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_compared_with_the_raw_loop_of_the_same_round() {
        let slice = |wall: u64, cpu: u64| Slice { frames: 100, wall, cpu };
        // The machine is twice as slow in the second round.
        let rounds = vec![
            vec![(Who::Isolated(64), slice(1100, 1300)), (Who::Raw, slice(1000, 1000))],
            vec![(Who::Raw, slice(2000, 2000)), (Who::Isolated(64), slice(2200, 2600))],
        ];
        let compared = evaluate(Weight::Moderate, &rounds);
        assert_eq!(compared.iter().map(|row| row.who).collect::<Vec<_>>(), [Who::Raw, Who::Isolated(64)]);
        assert_eq!(compared[0].wall.median, 1.0);
        assert_eq!(compared[1].wall, Spread { lower: 1.1, median: 1.1, upper: 1.1, count: 2 });
        assert_eq!(compared[1].cpu.median, 1.3);
        assert_eq!(compared[1].beyond.median, 1.5);
        assert_eq!(compared[1].per_frame.median, 16.5);
    }
}
