//! Writing in the source: completion, signatures, sending a part of the text, commands on lines, undo,
//! the outline, mistakes.

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use test_host::tools::{csound_7, is_missing};

use crate::backend_bench::{alone, alone_with_csounds};
use crate::common::csd;
use crate::desk::*;
use crate::real::Real;

impl Desk {
    /// The whole text.
    pub fn source(&self) -> String {
        self.window.get_by_role(Role::MultilineTextInput).value().unwrap_or_default()
    }

    /// A line of it, from 1.
    pub fn source_line(&self, line: usize) -> String {
        self.source().split('\n').nth(line - 1).unwrap_or_default().to_owned()
    }

    /// Letter by letter, as a hand does it.
    pub fn type_in(&mut self, text: &str) {
        text.chars().for_each(|letter| self.write(&letter.to_string()));
    }

    pub fn keys(&mut self, modifiers: Modifiers, key: Key, count: usize) {
        (0..count).for_each(|_| self.key(modifiers, key));
    }
}

pub const NONE: Modifiers = Modifiers::NONE;
const ALT: Modifiers = Modifiers::ALT;

/// With the cursor in the source.
pub fn desk() -> Desk {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk
}

#[test]
fn the_text_is_drawn() {
    let desk = desk();
    let is_it = |shape: &egui::Shape| match shape {
        egui::Shape::Text(text) => text.galley.text().contains("oscili 0.2, 440"),
        _ => false,
    };
    assert!(desk.window.output().shapes.iter().any(|clipped| is_it(&clipped.shape)));
}

#[test]
fn a_word_is_completed_by_tab_enter_or_not_at_all() {
    let mut desk = desk();
    desk.type_in("  a2 pos");
    assert!(desk.shows("poscil"), "it is offered while it is typed");
    desk.key(NONE, Key::Tab);
    assert_eq!(desk.source_line(4), "  a2 poscil  a1 oscili 0.2, 440");
    assert!(!desk.shows("poscil3"), "the list is closed");
    desk.type_in(" osci");
    desk.key(NONE, Key::Escape);
    desk.key(NONE, Key::ArrowDown);
    desk.key(NONE, Key::ArrowUp);
    assert_eq!(desk.source_line(4), "  a2 poscil osci  a1 oscili 0.2, 440");
    assert!(desk.window.get_by_role(Role::MultilineTextInput).is_focused(), "Escape keeps the cursor there");
    desk.key(CONTROL, Key::Space);
    desk.key(NONE, Key::Enter);
    assert!(desk.source_line(4).starts_with("  a2 poscil oscil"), "{}", desk.source_line(4));
    assert!(!desk.source_line(4).contains("osci  "), "asked for");
}

#[test]
fn the_signature_of_the_opcode_at_the_cursor_is_shown() {
    let mut desk = desk();
    desk.type_in("  a2 poscil ");
    assert!(desk.shows("a poscil"), "with what it gives and takes");
    desk.key(NONE, Key::Home);
    assert!(!desk.shows("a poscil"));
}

#[test]
fn the_instrument_at_the_cursor_is_sent_into_what_plays() {
    let mut desk = desk();
    desk.key(CONTROL, Key::Enter);
    let code = "instr 1\n  a1 oscili 0.2, 440\n  outs a1, a1\nendin";
    assert_eq!(desk.log(), [Action::SendOrchestra(code.into())]);
    assert_eq!(desk.source(), BELLS, "the text is not applied by that");
    desk.type_in("  prints \"open");
    desk.key(CONTROL, Key::Enter);
    let log = desk.log();
    assert!(matches!(&log[..], [Action::Report(_)]), "{log:?}");
    assert!(desk.shows("not sent into what plays"), "with its place");
    // An event of the score.
    desk.keys(NONE, Key::ArrowDown, 5);
    desk.key(CONTROL, Key::Enter);
    assert_eq!(desk.log(), [Action::SendLine("i 1 0 60".into())]);
    desk.keys(NONE, Key::ArrowDown, 2);
    desk.key(CONTROL, Key::Enter);
    assert!(desk.shows("put the cursor into one"), "elsewhere it says what to do");
}

