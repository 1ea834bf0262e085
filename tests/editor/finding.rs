//! Find and replace in the source.

use csound_performer::editor::fake::FakePiece;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use crate::desk::*;
use crate::source::{NONE, desk};

#[test]
fn words_are_found_and_replaced() {
    let mut desk = desk();
    desk.key(CONTROL, Key::H);
    desk.window.get_by_label("Find").focus();
    desk.steps(2);
    desk.write("a1");
    assert!(desk.shows("3 found"));
    desk.window.get_by_label("Replace by").focus();
    desk.steps(2);
    desk.write("aTone");
    desk.press("Replace all");
    assert_eq!(desk.source().matches("aTone").count(), 3);
    desk.key(CONTROL, Key::Z);
    assert_eq!(desk.source(), BELLS, "in one step");
    desk.press("Close");
    assert!(desk.window.query_by_label("Find").is_none());
    desk.key(CONTROL, Key::G);
    desk.write("8");
    desk.key(NONE, Key::Enter);
    desk.type_in("; here");
    assert!(desk.source_line(8).starts_with("; here"), "{}", desk.source());
}

#[test]
fn find_opens_on_the_page_source_whatever_has_the_focus_and_nowhere_else() {
    let mut desk = Desk::on(bells());
    desk.click("Source");
    let finds = |desk: &Desk| desk.window.query_by_role_and_label(Role::TextInput, "Find").is_some();
    desk.key(CONTROL, Key::F);
    assert!(finds(&desk), "nothing has the focus");
    desk.write("a1");
    assert!(desk.shows("3 found"), "it has it now");
    desk.key(NONE, Key::Escape);
    desk.window.get_by_role_and_label(Role::Button, "Outline").focus();
    desk.steps(2);
    desk.key(CONTROL, Key::F);
    assert!(finds(&desk), "a button has the focus");
    desk.press("Close");
    desk.click("Channels");
    desk.key(CONTROL, Key::F);
    desk.click("Source");
    assert!(!finds(&desk), "on another page it is not the source's");
    desk.press("Browse");
    desk.key(CONTROL, Key::F);
    desk.key(NONE, Key::Escape);
    assert!(!finds(&desk), "a sheet lay above it");
}

/// Where a word stands in the window, and what of the text is seen.
fn place(desk: &Desk, word: &str) -> (egui::Rect, egui::Rect) {
    let shapes = &desk.window.output().shapes;
    let found = shapes.iter().find_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) => {
            let at = text.galley.text().find(word)?;
            let letter = text.galley.text()[..at].chars().count();
            let place = text.galley.pos_from_cursor(egui::text::CCursor::new(letter));
            Some((place.translate(text.pos.to_vec2()), clipped.clip_rect))
        }
        _ => None,
    });
    found.unwrap()
}

#[test]
fn what_is_found_is_in_view_as_soon_as_it_is_typed() {
    let mut lines = vec!["  k1 = 0".to_owned(); 400];
    lines[200] = format!("{}needle", " ".repeat(400));
    lines[390] = "  needle".to_owned();
    let text = format!("<CsInstruments>\n{}\n</CsInstruments>", lines.join("\n"));
    let mut desk = Desk::on(FakePiece::csd(PATH, &text));
    desk.enter_source();
    desk.key(CONTROL, Key::F);
    desk.type_in("need");
    desk.steps(60);
    let (at, sight) = place(&desk, "needle");
    assert!(sight.contains_rect(at), "{at} in {sight}");
    desk.type_in("le");
    assert!(desk.shows("2 found"), "the field keeps the focus");
    desk.key(NONE, Key::Enter);
    assert!(!desk.window.get_by_role(Role::MultilineTextInput).is_focused(), "one goes on with Enter");
    desk.key(NONE, Key::Escape);
    desk.type_in("thimble");
    assert_eq!(desk.source_line(202).trim(), "thimble", "Enter has selected what was seen");
}

#[test]
fn enter_goes_from_place_to_place_and_writes_nothing() {
    let mut desk = desk();
    desk.key(CONTROL, Key::F);
    desk.type_in("a1");
    desk.keys(NONE, Key::Enter, 4);
    assert_eq!(desk.source(), BELLS);
    desk.key(Modifiers::SHIFT, Key::Enter);
    desk.key(NONE, Key::Escape);
    desk.type_in("aTone");
    // Three of them: the first again, and back to the last.
    assert_eq!(desk.source(), BELLS.replace("a1, a1", "a1, aTone"));
}

#[test]
fn escape_leads_to_the_place_that_was_found() {
    let mut desk = desk();
    desk.key(CONTROL, Key::F);
    desk.type_in("440");
    desk.key(NONE, Key::Escape);
    desk.type_in("220");
    assert_eq!(desk.source(), BELLS.replace("440", "220"));
}

#[test]
fn what_was_selected_is_known_while_the_bar_has_the_keys() {
    let mut desk = desk();
    // A line of the instrument.
    desk.key(NONE, Key::Home);
    desk.key(Modifiers::SHIFT, Key::End);
    desk.key(CONTROL, Key::F);
    desk.type_in("a1");
    assert!(desk.shows("3 found"));
    desk.window.get_by_label("In selection").click();
    desk.steps(3);
    assert!(desk.shows("1 found"), "of the line that was selected before the bar was opened");
    desk.window.get_by_label("In selection").click();
    desk.steps(3);
    desk.key(NONE, Key::Escape);
    // Replacing begins with the word that is selected, and goes on from place to place.
    let mut desk = crate::source::desk();
    desk.key(NONE, Key::Home);
    desk.keys(NONE, Key::ArrowRight, 2);
    desk.keys(Modifiers::SHIFT, Key::ArrowRight, 2);
    desk.key(CONTROL, Key::H);
    desk.steps(2);
    desk.window.get_by_label("Replace by").focus();
    desk.steps(2);
    desk.write("aTone");
    desk.press("Replace");
    assert_eq!(desk.source(), BELLS.replacen("a1", "aTone", 1), "the one that was selected");
    desk.press("Replace");
    assert_eq!(desk.source(), BELLS.replacen("a1", "aTone", 2));
    desk.press("Replace");
    assert_eq!(desk.source(), BELLS.replace("a1", "aTone"));
}
