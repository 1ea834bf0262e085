//! The editor's window, as the plugin shell wants it: one at a time for an instance, which lets go of what is held
//! when it closes.

mod app;
mod host;
mod host_keys;
mod pulse;
mod shell;
mod size;

use std::sync::atomic::Ordering;

pub use shell::{PluginEditor, create};

/// Closes every editor of this process at its next frame: how a program of its own ends in good order
/// when it is asked to.
pub fn close_all() {
    pulse::CLOSES.store(true, Ordering::Relaxed);
}