#[test]
fn undo_goes_back_behind_an_apply_and_redo_comes_again() {
    let mut desk = desk();
    desk.type_in("; one");
    desk.key(NONE, Key::Enter);
    desk.key(APPLY, Key::Enter);
    assert!(matches!(&desk.log()[..], [Action::Apply(_)]));
    desk.type_in("; two");
    let whole = desk.source();
    for _ in 0..8 {
        desk.key(CONTROL, Key::Z);
    }
    assert_eq!(desk.source(), BELLS);
    for _ in 0..8 {
        desk.key(APPLY, Key::Z);
    }
    assert_eq!(desk.source(), whole);
}

#[test]
fn lines_are_commented_doubled_and_moved() {
    let mut desk = desk();
    desk.key(CONTROL, Key::Slash);
    assert_eq!(desk.source_line(4), ";   a1 oscili 0.2, 440");
    desk.key(CONTROL, Key::Slash);
    assert_eq!(desk.source(), BELLS);
    desk.key(ALT, Key::ArrowDown);
    assert_eq!(desk.source_line(5), "  a1 oscili 0.2, 440");
    desk.key(ALT, Key::ArrowUp);
    desk.key(CONTROL, Key::D);
    assert_eq!(desk.source_line(5), desk.source_line(4));
    desk.key(CONTROL, Key::Z);
    assert_eq!(desk.source(), BELLS);
    desk.key(CONTROL, Key::A);
    desk.key(NONE, Key::Tab);
    assert_eq!(desk.source_line(3), "  instr 1");
}

#[test]
fn enter_behind_a_whole_word_is_a_new_line_and_puts_in_what_goes_on_from_it() {
    let mut desk = desk();
    let line = |desk: &mut Desk, typed: &str| {
        desk.type_in(typed);
        desk.steps(3);
        desk.key(NONE, Key::Enter);
        desk.steps(2);
    };
    line(&mut desk, "if p4 > 1 then");
    assert_eq!(desk.source_line(4), "if p4 > 1 then");
    line(&mut desk, "a2 osil");
    assert_eq!(desk.source_line(5), "a2 osil", "letters that only come in some order are no choice");
    line(&mut desk, "a3 poscil");
    line(&mut desk, "a3 pOsc");
    assert!(desk.source_line(7).starts_with("a3 poscil"), "{}", desk.source_line(7));
    desk.key(NONE, Key::Enter);
    desk.type_in("a4 osil");
    desk.steps(3);
    desk.key(NONE, Key::ArrowDown);
    desk.key(NONE, Key::Enter);
    assert!(!desk.source().contains("a4 osil"), "the arrows choose: {}", desk.source());
}

#[test]
fn a_key_with_enter_is_a_command_before_it_is_a_new_line() {
    let mut desk = desk();
    let choice = KeyChoice::Chord("Alt+Enter".into());
    desk.backend.act(Action::ChooseKey("apply".into(), choice));
    desk.steps(2);
    desk.type_in("; one");
    desk.log();
    desk.key(ALT, Key::Enter);
    assert!(matches!(&desk.log()[..], [Action::Apply(_)]), "{}", desk.source());
    assert!(desk.source_line(4).starts_with("; one  a1"));
}

#[test]
fn an_error_of_an_included_file_leads_to_its_own_text() {
    let mut desk = desk();
    desk.backend.change(|view| {
        view.source.failure = Some("bells.csd does not compile. voice.orc, line 2: a comma".into());
        let included = Some("voice.orc".to_owned());
        view.source.errors =
            [SourceError { included, line: Some(2), text: "a comma".into(), ..SourceError::default() }]
                .into();
    });
    desk.steps(2);
    assert!(desk.window.query_by_label("Error in line 2").is_none(), "it is not of this text");
    desk.log();
    desk.window.get_by_label("voice.orc, line 2: a comma").click();
    desk.steps(2);
    assert!(desk.log().contains(&Action::OpenText("voice.orc".into())));
}

