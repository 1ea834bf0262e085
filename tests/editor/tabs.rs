//! The texts of the piece's folder, as tabs beside its own.

use csound_performer::editor::fake::{FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::desk::*;

const PART: &str = "opcode Wobble, a, k\n  kin xin\n  xout a(kin)\nendop\n";
const PATH_OF_PART: &str = "/music/part.orc";

fn piece() -> FakePiece {
    FakePiece::csd(PATH, &BELLS.replace("instr 1\n", "#include \"part.orc\"\ninstr 1\n"))
}

fn part() -> FakePiece {
    FakePiece::csd(PATH_OF_PART, PART)
}

/// A desk in the source of a piece that includes a text, with another one and another piece beside it.
fn desk() -> Desk {
    let other = FakePiece::csd("/other/other.csd", "<CsoundSynthesizer>");
    let notes = FakePiece::csd("/music/notes.sco", "i 1 0 1\n");
    let mut desk = Desk::with_dialogs(
        vec![piece(), part(), notes, other],
        [960.0, 640.0],
        FakeDialogs::new("/other/copy.csd"),
    );
    desk.open(PATH.as_ref());
    desk.enter_source();
    desk.log();
    desk
}

/// The same with the included text open, in front and in the focus.
fn with_part() -> Desk {
    let mut desk = desk();
    desk.press("Files");
    desk.press("part.orc");
    desk.window.get_by_role(Role::MultilineTextInput).focus();
    desk.steps(2);
    desk.key(CONTROL, Key::Home);
    desk.log();
    desk
}

fn text(desk: &Desk) -> String {
    desk.window.get_by_role(Role::MultilineTextInput).value().unwrap()
}

fn file(desk: &Desk) -> String {
    desk.backend.file(PATH_OF_PART.as_ref()).unwrap()
}

/// A question stands below the bar or the notice that says the same.
fn press_lowest(desk: &mut Desk, label: &str) {
    let buttons = desk.window.get_all_by_role_and_label(Role::Button, label);
    let lowest = buttons.max_by(|one, other| one.rect().center().y.total_cmp(&other.rect().center().y));
    lowest.unwrap().click();
    desk.steps(3);
}

fn remembered(desk: &Desk) -> Vec<OpenText> {
    desk.backend.remembered().open_texts
}

#[test]
fn a_text_of_the_folder_is_opened_changed_and_saved_and_the_piece_s_own_stays() {
    let mut desk = desk();
    let own = text(&desk);
    desk.press("Files");
    assert_eq!(desk.log(), [Action::LookAtFolder]);
    assert!(desk.has_button("part.orc") && desk.has_button("notes.sco") && !desk.has_button("bells.csd"));
    desk.press("part.orc");
    assert_eq!(desk.log(), [Action::OpenText("part.orc".into())]);
    assert_eq!(text(&desk), PART);
    desk.window.get_by_role(Role::MultilineTextInput).focus();
    desk.steps(2);
    desk.key(CONTROL, Key::Home);
    desk.write("; mine\n");
    assert!(desk.shows("part.orc *") && desk.shows("bells.csd *"), "it is told");
    assert!(desk.window.get_by_role_and_label(Role::Button, "Apply").accesskit_node().is_disabled());
    desk.key(CONTROL, Key::S);
    assert_eq!(file(&desk), format!("; mine\n{PART}"));
    assert!(!desk.shows("part.orc *") && !desk.shows("bells.csd *"));
    desk.key(CONTROL, Key::PageDown);
    desk.steps(2);
    assert_eq!(text(&desk), own);
    desk.key(CONTROL, Key::PageUp);
    desk.steps(2);
    assert!(text(&desk).starts_with("; mine"));
    desk.press("Close part.orc");
    assert_eq!(text(&desk), own);
    assert_eq!(desk.backend.file(PATH.as_ref()).unwrap(), own);
}

#[test]
fn what_is_not_saved_is_asked_for_before_it_is_closed() {
    let mut desk = with_part();
    desk.write("; mine\n");
    desk.press("Close part.orc");
    assert!(desk.shows("part.orc has changes that are not saved"));
    desk.press("Cancel");
    assert_eq!(desk.log(), []);
    assert!(text(&desk).starts_with("; mine"));
    desk.press("Close part.orc");
    press_lowest(&mut desk, "Save");
    assert!(file(&desk).starts_with("; mine"));
    assert!(matches!(&desk.log()[..], [Action::SaveText { .. }, Action::CloseText(_)]));
    let mut desk = with_part();
    desk.write("; mine\n");
    desk.press("Close part.orc");
    desk.press("Do not save");
    assert_eq!(desk.log(), [Action::CloseText("part.orc".into())]);
    assert_eq!(file(&desk), PART);
    assert!(!desk.shows("; mine"));
}

#[test]
fn another_piece_asks_for_the_texts_of_the_folder_too_and_saves_them() {
    let mut desk = with_part();
    desk.write("; mine\n");
    desk.click("Channels");
    desk.window.event(egui::Event::Paste("/other/other.csd".into()));
    desk.steps(3);
    assert!(desk.shows("part.orc has changes that are not saved"));
    desk.press("Save");
    desk.steps(3);
    assert!(matches!(&desk.log()[..], [Action::SaveText { .. }, Action::Open(_)]));
    assert!(file(&desk).starts_with("; mine"));
    desk.click("Source");
    assert_eq!(text(&desk), "<CsoundSynthesizer>");
    assert!(!desk.has_button("Close part.orc"), "the texts of the other folder are closed");
}

#[test]
fn saving_the_piece_into_another_folder_asks_for_the_texts_of_this_one() {
    let mut desk = with_part();
    desk.write("; mine\n");
    desk.press("Save as…");
    assert!(desk.shows("Texts of the piece's folder have changes that are not saved: part.orc"));
    desk.press("Save them");
    desk.steps(3);
    assert!(matches!(&desk.log()[..], [Action::SaveText { .. }, Action::SaveAs(..)]));
    assert!(file(&desk).starts_with("; mine"));
}

#[test]
fn what_another_program_has_written_is_taken_or_asked_for_before_it_is_written_over() {
    let mut desk = with_part();
    desk.backend.write_file(PATH_OF_PART.as_ref(), "; theirs\n");
    desk.steps(3);
    assert_eq!(text(&desk), "; theirs\n", "nothing was typed: it is read again");
    desk.write("; mine\n");
    desk.backend.write_file(PATH_OF_PART.as_ref(), "; theirs, later\n");
    desk.steps(3);
    assert!(text(&desk).contains("; mine"), "what was typed stays");
    assert!(desk.shows("The file of part.orc holds something else"));
    desk.key(CONTROL, Key::S);
    assert!(desk.shows("The file of part.orc has changed on the disk"));
    assert_eq!(file(&desk), "; theirs, later\n");
    desk.press("Cancel");
    assert_eq!(file(&desk), "; theirs, later\n");
    desk.key(CONTROL, Key::S);
    press_lowest(&mut desk, "Save over it");
    assert!(file(&desk).contains("; mine"));
    assert!(!desk.shows("holds something else"));
    desk.window.get_by_role(Role::MultilineTextInput).focus();
    desk.steps(2);
    desk.write("; again\n");
    desk.backend.write_file(PATH_OF_PART.as_ref(), "; theirs, last\n");
    desk.steps(3);
    desk.press("Take the file");
    assert_eq!(text(&desk), "; theirs, last\n");
}

#[test]
fn definitions_and_completion_reach_into_the_texts_of_the_folder() {
    let mut desk = desk();
    desk.write("\n");
    desk.key(Modifiers::NONE, Key::ArrowUp);
    desk.write("Wobble");
    assert!(!desk.has_button("Close part.orc"));
    desk.key(Modifiers::NONE, Key::F12);
    desk.steps(2);
    assert_eq!(desk.log(), [Action::OpenText("part.orc".into())], "it is opened where the name is defined");
    assert_eq!(text(&desk), PART);
    let mut desk = self::desk();
    desk.write("\n");
    desk.key(Modifiers::NONE, Key::ArrowUp);
    desk.write("Wob");
    desk.key(CONTROL, Key::Space);
    assert!(desk.shows("Wobble"), "it is offered, be the text open or not");
}

#[test]
fn a_session_keeps_what_is_open_and_what_was_typed() {
    let mut desk = with_part();
    desk.write("; mine\n");
    let kept = remembered(&desk);
    assert_eq!((kept.len(), kept[0].name.as_str()), (1, "part.orc"));
    assert_eq!(kept[0].draft.as_deref(), Some(&*format!("; mine\n{PART}")));
    // Once with the file as it was, once with another one.
    for theirs in [PART, "; theirs\n"] {
        let mut desk = self::desk();
        desk.backend.write_file(PATH_OF_PART.as_ref(), theirs);
        let open_texts = kept.clone();
        desk.backend.change(|view| {
            view.saved.generation += 1;
            view.saved.state = EditorState { open_texts, tab: Tab::Source, ..EditorState::default() }.into();
            view.source.generation += 1;
        });
        desk.steps(4);
        desk.click("part.orc *");
        assert_eq!(text(&desk), format!("; mine\n{PART}"));
        assert_eq!(desk.shows("The file of part.orc holds something else"), theirs != PART);
        assert_eq!(remembered(&desk).first().map(|text| text.draft.is_some()), Some(true));
    }
}

#[test]
fn what_a_session_has_of_a_text_that_is_not_there_is_not_dropped_unasked() {
    let mut desk = desk();
    let ghost = OpenText { name: "ghost.orc".into(), draft: Some("; mine\n".into()), of: String::new() };
    desk.backend.change(|view| {
        view.saved.generation += 1;
        let open_texts = vec![ghost.clone()];
        view.saved.state = EditorState { open_texts, tab: Tab::Source, ..EditorState::default() }.into();
        view.source.generation += 1;
    });
    desk.steps(4);
    desk.click("Channels");
    desk.log();
    desk.window.event(egui::Event::Paste("/other/other.csd".into()));
    desk.steps(3);
    assert!(desk.shows("ghost.orc has changes that are not saved"));
    desk.press("Cancel");
    assert_eq!(desk.log(), []);
    assert_eq!(remembered(&desk), [ghost]);
    desk.window.event(egui::Event::Paste("/other/other.csd".into()));
    desk.steps(3);
    desk.press("Do not save");
    assert_eq!(desk.log(), [Action::Open("/other/other.csd".into())]);
    desk.steps(3);
    assert_eq!(remembered(&desk), []);
}
