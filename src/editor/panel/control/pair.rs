//! Controls that turn two channels: a pad, and sliders with two thumbs.

use egui::{
    CursorIcon, EventFilter, Key, Modifiers, PointerButton, Pos2, Rect, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{Control, Look, motion, set_once, with_control};
use crate::editor::host_menu;
use crate::editor::model::{Action, Channel, Direction, MenuOf, PairKind, ParamRef};
use crate::editor::panel::paint::{LINE, edge};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The side of a thumb, in points.
const THUMB: f32 = 14.0;

/// Draws a control of two channels into `rect`.
pub(in crate::editor::panel) fn show_pair(
    ui: &mut Ui,
    rect: Rect,
    channels: [usize; 2],
    kind: PairKind,
    scene: &mut Scene,
    look: Look,
) {
    match kind {
        PairKind::Pad => pad(ui, rect, channels, scene, look),
        PairKind::Range(direction) => range(ui, rect, channels, direction, scene, look),
    }
}

/// The position of a channel, from 0 to 1.
fn position(scene: &Scene, index: usize) -> f64 {
    let value = scene.view.value(index);
    scene.view.channels.get(index).map_or(0.0, |channel| channel.range.to_normalized(value))
}

// ---- A slider with two thumbs

fn range(ui: &mut Ui, rect: Rect, channels: [usize; 2], direction: Direction, scene: &mut Scene, look: Look) {
    let [low, high] = channels.map(|index| position(scene, index) as f32);
    let rail = match direction {
        Direction::Across => Rect::from_center_size(rect.center(), vec2(rect.width() - THUMB, 6.0)),
        Direction::Up => Rect::from_center_size(rect.center(), vec2(6.0, rect.height() - THUMB)),
    };
    let at = |share: f32| match direction {
        Direction::Across => pos2(rail.left() + rail.width() * share, rail.center().y),
        Direction::Up => pos2(rail.center().x, rail.bottom() - rail.height() * share),
    };
    let palette = theme::palette(ui);
    let lit = look.lit.or(look.colour).unwrap_or(palette.accent);
    ui.painter().rect_filled(rail, 3, palette.unlit());
    ui.painter().rect_filled(Rect::from_two_pos(at(low), at(high)).expand(3.0), 3, lit);
    let thumbs = [(0, at(low), (0.0, f64::from(high))), (1, at(high), (f64::from(low), 1.0))];
    for (part, at, limits) in thumbs {
        with_control(ui, rect, (channels[part], part), scene, (look, None), |ui, control| {
            control.limits = limits;
            control.thumb(ui, at, rail, direction);
        });
    }
}

impl Control<'_> {
    fn thumb(&mut self, ui: &mut Ui, at: Pos2, rail: Rect, direction: Direction) {
        let place = Rect::from_center_size(at, vec2(THUMB, THUMB));
        let response = ui.interact(place, ui.scope_id().with("thumb"), Sense::click_and_drag());
        self.turn(ui, &response, |by| match direction {
            Direction::Across => by.x / rail.width().max(1.0),
            Direction::Up => -by.y / rail.height().max(1.0),
        });
        let cursor = match direction {
            Direction::Across => CursorIcon::ResizeHorizontal,
            Direction::Up => CursorIcon::ResizeVertical,
        };
        let response = response.on_hover_and_drag_cursor(cursor);
        let palette = theme::palette(ui);
        let rim = if response.has_focus() { Stroke::new(2.0, palette.accent) } else { Stroke::NONE };
        let colour = self.look.colour.unwrap_or(palette.text);
        ui.painter().circle(at, THUMB / 2.0 - 1.0, colour, rim);
        let words = self.channel.range.text(self.value);
        response.on_hover_text(format!("{}\n{words}", self.hint(&self.channel.name)));
    }
}

// ---- A pad

