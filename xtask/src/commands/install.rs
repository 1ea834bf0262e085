//! `cargo xtask install`: the release bundles into the user's plugin folders, the shipped pieces into
//! the one for VST3 presets.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::commands::bundle::{self, Quiet};
use test_host::vstpreset;

/// Runs `cargo xtask install`.
///
/// # Errors
/// The plugin does not build, the user's folder is not known, or it cannot be written to.
pub fn run() -> Result<()> {
    let bundle = bundle::release(Quiet::Yes)?;
    let folders = user_folders()?;
    // The engine program goes beside the CLAP plugin; the VST3 bundle holds its own.
    let engine = bundle.engine();
    let all = [(&bundle.clap, &folders.clap), (&engine, &folders.clap), (&bundle.vst3, &folders.vst3)];
    for (bundle, folder) in all {
        let installed = install(bundle, folder)?;
        println!("installed {}", installed.display());
    }
    let presets = folders.presets.join(vstpreset::VENDOR);
    vstpreset::write_all(&presets)?;
    println!("installed presets in {}", presets.display());
    println!("Let your DAW scan its plugins again: Csound Performer and Csound Performer FX are new.");
    Ok(())
}

struct Folders {
    clap: PathBuf,
    vst3: PathBuf,
    /// Where VST3 hosts look for presets, by vendor and plugin ("Preset Locations" in the VST3 SDK's
    /// documentation).
    presets: PathBuf,
}

/// The folders that hosts scan for one user's plugins.
fn user_folders() -> Result<Folders> {
    let variable = |name| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from).with_context(|| format!("your folder is not known: {name} is not set"))
    };
    let folders = match std::env::consts::OS {
        "macos" => {
            let audio = variable("HOME")?.join("Library/Audio");
            let plugins = audio.join("Plug-Ins");
            Folders { clap: plugins.join("CLAP"), vst3: plugins.join("VST3"), presets: audio.join("Presets") }
        }
        "windows" => {
            let plugins = variable("LOCALAPPDATA")?.join("Programs").join("Common");
            let presets = variable("USERPROFILE")?.join("Documents").join("VST3 Presets");
            Folders { clap: plugins.join("CLAP"), vst3: plugins.join("VST3"), presets }
        }
        _ => {
            let home = variable("HOME")?;
            let vst3 = home.join(".vst3");
            Folders { clap: home.join(".clap"), presets: vst3.join("presets"), vst3 }
        }
    };
    Ok(folders)
}

/// Puts a bundle into a folder in place of an older one. Whoever has the older one loaded keeps it.
fn install(bundle: &Path, folder: &Path) -> Result<PathBuf> {
    let target = folder.join(bundle.file_name().unwrap_or_default());
    let cannot = || format!("{} cannot be installed to {}", bundle.display(), folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    if target.is_dir() {
        fs::remove_dir_all(&target).with_context(cannot)?;
    } else if target.exists() {
        fs::remove_file(&target).with_context(cannot)?;
    }
    copy(bundle, &target).with_context(cannot)?;
    Ok(target)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::copy(from, to)?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_takes_the_place_of_an_older_one() {
        let folder = std::env::temp_dir().join(format!("csound-performer-install-{}", std::process::id()));
        let (bundle, plugins) = (folder.join("built/a.vst3"), folder.join("plugins"));
        fs::create_dir_all(bundle.join("Contents/new")).unwrap();
        fs::write(bundle.join("Contents/new/a.so"), "new").unwrap();
        fs::create_dir_all(plugins.join("a.vst3/Contents/old")).unwrap();
        let installed = install(&bundle, &plugins).unwrap();
        assert_eq!(fs::read_to_string(installed.join("Contents/new/a.so")).unwrap(), "new");
        assert!(!installed.join("Contents/old").exists());
        let file = folder.join("built/a.clap");
        fs::write(&file, "clap").unwrap();
        install(&file, &plugins).unwrap();
        install(&file, &plugins).unwrap();
        assert_eq!(fs::read_to_string(plugins.join("a.clap")).unwrap(), "clap");
        fs::remove_dir_all(&folder).unwrap();
    }
}
