//! `cargo xtask uninstall`: takes away what `install`, or the script of a release, has put into the user's folders, and
//! exported plugins that he names. Nothing else; and it says what it leaves.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use csound_export::{MANIFEST, Manifest};
use test_host::vstpreset;

use super::folders::Folders;
use super::list::{Gone, Installed};

/// What `cargo xtask uninstall` is given.
#[derive(Args, Debug)]
pub struct UninstallArgs {
    /// Only this exported plugin, by its name or id, in your plugin folders; as often as you like
    #[arg(long, value_name = "NAME")]
    export: Vec<String>,
    /// All exported plugins in your plugin folders, too
    #[arg(long)]
    exports: bool,
}

/// Runs `cargo xtask uninstall`.
///
/// # Errors
/// The user's folders are not known, an export that is named is not there, or something cannot be removed.
pub fn run(args: &UninstallArgs) -> Result<()> {
    let folders = Folders::of_user()?;
    let exports = exports(&folders);
    let mut failed = Vec::new();
    if args.export.is_empty() {
        failed.extend(remove_own(&folders)?);
    }
    for name in &args.export {
        if !exports.iter().any(|export| export.is_called(name)) {
            bail!(
                "there is no exported plugin {name} in {} or {}",
                folders.clap.display(),
                folders.vst3.display()
            );
        }
    }
    let is_wanted = |export: &&Export| args.exports || args.export.iter().any(|name| export.is_called(name));
    for export in exports.iter().filter(is_wanted) {
        match fs::remove_dir_all(&export.folder) {
            Ok(()) => println!("removed {} ({})", export.name, export.folder.display()),
            Err(error) => failed.push((export.folder.clone(), error.to_string())),
        }
    }
    for export in exports.iter().filter(|export| !is_wanted(export)) {
        println!("left: {}, an exported plugin, in {}", export.name, export.folder.display());
    }
    if args.export.is_empty() {
        tell_what_stays(&folders, !exports.is_empty() && !args.exports);
    }
    if let Some((path, why)) = failed.first() {
        bail!("{} of the files cannot be removed, such as {}: {why}", failed.len(), path.display());
    }
    Ok(())
}

/// Removes what `install` has put there; what could not be removed.
fn remove_own(folders: &Folders) -> Result<Vec<(PathBuf, String)>> {
    let list = folders.list();
    let installed = Installed::read(&list)?;
    if installed.is_empty() {
        println!("nothing is written down as installed ({} is not there)", list.display());
        for path in ["Csound Performer.clap", "csound-performer-engine"].map(|name| folders.clap.join(name)) {
            tell_if_there(&path, "not written down, so it stays");
        }
        tell_if_there(&folders.vst3.join("Csound Performer.vst3"), "not written down, so it stays");
        return Ok(Vec::new());
    }
    let mut roots = folders.roots();
    // Its own folder may go with the last file.
    roots.extend(folders.data.parent().map(Path::to_owned));
    roots.extend(folders.data.parent().and_then(Path::parent).map(|local| local.join("bin")));
    let Gone { removed, kept, failed } = installed.remove(|_| true, &roots);
    println!("removed {removed} files");
    kept.iter().for_each(|path| println!("left, because you changed it: {}", path.display()));
    if failed.is_empty() {
        fs::remove_file(&list).with_context(|| format!("{} cannot be removed", list.display()))?;
        // Where something else lies in it, it stays.
        let _ = fs::remove_dir(&folders.data);
    }
    Ok(failed)
}

fn tell_what_stays(folders: &Folders, has_exports: bool) {
    tell_if_there(&folders.presets.join(vstpreset::VENDOR), "presets that you have made");
    tell_if_there(&folders.data, "files that are not ours");
    if let Some(config) =
        std::env::var_os("HOME").map(|home| Path::new(&home).join(".config/csound-performer"))
    {
        tell_if_there(&config, "your settings and what you let pieces do");
    }
    if has_exports {
        println!(
            "cargo xtask uninstall --export NAME removes one of the exported plugins, --exports all of them"
        );
    }
}

fn tell_if_there(path: &Path, what: &str) {
    if path.exists() {
        println!("left: {} ({what})", path.display());
    }
}

/// An exported plugin in one of the user's folders.
struct Export {
    folder: PathBuf,
    name: String,
    id: String,
}

impl Export {
    fn is_called(&self, name: &str) -> bool {
        [&self.name, &self.id].iter().any(|own| *own == name)
            || self.folder.file_stem().is_some_and(|folder| folder == name)
    }
}

/// The folders with a manifest of ours: real ones, directly in the user's plugin folders.
fn exports(folders: &Folders) -> Vec<Export> {
    let entries =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let found = [&folders.clap, &folders.vst3].into_iter().flat_map(|folder| entries(folder));
    let mut found: Vec<_> =
        found.filter(|path| fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())).collect();
    found.sort();
    let export = |folder: PathBuf| {
        let manifests = [folder.join(MANIFEST), folder.join("Contents/Resources").join(MANIFEST)];
        let bytes = manifests.iter().find_map(|manifest| fs::read(manifest).ok())?;
        let Manifest { name, id, .. } = Manifest::read(&bytes).ok()?;
        Some(Export { folder, name, id })
    };
    found.into_iter().filter_map(export).collect()
}
