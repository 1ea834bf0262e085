//! The piece's own layout: every widget where the piece says. Parts that are hidden at first are opened by the
//! user; popups open in windows of their own.

use std::collections::BTreeSet;

use egui::{Pos2, Rect, ScrollArea, Ui, UiBuilder, Vec2, pos2, vec2};

use super::control::{self, Look, Other};
use super::keyboard::Keyboard;
use super::outlets;
use super::paint::{WHOLE, paint_picture};
use super::plain::{self, Spot};
use super::signal;
use super::sound;
use super::table;
use super::textures::Textures;
use super::turned::turned;
use crate::editor::model::{Layout, Part, Placed, PlacedKind, Shape};
use crate::editor::scene::Scene;
use crate::editor::theme;
use crate::editor::user_input;

/// The scales between which a layout is fitted to the room there is.
const SCALES: std::ops::RangeInclusive<f32> = 0.8..=1.5;

/// The least scale of one that fills its window.
const SMALLEST_SCALE: f32 = 0.1;

/// A panel that has no size to speak of becomes no larger.
const LARGEST_SCALE: f32 = 16.0;

/// The names of the parts that the user has opened.
pub(super) type Opened = BTreeSet<String>;

/// Draws this part of the window.
pub(crate) fn show(
    ui: &mut Ui,
    scene: &mut Scene,
    layout: &Layout,
    keyboard: &mut Keyboard,
    (opened, textures): (&mut Opened, &mut Textures),
) {
    let bars = ui.spacing().scroll.bar_width + theme::GAP;
    let room = ui.available_size() - vec2(bars, bars);
    let scale = fit(layout, room).clamp(*SCALES.start(), *SCALES.end());
    ScrollArea::both().id_salt("layout").auto_shrink(false).show_viewport(ui, |ui, _| {
        page(ui, scene, layout, scale, &mut Tools { keyboard, textures, opened });
    });
}

/// Draws it as large as the room allows, in its middle.
pub(super) fn fill(
    ui: &mut Ui,
    scene: &mut Scene,
    layout: &Layout,
    keyboard: &mut Keyboard,
    (opened, textures): (&mut Opened, &mut Textures),
) {
    let room = ui.available_rect_before_wrap();
    let scale = fit(layout, room.size()).clamp(SMALLEST_SCALE, LARGEST_SCALE);
    let place = Rect::from_center_size(room.center(), Vec2::from(layout.size) * scale);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(place));
    page(&mut ui, scene, layout, scale, &mut Tools { keyboard, textures, opened });
}

/// The scale at which a layout fits into the room.
fn fit(layout: &Layout, room: Vec2) -> f32 {
    let [width, height] = layout.size.map(|side| side.max(1.0));
    (room.x / width).min(room.y / height)
}

/// The form, and the popups that are open.
fn page(ui: &mut Ui, scene: &mut Scene, layout: &Layout, scale: f32, tools: &mut Tools) {
    tools.textures.keep(&scene.view.images);
    let shown = shown_parts(layout, tools.opened);
    let size = Vec2::from(layout.size.map(|side| side.max(1.0))) * scale;
    ground(ui, layout, size, |ui, origin| {
        user_input::note_panel(ui, origin, size, scale, scene.view);
        let sheet = Sheet { origin, scale, window: None };
        sheet.draw(ui, scene, layout, &shown, tools);
    });
    for (number, part) in layout.parts.iter().enumerate() {
        if part.is_popup && shown[number] {
            popup(ui, scene, layout, (number, part), scale, &shown, tools);
        }
    }
}

/// A menu of the parts that are hidden at first.
pub(super) fn parts_menu(ui: &mut Ui, layout: &Layout, opened: &mut Opened) {
    let button =
        ui.button("Hidden parts").on_hover_text("Show parts of the panel that the piece hides at first");
    let menu = egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    menu.show(|ui| {
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for part in &layout.parts {
                let mut open = opened.contains(&part.name);
                if theme::menu_switch(ui, true, &mut open, &part.name).changed() {
                    set_open(opened, part, open);
                }
            }
        });
    });
}

