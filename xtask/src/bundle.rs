//! `cargo xtask bundle`: the plugin as hosts want it. Also where everything lies.
//!
//! The release bundles, which users install, are in `target/bundled`. Tests use the dev profile,
//! with its assertions, in `target/bundled-dev`: the two never meet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use crate::vstpreset;

/// The package whose library is the plugin.
const PACKAGE: &str = "csound-performer";

/// The program in which pieces perform, beside the plugin.
pub const ENGINE: &str = "csound-performer-engine";

/// The bundles' name, as in bundler.toml.
const NAME: &str = "Csound Performer";

/// The two bundles of one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The CLAP plugin: a file (a folder on macOS).
    pub clap: PathBuf,
    /// The VST3 plugin: a folder.
    pub vst3: PathBuf,
}

impl Bundle {
    /// The engine program beside the CLAP plugin. The VST3 bundle holds its own.
    pub fn engine(&self) -> PathBuf {
        self.clap.with_file_name(ENGINE)
    }
}

/// How the plugin is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// With assertions, for tests.
    Dev,
    /// For users.
    Release,
}

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

/// The folder of the whole project.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The folder that cargo builds in.
pub fn target_dir() -> PathBuf {
    // Cargo marks it, and this program (or a test) was built in it.
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(|| root().join("target"), Path::to_owned)
}

/// Where the bundles of a profile are, built or not.
pub fn bundled(profile: Profile) -> Bundle {
    let folder = target_dir().join(match profile {
        Profile::Dev => "bundled-dev",
        Profile::Release => "bundled",
    });
    Bundle { clap: folder.join(format!("{NAME}.clap")), vst3: folder.join(format!("{NAME}.vst3")) }
}

/// Builds the release bundles, if there is anything new.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn release(quiet: Quiet) -> Result<Bundle> {
    build(Profile::Release, quiet)?;
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

/// Builds the dev bundles, if there is anything new.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn dev() -> Result<Bundle> {
    build(Profile::Dev, Quiet::Yes)?;
    bundle_library(&target_dir().join("debug").join(library_name()), &bundled(Profile::Dev))
}

/// The dev bundles, for tests. `cargo test` has built the library before it runs a test of the
/// plugin's package; where it has not, this builds it. Safe from any number of threads and
/// processes, and done once in each process.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn dev_bundle() -> Result<Bundle> {
    static BUNDLE: OnceLock<Result<Bundle, String>> = OnceLock::new();
    let bundle = BUNDLE.get_or_init(|| {
        let made = match library_beside_tests() {
            Some(library) => bundle_library(&library, &bundled(Profile::Dev)),
            None => dev(),
        };
        made.map_err(|error| format!("{error:#}"))
    });
    bundle.clone().map_err(|error| anyhow!(error))
}

/// The newest library that cargo built for the tests that this process runs.
fn library_beside_tests() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let deps = test.parent().filter(|folder| folder.ends_with("deps"))?;
    let candidates = [deps.join(library_name()), deps.parent()?.join(library_name())];
    candidates.into_iter().filter(|library| library.exists()).max_by_key(|library| modified(library))
}

/// The cargo that runs this program, to be run in the project's folder.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

fn build(profile: Profile, quiet: Quiet) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--package", PACKAGE, "--lib", "--bin", ENGINE]);
    command.arg("--target-dir").arg(target_dir());
    if profile == Profile::Release {
        command.arg("--release");
    }
    let library =
        target_dir().join(if profile == Profile::Release { "release" } else { "debug" }).join(library_name());
    // Cargo's one line about having nothing to do is of no interest to somebody who renders.
    if quiet == Quiet::Yes && library.exists() {
        command.arg("--quiet");
    }
    let status = command.status().context("cargo does not run")?;
    ensure!(status.success(), "the plugin does not build");
    Ok(())
}

