//! Whether a window can be seen: one that its host has hidden, or that is minimised, need not be drawn.

#[cfg(target_os = "linux")]
mod x11 {
    use nice_plug_egui::baseview::WindowContext;
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    use x11rb::protocol::xproto::{ConnectionExt, MapState};
    use x11rb::rust_connection::RustConnection;

    /// A window, and a connection of our own to its server.
    pub(in crate::editor) struct Visibility {
        connection: RustConnection,
        window: u32,
    }

    impl Visibility {
        /// None where that cannot be known.
        pub fn of(window: &WindowContext) -> Option<Self> {
            let window = match window.window_handle().ok()?.as_raw() {
                RawWindowHandle::Xcb(handle) => handle.window.get(),
                RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok()?,
                _ => return None,
            };
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
}

#[cfg(target_os = "linux")]
pub(super) use x11::Visibility;

/// Other systems draw no hidden windows by themselves.
#[cfg(not(target_os = "linux"))]
pub(super) struct Visibility;

#[cfg(not(target_os = "linux"))]
impl Visibility {
    pub fn of(_: &nice_plug_egui::baseview::WindowContext) -> Option<Self> {
        None
    }

    pub fn is_visible(&self) -> bool {
        true
    }
}
