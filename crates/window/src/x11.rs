//! What only X11 needs, over connections of our own to the server.

mod passing;
mod places;
mod scale;
mod visibility;

use baseview::WindowContext;
use raw_window_handle::{HasWindowHandle, RawWindowHandle};

pub(crate) use passing::{Heard, Passing};
pub use scale::system_scale;
pub use visibility::Visibility;

/// The window's number on its server.
fn number(window: &WindowContext) -> Option<u32> {
    match window.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
        _ => None,
    }
}
