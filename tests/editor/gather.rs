//! The sheet of *Collect files*.

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;

use crate::desk::{BELLS, Desk, PATH};

fn desk(lines: &str) -> Desk {
    let text = BELLS.replace("instr 1\n", &format!("instr 1\n{lines}"));
    Desk::on(FakePiece::csd(PATH, &text))
}

fn ask(desk: &mut Desk) {
    desk.press_that_says("bells.csd");
    desk.press("Collect files…");
}

#[test]
fn what_would_be_done_is_shown_first_and_done_once_it_is_agreed_to() {
    let mut desk = desk("Sfar = \"/far/bell.wav\"\nSgone = \"gone.wav\"\n");
    ask(&mut desk);
    assert_eq!(desk.log(), [Action::Gather(None)]);
    for shown in [
        "gone.wav is not found",
        "/far/bell.wav (4 bytes), as bell.wav",
        "Nothing that is there is written over",
    ] {
        assert!(desk.shows(shown), "{shown}");
    }
    assert!(desk.backend.file(PATH.as_ref()).unwrap().contains("/far/bell.wav"));
    desk.press("Collect");
    assert!(desk.shows("1 file is copied") && desk.shows("gone.wav is not found"));
    let text = desk.backend.file(PATH.as_ref()).unwrap();
    assert!(text.contains("\"bell.wav\"") && !text.contains("/far/"), "{text}");
    desk.press("Close");
    assert!(desk.backend.view().gathering.is_none() && !desk.shows("is copied"));
    ask(&mut desk);
    assert!(desk.shows("there is nothing to collect") && !desk.has_button("Collect"));
}

#[test]
fn a_text_that_is_being_edited_is_saved_first() {
    let mut desk = desk("Sfar = \"/far/bell.wav\"\n");
    desk.enter_source();
    desk.write("x");
    ask(&mut desk);
    assert!(desk.shows(NOT_SAVED));
    desk.press("Cancel");
    assert!(desk.backend.view().gathering.is_none());
}