/// Lays out both bundles around a library.
fn bundle_library(library: &Path, bundle: &Bundle) -> Result<Bundle> {
    copy_if_newer(library, &bundle.clap)?;
    copy_if_newer(library, &bundle.vst3.join("Contents").join(vst3_folder()).join(vst3_name()))?;
    // Cargo builds programs one folder above the libraries of tests.
    let folders = library.ancestors().skip(1).take(2);
    if let Some(engine) = folders.map(|folder| folder.join(ENGINE)).find(|engine| engine.is_file()) {
        bundle_engine(&engine, bundle)?;
    }
    Ok(bundle.clone())
}

/// Puts the engine program beside the CLAP plugin and into the VST3 bundle.
fn bundle_engine(engine: &Path, bundle: &Bundle) -> Result<()> {
    copy_if_newer(engine, &bundle.engine())?;
    copy_if_newer(engine, &bundle.vst3.join("Contents").join(vst3_folder()).join(ENGINE))
}

/// Copies by way of a file beside the target, so that whoever has the old one loaded keeps it and
/// nobody ever sees half of the new one.
fn copy_if_newer(from: &Path, to: &Path) -> Result<()> {
    if is_fresh(from, to) {
        return Ok(());
    }
    let cannot = || format!("{} cannot be copied to {}", from.display(), to.display());
    let folder = to.parent().with_context(cannot)?;
    fs::create_dir_all(folder).with_context(cannot)?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let partial = folder.join(format!(".{name}.{}", std::process::id()));
    fs::copy(from, &partial).with_context(cannot)?;
    fs::rename(&partial, to).with_context(cannot)
}

fn is_fresh(from: &Path, to: &Path) -> bool {
    let length = |path: &Path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    let (Some(source), Some(copy)) = (modified(from), modified(to)) else {
        return false;
    };
    // A folder (a bundle on macOS) has no length to compare.
    copy >= source && (to.is_dir() || length(from) == length(to))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn library_name() -> String {
    format!("{}{}{}", std::env::consts::DLL_PREFIX, PACKAGE.replace('-', "_"), std::env::consts::DLL_SUFFIX)
}

/// The folder of the library in a VST3 bundle, as the VST3 standard names it.
fn vst3_folder() -> String {
    match std::env::consts::OS {
        "macos" => "MacOS".to_owned(),
        "windows" => format!("{}-win", std::env::consts::ARCH),
        os => format!("{}-{os}", std::env::consts::ARCH),
    }
}

fn vst3_name() -> String {
    match std::env::consts::OS {
        "macos" => NAME.to_owned(),
        "windows" => format!("{NAME}.vst3"),
        _ => format!("{NAME}.so"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_profiles_never_meet() {
        let (dev, release) = (bundled(Profile::Dev), bundled(Profile::Release));
        assert_ne!(dev.clap.parent(), release.clap.parent());
        assert!(dev.clap.starts_with(target_dir()));
        assert_eq!(release.clap.file_name().unwrap(), "Csound Performer.clap");
    }

    #[test]
    fn the_root_holds_the_bundlers_settings() {
        let settings = fs::read_to_string(root().join("bundler.toml")).unwrap();
        assert!(settings.contains(PACKAGE) && settings.contains(NAME));
    }

    #[test]
    fn a_library_is_copied_again_only_when_it_is_newer() {
        let folder = std::env::temp_dir().join(format!("csound-performer-bundle-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let library = folder.join("library");
        fs::write(&library, "one").unwrap();
        let bundle = Bundle { clap: folder.join("a.clap"), vst3: folder.join("a.vst3") };
        bundle_library(&library, &bundle).unwrap();
        assert_eq!(fs::read_to_string(&bundle.clap).unwrap(), "one");
        assert!(is_fresh(&library, &bundle.clap));
        let in_vst3 = bundle.vst3.join("Contents").join(vst3_folder()).join(vst3_name());
        assert_eq!(fs::read_to_string(in_vst3).unwrap(), "one");
        fs::write(&library, "another").unwrap();
        bundle_library(&library, &bundle).unwrap();
        assert_eq!(fs::read_to_string(&bundle.clap).unwrap(), "another");
        fs::remove_dir_all(&folder).unwrap();
    }
}
