//! `cargo xtask install`: the release bundles into the user's plugin folders, the shipped pieces into
//! the one for VST3 presets. What was put where is written down, for the next `install` and for `uninstall`.

mod folders;
pub mod list;
pub mod uninstall;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use test_host::bundle::Bundle;
use test_host::vstpreset;

use crate::commands::bundle::{self, BuiltBundle, Inside};

use folders::Folders;
use list::Installed;

/// What `cargo xtask install` is given.
#[derive(Args, Debug)]
pub struct InstallArgs {
    #[command(flatten)]
    bundle: BuiltBundle,
    #[command(flatten)]
    inside: Inside,
}

/// Runs `cargo xtask install`.
///
/// # Errors
/// The plugin does not build, the user's folder is not known, or it cannot be written to.
pub fn run(args: &InstallArgs) -> Result<()> {
    let bundle = args.bundle.get()?;
    // A Csound that `bundle --with-csound` has put there goes too.
    if args.inside.is_wanted() {
        args.inside.put_into(&bundle)?;
    }
    let folders = Folders::of_user()?;
    let presets = tempfile::tempdir()?;
    vstpreset::write_all(presets.path())?;
    let files = files(&bundle, presets.path(), &folders)?;
    let before = Installed::read(&folders.list())?;
    let (now, own) = put(&files, &before)?;
    let gone = before.remove(|path| !now.has(path), &folders.roots());
    now.write(&folders.list())?;
    for folder in [&folders.clap, &folders.vst3, &folders.presets] {
        println!("installed in {}", folder.display());
    }
    own.iter().for_each(|path| println!("left, because it is yours: {}", path.display()));
    gone.kept.iter().for_each(|path| println!("left as it is, because you changed it: {}", path.display()));
    println!("Let your DAW scan its plugins again: Csound Performer and Csound Performer FX are new.");
    println!("cargo xtask uninstall takes it away again.");
    Ok(())
}

/// Where each file goes, and where it comes from.
fn files(bundle: &Bundle, presets: &Path, folders: &Folders) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut files = BTreeMap::new();
    // The engine program, and a Csound if there is one, go beside the CLAP plugin; the VST3 bundle holds its own.
    let beside = bundle::beside_the_clap(bundle);
    for (from, folder) in
        beside.iter().map(|from| (from, &folders.clap)).chain([(&bundle.vst3, &folders.vst3)])
    {
        add(from, &folder.join(from.file_name().unwrap_or_default()), &mut files)?;
    }
    add(presets, &folders.presets.join(vstpreset::VENDOR), &mut files)?;
    Ok(files)
}

/// A file, or all files of a folder.
fn add(from: &Path, to: &Path, files: &mut BTreeMap<PathBuf, PathBuf>) -> Result<()> {
    if !from.is_dir() {
        files.insert(to.to_owned(), from.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        add(&entry.path(), &to.join(entry.file_name()), files)?;
    }
    Ok(())
}

/// Puts files into their places. Whoever has an older one loaded keeps it. A preset or a piece of a shipped one's name
/// that is the user's stays: these are told.
fn put(files: &BTreeMap<PathBuf, PathBuf>, before: &Installed) -> Result<(Installed, Vec<PathBuf>)> {
    let (mut installed, mut own) = (Installed::default(), Vec::new());
    for (to, from) in files {
        let is_users = to.extension().is_some_and(|ending| ending == "vstpreset" || ending == "csd");
        if is_users && to.exists() && !before.is_as_installed(to) && fs::read(to).ok() != fs::read(from).ok()
        {
            own.push(to.clone());
            continue;
        }
        let cannot = || format!("{} cannot be installed as {}", from.display(), to.display());
        let folder = to.parent().with_context(cannot)?;
        fs::create_dir_all(folder).with_context(cannot)?;
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        let partial = folder.join(format!(".{name}.{}", std::process::id()));
        fs::copy(from, &partial).with_context(cannot)?;
        fs::rename(&partial, to).with_context(cannot)?;
        installed.add(to).with_context(cannot)?;
    }
    Ok((installed, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_piece_that_the_user_has_changed_stays_and_one_that_he_has_not_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let files = ["changed.csd", "kept.csd"].map(|name| (at("user").join(name), at(name))).into();
        let write = |text: &str| {
            for name in ["changed.csd", "kept.csd"] {
                fs::write(at(name), text).unwrap();
            }
        };
        write("old");
        let (before, own) = put(&files, &Installed::default()).unwrap();
        assert!(own.is_empty());
        fs::write(at("user/changed.csd"), "mine").unwrap();
        write("new");
        let (_, own) = put(&files, &before).unwrap();
        assert_eq!(own, [at("user/changed.csd")]);
        let read = |name: &str| fs::read_to_string(at(name)).unwrap();
        assert_eq!((read("user/changed.csd"), read("user/kept.csd")), ("mine".into(), "new".into()));
    }

    #[test]
    fn a_bundle_takes_the_place_of_an_older_one_and_what_the_user_put_beside_it_stays() {
        let place = tempfile::tempdir().unwrap();
        let at = |path: &str| place.path().join(path);
        let write = |path: &str, text: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        };
        write("built/a.vst3/Contents/a.so", "old");
        write("built/a.vst3/Contents/gone.so", "old");
        let install = || {
            let mut files = BTreeMap::new();
            add(&at("built/a.vst3"), &at("vst3/a.vst3"), &mut files).unwrap();
            put(&files, &Installed::default()).unwrap().0
        };
        let before = install();
        write("vst3/a.vst3/mine.txt", "years");
        fs::remove_file(at("built/a.vst3/Contents/gone.so")).unwrap();
        write("built/a.vst3/Contents/a.so", "new");
        let now = install();
        let gone = before.remove(|path| !now.has(path), &[at("vst3")]);
        assert_eq!((gone.removed, gone.kept.len()), (1, 0));
        assert_eq!(fs::read_to_string(at("vst3/a.vst3/Contents/a.so")).unwrap(), "new");
        assert!(!at("vst3/a.vst3/Contents/gone.so").exists() && at("vst3/a.vst3/mine.txt").exists());
    }
}
