//! The permissions of a piece: a badge, the sheet behind it, and the question to decide.

use egui::{Align, Button, Color32, Layout, Popup, PopupCloseBehavior, RichText, Ui};

use crate::editor::model::{Action, Isolation, IsolationLevel, PermissionView, Question};
use crate::editor::scene::Scene;
use crate::editor::theme::{self, Palette};
use crate::permission::Permission;

/// Draws a badge of the piece's confinement; a click explains it.
pub(crate) fn badge(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.piece.name.is_empty() {
        return;
    }
    let (word, colour) = word(&scene.view.isolation, theme::palette(ui));
    let shield = crate::editor::icon::button(ui, crate::editor::icon::Icon::Shield, word, Some(colour));
    // Several switches may be meant.
    let popup = Popup::menu(&shield).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.show(|ui| sheet(ui, scene));
}

fn word(isolation: &Isolation, palette: &Palette) -> (&'static str, Color32) {
    let is_plain = !isolation.permissions.iter().any(|shown| shown.granted && is_more_than_reading(shown));
    match (isolation.level, isolation.trusted) {
        (IsolationLevel::Confined, _) if is_plain => ("Confined: this piece can harm nothing", palette.good),
        (IsolationLevel::Confined, _) => ("Confined, but for what you let it do", palette.good),
        (_, true) => ("Trusted: you let this piece do as it likes", palette.warning),
        (IsolationLevel::OwnProcess, false) => ("Not confined", palette.warning),
        (IsolationLevel::InHost, false) => ("Not confined, and in the host's process", palette.error),
    }
}

fn is_more_than_reading(shown: &PermissionView) -> bool {
    !matches!(shown.permission, Permission::Read(_))
}

fn sheet(ui: &mut Ui, scene: &mut Scene) {
    ui.set_max_width(380.0);
    theme::as_on_a_page(ui);
    let isolation = &scene.view.isolation;
    let (word, colour) = word(isolation, theme::palette(ui));
    ui.label(RichText::new(word).color(colour).strong());
    if !isolation.explanation.is_empty() {
        // In a menu, which stretches its lines to both edges, a text does not read well.
        ui.vertical(|ui| ui.label(&isolation.explanation));
    }
    let text = if isolation.trusted {
        "Without trust it may"
    } else {
        "This text, and what you make of it here, may"
    };
    ui.weak(text);
    permissions(ui, scene);
    trust(ui, scene);
    libraries(ui, scene);
}

fn permissions(ui: &mut Ui, scene: &mut Scene) {
    let isolation = &scene.view.isolation;
    let mut wished = None;
    for shown in isolation.permissions.iter() {
        let mut granted = shown.granted;
        // What was given before it became impossible can still be taken back.
        let enabled = shown.unavailable.is_none() || shown.granted;
        let switch = theme::menu_switch(ui, enabled, &mut granted, shown.permission.to_string());
        if let Some(why) = &shown.unavailable {
            ui.weak(why);
        } else if let Some(opcode) = &shown.wanted_by {
            ui.weak(format!("The piece names {opcode}, which needs this."));
        }
        if switch.changed() {
            let permission = shown.permission.clone();
            wished = Some(if granted { Action::Permit(permission) } else { Action::Revoke(permission) });
        }
    }
    for folder in isolation.folders.iter() {
        ui.weak(format!("read {}, as all pieces may", folder.display()));
    }
    if let Some(action) = wished {
        scene.act(action);
    }
    ui.horizontal(|ui| {
        let read =
            ui.button("Allow folder…").on_hover_text("Choose a folder with sounds that the piece may read");
        if read.clicked() {
            scene.ask(Question::AllowFolder);
        }
        let write = ui.button("Choose folder to write…");
        if write.on_hover_text("Choose a folder that the piece may write files into").clicked() {
            scene.ask(Question::WriteFolder);
        }
    });
}

fn trust(ui: &mut Ui, scene: &mut Scene) {
    let isolation = &scene.view.isolation;
    ui.separator();
    if isolation.trusted {
        if ui.button("Trust no longer").on_hover_text("Confine it again").clicked() {
            scene.act(Action::Untrust);
        }
        return;
    }
    if let Some(what) = &isolation.needs_trust {
        ui.weak(format!("The piece names {what}, which only a trusted piece may use."));
    }
    if let Some(why) = &isolation.untrustable {
        ui.weak(why);
    }
    let trust = ui.add_enabled(isolation.untrustable.is_none(), Button::new("Trust this piece"));
    if trust
        .on_hover_text("Let it do all that you may: start programs, run code that is not Csound's")
        .clicked()
    {
        scene.act(Action::Trust);
    }
}

fn libraries(ui: &mut Ui, scene: &mut Scene) {
    ui.separator();
    let mut forgotten = None;
    for name in scene.view.isolation.libraries.iter() {
        ui.horizontal(|ui| {
            ui.weak(format!("All pieces may use the opcode library {name}"));
            if ui.small_button("Revoke").on_hover_text(format!("Let no piece use {name}")).clicked() {
                forgotten = Some(name.clone());
            }
        });
    }
    if let Some(name) = forgotten {
        scene.act(Action::RevokeLibrary(name));
    }
    let add = ui.button("Add opcode library…");
    if add
        .on_hover_text("Let all pieces use a library of opcodes that you have installed and trust")
        .clicked()
    {
        scene.ask(Question::OpcodeLibrary);
    }
}

/// The question whether a piece may read its own folder.
pub(crate) fn notice(ui: &mut Ui, scene: &mut Scene) {
    let Some(folder) = &scene.view.isolation.asks_to_read else { return };
    let palette = theme::palette(ui);
    theme::notice(palette, palette.warning).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label("The piece names files that it may not read.")
                .on_hover_text(&scene.view.isolation.explanation);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Allow folder").clicked() {
                    scene.actions.push(Action::Permit(Permission::Read(folder.clone())));
                }
            });
        });
        super::header::whole(ui, &format!("May this piece read the folder {}?", folder.display()));
    });
}
