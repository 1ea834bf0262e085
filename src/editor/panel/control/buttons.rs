//! Switches, and buttons that stay down or do not.

use egui::{Key, Label, Modifiers, Rect, Response, RichText, Role, Sense, StrokeKind, Ui, WidgetInfo, vec2};

use super::super::paint::{LINE, edge, is_low, paint_toggle, parts};
use super::{Control, set_once};
use crate::editor::model::Action;
use crate::editor::theme;

/// The greatest height of a button, in points.
const TALLEST: f32 = 40.0;

/// The shortest press, in seconds: a piece hears of a channel once a block of the host's at most.
const SHORTEST: f64 = 0.1;

impl Control<'_> {
    pub(super) fn toggle(&mut self, ui: &mut Ui, rect: Rect) {
        let low = is_low(rect);
        let (title, body, value) = if low {
            // The switch, and what it is for: its place says whether it is on.
            let (body, title) = rect.split_left_right_at_x(rect.left() + 44.0);
            let title = Rect::from_center_size(title.center(), vec2(title.width(), LINE));
            (title, body, Rect::NOTHING)
        } else {
            parts(rect)
        };
        self.title(ui, title);
        let response = ui.interact(body, ui.scope_id().with("toggle"), Sense::click());
        let (on, label) = (self.is_on(), self.name());
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), on, label));
        self.switch_by(ui, &response);
        let amount = ui.animate_bool(response.id, on);
        if self.paint_button_art(ui, body, on) {
            return;
        }
        paint_toggle(ui, body, amount, self.lit(theme::palette(ui)), &response);
        if low {
            return;
        }
        let words = self.channel.range.item(self.value).unwrap_or(if on { "on" } else { "off" });
        let colour = theme::palette(ui).weak;
        ui.put(value, Label::new(RichText::new(words).small().color(colour)).truncate());
    }

    pub(super) fn button(&mut self, ui: &mut Ui, rect: Rect) {
        let response = ui.interact(self.body(rect), ui.scope_id().with("button"), Sense::click());
        let on = self.is_on();
        let words = self.says(on);
        response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, words));
        self.switch_by(ui, &response);
        self.paint_button(ui, rect, &response, on);
    }

    /// On while it is pressed, by the pointer or by a key, and off however it is let go.
    pub(super) fn trigger(&mut self, ui: &mut Ui, rect: Rect) {
        let body = self.body(rect);
        let response = ui.interact(body, ui.scope_id().with("trigger"), Sense::click_and_drag());
        let words = self.says(self.is_on());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), words));
        let by_key = response.has_focus()
            && ui.input(|input| input.key_down(Key::Space) || input.key_down(Key::Enter));
        // A press and its end may come within one frame: then it lasts that frame.
        let brief = response.clicked() && !self.held.has(response.id);
        self.host_menu(&response);
        let by_pointer =
            response.is_pointer_button_down_on() && ui.input(|input| input.pointer.primary_down());
        let pressed = by_pointer || by_key || brief;
        if pressed {
            self.hold_down(ui, response.id);
        }
        let lit = pressed || self.is_on();
        self.paint_button(ui, rect, &response, lit);
    }

    fn hold_down(&mut self, ui: &Ui, id: egui::Id) {
        if !self.held.has(id) {
            self.put_out_others();
            self.begin();
            self.set(1.0);
        }
        let channel = self.channel;
        let until = if self.held.has(id) { 0.0 } else { ui.input(|input| input.time) + SHORTEST };
        self.held.keep(id, until, || {
            let mut release = Vec::new();
            set_once(channel, 0.0, &mut release);
            // The gesture began when it was pressed.
            release.retain(|action| !matches!(action, Action::BeginGesture(_)));
            release
        });
    }

    /// Lets a click turn a switch.
    fn switch_by(&mut self, ui: &Ui, response: &Response) {
        if response.clicked() {
            self.switch(!self.is_on());
        }
        let reset =
            response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Delete));
        self.menu(ui, response, response.id);
        if reset {
            self.reset();
        }
    }

    /// Of buttons of which one at a time is on, that one stays on when it is pressed again.
    fn switch(&mut self, on: bool) {
        if on {
            self.put_out_others();
        } else if !self.channel.radio.is_empty() {
            return;
        }
        self.set_once(if on { 1.0 } else { 0.0 });
    }

    fn put_out_others(&mut self) {
        let radio = &self.channel.radio;
        if radio.is_empty() {
            return;
        }
        for (index, other) in self.view.channels.iter().enumerate() {
            let is_other = other.radio == *radio && other.name != self.channel.name;
            if is_other && other.range.to_normalized(self.view.value(index)) > 0.0 {
                set_once(other, 0.0, self.actions);
            }
        }
    }

    /// The words on a button.
    fn says(&self, on: bool) -> &str {
        let words = match self.face {
            Some(face) => &face.words,
            None => &self.channel.words,
        };
        match words {
            Some(words) => &words[usize::from(on)],
            None => self.name(),
        }
    }

    /// The face of a button: as large as the piece says, no taller than a button is in the grid.
    fn body(&self, rect: Rect) -> Rect {
        let height = if self.look.is_placed { rect.height() } else { rect.height().min(TALLEST) };
        Rect::from_center_size(rect.center(), vec2(rect.width(), height)).shrink(1.0)
    }

    fn paint_button(&self, ui: &mut Ui, rect: Rect, response: &Response, on: bool) {
        if self.paint_button_art(ui, self.body(rect), on) {
            response.clone().on_hover_text(self.hint(&self.channel.name));
            return;
        }
        self.paint_words(ui, rect, response, (self.says(on), on));
    }

    /// A button with words, off or on.
    pub(super) fn paint_words(
        &self,
        ui: &mut Ui,
        rect: Rect,
        response: &Response,
        (words, on): (&str, bool),
    ) {
        let palette = theme::palette(ui);
        let off = self.look.colour.unwrap_or(palette.raised);
        let lit = self.look.lit.unwrap_or_else(|| theme::mix(off, palette.accent, 0.8));
        let fill = if on { lit } else { off };
        let body = self.body(rect);
        let most = body.size().min_elem() / 2.0;
        let corners = self.look.corners.map_or(f32::from(theme::ROUND), |corners| corners.min(most));
        ui.painter().rect(body, corners, fill, edge(response, palette), StrokeKind::Inside);
        // The piece's colour for the text is meant for a button that is off.
        let own = self.look.text.filter(|_| !on);
        let colour =
            own.unwrap_or_else(|| if fill == palette.raised { palette.text } else { theme::readable(fill) });
        let font = egui::TextStyle::Button;
        let text = egui::WidgetText::from(words);
        let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), body.width() - 8.0, font);
        let at = body.center() - galley.size() / 2.0;
        ui.painter().galley(at, galley, colour);
        response.clone().on_hover_text(self.hint(&self.channel.name));
    }

    fn is_on(&self) -> bool {
        self.channel.range.to_normalized(self.value) >= 0.5
    }
}
