//! What plays and what comes: the lines of instruments on the page of events.

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use egui_kittest::kittest::Queryable;

#[cfg(target_os = "linux")]
use crate::backend_bench::{Bench, HEADER, alone, write};
use crate::desk::*;

fn entry(instrument: &str, begin: f64, length: f64) -> ScoreEntry {
    ScoreEntry { instrument: instrument.into(), begin, length }
}

fn open() -> Desk {
    let mut piece = bells();
    piece.score = vec![entry("bell", 0.0, 2.0), entry("2", 1.0, 4.0), entry("2", 8.0, 1.0)];
    let mut desk = Desk::on(piece);
    desk.click("Events");
    desk
}

#[test]
fn each_instrument_has_a_line_with_its_voices_and_what_comes_next() {
    let mut desk = open();
    assert!(desk.shows("instr bell: 1 voice, 1.2 %") && desk.has_button("Score of 2: next at 1.0 s"));
    desk.backend.act(Action::Seek(1.5));
    desk.steps(2);
    assert!(desk.shows("instr 2: 1 voice, 1.2 %") && desk.has_button("Score of 2: next at 8.0 s"));
    assert!(desk.has_button("Score of bell: nothing more of the score"));
    let rect = desk.window.get_by_label("Score of bell: nothing more of the score").rect();
    assert!(rect.width() > 300.0 && rect.height() >= 12.0, "{rect}");
    // What is played by MIDI or by code has a line, too, and keeps it.
    desk.backend.change(|view| {
        view.sounding = [SoundingInstrument { name: "9".into(), voices: 3, load: Some(456) }].into();
    });
    desk.steps(2);
    assert!(
        desk.shows("instr 9: 3 voices, 46 %")
            && desk.shows("instr bell")
            && !desk.shows("instr bell: 1 voice, 1.2 %")
    );
    let slots = desk.rect("Slot 1").top();
    desk.backend.change(|view| {
        view.sounding = [SoundingInstrument { name: "2".into(), voices: 1, load: None }].into()
    });
    desk.steps(2);
    assert!(desk.shows("instr 9"));
    assert_eq!(desk.rect("Slot 1").top(), slots, "nothing moves");
}

#[test]
fn a_click_on_a_line_goes_to_its_time() {
    let mut desk = open();
    desk.log();
    let line = desk.window.get_by_label("Score of 2: next at 1.0 s").rect();
    // The names take 150 points, and the rest is 10 seconds.
    let at = egui::pos2(150.0 + line.left() + (line.width() - 150.0) * 0.5, line.center().y);
    desk.pointer(at, true);
    desk.pointer(at, false);
    let log = desk.log();
    let [Action::Seek(to)] = log[..] else { panic!("{log:?}") };
    assert!((to - 5.0).abs() < 0.1, "{to}");
    desk.steps(2);
    desk.press("All");
    assert!(desk.has_button("Score of 2: next at 8.0 s"));
}

#[test]
fn what_the_console_was_told_is_on_the_score_and_leads_to_its_line() {
    let mut desk = open();
    let say = |view: &mut View, importance, at, text: &str| {
        view.console.push(Line { importance, at, text: text.into(), ..Line::default() });
    };
    desk.backend.change(|view| {
        (0..200).for_each(|number| say(view, Importance::Info, None, &format!("line {number}")));
        say(view, Importance::Warning, Some(5.0), "samples out of range");
        (0..200).for_each(|number| say(view, Importance::Info, None, &format!("later {number}")));
        say(view, Importance::Print, Some(7.5), "kcps 440");
    });
    desk.steps(2);
    let line = desk.window.get_by_label("Console on the score: 2 lines, the last at 7.5 s").rect();
    let at = |share: f32| egui::pos2(150.0 + line.left() + (line.width() - 150.0) * share, line.center().y);
    desk.pointer(at(0.5), true);
    desk.pointer(at(0.5), false);
    desk.steps(3);
    assert!(desk.shows("samples out of range"), "the console is in front, at the line");
    assert!(!desk.shows("kcps 440"), "not at its end");
    // From the line one gets back to its place in the score.
    desk.log();
    desk.window.get_by_label("samples out of range").click_secondary();
    desk.steps(3);
    desk.press("Go to 5.0 s of the score, where it was said");
    assert!(desk.log().contains(&Action::Seek(5.0)), "it goes there");
    // Where nothing was said, a click does nothing.
    desk.click("Events");
    desk.log();
    desk.pointer(at(0.2), true);
    desk.pointer(at(0.2), false);
    assert_eq!(desk.log(), []);
}

