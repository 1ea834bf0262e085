//! `cargo xtask bench`: what performing a piece in the plugin costs, against a raw loop around Csound.
//!
//! This program only conducts. What is measured runs in release builds, in processes of its own: the
//! measuring program (`benches/measure`, which links the library and the headless host of this
//! crate), the release bundle that it loads, and the engine program beside it. The plugin in-process
//! is the same bundle with `CSOUND_PERFORMER_ISOLATION=off` in the environment.
//!
//! Reading order: this file, `test_host::measure` (what is asked of the measuring program, and measured there),
//! [`subject`] (the pipe to it), [`compare`] (everybody in turns), [`crowds`] (many at once), [`instructions`] (counted, not timed), [`results`], [`goals`], [`report`], [`chart`].

pub mod chart;
pub mod compare;
pub mod crowds;
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

use test_host::bundle::{Bundle, dev};
use test_host::measure::job::{Crowd, Job, PanelFrames, Scanned, Took};
use test_host::measure::others::{Others, load};
use test_host::measure::pieces::{COMPARED, Weight};
use test_host::project::{cargo, target_dir};
use test_host::session::Timing;

use crate::commands::bundle::{self, Quiet};
use compare::{Compared, Effort};
use results::{Machine, Parts, Results};
use subject::{Isolation, Lab};

/// The package of the measuring program; its name, and that of its profile, a release build.
const PACKAGE: &str = "csound-performer";
const PROGRAM: &str = "measure";

/// The sizes of crowds.
const CROWDS: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// Those of a quick run.
const CROWDS_QUICK: [usize; 3] = [1, 8, 32];

/// The sizes of crowds whose engines are started as programs.
const CROWDS_OF_PROGRAMS: [usize; 2] = [8, 32];

/// What `cargo xtask bench` is given.
#[derive(Args, Debug)]
pub struct BenchArgs {
    /// Some five minutes instead of some forty: fewer repetitions
    #[arg(long)]
    pub quick: bool,
    /// Measure the tests' build, to try the bench itself: its figures say nothing about a release
    #[arg(long)]
    pub dev: bool,
    /// Measure only this
    #[arg(long, value_name = "NAME")]
    pub only: Option<Part>,
}

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Time over a raw loop, by Csound 6 and 7, and that of 7 over 6
    Ratios,
    /// The same at a sound card's pace
    Paced,
    /// Both beside two busy programs (quick: the moderate piece by Csound 6)
    Beside,
    /// 1 to 32 instances beside as many raw loops in processes of their own
    Crowds,
    /// Instructions a frame by each Csound, counted by callgrind
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
    /// A panel of many widgets with pictures, in a window that is drawn in software
    Panel,
    /// A host's scan of the plugin
    Scan,
    /// Time to load a piece
    Reload,
    /// 1 to 32 instances: memory and time
    Instances,
    /// Time until sound is back after kill -9
    Kill,
}

