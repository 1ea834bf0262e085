//! The piece by both Csounds: what differs is found and told, what plays is not disturbed, and nothing is left of a
//! comparison that is given up.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use csound_performer::editor::fake::{FakeBackend, FakeDialogs, FakePiece};
use csound_performer::editor::model::{
    Action, Backend, ComparisonView, FindingKind, ParamRef, Setting, State,
};
use csound_performer::permission::Permission;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use test_host::measure::usage::engines;
use test_host::testing::{alone_with, both_csounds};
use test_host::tools::opcodes_7;

use crate::backend_bench::*;
use crate::common::{csd, libcsound_is_missing};
use crate::desk::{BELLS, Desk, PATH};

/// An instrument that knows by which Csound it is performed: `-2^2` is 4 by Csound 6, and -4 by Csound 7.
fn by_six(what: &str) -> String {
    format!("instr 1\nisix = -2^2 > 0 ? 1 : 0\nif isix == 1 then\n{what}\nendif\nouts a(0.25), a(0)\nendin\n")
}

fn piece(body: &str) -> String {
    csd("", HEADER, body, "i 1 0 1000")
}

/// An instance whose editor is open, with a piece by Csound 7.
struct User {
    bench: Bench,
    folder: tempfile::TempDir,
}

impl User {
    fn on(text: &str) -> Self {
        let bench = Bench::new();
        bench.open_window();
        let mut user = Self { bench, folder: tempfile::tempdir().unwrap() };
        user.open(text);
        // The processes that say the versions have ended: they would be counted with the engines.
        user.bench.until("the Csounds are known", |view, _| view.csound.installed.is_some());
        user
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn open(&mut self, text: &str) {
        let path = write(&self.path(), "piece.csd", text);
        self.bench.desk.act(Action::Open(path));
        let by = |view: &csound_performer::editor::model::View| {
            view.csound.performing.as_ref().is_some_and(|by| by.starts_with("Csound 7"))
        };
        self.bench.until("it plays", |view, _| view.state == State::Playing && by(view));
        self.bench.until("nothing was compared", |view, _| view.csound.comparison == ComparisonView::None);
    }

    /// What comes of a comparison.
    fn compare(&mut self) -> (FindingKind, String) {
        let link = std::sync::Arc::clone(&self.bench.link);
        let begun = move || {
            let said = link.console();
            said.iter().filter(|line| line.text.starts_with("comparing piece.csd")).count()
        };
        let before = begun();
        self.bench.desk.act(Action::Compare);
        self.bench.until("it begins, or is refused", |view, _| begun() > before || view.refused.is_some());
        // The comparison before this one may be shown until the line is there.
        self.bench.until("it is done", |view, _| {
            let is_under_way = view.csound.comparison == ComparisonView::UnderWay;
            !is_under_way && begun() > before || view.refused.is_some()
        });
        match self.bench.view.csound.comparison.clone() {
            ComparisonView::Done { told, kind } => (kind, told),
            _ => panic!("{:?}", self.bench.view.refused),
        }
    }

    fn says(&mut self, kind: FindingKind, parts: &[&str]) {
        let (found, told) = self.compare();
        assert_eq!(found, kind, "{told}");
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    fn begin(&mut self) {
        self.bench.desk.act(Action::Compare);
        self.bench.until("it is under way, by both", |view, _| {
            view.csound.comparison == ComparisonView::UnderWay && engines().len() == 3
        });
    }
}

/// In a process of its own on a machine with both Csounds, and with the opcode libraries that belong to the 7.
fn alone_with_both(test: &str) -> bool {
    let Some(csounds) = both_csounds().filter(|_| !libcsound_is_missing()) else { return false };
    let home = tempfile::tempdir().unwrap();
    let opcodes = opcodes_7().unwrap_or_default();
    let environment = [
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        (csound_library::VARIABLE, &csounds),
        ("OPCODE7DIR64", opcodes.as_os_str()),
    ];
    alone_with(test, &environment)
}

/// How long a piece may hang offline.
fn limit_hangs(seconds: u32) {
    let folder = dirs_of_config().join("csound-performer");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("limits.json"), format!("{{ \"hang_seconds\": {seconds} }}")).unwrap();
}

/// Threads of this process that compare.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "csound compare").count()
}

