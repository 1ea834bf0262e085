//! Instructions a frame, counted by callgrind (and step by step, where that cannot): they are the same on a busy machine, so that a change of cost is seen
//! there too.
//!
//! Each run is made twice, the second of twice as many blocks. The difference is what the blocks take, without the
//! start. Of several threads the one that takes most of it is meant: the host's audio thread, and the engine's that
//! performs.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csound_library::Generation;
use serde::{Deserialize, Serialize};
use test_host::measure::job::{Counted, Job, Run};
use test_host::measure::pieces::Weight;
use test_host::tools::finds;

use super::subject::{Isolation, Lab};
use super::{compare, stepping};

/// What counts.
const COUNTER: &str = "valgrind";

/// Blocks of the shorter run.
const BLOCKS: usize = 100;

/// The same where instructions are counted step by step.
const STEPPED_BLOCKS: u64 = 20;

/// The piece: the fixed costs are the most of what it takes.
const PIECE: Weight = Weight::Trivial;

/// The instructions that one frame takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instructions {
    /// By which Csound.
    #[serde(default = "compare::six")]
    pub generation: Generation,
    /// What performed.
    pub counted: Counted,
    /// Frames of a block.
    pub frames: usize,
    /// On the host's thread.
    pub host: f64,
    /// In the engine's process, where there is one.
    pub engine: Option<f64>,
}

/// Counts everything; nothing, with a word, where there is nobody to count.
///
/// # Errors
/// A run fails.
pub fn count(lab: &Lab, engine: &Path, quick: bool) -> Result<Vec<Instructions>> {
    if !finds(COUNTER) {
        println!("  skipped: valgrind is not here; `cargo xtask setup` installs it");
        return Ok(Vec::new());
    }
    let blocks: &[usize] = if quick { &[512] } else { &[32, 64, 512] };
    let mut counts = Vec::new();
    for frames in blocks.iter().copied() {
        for counted in [Counted::RawLoop, Counted::InProcess, Counted::Isolated, Counted::Pipelined] {
            counts.push(one(lab, engine, counted, frames)?);
        }
    }
    Ok(counts)
}

fn one(lab: &Lab, engine: &Path, counted: Counted, frames: usize) -> Result<Instructions> {
    let is_elsewhere = matches!(counted, Counted::Isolated | Counted::Pipelined);
    let host = match is_elsewhere {
        true => steps(lab, engine, counted, frames)?,
        false => difference(|blocks| host_side(lab, engine, counted, frames, blocks), frames)?,
    };
    let engine = match is_elsewhere {
        true => Some(difference(|blocks| engine_side(lab, engine, counted, frames, blocks), frames)?),
        false => None,
    };
    Ok(Instructions { generation: lab.generation, counted, frames, host, engine })
}

/// By thread, the instructions of a run.
type Threads = BTreeMap<String, u64>;

/// The instructions of a frame on the thread that takes most of them.
fn difference(run: impl Fn(usize) -> Result<Threads>, frames: usize) -> Result<f64> {
    let (once, twice) = (run(BLOCKS)?, run(2 * BLOCKS)?);
    let beyond =
        |(thread, count): (&String, &u64)| count.saturating_sub(once.get(thread).copied().unwrap_or(0));
    let most = twice.iter().map(beyond).max().context("nothing was counted")?;
    Ok(most as f64 / (frames * BLOCKS) as f64)
}

fn job(engine: &Path, counted: Counted, frames: usize, blocks: usize) -> Job {
    Job::Instructions { engine: engine.to_owned(), piece: PIECE, counted, frames, blocks }
}

/// The instructions of a frame on the host's thread over an engine process. Callgrind lacks system calls by which such
/// a process is started, so they are counted step by step.
fn steps(lab: &Lab, engine: &Path, counted: Counted, frames: usize) -> Result<f64> {
    let run = |blocks: u64| {
        let run = Run { frames: blocks * frames as u64, block: frames as u32, paced: false };
        stepping::steps(lab.command(&job(engine, counted, frames, 0), Isolation::On)?, run)
    };
    let (once, twice) = (run(STEPPED_BLOCKS)?, run(2 * STEPPED_BLOCKS)?);
    Ok(twice.saturating_sub(once) as f64 / (STEPPED_BLOCKS * frames as u64) as f64)
}

