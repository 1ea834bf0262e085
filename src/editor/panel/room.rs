//! The window's size, while a panel fills it and before.

use egui::{Ui, ViewportCommand, vec2};

use crate::editor::SMALLEST;
use crate::editor::scene::Scene;

/// Makes the window as large as the panel asks for, and remembers how large it was.
pub(super) fn take(ui: &Ui, scene: &mut Scene) {
    let now = ui.ctx().content_rect().size();
    scene.state.size_before = Some([now.x, now.y]);
    if let Some(layout) = &scene.view.layout {
        let [width, height] = layout.size;
        let size = vec2(width.max(SMALLEST[0]), height.max(SMALLEST[1]));
        ui.send_viewport_cmd(ViewportCommand::InnerSize(size));
    }
}

/// Fills the window with the panel.
pub(super) fn fill(ui: &Ui, scene: &mut Scene) {
    take(ui, scene);
    scene.state.panel_only = Some(true);
}

/// Shows all of the editor again, as large as it was.
pub(super) fn give_back(ui: &Ui, scene: &mut Scene) {
    scene.state.panel_only = Some(false);
    if let Some([width, height]) = scene.state.size_before.take() {
        ui.send_viewport_cmd(ViewportCommand::InnerSize(vec2(width, height)));
    }
}
