//! By which Csound a piece performs: the setting, what *Auto* comes to, what the piece asks for, and what a session
//! keeps of it.

use csound_performance::Generation;
use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::{Action, InstalledView, Setting, State};
use csound_performer::plugin::pieces::choice::Choice;
use csound_performer::plugin::session;
use csound_performer::plugin::shared::locked::HostFormat;
use serde_json::json;
use test_host::testing::{CSOUND_6, both_csounds};
use test_host::tools::csound_7;

use crate::backend_bench::*;
use crate::common::csd;
use crate::csound_user::*;
use crate::desk::{BELLS, Desk, PATH};
use egui_kittest::kittest::Queryable;

#[test]
fn the_foot_names_what_performs_and_all_that_is_installed() {
    if !alone_with_csounds("csounds::the_foot_names_what_performs_and_all_that_is_installed", both_csounds())
    {
        return;
    }
    let mut user = User::new();
    let installed = |bench: &Bench| bench.view.csound.installed.clone().unwrap_or_default();
    user.bench.until("both are found", |view, _| {
        view.csound.installed.as_ref().is_some_and(|found| found.len() == 2)
    });
    assert_eq!(user.bench.view.csound.performing, None);
    let found = installed(&user.bench);
    let starts = |csound: &InstalledView, name: &str| csound.name.starts_with(name) && csound.place.is_file();
    assert!(starts(&found[0], "Csound 6.") && starts(&found[1], "Csound 7.0.0"), "{found:?}");
    user.open(&level("0.25"));
    assert_eq!(user.bench.view.csound.performing.as_deref(), Some("Csound 7.0.0"));
    assert!(said(&user.bench, "out, by Csound 7.0.0"));
    user.choose(1);
    assert_eq!(user.bench.view.csound.performing.as_ref(), Some(&found[0].name));
    // Other processes have loaded it, not this one.
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(!maps.contains("libcsound64-") && !maps.contains(".so.7.0"));
    // The session of a piece takes it away.
    user.load(|session| session["piece"] = serde_json::Value::Null, "");
    assert_eq!(user.bench.view.csound.performing, None);
}

#[test]
fn the_foot_and_the_settings_page_tell_of_csound() {
    let mut desk = Desk::on(FakePiece::csd(PATH, BELLS));
    desk.window.get_by_label("Csound 6.18.1");
    desk.click("Settings");
    desk.window.get_by_label_contains("Now: Csound 6.");
}

#[test]
fn auto_takes_the_newest_for_a_piece_that_is_opened_and_tries_the_other_by_its_language_only() {
    let test =
        "csounds::auto_takes_the_newest_for_a_piece_that_is_opened_and_tries_the_other_by_its_language_only";
    if !alone_with_csounds(test, both_csounds()) {
        return;
    }
    let mut user = User::new();
    user.open(&level("0.25"));
    assert_eq!(user.stands(), SEVEN);
    assert_eq!(
        (saved(&user.bench)["csound"].clone(), saved(&user.bench)["csound_of_auto"].clone()),
        (json!("auto"), json!(7))
    );
    // A syntax error of 7's that 6 has not.
    user.open(&of_six("0.5"));
    assert_eq!(user.stands(), SIX);
    assert_eq!(user.bench.play()[511], 0.5);
    assert!(said(&user.bench, "performs by Csound 6, because Csound 7 does not take its text"), "it is told");
    // What Auto has come to stays: Apply keeps it, also where only the other one takes the text.
    let path = user.bench.view.piece.path.clone();
    user.act(Action::Apply(vec![level("0.125")]));
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.125));
    user.act(Action::Apply(vec![of_seven("0.75")]));
    let why = failed(&user.bench).expect("6 does not take it, and no other is tried");
    assert!(why.contains("in the language of Csound 7") && why.contains("settings page"), "{why}");
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.125));
    // Reload does as well.
    std::fs::write(path.unwrap(), level("0.0625")).unwrap();
    user.act(Action::Reload);
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.0625));
    // Another piece is opened: the newest again.
    user.open(&of_seven("0.75"));
    assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.75));
    // What no Csound takes performs by none, and Auto has still come to the newest.
    user.open("<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nout out out\n</CsInstruments>\n</CsoundSynthesizer>\n");
    assert!(failed(&user.bench).is_some());
    assert_eq!(named(&user.bench), Some(Generation::Seven));
    let times = |words: &str| {
        let console = user.bench.link.console();
        console.iter().filter(|line| line.text.contains(words)).count()
    };
    for words in ["neither by Csound 7 nor by Csound 6", "nor does Csound 6: piece.csd does not compile."] {
        assert_eq!(times(words), 1, "{words}: {:?}", user.bench.link.console());
    }
}

