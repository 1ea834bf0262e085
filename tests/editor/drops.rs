//! Files that are dragged over the editor and dropped on it.

use std::sync::Arc;

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::{Action, Channel, Widget};
use egui::accesskit::Role;
use egui::{Event, HoveredFile, Pos2, pos2};
use egui_kittest::kittest::Queryable;

use crate::desk::*;

fn hover(desk: &mut Desk, path: &str, at: Pos2) {
    desk.window.event(Event::PointerMoved(at));
    desk.window.input_mut().hovered_files =
        vec![HoveredFile { path: Some(path.into()), ..Default::default() }];
    desk.steps(2);
}

fn let_go(desk: &mut Desk, path: &str, at: Pos2) {
    desk.window.event(Event::PointerMoved(at));
    desk.window.input_mut().hovered_files.clear();
    desk.window.input_mut().dropped_files.push(Arc::new(Dropped(path.into())));
    desk.steps(2);
}

fn text_channel(name: &str, widget: Widget) -> Channel {
    Channel { widget, text: Some(String::new()), parameter: None, ..knob(name, 0) }
}

fn open() -> Desk {
    let channels =
        vec![text_channel("sample", Widget::File), text_channel("words", Widget::Text), knob("cutoff", 1)];
    Desk::on(FakePiece { channels, ..bells() })
}

#[test]
fn a_file_goes_to_the_control_under_it() {
    let mut desk = open();
    let file = desk.window.get_by_label("Choose…").rect().center();
    hover(&mut desk, "/music/kick.wav", file);
    assert_eq!(desk.log(), [], "it is still in the hand");
    let_go(&mut desk, "/music/kick.wav", file);
    assert_eq!(desk.log(), [Action::SetText("sample".into(), "/music/kick.wav".into())]);
    let words = desk.window.get_by_role_and_label(Role::TextInput, "words").rect().center();
    let_go(&mut desk, "/music/kick.wav", words);
    assert_eq!(desk.log(), [Action::SetText("words".into(), "/music/kick.wav".into())]);
    let_go(&mut desk, "/music/bells.csd", file);
    assert_eq!(
        desk.log(),
        [Action::SetText("sample".into(), "/music/bells.csd".into())],
        "a piece is a file too"
    );
}

#[test]
fn a_file_that_nothing_takes_does_nothing_and_a_piece_opens_anywhere_else() {
    let mut desk = open();
    let knob = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect().center();
    let_go(&mut desk, "/music/kick.wav", knob);
    assert_eq!(desk.log(), []);
    hover(&mut desk, PATH, knob);
    assert_eq!(desk.log(), []);
    let_go(&mut desk, PATH, knob);
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
    // Nothing lies there any more that lay there on another page.
    let mut desk = open();
    let file = desk.window.get_by_label("Choose…").rect().center();
    desk.press("Console");
    desk.log();
    let_go(&mut desk, "/music/kick.wav", file);
    assert_eq!(desk.log(), []);
    let_go(&mut desk, PATH, pos2(1.0, 1.0));
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
}
