//! `cargo xtask bench`: what performing a piece in the plugin costs, against a raw loop around Csound.
//!
//! This program only conducts. What is measured runs in release builds, in processes of its own: the
//! measuring program (`benches/measure`, which links the library and the headless host of this
//! crate), the release bundle that it loads, and the engine program beside it. The plugin in-process
//! is the same bundle with `CSOUND_PERFORMER_ISOLATION=off` in the environment.
//!
//! Reading order: this file, `test_host::measure` (what is asked of the measuring program, and measured there),
//! [`subject`] (the pipe to it), [`compare`] (everybody in turns), [`instructions`] (counted, not timed), [`results`], [`goals`], [`report`], [`chart`].

pub mod chart;
pub mod compare;
pub mod goals;
pub mod instructions;
pub mod report;
pub mod results;
pub mod stepping;
pub mod subject;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::Value;

use test_host::bundle::Bundle;
use test_host::measure::job::{Crowd, Job, Took};
use test_host::measure::pieces::{COMPARED, Weight};
use test_host::measure::usage::Others;
use test_host::project::{cargo, target_dir};
use test_host::session::Timing;

use crate::commands::bundle::{self, Quiet};
use compare::Effort;
use results::{Machine, Results};
use subject::{Isolation, Lab};

/// The package of the measuring program; its name, and that of its profile, a release build.
const PACKAGE: &str = "csound-performer";
const PROGRAM: &str = "measure";

/// The sizes of crowds.
const CROWDS: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// The sizes of crowds whose engines are started as programs.
const CROWDS_OF_PROGRAMS: [usize; 2] = [8, 32];

/// What `cargo xtask bench` is given.
#[derive(Args, Debug)]
pub struct BenchArgs {
    /// About two minutes instead of ten: fewer repetitions
    #[arg(long)]
    pub quick: bool,
    /// Measure only this
    #[arg(long, value_name = "NAME")]
    pub only: Option<Part>,
}

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Time over a raw loop, by Csound 6 and 7, and that of 7 over 6
    Ratios,
    /// The same beside two busy programs, the moderate piece
    Beside,
    /// Instructions a frame, counted by callgrind
    Instructions,
    /// From the audio thread to an engine and back
    HandOver,
    /// Time until an engine process performs, its size and memory
    Start,
    /// The worst block while other threads do their worst
    Stress,
    /// Commands per second
    Queue,
    /// Frames per second of the editor
    Editor,
    /// Time to load a piece
    Reload,
    /// 1 to 32 instances: time and memory
    Instances,
    /// Time until sound is back after kill -9
    Kill,
}

/// Runs `cargo xtask bench`.
///
/// # Errors
/// Something does not build, libcsound is missing, or a measurement fails.
pub fn run(args: &BenchArgs) -> Result<()> {
    println!(
        "Building the release bundles and the measuring program; the first time this takes some minutes."
    );
    let bundle = bundle::release(Quiet::Yes)?;
    let lab = Lab::new(build_program()?, bundle.engine())?;
    let (began, others) = (Instant::now(), Others::new());
    let seven = lab.over_csound_7()?;
    if seven.is_none() {
        println!(
            "Csound 7 is not installed (`cargo xtask setup --test` brings one): only Csound 6 is measured."
        );
    }
    let bench = Bench { args, lab, seven, bundle };
    let measured = bench.measure()?;
    let results = Results { machine: machine(&others, args.quick), ..measured };
    let folder = target_dir().join("bench");
    report::write(&folder, &results)?;
    println!("\n{}", report::text(&results));
    println!(
        "Measured in {:.0} s. {}: report.txt, report.json, chart.png",
        began.elapsed().as_secs_f64(),
        folder.display()
    );
    Ok(())
}

/// Builds the measuring program, if there is anything new, and says where it is.
fn build_program() -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--profile", PROGRAM, "--package", PACKAGE, "--bench", PROGRAM]);
    command.args(["--quiet", "--message-format", "json-render-diagnostics"]);
    command.arg("--target-dir").arg(target_dir());
    let built = command.stderr(Stdio::inherit()).output().context("cargo does not run")?;
    ensure!(built.status.success(), "the measuring program does not build");
    let said = String::from_utf8_lossy(&built.stdout);
    let mut messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages.find_map(|message| {
        let is_it = message["target"]["name"] == PROGRAM;
        message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
    });
    program.context("cargo does not say where the measuring program is")
}

fn machine(others: &Others, quick: bool) -> Machine {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let name = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    Machine {
        processor: name.map_or("an unnamed processor", |(_, name)| name.trim()).to_owned(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        others: others.share(),
        quick,
    }
}

/// A run of the benchmark.
struct Bench<'a> {
    args: &'a BenchArgs,
    lab: Lab,
    /// The same over Csound 7, where that is installed.
    seven: Option<Lab>,
    bundle: Bundle,
}

