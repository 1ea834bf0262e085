//! The piece's panel without anything around it.

use egui::{Area, Button, CentralPanel, Frame, Id, Order, RichText, Ui, vec2};

use super::channels::Channels;
use super::keyboard::Keyboard;
use super::room;
use crate::editor::bars::header;
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Draws the panel, what has to be told, and the way back.
pub(in crate::editor) fn show(
    ui: &mut Ui,
    scene: &mut Scene,
    channels: &mut Channels,
    keyboard: &mut Keyboard,
) {
    let Some(layout) = scene.view.layout.clone() else { return };
    keyboard.hide(scene);
    if scene.state.panel_only.is_none() && scene.state.size_before.is_none() {
        // Once, for a window that opens so.
        room::take(ui, scene);
    }
    let before = scene.state.tab;
    header::notices(ui, scene);
    if scene.state.tab != before || scene.go_to.is_some() {
        // *Show* leads to a page.
        room::give_back(ui, scene);
    }
    let ground = layout.colour.map_or(theme::palette(ui).base, theme::colour);
    CentralPanel::default().frame(Frame::new().fill(ground)).show(ui, |ui| {
        channels.fill(ui, scene, &layout, keyboard);
    });
    let corner = Area::new(Id::unique("out of the panel")).order(Order::Foreground);
    let clicked = corner.anchor(egui::Align2::RIGHT_TOP, vec2(-4.0, 4.0)).show(ui.ctx(), |ui| {
        let button = ui.add(Button::new(RichText::new("…")).small()).accessible_name("All of the editor");
        button.on_hover_text("Show all of the editor").clicked()
    });
    if clicked.inner {
        room::give_back(ui, scene);
    }
}
