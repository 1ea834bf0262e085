//! `cargo xtask bundle`: the release bundles, which users install.

use anyhow::{Context, Result};
use clap::Args;
use test_host::bundle::{
    Bundle, ENGINE, PACKAGE, Profile, build, bundle_engine, bundled, dev, is_fresh, library_name,
};
use test_host::project::{root, target_dir};
use test_host::vstpreset;

/// Whether a build says more than what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// It shows cargo's progress and what was bundled.
    No,
    /// It shows cargo's progress only where there is something to build.
    Yes,
}

/// What `cargo xtask bundle` is given.
#[derive(Args, Debug)]
pub struct BundleArgs {
    /// Build the dev profile, as tests do, into target/bundled-dev
    #[arg(long)]
    pub dev: bool,
}

/// Runs `cargo xtask bundle`.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn run(args: &BundleArgs) -> Result<()> {
    let bundle = if args.dev { dev()? } else { release(Quiet::No)? };
    let presets = bundle.clap.with_file_name("presets");
    vstpreset::write_all(&presets)?;
    println!("CLAP: {}\nVST3: {}", bundle.clap.display(), bundle.vst3.display());
    println!("VST3 presets: {}", presets.display());
    Ok(())
}

/// Builds the release bundles, if there is anything new.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn release(quiet: Quiet) -> Result<Bundle> {
    build(Profile::Release, quiet == Quiet::Yes)?;
    let bundle = bundled(Profile::Release);
    let library = target_dir().join("release").join(library_name());
    let engine = target_dir().join("release").join(ENGINE);
    if quiet == Quiet::Yes && is_fresh(&library, &bundle.clap) && bundle.vst3.exists() {
        bundle_engine(&engine, &bundle)?;
        return Ok(bundle);
    }
    // The bundler finds its settings in the current folder.
    let before = std::env::current_dir()?;
    std::env::set_current_dir(root())?;
    let bundled = nice_plug_xtask::bundle(&target_dir(), PACKAGE, &["--release".to_owned()], false);
    std::env::set_current_dir(before)?;
    bundled.context("the plugin cannot be bundled")?;
    bundle_engine(&engine, &bundle)?;
    Ok(bundle)
}