fn eventually(what: &str, mut there: impl FnMut() -> bool) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < Duration::from_secs(40), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_differs_is_told_with_its_place_and_level_and_what_plays_plays_on() {
    let test = "comparing::what_differs_is_told_with_its_place_and_level_and_what_plays_plays_on";
    if !alone_with_both(test) {
        return;
    }
    // The second channel differs from 1 s on.
    let body = "instr 1\na1 poscil 0.2, 440\nouts a1, a(0)\nendin\n\
                instr 2\na1 oscili 0.2, 440\nouts a(0), a1\nendin\n";
    let mut user = User::on(&csd("", HEADER, body, "i 1 0 1000\ni 2 1 1000\n"));
    // Who listed the opcodes may still be on its way out.
    user.bench.until("one engine is left", |_, _| engines().len() == 1);
    let before = (user.bench.link.lock().wanted, engines());
    let time = user.bench.view.transport.time;
    user.says(
        FindingKind::Different,
        &["piece.csd: Csound 7.0.0 and Csound 6.", "differ from 1.0", "dBFS (channel 2", "first 10 s"],
    );
    assert_eq!(
        (user.bench.link.lock().wanted, engines()),
        before,
        "the same engine performs, and no other is left"
    );
    assert!(user.bench.view.transport.time > time);
    assert_eq!(threads(), 0);
    // By the other one it is the same, the other way round.
    user.bench.desk.act(Action::Set(Setting::Csound, 1.0));
    user.bench.until("Csound 6 performs", |view, _| {
        view.csound.performing.as_ref().is_some_and(|by| by.starts_with("Csound 6"))
    });
    user.says(FindingKind::Different, &["piece.csd: Csound 6.", "and Csound 7.0.0 differ from 1.0"]);
}

#[test]
fn channels_stand_as_the_instance_has_them_and_so_does_its_start() {
    let test = "comparing::channels_stand_as_the_instance_has_them_and_so_does_its_start";
    if !alone_with_both(test) {
        return;
    }
    let body = "chn_k \"old\", 1, 2, 0, 0, 1\nchn_S \"which\", 1\n\
                instr 1\nkold chnget \"old\"\na1 poscil 0.2, 440\na2 oscili 0.2, 440\n\
                outs (kold > 0.5 ? a2 : a1), a1\nendin\n";
    let mut user = User::on(&piece(body));
    user.says(FindingKind::Alike, &["equal bit for bit for the first 10 s"]);
    user.bench.desk.act(Action::SetParam(ParamRef::Bank(0), 1.0));
    user.bench.until("it is set", |view, _| view.value(0) == 1.0);
    user.says(FindingKind::Different, &["(channel 1)"]);
}

#[test]
fn one_that_does_not_take_the_text_ends_earlier_crashes_or_hangs_is_told() {
    let test = "comparing::one_that_does_not_take_the_text_ends_earlier_crashes_or_hangs_is_told";
    if !alone_with_both(test) {
        return;
    }
    limit_hangs(1);
    let mut user = User::on(&piece("instr 1\nlevel:k = 0.5\nouts a(level), a(level)\nendin\n"));
    user.says(
        FindingKind::Failed,
        &["Csound 7.0.0 takes this piece", "Csound 6", "does not take it", "Line "],
    );
    user.open(&piece(&by_six("event_i \"e\", 0, 0.5")));
    user.says(FindingKind::Different, &["By Csound 6", "the piece ends at 0.5", "by the other it goes on"]);
    user.open(&piece(&by_six("adel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap")));
    user.says(FindingKind::Failed, &["Csound 6", "does not survive it, after 0.000 s", "signal"]);
    user.open(&piece(&by_six("while 1 == 1 do\nod")));
    user.says(FindingKind::Failed, &["Csound 6", "does not survive it"]);
    assert_eq!(engines().len(), 1, "that of the piece");
}

#[test]
fn a_piece_that_waits_for_notes_or_sound_is_played_some_and_one_that_is_random_is_told_so() {
    let test =
        "comparing::a_piece_that_waits_for_notes_or_sound_is_played_some_and_one_that_is_random_is_told_so";
    if !alone_with_both(test) {
        return;
    }
    let played = |body: &str| csd("-M0 --midi-key-cps=4", &format!("{HEADER}nchnls_i = 2\n"), body, "");
    let mut user = User::on(&played("instr 1\na1 oscili 0.1, p4\nouts a1, a1\nendin\n"));
    user.says(FindingKind::Different, &["a chord was played to it"]);
    user.open(&played(
        "instr 1\nouts a(0), a(0)\nendin\nalwayson 2\ninstr 2\na1, a2 ins\nouts a1, a2\nendin\n",
    ));
    user.says(FindingKind::Alike, &["equal bit for bit for the first 10 s. Its score plays nothing"]);
    user.open(&played("instr 1\nouts a(0), a(0)\nendin\n"));
    user.says(FindingKind::Alike, &["both are silent"]);
    user.open(&piece("seed 0\ninstr 1\na1 rand 0.1, 2\nouts a1, a1\nendin\n"));
    user.says(FindingKind::Different, &["But Csound 7.0.0 differs from itself as well"]);
}