#[test]
fn auto_tries_no_other_for_a_missing_file_a_refusal_a_time_or_a_limit() {
    let test = "csounds::auto_tries_no_other_for_a_missing_file_a_refusal_a_time_or_a_limit";
    if !alone_with_csounds(test, both_csounds()) {
        return;
    }
    let with = |header: &str, body: &str| csd("", &format!("{HEADER}{header}"), body, "i 1 0 10");
    let pieces = [
        with("", "#include \"gone.inc\"\ninstr 1\ntrue = 1\nendin\n"),
        with("", "instr 1\ntrue = 1\nendin\n").replace("<CsScore>", "<CsScore bin=\"sh\">"),
        with("while 1 == 1 do\nod\n", "instr 1\nendin\n"),
        with("nchnls = 10000\n", "instr 1\nendin\n"),
    ];
    let mut user = User::new();
    for text in pieces {
        user.open(&text);
        let why = failed(&user.bench).unwrap_or_else(|| panic!("{text}"));
        assert!(!said(&user.bench, "Auto tries"), "{why}");
        assert_eq!(named(&user.bench), Some(Generation::Seven), "{why}");
    }
    user.open(&of_six("0.5"));
    assert!(said(&user.bench, "Auto tries"), "the words are those that are said");
    // The other one, where that knows the text, is the right one also if the piece wants something else.
    user.open(&with("", "pyinit\ninstr 1\nouts a(0.25), a(0)\nendin\n"));
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("`pyinit` needs trust"), "{why}");
    assert_eq!(named(&user.bench), Some(Generation::Six));
    user.act(Action::Trust);
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.25));
}

#[test]
fn the_setting_goes_before_the_piece_and_the_piece_before_auto() {
    if !alone_with_csounds(
        "csounds::the_setting_goes_before_the_piece_and_the_piece_before_auto",
        both_csounds(),
    ) {
        return;
    }
    let mut user = User::new();
    user.open(&(ASKS_FOR_6.to_owned() + &level("0.25")));
    assert_eq!(user.stands(), SIX);
    user.choose(2);
    assert_eq!(user.stands(), SEVEN, "the user's word");
    user.choose(0);
    assert_eq!(user.stands(), SIX, "the piece's again");
    // A piece that asks for a Csound does not get another one.
    user.open(&(ASKS_FOR_7.to_owned() + &of_six("0.5")));
    assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"));
    // A text that asks for another one than before is the user's word as well.
    user.open(&level("0.25"));
    assert_eq!(user.stands(), SEVEN);
    user.act(Action::Apply(vec![ASKS_FOR_6.to_owned() + &level("0.5")]));
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.5));
    user.act(Action::Apply(vec![level("0.25")]));
    assert_eq!(user.stands(), SIX, "what it has come to stays");
    user.choose(1);
    user.open(&of_seven("0.5"));
    assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"), "the setting tries nothing");
    assert_eq!(named(&user.bench), Some(Generation::Six));
    user.choose(0);
    assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.5), "Auto, chosen anew, takes the newest");
}

#[test]
fn a_choice_is_heard_from_where_the_piece_is_and_the_same_once_more_changes_nothing() {
    let test = "csounds::a_choice_is_heard_from_where_the_piece_is_and_the_same_once_more_changes_nothing";
    if !alone_with_csounds(test, both_csounds()) {
        return;
    }
    let clock = csd("", HEADER, "instr 1\nk1 timeinsts\nouts a(k1), a(0)\nendin\n", "i 1 0 1000");
    let mut user = User::new();
    user.open(&clock);
    user.act(Action::Seek(20.0));
    user.bench.until("it is there", |view, _| view.transport.time > 20.0);
    user.choose(1);
    assert_eq!(user.stands(), SIX);
    assert!(user.bench.view.transport.time > 20.0, "{}", user.bench.view.transport.time);
    let wanted = user.bench.link.lock().wanted;
    user.choose(1);
    assert_eq!(user.bench.link.lock().wanted, wanted, "no engine is built");
    // Auto comes to what performs already where the piece asks for it.
    user.open(&(ASKS_FOR_6.to_owned() + &clock));
    let wanted = user.bench.link.lock().wanted;
    user.choose(0);
    assert_eq!((user.stands(), user.bench.link.lock().wanted), (SIX, wanted));
}

