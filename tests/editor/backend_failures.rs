//! What could not be done is said where it was asked for and on the console, over a running instance; recordings too.

use csound_performer::editor::model::{Action, Backend, Importance, Question, Setting, State, View};

use crate::backend_bench::*;

fn is_on_the_console(view: &View, words: &str) -> bool {
    view.console.lines().any(|line| line.importance == Importance::Error && line.text.contains(words))
}

fn playing(folder: &std::path::Path) -> Bench {
    let path = write(folder, "level.csd", &level("0.25"));
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench
}

#[test]
fn each_failure_is_told_where_it_was_asked_for_and_on_the_console() {
    if !alone("backend_failures::each_failure_is_told_where_it_was_asked_for_and_on_the_console") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = playing(folder.path());
    for (action, words) in [
        (Action::Open("/no such folder/a.csd".into()), "/no such folder/a.csd"),
        (Action::SaveAs("/proc/a.csd".into(), vec![level("0.5")]), "/proc/a.csd cannot be written"),
        (Action::SaveAs(folder.path().join("a.txt"), vec![level("0.5")]), "a.txt is no piece"),
        (Action::Record(true), "choose a folder"),
    ] {
        bench.desk.act(action);
        bench.until(words, |view, _| {
            view.refused.as_ref().is_some_and(|why| why.contains(words)) && is_on_the_console(view, words)
        });
    }
    bench.desk.act(Action::SetSlot(4, "i 1 0 [1+".into()));
    bench.until("a slot's line stays, with its error", |view, _| {
        view.slots[4].text == "i 1 0 [1+"
            && view.slots[4].error.is_some()
            && is_on_the_console(view, "slot 5: ")
    });
    bench.desk.act(Action::SendOrchestra("instr 8\nk1 = 1 +\nendin".into()));
    bench.until("code, too", |view, _| {
        view.reply.as_ref().is_some_and(|reply| reply.error.is_some())
            && is_on_the_console(view, "syntax error")
    });
    assert_eq!(bench.play()[511], 0.25, "what plays plays on");
}

#[test]
fn a_recording_that_is_asked_for_before_it_can_be_made_begins_when_it_can() {
    if !alone("backend_failures::a_recording_that_is_asked_for_before_it_can_be_made_begins_when_it_can") {
        return;
    }
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "level.csd", &level("0.25"));
        let mut bench = Bench::new();
        bench.open_window();
        bench.desk.act(Action::Open(path));
        for action in Question::RecordInto.answered(folder.path().to_owned()) {
            bench.desk.act(action);
        }
        bench.until("it records", |view, _| view.recording.active && view.recording.seconds > 0.1);
        assert!(bench.params.record.value());
        bench.desk.act(Action::Record(false));
        bench.until("it is done", |view, _| !view.recording.active && view.recording.error.is_none());
        bench.desk.act(Action::Record(true));
        bench.until("and once more", |view, _| view.recording.active);
    }
}

#[test]
fn a_recording_that_cannot_be_made_is_told_and_the_parameter_goes_back() {
    if !alone("backend_failures::a_recording_that_cannot_be_made_is_told_and_the_parameter_goes_back") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = playing(folder.path());
    bench.set_in_host(|params| &params.record, true);
    bench.until("without a folder", |view, _| {
        view.refused.as_ref().is_some_and(|why| why.contains("choose a folder"))
            && is_on_the_console(view, "choose a folder")
    });
    bench.until("it goes back", |_, _| true);
    assert!(!bench.params.record.value());
    for action in Question::RecordInto.answered("/proc/nowhere".into()) {
        bench.desk.act(action);
    }
    bench.until("into a folder that cannot be written", |view, _| {
        view.refused.as_ref().is_some_and(|why| why.contains("/proc/nowhere"))
    });
    bench.until("it goes back, and the next press asks for another one", |view, _| {
        !view.recording.active && view.recording.folder.is_none()
    });
    assert!(!bench.params.record.value());
    for action in Question::RecordInto.answered(folder.path().to_owned()) {
        bench.desk.act(action);
    }
    bench.until("the button is not dead", |view, _| view.recording.active && view.recording.seconds > 0.0);
}

#[test]
fn only_the_windows_thread_tells_the_host() {
    if !alone("backend_failures::only_the_windows_thread_tells_the_host") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = playing(folder.path());
    let text = format!("; csound-performer: note_mode=score\n{}", level("0.5"));
    bench.desk.act(Action::Open(write(folder.path(), "wish.csd", &text)));
    let mode = |bench: &Bench| bench.view.settings.of(Setting::NoteMode);
    for _ in 0..500 {
        // As the thread does that looks whether a frame is needed.
        bench.desk.fill(&mut bench.view);
        if bench.view.owes_host {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    bench.desk.fill(&mut bench.view);
    assert!(bench.view.owes_host && mode(&bench) == 0.0);
    bench.desk.follow();
    bench.desk.fill(&mut bench.view);
    assert!(!bench.view.owes_host && mode(&bench) == 1.0);
}

#[test]
fn code_that_waits_for_a_host_which_performs_nothing_says_so_and_is_carried_out_later() {
    if !alone(
        "backend_failures::code_that_waits_for_a_host_which_performs_nothing_says_so_and_is_carried_out_later",
    ) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = playing(folder.path());
    bench.desk.act(Action::Evaluate("return 7".into()));
    let began = std::time::Instant::now();
    let waits = |view: &View| {
        let error = view.reply.as_ref().and_then(|reply| reply.error.as_ref());
        error.is_some_and(|error| error.contains("does not process audio"))
    };
    while !waits(&bench.view) {
        assert!(began.elapsed() < std::time::Duration::from_secs(40), "{:?}", bench.view.reply);
        std::thread::sleep(std::time::Duration::from_millis(20));
        bench.desk.fill(&mut bench.view);
    }
    bench.until("it is carried out", |view, _| {
        view.reply.as_ref().is_some_and(|reply| reply.value == Some(7.0) && reply.error.is_none())
    });
}
