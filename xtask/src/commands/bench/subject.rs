//! The other end of the pipe: starting the measuring program for a job, and hearing its answers.

use std::ffi::OsStr;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use csound_library::{Generation, VARIABLE};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::de::DeserializeOwned;

use test_host::compare::oracle;
use test_host::measure::job::{self, Job, READY, Run, Slice};
use test_host::measure::pieces::{RATE, Weight};
use test_host::project::root;
use test_host::tools::{csound_7, opcodes_beside, venv_python};

use crate::commands::setup;

/// The environment variables that would change what is measured.
const UNSET: [&str; 5] = [
    "CSOUND_PERFORMER_ISOLATION",
    "CSOUND_PERFORMER_NURSERY",
    "CSOUND_PERFORMER_PIECE",
    "CSOUND_PERFORMER_WAIT",
    "CSOUND_PERFORMER_ENGINE",
];

/// Where Csound 7 looks for its opcode libraries.
const OPCODES_7: &str = "OPCODE7DIR64";

/// Where an engine performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// In a process of its own: the default.
    On,
    /// In a process of its own that is started as a program, and comes from no nursery.
    Programs,
    /// In the host's process.
    Off,
}

/// Starts measuring processes.
pub struct Lab {
    program: PathBuf,
    engine: PathBuf,
    /// The Csound that all of it performs by.
    pub generation: Generation,
    /// Its library, where it would not be found by itself.
    library: Option<PathBuf>,
    /// Where its opcode libraries are, likewise.
    opcodes: Option<PathBuf>,
    /// Pieces for others than us; also stands for a user's configuration without anything in it.
    folder: tempfile::TempDir,
}

impl Lab {
    /// With the measuring program and the engine program.
    ///
    /// # Errors
    /// The temporary folder cannot be made.
    pub fn new(program: PathBuf, engine: PathBuf) -> Result<Self> {
        let folder = tempfile::TempDir::with_prefix("csound-performer-bench-")?;
        Ok(Self { program, engine, generation: Generation::Six, library: None, opcodes: None, folder })
    }

