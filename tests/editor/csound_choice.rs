//! By which Csound a piece performs where something changes: Csounds come and go, *Auto* is chosen once more, a text
//! asks for another one and fails, the process has one already, the piece is a plugin of its own.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use csound_export::Manifest;
use csound_performance::Generation;
use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::{Action, Backend, ComparisonView, Setting};
use csound_performer::identity::Exported;
use csound_performer::plugin::session;
use csound_performer::plugin::shared::link::Link;
use csound_performer::plugin::shared::locked::HostFormat;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use serde_json::json;
use test_host::testing::{CSOUND_6, alone_with, both_csounds};
use test_host::tools::{csound_7, is_missing};

use crate::backend_bench::*;
use crate::common::{SIX_VARIABLE, csd, csound_6};
use crate::csound_user::*;
use crate::desk::{BELLS, Desk, PATH};

/// Two places where no Csound is yet: of 6, and of 7.
fn empty_places() -> Option<OsString> {
    let folder = tempfile::tempdir().unwrap().keep();
    std::env::join_paths([folder.join("libcsound64.so.6.0"), folder.join("libcsound64.so.7.0")]).ok()
}

/// Those places, in the test's own process.
fn places() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os(csound_library::VARIABLE).unwrap()).collect()
}

fn install(csound: impl Into<PathBuf>, place: &PathBuf) {
    std::os::unix::fs::symlink(csound.into(), place).unwrap();
}

fn install_both() {
    install(csound_6().unwrap(), &places()[0]);
    install(csound_7().unwrap(), &places()[1]);
}

fn alone_without_any(test: &str) -> bool {
    // The usual look whether libcsound is there finds none in that process, and would have the test leave.
    let six = csound_6().filter(|_| csound_7().is_some());
    if is_missing("Csound 6 or Csound 7", six.is_some()) {
        return false;
    }
    let (Some(places), Some(six)) = (empty_places(), six) else { return false };
    let home = tempfile::tempdir().unwrap();
    let environment = [
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        (csound_library::VARIABLE, &places),
        (SIX_VARIABLE, six.as_os_str()),
    ];
    alone_with(&format!("csound_choice::{test}"), &environment)
}

fn alone_with_both(test: &str) -> bool {
    alone_with_csounds(&format!("csound_choice::{test}"), both_csounds())
}

#[test]
fn no_csound_is_told_on_the_foot_also_once_a_piece_has_looked_for_one() {
    if !alone_without_any("no_csound_is_told_on_the_foot_also_once_a_piece_has_looked_for_one") {
        return;
    }
    let bench = Bench::new();
    // Something looks before an editor is open.
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "piece.csd", &level("0.25"));
    bench.desk.act(Action::Open(path));
    while bench.link.has_errands() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let mut user = User::of(bench);
    user.bench.until("there is none", |view, _| view.csound.told() == ("No Csound".to_owned(), true));
    let why = failed(&user.bench).unwrap();
    for part in
        ["No Csound was found", "Install Csound 6 or Csound 7", "apt install", "Csound 7: from csound.com"]
    {
        assert!(why.contains(part), "{part}: {why}");
    }
    assert!(!why.contains("Csound 6 was not found"), "{why}");
    install(csound_6().unwrap(), &places()[0]);
    user.act(Action::Reload);
    assert_eq!(user.stands(), SIX);
    user.bench.until("it is told", |view, _| {
        view.csound.installed.as_ref().is_some_and(|found| found.len() == 1)
            && view.csound.told().0.starts_with("Csound 6.")
    });
}

