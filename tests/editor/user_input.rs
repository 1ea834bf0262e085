//! The pointer on a piece's panel, keys and dropped files, for pieces that listen; and what they hear of it.

use std::sync::Arc;

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use csound_performer::plugin::backend::panel_of;
use csound_performer::user_input::{InputChannel, InputWanted, UserInput};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, pos2, vec2};
use egui_kittest::kittest::Queryable;

use crate::desk::*;

const TEXT: &str = "<Cabbage>\nform size(400, 200)\n\
    rslider bounds(100, 50, 80, 60), channel(\"cutoff\"), range(0, 1, 0.5), text(\"Cutoff\")\n\
    texteditor bounds(200, 50, 180, 30), channel(\"words\")\n</Cabbage>\n";

/// The panel of a piece that wants to be told of this.
fn open(wanted: InputWanted) -> Desk {
    let (channels, layout) = panel_of(TEXT, &Default::default());
    let mut desk = Desk::on(FakePiece { channels, layout, ..FakePiece::csd(PATH, TEXT) });
    desk.backend.change(|view| view.input_wanted = wanted);
    desk.steps(2);
    desk.log();
    desk
}

const ALL: InputWanted = InputWanted { input: true, files: true };

/// What was told since the last call.
fn told(desk: &mut Desk) -> Vec<UserInput> {
    let log = desk.log().into_iter();
    log.filter_map(|action| if let Action::Tell(input) = action { Some(*input) } else { None }).collect()
}

fn value(input: &UserInput, channel: InputChannel) -> f64 {
    input.values[channel as usize]
}

fn middle(desk: &Desk) -> Pos2 {
    desk.window.get_by_role_and_label(Role::Slider, "Cutoff").rect().center()
}

fn button(desk: &mut Desk, at: Pos2, button: PointerButton, pressed: bool) {
    desk.window.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
}

#[test]
fn the_pointer_is_told_in_the_panels_own_pixels_with_what_lies_under_it() {
    let mut desk = open(ALL);
    let at = middle(&desk);
    desk.window.event(Event::PointerMoved(at));
    desk.steps(2);
    let moved = told(&mut desk);
    let last = moved.last().expect("nothing was told");
    let place = [InputChannel::PointerX, InputChannel::PointerY].map(|channel| value(last, channel));
    assert!((place[0] - 140.0).abs() <= 12.0 && (place[1] - 80.0).abs() <= 12.0, "{place:?}");
    assert_eq!(last.widget, "cutoff");
    desk.steps(3);
    assert_eq!(told(&mut desk), [], "what stands is not told again");
}

#[test]
fn buttons_are_down_until_they_go_up_and_a_click_within_a_frame_is_seen() {
    let mut desk = open(ALL);
    let at = middle(&desk);
    desk.window.event(Event::PointerMoved(at));
    desk.steps(2);
    desk.log();
    button(&mut desk, at, PointerButton::Secondary, true);
    desk.steps(2);
    assert_eq!(
        told(&mut desk).iter().map(|input| value(input, InputChannel::RightButton)).collect::<Vec<_>>(),
        [1.0]
    );
    // It goes up elsewhere.
    desk.window.event(Event::PointerMoved(pos2(1.0, 1.0)));
    button(&mut desk, pos2(1.0, 1.0), PointerButton::Secondary, false);
    desk.steps(2);
    assert_eq!(value(told(&mut desk).last().unwrap(), InputChannel::RightButton), 0.0);
    desk.window.event(Event::PointerMoved(at));
    desk.steps(2);
    desk.log();
    button(&mut desk, at, PointerButton::Primary, true);
    button(&mut desk, at, PointerButton::Primary, false);
    desk.steps(2);
    let states: Vec<_> = told(&mut desk).iter().map(|input| value(input, InputChannel::LeftButton)).collect();
    assert_eq!(states, [1.0, 0.0]);
    // What is pressed beside the panel is not the piece's.
    button(&mut desk, pos2(1.0, 1.0), PointerButton::Middle, true);
    desk.steps(2);
    assert!(told(&mut desk).iter().all(|input| value(input, InputChannel::MiddleButton) == 0.0));
}

#[test]
fn the_wheel_and_keys_are_told() {
    let mut desk = open(ALL);
    let at = middle(&desk);
    desk.window.event(Event::PointerMoved(at));
    desk.window.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, 1.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    desk.steps(2);
    assert_eq!(value(told(&mut desk).last().unwrap(), InputChannel::WheelY), 0.2);
    desk.window.key_down_modifiers(Modifiers::SHIFT, Key::B);
    desk.steps(2);
    let pressed = told(&mut desk);
    let last = pressed.last().expect("no key was told");
    assert_eq!(
        [InputChannel::KeyPressed, InputChannel::KeyDown].map(|channel| value(last, channel)),
        [66.0, 1.0]
    );
    desk.window.key_up_modifiers(Modifiers::NONE, Key::B);
    desk.steps(2);
    assert_eq!(value(told(&mut desk).last().unwrap(), InputChannel::KeyDown), 0.0);
}

#[test]
fn what_is_typed_into_a_text_is_not_told_and_not_the_key_that_leaves_it() {
    let mut desk = open(ALL);
    for leaves in [Key::Escape, Key::Tab] {
        desk.window.get_by_role_and_label(Role::TextInput, "words").focus();
        desk.steps(2);
        told(&mut desk);
        for (key, text) in [(Key::B, "b"), (Key::Num7, "7")] {
            desk.window.key_down(key);
            desk.write(text);
            desk.window.key_up(key);
            desk.steps(2);
        }
        desk.window.key_down(leaves);
        desk.steps(3);
        assert!(!desk.window.get_by_role_and_label(Role::TextInput, "words").is_focused());
        desk.window.key_up(leaves);
        desk.steps(2);
        let keys = [InputChannel::KeyPressed, InputChannel::KeyDown];
        let typed = told(&mut desk);
        assert!(typed.iter().all(|input| keys.map(|channel| value(input, channel)) == [0.0; 2]), "{typed:?}");
    }
}

#[test]
fn a_piece_that_does_not_listen_is_told_nothing_and_one_that_is_left_lets_go() {
    let mut desk = open(InputWanted::default());
    let at = middle(&desk);
    desk.window.event(Event::PointerMoved(at));
    button(&mut desk, at, PointerButton::Secondary, true);
    desk.steps(2);
    assert_eq!(told(&mut desk), []);
    let mut desk = open(ALL);
    desk.window.event(Event::PointerMoved(at));
    desk.steps(2);
    button(&mut desk, at, PointerButton::Secondary, true);
    desk.steps(2);
    assert_eq!(value(told(&mut desk).last().unwrap(), InputChannel::RightButton), 1.0);
    desk.backend.change(|view| view.input_wanted = InputWanted::default());
    desk.steps(2);
    assert_eq!(value(told(&mut desk).last().unwrap(), InputChannel::RightButton), 0.0);
}

#[test]
fn a_file_that_is_dropped_on_the_panel_is_the_pieces_if_it_wants_one() {
    for (wanted, expected) in [
        (ALL, vec![Action::SetText("LAST_FILE_DROPPED".into(), "/music/kick.wav".into())]),
        (InputWanted::default(), vec![]),
    ] {
        let mut desk = open(wanted);
        let at = middle(&desk);
        desk.window.event(Event::PointerMoved(at));
        desk.window.input_mut().dropped_files.push(Arc::new(Dropped("/music/kick.wav".into())));
        desk.steps(2);
        let log = desk.log().into_iter().filter(|action| !matches!(action, Action::Tell(_)));
        assert_eq!(log.collect::<Vec<_>>(), expected);
    }
}
