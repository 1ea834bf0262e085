//! An instance's editor in a window of the host's.

use anyhow::{Context, Result};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};

use super::Instance;

impl Instance {
    /// Opens the editor inside an X11 window, which outlives it, and gives its size in pixels.
    ///
    /// # Errors
    /// The plugin has no editor, or does not open it there.
    pub fn open_editor(&mut self, parent: u32) -> Result<(u32, u32)> {
        let gui = self.extension::<PluginGui>("gui")?;
        let handle = self.plugin.plugin_handle();
        let embedded = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };
        gui.create(&handle, embedded).context("the editor is not made")?;
        let size = gui.get_size(&handle).context("the editor has no size")?;
        // SAFETY: the caller's window is there until the editor is closed.
        unsafe { gui.set_parent(&handle, Window::from_x11_handle(parent.into())) }
            .context("the editor does not go into the window")?;
        // Hosts show it; not every plugin has something to do then.
        let _ = gui.show(&handle);
        Ok((size.width, size.height))
    }

    /// Resizes the open editor as a host does when its window is dragged: the plugin says which size
    /// next to the wished one it takes, in pixels.
    ///
    /// # Errors
    /// The plugin has no editor, or takes no such size.
    pub fn resize_editor(&mut self, width: u32, height: u32) -> Result<(u32, u32)> {
        let gui = self.extension::<PluginGui>("gui")?;
        let handle = self.plugin.plugin_handle();
        let wished = GuiSize { width, height };
        let size = gui.adjust_size(&handle, wished).unwrap_or(wished);
        gui.set_size(&handle, size).context("the editor does not take the size")?;
        Ok((size.width, size.height))
    }

    /// Closes the editor.
    ///
    /// # Errors
    /// The plugin has no editor.
    pub fn close_editor(&mut self) -> Result<()> {
        let gui = self.extension::<PluginGui>("gui")?;
        gui.destroy(&self.plugin.plugin_handle());
        Ok(())
    }
}
