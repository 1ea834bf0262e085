//! Pieces are opened, edited, trusted; what the backend says of them is shown.

use std::path::PathBuf;
use std::sync::Arc;

use csound_performer::editor::fake::{FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use csound_performer::permission::Permission;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use crate::desk::*;

#[test]
fn a_piece_is_opened_from_the_dialog_and_from_a_drop() {
    let mut desk = Desk::new(vec![bells()], [960.0, 640.0]);
    assert!(desk.shows("No piece"));
    desk.window.get_by_label_contains("Choose a piece").click();
    desk.steps(3);
    desk.press("Open…");
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
    assert!(desk.shows("bells.csd") && desk.shows("Playing"));

    for name in ["/music/photo.png", "/music/drums.CSD"] {
        desk.window.input_mut().dropped_files.push(Arc::new(Dropped(name.into())));
        desk.steps(2);
    }
    assert_eq!(desk.log(), [Action::Open("/music/drums.CSD".into())]);
    assert!(desk.shows("That could not be done") && desk.shows("could not be read"));
}

#[test]
fn a_pasted_path_opens_a_piece_but_not_where_text_is_typed() {
    let mut desk = Desk::new(vec![bells()], [960.0, 640.0]);
    desk.window.event(egui::Event::Paste(format!("file://{PATH}\n")));
    desk.steps(2);
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
    desk.enter_source();
    desk.log();
    desk.window.event(egui::Event::Paste(PATH.into()));
    desk.steps(2);
    assert_eq!(desk.log(), []);
}

#[test]
fn a_changed_text_is_applied_and_the_old_one_comes_back_by_reload() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk.write("  k1 init 1\n");
    desk.press("Apply");
    let log = desk.log();
    let [Action::Apply(texts)] = &log[..] else { panic!("{log:?}") };
    assert!(texts[0].contains("instr 1\n  k1 init 1\n  a1"), "{}", texts[0]);
    assert!(desk.shows("not saved"));
    desk.press("Reload");
    desk.press("Drop the changes");
    assert_eq!(desk.log(), [Action::Reload]);
    assert_eq!(desk.backend.view().source.files[0].text, BELLS);
    let shown = desk.window.get_by_role(Role::MultilineTextInput).value().unwrap();
    assert_eq!(shown, BELLS);
}

#[test]
fn an_error_is_shown_at_its_line_and_what_plays_plays_on() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk.write("  broken\n");
    desk.key(APPLY, Key::Enter);
    desk.steps(2);
    assert!(matches!(desk.log()[..], [Action::Apply(_)]));
    assert!(desk.shows("Line 4: syntax error"));
    assert!(desk.window.query_by_label("Error in line 4").is_some());
    assert!(desk.shows("Playing") && desk.shows("what played before plays on"));
    let text = desk.window.get_by_role(Role::MultilineTextInput).value().unwrap();
    assert!(text.contains("broken"), "the text stays as it was typed");
    // The console's line leads there too.
    desk.click("Console");
    desk.window.get_by_label_contains("error: syntax").click();
    desk.steps(3);
    assert!(desk.window.query_by_label("Error in line 4").is_some());
    assert!(desk.window.get_by_role(Role::MultilineTextInput).is_focused());
}

#[test]
fn a_draft_outlives_the_window_and_comes_with_the_session() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk.write("; mine\n");
    desk.click("Channels");
    let draft = desk.backend.remembered().draft.expect("a draft is remembered");
    assert!(draft[0].contains("; mine"));
    let state = EditorState { draft: Some(draft.clone()), tab: Tab::Source, ..EditorState::default() };
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| view.saved = Saved { generation: 2, state: Arc::new(state) });
    desk.steps(3);
    assert_eq!(desk.window.get_by_role(Role::MultilineTextInput).value().as_ref(), Some(&draft[0]));
}

#[test]
fn a_draft_is_not_carried_to_another_piece() {
    let other = FakePiece::csd("/music/other.csd", "<CsoundSynthesizer>");
    let mut desk = Desk::new(vec![bells(), other], [960.0, 640.0]);
    desk.backend.act(Action::Open(PATH.into()));
    // A piece brings the line of its presets, which moves what is below.
    desk.steps(2);
    desk.enter_source();
    desk.write("; mine\n");
    desk.click("Channels");
    desk.backend.act(Action::Open("/music/other.csd".into()));
    desk.steps(2);
    assert_eq!(desk.backend.remembered().draft, None);
    desk.click("Source");
    assert_eq!(desk.window.get_by_role(Role::MultilineTextInput).value().unwrap(), "<CsoundSynthesizer>");
}

#[test]
fn a_folder_is_asked_for_and_allowed() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| {
        view.isolation.asks_to_read = Some("/srv/song".into());
    });
    desk.steps(2);
    assert!(desk.shows("May this piece read the folder /srv/song?"));
    desk.press("Allow folder");
    assert_eq!(desk.log(), [Action::Permit(Permission::Read("/srv/song".into()))]);
    assert!(!desk.shows("May this piece read"));
}

