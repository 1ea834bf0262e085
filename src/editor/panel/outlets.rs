//! Widgets that lead elsewhere: the console, a file or an address, the presets.

use egui::{Button, Key, OpenUrl, RichText, TextEdit, Ui, UiBuilder};

use super::paint::is_low;
use super::plain::{Spot, scrolled};
use crate::editor::model::{Action, Importance, Placed, PresetDeed};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Lines of the console that a panel shows.
const LINES: usize = 200;

/// The newest lines of the console.
pub(super) fn console(ui: &mut Ui, scene: &Scene, placed: &Placed, spot: Spot) {
    let palette = theme::palette(ui);
    let ground = placed.colour.map_or(palette.well, theme::colour);
    theme::suit(ui, ground);
    let palette = theme::palette(ui);
    ui.painter().rect_filled(spot.rect, theme::ROUND, ground);
    let text = placed.text_colour.map_or(palette.text, theme::colour);
    let inner = ui.new_child(UiBuilder::new().max_rect(spot.rect.shrink(4.0)));
    scrolled(inner, |ui| {
        if !placed.text.is_empty() {
            ui.label(RichText::new(&placed.text).color(text));
        }
        let lines = &scene.view.console;
        for number in lines.next().saturating_sub(LINES as u64).max(lines.first())..lines.next() {
            let Some(line) = lines.line(number) else { continue };
            let colour = match line.importance {
                Importance::Warning => palette.warning,
                Importance::Error => palette.error,
                _ => text,
            };
            ui.label(RichText::new(&*line.text).monospace().color(colour));
        }
        ui.scroll_to_cursor(Some(egui::Align::BOTTOM));
    });
}

/// A button that leads to a file beside the piece, or to a page of the web.
pub(super) fn info(ui: &mut Ui, scene: &mut Scene, placed: &Placed, spot: Spot) {
    let file = placed.finish.file.trim();
    if !button(ui, placed, spot).on_hover_text(file).clicked() || file.is_empty() {
        return;
    }
    if file.starts_with("http://") || file.starts_with("https://") {
        return ui.ctx().open_url(OpenUrl::new_tab(file));
    }
    let folder = scene.view.piece.path.as_ref().and_then(|path| path.parent());
    match folder {
        Some(folder) => scene.act(Action::ShowInFolder(folder.join(file))),
        None => {
            scene.act(Action::Report(format!("{file} lies beside the piece, which is not saved to a file")))
        }
    }
}

/// A button with the piece's presets.
pub(super) fn presets(ui: &mut Ui, scene: &mut Scene, placed: &Placed, spot: Spot, channel: Option<usize>) {
    let button = button(ui, placed, spot);
    let (view, mut chosen) = (scene.view, None);
    egui::Popup::menu(&button).show(|ui| {
        if let Some(own) = view.presets.chosen().filter(|preset| preset.is_own)
            && ui.button(format!("Save as {}", own.name)).clicked()
        {
            keep(scene, channel, own.name.clone());
        }
        if ui.button("Save as a new preset").clicked() {
            let name = new_name(scene);
            keep(scene, channel, name);
        }
        ui.separator();
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for (index, preset) in view.presets.list.iter().enumerate() {
                if ui.selectable_label(view.presets.current == Some(index), &preset.name).clicked() {
                    chosen = Some(preset);
                }
            }
        });
    });
    if let Some(preset) = chosen {
        scene.act(Action::LoadPreset(preset.id.clone()));
        name_preset(scene, channel, &preset.name);
    }
}

/// A name that no preset has.
fn new_name(scene: &Scene) -> String {
    let list = &scene.view.presets.list;
    let name = |number: usize| format!("Preset {number}");
    let free = |number: &usize| list.iter().all(|preset| preset.name != name(*number));
    name((1..=list.len() + 1).find(free).unwrap_or(list.len() + 1))
}