    /// The same over Csound 7; none where that is not installed.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn over_csound_7(&self) -> Result<Option<Self>> {
        let Some(library) = oracle::library_7() else { return Ok(None) };
        let lab = Self::new(self.program.clone(), self.engine.clone())?;
        let opcodes = opcodes_beside(&library);
        Ok(Some(Self { generation: Generation::Seven, library: Some(library), opcodes, ..lab }))
    }

    /// A job's answers, once it is done.
    ///
    /// # Errors
    /// It fails.
    pub fn ask<T: DeserializeOwned>(&self, job: &Job, isolation: Isolation) -> Result<Vec<T>> {
        let mut child =
            self.command(job, isolation)?.spawn().context("the measuring program does not run")?;
        let mut said = BufReader::new(child.stdout.take().context("no pipe from the measuring program")?);
        let mut answers = Vec::new();
        while let Some(answer) = job::next_answer(&mut said)? {
            answers.push(answer);
        }
        let status = child.wait()?;
        ensure!(status.success(), "measuring failed ({status}): {job:?}");
        Ok(answers)
    }

    /// A subject, ready.
    ///
    /// # Errors
    /// It does not get ready.
    pub fn subject(&self, job: &Job, isolation: Isolation) -> Result<Subject> {
        let subject = Subject::start(self.command(job, isolation)?)?;
        subject.with_context(|| format!("a subject does not get ready: {job:?}"))
    }

    /// The reference performance thread, that of this Csound; none where Python or the module is not there through which
    /// it is asked: ctcsound, for Csound 7 cycsound, which has a library of its own.
    ///
    /// # Errors
    /// It is there and does not get ready.
    pub fn reference(&self, piece: Weight) -> Result<Option<Subject>> {
        let (module, is_same) = match self.generation {
            Generation::Six => ("ctcsound", true),
            Generation::Seven => ("cycsound", self.library == csound_7()),
        };
        let program = root().join("benches/measure/reference_thread.py");
        let path = self.folder.path().join(piece.name()).with_extension("csd");
        std::fs::write(&path, piece.csd())?;
        let pythons = [venv_python(), setup::system_python().into()];
        let found = pythons.iter().find(|python| is_same && setup::python_finds(python, module));
        let Some(python) = found else { return Ok(None) };
        let mut command = Command::new(python);
        command.arg(&program).arg(&path).arg(RATE.to_string()).arg(self.generation.number().to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        Subject::start(command)
    }

    /// A busy program.
    ///
    /// # Errors
    /// It does not start.
    pub fn busy(&self) -> Result<Busy> {
        let mut command = self.command(&Job::Busy, Isolation::On)?;
        Ok(Busy(command.spawn().context("the measuring program does not run")?))
    }

    /// A job that has no answer, run by another program: its name and what it is given come first.
    ///
    /// # Errors
    /// It fails; with what it has said.
    pub fn run_by(&self, program: &[&OsStr], job: &Job, isolation: Isolation) -> Result<()> {
        let measuring = self.command(job, isolation)?;
        let (name, args) = program.split_first().context("no program")?;
        let mut command = Command::new(name);
        command.args(args).arg(measuring.get_program()).args(measuring.get_args()).stdin(Stdio::null());
        for (variable, value) in measuring.get_envs() {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        let output = command.output().with_context(|| format!("{} does not run", name.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "counting failed ({}): {job:?}\n{said}", output.status);
        Ok(())
    }

    /// A temporary folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What runs a job, with pipes to and from it.
    ///
    /// # Errors
    /// The job cannot be written.
    pub fn command(&self, job: &Job, isolation: Isolation) -> Result<Command> {
        let mut command = Command::new(&self.program);
        command.arg(serde_json::to_string(job)?).stdin(Stdio::piped()).stdout(Stdio::piped());
        for variable in UNSET {
            command.env_remove(variable);
        }
        command.env("XDG_CONFIG_HOME", self.folder.path());
        command.envs(self.library.iter().map(|library| (VARIABLE, library)));
        command.envs(self.opcodes.iter().map(|folder| (OPCODES_7, folder)));
        command.env("CSOUND_PERFORMER_ENGINE", &self.engine);
        match isolation {
            Isolation::On => {}
            Isolation::Programs => {
                command.env("CSOUND_PERFORMER_NURSERY", "off");
            }
            Isolation::Off => {
                command.env("CSOUND_PERFORMER_ISOLATION", "off");
            }
        }
        Ok(command)
    }
}

/// A busy program; it ends with this.
pub struct Busy(Child);

impl Drop for Busy {
    fn drop(&mut self) {
        // It has ended already, at worst.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that performs a piece, as much of it as it is asked to. Between runs it is stopped, so
/// that it takes nothing from the others.
pub struct Subject {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Subject {
    fn start(mut command: Command) -> Result<Option<Self>> {
        let mut child = command.spawn().context("the measuring program does not run")?;
        let ask = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("no pipe from a subject")?);
        let mut subject = Self { child, ask, answers };
        match job::next_answer::<String>(&mut subject.answers)? {
            Some(ready) if ready == READY => {
                subject.signal(Signal::SIGSTOP)?;
                Ok(Some(subject))
            }
            Some(other) => bail!("{other}, where {READY} was awaited"),
            None => Ok(None),
        }
    }

    /// Performs.
    ///
    /// # Errors
    /// It has ended, or says why it cannot.
    pub fn run(&mut self, run: Run) -> Result<Slice> {
        self.begin(run)?;
        self.end()
    }

    /// Lets it perform; [`end`](Self::end) has the answer.
    ///
    /// # Errors
    /// It has ended.
    pub fn begin(&mut self, run: Run) -> Result<()> {
        self.signal(Signal::SIGCONT)?;
        let ask = self.ask.as_mut().context("the subject is at its end")?;
        Ok(writeln!(ask, "{}", serde_json::to_string(&run)?)?)
    }

    /// Waits until it has performed.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn end(&mut self) -> Result<Slice> {
        let slice = job::next_answer(&mut self.answers)?.context("a subject has ended")?;
        self.signal(Signal::SIGSTOP)?;
        Ok(slice)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill(Pid::from_raw(self.child.id() as i32), signal).context("a subject has ended")
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // At the end of its input it ends, with its engine.
        self.ask.take();
        let _ = self.signal(Signal::SIGCONT);
        let _ = self.child.wait();
    }
}
