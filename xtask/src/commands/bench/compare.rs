//! The comparison: the same piece by everything that can perform it, by each generation of Csound, in turns (A B C
//! A B C …), over several batches of processes, so that neither the machine's moods nor how one process happened to
//! lie in memory decides.

use std::time::{Duration, Instant};

use anyhow::Result;
use csound_library::Generation;
use serde::{Deserialize, Serialize};

use super::subject::{Isolation, Lab, Subject};
use test_host::bundle::Bundle;
use test_host::measure::figures::{Latency, Spread};
use test_host::measure::job::{Call, Job, Run, Slice};
use test_host::measure::pieces::{KSMPS, RATE, Weight};
use test_host::session::Timing;

/// The sizes of blocks that are compared, in frames.
pub const BLOCKS: [u32; 6] = [32, 64, 128, 256, 512, 1024];

/// Runs are multiples of so many frames: whole blocks of every size.
const GRAIN: u64 = 1024;

/// What performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// The raw loop of `csoundPerformKsmps`: what all are compared with.
    Raw,
    /// The same in blocks of some frames, at a sound card's pace: what all are compared with there.
    RawPaced(u32),
    /// The raw loop of `csoundPerformBuffer`.
    RawBuffer,
    /// The plugin, performing in the host's process, in blocks of some frames.
    InProcess(u32),
    /// The plugin, performing in an engine process, in blocks of some frames.
    Isolated(u32),
    /// The same, performing while the host goes on.
    Pipelined(u32),
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
            Self::RawPaced(block) => format!("raw loop, blocks of {block}"),
            Self::RawBuffer => "raw loop, csoundPerformBuffer".to_owned(),
            Self::InProcess(block) => format!("plugin in-process, blocks of {block}"),
            Self::Isolated(block) => format!("plugin isolated, blocks of {block}"),
            Self::Pipelined(block) => format!("plugin pipelined, blocks of {block}"),
            Self::Thread => "our performance thread".to_owned(),
            Self::Reference => "reference performance thread".to_owned(),
        }
    }

    /// Frames of its blocks, where it performs in blocks.
    fn block(self) -> Option<u32> {
        match self {
            Self::RawPaced(block)
            | Self::InProcess(block)
            | Self::Isolated(block)
            | Self::Pipelined(block) => Some(block),
            Self::Raw | Self::RawBuffer | Self::Thread | Self::Reference => None,
        }
    }
}

/// One of those who perform a piece, against the raw loop of the same round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The piece.
    pub piece: Weight,
    /// By which Csound.
    #[serde(default = "six")]
    pub generation: Generation,
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
    /// By Csound 7: its CPU time over that of the same by Csound 6, which another program takes nothing from.
    #[serde(default)]
    pub over_six: Option<Spread>,
    /// How long its blocks took, where they came at a sound card's pace.
    #[serde(default)]
    pub block: Option<Latency>,
}

/// What was measured before there were two.
pub fn six() -> Generation {
    Generation::Six
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Batches of processes.
    pub batches: usize,
    /// Rounds in each.
    pub rounds: usize,
    /// How long one run is to take.
    pub run: Duration,
    /// Whether blocks come at a sound card's pace.
    pub paced: bool,
}

/// A subject and what it is to do in each round.
struct Seat {
    subject: usize,
    generation: Generation,
    who: Who,
    run: Run,
}

/// What somebody needed in a round.
type Turn = (Generation, Who, Slice);

/// Compares on these pieces, by the Csound of each lab. The first lab's is the one that the others are compared with.
///
/// # Errors
/// A subject does not perform.
pub fn compare(
    labs: &[&Lab],
    bundle: &Bundle,
    pieces: &[Weight],
    effort: Effort,
    mut say: impl FnMut(&str),
) -> Result<Vec<Compared>> {
    let mut compared = Vec::new();
    for piece in pieces.iter().copied() {
        let began = Instant::now();
        let mut rounds = Vec::new();
        for _ in 0..effort.batches {
            batch(labs, bundle, piece, effort, &mut rounds)?;
        }
        compared.extend(evaluate(piece, &rounds));
        say(&format!("{}: {:.0} s", piece.name(), began.elapsed().as_secs_f64()));
    }
    Ok(compared)
}

