//! Play, stop, record; where the piece is in its score.

use egui::{
    Align, Button, CursorIcon, Key, Label, Layout, Rect, Response, RichText, Sense, Ui, WidgetInfo, pos2,
    vec2,
};

use crate::editor::host_menu;
use crate::editor::icon::{self, Icon};
use crate::editor::model::{Action, MenuOf, Question, State};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Seconds that an arrow key moves by.
const STEP: f64 = 5.0;

/// Remembers where the seek bar is being dragged to.
#[derive(Default)]
pub(crate) struct Transport {
    seeking: Option<f64>,
}

impl Transport {
    /// Draws this part of the window.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.horizontal(|ui| {
            buttons(ui, scene);
            record(ui, scene);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                sync(ui, scene);
                self.position(ui, scene);
            });
        });
    }

    fn position(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let length = scene.view.transport.length.filter(|length| *length > 0.0);
        let time = self.seeking.unwrap_or(within(scene.view.transport.time, length));
        let words = match length {
            Some(length) => format!("{} of {}", clock(time), clock(length)),
            None => clock(time),
        };
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(theme::GAP);
            ui.label(RichText::new(words).monospace().size(14.0)).on_hover_text("Time in the score");
            if let Some(length) = length {
                ui.add_space(theme::GAP);
                self.seek_bar(ui, scene, length);
            }
        });
    }

    /// A bar to drag; the piece goes there when it is let go.
    fn seek_bar(&mut self, ui: &mut Ui, scene: &mut Scene, length: f64) {
        let size = vec2((ui.available_width() - theme::GAP).max(20.0), theme::ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let response =
            response.on_hover_cursor(CursorIcon::ResizeHorizontal).on_hover_text("Drag to go there");
        let time = within(scene.view.transport.time, Some(length));
        let shown = self.seeking.unwrap_or(time);
        response.widget_info(|| WidgetInfo::slider(true, shown, "Position in the score"));
        if let Some(pointer) = response.interact_pointer_pos() {
            let share = ((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
            self.seeking = Some(f64::from(share) * length);
        }
        if (response.drag_stopped() || response.clicked())
            && let Some(seconds) = self.seeking.take()
        {
            scene.act(Action::Seek(seconds));
        }
        if let Some(by) = arrows(ui, &response) {
            scene.act(Action::Seek((time + by * STEP).clamp(0.0, length)));
        }
        paint_bar(ui, rect, (shown / length) as f32, &response);
    }
}

/// The direction of the arrow keys that are pressed, 1 or -1, if the widget has the focus.
fn arrows(ui: &Ui, response: &Response) -> Option<f64> {
    if !response.has_focus() {
        return None;
    }
    ui.memory_mut(|memory| {
        let filter = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
        memory.set_focus_lock_filter(response.id, filter);
    });
    let by = ui.input(|input| {
        i32::from(input.key_pressed(Key::ArrowRight)) - i32::from(input.key_pressed(Key::ArrowLeft))
    });
    (by != 0).then_some(f64::from(by))
}

fn paint_bar(ui: &Ui, rect: Rect, share: f32, response: &Response) {
    let palette = theme::palette(ui);
    let bar = Rect::from_center_size(rect.center(), vec2(rect.width(), 6.0));
    let x = bar.left() + bar.width() * share.clamp(0.0, 1.0);
    theme::paint_well(ui.painter(), palette, bar, 3);
    ui.painter().rect_filled(Rect::from_min_max(bar.min, pos2(x, bar.bottom())), 3, palette.accent);
    let radius = if response.hovered() || response.has_focus() { 7.0 } else { 5.0 };
    ui.painter().circle_filled(pos2(x, bar.center().y), radius, palette.text);
}

fn buttons(ui: &mut Ui, scene: &mut Scene) {
    let palette = theme::palette(ui);
    let playing = scene.view.transport.plays;
    let some = !matches!(scene.view.state, State::Empty);
    ui.add_enabled_ui(some, |ui| {
        let pause = (Icon::Pause, "Pause", Action::Pause);
        let (picture, label, action) = if playing { pause } else { (Icon::Play, "Play", Action::Play) };
        let lit = playing.then_some(palette.good);
        let all = [
            (picture, label, lit, action, "play"),
            (Icon::Stop, "Stop", None, Action::Stop, "stop"),
            (Icon::Restart, "From the beginning", None, Action::Restart, "restart"),
        ];
        for (picture, label, lit, action, id) in all {
            let button = icon::button(ui, picture, label, lit);
            host_menu::open(&button, (scene.view, MenuOf::Own(id)), scene.actions);
            if button.clicked() {
                scene.act(action);
            }
        }
    });
}

fn record(ui: &mut Ui, scene: &mut Scene) {
    let palette = theme::palette(ui);
    let (label, lit) = match &scene.view.recording {
        recording if recording.active => ("Stop recording", Some(palette.error)),
        recording if recording.waits => {
            ("Do not record: it waits until the piece plays", Some(palette.warning))
        }
        _ => ("Record", None),
    };
    let active = lit.is_some();
    let mut button = icon::button(ui, Icon::Record, label, lit);
    if scene.view.recording.folder.is_none() {
        button = button.on_hover_text("It asks for a folder first");
    }
    host_menu::open(&button, (scene.view, MenuOf::Own("record")), scene.actions);
    if button.clicked() {
        if !active && scene.view.recording.folder.is_none() {
            scene.ask(Question::RecordInto);
        } else {
            scene.act(Action::Record(!active));
        }
    }
}

/// The file that is or was recorded, in the last line of the window: it is always there, so that nothing moves
/// when a recording begins.
pub(super) fn recording(ui: &mut Ui, scene: &mut Scene) {
    let recording = &scene.view.recording;
    let palette = theme::palette(ui);
    let small = |text: &str| RichText::new(text.to_owned()).small();
    if let Some(error) = &recording.error {
        ui.add(Label::new(small(error).color(palette.error)).truncate()).on_hover_text(error);
    }
    let Some(path) = &recording.path else { return };
    let show = ui.add(Button::new(small("Show in folder")).small());
    if show.on_hover_text("Open the folder of the recording").clicked() {
        scene.actions.push(Action::ShowInFolder(path.clone()));
    }
    let (verb, colour) =
        if recording.active { ("Recording", palette.error) } else { ("Recorded", palette.text) };
    ui.label(small(verb).color(colour));
    ui.label(RichText::new(clock(recording.seconds)).monospace().size(11.0).color(colour))
        .on_hover_text("Time recorded");
    if recording.lost > 0 {
        let lost = format!("{} frames lost", recording.lost);
        ui.label(small(&lost).color(palette.error)).on_hover_text("The disk was too slow");
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = small(&format!("{name} · {}", recording.format)).color(palette.weak);
    ui.add(Label::new(text).truncate()).on_hover_text(path.to_string_lossy());
}

/// The time that is shown: the score's clock goes on where the piece does, but the score is over then.
fn within(time: f64, length: Option<f64>) -> f64 {
    length.map_or(time, |length| time.min(length))
}

fn sync(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.is_alone {
        return;
    }
    let follows = scene.view.transport.follows_host;
    let help = "Play, pause and seek with the host's transport";
    let button = theme::choice_button(ui, follows, "Follow host").on_hover_text(help);
    host_menu::open(&button, (scene.view, MenuOf::Own("sync")), scene.actions);
    if button.clicked() {
        scene.act(Action::FollowHost(!follows));
    }
}

/// Seconds as a clock.
pub(crate) fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).floor() as u64;
    let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60);
    let rest = format!("{minutes:02}:{:02}.{}", tenths / 10 % 60, tenths % 10);
    if hours > 0 { format!("{hours}:{rest}") } else { rest }
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn seconds_are_shown_as_a_clock() {
        let shown = [0.0, 9.96, 61.25, 3661.0, -1.0].map(clock);
        assert_eq!(shown, ["00:00.0", "00:09.9", "01:01.2", "1:01:01.0", "00:00.0"]);
    }
}
