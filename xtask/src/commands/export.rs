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
    let (named, words) = without_bundle(&args.words);
    let engine = match args.bundle.clone().or(named) {
        Some(folder) => folder.join(ENGINE),
        None => bundle::release(Quiet::Yes)?.engine(),
    };
    let status = Command::new(&engine).arg("export").args(&words).status();
    let status = status.with_context(|| format!("{} does not run", engine.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The folder of bundles where it is named behind the piece, as options may be, and the other words.
fn without_bundle(words: &[OsString]) -> (Option<PathBuf>, Vec<OsString>) {
    let Some(at) = words.iter().position(|word| word == "--bundle") else { return (None, words.to_vec()) };
    let Some(named) = words.get(at + 1).map(PathBuf::from) else { return (None, words.to_vec()) };
    let others = words.iter().enumerate().filter(|(place, _)| !(at..=at + 1).contains(place));
    (Some(named), others.map(|(_, word)| word.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_bundles_may_stand_behind_the_piece() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let (named, others) = without_bundle(&words("a.csd --bundle built -o out"));
        assert_eq!((named, others), (Some(PathBuf::from("built")), words("a.csd -o out")));
        assert_eq!(without_bundle(&words("a.csd -o out")), (None, words("a.csd -o out")));
        // The exporter says what is wrong with it.
        assert_eq!(without_bundle(&words("a.csd --bundle")), (None, words("a.csd --bundle")));
    }
}
