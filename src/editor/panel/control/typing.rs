//! A value as text, and a field to type it into. The field floats above the panel: it has room for what is typed
//! however small the control is.

use egui::text::{CCursor, CCursorRange};
use egui::{Align2, Area, Frame, Id, Key, Label, Order, Rect, Response, RichText, Sense, TextEdit, Ui};

use super::Control;
use crate::editor::theme;

/// The width of the field, in points.
const WIDTH: f32 = 96.0;

/// What is being typed.
#[derive(Clone, Default)]
struct Typing {
    text: String,
    /// Whether the field has had the focus.
    begun: bool,
    /// True if the text was taken, and could not be read.
    refused: bool,
}

impl Control<'_> {
    /// The value as text, or a field to type it into.
    pub(super) fn value(&mut self, ui: &mut Ui, rect: Rect, turned: &Response) {
        let id = typing_id(turned.id);
        if let Some(typing) = ui.data(|data| data.get_temp::<Typing>(id)) {
            return self.field(ui, rect, id, typing);
        }
        let shown = RichText::new(self.channel.range.text(self.value)).small().color(theme::palette(ui).weak);
        let label = Label::new(shown).truncate().sense(Sense::click()).halign(egui::Align::Center);
        let shown = ui.put(rect, label).on_hover_text("Double-click to type");
        self.menu(ui, &shown, turned.id);
        if shown.double_clicked() {
            self.begin_typing(ui, turned.id);
        }
    }

    /// Opens the field of a control that is turned.
    pub(super) fn begin_typing(&self, ui: &Ui, turned: Id) {
        let typing = Typing { text: self.channel.range.text(self.value), ..Typing::default() };
        ui.data_mut(|data| data.insert_temp(typing_id(turned), typing));
        ui.ctx().request_repaint();
    }

    fn field(&mut self, ui: &mut Ui, rect: Rect, id: Id, mut typing: Typing) {
        let area = Area::new(id.with("area")).order(Order::Foreground).constrain(true);
        let area = area.pivot(Align2::CENTER_CENTER).fixed_pos(rect.center());
        let lost = area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).inner_margin(2).show(ui, |ui| {
                let end = typing.text.chars().count();
                let field = TextEdit::singleline(&mut typing.text).id(id).desired_width(WIDTH);
                let mut shown = field.show(ui);
                Response::clone(&shown.response).accessible_name(format!("Value of {}", self.name()));
                if !typing.begun {
                    shown.response.request_focus();
                    typing.begun = shown.response.has_focus();
                    let all = CCursorRange::two(CCursor::new(0), CCursor::new(end));
                    shown.state.cursor.set_char_range(Some(all));
                    shown.state.store(ui.ctx(), id);
                    return false;
                }
                typing.refused &= !shown.response.changed();
                if typing.refused {
                    shown.response.show_tooltip_text(format!("It takes {}", self.channel.range.takes()));
                }
                shown.response.lost_focus()
            })
        });
        let (escaped, entered) =
            ui.input(|input| (input.key_pressed(Key::Escape), input.key_pressed(Key::Enter)));
        if !lost.inner.inner && !escaped {
            ui.data_mut(|data| data.insert_temp(id, typing));
            return;
        }
        ui.data_mut(|data| data.remove_temp::<Typing>(id));
        if !escaped && !self.set_to(&typing.text) && entered {
            // What Enter leaves unread stays, with what can be read; a click elsewhere gives it up.
            typing.refused = true;
            ui.data_mut(|data| data.insert_temp(id, typing));
            ui.memory_mut(|memory| memory.request_focus(id));
        }
    }

    /// Sets what a text means, if it means something; true if it does.
    pub(super) fn set_to(&mut self, text: &str) -> bool {
        let value = self.channel.range.parse(text);
        if let Some(value) = value {
            self.set_once(self.channel.range.to_normalized(value));
        }
        value.is_some()
    }
}

fn typing_id(turned: Id) -> Id {
    turned.with("typing")
}
