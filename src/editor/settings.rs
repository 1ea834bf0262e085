//! The page of settings.

mod comparison;

use egui::{ComboBox, DragValue, Grid, PointerButton, Response, RichText, ScrollArea, Sense, Slider, Ui};

use super::host_menu;
use super::keys::Keys;
use super::model::{Action, MenuOf, Question, Setting, SettingKind};
use super::scene::Scene;
use super::theme;
use super::zoom;

/// Draws the page.
pub(super) fn show(ui: &mut Ui, scene: &mut Scene, keys: &mut Keys) {
    ScrollArea::vertical().id_salt("settings").auto_shrink(false).show(ui, |ui| {
        ui.label(RichText::new("This instance").strong());
        Grid::new("settings").num_columns(3).spacing([theme::GAP * 2.0, theme::GAP]).show(ui, |ui| {
            // An exported plugin performs by the Csound that it was made for.
            let is_export = scene.view.export.is_some();
            ui.label("Zoom");
            let told = zoom::setting(ui, scene);
            ui.add(egui::Label::new(RichText::new(told).color(theme::palette(ui).weak)).wrap());
            ui.end_row();
            for setting in Setting::ALL.into_iter().filter(|one| !(is_export && *one == Setting::Csound)) {
                ui.label(setting.name()).on_hover_text(setting.help());
                control(ui, scene, setting);
                let help = RichText::new(help(scene, setting)).color(theme::palette(ui).weak);
                ui.add(egui::Label::new(help).wrap());
                ui.end_row();
                if setting == Setting::Mpe {
                    tuning(ui, scene);
                    ui.end_row();
                }
                if setting == Setting::Csound {
                    comparison::show(ui, scene);
                    ui.end_row();
                }
            }
        });
        ui.add_space(theme::GAP * 2.0);
        permitted(ui, scene);
        ui.add_space(theme::GAP * 2.0);
        keys.show(ui, scene);
    });
}

/// What a setting does; of Csound also what it comes to now.
fn help(scene: &Scene, setting: Setting) -> String {
    let named = scene.view.csound.named.as_ref().filter(|_| setting == Setting::Csound);
    let now = named.map(|named| format!(" Now: {named}.")).unwrap_or_default();
    format!("{}{now}", setting.help())
}

/// The files of the tuning, to be chosen and given up.
fn tuning(ui: &mut Ui, scene: &mut Scene) {
    let view = scene.view;
    ui.label("Tuning");
    ui.horizontal(|ui| {
        let open =
            ui.button("Open tuning…").on_hover_text("A scale (.scl) or a keyboard mapping (.kbm) of Scala");
        if open.clicked() {
            scene.ask(Question::Tuning);
        }
        if view.tuning.is_some() && ui.button("Equal").on_hover_text("Twelve equal steps again").clicked() {
            scene.act(Action::Tune(None));
        }
    });
    let named = view.tuning.as_deref().unwrap_or("twelve equal steps, A at 440 Hz");
    let help =
        format!("Now: {named}. For pieces that read it: channels tuning.0 to tuning.127 hold the keys' Hz.");
    ui.add(egui::Label::new(RichText::new(help).color(theme::palette(ui).weak)).wrap());
}

/// All that the user's configuration lets pieces do, each to be taken back.
fn permitted(ui: &mut Ui, scene: &mut Scene) {
    let view = scene.view;
    ui.label(RichText::new("What you let pieces do").strong());
    if view.kept.is_empty() && view.isolation.libraries.is_empty() {
        ui.weak("Nothing: no piece is trusted, and none may read or write a folder or talk over a network.");
    }
    for text in view.kept.iter() {
        let piece = if text.piece.is_empty() { "A piece of before" } else { &text.piece };
        ui.add_space(theme::GAP / 2.0);
        ui.add(egui::Label::new(piece).truncate());
        if text.trusted {
            revocable(ui, scene, "do all that you may: it is trusted", piece, || {
                Action::RevokeKept(text.id.clone(), None)
            });
        }
        for permission in &text.permissions {
            revocable(ui, scene, &permission.to_string(), piece, || {
                Action::RevokeKept(text.id.clone(), Some(permission.clone()))
            });
        }
    }
    for name in view.isolation.libraries.iter() {
        ui.add_space(theme::GAP / 2.0);
        revocable(ui, scene, &format!("use the opcode library {name}"), "all pieces", || {
            Action::RevokeLibrary(name.clone())
        });
    }
}

