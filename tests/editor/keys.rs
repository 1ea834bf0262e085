//! The page of keys: keys are chosen on it, and then used.

use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use crate::desk::{CONTROL, Desk, bells};

const NONE: Modifiers = Modifiers::NONE;
const BROWSE: &str = "Browse pieces and presets: Ctrl+B";
const ASKING: &str = "Press a key… (Escape: leave it as it is)";

/// A desk with the page of keys.
fn desk() -> Desk {
    let mut desk = Desk::on(bells());
    desk.click("Settings");
    show(&mut desk);
    desk.log();
    desk
}

fn show(desk: &mut Desk) {
    scroll_to(desk, Role::DisclosureTriangle, "Keys");
    desk.click("Keys");
    desk.steps(30);
}

fn scroll_to(desk: &mut Desk, role: Role, label: &str) {
    desk.window.get_by_role_and_label(role, label).scroll_to_me();
    desk.steps(4);
}

/// Presses a button of the page.
fn press(desk: &mut Desk, label: &str) {
    scroll_to(desk, Role::Button, label);
    desk.press(label);
}

fn chosen(command: &str, chord: &str) -> Action {
    Action::ChooseKey(command.into(), KeyChoice::Chord(chord.into()))
}

#[test]
fn a_key_that_is_chosen_does_it_and_the_usual_one_no_longer() {
    let mut desk = desk();
    press(&mut desk, BROWSE);
    assert!(desk.shows(ASKING));
    desk.key(CONTROL, Key::J);
    assert_eq!(desk.log(), [chosen("browse", "Ctrl+J")]);
    assert!(!desk.shows(ASKING) && !desk.has_button(BROWSE));
    assert!(desk.has_button("Browse pieces and presets: Ctrl+J, your choice"));
    desk.key(CONTROL, Key::B);
    assert_eq!(desk.log(), []);
    desk.key(CONTROL, Key::J);
    assert_eq!(desk.log(), [Action::LookAtCatalogue]);
}

#[test]
fn what_names_a_key_names_the_one_that_is_chosen() {
    let mut desk = desk();
    let told = |desk: &mut Desk| {
        let at = desk.window.get_by_role_and_label(Role::Button, "Browse").rect().center();
        desk.window.event(egui::Event::PointerMoved(at));
        desk.steps(60);
        let words = "in your folders, of packages";
        let shown = ["", " (Ctrl+B)", " (Ctrl+J)"].map(|key| desk.shows(&format!("{words}{key}")));
        desk.window.event(egui::Event::PointerGone);
        desk.steps(60);
        shown
    };
    assert_eq!(told(&mut desk), [true, true, false]);
    desk.backend.act(chosen("browse", "Ctrl+J"));
    desk.steps(2);
    assert_eq!(told(&mut desk), [true, false, true]);
    desk.backend.act(Action::ChooseKey("browse".into(), KeyChoice::None));
    desk.steps(2);
    assert_eq!(told(&mut desk), [true, false, false]);
}