/// Callgrind over the measuring program.
fn host_side(lab: &Lab, engine: &Path, counted: Counted, frames: usize, blocks: usize) -> Result<Threads> {
    let counts = Counts::new(lab)?;
    let (tool, out) = (counts.tool(), counts.out());
    let program = [OsStr::new(COUNTER), OsStr::new(&tool), OsStr::new(THREADS), OsStr::new(&out)];
    lab.run_by(&program, &job(engine, counted, frames, blocks), Isolation::On)?;
    counts.read()
}

/// Callgrind over the engine program, which a script starts for the host.
fn engine_side(lab: &Lab, engine: &Path, counted: Counted, frames: usize, blocks: usize) -> Result<Threads> {
    let counts = Counts::new(lab)?;
    let script = counts.folder.path().join("engine");
    let text = format!(
        "#!/bin/sh\nexec {COUNTER} {} {THREADS} '{}' --vgdb=no --log-file=/dev/null '{}'\n",
        counts.tool(),
        counts.out(),
        engine.display()
    );
    fs::write(&script, text)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    lab.run_by(&[OsStr::new("env")], &job(&script, counted, frames, blocks), Isolation::On)?;
    counts.read()
}

const THREADS: &str = "--separate-threads=yes";

/// Where callgrind leaves its counts, a file a thread.
struct Counts {
    folder: tempfile::TempDir,
}

impl Counts {
    fn new(lab: &Lab) -> Result<Self> {
        Ok(Self { folder: tempfile::TempDir::new_in(lab.folder())? })
    }

    fn tool(&self) -> String {
        "--tool=callgrind".to_owned()
    }

    fn out(&self) -> String {
        format!("--callgrind-out-file={}", self.folder.path().join("counts").display())
    }

    fn read(&self) -> Result<Threads> {
        let files = fs::read_dir(self.folder.path())?.flatten().map(|file| file.path());
        let counts = files.filter(|file| file.to_string_lossy().contains("counts"));
        Ok(counts
            .filter_map(|file| Some((thread_of(&file)?, total(&fs::read_to_string(&file).ok()?)?)))
            .collect())
    }
}

/// The thread of a file of counts.
fn thread_of(file: &PathBuf) -> Option<String> {
    Some(Path::new(file).file_name()?.to_str()?.rsplit_once('-')?.1.to_owned())
}

/// The sum in a file of counts.
fn total(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("totals:")?.trim().parse().ok())
}

/// The section of the report.
pub fn section(rows: &[Instructions]) -> String {
    let mut text = String::new();
    if rows.is_empty() {
        return text;
    }
    // Writing into a text cannot fail.
    let _ = writeln!(
        text,
        "Instructions a frame, counted: {}\n  {:42}{:>14}{:>14}",
        PIECE.description(),
        "",
        "host's thread",
        "engine's"
    );
    for Instructions { generation, counted, frames, host, engine } in rows {
        let what = match counted {
            Counted::RawLoop => "raw loop, csoundPerformKsmps".to_owned(),
            Counted::InProcess => format!("in-process, blocks of {frames}"),
            Counted::Isolated => format!("isolated, blocks of {frames}"),
            Counted::Pipelined => format!("pipelined, blocks of {frames}"),
        };
        let engine = engine.map_or("-".to_owned(), |engine| format!("{engine:.2}"));
        let what = format!("{generation}, {what}");
        let _ = writeln!(text, "  {what:42}{host:14.2}{engine:>14}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_that_takes_most_is_counted_without_the_start() {
        let run = |blocks: usize| {
            let (first, second) = (9_000_000 + blocks as u64, 5_000 + 10 * blocks as u64);
            Ok(Threads::from([("01".to_owned(), first), ("02".to_owned(), second)]))
        };
        assert_eq!(difference(run, 5).unwrap(), 2.0);
        assert_eq!(total("events: Ir\nsummary: 3\ntotals: 12345\n"), Some(12_345));
        assert_eq!(thread_of(&PathBuf::from("/tmp/counts-02")), Some("02".to_owned()));
    }
}
