//! The wheel and the menu of a control.

use egui::{Event, Id, MouseWheelUnit, Pos2, Response, Ui, Vec2};

use super::{Control, ranging};
use crate::editor::host_menu;
use crate::editor::model::{Action, MenuOf, ParamRef};

/// Seconds without a notch after which the gesture of a wheel is over.
const REST: f64 = 0.4;

/// Points of a touchpad's way that are a notch.
const NOTCH: f32 = 50.0;

/// The text that was copied last from a control.
#[derive(Clone)]
struct Copied(String);

impl Control<'_> {
    /// Turns by the wheel, finely with shift. A run of notches is one gesture.
    pub(super) fn wheel(&mut self, ui: &Ui, response: &Response, position: f64) {
        if !response.contains_pointer() || response.dragged() {
            return;
        }
        let (notches, fine) = notches(ui);
        if notches == 0.0 {
            return;
        }
        // The page does not scroll as well.
        ui.input_mut(|input| input.smooth_scroll_delta = Vec2::ZERO);
        let (id, now) = (response.id.with("wheel"), ui.input(|input| input.time));
        let goes_on = self.held.has(id);
        let from = ui.data(|data| data.get_temp::<f64>(id)).filter(|_| goes_on).unwrap_or(position);
        let to = (from + notches * self.channel.range.scale.notch(fine)).clamp(0.0, 1.0);
        // Steps are a matter of the value: what is between them adds up.
        ui.data_mut(|data| data.insert_temp(id, to));
        if !goes_on {
            self.begin();
        }
        let end = self.channel.parameter.map(|parameter| Action::EndGesture(ParamRef::Bank(parameter)));
        self.held.keep(id, now + REST, || end.into_iter().collect());
        self.set(to);
    }

    /// The host's menu of a right click, where there is none of ours.
    pub(super) fn host_menu(&mut self, response: &Response) {
        if let Some(of) = self.channel.parameter.map(MenuOf::Channel) {
            host_menu::open(response, (self.view, of), self.actions);
        }
    }

    /// The menu of a right click, and the same by keys.
    pub(super) fn menu(&mut self, ui: &Ui, response: &Response, turned: Id) {
        let copied = Id::unique("the copied value of a control");
        let default = self.channel.range.text(self.channel.range.default);
        let text = self.channel.range.text(self.value);
        let of_host = self.channel.parameter.map(MenuOf::Channel);
        if let Some(of) = of_host {
            host_menu::ask(response, (self.view, of), self.actions);
        }
        host_menu::popup(response).show(|ui| {
            if ui.button(format!("Reset to {default}")).clicked() {
                self.reset();
            }
            if self.is_typed() && ui.button("Type a value…").clicked() {
                self.begin_typing(ui, turned);
            }
            ui.separator();
            if ui.button("Copy value").clicked() {
                ui.ctx().copy_text(text.clone());
                ui.data_mut(|data| data.insert_temp(copied, Copied(text.clone())));
            }
            let before = ui.data(|data| data.get_temp::<Copied>(copied));
            let paste = ui.add_enabled(before.is_some(), egui::Button::new("Paste value"));
            if let Some(Copied(before)) = before.filter(|_| paste.clicked()) {
                // It was this control's or another's; what is no value here changes nothing.
                let _ = self.set_to(&before);
            }
            ui.separator();
            self.ranging(ui, response.rect.left_bottom());
            self.learning(ui);
            if let Some(of) = of_host {
                host_menu::show(ui, (self.view, of), self.actions, true);
            }
        });
        if !response.has_focus() {
            return;
        }
        for event in ui.input(|input| input.events.clone()) {
            match event {
                Event::Copy => {
                    ui.ctx().copy_text(text.clone());
                    ui.data_mut(|data| data.insert_temp(copied, Copied(text.clone())));
                }
                // What is no value changes nothing.
                Event::Paste(pasted) => drop(self.set_to(&pasted)),
                _ => {}
            }
        }
    }
}

impl Control<'_> {
    /// The range of the channel, where it has one: an exported plugin's parameters stay as they were made.
    fn ranging(&mut self, ui: &mut Ui, at: Pos2) {
        let is_fixed = self.view.export.is_some() && self.channel.parameter.is_some();
        if is_fixed || !ranging::is_ranged(self.channel) {
            return;
        }
        if ui.button("Range and unit…").clicked() {
            ranging::open(ui.ctx(), self.channel, at);
        }
        if self.channel.own_range.is_some() && ui.button("The piece's own range").clicked() {
            self.actions.push(Action::EditRange(self.channel.name.clone(), None));
        }
    }

    /// The MIDI controller that turns the channel.
    fn learning(&mut self, ui: &mut Ui) {
        let name = &self.channel.name;
        let waits = self.view.controllers.waiting.as_ref() == Some(name);
        let text = if waits { "Do not learn MIDI" } else { "Learn MIDI" };
        let help =
            "Then move the controller that is to turn it. The piece does not get that controller any more";
        if ui.button(text).on_hover_text(help).clicked() {
            self.actions.push(Action::LearnChannel(name.clone()));
        }
        if let Some(learned) = self.view.controllers.learned.get(name)
            && ui.button(format!("Forget {learned}")).clicked()
        {
            self.actions.push(Action::ForgetChannel(name.clone()));
        }
    }
}

/// The notches by which the wheel has moved, and whether finely.
fn notches(ui: &Ui) -> (f64, bool) {
    ui.input(|input| {
        let mut notches = 0.0;
        let mut fine = false;
        for event in &input.events {
            if let Event::MouseWheel { unit, delta, modifiers, .. } = event
                && !modifiers.command
            {
                // With shift some systems turn the wheel's way.
                let way = if delta.y == 0.0 { delta.x } else { delta.y };
                notches += f64::from(match unit {
                    MouseWheelUnit::Point => way / NOTCH,
                    MouseWheelUnit::Line | MouseWheelUnit::Page => way,
                });
                fine |= modifiers.shift;
            }
        }
        (notches, fine)
    })
}