#[test]
fn keys_of_the_source_are_chosen_one_by_one() {
    let mut desk = desk();
    for (button, key, modifiers) in [
        ("In the source: double lines: Ctrl+D", Key::F6, NONE),
        ("In the source: move lines up: Alt+Up", Key::U, CONTROL | Modifiers::ALT),
    ] {
        press(&mut desk, button);
        desk.key(modifiers, key);
    }
    assert_eq!(desk.log(), [chosen("double", "F6"), chosen("move-up", "Ctrl+Alt+U")]);
    desk.enter_source();
    let text = |desk: &Desk| {
        desk.window.get_by_role(Role::MultilineTextInput).value().unwrap().replace("\r\n", "\n")
    };
    let lines = |desk: &Desk, what: &str| text(desk).lines().filter(|line| line.contains(what)).count();
    let before = text(&desk);
    desk.key(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(text(&desk), before);
    desk.key(CONTROL | Modifiers::ALT, Key::U);
    assert_ne!(text(&desk), before);
    // Its neighbour is as it was.
    desk.key(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(text(&desk), before);
    desk.key(CONTROL, Key::D);
    assert_eq!(lines(&desk, "oscili"), 1, "{}", text(&desk));
    desk.key(NONE, Key::F6);
    assert_eq!(lines(&desk, "oscili"), 2, "{}", text(&desk));
}

#[test]
fn a_freed_key_does_nothing_in_a_text_that_would_use_it() {
    let mut desk = Desk::on(bells());
    desk.backend.act(Action::ChooseKey("move-up".into(), KeyChoice::None));
    desk.enter_source();
    desk.key(Modifiers::ALT, Key::ArrowUp);
    desk.write("x");
    let field = desk.window.get_by_role(Role::MultilineTextInput);
    assert!(field.value().unwrap().contains("x  a1 oscili"), "the cursor has not moved");
}

#[test]
fn what_may_not_be_is_refused_by_the_name_of_what_has_it() {
    let mut desk = desk();
    for (modifiers, key, why) in [
        (CONTROL, Key::Num3, "Ctrl+3 is taken: Show the page Source"),
        (CONTROL, Key::Z, "Ctrl+Z is taken: Take back what was turned or pressed last"),
        (NONE, Key::Space, "Space is for writing, playing or the DAW"),
        (NONE, Key::Tab, "Tab is for writing"),
        (CONTROL, Key::V, "Ctrl+V is the clipboard's"),
    ] {
        press(&mut desk, BROWSE);
        desk.key(modifiers, key);
        assert!(desk.shows(why), "{why}");
        assert!(desk.shows(ASKING), "the next one may be free");
        desk.key(NONE, Key::Escape);
        assert!(desk.has_button(BROWSE) && !desk.shows(why) && !desk.shows(ASKING));
    }
    assert_eq!(desk.log(), [], "no other one was pressed by them either");
}

#[test]
fn after_a_refused_key_the_next_one_is_another_try_and_no_command() {
    let mut desk = desk();
    press(&mut desk, "Show the page Console: Ctrl+4");
    desk.key(CONTROL, Key::Num3);
    desk.key(CONTROL, Key::B);
    assert_eq!(desk.log(), []);
    assert!(desk.shows("Ctrl+B is taken: Browse pieces and presets") && !desk.shows("Ctrl+3 is taken"));
    desk.key(CONTROL, Key::J);
    assert_eq!(desk.log(), [chosen("show-console", "Ctrl+J")]);
    assert!(!desk.shows("is taken") && !desk.shows(ASKING));
    desk.key(CONTROL, Key::B);
    assert_eq!(desk.log(), [Action::LookAtCatalogue], "a command again");
}

#[test]
fn the_page_is_in_view_once_it_is_unfolded() {
    let mut desk = Desk::on(bells());
    desk.click("Settings");
    show(&mut desk);
    let sight = desk.window.ctx.content_rect();
    for (role, label) in [(Role::DisclosureTriangle, "Keys"), (Role::Button, BROWSE)] {
        let place = desk.window.get_by_role_and_label(role, label).rect();
        assert!(sight.contains_rect(place), "{label}: {place} in {sight}");
    }
}

#[test]
fn the_columns_stand_whatever_is_in_them() {
    let mut desk = desk();
    let left =
        |desk: &Desk, label: &str| desk.window.get_by_role_and_label(Role::Button, label).rect().left();
    let words = |desk: &Desk| desk.rect("Save a preset").left();
    let before = words(&desk);
    let crosses = ["Browse pieces and presets", "In the source: find", "Do it again"];
    let crosses = crosses.map(|does| left(&desk, &format!("No key: {does}")));
    assert!(crosses.iter().all(|at| *at == crosses[0]), "{crosses:?}");
    press(&mut desk, BROWSE);
    assert_eq!(words(&desk), before, "a key is asked for");
    desk.key(CONTROL | Modifiers::ALT | Modifiers::SHIFT, Key::Backslash);
    assert!(desk.has_button("Browse pieces and presets: Ctrl+Shift+Alt+\\, your choice"));
    assert_eq!(words(&desk), before, "a longer one is chosen");
    assert_eq!(left(&desk, "No key: Browse pieces and presets"), crosses[0]);
    press(&mut desk, "No key: Save a preset");
    assert_eq!(words(&desk), before, "none is chosen");
    let resets =
        ["Browse pieces and presets", "Save a preset"].map(|does| left(&desk, &format!("Reset: {does}")));
    assert_eq!(resets[0], resets[1]);
}

#[test]
fn nothing_is_said_that_is_untrue_without_a_daw() {
    let desk = desk();
    assert!(desk.shows("In a DAW, all other keys go to the DAW"));
}

#[test]
fn it_asks_before_all_keys_are_reset() {
    let mut desk = desk();
    desk.backend.act(chosen("browse", "Ctrl+J"));
    desk.steps(2);
    desk.log();
    press(&mut desk, "Reset all keys…");
    desk.press("Cancel");
    assert_eq!(desk.log(), []);
    press(&mut desk, "Reset all keys…");
    desk.key(NONE, Key::Escape);
    assert!(desk.log().is_empty() && !desk.shows("Reset all keys?"));
    press(&mut desk, "Reset all keys…");
    desk.press("Reset them");
    assert_eq!(desk.log(), [Action::ResetKeys]);
    assert!(desk.has_button(BROWSE) && !desk.shows("Reset all keys?"));
}

#[test]
fn what_is_asked_for_can_be_left_as_it_is() {
    let mut desk = desk();
    press(&mut desk, BROWSE);
    desk.key(NONE, Key::Escape);
    assert!(!desk.shows(ASKING));
    press(&mut desk, BROWSE);
    press(&mut desk, "In the source: find: Ctrl+F");
    assert!(desk.shows(&format!("{ASKING}: In the source: find")), "one at a time");
    assert!(desk.has_button(BROWSE));
    desk.click("Console");
    desk.key(CONTROL, Key::J);
    desk.click("Settings");
    assert!(!desk.shows(ASKING));
    press(&mut desk, BROWSE);
    desk.window.input_mut().focused = false;
    desk.steps(2);
    assert!(!desk.shows(ASKING), "another window has the keyboard");
    assert_eq!(desk.log(), []);
}

#[test]
fn a_command_loses_its_key_and_gets_it_back() {
    let mut desk = desk();
    press(&mut desk, "No key: Browse pieces and presets");
    assert_eq!(desk.log(), [Action::ChooseKey("browse".into(), KeyChoice::None)]);
    assert!(desk.has_button("Browse pieces and presets: no key, your choice"));
    assert!(!desk.has_button("No key: Browse pieces and presets"));
    desk.key(CONTROL, Key::B);
    assert_eq!(desk.log(), []);
    press(&mut desk, "In the source: find: Ctrl+F");
    desk.key(CONTROL, Key::B);
    assert_eq!(desk.log(), [chosen("find", "Ctrl+B")], "another one may have it");
    press(&mut desk, "Reset: Browse pieces and presets");
    assert_eq!(desk.log(), []);
    assert!(desk.shows("Ctrl+B is taken: In the source: find"));
    press(&mut desk, "Reset: In the source: find");
    press(&mut desk, "Browse pieces and presets: no key, your choice");
    desk.key(CONTROL, Key::B);
    let usual = |command: &str| Action::ChooseKey(command.into(), KeyChoice::Usual);
    assert_eq!(desk.log(), [usual("find"), usual("browse")], "its usual key is no choice");
    assert!(desk.has_button(BROWSE));
    desk.backend.act(chosen("browse", "Ctrl+J"));
    desk.steps(2);
    desk.log();
    press(&mut desk, "Reset all keys…");
    desk.press("Reset them");
    assert_eq!(desk.log(), [Action::ResetKeys]);
    desk.key(CONTROL, Key::B);
    assert_eq!(desk.log(), [Action::LookAtCatalogue]);
}

#[test]
fn all_of_it_goes_by_keyboard() {
    let mut desk = desk();
    scroll_to(&mut desk, Role::Button, BROWSE);
    desk.window.get_by_role_and_label(Role::Button, BROWSE).focus();
    desk.steps(2);
    desk.key(NONE, Key::Enter);
    assert!(desk.shows(ASKING));
    desk.key(NONE, Key::Enter);
    assert!(desk.shows("Enter is for writing") && desk.shows(ASKING), "it does not press the button again");
    desk.key(NONE, Key::Tab);
    assert!(desk.shows("Tab is for writing") && desk.shows(ASKING));
    desk.key(NONE, Key::Escape);
    assert!(!desk.shows(ASKING));
    desk.key(NONE, Key::Space);
    assert!(desk.shows(ASKING), "the focus is where it was");
    desk.key(NONE, Key::Escape);
    desk.key(NONE, Key::Tab);
    desk.key(NONE, Key::Space);
    assert_eq!(desk.log(), [Action::ChooseKey("browse".into(), KeyChoice::None)], "the next one has it");
}

#[test]
fn what_was_kept_and_cannot_be_followed_is_told() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| {
        let trouble = Some("your list of keys keys.json cannot be read: it is damaged".to_owned());
        let chords = [("fly".to_owned(), "Ctrl+J".to_owned()), ("browse".to_owned(), "Q".to_owned())].into();
        view.keys = ChosenKeys { chords, trouble }.into();
    });
    desk.click("Settings");
    show(&mut desk);
    assert!(desk.shows("keys.json cannot be read: it is damaged"));
    assert!(desk.shows("\"fly\", which is no command here"));
    assert!(desk.shows("Browse pieces and presets: Q is for writing"));
    assert!(desk.has_button(BROWSE));
}

