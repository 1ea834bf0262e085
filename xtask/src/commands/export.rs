//! `cargo xtask export`: a piece as a plugin of its own, by the program that every installation has.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;
use test_host::bundle::ENGINE;

use crate::commands::bundle::{self, Quiet};

/// What `cargo xtask export` is given.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct ExportArgs {
    /// The folder of bundles that are built already [default: the release bundles, built if need be]
    #[arg(long, value_name = "FOLDER")]
    pub bundle: Option<PathBuf>,
    /// PIECE -o FOLDER and options; --help lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// Runs `cargo xtask export`.
///
/// # Errors
/// The plugin does not build, or its program does not run.
pub fn run(args: &ExportArgs) -> Result<ExitCode> {
    let engine = match &args.bundle {
        Some(folder) => folder.join(ENGINE),
        None => bundle::release(Quiet::Yes)?.engine(),
    };
    let status = Command::new(&engine).arg("export").args(&args.words).status();
    let status = status.with_context(|| format!("{} does not run", engine.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
