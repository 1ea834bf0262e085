//! `cargo xtask run`: builds and starts the standalone.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::commands::setup::{self, Purpose};
use test_host::bundle::{ENGINE, ENGINE_PACKAGE};
use test_host::project::{build, cargo, target_dir};

/// The standalone's name, and the feature that it is built with.
const STANDALONE: (&str, &str) = ("csound-performer", "csound-performer/standalone");

/// What `cargo xtask run` is given.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// The piece to begin with: a .csd, or an .orc with its .sco beside it
    pub piece: Option<PathBuf>,
    /// Do not install what is missing: say so and stop
    #[arg(long)]
    pub no_install: bool,
    /// For the standalone, such as `-- --backend alsa --fx`; `-- --help` lists them
    #[arg(last = true)]
    pub options: Vec<String>,
}

/// Runs `cargo xtask run`; the standalone's exit code.
///
/// # Errors
/// What it is built with cannot be installed, it does not build, or does not start.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    setup::prepare(Purpose::Run, args.no_install)?;
    let standalone = built()?;
    let ended = Command::new(standalone).args(&args.piece).args(&args.options).status();
    let ended = ended.context("the standalone does not start")?;
    Ok(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the standalone, if there is anything new, and the engine program beside it; where it is.
///
/// # Errors
/// It does not build.
pub fn built() -> Result<PathBuf> {
    let (program, feature) = STANDALONE;
    let standalone = target_dir().join("release").join(program);
    let mut command = cargo();
    command
        .args([
            "build",
            "--release",
            "--package",
            "csound-performer",
            "--features",
            feature,
            "--bin",
            program,
        ])
        .args(["--package", ENGINE_PACKAGE, "--bin", ENGINE, "--target-dir"])
        .arg(target_dir());
    if standalone.exists() {
        build(&mut command).context("the standalone does not build")?;
    } else {
        // The first time takes minutes: cargo shows how far it is.
        let built = command.status().context("cargo does not run")?;
        ensure!(built.success(), "the standalone does not build");
    }
    Ok(standalone)
}