/// Rounds of one batch of processes.
fn batch(
    labs: &[&Lab],
    bundle: &Bundle,
    piece: Weight,
    effort: Effort,
    rounds: &mut Vec<Vec<Turn>>,
) -> Result<()> {
    let (mut subjects, mut seats) = (Vec::new(), Vec::new());
    let mut add = |lab: &Lab, subject: Option<Subject>, whos: &[Who]| -> Result<()> {
        let Some(mut subject) = subject else { return Ok(()) };
        for who in whos {
            let run = match who.block().filter(|_| effort.paced) {
                Some(block) => paced(block, effort.run),
                None => calibrate(&mut subject, *who, effort.run)?,
            };
            seats.push(Seat { subject: subjects.len(), generation: lab.generation, who: *who, run });
        }
        subjects.push(subject);
        Ok(())
    };
    for lab in labs {
        let raw = |call| lab.subject(&Job::RawLoop { piece, call }, Isolation::On);
        let plugin = |isolation, timing| {
            // An offline render waits for the engine as in real time, but without a bound.
            let offline = !effort.paced;
            let bundle = bundle.clap.clone();
            lab.subject(&Job::Plugin { bundle, piece, timing, count: 1, offline }, isolation)
        };
        match effort.paced {
            true => add(lab, Some(raw(Call::Ksmps)?), &BLOCKS.map(Who::RawPaced))?,
            false => add(lab, Some(raw(Call::Ksmps)?), &[Who::Raw])?,
        }
        add(lab, Some(plugin(Isolation::Off, Timing::Exact)?), &BLOCKS.map(Who::InProcess))?;
        add(lab, Some(plugin(Isolation::On, Timing::Exact)?), &BLOCKS.map(Who::Isolated))?;
        add(lab, Some(plugin(Isolation::On, Timing::Pipelined)?), &BLOCKS.map(Who::Pipelined))?;
        if effort.paced {
            continue;
        }
        if lab.generation == Generation::Six {
            // Csound 7 has no csoundPerformBuffer.
            add(lab, Some(raw(Call::Buffer)?), &[Who::RawBuffer])?;
        }
        add(lab, Some(lab.subject(&Job::Thread { piece }, Isolation::On)?), &[Who::Thread])?;
        add(lab, lab.reference(piece)?, &[Who::Reference])?;
    }
    for round in 0..effort.rounds {
        let mut slices = Vec::with_capacity(seats.len());
        for turn in 0..seats.len() {
            // Another begins each time, and every other round goes backwards.
            let turn = if round % 2 == 0 { turn } else { seats.len() - 1 - turn };
            let seat = &seats[(turn + round) % seats.len()];
            slices.push((seat.generation, seat.who, subjects[seat.subject].run(seat.run)?));
        }
        rounds.push(slices);
    }
    Ok(())
}

/// The run at a sound card's pace that takes about as long as is wished.
fn paced(block: u32, wished: Duration) -> Run {
    let blocks = (wished.as_secs_f64() * RATE / f64::from(block)).ceil().max(1.0) as u64;
    Run { frames: blocks * u64::from(block), block, paced: true }
}

/// The run that takes about as long as is wished.
fn calibrate(subject: &mut Subject, who: Who, wished: Duration) -> Result<Run> {
    let mut run = Run { frames: GRAIN, block: who.block().unwrap_or(KSMPS as u32), paced: false };
    loop {
        let slice = subject.run(run)?;
        let wanted = wished.as_nanos() as f64 / slice.wall_per_frame().max(0.01);
        let enough = (wanted / GRAIN as f64).ceil().max(1.0) as u64 * GRAIN;
        // The first frames are slower than those that follow; who performs long has said enough.
        if slice.wall as u128 * 4 >= wished.as_nanos() {
            return Ok(Run { frames: enough, ..run });
        }
        run.frames = enough.min(run.frames * 8);
    }
}