#[test]
fn no_file_is_overwritten_whatever_the_piece_may_write() {
    let test = "comparing::no_file_is_overwritten_whatever_the_piece_may_write";
    if !alone_with_both(test) {
        return;
    }
    let body = "instr 1\na1 poscil 0.2, 440\nfout \"take.wav\", 8, a1\nouts a1, a1\nendin\n";
    for trusts in [false, true] {
        let mut user = User::on(&csd("", HEADER, body, "i 1 100 1000"));
        let writes = Permission::Write(user.path());
        user.bench.desk.act(if trusts { Action::Trust } else { Action::Permit(writes.clone()) });
        user.bench.until("it may", |view, _| {
            let may = view.isolation.trusted == trusts && (trusts || may(view, &writes));
            view.state == State::Playing && may
        });
        // The instance has an engine that would write at once, and does not perform.
        user.bench.desk.act(Action::Apply(vec![csd("", HEADER, body, "i 1 0 1000")]));
        let link = std::sync::Arc::clone(&user.bench.link);
        eventually("it is built", || !link.has_errands() && !link.is_pending());
        let take = write(&user.path(), "take.wav", "precious");
        user.bench.desk.act(Action::Compare);
        eventually("it is compared", || {
            user.bench.desk.fill(&mut user.bench.view);
            matches!(user.bench.view.csound.comparison, ComparisonView::Done { kind: FindingKind::Alike, .. })
        });
        assert_eq!(std::fs::read(&take).unwrap(), b"precious", "trusted: {trusts}");
    }
}

#[test]
fn nothing_is_left_of_a_comparison_that_is_given_up_or_whose_instance_goes() {
    let test = "comparing::nothing_is_left_of_a_comparison_that_is_given_up_or_whose_instance_goes";
    if !alone_with_both(test) {
        return;
    }
    // It does not end by itself meanwhile.
    limit_hangs(300);
    let hangs = piece(&by_six("while 1 == 1 do\nod"));
    let mut user = User::on(&hangs);
    let rests = |user: &mut User| {
        user.bench.until("it is given up", |view, _| view.csound.comparison == ComparisonView::None);
        eventually("only the piece's own engine is left", || (engines().len(), threads()) == (1, 0));
    };
    user.begin();
    user.bench.desk.act(Action::Compare);
    let link = std::sync::Arc::clone(&user.bench.link);
    eventually("the second press is heard", || !link.has_errands());
    // A nursery that has just been started is counted until it has its name.
    eventually("one at a time", || (engines().len(), threads()) == (3, 1));
    user.bench.desk.act(Action::StopComparing);
    rests(&mut user);
    // Another text takes the piece's place.
    user.begin();
    user.bench.desk.act(Action::Apply(vec![level("0.5")]));
    user.bench.until("it performs", |_, heard| heard[511] == 0.5);
    rests(&mut user);
    user.open(&hangs);
    user.begin();
    drop(user);
    assert_eq!((engines().len(), threads()), (0, 0));
}

#[test]
fn a_comparison_that_is_asked_for_while_one_of_another_text_ends_comes_next() {
    let test = "comparing::a_comparison_that_is_asked_for_while_one_of_another_text_ends_comes_next";
    if !alone_with_both(test) {
        return;
    }
    limit_hangs(300);
    let mut user = User::on(&piece(&by_six("while 1 == 1 do\nod")));
    user.begin();
    // Both come before anybody looks at the first one.
    user.bench.desk.act(Action::Apply(vec![level("0.5")]));
    user.bench.desk.act(Action::Compare);
    user.bench.until("the second one is done", |view, _| {
        matches!(view.csound.comparison, ComparisonView::Done { kind: FindingKind::Alike, .. })
    });
    eventually("nothing is left", || (engines().len(), threads()) == (1, 0));
    // One that waits is given up as any other.
    user.open(&piece(&by_six("while 1 == 1 do\nod")));
    user.begin();
    user.bench.desk.act(Action::Apply(vec![level("0.75")]));
    user.bench.desk.act(Action::Compare);
    user.bench.desk.act(Action::StopComparing);
    user.bench.until("it performs", |_, heard| heard[511] == 0.75);
    user.bench.until("none is there", |view, _| view.csound.comparison == ComparisonView::None);
    eventually("nothing is left", || (engines().len(), threads()) == (1, 0));
}