fn pad(ui: &mut Ui, rect: Rect, indices: [usize; 2], scene: &mut Scene, look: Look) {
    let [Some(x), Some(y)] = indices.map(|index| scene.view.channels.get(index)) else { return };
    scene.laid.channels += 2;
    let positions = indices.map(|index| position(scene, index));
    let (field, line) = rect.split_top_bottom_at_y(rect.bottom() - LINE.min(rect.height() / 5.0));
    let response = ui.interact(field, ui.scope_id().with("pad"), Sense::click_and_drag());
    let pad = Pad { channels: [x, y], positions };
    if pad.is_taken(ui, &response) {
        motion::stop(ui, &response, scene.held, scene.actions);
    }
    if response.drag_started_by(PointerButton::Primary) {
        pad.begin(scene.actions);
    }
    let pointer = response.interact_pointer_pos();
    if let Some(pointer) = pointer.filter(|_| response.dragged_by(PointerButton::Primary)) {
        let to = [
            f64::from((pointer.x - field.left()) / field.width().max(1.0)).clamp(0.0, 1.0),
            f64::from((field.bottom() - pointer.y) / field.height().max(1.0)).clamp(0.0, 1.0),
        ];
        pad.set(to, scene.actions);
    }
    if response.drag_stopped_by(PointerButton::Primary) {
        pad.end(scene.actions);
    }
    let gesture = [Action::BeginGesture, Action::EndGesture].map(|part| pad.parameters().map(part).collect());
    let moved = (gesture, [x.name.as_str(), y.name.as_str()]);
    if let Some(to) = motion::moved(ui, (&response, field), scene.held, scene.actions, moved) {
        pad.set(to, scene.actions);
    }
    pad.keys(ui, &response, scene.actions);
    host_menu::open_one_of(&response, (scene.view, &pad.menus()), scene.actions);
    let words = [0, 1].map(|axis| {
        let channel = pad.channels[axis];
        format!("{} {}", channel.title(), channel.range.text(channel.range.to_value(positions[axis])))
    });
    let said = words.join(", ");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Slider, ui.is_enabled(), &said));
    let response = response.on_hover_and_drag_cursor(CursorIcon::Crosshair);

    let palette = theme::palette(ui);
    let ground = look.colour.unwrap_or(palette.well);
    ui.painter().rect(field, theme::ROUND, ground, edge(&response, palette), StrokeKind::Inside);
    let at = pos2(
        field.left() + field.width() * positions[0] as f32,
        field.bottom() - field.height() * positions[1] as f32,
    );
    let cross = Stroke::new(1.0, theme::readable(ground).gamma_multiply(0.4));
    ui.painter().hline(field.x_range(), at.y, cross);
    ui.painter().vline(at.x, field.y_range(), cross);
    ui.painter_at(field).circle_filled(at, THUMB / 2.0, look.lit.unwrap_or(palette.accent));
    let font = egui::TextStyle::Small.resolve(ui.style());
    let colour = look.text.unwrap_or(palette.weak);
    ui.painter_at(line).text(line.center(), egui::Align2::CENTER_CENTER, said, font, colour);
}

struct Pad<'a> {
    channels: [&'a Channel; 2],
    positions: [f64; 2],
}

impl Pad<'_> {
    fn parameters(&self) -> impl Iterator<Item = ParamRef> {
        self.channels.into_iter().filter_map(|channel| channel.parameter).map(ParamRef::Bank)
    }

    /// Whose menus the host may have.
    fn menus(&self) -> Vec<(String, MenuOf)> {
        let menu =
            |channel: &&Channel| Some((channel.title().to_owned(), MenuOf::Channel(channel.parameter?)));
        self.channels.iter().filter_map(menu).collect()
    }

    /// Whether a hand or a key is about to move it.
    fn is_taken(&self, ui: &Ui, response: &egui::Response) -> bool {
        let keys = [Key::ArrowRight, Key::ArrowLeft, Key::ArrowUp, Key::ArrowDown, Key::Delete];
        let is_pressed =
            response.is_pointer_button_down_on() && !ui.input(|input| input.pointer.secondary_down());
        let by_key = || ui.input(|input| keys.iter().any(|key| input.key_pressed(*key)));
        is_pressed || response.double_clicked() || response.has_focus() && by_key()
    }

    fn begin(&self, actions: &mut Vec<Action>) {
        actions.extend(self.parameters().map(Action::BeginGesture));
    }

    fn end(&self, actions: &mut Vec<Action>) {
        actions.extend(self.parameters().map(Action::EndGesture));
    }

    /// Moves those that move.
    fn set(&self, to: [f64; 2], actions: &mut Vec<Action>) {
        for (axis, channel) in self.channels.into_iter().enumerate() {
            if to[axis] == self.positions[axis] {
                continue;
            }
            actions.push(match channel.parameter {
                Some(parameter) => Action::SetParam(ParamRef::Bank(parameter), to[axis]),
                None => Action::SetChannel(channel.name.clone(), channel.range.to_value(to[axis])),
            });
        }
    }

    /// Arrows move it by a step; Delete and a double click bring it back.
    fn keys(&self, ui: &Ui, response: &egui::Response, actions: &mut Vec<Action>) {
        let focused = response.has_focus();
        let pressed = |key| focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if response.double_clicked() || pressed(Key::Delete) {
            for channel in self.channels {
                set_once(channel, channel.range.to_normalized(channel.range.default), actions);
            }
        }
        if !focused {
            return;
        }
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let arrows = [
            (Key::ArrowRight, 0, 1.0),
            (Key::ArrowLeft, 0, -1.0),
            (Key::ArrowUp, 1, 1.0),
            (Key::ArrowDown, 1, -1.0),
        ];
        for (key, axis, by) in arrows {
            if pressed(key) {
                let channel = self.channels[axis];
                let to = channel.range.scale.step_from(self.positions[axis], by);
                set_once(channel, to, actions);
            }
        }
    }
}
