//! The control of one channel: a rotary, a slider, a switch, a choice, a text, or a meter.
//!
//! All that turn share their manners: drag or wheel (with shift: finely), arrow keys, Enter to type, double-click
//! or Delete for the default, right-click for a menu. What is touched begins and ends a gesture, so that a host
//! can record it.

mod buttons;
mod choices;
mod hand;
mod motion;
mod pair;
mod ranging;
mod skin;
mod typing;

use egui::{
    Align2, Button, Color32, CursorIcon, EventFilter, Key, Label, Modifiers, PointerButton, Rect, Response,
    RichText, Sense, StrokeKind, TextEdit, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::paint::{LINE, edge, is_low, paint_knob, paint_slider, parts, parts_in_a_line};
use super::textures::Art;

pub(super) use pair::show_pair;
pub(crate) use ranging::show as show_range;

use crate::editor::drops;
use crate::editor::held::Held;
use crate::editor::keys::{self, KeyCommand};
use crate::editor::model::{Action, Channel, Face, ParamRef, PathWish, Question, View, Widget};
use crate::editor::scene::Scene;
use crate::editor::theme::{self, Palette};

/// Points of dragging from one end of a rotary to the other.
const TRAVEL: f32 = 160.0;

/// The share of a drag that counts with shift.
const FINE: f32 = 0.1;

/// The colours in which a control differs from others of its kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// The lit part, or the face of a button.
    pub colour: Option<Color32>,
    /// The same while it is on.
    pub lit: Option<Color32>,
    /// The words.
    pub text: Option<Color32>,
    /// The piece says how large it is.
    pub is_placed: bool,
    /// The radius of its corners, in points, where the piece says it.
    pub corners: Option<f32>,
    /// The pictures in which it is drawn.
    pub art: Art,
}

/// Draws the control of a channel into `rect`, with the channel's own face or another.
pub(crate) fn show(
    ui: &mut Ui,
    rect: Rect,
    index: usize,
    scene: &mut Scene,
    look: Look,
    face: Option<&Face>,
) {
    let with = |ui: &mut Ui, control: &mut Control| control.draw(ui, rect);
    with_control(ui, rect, (index, 0), scene, (look, face), with);
}

/// The other ways in which a channel is turned on a panel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Other<'a> {
    /// All its items in sight.
    List,
    /// A button that goes through its items.
    Option,
    /// A text of several lines.
    Paper,
    /// A button that asks for such a path.
    Path(&'a PathWish),
}

/// Draws the control of a channel into `rect` in another way.
pub(super) fn show_as(
    ui: &mut Ui,
    rect: Rect,
    index: usize,
    scene: &mut Scene,
    look: Look,
    other: Other<'_>,
) {
    with_control(ui, rect, (index, 0), scene, (look, None), |ui, control| match other {
        Other::List => control.list(ui, rect),
        Other::Path(wish) => control.file(ui, rect, wish),
        Other::Option => control.option(ui, rect),
        Other::Paper if is_low(rect) => control.text(ui, rect),
        Other::Paper => control.paper(ui, rect),
    });
}

/// Draws with the control of a channel; `part` tells those of one widget apart.
fn with_control(
    ui: &mut Ui,
    rect: Rect,
    (index, part): (usize, usize),
    scene: &mut Scene,
    (look, face): (Look, Option<&Face>),
    draw: impl FnOnce(&mut Ui, &mut Control),
) {
    let view = scene.view;
    let Some(channel) = view.channels.get(index) else { return };
    scene.laid.channels += 1;
    let builder = UiBuilder::new().max_rect(rect).id_salt((index, part, &channel.name));
    // A child takes no room in its parent, which knows where it has put it.
    let mut ui = ui.new_child(builder);
    ui.shrink_clip_rect(rect);
    let mut control = Control {
        view,
        channel,
        face,
        value: view.value(index),
        limits: (0.0, 1.0),
        look,
        actions: scene.actions,
        questions: scene.questions,
        held: scene.held,
    };
    draw(&mut ui, &mut control);
}

/// Sets a channel to a position from 0 to 1, as a gesture of its own.
pub(super) fn set_once(channel: &Channel, position: f64, actions: &mut Vec<Action>) {
    match channel.parameter.map(ParamRef::Bank) {
        Some(param) => actions.extend([
            Action::BeginGesture(param),
            Action::SetParam(param, position),
            Action::EndGesture(param),
        ]),
        None => actions.push(Action::SetChannel(channel.name.clone(), channel.range.to_value(position))),
    }
}

