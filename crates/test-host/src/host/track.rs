//! The track that an instance is on, and the names that it gives keys.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use clack_extensions::note_name::{NoteNameBuffer, PluginNoteName};
use clack_extensions::track_info::PluginTrackInfo;
use clack_host::events::Match;

use super::Instance;

impl Instance {
    /// Tells the instance of its track: a name and a colour.
    ///
    /// # Errors
    /// The plugin does not want to know.
    pub fn set_track(&mut self, name: &str, colour: [u8; 3]) -> Result<()> {
        *self.requests.track.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((name.to_owned().leak(), colour));
        let track = self.extension::<PluginTrackInfo>("track-info")?;
        track.changed(&self.plugin.plugin_handle());
        Ok(())
    }

    /// The keys that have names, which are those of every channel.
    ///
    /// # Errors
    /// The plugin has no names, one that it has counted is missing, or is of no key or of some channel.
    pub fn note_names(&mut self) -> Result<Vec<(u16, String)>> {
        let names = self.extension::<PluginNoteName>("note-name")?;
        let handle = self.plugin.plugin_handle();
        let mut buffer = NoteNameBuffer::new();
        let mut name = |index| {
            let found = names.get(&handle, index, &mut buffer).context("a name is missing")?;
            let (Match::Specific(key), Match::All, Match::All) = (found.key, found.channel, found.port)
            else {
                anyhow::bail!("it is of no key, or of some channel");
            };
            Ok((key, String::from_utf8_lossy(found.name).trim_end_matches('\0').to_owned()))
        };
        (0..names.count(&handle) as u32).map(&mut name).collect()
    }

    /// How often the plugin has said since the last call that its names of keys have changed.
    pub fn take_note_names_changed(&mut self) -> usize {
        self.requests.note_names_changed.swap(0, Ordering::AcqRel)
    }
}