fn revocable(ui: &mut Ui, scene: &mut Scene, what: &str, piece: &str, revoke: impl FnOnce() -> Action) {
    ui.horizontal(|ui| {
        ui.add_space(theme::GAP);
        let button = ui.small_button("Revoke").on_hover_text(format!("Let {piece} no longer {what}"));
        button.clone().accessible_name(format!("Revoke: {what}"));
        if button.clicked() {
            scene.act(revoke());
        }
        ui.add(egui::Label::new(format!("may {what}")).truncate());
    });
}

fn control(ui: &mut Ui, scene: &mut Scene, setting: Setting) {
    let before = scene.view.settings.of(setting);
    let mut is_chosen = false;
    let value = match setting.kind() {
        SettingKind::Choice(items) => {
            let (value, is_chosen_now) = choice(ui, scene, setting, items);
            // Auto, chosen once more, looks anew.
            is_chosen = is_chosen_now && setting == Setting::Csound;
            value
        }
        SettingKind::Whole(least, greatest, words) => {
            let mut value = before;
            let drag = DragValue::new(&mut value).range(least..=greatest).fixed_decimals(0).speed(0.1);
            let drag = drag.custom_formatter(move |shown, _| match words {
                Some(words) if shown <= least => words.to_owned(),
                _ => format!("{shown:.0}"),
            });
            let drag = drag.custom_parser(move |text| match words {
                Some(words) if text.trim().eq_ignore_ascii_case(words) => Some(least),
                _ => text.trim().parse().ok(),
            });
            let drag = ui.add(drag);
            drag.clone().accessible_name(setting.name());
            host_menu(scene, setting, &drag);
            value.round()
        }
        SettingKind::Decibels(least, greatest) => {
            let mut value = before;
            let slider = Slider::new(&mut value, least..=greatest).suffix(" dB").fixed_decimals(1);
            let slider = ui.add(slider);
            slider.clone().accessible_name(setting.name());
            host_menu(scene, setting, &slider);
            // A slider goes to the pointer whatever button is pressed.
            let button = PointerButton::Secondary;
            let opens_menu =
                ui.input(|input| input.pointer.button_down(button) || input.pointer.button_released(button));
            if opens_menu { before } else { value }
        }
    };
    if value != before || is_chosen {
        scene.act(Action::Set(setting, value));
    }
}

/// Lets a right click open the host's menu of a setting's parameter.
fn host_menu(scene: &mut Scene, setting: Setting, response: &Response) {
    if setting.is_parameter() {
        // A slider knows of drags only.
        let response = &response.interact(Sense::click());
        host_menu::open(response, (scene.view, MenuOf::Own(setting.id())), scene.actions);
    }
}

/// What is chosen, and whether it was just now: it may be what was chosen before.
fn choice(ui: &mut Ui, scene: &mut Scene, setting: Setting, items: &[&str]) -> (f64, bool) {
    let mut chosen = scene.view.settings.of(setting).max(0.0) as usize;
    let shown =
        ComboBox::from_id_salt(setting.id()).width(150.0).show_index(ui, &mut chosen, items.len(), |at| {
            items.get(at).copied().unwrap_or_default().to_owned()
        });
    let is_chosen = shown.changed();
    host_menu(scene, setting, &shown);
    shown.accessible_name(setting.name());
    (chosen as f64, is_chosen)
}