fn set_open(opened: &mut Opened, part: &Part, open: bool) {
    if open {
        opened.insert(part.name.clone());
    } else {
        opened.remove(&part.name);
    }
}

/// Which parts are shown: those that are open, and all that they lie in.
fn shown_parts(layout: &Layout, opened: &Opened) -> Vec<bool> {
    let mut shown: Vec<bool> = Vec::new();
    for part in &layout.parts {
        // What it lies in stands before it.
        let around = part.within.is_none_or(|around| shown.get(around).copied().unwrap_or(false));
        shown.push(around && opened.contains(&part.name));
    }
    shown
}

/// The popup that a part lies in, or is.
fn window_of(layout: &Layout, part: Option<usize>) -> Option<usize> {
    let mut next = part;
    while let Some((number, part)) = next.and_then(|number| Some((number, layout.parts.get(number)?))) {
        if part.is_popup {
            return Some(number);
        }
        next = part.within;
    }
    None
}

fn popup(
    ui: &Ui,
    scene: &mut Scene,
    layout: &Layout,
    (number, part): (usize, &Part),
    scale: f32,
    shown: &[bool],
    tools: &mut Tools,
) {
    let [left, top, width, height] = part.bounds;
    let mut open = true;
    let window = egui::Window::new(&part.name).id(egui::Id::unique(("part", &part.name))).open(&mut open);
    window.resizable(false).collapsible(false).show(ui.ctx(), |ui| {
        ground(ui, layout, vec2(width.max(1.0), height.max(1.0)) * scale, |ui, origin| {
            let sheet = Sheet { origin: origin - vec2(left, top) * scale, scale, window: Some(number) };
            sheet.draw(ui, scene, layout, shown, tools);
        });
    });
    if !open {
        set_open(tools.opened, part, false);
    }
}

/// The ground that widgets lie on.
fn ground(ui: &mut Ui, layout: &Layout, size: Vec2, widgets: impl FnOnce(&mut Ui, Pos2)) {
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let ground = layout.colour.map_or(theme::palette(ui).panel, theme::colour);
    theme::suit(ui, ground);
    ui.painter().rect_filled(rect, theme::ROUND, ground);
    widgets(ui, rect.min);
}

/// What widgets are drawn with.
struct Tools<'a> {
    keyboard: &'a mut Keyboard,
    textures: &'a mut Textures,
    opened: &'a mut Opened,
}

/// The page, or the window of a popup.
struct Sheet {
    /// The place of the form's upper left corner.
    origin: Pos2,
    scale: f32,
    /// The popup.
    window: Option<usize>,
}

impl Sheet {
    fn draw(&self, ui: &mut Ui, scene: &mut Scene, layout: &Layout, shown: &[bool], tools: &mut Tools) {
        for (index, placed) in layout.widgets.iter().enumerate() {
            let is_open = placed.within.is_none_or(|part| shown.get(part).copied().unwrap_or(false));
            if !is_open || window_of(layout, placed.within) != self.window {
                continue;
            }
            let [left, top, width, height] = placed.bounds.map(|bound| bound * self.scale);
            let corner = pos2(self.origin.x + left, self.origin.y + top);
            let place = Rect::from_min_size(corner, vec2(width, height));
            if ui.is_rect_visible(place) {
                // A child takes no room of its own: places are the piece's business.
                let mut ui = ui.new_child(UiBuilder::new().max_rect(place).id_salt(index));
                draw(&mut ui, scene, placed, Spot { rect: place, scale: self.scale }, tools);
            }
        }
    }
}

/// Draws a widget with its transparency, and turned as the piece says.
fn draw(ui: &mut Ui, scene: &mut Scene, placed: &Placed, spot: Spot, tools: &mut Tools) {
    let finish = &placed.finish;
    if finish.alpha < 1.0 {
        ui.multiply_opacity(finish.alpha);
    }
    if !finish.is_active {
        ui.disable();
    }
    let pivot = finish.pivot.map(|[x, y]| spot.rect.min + vec2(x, y) * spot.scale);
    let clip = ui.clip_rect();
    turned(ui, pivot.unwrap_or(spot.rect.center()), finish.angle, clip, |ui| {
        draw_upright(ui, scene, placed, spot, tools);
    });
}

