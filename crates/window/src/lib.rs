//! A window with [`egui`] in it, inside a window of a host's or alone.
//!
//! baseview opens the window and brings what happens in it; here that becomes egui's input, and what egui gives back
//! is painted and carried out. A frame is drawn only if something has asked for one: an event, a change of size,
//! egui itself, or a [`Repaint`] from any thread.
//!
//! Three things decide what this is for. A key goes to egui or to the host, never to both: an [`App`] says
//! [`Whose`] it is before egui sees it. Files that are dragged over the window are where the pointer is. And what is
//! in a window, the [`App`], is dropped when the window is gone, however that came about.
//!
//! Reading order: [`App`], `open` (a window opens), `handler` (what happens in it), `input` and `keys` (events),
//! `painter`, `reader` (screen readers), and `x11` for what only X11 needs.

mod app;
mod clipboard;
mod clips;
mod cursor;
mod handler;
mod host_side;
mod input;
mod keys;
mod open;
mod painter;
#[cfg(all(target_os = "linux", feature = "screen-readers"))]
mod reader;
#[cfg(not(all(target_os = "linux", feature = "screen-readers")))]
#[path = "no_reader.rs"]
mod reader;
mod repaint;
#[cfg(target_os = "linux")]
mod x11;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod x11;

pub use app::{App, Press, Whose};
pub use baseview;
pub use host_side::{HostKey, HostSide};
pub use open::{Settings, open};
pub use painter::{Drawing, PaintError};
pub use repaint::Repaint;
pub use x11::{Visibility, system_scale};