#[test]
fn a_new_line_begins_as_the_one_that_it_leaves() {
    let mut desk = desk();
    desk.key(NONE, Key::End);
    desk.key(NONE, Key::Enter);
    desk.type_in("k1 = 1");
    assert_eq!(desk.source_line(5), "  k1 = 1");
    desk.keys(CONTROL, Key::Z, 3);
    assert_eq!(desk.source_line(5), "  ", "the words of it");
    desk.key(CONTROL, Key::Z);
    assert_eq!(desk.source(), BELLS, "the line and its beginning in one step");
    desk.key(NONE, Key::Home);
    desk.key(NONE, Key::ArrowRight);
    desk.key(NONE, Key::Enter);
    assert_eq!(desk.source_line(4), " ");
    assert_eq!(desk.source_line(5), "  a1 oscili 0.2, 440", "no more than stood before the cursor");
    desk.key(CONTROL, Key::Z);
    desk.window.event(egui::Event::Text("k".into()));
    desk.window.key_press(Key::Enter);
    desk.window.event(egui::Event::Text("l".into()));
    desk.steps(2);
    assert_eq!(desk.source_line(4).trim(), "k", "in one frame as well");
    assert_eq!(desk.source_line(5).trim_start(), "l a1 oscili 0.2, 440");
}

#[test]
fn the_list_closes_when_the_text_is_applied() {
    let mut desk = desk();
    desk.type_in("  a2 pos");
    desk.steps(3);
    assert!(desk.shows("poscil"));
    desk.press("Apply");
    desk.steps(3);
    assert!(!desk.shows("poscil"));
}

#[test]
fn nothing_is_said_of_the_word_that_is_being_typed() {
    let mut desk = desk();
    let marked = |desk: &Desk| desk.window.query_by_label("Mistake in line 4").is_some();
    desk.type_in("  a2 oscil");
    desk.steps(60);
    assert!(!marked(&desk) && desk.shows("poscil"), "the list offers what may be meant");
    desk.type_in("x");
    assert!(!marked(&desk) && !desk.shows("there is no opcode"), "nor of the letters that are checked late");
    desk.steps(60);
    assert!(!marked(&desk) && !desk.shows("there is no opcode"));
    desk.type_in(" ");
    desk.steps(60);
    assert!(marked(&desk) && desk.shows("there is no opcode oscilx"));
}

#[test]
fn the_outline_leads_to_its_lines() {
    let mut desk = desk();
    assert!(!desk.shows("instr 1") || desk.window.query_by_role_and_label(Role::Button, "instr 1").is_none());
    desk.click("Outline");
    desk.window.get_by_role_and_label(Role::Button, "instr 1").click();
    desk.steps(3);
    desk.type_in("; here");
    assert!(desk.source_line(3).starts_with("; here"), "{}", desk.source());
}

#[test]
fn mistakes_are_marked_before_the_text_is_applied_and_not_beside_csounds_own() {
    let mut desk = desk();
    desk.type_in("  a2 nosuch 1");
    desk.key(NONE, Key::Enter);
    desk.steps(20);
    assert!(desk.window.query_by_label("Mistake in line 4").is_some());
    desk.key(NONE, Key::ArrowUp);
    assert!(desk.shows("there is no opcode nosuch"), "it says what is wrong");
    desk.keys(CONTROL, Key::Z, 5);
    assert_eq!(desk.source(), BELLS);
    desk.steps(20);
    assert!(desk.window.query_by_label("Mistake in line 4").is_none());
    desk.type_in("  broken 1");
    desk.key(NONE, Key::Enter);
    desk.key(APPLY, Key::Enter);
    desk.steps(20);
    assert!(desk.window.query_by_label("Error in line 4").is_some());
    assert!(desk.window.query_by_label("Mistake in line 4").is_none());
    desk.key(NONE, Key::ArrowUp);
    desk.steps(5);
    assert!(!desk.shows("there is no opcode broken"), "nor below the text, where Csound's stands");
}

