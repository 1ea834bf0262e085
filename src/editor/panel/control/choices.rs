//! Choices: a menu, a list with all items in sight, a button that goes through them; and texts of several lines.

use egui::{ComboBox, Rect, RichText, ScrollArea, Sense, TextEdit, Ui, UiBuilder, WidgetInfo, vec2};

use super::super::paint::{is_low, parts};
use super::Control;
use crate::editor::drops;
use crate::editor::model::Action;
use crate::editor::theme;

impl Control<'_> {
    pub(super) fn choice(&mut self, ui: &mut Ui, rect: Rect) {
        // A low one says by what is chosen what it is about.
        let mut body = rect;
        if !is_low(rect) {
            let (title, below, _) = parts(rect);
            self.title(ui, title);
            body = below;
        }
        let items = &self.channel.range.items;
        let mut chosen = self.chosen();
        let before = chosen;
        let place = Rect::from_center_size(body.center(), vec2(body.width(), theme::ROW));
        let (ground, text) = (self.look.colour, self.look.text);
        let scope = ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
            if let Some(ground) = ground {
                theme::suit(ui, ground);
                let widgets = &mut ui.visuals_mut().widgets;
                for state in
                    [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open]
                {
                    (state.weak_bg_fill, state.bg_fill) = (ground, ground);
                }
            }
            if text.is_some() {
                ui.visuals_mut().override_text_color = text;
            }
            let shown = ComboBox::from_id_salt("choice").width(place.width()).truncate().show_index(
                ui,
                &mut chosen,
                items.len(),
                |index| items.get(index).map_or("", String::as_str).to_owned(),
            );
            shown.clone().accessible_name(self.name());
            shown
        });
        self.menu(ui, &scope.inner, scope.inner.id);
        if chosen != before {
            self.choose(chosen);
        }
    }

    /// All items in sight.
    pub(super) fn list(&mut self, ui: &mut Ui, rect: Rect) {
        let palette = theme::palette(ui);
        let ground = self.look.colour.unwrap_or(palette.well);
        theme::suit(ui, ground);
        ui.painter().rect_filled(rect, theme::ROUND, ground);
        let text = self.look.text.unwrap_or(theme::palette(ui).text);
        if let Some(lit) = self.look.lit {
            ui.visuals_mut().selection.bg_fill = lit;
            ui.visuals_mut().selection.stroke.color = theme::readable(lit);
        }
        let (channel, chosen, mut clicked) = (self.channel, self.chosen(), None);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect.shrink(2.0)));
        ScrollArea::vertical().auto_shrink(false).show(&mut inner, |ui| {
            ui.with_layout(egui::Layout::top_down_justified(egui::Align::LEFT), |ui| {
                for (index, item) in channel.range.items.iter().enumerate() {
                    let words = RichText::new(item);
                    let words = if index == chosen { words } else { words.color(text) };
                    let shown = ui.selectable_label(index == chosen, words);
                    self.host_menu(&shown);
                    if shown.clicked() {
                        clicked = Some(index);
                    }
                }
            });
        });
        if let Some(index) = clicked.filter(|index| *index != chosen) {
            self.choose(index);
        }
    }

    /// A button that says what is chosen; a click chooses the next, after the last the first.
    pub(super) fn option(&mut self, ui: &mut Ui, rect: Rect) {
        let response = ui.interact(rect, ui.scope_id().with("option"), Sense::click());
        let chosen = self.chosen();
        let words = self.channel.range.items.get(chosen).map_or(self.name(), String::as_str).to_owned();
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), &words));
        let count = self.channel.range.items.len();
        if response.clicked() && count > 0 {
            self.choose((chosen + 1) % count);
        }
        self.menu(ui, &response, response.id);
        self.paint_words(ui, rect, &response, (&words, false));
    }

    /// A text of several lines, which is sent when it is left.
    pub(super) fn paper(&mut self, ui: &mut Ui, rect: Rect) {
        drops::take_files(ui, rect, &self.channel.name);
        let ground = self.look.colour.unwrap_or(theme::palette(ui).well);
        theme::suit(ui, ground);
        let colour = self.look.text.unwrap_or(theme::palette(ui).text);
        ui.painter().rect_filled(rect, theme::ROUND, ground);
        let inner = ui.new_child(UiBuilder::new().max_rect(rect.shrink(2.0)));
        super::super::plain::scrolled(inner, |ui| {
            self.typed(ui, |text| {
                let size = vec2(rect.width() - 12.0, rect.height() - 8.0);
                TextEdit::multiline(text)
                    .frame(egui::Frame::NONE)
                    .text_color(colour)
                    .desired_width(size.x)
                    .min_size(size)
            });
        });
    }

    /// The number of the item that is chosen, from 0; a text that is none of the items chooses none.
    fn chosen(&self) -> usize {
        let range = &self.channel.range;
        match &self.channel.text {
            Some(text) => range.items.iter().position(|item| item == text).unwrap_or(range.items.len()),
            None => (self.value - range.scale.minimum()).round().max(0.0) as usize,
        }
    }

    fn choose(&mut self, chosen: usize) {
        let range = &self.channel.range;
        if self.channel.text.is_some() {
            let text = range.items.get(chosen).cloned().unwrap_or_default();
            self.actions.push(Action::SetText(self.channel.name.clone(), text));
        } else {
            self.set_once(range.to_normalized(range.scale.minimum() + chosen as f64));
        }
    }
}
