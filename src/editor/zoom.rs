//! The zoom: how large all of the editor is drawn, from 75 to 200 %. The window grows with it where the host lets it.
//! Where it does not, nothing is drawn larger than leaves room for all that has to be within reach.

use egui::{ComboBox, Context, Ui, Vec2, ViewportCommand, vec2};

use super::SMALLEST;
use super::keys::{self, KeyCommand};
use super::model::EditorState;
use super::scene::Scene;

/// The zooms that there are, in percent.
const STEPS: [u16; 8] = [75, 90, 100, 110, 125, 150, 175, 200];

/// The usual one.
const USUAL: u16 = 100;

/// A difference of factors that is none.
const NOTHING: f32 = 1e-3;

/// Draws as large as the user wants, from the next frame on, as far as the window has room for it.
pub(super) fn follow(context: &Context, state: &EditorState) {
    let factor = fitting(state.zoom, unzoomed(context));
    if (factor - context.zoom_factor()).abs() > NOTHING {
        context.set_zoom_factor(factor);
    }
}

/// The window's size at a zoom of 100 %, in points: what the host and the session count in.
pub(super) fn unzoomed(context: &Context) -> Vec2 {
    context.content_rect().size() * context.zoom_factor()
}

/// Asks for a size of the window at a zoom of 100 %, in points.
pub(super) fn ask_size(context: &Context, size: Vec2) {
    context.send_viewport_cmd(ViewportCommand::InnerSize(size / context.zoom_factor()));
}

/// The factor for a zoom in percent, in a window of this size at 100 %.
fn fitting(percent: u16, window: Vec2) -> f32 {
    let [width, height] = SMALLEST;
    let most = (window.x / width).min(window.y / height);
    let least = f32::from(STEPS[0]) / 100.0;
    let wanted = f32::from(nearest(percent)) / 100.0;
    // Before there is a window it has no size.
    if most.is_finite() && most > 0.0 { wanted.min(most.max(least)) } else { wanted }
}

/// The nearest zoom that there is: a session may say anything.
fn nearest(percent: u16) -> u16 {
    STEPS.into_iter().min_by_key(|step| step.abs_diff(percent)).unwrap_or(USUAL)
}

/// The zoom so many steps from one.
fn step_from(percent: u16, by: isize) -> u16 {
    let at = STEPS.iter().position(|step| *step == nearest(percent)).unwrap_or_default();
    STEPS[at.saturating_add_signed(by).min(STEPS.len() - 1)]
}

/// Takes another zoom: the window is asked to show as much as before.
fn choose(context: &Context, state: &mut EditorState, percent: u16) {
    if percent == state.zoom {
        return;
    }
    state.zoom = percent;
    let shown = context.content_rect().size();
    let wanted = shown * (f32::from(percent) / 100.0);
    let [width, height] = SMALLEST;
    ask_size(context, vec2(wanted.x.max(width), wanted.y.max(height)));
    context.request_repaint();
}

/// The keys for it, where no text is typed: there they are those of the letters.
pub(super) fn take_keys(ui: &Ui, state: &mut EditorState) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    let to = if keys::take(ui, KeyCommand::Larger) {
        step_from(state.zoom, 1)
    } else if keys::take(ui, KeyCommand::Smaller) {
        step_from(state.zoom, -1)
    } else if keys::take(ui, KeyCommand::UsualSize) {
        USUAL
    } else {
        return;
    };
    choose(ui.ctx(), state, to);
}

/// The choice of it, with a word where it does not fit.
pub(super) fn setting(ui: &mut Ui, scene: &mut Scene) -> String {
    let before = nearest(scene.state.zoom);
    let mut chosen = STEPS.iter().position(|step| *step == before).unwrap_or_default();
    let shown = ComboBox::from_id_salt("zoom").width(150.0);
    let shown = shown.show_index(ui, &mut chosen, STEPS.len(), |at| format!("{} %", STEPS[at.min(7)]));
    shown.accessible_name("Zoom");
    choose(ui.ctx(), scene.state, STEPS[chosen.min(STEPS.len() - 1)]);
    let factor = fitting(scene.state.zoom, unzoomed(ui.ctx()));
    match factor + NOTHING < f32::from(nearest(scene.state.zoom)) / 100.0 {
        true => "As large as the window has room for: make it larger, if your host lets you.".to_owned(),
        false => {
            let commands = [KeyCommand::Larger, KeyCommand::Smaller, KeyCommand::UsualSize];
            let all: Vec<_> = commands.into_iter().filter_map(|one| keys::called(ui.ctx(), one)).collect();
            match all.is_empty() {
                true => "How large all of this is drawn.".to_owned(),
                false => {
                    format!("How large all of this is drawn ({} where no text is typed).", all.join(", "))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_larger_than_leaves_room_for_the_least() {
        let [width, height] = SMALLEST;
        let at = |percent, factor: f32| fitting(percent, vec2(width * factor, height * factor));
        assert_eq!([at(75, 1.0), at(100, 1.0), at(200, 1.0)], [0.75, 1.0, 1.0]);
        assert_eq!([at(200, 1.5), at(200, 2.0), at(200, 3.0)], [1.5, 2.0, 2.0]);
        assert_eq!(fitting(200, vec2(width * 3.0, height * 1.25)), 1.25, "the narrower way counts");
        assert_eq!([at(100, 0.5), at(75, 0.1)], [0.75, 0.75], "a window that is too small anyway");
        assert_eq!([fitting(150, Vec2::ZERO), fitting(150, Vec2::INFINITY)], [1.5, 1.5], "none yet");
    }

    #[test]
    fn steps_end_at_the_ends_and_what_is_no_step_is_the_nearest() {
        assert_eq!(
            [step_from(100, 1), step_from(100, -1), step_from(200, 1), step_from(75, -1)],
            [110, 90, 200, 75]
        );
        assert_eq!([nearest(0), nearest(101), nearest(u16::MAX)], [75, 100, 200]);
    }
}