fn shown(permission: Permission, granted: bool) -> PermissionView {
    PermissionView { permission, granted, wanted_by: None, unavailable: None }
}

#[test]
fn permissions_are_given_and_taken_back_one_by_one_on_the_shields_sheet() {
    let mut desk = Desk::on(bells());
    let song = PathBuf::from("/srv/song");
    let machine =
        PermissionView { wanted_by: Some("OSCsend".into()), ..shown(Permission::MachineNetwork, false) };
    let any = PermissionView {
        unavailable: Some("Not on this system.".into()),
        ..shown(Permission::AnyNetwork, false)
    };
    desk.backend.change(|view| {
        let read = shown(Permission::Read(song.clone()), true);
        let write = shown(Permission::Write(song.clone()), false);
        view.isolation.permissions = [read, write, machine, any].into();
    });
    desk.steps(2);
    desk.press("Confined: this piece can harm nothing");
    assert!(desk.shows("The piece names OSCsend, which needs this."));
    assert!(desk.shows("Not on this system."));
    desk.click("talk to programs on this machine");
    desk.click("write files into /srv/song");
    desk.click("read /srv/song");
    desk.click("talk to anybody over the network");
    let given = [
        Action::Permit(Permission::MachineNetwork),
        Action::Permit(Permission::Write(song.clone())),
        Action::Revoke(Permission::Read(song)),
    ];
    assert_eq!(desk.log(), given, "what is not offered cannot be given");
    desk.click("talk to programs on this machine");
    assert_eq!(desk.log(), [Action::Revoke(Permission::MachineNetwork)]);
    desk.press("Trust this piece");
    desk.press("Trust no longer");
    assert_eq!(desk.log(), [Action::Trust, Action::Untrust]);
    assert!(!desk.backend.view().isolation.trusted);
}

#[test]
fn a_piece_that_cannot_be_trusted_says_why() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| view.isolation.untrustable = Some("a.inc is not there".into()));
    desk.steps(2);
    desk.press("Confined: this piece can harm nothing");
    assert!(desk.shows("a.inc is not there"));
    desk.press("Trust this piece");
    assert_eq!(desk.log(), []);
}

#[test]
fn a_file_changed_on_the_disk_is_offered() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| view.piece.changed_on_disk = true);
    desk.click("Source");
    desk.click("Always, by itself");
    desk.press("Reload it");
    assert_eq!(desk.log(), [Action::ReloadByItself(true), Action::Reload]);
    assert!(!desk.shows("has changed on the disk"));
}

#[test]
fn what_is_wrong_with_a_piece_that_plays_is_told_with_a_way_out() {
    let mut desk = Desk::on(bells());
    let text = "Line 4: gone.wav was not found for diskin2";
    let fault = Fault { kind: FaultKind::Missing, line: Some(4), text: text.into() };
    desk.backend.change(|view| view.piece.faults = [fault].into());
    desk.steps(2);
    assert!(desk.shows("Playing, with errors") && desk.shows("Something is missing") && desk.shows(text));
    desk.press("Allow folder…");
    assert_eq!(desk.log(), [Action::Permit(Permission::Read(PATH.into()))]);
    desk.press("Show");
    assert!(desk.window.query_by_role(Role::MultilineTextInput).is_some(), "its line");
    desk.backend.change(|view| {
        let text = "cannot open gone.wav".into();
        view.console.push(Line { importance: Importance::Error, text, ..Line::default() });
    });
    desk.steps(2);
    let tab = |desk: &Desk, name: &str| desk.window.get_by_role_and_label(Role::Button, name).rect();
    let badge = tab(&desk, "1 unseen warning or error");
    assert!(
        badge.left() < tab(&desk, "Console").right() && badge.right() < tab(&desk, "Settings").left() + 10.0
    );
    desk.press("1 unseen warning or error");
    assert!(!desk.shows("unseen") && desk.shows("cannot open gone.wav"));
}

#[test]
fn where_there_is_no_file_dialog_it_is_said_and_a_path_can_be_typed() {
    let dialogs = FakeDialogs::missing();
    let mut desk = Desk::with_dialogs(vec![bells()], [960.0, 640.0], dialogs);
    desk.window.get_by_label_contains("Choose a piece").click();
    desk.steps(3);
    desk.press("Open…");
    assert!(desk.shows("no file dialog could be opened"));
    assert!(
        matches!(&desk.log()[..], [Action::Report(why)] if why.contains("Open a piece")),
        "on the console, too"
    );
    desk.steps(2);
    desk.write("wrong");
    let value = desk.window.get_by_role_and_label(Role::TextInput, "Path").value();
    assert_eq!(value.as_deref(), Some("wrong"), "what is typed comes into it at once");
    for (typed, is_whole) in [("bells.csd", false), (PATH, true)] {
        desk.window.get_by_label("Path").focus();
        desk.steps(2);
        desk.key(CONTROL, Key::A);
        desk.write(typed);
        desk.press("OK");
        assert_eq!(desk.shows("That is no whole path"), !is_whole, "{typed}");
    }
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
}