impl Bench<'_> {
    fn measure(&self) -> Result<Results> {
        let mut results = Results::default();
        if self.wants(Part::Ratios) {
            println!("Comparing with the raw loop");
            results.compared =
                compare::compare(&self.labs(), &self.bundle, &COMPARED, self.effort(), |line| {
                    println!("  {line}")
                })?;
        }
        if self.wants(Part::Beside) {
            println!("Comparing beside two busy programs");
            let busy = [self.lab.busy()?, self.lab.busy()?];
            let effort = Effort { batches: self.choose(1, 2), ..self.effort() };
            let pieces = [Weight::Moderate];
            results.beside =
                compare::compare(&[&self.lab], &self.bundle, &pieces, effort, |line| println!("  {line}"))?;
            drop(busy);
        }
        if self.wants(Part::Instructions) {
            println!("Instructions");
            results.instructions = instructions::count(&self.lab, &self.bundle.engine(), self.args.quick)?;
        }
        if self.wants(Part::HandOver) {
            println!("Hand-over");
            let (turns, paced) = if self.args.quick { (100_000, 1500) } else { (300_000, 10_000) };
            let job = Job::HandOver { engine: self.bundle.engine(), turns, paced };
            results.hand_over = self.lab.ask(&job, Isolation::On)?;
        }
        if self.wants(Part::Start) {
            println!("Engine starts");
            let job = Job::Start { engine: self.bundle.engine(), times: self.choose(7, 21) };
            results.start = self.lab.ask(&job, Isolation::On)?;
            if let Some(seven) = &self.seven {
                results.start_by_seven = seven.ask(&job, Isolation::On)?;
            }
        }
        if self.wants(Part::Stress) {
            println!("Blocks in quiet and under stress");
            let job = |timing| Job::Stress { seconds: self.choose(1.5, 6.0), timing };
            results.stress = self.lab.ask(&job(Timing::Exact), Isolation::On)?;
            results.stress.extend(self.lab.ask(&job(Timing::Pipelined), Isolation::On)?);
            results.stress.extend(self.lab.ask(&job(Timing::Exact), Isolation::Off)?);
        }
        if self.wants(Part::Queue) {
            println!("Commands");
            let job = Job::Queue { commands: 200_000, times: self.choose(3, 9) };
            results.queue = self.lab.ask(&job, Isolation::On)?;
        }
        if self.wants(Part::Editor) {
            println!("Editor");
            let job = Job::Editor { frames: self.choose(200, 1000) };
            results.editor = self.lab.ask(&job, Isolation::On)?;
        }
        if self.wants(Part::Reload) {
            println!("Reloads");
            let job = Job::Reload { bundle: self.bundle.clap.clone(), times: self.choose(5, 25) };
            results.reload = [self.lab.ask(&job, Isolation::On)?, self.lab.ask(&job, Isolation::Off)?];
            results.programs.reload = self.lab.ask(&job, Isolation::Programs)?;
        }
        if self.wants(Part::Instances) {
            println!("Instances");
            results.instances = [
                self.crowds(&CROWDS, Isolation::On, Timing::Exact)?,
                self.crowds(&CROWDS, Isolation::Off, Timing::Exact)?,
                self.crowds(&CROWDS, Isolation::On, Timing::Pipelined)?,
            ];
            results.programs.instances =
                self.crowds(&CROWDS_OF_PROGRAMS, Isolation::Programs, Timing::Exact)?;
        }
        if self.wants(Part::Kill) {
            println!("Kills");
            let job = Job::Kill { bundle: self.bundle.clap.clone(), times: self.choose(6, 20) };
            results.kill = self.lab.ask::<Took>(&job, Isolation::On)?.pop();
            results.programs.kill = self.lab.ask::<Took>(&job, Isolation::Programs)?.pop();
        }
        Ok(results)
    }

    /// Both Csounds, the older one first.
    fn labs(&self) -> Vec<&Lab> {
        [Some(&self.lab), self.seven.as_ref()].into_iter().flatten().collect()
    }

    fn wants(&self, part: Part) -> bool {
        self.args.only.is_none_or(|only| only == part)
    }

    fn choose<T>(&self, quick: T, whole: T) -> T {
        if self.args.quick { quick } else { whole }
    }

    fn effort(&self) -> Effort {
        match self.args.quick {
            true => Effort { batches: 1, rounds: 20, run: Duration::from_millis(20) },
            false => Effort { batches: 5, rounds: 20, run: Duration::from_millis(40) },
        }
    }

    fn crowds(&self, counts: &[usize], isolation: Isolation, timing: Timing) -> Result<Vec<Crowd>> {
        let mut crowds = Vec::new();
        for count in counts.iter().copied() {
            let (bundle, seconds) = (self.bundle.clap.clone(), self.choose(0.2, 1.0));
            let job = Job::Instances { bundle, piece: Weight::Moderate, timing, count, seconds };
            crowds.extend(self.lab.ask(&job, isolation)?);
        }
        Ok(crowds)
    }
}