#[test]
fn a_session_performs_by_what_it_was_saved_with_and_tries_no_other() {
    if !alone_with_csounds(
        "csounds::a_session_performs_by_what_it_was_saved_with_and_tries_no_other",
        both_csounds(),
    ) {
        return;
    }
    let mut user = User::new();
    let first = |session: &mut serde_json::Value| {
        session.as_object_mut().unwrap().remove("csound");
    };
    // Of version 0.1.
    user.load(first, &level("0.25"));
    assert_eq!(user.stands(), SIX);
    assert_eq!(saved(&user.bench)["csound"], 6);
    user.load(first, &of_seven("0.25"));
    assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"));
    user.load(first, &(ASKS_FOR_7.to_owned() + &level("0.25")));
    assert_eq!(user.stands(), SIX, "what a session says goes before what its piece asks for");
    for (saved_by, other, expected) in [(6, of_seven("0.25"), SIX), (7, of_six("0.25"), SEVEN)] {
        for field in ["csound", "csound_of_auto"] {
            let edit = |session: &mut serde_json::Value| session[field] = json!(saved_by);
            user.load(edit, &level("0.25"));
            assert_eq!(user.stands(), expected, "{field}");
            // A rate change and a bounce are no time to choose.
            let format = HostFormat { sample_rate: 44_100.0, largest: 512, outputs: 2 };
            let options = user.bench.params.start_options();
            user.bench.link.activate(format, options, true);
            settle(&mut user.bench);
            assert_eq!(user.stands(), expected, "{field}");
            user.bench.link.activate(HostFormat { sample_rate: 48_000.0, ..format }, options, true);
            settle(&mut user.bench);
            user.load(edit, &other);
            assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"));
            assert_eq!(named(&user.bench), expected.1);
        }
    }
    // One that was saved before Auto had come to any takes the newest, and tries no other either.
    user.load(|_| {}, &level("0.25"));
    assert_eq!(user.stands(), SEVEN);
    user.load(|_| {}, &of_six("0.25"));
    assert!(failed(&user.bench).is_some() && !said(&user.bench, "Auto tries"));
}

#[test]
fn a_revived_engine_is_of_the_same_csound() {
    if !alone_with_csounds("csounds::a_revived_engine_is_of_the_same_csound", both_csounds()) {
        return;
    }
    // It ends its engine when it is told to, and not before.
    let text = csd(
        "",
        HEADER,
        "instr 1\ntrue = 1\nouts a(0.25), a(0)\nendin\n\
                instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n",
        "i 1 0 1000",
    );
    let mut user = User::new();
    user.open(&text);
    assert_eq!(user.stands(), SIX);
    user.act(Action::SendLine("i 2 0 1".into()));
    user.bench.until("it was started again", |view, heard| {
        matches!(view.state, State::Restarted(_)) && heard[511] == 0.25
    });
    assert_eq!(user.stands(), SIX);
}

#[test]
fn what_is_not_installed_is_told_nothing_is_lost_and_it_performs_once_it_is() {
    let test = "csounds::what_is_not_installed_is_told_nothing_is_lost_and_it_performs_once_it_is";
    let folder = tempfile::tempdir().unwrap();
    let later = folder.path().join("libcsound64.so.7.0");
    let csounds = seven().and(std::env::join_paths([CSOUND_6.as_ref(), later.as_path()]).ok());
    if test_host::tools::is_missing("Csound 7", csounds.is_some()) || !alone_with_csounds(test, csounds) {
        return;
    }
    let variable = std::env::var_os(csound_library::VARIABLE).unwrap();
    let later = std::env::split_paths(&variable).last().unwrap();
    std::fs::create_dir_all(later.parent().unwrap()).unwrap();
    let mut user = User::new();
    // Auto takes what there is.
    user.open(&level("0.25"));
    assert_eq!(user.stands(), SIX);
    // What needs 7 says so.
    user.open(&of_seven("0.5"));
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("in the language of Csound 7") && why.contains("not installed here"), "{why}");
    user.open(&(ASKS_FOR_7.to_owned() + &of_seven("0.5")));
    let why = failed(&user.bench).unwrap();
    for part in [
        "piece.csd",
        "Csound 7",
        "the piece itself asks",
        "not installed here",
        "Csound 6",
        "csound.com",
        "Reload",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    // A session of a machine that has it.
    let text = of_seven("0.75");
    let edit = |session: &mut serde_json::Value| {
        session["csound_of_auto"] = json!(7);
        session["channels"] = json!([{ "slot": 3, "name": "x", "value": 0.5 }]);
        session["note_instrument"] = json!("bell");
    };
    user.load(edit, &text);
    let why = failed(&user.bench).unwrap();
    assert!(why.contains("not installed here") && why.contains("which Auto chose for it before"), "{why}");
    let kept = saved(&user.bench);
    assert_eq!((&kept["csound"], &kept["csound_of_auto"]), (&json!("auto"), &json!(7)));
    assert_eq!((&kept["piece"]["csd"], &kept["channels"][0]["value"]), (&json!(text), &json!(0.5)));
    assert_eq!((&kept["note_instrument"], &kept["error"]), (&json!("bell"), &json!(why)));
    // The host opens it again, still without.
    user.bench.link.load(&[(session::FIELD.to_owned(), kept.to_string())].into());
    settle(&mut user.bench);
    assert_eq!(failed(&user.bench), Some(why));
    // It is installed.
    std::os::unix::fs::symlink(csound_7().unwrap(), &later).unwrap();
    user.act(Action::Reload);
    assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.75));
    let mut another = User::new();
    another.bench.link.load(&[(session::FIELD.to_owned(), kept.to_string())].into());
    settle(&mut another.bench);
    assert_eq!((another.stands(), another.bench.play()[511]), (SEVEN, 0.75));
    let after = saved(&another.bench);
    assert_eq!((&after["piece"], &after["channels"]), (&kept["piece"], &kept["channels"]));
}

