//! Whether a window can be seen: one that its host has hidden, or that is minimised, need not be drawn.

use baseview::WindowContext;
use x11rb::protocol::xproto::{ConnectionExt, MapState};
use x11rb::rust_connection::RustConnection;

/// A window, and a connection of our own to its server.
pub struct Visibility {
    connection: RustConnection,
    window: u32,
}

impl Visibility {
    /// None where that cannot be known.
    pub fn of(window: &WindowContext) -> Option<Self> {
        let window = super::number(window)?;
        let (connection, _) = x11rb::connect(None).ok()?;
        Some(Self { connection, window })
    }

    /// Whether the window and all that it lies in are on the screen, as far as can be known.
    pub fn is_visible(&self) -> bool {
        let asked = self.connection.get_window_attributes(self.window).ok();
        let answer = asked.and_then(|asked| asked.reply().ok());
        answer.is_none_or(|answer| answer.map_state == MapState::VIEWABLE)
    }
}
