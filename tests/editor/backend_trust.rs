//! What the backend lets a piece do, and who said so.

use csound_performer::editor::model::{Action, Backend, State};
use csound_performer::permission::Permission;

use crate::backend_bench::*;
use crate::common::{csd, libcsound_is_missing};

/// A piece that plays a level, and names a file.
fn reader(value: &str) -> String {
    level(value).replace("instr 1\n", "instr 1\nSfile = \"values.txt\"\n")
}

#[test]
fn isolation_is_shown_and_a_folder_that_was_chosen_is_known() {
    if !alone("backend_trust::isolation_is_shown_and_a_folder_that_was_chosen_is_known") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path =
        write(folder.path(), "a.csd", &csd("", HEADER, "instr 1\nouts a(0.25), a(0)\nendin\n", "i 1 0 1000"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    let own = Permission::Read(folder.path().canonicalize().unwrap());
    bench.until("its folder is known", |view, _| may(view, &own));
    assert!(!bench.view.isolation.trusted && bench.view.isolation.asks_to_read.is_none());
    bench.desk.act(Action::Trust);
    bench.until("it is trusted", |view, _| view.isolation.trusted);
    bench.until("and plays on", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.desk.act(Action::Untrust);
    bench.until("it is confined again", |view, _| !view.isolation.trusted);
    bench.until("and plays on", |view, heard| view.state == State::Playing && heard[511] == 0.25);
}

#[test]
fn a_sessions_folder_is_granted_by_no_apply_reload_or_save() {
    if !alone("backend_trust::a_sessions_folder_is_granted_by_no_apply_reload_or_save") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "level.csd", &reader("0.125"));
    let mut bench = Bench::new();
    bench.link.load(&session_of("level.csd", folder.path(), &level("0.875")));
    bench.until("who names no file is not asked for one", |view, heard| {
        heard[511] == 0.875 && view.isolation.asks_to_read.is_none()
    });
    bench.link.load(&session_of("level.csd", folder.path(), &reader("0.25")));
    let asks = Some(folder.path().to_owned());
    let heard_and_asked = |bench: &mut Bench, what: &str, level: f32| {
        bench.until(what, |view, heard| heard[511] == level && view.isolation.asks_to_read == asks);
        let granted = bench.link.isolation().granted.permissions;
        assert!(granted.is_empty(), "{what}: {granted:?}");
    };
    heard_and_asked(&mut bench, "the session plays", 0.25);
    bench.desk.act(Action::Apply(vec![reader("0.5")]));
    heard_and_asked(&mut bench, "applied", 0.5);
    bench.desk.act(Action::Reload);
    heard_and_asked(&mut bench, "read again", 0.125);
    bench.desk.act(Action::Save(vec![reader("0.75")]));
    heard_and_asked(&mut bench, "saved", 0.75);
    bench.desk.act(Action::ReloadByItself(true));
    bench.until("it is watched", |view, _| view.saved.state.reload_by_itself);
    std::fs::write(&path, reader("0.375")).unwrap();
    heard_and_asked(&mut bench, "changed on the disk", 0.375);
    bench.desk.act(Action::Permit(Permission::Read(folder.path().to_owned())));
    bench.until("the user allows it", |view, _| view.isolation.asks_to_read.is_none());
    bench.desk.act(Action::Apply(vec![reader("0.625")]));
    bench.until("what is made of it may, too", |view, heard| {
        heard[511] == 0.625 && view.isolation.asks_to_read.is_none()
    });
}

#[test]
fn each_permission_is_given_kept_by_editing_asked_for_again_and_taken_back() {
    if !alone("backend_trust::each_permission_is_given_kept_by_editing_asked_for_again_and_taken_back") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    let path = write(&here, "level.csd", &reader("0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| heard[511] == 0.25 && may(view, &Permission::Read(here.clone())));
    let kinds = [Permission::Write(here.clone()), Permission::MachineNetwork, Permission::AnyNetwork];
    assert!(!kinds.iter().any(|kind| may(&bench.view, kind)), "opening a file is no more than reading");
    for kind in &kinds {
        bench.desk.act(Action::Permit(kind.clone()));
        bench.until("it is given", |view, _| may(view, kind));
    }
    bench.until("it plays on", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    assert!(!bench.view.isolation.trusted, "all kinds singly are not trust");
    bench.desk.act(Action::Apply(vec![reader("0.5")]));
    bench.until("the edited text may as much", |view, heard| {
        heard[511] == 0.5 && kinds.iter().all(|kind| may(view, kind))
    });
    bench.desk.act(Action::Save(vec![reader("0.75")]));
    bench.until("the saved text, too", |view, heard| {
        heard[511] == 0.75 && kinds.iter().all(|kind| may(view, kind))
    });
    std::fs::write(&path, reader("0.125")).unwrap();
    bench.desk.act(Action::Reload);
    bench.until("what somebody else may have written only reads", |view, heard| {
        heard[511] == 0.125
            && may(view, &Permission::Read(here.clone()))
            && !kinds.iter().any(|kind| may(view, kind))
    });
    bench.desk.act(Action::Apply(vec![reader("0.75")]));
    bench.until("a text that was permitted is so again", |view, heard| {
        heard[511] == 0.75 && kinds.iter().all(|kind| may(view, kind))
    });
    for kind in kinds.iter().rev() {
        bench.desk.act(Action::Revoke(kind.clone()));
        bench.until("it is taken back", |view, _| !may(view, kind));
    }
    bench.desk.act(Action::Revoke(Permission::Read(here.clone())));
    bench.until("so is the folder", |view, _| view.isolation.asks_to_read.is_some());
    bench.desk.act(Action::Permit(Permission::Write("/etc".into())));
    bench.until("what nobody may have is refused", |view, _| {
        view.refused.as_ref().is_some_and(|why| why.contains("/etc"))
    });
    assert!(!may(&bench.view, &Permission::Write("/etc".into())));
}

#[test]
fn a_piece_is_not_trusted_while_it_is_uncertain_what_it_reads_as_code() {
    if !alone("backend_trust::a_piece_is_not_trusted_while_it_is_uncertain_what_it_reads_as_code") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let text = csd(
        "",
        &format!("{HEADER}#ifdef NEVER\n#include \"gone.inc\"\n#end\n"),
        "instr 1\nouts a(0.25), a(0.25)\nendin\n",
        "i 1 0 1000",
    );
    let path = write(folder.path(), "a.csd", &text);
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays and says why", |view, heard| {
        heard[511] == 0.25
            && view.isolation.untrustable.as_ref().is_some_and(|why| why.contains("gone.inc is not there"))
    });
    bench.desk.act(Action::Trust);
    bench.until("it is refused", |view, _| {
        view.refused.as_ref().is_some_and(|error| error.contains("gone.inc"))
    });
    assert!(!bench.view.isolation.trusted);
    write(folder.path(), "gone.inc", "giX = 1\n");
    bench.desk.act(Action::Trust);
    bench.until("it is certain now", |view, _| view.isolation.trusted);
    write(folder.path(), "gone.inc", "giX = 2\n");
    bench.desk.act(Action::Reload);
    bench.until("the included file changed", |view, heard| heard[511] == 0.25 && !view.isolation.trusted);
}

#[test]
fn what_an_older_version_trusted_is_asked_for_again_and_its_file_stays_until_something_changes() {
    if !alone(
        "backend_trust::what_an_older_version_trusted_is_asked_for_again_and_its_file_stays_until_something_changes",
    ) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = dirs_of_config().join("csound-performer");
    std::fs::create_dir_all(&config).unwrap();
    let old = format!("{{\"pieces\":[],\"folders\":[{:?}]}}", folder.path());
    let file = write(&config, "trust.json", &old);
    let mut bench = Bench::new();
    bench.link.load(&session_of("a.csd", folder.path(), &reader("0.25")));
    bench.until("it asks", |view, heard| heard[511] == 0.25 && view.isolation.asks_to_read.is_some());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old);
    bench.desk.act(Action::Permit(Permission::Read(folder.path().to_owned())));
    bench.until("it is allowed", |view, _| view.isolation.asks_to_read.is_none());
    assert!(std::fs::read_to_string(&file).unwrap().contains("\"version\": 2"));
    bench.link.load(&session_of("b.csd", folder.path(), &reader("0.5")));
    bench.until("another piece asks for itself", |view, heard| {
        heard[511] == 0.5 && view.isolation.asks_to_read.is_some()
    });
}

#[test]
fn a_piece_that_is_named_at_the_start_reads_its_own_folder_and_no_other_piece_does() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "level.inc", "instr 1\nouts a(0.25), a(0)\nendin\n");
    let named = write(folder.path(), "named.csd", &csd("", HEADER, "#include \"level.inc\"\n", "i 1 0 1000"));
    let (home, name) = (tempfile::tempdir().unwrap(), "CSOUND_PERFORMER_PIECE");
    let environment = [
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        (name, named.as_os_str()),
        // Whoever tests may have set it.
        ("CSOUND_PERFORMER_FOLDERS", "".as_ref()),
    ];
    let test =
        "backend_trust::a_piece_that_is_named_at_the_start_reads_its_own_folder_and_no_other_piece_does";
    if libcsound_is_missing() || !test_host::testing::alone_with(test, &environment) {
        return;
    }
    let named = std::path::PathBuf::from(std::env::var_os(name).unwrap());
    let mut bench = Bench::new();
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    let own = Permission::Read(named.parent().unwrap().canonicalize().unwrap());
    bench.until("it is known what it may", |view, _| may(view, &own));
    assert!(bench.view.isolation.folders.is_empty());
    bench.desk.act(Action::OpenShipped(0));
    bench.until("another one may not", |view, _| {
        view.piece.name == "first.csd" && view.state == State::Playing && !may(view, &own)
    });
    assert!(bench.view.isolation.folders.is_empty());
}
