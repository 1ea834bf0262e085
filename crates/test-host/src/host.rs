//! A headless CLAP host: no screen, no sound card, blocks of any size, everything in the caller's
//! hands.
//!
//! An [`Instance`] belongs to the thread that made it, which is its main thread, and while
//! [`Instance::process`] runs that same thread is its audio thread. Several instances may live at
//! once, on one thread or on many, and may be dropped in any order.
//!
//! ```no_run
//! use test_host::host::{Block, Event, Host, Instance};
//!
//! # fn main() -> anyhow::Result<()> {
//! let host = Host::load("target/bundled/Csound Performer.clap")?;
//! let mut synth = Instance::new(&host, "csound-performer.instrument")?;
//! synth.activate(48_000.0, 1, 512)?;
//! synth.start()?;
//! let block = Block { frames: 512, events: &[Event::note_on(17, 0, 60, 0.8)], ..Block::default() };
//! let played = synth.process(block)?;
//! assert_eq!(played.output[0].len(), 512);
//! # Ok(())
//! # }
//! ```

mod block;
mod callbacks;
mod event;
#[cfg(target_os = "linux")]
mod gui;
mod instance;
mod menus;
mod pages;
mod params;
mod ports;
mod presets;
mod track;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clack_host::prelude::PluginEntry;

pub use block::{Block, Processed, Transport};
pub use callbacks::{Answer, Ended, Rescan};
pub use clack_extensions::tail::TailLength;
pub use clack_host::process::ProcessStatus;
pub use event::{Event, EventBody, NoteDoes};
pub use instance::Instance;
pub use pages::Page;
pub use params::Param;
pub use ports::{Port, PortLayout};
pub use presets::{FoundPreset, Place, Presets};

/// The id of *Csound Performer*.
pub const INSTRUMENT: &str = "csound-performer.instrument";

/// The id of *Csound Performer FX*.
pub const EFFECT: &str = "csound-performer.fx";

/// A loaded CLAP library. It stays loaded to the end of the process: a library written in Rust leaves
/// thread-local clean-up behind in every thread that has called it, and a thread that ends after the
/// library has been unloaded would jump into nothing.
#[derive(Clone)]
pub struct Host {
    entry: PluginEntry,
    path: PathBuf,
}

/// What a library says about one of its plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginInfo {
    /// The CLAP id.
    pub id: String,
    /// The name that users see.
    pub name: String,
}

impl Host {
    /// Loads a `.clap` bundle, or a shared library with a CLAP entry.
    ///
    /// # Errors
    /// The file is missing, cannot be loaded, or is no CLAP library.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: loading a library runs its code. The caller names the file, as with any host.
        let entry = unsafe { PluginEntry::load(path) };
        let entry = entry.map_err(|error| anyhow!("{error}"));
        let entry = entry.with_context(|| format!("{} does not load", path.display()))?;
        // For ever, as the type's documentation says.
        std::mem::forget(entry.clone());
        Ok(Self { entry, path: path.to_owned() })
    }

    /// The plugins in the library, in its order.
    pub fn plugins(&self) -> Vec<PluginInfo> {
        let Some(factory) = self.entry.get_plugin_factory() else {
            return Vec::new();
        };
        let text = |text: Option<&std::ffi::CStr>| text.map(|text| text.to_string_lossy().into_owned());
        factory
            .plugin_descriptors()
            .filter_map(|plugin| {
                Some(PluginInfo { id: text(plugin.id())?, name: text(plugin.name()).unwrap_or_default() })
            })
            .collect()
    }

    /// The file that was loaded.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn entry(&self) -> &PluginEntry {
        &self.entry
    }
}

/// The CLAP parameter id that the plugin shell makes of a parameter's own id, such as `c001`.
pub fn param_id(id: &str) -> u32 {
    let hash = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    // The highest bit is VST3's own.
    hash & !(1 << 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_in_the_error() {
        let error = Host::load("no/such/file.clap").err().unwrap();
        assert!(format!("{error:#}").contains("no/such/file.clap"));
    }

    #[test]
    fn parameter_ids_are_told_apart() {
        let mut ids: Vec<_> = (1..=128).map(|slot| param_id(&format!("c{slot:03}"))).collect();
        ids.push(param_id("timing"));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 129);
        assert!(ids.iter().all(|id| id >> 31 == 0));
    }
}