#[test]
fn a_piece_that_was_opened_without_any_csound_takes_the_newest_once_there_are_some() {
    if !alone_without_any("a_piece_that_was_opened_without_any_csound_takes_the_newest_once_there_are_some") {
        return;
    }
    let texts = [level("0.25"), of_six("0.5"), ASKS_FOR_6.to_owned() + &level("0.75")];
    let mut users = texts.clone().map(|text| {
        let mut user = User::new();
        user.open(&text);
        assert!(failed(&user.bench).is_some() && named(&user.bench) != Some(Generation::Seven));
        user
    });
    // One whose session was saved so.
    let kept = saved(&users[1].bench);
    assert_eq!(kept.get("csound_of_auto"), None);
    install_both();
    for (user, expected) in users.iter_mut().zip([SEVEN, SIX, SIX]) {
        user.act(Action::Reload);
        assert_eq!(user.stands(), expected);
    }
    assert!(said(&users[1].bench, "Auto tries Csound 6"), "it was opened here, and has not performed before");
    let mut loaded = User::new();
    loaded.bench.link.load(&[(session::FIELD.to_owned(), kept.to_string())].into());
    settle(&mut loaded.bench);
    assert!(failed(&loaded.bench).is_some() && !said(&loaded.bench, "Auto tries"), "a session tries none");
    assert_eq!(named(&loaded.bench), Some(Generation::Seven));
    // Any engine that is built makes up for it, not only Reload.
    let mut user = User::new();
    user.bench.link.load(&[(session::FIELD.to_owned(), kept.to_string())].into());
    let format = HostFormat { sample_rate: 44_100.0, largest: 512, outputs: 2 };
    user.bench.link.activate(format, user.bench.params.start_options(), true);
    settle(&mut user.bench);
    assert_eq!(named(&user.bench), Some(Generation::Seven));
}

#[test]
fn auto_chosen_once_more_looks_anew_and_what_performs_so_goes_on() {
    if !alone_without_any("auto_chosen_once_more_looks_anew_and_what_performs_so_goes_on") {
        return;
    }
    install(csound_6().unwrap(), &places()[0]);
    let mut user = User::new();
    user.open(&level("0.25"));
    assert_eq!(user.stands(), SIX);
    let wanted = |user: &User| user.bench.link.lock().wanted;
    let before = wanted(&user);
    user.choose(0);
    assert_eq!((user.stands(), wanted(&user)), (SIX, before), "nothing newer is there");
    install(csound_7().unwrap(), &places()[1]);
    user.choose(0);
    assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.25));
}

#[test]
fn the_settings_page_tells_of_auto_that_is_chosen_once_more() {
    let mut desk = Desk::on(FakePiece::csd(PATH, BELLS));
    desk.click("Settings");
    desk.log();
    for _ in 0..2 {
        desk.window.get_by_role_and_label(Role::ComboBox, "Csound").click();
        desk.steps(3);
        desk.press("Auto");
        assert_eq!(desk.log(), [Action::Set(Setting::Csound, 0.0)]);
    }
}

#[test]
fn a_text_that_fails_leaves_the_piece_its_csound_also_once_it_is_mended_revived_or_loaded() {
    let test = "a_text_that_fails_leaves_the_piece_its_csound_also_once_it_is_mended_revived_or_loaded";
    if !alone_with_both(test) {
        return;
    }
    // It ends its engine when it is told to.
    let crasher =
        "instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n</CsInstruments>";
    let good = of_six("0.25").replace("</CsInstruments>", crasher);
    let mut user = User::new();
    user.open(&good);
    assert_eq!(user.stands(), SIX);
    user.act(Action::Apply(vec![ASKS_FOR_7.to_owned() + &good]));
    assert!(failed(&user.bench).is_some());
    assert!(said(&user.bench, "piece.csd asks for Csound 7 now, and so far it was to perform by Csound 6"));
    assert_eq!((performs_by(&user.bench), user.bench.play()[511]), (Some(6), 0.25));
    let kept = saved(&user.bench);
    assert_eq!(kept["csound_of_last_good"], 6);
    user.act(Action::SendLine("i 2 0 1".into()));
    let link = Arc::clone(&user.bench.link);
    user.bench.until("it was started again", |_, heard| {
        let again = link.console().iter().any(|line| line.text.contains("starting it again where it was"));
        again && !link.is_pending() && heard[511] == 0.25
    });
    assert_eq!(performs_by(&user.bench), Some(6));
    // The comment is taken out again.
    user.act(Action::Apply(vec![good.clone()]));
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.25));
    assert!(said(&user.bench, "no longer asks for Csound 7: it goes back to Csound 6"));
    // In another instance, by a reload as well.
    let mut another = User::new();
    another.bench.link.load(&[(session::FIELD.to_owned(), kept.to_string())].into());
    settle(&mut another.bench);
    assert_eq!(performs_by(&another.bench), Some(6));
    std::fs::write(user.folder.path().join("piece.csd"), &good).unwrap();
    another.act(Action::Reload);
    assert_eq!((another.stands(), another.bench.play()[511]), (SIX, 0.25));
    // What performed by what it asked for keeps that.
    user.act(Action::Apply(vec![ASKS_FOR_7.to_owned() + &level("0.5")]));
    assert_eq!(user.stands(), SEVEN);
    user.act(Action::Apply(vec![level("0.75")]));
    assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.75));
}

