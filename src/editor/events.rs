//! Lines to send: a field with a history and the error under it, and the sixteen slots.

use egui::{Align, Button, Key, Layout, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::host_menu;
use super::icon::{self, Icon};
use super::keys::{self, KeyCommand};
use super::model::{Action, EditorState, HISTORY, MenuOf, Reply, SLOTS, Sending, Slot, View};
use super::scene::Scene;
use super::theme;
use super::timeline::Timeline;
use csound_performance::engine::piece::live_text;

/// The narrowest column of slots.
const SLOT_WIDTH: f32 = 330.0;

/// Remembers what is being typed.
#[derive(Default)]
pub(super) struct Events {
    text: String,
    /// Lines that the field stands back in the history; 0: what is being typed.
    back: usize,
    /// The text that was being typed before the history was looked through.
    kept: String,
    /// Why the text was not sent.
    refused: Option<String>,
    /// The reply that was there when the text was sent.
    answered: u64,
    /// Code that was sent: it stays in the field until it is known to be right.
    awaited: Option<String>,
    /// The slots' texts while they are being edited.
    editing: Option<(usize, String)>,
    timeline: Timeline,
}

impl Events {
    /// Takes what the view has, whatever page is in front.
    pub fn follow(&mut self, view: &View) {
        self.timeline.follow(view);
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        self.take_answer(scene);
        self.line(ui, scene);
        self.error(ui, scene);
        ui.add_space(theme::GAP);
        ui.separator();
        self.timeline.show(ui, scene);
        ui.add_space(theme::GAP);
        ui.separator();
        ui.label(
            RichText::new("Slots: lines at hand, for buttons, automation and MIDI")
                .color(theme::palette(ui).weak),
        );
        ScrollArea::vertical().id_salt("slots").auto_shrink(false).show(ui, |ui| self.slots(ui, scene));
    }

    fn line(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.horizontal(|ui| {
            let kinds = [
                (Sending::Event, "Score event", "Such as  i 1 0 2 0.5 440"),
                (
                    Sending::Orchestra,
                    "Orchestra",
                    "Instruments and opcodes, compiled into what performs. They are no part of the piece: \
                     when it starts anew, they are gone",
                ),
                (
                    Sending::Evaluate,
                    "Evaluate",
                    "Orchestra code that runs at once, and the number that its return gives: such as  \
                     return giTune * 2",
                ),
            ];
            for (kind, name, help) in kinds {
                theme::choice(ui, &mut scene.state.sending, kind, name).on_hover_text(help);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let help = match scene.state.sending {
                    Sending::Event => "Send it (Enter)".to_owned(),
                    _ => format!("Send it{}", keys::in_brackets(ui.ctx(), KeyCommand::Send)),
                };
                let send = ui.button("Send").on_hover_text(help);
                let entered = self.field(ui, scene);
                if send.clicked() || entered {
                    self.send(scene);
                }
            });
        });
    }

    /// The field to type into; true: what is in it is to be sent.
    fn field(&mut self, ui: &mut Ui, scene: &mut Scene) -> bool {
        let sending = scene.state.sending;
        let orchestra = sending != Sending::Event;
        let id = ui.scope_id().with("line");
        let focused = ui.memory(|memory| memory.has_focus(id));
        let mut sent = false;
        if focused {
            if orchestra {
                sent = keys::take(ui, KeyCommand::Send);
            } else {
                sent = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
                self.look_back(ui, scene.state);
            }
        }
        let hint = match sending {
            Sending::Event => "such as i 1 0 2 0.5 440",
            Sending::Orchestra => "such as instr 2 … endin",
            Sending::Evaluate => "such as return 2 * sqrt(2)",
        };
        let field = if orchestra {
            TextEdit::multiline(&mut self.text).desired_rows(4).code_editor()
        } else {
            let line = TextEdit::singleline(&mut self.text).align(egui::Align2::LEFT_CENTER);
            line.font(egui::TextStyle::Monospace)
        };
        let response = ui.add(field.id(id).hint_text(hint).desired_width(ui.available_width()));
        let response =
            response.accessible_name("Line to send").on_hover_text("Up and down: what was sent before");
        if response.changed() {
            self.refused = None;
            self.back = 0;
        }
        sent
    }

    /// Up and down go through what was sent.
    fn look_back(&mut self, ui: &Ui, state: &EditorState) {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let before = self.back;
        if pressed(Key::ArrowUp) {
            self.back = (self.back + 1).min(state.history.len());
        } else if pressed(Key::ArrowDown) {
            self.back = self.back.saturating_sub(1);
        }
        if before == self.back {
            return;
        }
        if before == 0 {
            self.kept = std::mem::take(&mut self.text);
        }
        self.text = match self.back {
            0 => self.kept.clone(),
            back => state.history[state.history.len() - back].clone(),
        };
    }

    fn send(&mut self, scene: &mut Scene) {
        let text = self.text.trim().to_owned();
        let (checked, action) = match scene.state.sending {
            Sending::Event => (live_text::check_score_line(&text), Action::SendLine(text.clone())),
            Sending::Orchestra => (live_text::check_orchestra(&text), Action::SendOrchestra(text.clone())),
            Sending::Evaluate => (live_text::check_orchestra(&text), Action::Evaluate(text.clone())),
        };
        self.refused = checked.err().map(|error| error.to_string());
        if let Some(why) = &self.refused {
            scene.act(Action::Report(why.clone()));
            return;
        }
        self.answered = scene.view.reply.as_ref().map_or(0, |reply| reply.number);
        scene.act(action);
        match scene.state.sending {
            Sending::Event => self.text.clear(),
            Sending::Orchestra | Sending::Evaluate => self.awaited = Some(text.clone()),
        }
        remember(&mut scene.state.history, text);
        self.back = 0;
    }

    /// Clears the field of code that was right.
    fn take_answer(&mut self, scene: &Scene) {
        let Some(reply) = scene.view.reply.as_ref().filter(|reply| reply.number > self.answered) else {
            return;
        };
        if let Some(sent) = self.awaited.take()
            && reply.error.is_none()
            && self.text.trim() == sent
        {
            self.text.clear();
        }
    }

    fn error(&self, ui: &mut Ui, scene: &Scene) {
        let newer = scene.view.reply.as_ref().filter(|reply| reply.number > self.answered);
        let answer = newer.and_then(|reply| reply.error.as_deref());
        let palette = theme::palette(ui);
        match self.refused.as_deref().or(answer) {
            Some(error) => ui.label(RichText::new(error).color(palette.error)),
            None => match newer {
                Some(reply) => ui.label(RichText::new(done(reply)).color(palette.good)),
                None => ui.label(" "),
            },
        };
    }

    fn slots(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let columns = ((ui.available_width() / SLOT_WIDTH) as usize).clamp(1, 2);
        let rows = SLOTS.div_ceil(columns);
        ui.columns(columns, |columns| {
            for (column, ui) in columns.iter_mut().enumerate() {
                for slot in column * rows..((column + 1) * rows).min(SLOTS) {
                    ui.horizontal(|ui| self.slot(ui, scene, slot));
                    if let Some(error) = &scene.view.slots[slot].error {
                        ui.label(RichText::new(error).small().color(theme::palette(ui).error));
                    }
                }
            }
        });
    }

    fn slot(&mut self, ui: &mut Ui, scene: &mut Scene, index: usize) {
        let slot = &scene.view.slots[index];
        let palette = theme::palette(ui);
        let number = RichText::new(format!("{:2}", index + 1)).monospace().color(palette.weak);
        ui.label(number).on_hover_text(format!("Parameter event_{}", index + 1));
        let some = !slot.text.trim().is_empty();
        let send = format!("Send slot {}", index + 1);
        let button = ui.add_enabled_ui(some, |ui| icon::button(ui, Icon::Play, &send, None)).inner;
        host_menu::open(&button, (scene.view, MenuOf::Event(index)), scene.actions);
        if button.clicked() {
            scene.actions.push(Action::TriggerSlot(index));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            learn(ui, scene.actions, slot, index);
            self.slot_text(ui, scene, index);
        });
    }

    fn slot_text(&mut self, ui: &mut Ui, scene: &mut Scene, index: usize) {
        let slot = &scene.view.slots[index];
        let mut text = match &self.editing {
            Some((edited, text)) if *edited == index => text.clone(),
            _ => slot.text.clone(),
        };
        let colour = slot.error.as_ref().map(|_| theme::palette(ui).error);
        let field = TextEdit::singleline(&mut text)
            .align(egui::Align2::LEFT_CENTER)
            .font(egui::TextStyle::Monospace)
            .text_color_opt(colour)
            .hint_text("a score line")
            .desired_width(ui.available_width());
        let response = ui.add(field).accessible_name(format!("Slot {}", index + 1));
        if response.changed() {
            self.editing = Some((index, text));
        }
        if response.lost_focus()
            && let Some((edited, text)) = self.editing.take_if(|(edited, _)| *edited == index)
        {
            scene.actions.push(Action::SetSlot(edited, text));
        }
        if let Some(error) = &slot.error {
            response.on_hover_text(error);
        }
    }
}