struct Control<'a> {
    view: &'a View,
    channel: &'a Channel,
    face: Option<&'a Face>,
    value: f64,
    /// The positions between which it can be turned.
    limits: (f64, f64),
    look: Look,
    actions: &'a mut Vec<Action>,
    questions: &'a mut Vec<Question>,
    held: &'a mut Held,
}

impl<'a> Control<'a> {
    fn draw(&mut self, ui: &mut Ui, rect: Rect) {
        if self.channel.is_output {
            return self.meter(ui, rect);
        }
        match self.face.map_or(self.channel.widget, |face| face.widget) {
            Widget::Knob => self.knob(ui, rect),
            Widget::Horizontal => self.horizontal(ui, rect),
            Widget::Vertical => self.vertical(ui, rect),
            Widget::Number => self.number(ui, rect),
            Widget::Toggle => self.toggle(ui, rect),
            Widget::Button => self.button(ui, rect),
            Widget::Trigger => self.trigger(ui, rect),
            Widget::Choice => self.choice(ui, rect),
            Widget::Text => self.text(ui, rect),
            Widget::File => self.file(ui, rect, &PathWish::default()),
        }
    }

    fn lit(&self, palette: &Palette) -> Color32 {
        self.look.lit.or(self.look.colour).unwrap_or(palette.accent)
    }

    // ---- What they have in common

