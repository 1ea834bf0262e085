//! What was typed and not saved when a program broke off.

#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
#[cfg(target_os = "linux")]
use test_host::testing::alone_with;

#[cfg(target_os = "linux")]
use crate::backend_bench::{Bench, level, write};
use crate::desk::*;

const TYPED: &str = "<CsoundSynthesizer>\n; typed\n";

/// A desk on a piece of which something was left.
fn desk() -> Desk {
    let part = FakePiece::csd("/music/part.orc", "; part\n");
    let mut desk = Desk::new(vec![bells(), part], [960.0, 640.0]);
    desk.open(PATH.as_ref());
    desk.backend.change(|view| {
        view.draft = Some(Arc::new(LeftDraft {
            when: "3 May 2031, 12:30".into(),
            texts: vec![TYPED.into()],
            beside: vec![("part.orc".into(), "; part, typed\n".into())],
        }));
    });
    desk.steps(2);
    desk
}

fn text(desk: &Desk) -> String {
    desk.window.get_by_role(Role::MultilineTextInput).value().unwrap()
}

#[test]
fn it_is_offered_and_taken_without_being_performed_or_saved_and_can_be_taken_back() {
    let mut desk = desk();
    assert!(desk.shows("A text of this piece was typed and not saved") && desk.shows("3 May 2031, 12:30"));
    desk.press("Take it");
    desk.steps(4);
    assert_eq!(desk.log(), [Action::TakeDraft, Action::OpenText("part.orc".into())]);
    assert!(!desk.shows("was typed and not saved"));
    assert_eq!(text(&desk), TYPED);
    assert!(desk.shows("bells.csd *") && desk.shows("part.orc *"));
    assert_eq!(desk.backend.file(PATH.as_ref()).unwrap(), BELLS);
    assert_eq!(desk.backend.remembered().draft, Some(vec![TYPED.to_owned()]));
    desk.window.get_by_role(Role::MultilineTextInput).focus();
    desk.steps(2);
    desk.key(CONTROL, Key::Z);
    assert_eq!(text(&desk), BELLS, "what stood there before comes back");
    desk.click("part.orc *");
    assert_eq!(text(&desk), "; part, typed\n");
    desk.press("Save");
    assert!(desk.shows("The file of part.orc has changed on the disk"), "nobody knows what it was made of");
}

#[test]
fn one_with_other_texts_than_the_piece_has_is_not_taken() {
    let mut desk = desk();
    desk.backend.change(|view| {
        let texts = vec![TYPED.into(), "i 1 0 1\n".into()];
        view.draft = Some(Arc::new(LeftDraft { texts, ..LeftDraft::default() }));
    });
    desk.steps(2);
    let take = desk.window.get_by_role_and_label(Role::Button, "Take it");
    assert!(take.accesskit_node().is_disabled());
}

#[test]
fn it_is_dropped_and_the_text_stays() {
    let mut desk = desk();
    desk.press("Drop it");
    assert_eq!(desk.log(), [Action::DropDraft]);
    assert!(!desk.shows("was typed and not saved"));
    desk.click("Source");
    assert_eq!(text(&desk), BELLS);
}

#[test]
fn the_text_in_front_goes_to_the_user_s_own_editor_once_it_is_saved() {
    let mut desk = desk();
    desk.press("Drop it");
    desk.enter_source();
    desk.log();
    desk.press("Own editor");
    assert_eq!(desk.log(), [Action::EditOutside(None), Action::ReloadByItself(true)]);
    desk.enter_source();
    desk.write("; mine\n");
    let is_off = |desk: &Desk| {
        desk.window.get_by_role_and_label(Role::Button, "Own editor").accesskit_node().is_disabled()
    };
    assert!(is_off(&desk), "the file is not what is seen here");
    desk.press("Files");
    desk.press("part.orc");
    desk.steps(3);
    assert!(!is_off(&desk), "{:?}", desk.backend.remembered().open_texts);
    desk.log();
    desk.press("Own editor");
    assert_eq!(desk.log(), [Action::EditOutside(Some("part.orc".into()))]);
}

/// The drafts that are kept below a folder: each folder with what was typed.
#[cfg(target_os = "linux")]
fn kept(drafts: &Path) -> Vec<(PathBuf, String)> {
    let folders = std::fs::read_dir(drafts).into_iter().flatten().flatten().map(|entry| entry.path());
    let read =
        |folder: PathBuf| Some((folder.clone(), std::fs::read_to_string(folder.join("draft.json")).ok()?));
    folders.filter_map(read).collect()
}

#[cfg(target_os = "linux")]
fn remember(bench: &Bench, draft: Option<&str>) {
    let draft = draft.map(|text| vec![text.to_owned()]);
    bench.desk.act(Action::Remember(Box::new(EditorState { draft, ..EditorState::default() })));
}

#[cfg(target_os = "linux")]
fn opened(path: &Path) -> Bench {
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path.to_owned()));
    bench.until("it plays", |view, _| view.state == State::Playing);
    bench
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_typed_outlives_a_host_that_breaks_off_and_no_other() {
    const STATE: &str = "XDG_STATE_HOME";
    if crate::common::libcsound_is_missing() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let environment = [("XDG_CONFIG_HOME", home.path().as_os_str()), (STATE, home.path().as_os_str())];
    if !alone_with("drafts::what_is_typed_outlives_a_host_that_breaks_off_and_no_other", &environment) {
        return;
    }
    let drafts = PathBuf::from(std::env::var_os(STATE).unwrap()).join("csound-performer/drafts");
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "piece.csd", &level("0.25"));
    let other = write(folder.path(), "other.csd", &level("0.5"));
    let mut bench = opened(&path);
    remember(&bench, Some("typed"));
    bench.until("it is kept", |_, _| kept(&drafts).iter().any(|(_, text)| text.contains("typed")));
    // As a host leaves it that breaks off: the lock is gone with its process.
    let (live, text) = kept(&drafts).remove(0);
    let left = drafts.join("left");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("lock"), "").unwrap();
    std::fs::write(left.join("draft.json"), text).unwrap();
    remember(&bench, None);
    bench.until("once it is saved nothing is kept", |_, _| {
        kept(&drafts).iter().all(|(folder, _)| *folder != live)
    });
    remember(&bench, Some("of the end"));
    bench.until("it is kept", |_, _| kept(&drafts).len() == 2);
    drop(bench);
    assert_eq!(kept(&drafts).len(), 1, "an instance that ends leaves nothing");

    let mut bench = opened(&other);
    bench.until("it was looked", |_, _| kept(&drafts).len() == 1);
    assert_eq!(bench.view.draft, None, "it is another piece's");
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it is offered", |view, _| view.draft.is_some());
    assert_eq!(bench.view.draft.as_ref().unwrap().texts, ["typed"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), level("0.25"), "the file is as it was");
    bench.desk.act(Action::TakeDraft);
    bench.until("it is taken", |view, _| view.draft.is_none());
    assert!(left.is_dir(), "it stays until it is kept again");
    remember(&bench, Some("typed"));
    bench.until("it is kept for this one", |_, _| !left.exists() && kept(&drafts).len() == 1);
}
