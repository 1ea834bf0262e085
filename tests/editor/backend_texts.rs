//! Texts and their files over a running instance.

use csound_performer::editor::model::{Action, Backend, EditorState, State};

use crate::backend_bench::*;
use crate::common::csd;

/// A piece whose sound tells how often it was started: its level grows while it plays.
fn ramp(level: &str) -> String {
    let body = format!("instr 1\na1 line 0, 100, 1\nouts a1 * {level}, a1\nendin\n");
    csd("", HEADER, &body, "i 1 0 1000")
}

#[test]
fn saving_what_performs_touches_only_the_file() {
    if !alone("backend_texts::saving_what_performs_touches_only_the_file") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "ramp.csd", &ramp("0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, _| view.state == State::Playing && !view.source.saved.is_empty());
    bench.desk.act(Action::Apply(vec![ramp("0.5")]));
    bench.until("the new text plays", |view, _| view.source.answered == 1 && view.transport.time > 0.5);
    assert!(bench.view.source.unsaved);

    let copy = folder.path().join("copy.csd");
    for action in [Action::Save(vec![ramp("0.5")]), Action::SaveAs(copy.clone(), vec![ramp("0.5")])] {
        let name = if matches!(action, Action::Save(_)) { "ramp.csd" } else { "copy.csd" };
        let before = std::cell::Cell::new(bench.play()[511]);
        let goes_on = |heard: &[f32]| {
            assert!(heard[0] >= before.get() && heard[511] >= heard[0], "{before:?} {}", heard[0]);
            before.set(heard[511]);
        };
        bench.desk.act(action);
        bench.until("it is saved, and the music goes on", |view, heard| {
            goes_on(heard);
            assert_ne!(view.state, State::Loading);
            !view.source.unsaved && *view.source.saved == [ramp("0.5")] && view.piece.name == name
        });
        for _ in 0..20 {
            goes_on(&bench.play());
        }
    }
    let text = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    assert_eq!((text(&path), text(&copy)), (ramp("0.5"), ramp("0.5")));
    assert_eq!(bench.view.piece.path, Some(copy));
    bench.desk.act(Action::Save(vec![ramp("0.75")]));
    bench.until("another text is performed", |view, _| {
        view.state == State::Playing && view.transport.time < 0.3 && view.source.files[0].text == ramp("0.75")
    });
}

#[test]
fn a_packed_piece_is_another_one_than_the_one_beside_it() {
    if !alone("backend_texts::a_packed_piece_is_another_one_than_the_one_beside_it") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let beside = write(folder.path(), "a.csd", &level("0.5"));
    let path = folder.path().join("a.csd.gz");
    let mut packer =
        flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, level("0.25").as_bytes()).unwrap();
    packer.finish().unwrap();
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    let plays = |bench: &mut Bench, what: &str| {
        bench.until(what, |view, heard| view.state == State::Playing && heard[511] == 0.25);
        assert_eq!(bench.view.piece.path, None, "{what}: Save asks for a file");
    };
    plays(&mut bench, "it is opened");
    let session = bench.link.save();
    for loads in [false, true] {
        if loads {
            bench.link.load(&session);
            plays(&mut bench, "its project is loaded");
        }
        bench.desk.act(Action::Reload);
        bench.desk.act(Action::Save(vec![level("0.75")]));
        bench.until("it is refused", |view, _| view.refused.is_some());
        bench.link.wait_built();
        plays(&mut bench, "it is read again");
        assert_eq!(std::fs::read_to_string(&beside).unwrap(), level("0.5"));
    }
}

/// What is heard after a while in which another piece would have been started.
fn later(bench: &mut Bench) -> f32 {
    for _ in 0..50 {
        bench.play();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    bench.desk.fill(&mut bench.view);
    bench.play()[511]
}

#[test]
fn a_file_that_is_read_again_by_itself_leaves_a_text_that_is_not_saved() {
    if !alone("backend_texts::a_file_that_is_read_again_by_itself_leaves_a_text_that_is_not_saved") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "level.csd", &level("0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.desk.act(Action::ReloadByItself(true));
    bench.desk.act(Action::Apply(vec![level("0.5")]));
    bench.until("the new text plays", |view, heard| view.source.unsaved && heard[511] == 0.5);
    write(folder.path(), "level.csd", &level("0.125"));
    bench.until("the change is offered", |view, _| view.piece.changed_on_disk);
    assert_eq!((later(&mut bench), bench.view.source.unsaved), (0.5, true));
    bench.desk.act(Action::Reload);
    bench.until("it is taken when it is asked for", |_, heard| heard[511] == 0.125);

    let draft = Some(vec![level("0.75")]);
    let state = EditorState { draft, reload_by_itself: true, ..EditorState::default() };
    bench.desk.act(Action::Remember(Box::new(state)));
    write(folder.path(), "level.csd", &level("0.375"));
    bench.until("a draft is kept as well", |view, _| view.piece.changed_on_disk);
    assert_eq!(later(&mut bench), 0.125);
}
