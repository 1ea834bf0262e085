//! The fuzz targets under libFuzzer, one after another. `fuzz/instrument` says how they are built without a
//! nightly compiler; `fuzz/tests/corpus.rs` is what the ordinary tests have of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use test_host::project::{cargo, root, target_dir};

/// The package of the targets.
const PACKAGE: &str = "csound-performer-fuzz";

/// How long each target is fuzzed, in seconds.
const SECONDS: u32 = 60;

/// The longest that a reader may take for one input, in seconds. An input has at most some thousand bytes.
const LONGEST: u32 = 10;

/// Builds and runs every target. Returns whether none found anything.
///
/// # Errors
/// The targets do not build, or do not run.
pub fn run() -> Result<bool> {
    let mut clean = true;
    for target in build()? {
        clean &= fuzz(&target)?;
    }
    Ok(clean)
}

/// Builds the targets and says where they are.
fn build() -> Result<Vec<PathBuf>> {
    let mut command = cargo();
    command.args(["build", "--package", PACKAGE, "--features", "libfuzzer", "--bins", "--quiet"]);
    command.arg("--target-dir").arg(target_dir());
    command.env("RUSTC_WORKSPACE_WRAPPER", root().join("fuzz/instrument"));
    let status = command.status().context("cargo does not run")?;
    ensure!(status.success(), "the fuzz targets do not build");
    let targets: Vec<_> = names()?.iter().map(|name| target_dir().join("debug").join(name)).collect();
    ensure!(!targets.is_empty(), "there are no fuzz targets");
    Ok(targets)
}

/// The names of the targets, in the order of the alphabet.
fn names() -> Result<Vec<String>> {
    let files =
        std::fs::read_dir(root().join("fuzz/fuzz_targets")).context("the fuzz targets are missing")?;
    let stems = files.flatten().filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<_> = stems.collect();
    names.sort();
    Ok(names)
}

/// Fuzzes one target from its seeds on. What is found lies in `target/fuzz`, where the next run goes on.
fn fuzz(target: &Path) -> Result<bool> {
    let name = target.file_name().unwrap_or_default();
    let (found, seeds) = (target_dir().join("fuzz").join(name), root().join("fuzz/corpus").join(name));
    std::fs::create_dir_all(&found).context("target/fuzz cannot be made")?;
    println!("{}", name.display());
    let output = Command::new(target)
        .args([format!("-max_total_time={SECONDS}"), format!("-timeout={LONGEST}")])
        .args(["-verbosity=0", "-close_fd_mask=1"])
        .arg(format!("-artifact_prefix={}-", found.display()))
        .args([&found, &seeds])
        .output()
        .with_context(|| format!("{} does not run", target.display()))?;
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
        println!("{} found something: {}-*", name.display(), found.display());
    }
    Ok(output.status.success())
}
