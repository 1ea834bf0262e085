//! *Show in folder*, over a running instance.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use csound_performer::editor::model::{Action, Backend, Manual};
use test_host::testing::alone_with;

use crate::backend_bench::{Bench, level, write};
use crate::common::libcsound_is_missing;

/// A folder with a program of the name by which the system's desktop is asked.
fn desktop(folder: &Path, script: &str) {
    program(folder, "xdg-open", script);
}

fn program(folder: &Path, name: &str, script: &str) {
    let program = folder.join(name);
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn an_exported_plugin_is_shown_in_its_folder_or_the_user_is_told_where_that_is() {
    const FOLDER: &str = "FOLDERS_TEST";
    if libcsound_is_missing() {
        return;
    }
    // Built here, since no tools are found in there.
    test_host::bundle::refresh_engine().unwrap();
    let made = tempfile::tempdir().unwrap();
    let editor = made.path().join("an editor");
    let environment = [
        ("PATH", made.path().as_os_str()),
        (FOLDER, made.path().as_os_str()),
        ("XDG_CONFIG_HOME", made.path().as_os_str()),
        ("CSOUND_PERFORMER_EDITOR", editor.as_os_str()),
    ];
    if !alone_with(
        "folders::an_exported_plugin_is_shown_in_its_folder_or_the_user_is_told_where_that_is",
        &environment,
    ) {
        return;
    }
    let folder = std::path::PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let clap = folder.join("plugins of mine/Bells");
    let out = clap.parent().unwrap().display().to_string();
    let mut bench = Bench::new();
    // There is no desktop at all; one that fails; one that shows it.
    bench.desk.act(Action::ShowInFolder(clap.clone()));
    bench.until("it is told", |view, _| view.refused.is_some());
    let told = bench.view.refused.clone().unwrap();
    assert!(told.contains(&out) && told.contains("xdg-open cannot be started"), "{told}");
    desktop(&folder, "exit 3");
    bench.desk.act(Action::ShowInFolder(clap.clone()));
    bench.until("it is told", |view, _| {
        view.refused.as_ref().is_some_and(|told| told.contains("xdg-open does not show it"))
    });
    desktop(&folder, "echo \"$1\" > \"$FOLDERS_TEST/shown\"");
    bench.desk.act(Action::ShowInFolder(clap));
    let shown = folder.join("shown");
    bench.until("it is shown", |view, _| {
        view.refused.is_none() && fs::read_to_string(&shown).is_ok_and(|shown| shown.trim_end() == out)
    });
    // The user's own editor opens the piece's file, and goes on.
    let path = write(&folder, "piece.csd", &level("0.25"));
    bench.desk.act(Action::Open(path.clone()));
    bench.until("the piece is open", |view, _| view.piece.path.as_ref() == Some(&path));
    bench.desk.act(Action::EditOutside(None));
    bench.until("there is no editor", |view, _| {
        view.refused.as_ref().is_some_and(|told| told.contains("an editor cannot be started"))
    });
    program(&folder, "an editor", "echo \"$1\" > \"$FOLDERS_TEST/edited\"");
    bench.desk.act(Action::EditOutside(None));
    bench.until("it is edited", |view, _| {
        let edited = fs::read_to_string(folder.join("edited"));
        view.refused.is_none() && edited.is_ok_and(|edited| edited.trim_end() == path.display().to_string())
    });
    // The same desktop shows a page of the manual.
    bench.desk.act(Action::LookUp("oscili".into()));
    bench.until("it is looked up", |view, _| view.manual.is_some());
    let page = bench.view.manual.as_ref().map(Manual::address).unwrap();
    bench.desk.act(Action::ShowOnline);
    bench.until("the page is shown", |_, _| {
        fs::read_to_string(&shown).is_ok_and(|shown| shown.trim_end() == page)
    });
}
