//! The folders that hosts scan for one user's plugins, and where it is written down what was put there.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// One user's folders.
pub struct Folders {
    /// Of CLAPs.
    pub clap: PathBuf,
    /// Of VST3 bundles.
    pub vst3: PathBuf,
    /// Where VST3 hosts look for presets, by vendor and plugin ("Preset Locations" in the VST3 SDK's
    /// documentation).
    pub presets: PathBuf,
    /// Of our own data.
    pub data: PathBuf,
}

impl Folders {
    /// The folders of whoever runs this.
    ///
    /// # Errors
    /// The environment does not say where they are.
    pub fn of_user() -> Result<Self> {
        let variable = |name| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from).with_context(|| format!("your folder is not known: {name} is not set"))
        };
        let own = "csound-performer";
        let folders = match std::env::consts::OS {
            "macos" => {
                let library = variable("HOME")?.join("Library");
                let plugins = library.join("Audio/Plug-Ins");
                let data = library.join("Application Support").join(own);
                let presets = library.join("Audio/Presets");
                Self { clap: plugins.join("CLAP"), vst3: plugins.join("VST3"), presets, data }
            }
            "windows" => {
                let local = variable("LOCALAPPDATA")?;
                let plugins = local.join("Programs").join("Common");
                let presets = variable("USERPROFILE")?.join("Documents").join("VST3 Presets");
                Self {
                    clap: plugins.join("CLAP"),
                    vst3: plugins.join("VST3"),
                    presets,
                    data: local.join(own),
                }
            }
            _ => {
                let home = variable("HOME")?;
                let (vst3, named) = (home.join(".vst3"), variable("XDG_DATA_HOME").ok());
                let data =
                    named.filter(|folder| folder.is_absolute()).unwrap_or_else(|| home.join(".local/share"));
                Self { clap: home.join(".clap"), presets: vst3.join("presets"), vst3, data: data.join(own) }
            }
        };
        Ok(folders)
    }

    /// The list of what is installed. The scripts of a release keep the same one.
    pub fn list(&self) -> PathBuf {
        self.data.join("installed.sha256")
    }

    /// Folders that stay, though nothing may be left in them. Only below them is anything removed.
    pub fn roots(&self) -> Vec<PathBuf> {
        [&self.presets, &self.vst3, &self.clap].map(PathBuf::clone).into()
    }
}