#[test]
fn a_finding_goes_once_what_was_compared_may_be_another_one() {
    let test = "comparing::a_finding_goes_once_what_was_compared_may_be_another_one";
    if !alone_with_both(test) {
        return;
    }
    let including = piece("#include \"body.inc\"\n");
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "body.inc", "instr 1\nouts a(0.25), a(0)\nendin\n");
    let mut user = User { bench: Bench::new(), folder };
    user.bench.open_window();
    user.open(&including);
    user.says(FindingKind::Alike, &["equal bit for bit"]);
    // The text is the same, and its files need not be.
    user.bench.desk.act(Action::Reload);
    user.bench.until("it is gone", |view, _| view.csound.comparison == ComparisonView::None);
    user.says(FindingKind::Alike, &["equal bit for bit"]);
    // What it may do may change what it plays.
    user.bench.desk.act(Action::Permit(Permission::Write(user.path())));
    user.bench.until("it is gone", |view, _| view.csound.comparison == ComparisonView::None);
    user.says(FindingKind::Alike, &["equal bit for bit"]);
    // By which of the two it performs does not change how they compare.
    user.bench.desk.act(Action::Set(Setting::Csound, 1.0));
    user.bench.until("Csound 6 performs", |view, _| {
        view.csound.performing.as_ref().is_some_and(|by| by.starts_with("Csound 6"))
    });
    assert!(matches!(user.bench.view.csound.comparison, ComparisonView::Done { .. }));
}

#[test]
fn a_score_with_sections_is_compared_as_it_plays_and_what_7_leaves_out_is_told() {
    let test = "comparing::a_score_with_sections_is_compared_as_it_plays_and_what_7_leaves_out_is_told";
    if !alone_with_both(test) {
        return;
    }
    let sections = |body: &str| csd("-M0 --midi-key-cps=4", HEADER, body, "i 1 0 0.5\ns\ni 1 0 0.5\n");
    let mut user = User::on(&sections("instr 1\na1 poscil 0.2, 440\nouts a1, a1\nendin\n"));
    user.says(FindingKind::Alike, &["equal bit for bit", "By Csound 7.0.0: ", "no MIDI"]);
    // A chord is heard by 6 alone, and the reason stands there.
    user.open(&sections(
        "massign 1, 2\ninstr 1\nouts a(0), a(0)\nendin\ninstr 2\na1 poscil 0.1, p4\nouts a1, a1\nendin\n",
    ));
    user.says(FindingKind::Different, &["a chord was played to it", "By Csound 7.0.0: ", "no MIDI"]);
}

#[test]
fn the_settings_page_offers_it_and_shows_what_came_of_it() {
    let mut desk = Desk::on(FakePiece::csd(PATH, BELLS));
    desk.click("Settings");
    let button = |desk: &Desk, label: &str| {
        desk.window.get_by_role_and_label(Role::Button, label).accesskit_node().is_disabled()
    };
    assert!(button(&desk, "Compare with Csound 7"));
    assert!(desk.shows("Csound 7 is not installed here"));
    let backend = std::sync::Arc::new(FakeBackend::with_both_csounds(vec![FakePiece::csd(PATH, BELLS)]));
    drop(desk);
    let mut desk = Desk::over(backend, [960.0, 640.0], FakeDialogs::new(PATH));
    desk.click("Settings");
    assert!(button(&desk, "Compare with Csound 7"), "without a piece");
    desk.backend.act(Action::Open(PATH.into()));
    desk.steps(2);
    desk.log();
    desk.press("Compare with Csound 7");
    assert_eq!(desk.log(), [Action::Compare]);
    assert!(desk.shows("by at most -99.0 dBFS"));
    desk.backend.change(|view| view.csound.comparison = ComparisonView::UnderWay);
    desk.steps(2);
    desk.press("Stop comparing");
    assert_eq!(desk.log(), [Action::StopComparing]);
    desk.window.get_by_role_and_label(Role::Button, "Compare with Csound 7");
}