/// The figures of one piece.
fn evaluate(piece: Weight, rounds: &[Vec<Turn>]) -> Vec<Compared> {
    let Some(first) = rounds.first() else { return Vec::new() };
    let mut whos: Vec<(Generation, Who)> =
        first.iter().map(|(generation, who, _)| (*generation, *who)).collect();
    whos.sort_by_key(|(generation, who)| (*generation, order(*who)));
    let against = |one: (Generation, Who), other: (Generation, Who)| -> Vec<(Slice, Slice)> {
        let of = |round: &[Turn], wanted| {
            let mut turns = round.iter();
            turns.find(|(generation, who, _)| (*generation, *who) == wanted).map(|(.., slice)| slice.clone())
        };
        rounds.iter().filter_map(|round| Some((of(round, one)?, of(round, other)?))).collect()
    };
    whos.into_iter()
        .map(|(generation, who)| {
            let same_blocks = who.block().map(Who::RawPaced);
            let is_there = |raw: &Who| first.iter().any(|(_, who, _)| who == raw);
            let raw = same_blocks.filter(is_there).unwrap_or(Who::Raw);
            let pairs = against((generation, who), (generation, raw));
            let spread = |figure: fn(&Slice, &Slice) -> f64| {
                Spread::of(pairs.iter().map(|(slice, raw)| figure(slice, raw)))
            };
            let by_six = match generation {
                Generation::Six => Vec::new(),
                Generation::Seven => against((generation, who), (Generation::Six, who)),
            };
            let own = pairs.iter().flat_map(|(slice, _)| slice.blocks.iter().copied());
            let own: Vec<u64> = own.collect();
            let over_six = by_six.iter().map(|(seven, six)| seven.cpu_per_frame() / six.cpu_per_frame());
            Compared {
                piece,
                generation,
                who,
                wall: spread(|slice, raw| slice.wall_per_frame() / raw.wall_per_frame()),
                cpu: spread(|slice, raw| slice.cpu_per_frame() / raw.cpu_per_frame()),
                per_frame: spread(|slice, _| slice.wall_per_frame()),
                beyond: spread(|slice, raw| slice.wall_per_frame() - raw.wall_per_frame()),
                over_six: (!by_six.is_empty()).then(|| Spread::of(over_six)),
                block: (!own.is_empty()).then(|| Latency::of(own, 0.0)),
            }
        })
        .collect()
}

/// The order in a report.
fn order(who: Who) -> (u32, u32) {
    match who {
        Who::Raw => (0, 0),
        Who::RawPaced(block) => (0, block),
        Who::RawBuffer => (1, 0),
        Who::InProcess(block) => (2, block),
        Who::Isolated(block) => (3, block),
        Who::Pipelined(block) => (4, block),
        Who::Thread => (5, 0),
        Who::Reference => (6, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_compared_with_the_raw_loop_of_the_same_round() {
        const SIX: Generation = Generation::Six;
        const SEVEN: Generation = Generation::Seven;
        let slice = |wall: u64, cpu: u64| Slice { frames: 100, wall, cpu, blocks: vec![] };
        // The machine is twice as slow in the second round.
        let rounds = vec![
            vec![
                (SIX, Who::Isolated(64), slice(1100, 1300)),
                (SIX, Who::Raw, slice(1000, 1000)),
                (SEVEN, Who::Raw, slice(1500, 1500)),
            ],
            vec![
                (SEVEN, Who::Raw, slice(3000, 3000)),
                (SIX, Who::Raw, slice(2000, 2000)),
                (SIX, Who::Isolated(64), slice(2200, 2600)),
            ],
        ];
        let compared = evaluate(Weight::Moderate, &rounds);
        let rows: Vec<_> = compared.iter().map(|row| (row.generation, row.who)).collect();
        assert_eq!(rows, [(SIX, Who::Raw), (SIX, Who::Isolated(64)), (SEVEN, Who::Raw)]);
        assert_eq!((compared[1].over_six, compared[2].over_six.unwrap().median), (None, 1.5));
        assert_eq!(compared[2].wall.median, 1.0);
        assert_eq!(compared[0].wall.median, 1.0);
        assert_eq!(compared[1].wall, Spread { lower: 1.1, median: 1.1, upper: 1.1, count: 2 });
        assert_eq!(compared[1].cpu.median, 1.3);
        assert_eq!(compared[1].beyond.median, 1.5);
        assert_eq!(compared[1].per_frame.median, 16.5);
    }

    #[test]
    fn at_a_sound_cards_pace_the_raw_loop_of_the_same_blocks_counts() {
        let slice =
            |wall: u64| Slice { frames: 100, wall, cpu: 2 * wall, blocks: vec![wall * 10, wall * 30] };
        let turn = |who, wall| (Generation::Six, who, slice(wall));
        let round = vec![
            turn(Who::Isolated(64), 1200),
            turn(Who::RawPaced(512), 500),
            turn(Who::RawPaced(64), 1000),
            turn(Who::Isolated(512), 550),
        ];
        let compared = evaluate(Weight::Trivial, &[round]);
        let ratios: Vec<_> = compared.iter().map(|row| (row.who, row.wall.median, row.cpu.median)).collect();
        let expected = [
            (Who::RawPaced(64), 1.0, 1.0),
            (Who::RawPaced(512), 1.0, 1.0),
            (Who::Isolated(64), 1.2, 1.2),
            (Who::Isolated(512), 1.1, 1.1),
        ];
        assert_eq!(ratios, expected);
        // Microseconds: those of its blocks, not of the raw loop's.
        let block = compared[2].block.unwrap();
        assert_eq!((block.median, block.worst, block.count), (24.0, 36.0, 2));
        assert_eq!(paced(1024, Duration::from_millis(50)), Run { frames: 3072, block: 1024, paced: true });
    }
}
