//! `cargo xtask dist`: a release as people get it. An archive with everything and a script that installs it, a Debian
//! package where there is dpkg-deb, and the checksums of both.
//!
//! Reading order: `tree` (what is in a release), `licences` (of what we are built of), `archive`, `debian`.

mod archive;
mod debian;
mod licences;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use test_host::project::{root, target_dir};
use test_host::tools::finds;

use crate::commands::bundle::{BuiltBundle, Inside};
use crate::commands::install::list::sum_of;
use crate::commands::run;

use tree::Release;

/// What `cargo xtask dist` is given.
#[derive(Args, Debug)]
pub struct DistArgs {
    #[command(flatten)]
    bundle: BuiltBundle,
    /// The standalone, built already; with --bundle it is left out where this is not given
    #[arg(long, value_name = "FILE")]
    standalone: Option<PathBuf>,
    #[command(flatten)]
    inside: Inside,
    /// No Debian package
    #[arg(long)]
    no_deb: bool,
    /// Where the release goes [default: target/dist]
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Runs `cargo xtask dist`.
///
/// # Errors
/// Something does not build, a licence text is missing, or the release cannot be written.
pub fn run(args: &DistArgs) -> Result<()> {
    let bundle = args.bundle.get()?;
    let standalone = match (&args.standalone, &args.bundle.bundle) {
        (Some(file), _) => Some(file.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(run::built()?),
    };
    let out = args.out.clone().unwrap_or_else(|| target_dir().join("dist"));
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    let staged = tempfile::Builder::new().prefix(".dist-").tempdir_in(&out)?;
    let release = Release::stage(&bundle, standalone.as_deref(), args.inside, staged.path())?;
    let date = date();
    let mut made = vec![archive::write(&release, &out, date)?];
    match finds("dpkg-deb") {
        _ if args.no_deb => {}
        true => made.push(debian::write(&release, staged.path(), &out, date)?),
        false => println!("no Debian package: there is no dpkg-deb here"),
    }
    write_sums(&made, &out.join("SHA256SUMS"))?;
    for file in &made {
        println!("{} ({:.1} MB)", file.display(), fs::metadata(file)?.len() as f64 / 1e6);
    }
    println!("{}: their checksums (sha256sum -c SHA256SUMS)", out.join("SHA256SUMS").display());
    let glibc = release.glibc.map_or(String::new(), |glibc| format!("needs glibc {glibc} or later, "));
    println!("The release {glibc}and {}.", release.about_csound());
    Ok(())
}

/// Checksums as `sha256sum -c` reads them, of files beside the list.
fn write_sums(files: &[PathBuf], list: &Path) -> Result<()> {
    let mut text = String::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        text += &format!("{}  {name}\n", sum_of(file)?);
    }
    fs::write(list, text).with_context(|| format!("{} cannot be written", list.display()))
}

/// The release's date in seconds since 1970, which every file in it has: what `SOURCE_DATE_EPOCH` says, or the last
/// commit's. So the same files make the same release.
fn date() -> u64 {
    let named = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|named| named.trim().parse().ok());
    let commit = || {
        let said =
            Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()).output().ok()?;
        String::from_utf8(said.stdout).ok()?.trim().parse().ok()
    };
    named.or_else(commit).unwrap_or(0)
}

/// All files below a folder, sorted, as paths seen from it. There are no links in a release.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    fn add(folder: &Path, from: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            ensure!(!kind.is_symlink(), "{} is a link", path.display());
            match kind.is_dir() {
                true => add(&path, from, found)?,
                false => found.push(path.strip_prefix(from)?.to_owned()),
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    add(folder, folder, &mut found)?;
    found.sort();
    Ok(found)
}

/// Copies a file, or a folder with all that is in it, with the modes of a release.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        for file in files_below(from)? {
            copy(&from.join(&file), &to.join(&file))?;
        }
        return Ok(());
    }
    let cannot = || format!("{} cannot be copied to {}", from.display(), to.display());
    fs::create_dir_all(to.parent().with_context(cannot)?).with_context(cannot)?;
    fs::copy(from, to).with_context(cannot)?;
    set_mode(to)
}

/// Programs and scripts may be run, all else may be read.
fn set_mode(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = if tree::is_run(file) { 0o755 } else { 0o644 };
    fs::set_permissions(file, PermissionsExt::from_mode(mode))
        .with_context(|| format!("the mode of {} cannot be set", file.display()))
}
