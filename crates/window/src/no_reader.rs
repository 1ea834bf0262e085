//! A window of which screen readers are told nothing: on other systems than Linux, and in builds for hosts alone.

use egui::Context;
use egui::accesskit::TreeUpdate;

use super::input::Input;
use super::repaint::Repaint;

/// See the module.
pub(crate) struct Reader;

impl Reader {
    pub fn new(_: Repaint) -> Self {
        Self
    }

    pub fn prepare(&mut self, _: &Context, _: &mut Input) {}

    pub fn tell(&mut self, _: Option<TreeUpdate>) {}

    pub fn focus(&mut self, _: bool) {}
}