#[test]
fn apply_after_auto_was_chosen_keeps_what_it_came_to_and_tries_no_other() {
    if !alone_with_both("apply_after_auto_was_chosen_keeps_what_it_came_to_and_tries_no_other") {
        return;
    }
    let mut user = User::new();
    user.open(&level("0.25"));
    for first in [1, 0] {
        // After Csound 6, and where Auto performs so already.
        user.choose(first);
        user.choose(0);
        assert_eq!(user.stands(), SEVEN);
        user.act(Action::Apply(vec![of_six("0.5")]));
        assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"));
        assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.25));
        user.act(Action::Apply(vec![level("0.25")]));
        assert_eq!(user.stands(), SEVEN);
    }
}

#[test]
fn in_the_hosts_process_auto_takes_the_csound_that_it_has_and_says_so() {
    let test = "in_the_hosts_process_auto_takes_the_csound_that_it_has_and_says_so";
    let home = tempfile::tempdir().unwrap();
    let Some(csounds) = both_csounds().filter(|_| !crate::common::libcsound_is_missing()) else { return };
    let environment = [
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        (csound_library::VARIABLE, &csounds),
        ("CSOUND_PERFORMER_ISOLATION", "off".as_ref()),
    ];
    if !alone_with(&format!("csound_choice::{test}"), &environment) {
        return;
    }
    let mut first = User::new();
    first.choose(1);
    first.open(&level("0.25"));
    assert_eq!(first.stands(), SIX);
    let mut user = User::new();
    user.open(&level("0.5"));
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.5));
    assert!(said(
        &user.bench,
        "performs by Csound 6: it performs in the host's process, which has loaded that"
    ));
    assert_eq!(saved(&user.bench)["csound_of_auto"], 6);
    // Another one is refused, whoever asks for it, and nothing is tried.
    let refused = |user: &User| {
        let why = failed(&user.bench).unwrap();
        for part in ["this process performs by Csound 6", "process of its own", "settings page"] {
            assert!(why.contains(part), "{part}: {why}");
        }
        assert!(!said(&user.bench, "Auto tries"));
    };
    user.choose(2);
    refused(&user);
    user.choose(0);
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.5));
    user.open(&(ASKS_FOR_7.to_owned() + &level("0.5")));
    refused(&user);
    user.load(|session| session["csound_of_auto"] = json!(7), &level("0.5"));
    refused(&user);
    assert_eq!(saved(&user.bench)["csound_of_auto"], 7, "it is kept for the next time");
    user.open(&of_seven("0.5"));
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("in the language of Csound 7") && !said(&user.bench, "Auto tries"), "{why}");
}

/// An instance of an exported piece, made for this Csound.
fn export(folder: &std::path::Path, generation: Option<u8>, text: &str) -> User {
    write(folder, "piece.csd", text);
    let mut manifest = json!({
        "csound_performer_export": 1, "name": "Bells", "vendor": "Anna", "version": "1.0.0", "id": "org.example.bells",
        "kind": "instrument", "piece": "piece.csd",
    });
    if let Some(generation) = generation {
        manifest["generation"] = json!(generation);
    }
    let manifest = Manifest::read(manifest.to_string().as_bytes()).unwrap();
    let exported = Arc::new(Exported::new(manifest, folder.to_owned()));
    let mut user = User::of(Bench::of(Link::of(Some(&exported))));
    settle(&mut user.bench);
    user
}

