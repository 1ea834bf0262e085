//! A text that is in no file does not go without a question.

use csound_performer::editor::fake::{FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use crate::desk::*;

const OTHER: &str = "/music/other.csd";
const COPY: &str = "/music/copy.csd";

fn other() -> FakePiece {
    FakePiece::csd(OTHER, "<CsoundSynthesizer>")
}

/// A desk whose text was changed, with a dialog that names a file.
fn changed() -> Desk {
    let mut desk = Desk::with_dialogs(vec![bells(), other()], [960.0, 640.0], FakeDialogs::new(COPY));
    desk.backend.act(Action::Open(PATH.into()));
    desk.steps(2);
    desk.enter_source();
    desk.write("; mine\n");
    desk.log();
    desk
}

fn text(desk: &Desk) -> String {
    desk.window.get_by_role(Role::MultilineTextInput).value().unwrap()
}

fn paste(desk: &mut Desk, path: &str) {
    desk.click("Channels");
    desk.window.event(egui::Event::Paste(path.into()));
    desk.steps(3);
}

/// A way to another text.
type Way = fn(&mut Desk);

#[test]
fn each_way_to_another_text_asks_first() {
    let ways: [(&str, Way); 4] = [
        ("a path", |desk| paste(desk, OTHER)),
        ("the menu", |desk| {
            desk.window.get_by_label_contains("bells.csd *").click();
            desk.steps(3);
            desk.press_that_says("first.csd");
        }),
        ("reload", |desk| desk.press("Reload")),
        ("a change on the disk", |desk| {
            desk.backend.write_file(PATH.as_ref(), "<CsoundSynthesizer>");
            desk.steps(3);
            desk.press("Reload it");
        }),
    ];
    for (way, go) in ways {
        let mut desk = changed();
        go(&mut desk);
        assert!(desk.shows("has changes that are not saved"), "{way}");
        desk.press("Cancel");
        assert_eq!(desk.log(), [], "{way}");
        desk.click("Source");
        assert!(text(&desk).contains("; mine"), "{way}");
    }
}

#[test]
fn an_applied_text_is_asked_for_too_and_can_be_dropped() {
    let mut desk = changed();
    desk.press("Apply");
    desk.log();
    paste(&mut desk, OTHER);
    desk.press("Do not save");
    assert_eq!(desk.log(), [Action::Open(OTHER.into())]);
    assert!(!desk.backend.file(PATH.as_ref()).unwrap().contains("; mine"));
    desk.click("Source");
    assert_eq!(text(&desk), "<CsoundSynthesizer>");
    paste(&mut desk, PATH);
    assert_eq!(desk.log(), [Action::Open(PATH.into())], "what is saved is not asked for");
}

#[test]
fn it_is_saved_before_another_takes_its_place() {
    let mut desk = changed();
    paste(&mut desk, OTHER);
    desk.press("Save");
    desk.steps(3);
    assert!(matches!(&desk.log()[..], [Action::Save(_), Action::Open(_)]));
    assert!(desk.backend.file(PATH.as_ref()).unwrap().contains("; mine"));
    assert_eq!(desk.backend.view().piece.name, "other.csd");
}

#[test]
fn a_piece_without_a_file_is_given_one_or_stays() {
    for dialogs in [FakeDialogs::new(COPY), FakeDialogs::default()] {
        let is_named = dialogs.path.is_some();
        let mut desk = Desk::with_dialogs(vec![other()], [960.0, 640.0], dialogs);
        desk.backend.act(Action::OpenShipped(0));
        desk.steps(2);
        desk.click("Source");
        desk.window.get_by_role(Role::MultilineTextInput).focus();
        desk.steps(2);
        desk.write("; mine\n");
        paste(&mut desk, OTHER);
        desk.press("Save");
        desk.steps(3);
        let name = desk.backend.view().piece.name;
        if is_named {
            assert_eq!((name.as_str(), desk.backend.file(COPY.as_ref()).is_some()), ("other.csd", true));
        } else {
            assert_eq!(name, "first.csd", "a dialog that was called off leaves all as it is");
        }
    }
}

#[test]
fn save_stands_open_while_text_and_file_differ_and_a_mark_says_so() {
    let mut desk = changed();
    assert!(desk.shows("bells.csd *"));
    desk.press("Apply");
    assert!(desk.shows("bells.csd *"), "after it is applied, too");
    desk.press("Save");
    assert!(!desk.shows("bells.csd *"));
    desk.log();
    desk.press("Save");
    assert_eq!(desk.log(), [], "there is nothing to save");
}

#[test]
fn a_file_that_another_program_wrote_is_not_written_over_without_a_question() {
    let mut desk = changed();
    desk.backend.write_file(PATH.as_ref(), "theirs");
    desk.steps(2);
    desk.press("Save");
    assert!(desk.shows("has changed on the disk"));
    desk.press("Cancel");
    assert_eq!((desk.log(), desk.backend.file(PATH.as_ref()).as_deref()), (vec![], Some("theirs")));
    desk.press("Save");
    desk.press("Save over it");
    assert!(desk.backend.file(PATH.as_ref()).unwrap().contains("; mine"));
}