#[test]
fn a_keystroke_lays_out_one_line_of_twenty_thousand() {
    let lines: Vec<_> = (0..20_000).map(|number| format!("gk{number} init {number}")).collect();
    let text = format!(
        "<CsoundSynthesizer>\n<CsInstruments>\n\n{}\n</CsInstruments>\n</CsoundSynthesizer>",
        lines.join("\n")
    );
    let mut desk = Desk::on(FakePiece::csd(PATH, &text));
    desk.enter_source();
    desk.type_in("k");
    assert_eq!(desk.laid().source_laid, 1);
    desk.key(NONE, Key::Enter);
    assert!(desk.laid().source_laid <= 2, "{}", desk.laid().source_laid);
}

#[test]
fn code_is_sent_into_what_plays_and_completed_with_csounds_own_opcodes() {
    if !alone("source::code_is_sent_into_what_plays_and_completed_with_csounds_own_opcodes") {
        return;
    }
    let piece =
        csd("", crate::backend_bench::HEADER, "instr 1\nouts a(0.25), a(0.25)\nendin\n", "i 1 0 1000");
    let mut real = Real::on(&piece);
    real.hears("what the piece plays", 0.25);
    real.until("the opcodes are told", |real| real.view().opcodes.has("moogladder"));
    real.click("Source");
    real.window.get_by_role(Role::MultilineTextInput).focus();
    real.steps(2);
    let text = |real: &Real| real.window.get_by_role(Role::MultilineTextInput).value().unwrap_or_default();
    real.key(CONTROL, Key::Home);
    let line = text(&real).split('\n').position(|line| line.starts_with("outs")).unwrap();
    for _ in 0..line {
        real.key(NONE, Key::ArrowDown);
    }
    for letter in "aX moogladd".chars() {
        real.write(&letter.to_string());
    }
    real.key(NONE, Key::Tab);
    assert!(text(&real).contains("aX moogladder"), "{}", text(&real));
    for _ in 0..3 {
        real.key(CONTROL, Key::Z);
    }
    assert_eq!(text(&real), piece, "what was put in, and two words");
    // The instrument as it is written: what sounds goes on, the next note has the new text.
    real.key(CONTROL, Key::Enter);
    real.until("it was taken", |real| real.view().reply.as_ref().is_some_and(|reply| reply.error.is_none()));
}

/// The shipped pieces, without those for opcode libraries that need trust; those for Csound 7 where that is wanted.
fn pieces(folder: &std::path::Path, of_seven: bool) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_wanted =
        |path: &std::path::PathBuf| !path.ends_with("libraries") && (of_seven || !path.ends_with("seven"));
    let entries = entries.filter(is_wanted);
    entries.flat_map(|path| if path.is_dir() { pieces(&path, of_seven) } else { vec![path] }).collect()
}

/// No piece is marked, by the opcodes that this machine's Csound tells.
fn none_is_marked(of_seven: bool) {
    use csound_language::mistakes::mistakes;
    use csound_language::piece::Document;

    let mut real = Real::on(&csd("", crate::backend_bench::HEADER, "instr 1\nendin\n", "i 1 0 1000"));
    real.until("the opcodes are told", |real| real.view().opcodes.has("moogladder"));
    let opcodes = real.view().opcodes;
    assert_eq!(opcodes.has("oversample"), of_seven, "the right Csound");
    let mut seen = 0;
    for path in pieces(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("pieces"), of_seven) {
        let language = match path.extension().and_then(|ending| ending.to_str()) {
            Some("csd") => Language::Csd,
            Some("orc") => Language::Orchestra,
            Some("sco") => Language::Score,
            _ => continue,
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let document = Document::of(&text, language);
        assert_eq!(mistakes(&text, &document, &opcodes, &[]), [], "{}", path.display());
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn no_shipped_piece_is_marked_over_csound_6() {
    if alone_with_csounds(
        "source::no_shipped_piece_is_marked_over_csound_6",
        Some("libcsound64.so.6.0".into()),
    ) {
        none_is_marked(false);
    }
}

#[test]
fn no_shipped_piece_is_marked_over_csound_7() {
    let seven = csound_7();
    if is_missing("Csound 7 (cycsound in target/venv)", seven.is_some()) {
        return;
    }
    let test = "source::no_shipped_piece_is_marked_over_csound_7";
    if alone_with_csounds(test, seven.map(Into::into)) {
        none_is_marked(true);
    }
}
