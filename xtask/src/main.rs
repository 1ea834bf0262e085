//! `cargo xtask …`: only dispatches.

mod commands;
mod media;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use test_host::render::{WAIT_OFFLINE, WAIT_VARIABLE};

#[cfg(target_os = "linux")]
use commands::{bench, dist, export, screenshot};
use commands::{bundle, compare, demo, install, render, run, setup, test};

/// The commands of Csound Performer's source
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
enum Command {
    /// From a clone to sound: builds the plugin, plays the demo piece in it, writes target/demo
    Demo(demo::DemoArgs),
    /// Measures the plugin against a raw loop around Csound, writes target/bench
    #[cfg(target_os = "linux")]
    Bench(bench::BenchArgs),
    /// Installs what the tests need, and runs every test
    Test(test::TestArgs),
    /// Renders a piece through the plugin into a WAV file
    Render(render::RenderArgs),
    /// Plays all pieces below a folder through the csound command and the plugin, and says which sound the same
    Compare(compare::CompareArgs),
    /// Performs a piece in a window of its own: the standalone
    Run(run::RunArgs),
    /// Shows the editor on a piece that plays, and writes what it shows
    #[cfg(target_os = "linux")]
    Screenshot(screenshot::ScreenshotArgs),
    /// Makes a piece a plugin of its own
    #[cfg(target_os = "linux")]
    Export(export::ExportArgs),
    /// Builds the plugin's release bundles into target/bundled
    Bundle(bundle::BundleArgs),
    /// Builds the plugin and puts it into your CLAP and VST3 folders
    Install(install::InstallArgs),
    /// Takes away what install has put there, and exported plugins that you name
    Uninstall(install::uninstall::UninstallArgs),
    /// Makes a release: an archive and a Debian package, with checksums
    #[cfg(target_os = "linux")]
    Dist(dist::DistArgs),
    /// Installs what the demo or the tests need on this machine
    Setup(setup::SetupArgs),
}

fn main() -> ExitCode {
    let result = dispatch(Cli::parse().command);
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn dispatch(command: Command) -> Result<ExitCode> {
    if matches!(command, Command::Demo(_) | Command::Render(_) | Command::Compare(_)) {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var(WAIT_VARIABLE, WAIT_OFFLINE) };
    }
    match command {
        Command::Test(args) => return test::run(&args),
        Command::Demo(args) => demo::run(&args)?,
        #[cfg(target_os = "linux")]
        Command::Bench(args) => bench::run(&args)?,
        Command::Render(args) => return render::run(&args),
        Command::Compare(args) => return compare::run(&args),
        Command::Run(args) => return run::run(&args),
        #[cfg(target_os = "linux")]
        Command::Screenshot(args) => screenshot::run(&args)?,
        #[cfg(target_os = "linux")]
        Command::Export(args) => return export::run(&args),
        Command::Bundle(args) => bundle::run(&args)?,
        Command::Install(args) => install::run(&args)?,
        Command::Uninstall(args) => install::uninstall::run(&args)?,
        #[cfg(target_os = "linux")]
        Command::Dist(args) => dist::run(&args)?,
        Command::Setup(args) => setup::run(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}
