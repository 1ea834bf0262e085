//! The form in which the user gives a channel a range and a unit of its own. It floats above the page beside the control;
//! there is one at a time.

use egui::text::{CCursor, CCursorRange};
use egui::{Area, Button, Context, Frame, Grid, Id, Key, Order, Pos2, RichText, TextEdit, Ui};

use crate::editor::model::{Action, Channel};
use crate::editor::scene::Scene;
use crate::editor::theme;
use crate::range::{EditedRange, RangeField};

/// The width of a field, in points.
const WIDTH: f32 = 120.0;

/// The range that is being typed.
#[derive(Clone, Default)]
struct Form {
    channel: String,
    at: Pos2,
    texts: [String; 4],
    /// The field that gets the focus next.
    next: Option<RangeField>,
    /// Why the texts make no range.
    wrong: Option<String>,
}

/// What the user wants of the form.
enum Wish {
    Set,
    Own,
    Cancel,
}

fn id() -> Id {
    Id::unique("the range that is typed")
}

/// Opens the form of a channel, at a place of the window.
pub(super) fn open(context: &Context, channel: &Channel, at: Pos2) {
    let texts = EditedRange::texts(&channel.range);
    let (channel, next) = (channel.name.clone(), Some(RangeField::Least));
    let form = Form { channel, at, texts, next, wrong: None };
    context.data_mut(|data| data.insert_temp(id(), form));
    context.request_repaint();
}

/// Draws the form, if it is open.
pub(crate) fn show(ui: &Ui, scene: &mut Scene) {
    let Some(mut form) = ui.data(|data| data.get_temp::<Form>(id())) else { return };
    let channel = scene.view.channels.iter().find(|channel| channel.name == form.channel);
    let wish = match channel.filter(|channel| is_ranged(channel)) {
        Some(channel) => form.show(ui, channel),
        None => Some(Wish::Cancel),
    };
    let is_over = match (wish, channel) {
        (None, _) => false,
        (Some(Wish::Set), Some(channel)) => match EditedRange::read(&form.texts, &channel.range) {
            Ok(range) => {
                scene.act(Action::EditRange(form.channel.clone(), Some(range)));
                true
            }
            Err(error) => {
                form.next = Some(error.field());
                form.wrong = Some(error.to_string());
                false
            }
        },
        (Some(Wish::Own), _) => {
            scene.act(Action::EditRange(form.channel.clone(), None));
            true
        }
        (Some(_), _) => true,
    };
    ui.data_mut(|data| {
        data.remove_temp::<Form>(id());
        if !is_over {
            data.insert_temp(id(), form);
        }
    });
}

/// Whether a channel has a range that can be edited: it is set by the user, and is a number between two ends.
pub(super) fn is_ranged(channel: &Channel) -> bool {
    !channel.is_output && channel.text.is_none() && channel.range.is_editable()
}

impl Form {
    fn show(&mut self, ui: &Ui, channel: &Channel) -> Option<Wish> {
        let area = Area::new(id()).order(Order::Foreground).constrain(true).fixed_pos(self.at);
        let shown = area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                ui.label(RichText::new(format!("Range of {}", channel.title())).strong());
                ui.add_space(theme::GAP);
                let entered = self.fields(ui);
                self.remarks(ui, channel);
                ui.add_space(theme::GAP);
                self.buttons(ui, channel).or(entered)
            })
        });
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        if escaped { Some(Wish::Cancel) } else { shown.inner.inner }
    }

    /// The fields; Enter in one takes all.
    fn fields(&mut self, ui: &mut Ui) -> Option<Wish> {
        let mut wish = None;
        Grid::new("fields").num_columns(2).spacing([theme::GAP, theme::GAP / 2.0]).show(ui, |ui| {
            for (field, text) in RangeField::ALL.into_iter().zip(&mut self.texts) {
                ui.label(field.name());
                let hint = match field {
                    RangeField::Step | RangeField::Unit => "none",
                    RangeField::Least | RangeField::Most => "a number",
                };
                let end = text.chars().count();
                let edit = TextEdit::singleline(text).id(id().with(field.name())).hint_text(hint);
                let mut shown = edit.desired_width(WIDTH).show(ui);
                let response = egui::Response::clone(&shown.response).accessible_name(format!(
                    "{} of {}",
                    field.name(),
                    self.channel
                ));
                ui.end_row();
                if self.next == Some(field) {
                    response.request_focus();
                    self.next = None;
                    let all = CCursorRange::two(CCursor::new(0), CCursor::new(end));
                    shown.state.cursor.set_char_range(Some(all));
                    shown.state.store(ui.ctx(), response.id);
                    continue;
                }
                if response.changed() {
                    self.wrong = None;
                }
                if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                    wish = Some(Wish::Set);
                }
            }
        });
        wish
    }

    /// Why it cannot be taken, and what the piece says.
    fn remarks(&self, ui: &mut Ui, channel: &Channel) {
        let palette = theme::palette(ui);
        ui.set_max_width(ui.min_rect().width().max(WIDTH * 2.0));
        if let Some(wrong) = &self.wrong {
            ui.add(egui::Label::new(RichText::new(wrong).color(palette.error)).wrap());
        }
        if let Some(own) = &channel.own_range {
            let ends = [own.scale.minimum(), own.scale.maximum()].map(|end| own.text(end));
            let told = format!("The piece's own: {} to {}", ends[0], ends[1]);
            ui.add(egui::Label::new(RichText::new(told).color(palette.weak)).wrap());
        }
    }

    fn buttons(&self, ui: &mut Ui, channel: &Channel) -> Option<Wish> {
        let mut wish = None;
        ui.horizontal(|ui| {
            let set = ui.add(Button::new(RichText::new("Set").strong()));
            if set.on_hover_text("Saved with the project; it goes before what the piece says").clicked() {
                wish = Some(Wish::Set);
            }
            if channel.own_range.is_some() && ui.button("The piece's own").clicked() {
                wish = Some(Wish::Own);
            }
            if ui.button("Cancel").clicked() {
                wish = Some(Wish::Cancel);
            }
        });
        wish
    }
}