/// Runs `cargo xtask bench`.
///
/// # Errors
/// Something does not build, libcsound is missing, or a measurement fails.
pub fn run(args: &BenchArgs) -> Result<()> {
    println!("Building the bundles and the measuring program; the first time this takes some minutes.");
    let bundle = if args.dev { dev()? } else { bundle::release(Quiet::Yes)? };
    let lab = Lab::new(build_program(args.dev)?, bundle.engine())?;
    let (began, mut others) = (Instant::now(), Others::new());
    let load_before = load().unwrap_or_default();
    let seven = lab.over_csound_7()?;
    if seven.is_none() {
        println!(
            "Csound 7 is not installed (`cargo xtask setup --test` brings one): only Csound 6 is measured."
        );
    }
    let bench = Bench { args, lab, seven, bundle };
    let measured = bench.measure(&mut others)?;
    let results = Results { machine: machine(&others, load_before, args), ..measured };
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
fn build_program(dev: bool) -> Result<PathBuf> {
    let mut command = cargo();
    let profile = if dev { "dev" } else { PROGRAM };
    command.args(["build", "--profile", profile, "--package", PACKAGE, "--bench", PROGRAM]);
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

/// How many other programs a report names.
const NAMED: usize = 6;

fn machine(others: &Others, load_before: f64, args: &BenchArgs) -> Machine {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let name = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let memory = read("/proc/meminfo");
    let kilobytes = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    Machine {
        processor: name.map_or("an unnamed processor", |(_, name)| name.trim()).to_owned(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        memory: kilobytes.and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default() / 1024,
        load: [load_before, load().unwrap_or_default()],
        others: others.share(),
        busiest: others.busiest(NAMED),
        quick: args.quick,
        dev: args.dev,
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
    fn measure(&self, others: &mut Others) -> Result<Results> {
        let mut results = Results::default();
        if self.wants(Part::Ratios) {
            println!("Comparing with the raw loop");
            results.compared = self.compare(&self.labs(), &COMPARED, self.effort())?;
            others.look();
        }
        if self.wants(Part::Paced) {
            println!("Comparing at a sound card's pace");
            results.paced = self.compare(&self.labs(), &COMPARED, self.paced_effort())?;
            others.look();
        }
        if self.wants(Part::Beside) {
            println!("Comparing beside two busy programs");
            let _busy = [self.lab.busy()?, self.lab.busy()?];
            let (labs, pieces) = match self.args.quick {
                true => (vec![&self.lab], &[Weight::Moderate][..]),
                false => (self.labs(), &COMPARED[..]),
            };
            let fewer = |effort: Effort| Effort { batches: effort.batches.min(2), ..effort };
            results.beside = self.compare(&labs, pieces, fewer(self.effort()))?;
            results.beside_paced = self.compare(&labs, pieces, fewer(self.paced_effort()))?;
            others.look();
        }
        if self.wants(Part::Crowds) {
            println!("Instances beside raw loops");
            for lab in self.labs() {
                for count in self.choose(&CROWDS_QUICK[..], &CROWDS[..]) {
                    results.crowds.extend(crowds::compare(lab, &self.bundle, *count, self.choose(5, 15))?);
                }
            }
            others.look();
        }
        if self.wants(Part::Instructions) {
            println!("Instructions");
            for lab in self.labs() {
                let counts = instructions::count(lab, &self.bundle.engine(), self.args.quick)?;
                results.instructions.extend(counts);
            }
        }
        if self.wants(Part::Scan) {
            println!("Scans");
            let job = Job::Scan { bundle: self.bundle.clap.clone() };
            for _ in 0..self.choose(5, 21) {
                results.scans.extend(self.lab.ask::<Scanned>(&job, Isolation::On)?);
            }
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
        if self.wants(Part::Panel) {
            println!("A panel");
            let job = Job::Panel { frames: self.choose(150, 600) };
            results.panel = self.lab.ask::<PanelFrames>(&job, Isolation::On)?.pop();
        }
        others.look();
        results.six = self.parts(&self.lab)?;
        others.look();
        if let Some(seven) = &self.seven {
            results.seven = self.parts(seven)?;
            others.look();
        }
        Ok(results)
    }

    fn compare(&self, labs: &[&Lab], pieces: &[Weight], effort: Effort) -> Result<Vec<Compared>> {
        compare::compare(labs, &self.bundle, pieces, effort, |line| println!("  {line}"))
    }

    /// What is measured by each Csound for itself.
    fn parts(&self, lab: &Lab) -> Result<Parts> {
        let mut parts = Parts::default();
        let say = |what: &str| println!("{what}, by {}", lab.generation);
        if self.wants(Part::HandOver) {
            say("Hand-over");
            let (turns, paced) = if self.args.quick { (100_000, 1500) } else { (300_000, 10_000) };
            let job = Job::HandOver { engine: self.bundle.engine(), turns, paced };
            parts.hand_over = lab.ask(&job, Isolation::On)?;
        }
        if self.wants(Part::Start) {
            say("Engine starts");
            let job = Job::Start { engine: self.bundle.engine(), times: self.choose(7, 21) };
            parts.start = lab.ask(&job, Isolation::On)?;
        }
        if self.wants(Part::Stress) {
            say("Blocks in quiet and under stress");
            let job = |timing| Job::Stress { seconds: self.choose(1.5, 6.0), timing };
            parts.stress = lab.ask(&job(Timing::Exact), Isolation::On)?;
            parts.stress.extend(lab.ask(&job(Timing::Pipelined), Isolation::On)?);
            parts.stress.extend(lab.ask(&job(Timing::Exact), Isolation::Off)?);
        }
        if self.wants(Part::Reload) {
            say("Reloads");
            let job = Job::Reload { bundle: self.bundle.clap.clone(), times: self.choose(5, 25) };
            parts.reload = [lab.ask(&job, Isolation::On)?, lab.ask(&job, Isolation::Off)?];
            parts.programs.reload = lab.ask(&job, Isolation::Programs)?;
        }
        if self.wants(Part::Instances) {
            say("Instances");
            let counts = self.choose(&CROWDS_QUICK[..], &CROWDS[..]);
            parts.instances = [
                self.crowds(lab, counts, Isolation::On, Timing::Exact)?,
                self.crowds(lab, counts, Isolation::Off, Timing::Exact)?,
                self.crowds(lab, counts, Isolation::On, Timing::Pipelined)?,
            ];
            parts.programs.instances =
                self.crowds(lab, &CROWDS_OF_PROGRAMS, Isolation::Programs, Timing::Exact)?;
        }
        if self.wants(Part::Kill) {
            say("Kills");
            let job = Job::Kill { bundle: self.bundle.clap.clone(), times: self.choose(6, 20) };
            parts.kill = lab.ask::<Took>(&job, Isolation::On)?.pop();
            parts.programs.kill = lab.ask::<Took>(&job, Isolation::Programs)?.pop();
        }
        Ok(parts)
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
            true => Effort { batches: 1, rounds: 12, run: Duration::from_millis(20), paced: false },
            false => Effort { batches: 5, rounds: 20, run: Duration::from_millis(40), paced: false },
        }
    }

    fn paced_effort(&self) -> Effort {
        match self.args.quick {
            true => Effort { batches: 1, rounds: 5, run: Duration::from_millis(60), paced: true },
            false => Effort { batches: 2, rounds: 10, run: Duration::from_millis(150), paced: true },
        }
    }

    fn crowds(
        &self,
        lab: &Lab,
        counts: &[usize],
        isolation: Isolation,
        timing: Timing,
    ) -> Result<Vec<Crowd>> {
        let mut crowds = Vec::new();
        for count in counts.iter().copied() {
            let (bundle, seconds) = (self.bundle.clap.clone(), self.choose(0.2, 1.0));
            let job = Job::Instances { bundle, piece: Weight::Moderate, timing, count, seconds };
            crowds.extend(lab.ask(&job, isolation)?);
        }
        Ok(crowds)
    }
}
