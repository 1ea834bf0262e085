//! The manual at the cursor.

use csound_performer::editor::fake::{FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use egui::{Key, Modifiers};

use crate::desk::*;

const NONE: Modifiers = Modifiers::NONE;

const OSCILI: &str =
    "<h1>oscili</h1><p>oscili — A tone of a table.</p><h2>Syntax</h2><pre>ares oscili xamp, xcps</pre>
<p>It sounds. <a href=\"bright.csd\">bright.csd</a></p>";

/// A desk with the cursor at `oscili`, over files that may be a manual of two pages and an example.
fn desk() -> Desk {
    let pages =
        [("oscili.html", OSCILI), ("linen.html", "<h1>linen</h1><p>linen — A shape with an end.</p>")];
    let pages = pages.map(|(name, text)| FakePiece::csd(format!("/manual/{name}"), text));
    let example = FakePiece::csd("/manual/bright.csd", BELLS);
    let mut desk = Desk::new([bells(), example].into_iter().chain(pages).collect(), [960.0, 640.0]);
    desk.open("/music/bells.csd".as_ref());
    to_oscili(&mut desk);
    desk.log();
    desk
}

fn to_oscili(desk: &mut Desk) {
    desk.enter_source();
    for _ in 0..6 {
        desk.key(NONE, Key::ArrowRight);
    }
}

fn with_manual() -> Desk {
    let mut desk = desk();
    desk.backend.act(Action::ChooseManual("/manual".into()));
    desk.steps(2);
    desk.log();
    desk
}

#[test]
fn f1_shows_the_page_of_the_opcode_and_its_example_becomes_a_piece() {
    let mut desk = with_manual();
    desk.key(NONE, Key::F1);
    assert_eq!(desk.log(), [Action::LookUp("oscili".into())]);
    for shown in ["Manual of Csound 6", "A tone of a table.", "ares oscili xamp, xcps", "It sounds."] {
        assert!(desk.shows(shown), "{shown}");
    }
    assert!(desk.shows("https://csound.com/docs/manual/oscili.html"));
    desk.press("Open in the browser");
    assert_eq!(desk.log(), [Action::ShowOnline]);
    desk.press("Open bright.csd");
    assert_eq!(desk.log(), [Action::Open("/manual/bright.csd".into())]);
    desk.steps(2);
    assert!(desk.shows("A tone of a table."), "the page stays");
}

#[test]
fn a_text_that_is_not_saved_is_asked_for_before_an_example_takes_its_place() {
    let mut desk = with_manual();
    desk.key(NONE, Key::F1);
    desk.write(" ");
    desk.log();
    desk.press("Open bright.csd");
    assert_eq!(desk.log(), [], "it is asked first");
    desk.press("Do not save");
    assert_eq!(desk.log(), [Action::Open("/manual/bright.csd".into())]);
}

#[test]
fn f1_again_closes_it_and_so_does_its_button() {
    let mut desk = with_manual();
    desk.key(NONE, Key::F1);
    desk.log();
    desk.key(NONE, Key::F1);
    assert_eq!(desk.log(), [Action::CloseManual]);
    assert!(!desk.shows("A tone of a table."));
    desk.key(NONE, Key::F1);
    desk.press("Close the manual");
    assert!(!desk.shows("A tone of a table."));
    to_oscili(&mut desk);
    // Elsewhere, another page takes its place.
    desk.key(NONE, Key::F1);
    assert!(desk.shows("A tone of a table."));
}

#[test]
fn a_click_on_the_line_of_the_opcode_shows_its_page() {
    let mut desk = with_manual();
    desk.press_that_says("oscili ");
    assert_eq!(desk.log(), [Action::LookUp("oscili".into())]);
    assert!(desk.shows("A tone of a table."));
}

#[test]
fn words_find_pages_by_name_and_description() {
    let mut desk = with_manual();
    desk.key(NONE, Key::F1);
    desk.click("Search the manual");
    desk.write("shape");
    assert!(desk.has_button("linen") && !desk.has_button("oscili"));
    assert!(!desk.shows("It sounds."), "what is found is in the page's place");
    desk.press("linen");
    assert!(desk.shows("Manual of Csound 6") && desk.shows("A shape with an end."));
    desk.click("Search the manual");
    desk.write("no such thing");
    assert!(desk.shows("Nothing of that is in the manual"));
    desk.key(CONTROL, Key::A);
    desk.write("osc");
    desk.key(NONE, Key::Enter);
    assert!(desk.shows("It sounds."));
}

#[test]
fn without_a_manual_it_says_how_to_come_to_one_and_a_folder_is_taken() {
    let pages = FakePiece::csd("/manual/oscili.html", OSCILI);
    let dialogs = FakeDialogs::new("/manual");
    let mut desk = Desk::with_dialogs(vec![bells(), pages], [960.0, 640.0], dialogs);
    desk.open("/music/bells.csd".as_ref());
    desk.enter_source();
    for _ in 0..6 {
        desk.key(NONE, Key::ArrowRight);
    }
    desk.key(NONE, Key::F1);
    assert!(desk.shows("apt install csound-doc") && desk.shows("https://csound.com/docs/manual/oscili.html"));
    assert!(!desk.has_button("Forget the folder"));
    desk.log();
    desk.press("Manual's folder…");
    desk.steps(2);
    assert_eq!(desk.log(), [Action::ChooseManual("/manual".into())]);
    assert!(desk.shows("A tone of a table."));
    desk.press("Forget the folder");
    assert!(desk.shows("apt install csound-doc"));
}

#[test]
fn a_manual_of_the_other_csound_says_so() {
    let mut desk = with_manual();
    desk.key(NONE, Key::F1);
    desk.backend.change(|view| {
        if let Some(manual) = &mut view.manual {
            manual.wanted = csound_performance::Generation::Seven;
        }
    });
    desk.steps(2);
    assert!(desk.shows("Manual of Csound 6; the piece is of Csound 7"));
    assert!(desk.shows("https://csound.com/manual/opcodes/oscili/"));
}