fn learn(ui: &mut Ui, actions: &mut Vec<Action>, slot: &Slot, index: usize) {
    let text = match (&slot.learned, slot.learning) {
        (_, true) => "play it…",
        (Some(learned), false) => learned,
        (None, false) => "learn",
    };
    let button = Button::new(RichText::new(text).small()).selected(slot.learning);
    let mut help = "Press, then play the MIDI note, controller or program that is to send this line. \
                    The piece does not hear it any more."
        .to_owned();
    if slot.learned.is_some() {
        help += "\nRight click: forget it";
    }
    let response = ui.add(button).on_hover_text(help);
    if response.clicked() {
        actions.push(Action::LearnSlot(index));
    } else if response.secondary_clicked() && slot.learned.is_some() {
        actions.push(Action::ForgetSlot(index));
    }
}

/// The words for what was sent without an error.
fn done(reply: &Reply) -> String {
    reply.value.map_or_else(|| "Sent".to_owned(), |value| format!("= {value}"))
}

/// Puts a line at the end of the history, once.
fn remember(history: &mut Vec<String>, line: String) {
    history.retain(|before| *before != line);
    history.push(line);
    let surplus = history.len().saturating_sub(HISTORY);
    history.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_bounded_and_has_no_line_twice() {
        let mut history = Vec::new();
        for number in 0..HISTORY + 10 {
            remember(&mut history, format!("i 1 0 {number}"));
        }
        remember(&mut history, format!("i 1 0 {}", HISTORY));
        assert_eq!(history.len(), HISTORY);
        assert_eq!(history.last().unwrap(), &format!("i 1 0 {HISTORY}"));
        assert_eq!(history.iter().filter(|line| **line == format!("i 1 0 {HISTORY}")).count(), 1);
    }
}