#[test]
fn where_only_csound_7_is_a_session_of_the_first_version_says_what_is_missing() {
    let test = "csounds::where_only_csound_7_is_a_session_of_the_first_version_says_what_is_missing";
    if test_host::tools::is_missing("Csound 7", seven().is_some()) || !alone_with_csounds(test, seven()) {
        return;
    }
    let mut user = User::new();
    user.open(&level("0.25"));
    assert_eq!(user.stands(), SEVEN);
    let first = |session: &mut serde_json::Value| {
        session.as_object_mut().unwrap().remove("csound");
    };
    let mut user = User::new();
    user.load(first, &level("0.5"));
    let why = failed(&user.bench).unwrap();
    assert!(
        why.contains("Csound 6") && why.contains("not installed here") && why.contains("Csound 7"),
        "{why}"
    );
    assert_eq!((performs_by(&user.bench), saved(&user.bench)["csound"].clone()), (None, json!(6)));
    // The user says so.
    user.choose(2);
    assert_eq!((user.stands(), user.bench.play()[511]), (SEVEN, 0.5));
}

#[test]
fn a_session_that_names_a_csound_of_another_time_or_nonsense_is_kept_and_told() {
    let test = "csounds::a_session_that_names_a_csound_of_another_time_or_nonsense_is_kept_and_told";
    if !alone_with_csounds(test, Some(CSOUND_6.into())) {
        return;
    }
    let mut user = User::new();
    for nonsense in [json!(8), json!("blue"), json!([7]), json!(-6), json!(1e300), json!("x".repeat(1 << 20))]
    {
        for field in ["csound", "csound_of_auto"] {
            user.load(|session| session[field] = nonsense.clone(), &level("0.5"));
            let why = failed(&user.bench).unwrap();
            assert!(why.contains("does not know") && why.len() < 400, "{why}");
            assert_eq!(saved(&user.bench)[field], nonsense);
            let shown = user.bench.view.settings.of(Setting::Csound);
            assert!(
                field != "csound" || shown > Setting::Csound.kind().ends().1,
                "none of those that are offered"
            );
        }
    }
    user.choose(1);
    assert_eq!((user.stands(), user.bench.play()[511]), (SIX, 0.5));
}

#[test]
fn what_performs_in_place_of_a_piece_that_fails_does_so_by_its_own_csound() {
    let test = "csounds::what_performs_in_place_of_a_piece_that_fails_does_so_by_its_own_csound";
    if !alone_with_csounds(test, both_csounds()) {
        return;
    }
    let mut user = User::new();
    user.open(&of_six("0.25"));
    user.open(&(ASKS_FOR_7.to_owned() + &of_six("0.5")));
    assert_eq!((performs_by(&user.bench), named(&user.bench)), (Some(6), Some(Generation::Seven)));
    assert_eq!(user.bench.play()[511], 0.25, "what played plays on");
    let kept = saved(&user.bench);
    assert_eq!((&kept["csound_of_auto"], &kept["csound_of_last_good"]), (&json!(7), &json!(6)));
    let mut another = User::new();
    another.bench.link.load(&[(session::FIELD.to_owned(), kept.to_string())].into());
    settle(&mut another.bench);
    assert_eq!((performs_by(&another.bench), another.bench.play()[511]), (Some(6), 0.25));
    assert!(said(&another.bench, "performs instead by Csound 6"));
    assert_eq!(another.bench.link.session().csound, Choice::Auto);
}
