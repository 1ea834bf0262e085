//! The pages that a plugin offers for the knobs of a controller.

use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use clack_extensions::remote_controls::{PluginRemoteControls, RemoteControlsPageBuffer};
use clack_host::utils::ClapId;

use super::Instance;

/// A page of knobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it is known by.
    pub id: u32,
    /// What stands above several pages.
    pub section: String,
    /// The name that users see.
    pub name: String,
    /// The parameters of its knobs, none where one has nothing to do.
    pub knobs: [Option<u32>; 8],
}

impl Instance {
    /// The pages, in the plugin's order.
    ///
    /// # Errors
    /// The plugin has none, or one that it has counted is missing.
    pub fn pages(&mut self) -> Result<Vec<Page>> {
        let pages = self.extension::<PluginRemoteControls>("remote-controls")?;
        let handle = self.plugin.plugin_handle();
        let mut buffer = RemoteControlsPageBuffer::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
        let mut page = |index| {
            let page = pages.get(&handle, index, &mut buffer).context("a page is missing")?;
            Ok(Page {
                id: page.page_id.get(),
                section: text(page.section_name),
                name: text(page.page_name),
                knobs: page.param_ids.map(|id| id.map(ClapId::get)),
            })
        };
        (0..pages.count(&handle)).map(&mut page).collect()
    }

    /// How often the plugin has said since the last call that its pages have changed.
    pub fn take_pages_changed(&mut self) -> usize {
        self.requests.pages_changed.swap(0, Ordering::AcqRel)
    }
}