#[test]
fn a_session_of_an_export_keeps_its_csound_and_opens_nothing_anew() {
    if !alone_with_both("a_session_of_an_export_keeps_its_csound_and_opens_nothing_anew") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let wishes = "; csound-performer: note_mode=score\n".to_owned() + &level("0.25");
    let mut user = export(folder.path(), None, &wishes);
    assert_eq!(user.stands(), SEVEN, "a new instance takes the newest");
    let session = |by: u8| {
        let mut session = saved(&user.bench);
        session["csound_of_auto"] = json!(by);
        session
    };
    let (by_six, by_seven, by_eight) = (session(6), session(7), session(8));
    let load = |user: &mut User, session: &serde_json::Value| {
        user.bench.link.load(&[(session::FIELD.to_owned(), session.to_string())].into());
        assert!(!user.bench.link.has_wishes());
        while user.bench.link.has_errands() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(!user.bench.link.has_wishes(), "a loaded session wishes nothing");
        settle(&mut user.bench);
    };
    load(&mut user, &by_six);
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.25));
    // Its piece is one that the other Csound does not take, since an upgrade.
    write(folder.path(), "piece.csd", &of_six("0.5"));
    load(&mut user, &by_seven);
    assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"));
    assert_eq!(named(&user.bench), Some(Generation::Seven));
    // It was made for none, so its session decides; what it says leads to no setting that it has not.
    write(folder.path(), "piece.csd", &of_seven("0.5"));
    load(&mut user, &by_six);
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("in the language of Csound 7") && why.contains("ask its maker"), "{why}");
    assert!(!why.contains("settings page"), "{why}");
    load(&mut user, &by_eight);
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("does not know") && why.contains("open your project again"), "{why}");
    assert!(!why.contains("settings page"), "{why}");
}

#[test]
fn an_export_names_the_csound_that_it_was_made_for_wherever_one_is_named() {
    let test = "an_export_names_the_csound_that_it_was_made_for_wherever_one_is_named";
    if !alone_with_both(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut user = export(folder.path(), Some(6), &(ASKS_FOR_7.to_owned() + &level("0.25")));
    let mut session = saved(&user.bench);
    session["csound"] = json!(7);
    user.bench.link.load(&[(session::FIELD.to_owned(), session.to_string())].into());
    settle(&mut user.bench);
    assert_eq!(
        (performs_by(&user.bench), user.bench.view.csound.named.as_deref()),
        (Some(6), Some("Csound 6"))
    );
    user.act(Action::Compare);
    user.bench
        .until("it is compared", |view, _| matches!(view.csound.comparison, ComparisonView::Done { .. }));
    let ComparisonView::Done { told, .. } = &user.bench.view.csound.comparison else { unreachable!() };
    assert!(
        told.contains("Csound 6.") && told.find("Csound 6") < told.find("Csound 7"),
        "its own first: {told}"
    );
    // A text that it does not take leads to no setting that it has not.
    let folder = tempfile::tempdir().unwrap();
    let other = export(folder.path(), Some(6), &of_seven("0.5"));
    let why = failed(&other.bench).unwrap();
    assert!(why.contains("this plugin was made for Csound 6") && !why.contains("settings page"), "{why}");
}

#[test]
fn an_export_whose_csound_is_missing_says_so_without_a_setting_that_it_has_not() {
    let test = "csound_choice::an_export_whose_csound_is_missing_says_so_without_a_setting_that_it_has_not";
    if !alone_with_csounds(test, Some(CSOUND_6.into())) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let user = export(folder.path(), Some(7), &csd("", HEADER, "instr 1\nendin\n", "i 1 0 1"));
    let why = failed(&user.bench).unwrap();
    for part in ["Csound 7, for which this plugin was made", "not installed here", "open your project again"]
    {
        assert!(why.contains(part), "{part}: {why}");
    }
    assert!(!why.contains("settings page"), "{why}");
    // Nor where a session names it.
    let mut user = export(folder.path(), None, &csd("", HEADER, "instr 1\nendin\n", "i 1 0 1"));
    let mut session = saved(&user.bench);
    session["csound_of_auto"] = json!(7);
    user.bench.link.load(&[(session::FIELD.to_owned(), session.to_string())].into());
    settle(&mut user.bench);
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("not installed here") && why.contains("open your project again"), "{why}");
    assert!(!why.contains("settings page") && !why.contains("Reload"), "{why}");
}