    /// The words that say what it is.
    fn name(&self) -> &'a str {
        match self.face {
            Some(face) if !face.label.is_empty() => &face.label,
            Some(_) => &self.channel.name,
            None => self.channel.title(),
        }
    }

    fn title(&self, ui: &mut Ui, rect: Rect) {
        let waits = self.view.controllers.waiting.as_ref() == Some(&self.channel.name);
        let name = if waits { "Move a controller…" } else { self.name() };
        let mut text = RichText::new(name).small();
        if let Some(colour) = self.look.text {
            text = text.color(colour);
        }
        let shown = ui.put(rect, Label::new(text).truncate().halign(egui::Align::Center));
        shown.on_hover_text(self.hint(&self.channel.name));
    }

    /// What the pointer is told of it, under a name.
    fn hint(&self, name: &str) -> String {
        let parameter = match self.channel.parameter {
            Some(parameter) => format!("parameter Channel {:03}", parameter + 1),
            None if self.channel.is_output => "which the piece writes".to_owned(),
            None => "no parameter: the host cannot automate it".to_owned(),
        };
        let help = &self.channel.help;
        let gap = if help.is_empty() { "" } else { "\n" };
        let learned = self.view.controllers.learned.get(&self.channel.name);
        let learned = learned.map(|learned| format!(", turned by {learned}")).unwrap_or_default();
        format!("{help}{gap}{name}, {parameter}{learned}")
    }

    /// Lets a widget be turned; says at which position it stands. `along` is how far a drag goes.
    fn turn(&mut self, ui: &Ui, response: &Response, along: impl Fn(Vec2) -> f32) -> f64 {
        let mut position = self.channel.range.to_normalized(self.value);
        let from = response.id.with("from");
        if response.drag_started_by(PointerButton::Primary) {
            self.begin();
            ui.data_mut(|data| data.insert_temp(from, position));
        }
        if response.dragged_by(PointerButton::Primary) {
            let fine = if ui.input(|input| input.modifiers.shift) { FINE } else { 1.0 };
            let by = f64::from(along(response.drag_delta()) * fine);
            position = (ui.data(|data| data.get_temp(from)).unwrap_or(position) + by).clamp(0.0, 1.0);
            ui.data_mut(|data| data.insert_temp(from, position));
            if by != 0.0 {
                self.set(position);
            }
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            self.end();
        }
        self.other_manners(ui, response, position);
        let (value, title) = (self.value, self.name());
        response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), value, title));
        position
    }

    fn other_manners(&mut self, ui: &Ui, response: &Response, position: f64) {
        self.wheel(ui, response, position);
        self.menu(ui, response, response.id);
        if response.double_clicked() {
            self.reset();
        }
        if !response.has_focus() {
            return;
        }
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowUp) || pressed(Key::ArrowRight) {
            self.set_once(self.channel.range.scale.step_from(position, 1.0));
        } else if pressed(Key::ArrowDown) || pressed(Key::ArrowLeft) {
            self.set_once(self.channel.range.scale.step_from(position, -1.0));
        } else if pressed(Key::Enter) {
            self.begin_typing(ui, response.id);
        } else if pressed(Key::Delete) {
            self.reset();
        }
    }

    /// Whether its value can be typed.
    fn is_typed(&self) -> bool {
        let widget = self.face.map_or(self.channel.widget, |face| face.widget);
        matches!(widget, Widget::Knob | Widget::Horizontal | Widget::Vertical | Widget::Number)
    }

    fn reset(&mut self) {
        self.set_once(self.channel.range.to_normalized(self.channel.range.default));
    }

    fn begin(&mut self) {
        self.actions
            .extend(self.channel.parameter.map(|parameter| Action::BeginGesture(ParamRef::Bank(parameter))));
    }

    fn set(&mut self, position: f64) {
        let position = self.within_limits(position);
        self.actions.push(match self.channel.parameter {
            Some(parameter) => Action::SetParam(ParamRef::Bank(parameter), position),
            None => Action::SetChannel(self.channel.name.clone(), self.channel.range.to_value(position)),
        });
    }

    /// A position that it can be turned to.
    fn within_limits(&self, position: f64) -> f64 {
        position.max(self.limits.0).min(self.limits.1)
    }

    fn end(&mut self) {
        self.actions
            .extend(self.channel.parameter.map(|parameter| Action::EndGesture(ParamRef::Bank(parameter))));
    }

    fn set_once(&mut self, position: f64) {
        let position = self.within_limits(position);
        set_once(self.channel, position, self.actions);
    }

    // ---- The kinds

    fn knob(&mut self, ui: &mut Ui, rect: Rect) {
        let (title, body, value) = parts(rect);
        self.title(ui, title);
        let response = ui.interact(body, ui.scope_id().with("knob"), Sense::click_and_drag());
        let position = self.turn(ui, &response, |by| (by.x - by.y) / TRAVEL);
        let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
        let zero = self.channel.range.to_normalized(0.0);
        if self.paint_turned_art(ui, body, position as f32) {
            return self.value(ui, value, &response);
        }
        paint_knob(ui, body, position as f32, zero as f32, self.lit(theme::palette(ui)), &response);
        self.value(ui, value, &response);
    }

    fn horizontal(&mut self, ui: &mut Ui, rect: Rect) {
        let (title, body, value) = if is_low(rect) { parts_in_a_line(rect) } else { parts(rect) };
        self.title(ui, title);
        let rail = Rect::from_center_size(body.center(), vec2(body.width() - 12.0, 6.0));
        let response = ui.interact(body, ui.scope_id().with("slider"), Sense::click_and_drag());
        let position = self.turn(ui, &response, |by| by.x / rail.width().max(1.0)) as f32;
        let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
        let at = pos2(rail.left() + rail.width() * position, rail.center().y);
        let lit = Rect::from_min_max(rail.min, pos2(at.x, rail.bottom()));
        if self.paint_moved_art(ui, body, at, position) {
            return self.value(ui, value, &response);
        }
        paint_slider(ui, rail, lit, at, self.lit(theme::palette(ui)), &response);
        self.value(ui, value, &response);
    }

    fn vertical(&mut self, ui: &mut Ui, rect: Rect) {
        let (title, body, value) = parts(rect);
        self.title(ui, title);
        let rail = Rect::from_center_size(body.center(), vec2(6.0, body.height() - 12.0));
        let response = ui.interact(body, ui.scope_id().with("slider"), Sense::click_and_drag());
        let position = self.turn(ui, &response, |by| -by.y / rail.height().max(1.0)) as f32;
        let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
        let at = pos2(rail.center().x, rail.bottom() - rail.height() * position);
        let lit = Rect::from_min_max(pos2(rail.left(), at.y), rail.max);
        if self.paint_moved_art(ui, body, at, position) {
            return self.value(ui, value, &response);
        }
        paint_slider(ui, rail, lit, at, self.lit(theme::palette(ui)), &response);
        self.value(ui, value, &response);
    }

    fn number(&mut self, ui: &mut Ui, rect: Rect) {
        let (title, body, _) = parts(rect);
        self.title(ui, title);
        let well = Rect::from_center_size(body.center(), vec2(body.width(), theme::ROW.min(body.height())));
        let response = ui.interact(well, ui.scope_id().with("number"), Sense::click_and_drag());
        self.turn(ui, &response, |by| (by.x - by.y) / TRAVEL);
        let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
        let palette = theme::palette(ui);
        let edge = edge(&response, palette);
        let ground = self.look.colour.unwrap_or(palette.well);
        ui.painter().rect(well, theme::ROUND, ground, edge, StrokeKind::Inside);
        self.value(ui, well.shrink2(vec2(4.0, (well.height() - LINE).max(0.0) / 2.0)), &response);
    }

    fn text(&mut self, ui: &mut Ui, rect: Rect) {
        drops::take_files(ui, rect, &self.channel.name);
        let (title, body, _) = parts(rect);
        self.title(ui, title);
        let place = Rect::from_center_size(body.center(), vec2(body.width(), theme::ROW));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(place));
        self.typed(&mut ui, |text| {
            TextEdit::singleline(text).align(Align2::LEFT_CENTER).desired_width(place.width())
        });
    }

    /// A field for the channel's text, which is sent when the field is left.
    fn typed(&mut self, ui: &mut Ui, field: impl FnOnce(&mut String) -> TextEdit<'_>) {
        let editing = ui.scope_id().with("text");
        let shown = self.channel.text.clone().unwrap_or_default();
        let mut text = ui.data(|data| data.get_temp(editing)).unwrap_or_else(|| shown.clone());
        let field = ui.add(field(&mut text)).accessible_name(self.name());
        // As Cabbage sends a text of several lines, which is left where it is.
        let is_sent = field.has_focus() && text != shown && keys::take(ui, KeyCommand::Send);
        if is_sent {
            self.actions.push(Action::SetText(self.channel.name.clone(), text.clone()));
        }
        if field.has_focus() {
            ui.data_mut(|data| data.insert_temp(editing, text.clone()));
        }
        if field.lost_focus() {
            ui.data_mut(|data| data.remove_temp::<String>(editing));
            if text != shown {
                self.actions.push(Action::SetText(self.channel.name.clone(), text));
            }
        }
    }

    fn file(&mut self, ui: &mut Ui, rect: Rect, wish: &PathWish) {
        drops::take_files(ui, rect, &self.channel.name);
        let path = self.channel.text.as_deref().unwrap_or_default();
        let name = path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty());
        // What is as low as a button is one, with the words that the piece gives it.
        let is_button = is_low(rect);
        let (title, body, _) = parts(rect);
        let body = if is_button { rect } else { body };
        if !is_button {
            self.title(ui, title);
        }
        let name = name.unwrap_or(if is_button { self.name() } else { "Choose…" });
        let place = Rect::from_center_size(body.center(), vec2(body.width(), theme::ROW));
        let hint = if path.is_empty() { self.hint(&self.channel.name) } else { path.to_owned() };
        let words = self.look.text.map_or(RichText::new(name), |colour| RichText::new(name).color(colour));
        let mut button = Button::new(words).truncate();
        if let Some(colour) = self.look.colour {
            button = button.fill(colour);
        }
        if ui.put(place, button).on_hover_text(hint).clicked() {
            self.questions.push(Question::ChannelPath(self.channel.name.clone(), wish.clone()));
        }
    }

    fn meter(&mut self, ui: &mut Ui, rect: Rect) {
        let (title, body, value) = parts(rect);
        self.title(ui, title);
        let palette = theme::palette(ui);
        let well = Rect::from_center_size(body.center(), vec2(body.width() - 12.0, 10.0));
        let share = self.channel.range.to_normalized(self.value) as f32;
        theme::paint_well(ui.painter(), palette, well, 3);
        let lit = Rect::from_min_size(well.min, vec2(well.width() * share, well.height()));
        ui.painter().rect_filled(lit, 3, palette.good);
        let text = self.channel.range.text(self.value);
        let at = value.center();
        let font = egui::TextStyle::Small.resolve(ui.style());
        ui.painter().text(at, Align2::CENTER_CENTER, text, font, palette.weak);
    }
}