#[cfg(target_os = "linux")]
mod on_an_instance {
    use egui::PointerButton;

    use super::*;
    use crate::backend_bench::{Bench, HEADER, alone};
    use crate::common::csd;
    use crate::real::Real;

    fn open() -> Real {
        let mut real = Real::on(&csd("", HEADER, "instr 1\nouts a(0), a(0)\nendin\n", "i 1 0 1000"));
        real.click("Settings");
        real.scroll_to("Keys");
        real.click("Keys");
        real.steps(30);
        real
    }

    fn press(real: &mut Real, label: &str) {
        real.scroll_to(label);
        real.click_at(real.place(label).center(), PointerButton::Primary);
    }

    #[test]
    fn a_key_is_chosen_for_all_instances() {
        if !alone("keys::on_an_instance::a_key_is_chosen_for_all_instances") {
            return;
        }
        let mut real = open();
        press(&mut real, BROWSE);
        real.key(CONTROL, Key::J);
        real.until("it is chosen", |real| real.shows("Browse pieces and presets: Ctrl+J, your choice"));
        real.key(CONTROL, Key::B);
        real.steps(5);
        assert!(!real.shows("Find a piece or a preset") && !real.view().catalogue.is_looking);
        real.click("Console");
        real.key(CONTROL, Key::Num5);
        real.key(CONTROL, Key::J);
        real.until("it browses", |real| real.window.query_by_role(Role::Dialog).is_some());

        let mut other = Bench::new();
        other.open_window();
        other.until("another instance has it too", |view, _| {
            view.keys.chords.get("browse").map(String::as_str) == Some("Ctrl+J")
        });
    }

    #[test]
    fn a_damaged_list_is_told_and_stays_as_it_is() {
        if !alone("keys::on_an_instance::a_damaged_list_is_told_and_stays_as_it_is") {
            return;
        }
        let folder =
            std::path::PathBuf::from(std::env::var("XDG_CONFIG_HOME").unwrap()).join("csound-performer");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("keys.json");
        std::fs::write(&file, "{\"version\": 1, \"chords\": {\"browse\":").unwrap();
        let mut real = open();
        real.until("it is told", |real| {
            real.window.query_all_by_label_contains("keys.json cannot be read").next().is_some()
        });
        press(&mut real, BROWSE);
        real.key(CONTROL, Key::J);
        real.until("it is refused", |real| {
            real.view().refused.is_some_and(|why| why.contains("keys.json cannot be read"))
        });
        assert!(real.shows(BROWSE));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"version\": 1, \"chords\": {\"browse\":");
    }
}