fn draw_upright(ui: &mut Ui, scene: &mut Scene, placed: &Placed, spot: Spot, tools: &mut Tools) {
    let text = placed.text_colour.map(theme::colour);
    let readable = text.unwrap_or(theme::palette(ui).text);
    let rect = spot.rect;
    let look = Look {
        colour: placed.colour.map(theme::colour),
        lit: placed.lit_colour.map(theme::colour),
        text,
        is_placed: true,
        corners: (placed.finish.corners > 0.0).then_some(placed.finish.corners * spot.scale),
        art: tools.textures.art(ui.ctx(), &scene.view.images, &placed.finish.skin),
    };
    match placed.kind {
        PlacedKind::Control(channel) => {
            control::show(ui, rect, channel, scene, look, placed.face.as_ref());
        }
        PlacedKind::Pair(kind, channels) => control::show_pair(ui, rect, channels, kind, scene, look),
        PlacedKind::List(channel) => control::show_as(ui, rect, channel, scene, look, Other::List),
        PlacedKind::Option(channel) => control::show_as(ui, rect, channel, scene, look, Other::Option),
        PlacedKind::Paper(channel) => control::show_as(ui, rect, channel, scene, look, Other::Paper),
        PlacedKind::Meter(channel, direction) => {
            let share = scene
                .view
                .channels
                .get(channel)
                .map_or(0.0, |known| known.range.to_normalized(scene.view.value(channel)) as f32);
            plain::meter(ui, placed, spot, share, direction);
        }
        PlacedKind::Page => plain::page(ui, placed, spot, readable),
        PlacedKind::Label => plain::label(ui, placed, spot, readable),
        PlacedKind::Group => plain::group(ui, placed, spot, readable),
        PlacedKind::Keyboard => {
            drop(tools.keyboard.keys(ui, scene, rect, "Keyboard, as the piece places it"))
        }
        PlacedKind::Image(shape) => image(ui, scene, placed, (spot, shape), tools),
        PlacedKind::Table => table::show(ui, scene, placed, spot),
        PlacedKind::Signal(kind) => {
            signal::show(ui, placed, (spot, kind), &scene.view.signals, &mut tools.textures.spectrograms);
        }
        PlacedKind::Sound(channels) => sound::show(ui, scene, placed, spot, channels),
        PlacedKind::Line => plain::line(ui, placed, rect),
        PlacedKind::Console => outlets::console(ui, scene, placed, spot),
        PlacedKind::Info => outlets::info(ui, scene, placed, spot),
        PlacedKind::Presets(channel) => outlets::presets(ui, scene, placed, spot, channel),
        PlacedKind::Path(channel) => {
            control::show_as(ui, rect, channel, scene, look, Other::Path(&placed.wish));
        }
        PlacedKind::PresetDeed(deed, channel) => {
            outlets::preset_deed(ui, scene, placed, spot, (deed, channel))
        }
        PlacedKind::PresetChoice(channel) => outlets::preset_choice(ui, scene, placed, spot, channel),
        PlacedKind::Idle => plain::kept_place(ui, spot, &placed.text, readable),
        PlacedKind::Unknown => plain::kept_place(ui, spot, &placed.text, readable),
    }
}

/// A picture, or the ground in its place; what cannot be read is a frame with the file's name.
fn image(ui: &Ui, scene: &Scene, placed: &Placed, (spot, shape): (Spot, Shape), tools: &mut Tools) {
    let (file, images) = (placed.finish.file.as_str(), &scene.view.images);
    match (tools.textures.of(ui.ctx(), images, file), images.get(file)) {
        (Some(texture), _) => paint_picture(ui.painter(), texture, spot.rect, WHOLE),
        (None, Some(_)) => plain::kept_place(ui, spot, file, theme::palette(ui).text),
        // It is being read.
        (None, None) if !file.is_empty() => {}
        (None, None) => plain::ground(ui, placed, spot, shape),
    }
}
