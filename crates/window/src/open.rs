//! A window opens.

use baseview::dpi::LogicalSize;
use baseview::host::Host;
use baseview::{Error, HandlerError, ParentWindowHandle, Window, WindowContext, WindowSettings};
use egui::Context;

use super::app::App;
use super::handler::Handler;
use super::host_side::HostSide;
use super::painter::Drawing;
use super::repaint::Repaint;

/// How a window opens.
pub struct Settings {
    /// Its title, where it has one.
    pub title: String,
    /// Its size, in points.
    pub size: LogicalSize<f64>,
    /// Its least size, in points.
    pub smallest: LogicalSize<f64>,
    /// The host's window that it lies in.
    pub parent: Option<ParentWindowHandle>,
    /// Such a window will come: none of its own is made before.
    pub wait_for_parent: bool,
    /// Screen readers are told of it, where the system and the build can. A host's process is no place for that yet:
    /// the thread that tells them does not end with the window.
    pub screen_readers: bool,
    /// Pixels in a point, where the system does not say.
    pub fallback_scale: Option<f64>,
    /// Who draws its picture.
    pub drawing: Drawing,
}

impl Settings {
    /// For a window that lies in no other one, of a size in points, and is drawn in that way.
    pub fn alone(title: &str, size: LogicalSize<f64>, drawing: Drawing) -> Self {
        Self {
            title: title.to_owned(),
            size,
            smallest: size,
            parent: None,
            wait_for_parent: false,
            screen_readers: false,
            fallback_scale: None,
            drawing,
        }
    }
}

/// Opens a window, hidden. What is in it is made by `build` on the window's thread, with egui's context and the
/// window; `repaint` and `host_side` are this window's from now on.
///
/// # Errors
/// There is no window system or no OpenGL, or `build` fails.
pub fn open<A: App>(
    settings: Settings,
    (repaint, host_side): (Repaint, HostSide),
    host: Option<Host>,
    build: impl FnOnce(&Context, &WindowContext) -> Result<A, HandlerError> + Send + 'static,
) -> Result<Window, Error> {
    host_side.begin();
    if settings.parent.is_some() {
        host_side.embed();
    }
    let ways = (settings.screen_readers, settings.drawing);
    let mut window = WindowSettings::new()
        .with_title(settings.title)
        .with_size(settings.size)
        .with_min_size(settings.smallest)
        .with_resizable(true)
        .with_wait_for_parent(settings.wait_for_parent)
        .with_fallback_scale_factor(settings.fallback_scale)
        .with_gl_config(baseview::gl::GlConfig::default());
    window.parent = settings.parent;
    Window::create_with_host(
        window,
        move |window| Handler::new(window, (repaint, host_side), ways, build),
        host,
    )
}