#[test]
fn a_line_is_found_on_a_console_that_has_grown_and_stays_where_it_is_read() {
    let mut desk = open();
    let say = |view: &mut View, at, text: String| {
        view.console.push(Line { importance: Importance::Warning, at, text: text.into(), ..Line::default() });
    };
    let infos = |view: &mut View, count: usize| {
        for number in 0..count {
            let text = format!("info {number}");
            view.console.push(Line { text: text.into(), ..Line::default() });
        }
    };
    // It was open before, at its end.
    desk.click("Console");
    desk.backend.change(|view| infos(view, 100));
    desk.steps(3);
    desk.click("Events");
    desk.backend.change(|view| {
        infos(view, 30_000);
        say(view, Some(5.0), "samples out of range".to_owned());
        infos(view, 30_000);
    });
    desk.steps(2);
    let line = desk.window.get_by_label("Console on the score: 1 line, the last at 5.0 s").rect();
    let at = egui::pos2(150.0 + line.left() + (line.width() - 150.0) * 0.5, line.center().y);
    desk.pointer(at, true);
    desk.pointer(at, false);
    desk.steps(2);
    let place = desk.rect("samples out of range").center().y;
    desk.steps(10);
    assert_eq!(desk.rect("samples out of range").center().y, place, "it does not drift");
    let page = desk.window.ctx.content_rect().height();
    assert!((place - page / 2.0).abs() < page / 4.0, "in the middle: {place} of {page}");
    // A full console loses its oldest lines.
    desk.backend.change(|view| infos(view, CONSOLE_LINES - 60_000));
    desk.steps(3);
    desk.backend.change(|view| infos(view, 777));
    desk.steps(3);
    let now = desk.rect("samples out of range").center().y;
    assert!((now - place).abs() < 0.5, "nothing moves while it is read: {place}, then {now}");
}

#[test]
fn lines_are_those_of_what_performs() {
    let mut desk = open();
    let gong = "instr gong\nprint 1\nendin\ninstr 1\n";
    desk.backend.act(Action::Apply([BELLS.replace("instr 1\n", &gong.replace("print", "broken"))].into()));
    desk.steps(2);
    assert!(desk.shows("instr 1") && !desk.shows("instr gong"), "what played before plays on");
    desk.backend.act(Action::Apply([BELLS.replace("instr 1\n", gong)].into()));
    desk.steps(2);
    assert!(desk.shows("instr gong"));
}

#[test]
fn a_piece_without_a_score_says_so_and_a_large_one_lays_out_what_is_in_sight() {
    let mut desk = Desk::on(bells());
    desk.click("Events");
    assert!(desk.shows("instr 1"), "the instrument that MIDI plays has its line from the beginning");
    let mut desk = Desk::on(FakePiece::csd("/music/none.csd", "<CsoundSynthesizer>\n</CsoundSynthesizer>\n"));
    desk.click("Events");
    assert!(desk.shows("Nothing sounds, and the score has no notes"));
    let mut large = FakePiece::csd("/music/large.csd", BELLS);
    large.score = (0..20_000).map(|at| entry(&(at % 400).to_string(), f64::from(at), 1.0)).collect();
    let mut desk = Desk::on(large);
    desk.click("Events");
    let lines = desk.window.query_all_by_label_contains("Score of").count();
    assert!((3..20).contains(&lines), "{lines} lines");
}

#[test]
#[cfg(target_os = "linux")]
fn instruments_are_counted_by_name_while_an_editor_is_open() {
    if !alone("timeline::instruments_are_counted_by_name_while_an_editor_is_open") {
        return;
    }
    let body = "instr 1\nendin\ninstr bell\nouts a(0.1), a(0.1)\nendin\n";
    let text = crate::common::csd("-M0", HEADER, body, "i \"bell\" 0 1000\ni \"bell\" 0 1000\ni 1 500 1\n");
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "piece.csd", &text);
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, _| view.state == State::Playing && !view.score.is_empty());
    for _ in 0..50 {
        bench.play();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    bench.until("nobody looks", |view, _| view.sounding.is_empty());
    bench.open_window();
    let is_two = |view: &View| {
        let is_it = |sounding: &SoundingInstrument| (&*sounding.name, sounding.voices) == ("bell", 2);
        view.sounding.len() == 1 && view.sounding.iter().all(is_it)
    };
    bench.until("both bells are counted", |view, _| is_two(view));
    let scored: Vec<_> = bench.view.score.iter().map(|entry| entry.instrument.as_str()).collect();
    assert_eq!(scored, ["bell", "bell", "1"]);
    bench.desk.act(Action::Restart);
    bench.until("another engine counts them, too", |view, _| view.transport.time < 1.0 && is_two(view));
}
