//! The plugin as hosts want it: two bundles around one library, with the engine program in each.
//!
//! Tests use the dev profile, with its assertions, in `target/bundled-dev`; the release bundles, which
//! users install, are in `target/bundled`. The two never meet.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, ensure};

use crate::project::{self, cargo, copy_program, root, target_dir};

/// The package whose library is the plugin.
pub const PACKAGE: &str = "csound-performer";

/// The package of the engine program.
pub const ENGINE_PACKAGE: &str = "csound-performance";

/// The program in which pieces perform, beside the plugin.
pub const ENGINE: &str = "csound-performer-engine";

/// The folder beside the CLAP plugin with the shipped pieces, which it tells hosts' browsers of.
const PIECES_FOLDER: &str = "Csound Performer pieces";

/// The shipped pieces, as in `src/plugin/pieces/files.rs`.
const PIECES: [&str; 6] =
    ["first.csd", "panel.csd", "midi_synth.csd", "event_synth.csd", "echo.csd", "demo.csd"];

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

    /// The folder of the shipped pieces beside the CLAP plugin.
    pub fn pieces(&self) -> PathBuf {
        self.clap.with_file_name(PIECES_FOLDER)
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

/// Where the bundles of a profile are, built or not.
pub fn bundled(profile: Profile) -> Bundle {
    let folder = target_dir().join(match profile {
        Profile::Dev => "bundled-dev",
        Profile::Release => "bundled",
    });
    Bundle { clap: folder.join(format!("{NAME}.clap")), vst3: folder.join(format!("{NAME}.vst3")) }
}

/// Builds the dev bundles, if there is anything new.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn dev() -> Result<Bundle> {
    build(Profile::Dev, true)?;
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
            Some(library) => refresh_engine().and_then(|()| bundle_library(&library, &bundled(Profile::Dev))),
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

/// Builds the plugin's library and the engine program. Quietly, what was built before is said only where there is
/// something to build, or to wait for.
///
/// # Errors
/// Either does not build.
pub fn build(profile: Profile, quiet: bool) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--package", PACKAGE, "--lib", "--package", ENGINE_PACKAGE, "--bin", ENGINE]);
    command.arg("--target-dir").arg(target_dir());
    if profile == Profile::Release {
        command.arg("--release");
    }
    let library =
        target_dir().join(if profile == Profile::Release { "release" } else { "debug" }).join(library_name());
    if quiet && library.exists() {
        return project::build(&mut command).context("the plugin does not build");
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
    bundle_pieces(bundle)?;
    Ok(bundle.clone())
}

/// Builds the dev profile's engine program where it is older than what it is made of: cargo builds it with
/// the tests of its own package only. For tests that start engines without a bundle, too.
///
/// # Errors
/// It does not build.
pub fn refresh_engine() -> Result<()> {
    let engine = target_dir().join("debug").join(ENGINE);
    let sources = ["crates/library", "crates/performance/src", "crates/performance/Cargo.toml", "Cargo.lock"];
    let newest = sources.iter().filter_map(|source| newest_below(&root().join(source))).max();
    if modified(&engine) >= newest {
        return Ok(());
    }
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", ENGINE_PACKAGE, "--bin", ENGINE, "--target-dir"]);
    let status = command.arg(target_dir()).status().context("cargo does not run")?;
    ensure!(status.success(), "the engine program does not build");
    Ok(())
}

/// When a file, or any file below a folder, was last changed.
fn newest_below(path: &Path) -> Option<SystemTime> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().filter_map(|entry| newest_below(&entry.path())).max(),
        Err(_) => modified(path),
    }
}

/// Puts the engine program beside the CLAP plugin and into the VST3 bundle.
///
/// # Errors
/// It cannot be copied.
pub fn bundle_engine(engine: &Path, bundle: &Bundle) -> Result<()> {
    copy_if_newer(engine, &bundle.engine())?;
    copy_if_newer(engine, &bundle.vst3.join("Contents").join(vst3_folder()).join(ENGINE))
}

/// Puts the shipped pieces beside the CLAP plugin. VST3 hosts have theirs as presets.
///
/// # Errors
/// One cannot be copied.
pub fn bundle_pieces(bundle: &Bundle) -> Result<()> {
    let copy = |name| copy_if_newer(&root().join("pieces").join(name), &bundle.pieces().join(name));
    PIECES.into_iter().try_for_each(copy)
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
    copy_program(from, &partial).with_context(cannot)?;
    fs::rename(&partial, to).with_context(cannot)
}

/// If a copy is as new as what it was made of.
pub fn is_fresh(from: &Path, to: &Path) -> bool {
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

/// The file name of the plugin's library, as cargo builds it.
pub fn library_name() -> String {
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