/// A choice of the piece's presets: a menu, or a list where there is room for one.
pub(super) fn preset_choice(
    ui: &mut Ui,
    scene: &mut Scene,
    placed: &Placed,
    spot: Spot,
    channel: Option<usize>,
) {
    let view = scene.view;
    let current = view.presets.current;
    let mut chosen = None;
    let mut entries = |ui: &mut Ui| {
        for (index, preset) in view.presets.list.iter().enumerate() {
            if ui.selectable_label(current == Some(index), &preset.name).clicked() {
                chosen = Some(index);
            }
        }
    };
    if is_low(spot.rect) {
        let text = view.presets.chosen().map_or("Preset", |preset| preset.name.as_str());
        let mut inner = ui.new_child(UiBuilder::new().max_rect(spot.rect));
        let shown = egui::ComboBox::from_id_salt("presets").width(spot.rect.width()).truncate();
        let shown = shown.selected_text(text).show_ui(&mut inner, entries);
        shown.response.accessible_name("Presets of the piece");
    } else {
        let ground = placed.colour.map_or(theme::palette(ui).well, theme::colour);
        theme::suit(ui, ground);
        ui.painter().rect_filled(spot.rect, theme::ROUND, ground);
        scrolled(ui.new_child(UiBuilder::new().max_rect(spot.rect.shrink(2.0))), &mut entries);
    }
    if let Some(preset) = chosen.and_then(|index| view.presets.list.get(index)) {
        scene.act(Action::LoadPreset(preset.id.clone()));
        name_preset(scene, channel, &preset.name);
    }
}

/// Tells the piece the name of a preset.
fn name_preset(scene: &mut Scene, channel: Option<usize>, name: &str) {
    let view = scene.view;
    if let Some(channel) = channel.and_then(|index| view.channels.get(index)) {
        scene.act(Action::SetText(channel.name.clone(), name.to_owned()));
    }
}

/// A button that keeps the piece's preset, or deletes one.
pub(super) fn preset_deed(
    ui: &mut Ui,
    scene: &mut Scene,
    placed: &Placed,
    spot: Spot,
    (deed, channel): (PresetDeed, Option<usize>),
) {
    let id = ui.scope_id().with("name of a preset");
    let button = button(ui, placed, spot);
    match deed {
        PresetDeed::Keep if button.clicked() => {
            let name = new_name(scene);
            keep(scene, channel, name);
        }
        PresetDeed::Keep => {}
        PresetDeed::KeepAs => {
            egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(
                |ui| {
                    let mut name = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_default();
                    let field = ui.add(TextEdit::singleline(&mut name).hint_text("Name of the preset"));
                    let field = field.accessible_name("Name of the preset");
                    if scene.view.presets.own(name.trim()).is_some() {
                        ui.label("The preset of this name is replaced");
                    }
                    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                    if (ui.button("Keep").clicked() || entered) && !name.trim().is_empty() {
                        keep(scene, channel, name.trim().to_owned());
                        name.clear();
                        ui.close();
                    }
                    ui.data_mut(|data| data.insert_temp(id, name));
                },
            );
        }
        PresetDeed::Delete => {
            egui::Popup::menu(&button).show(|ui| match scene.view.presets.chosen() {
                Some(preset) if preset.is_own => {
                    if ui.button(format!("Delete {}", preset.name)).clicked() {
                        scene.actions.push(Action::DeletePreset(preset.id.clone()));
                        ui.close();
                    }
                }
                Some(preset) => drop(ui.label(format!("{} came with the piece, and stays", preset.name))),
                None => drop(ui.label("No preset is chosen")),
            });
        }
    }
}

/// Keeps how the piece stands; one of the user's own of that name is replaced, which he was told.
fn keep(scene: &mut Scene, channel: Option<usize>, name: String) {
    name_preset(scene, channel, &name);
    let replace = scene.view.presets.own(&name).is_some();
    scene.act(Action::SavePreset { name, tags: Vec::new(), replace });
}

/// A button in the piece's colours, with its words.
fn button(ui: &mut Ui, placed: &Placed, spot: Spot) -> egui::Response {
    let ground = placed.colour.map(theme::colour);
    let palette = theme::palette(ui);
    let fill = ground.unwrap_or(palette.raised);
    let text = placed.text_colour.map_or_else(|| theme::readable(fill), theme::colour);
    let words = RichText::new(&placed.text).color(text);
    ui.put(spot.rect, Button::new(words).fill(fill).truncate().min_size(spot.rect.size()))
}
