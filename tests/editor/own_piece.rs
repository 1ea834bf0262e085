//! The editor's backend over an instance of an exported piece.

use std::sync::Arc;

use csound_export::Manifest;
use csound_performer::editor::model::*;
use csound_performer::identity::Exported;
use csound_performer::plugin::shared::link::Link;
use tempfile::TempDir;

use crate::backend_bench::*;
use crate::common::csd;

const MANIFEST: &str = r#"{ "csound_performer_export": 1, "name": "Bells", "id": "org.example.bells",
    "kind": "instrument", "piece": "bells.csd", "version": "1.0" }"#;

/// An instance of the export *Bells* of a piece, with the folder that it came in.
fn bells(text: &str) -> (Bench, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "bells.csd", text);
    write(folder.path(), "plugin.json", MANIFEST);
    let export = Exported::new(Manifest::read(MANIFEST.as_bytes()).unwrap(), folder.path().to_owned());
    let mut bench = Bench::of(Link::of(Some(&Arc::new(export))));
    bench.until("its own piece performs", |view, _| view.state == State::Playing);
    (bench, folder)
}

#[test]
fn a_session_that_was_saved_with_another_text_says_so_and_the_exports_own_text_plays() {
    if !alone("own_piece::a_session_that_was_saved_with_another_text_says_so_and_the_exports_own_text_plays")
    {
        return;
    }
    let (mut bench, _folder) = bells(&level("0.5"));
    let elsewhere = tempfile::tempdir().unwrap();
    // The same text, in another folder and with the ends of lines of another system.
    let same = level("0.5").replace('\n', "\r\n");
    bench.link.load(&session_of("bells.csd", elsewhere.path(), &same));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.5);
    assert_eq!(bench.view.refused, None);
    bench.link.load(&session_of("mine.csd", elsewhere.path(), &level("0.25")));
    bench.until("it is told", |view, _| view.refused.is_some());
    let told = bench.view.refused.clone().unwrap();
    for part in ["mine.csd", "is not that of Bells", "may sound different", "in Csound Performer"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    bench.until("its own text plays", |view, heard| view.state == State::Playing && heard[511] == 0.5);
    // Saved by the export, the session is its own.
    let saved = bench.link.save();
    bench.link.load(&saved);
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.5);
    let said = bench.link.console();
    let told = said.iter().filter(|line| line.text.contains("may sound different"));
    assert_eq!(told.count(), 1, "{said:?}");
}

#[test]
fn an_export_that_was_given_up_after_crashes_plays_again_as_its_words_say() {
    if !alone("own_piece::an_export_that_was_given_up_after_crashes_plays_again_as_its_words_say") {
        return;
    }
    let body = "instr 1\nouts a(0.5), a(0.5)\nendin\n\
        instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n";
    let (mut bench, folder) = bells(&csd("", HEADER, body, "i 1 0 1000"));
    for crash in 1..=4 {
        bench.until("it plays", |view, heard| view.state != State::Paused && heard[511] == 0.5);
        bench.desk.act(Action::SendLine("i 2 0 1".into()));
        bench.until("it has crashed", |_, heard| heard[511] == 0.0);
        if crash < 4 {
            bench.until("it plays again", |_, heard| heard[511] == 0.5);
        }
    }
    bench.until("it is given up", |view, _| matches!(view.state, State::Failed(_)));
    let State::Failed(why) = &bench.view.state else { unreachable!() };
    assert!(why.contains("restart it in its editor to try again"), "{why}");
    bench.desk.act(Action::Restart);
    bench.until("it plays", |view, heard| !matches!(view.state, State::Failed(_)) && heard[511] == 0.5);
    drop(folder);
}

#[test]
fn an_export_that_was_replaced_while_the_host_runs_says_that_the_host_has_to_be_started_again() {
    if !alone(
        "own_piece::an_export_that_was_replaced_while_the_host_runs_says_that_the_host_has_to_be_started_again",
    ) {
        return;
    }
    let (mut bench, folder) = bells(&level("0.5"));
    assert_eq!(bench.view.refused, None);
    write(folder.path(), "plugin.json", &MANIFEST.replace("1.0", "2.0"));
    write(folder.path(), "bells.csd", &level("0.25"));
    bench.link.load(&bench.link.save());
    bench.until("it is told", |view, _| {
        view.refused.as_ref().is_some_and(|told| told.contains("Bells was replaced by another version"))
    });
    assert!(bench.view.refused.as_ref().unwrap().contains("start the DAW again"));
}
