//! Buttons and hidden parts of a panel, by a hand on the real backend.

use egui::PointerButton;

use crate::backend_bench::{HEADER, alone};
use crate::common::csd;
use crate::real::Real;

const PANEL: &str = r#"<Cabbage>
form caption("Buttons") size(600, 400)
button bounds(0, 0, 100, 40), channel("push"), text("Push"), latched(0)
button bounds(110, 0, 100, 40), channel("two"), text("Stopped", "Running")
button bounds(0, 50, 100, 40), channel("one"), text("One"), radioGroup(1), value(1)
button bounds(110, 50, 100, 40), channel("other"), text("Other"), radioGroup(1)
checkbox bounds(220, 50, 100, 40), channel("third"), text("Third"), radioGroup(1)
groupbox bounds(300, 100, 200, 100), text("Settings"), plant("settings"), popup(1) {
button bounds(10, 30, 100, 40), channel("inside"), text("Inside")
}
groupbox bounds(0, 100, 200, 100), text("More"), visible(0) {
button bounds(10, 30, 100, 40), channel("deep"), text("Deep")
}
button bounds(0, 300, 100, 40), channel("alike"), text("Alike")
hslider bounds(110, 300, 200, 40), channel("alike"), text("Shared")
</Cabbage>
"#;

const NAMES: [&str; 7] = ["push", "two", "one", "other", "third", "inside", "deep"];

fn piece() -> String {
    let sum: String = NAMES
        .iter()
        .enumerate()
        .map(|(n, name)| format!("kall += chnget:k(\"{name}\") * {}\n", 0.5_f64.powi(n as i32 + 1)))
        .collect();
    PANEL.to_owned()
        + &csd("", HEADER, &format!("instr 1\nkall = 0\n{sum}outs a(kall), a(0)\nendin\n"), "i 1 0 1000")
}

/// What is heard while these are on.
fn level(on: &[&str]) -> f32 {
    let bit = |name: &&str| 0.5_f32.powi(NAMES.iter().position(|known| known == name).unwrap() as i32 + 1);
    on.iter().map(bit).sum()
}

#[test]
fn a_button_that_is_not_latched_is_on_while_it_is_pressed() {
    if !alone("buttons::a_button_that_is_not_latched_is_on_while_it_is_pressed") {
        return;
    }
    let mut real = Real::on(&piece());
    real.until("the panel is there", |real| real.shows("Push"));
    real.hears("at first", level(&["one"]));
    let push = real.place("Push").center();
    real.button(push, PointerButton::Primary, true);
    real.hears("pressed", level(&["one", "push"]));
    real.steps(20);
    assert_eq!(real.value("push"), 1.0, "as long as it is");
    real.button(push, PointerButton::Primary, false);
    real.hears("let go", level(&["one"]));
    // Both within one frame.
    real.window.event(egui::Event::PointerMoved(push));
    for pressed in [true, false] {
        real.window.event(egui::Event::PointerButton {
            pos: push,
            button: PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
    }
    real.hears("a short press", level(&["one", "push"]));
    real.hears("is over by itself", level(&["one"]));
    real.button(push, PointerButton::Primary, true);
    real.hears("pressed again", level(&["one", "push"]));
    real.key(egui::Modifiers { ctrl: true, command: true, ..egui::Modifiers::NONE }, egui::Key::Num4);
    real.hears("let go when it goes out of sight", level(&["one"]));
}

#[test]
fn of_a_radio_group_one_is_on_and_two_texts_are_shown_in_turn() {
    if !alone("buttons::of_a_radio_group_one_is_on_and_two_texts_are_shown_in_turn") {
        return;
    }
    let mut real = Real::on(&piece());
    real.until("the panel is there", |real| real.shows("Other"));
    real.hears("at first", level(&["one"]));
    for (label, name) in [("Other", "other"), ("Third", "third"), ("One", "one"), ("One", "one")] {
        let at = real.place(label);
        // The switch of a check box stands before its words.
        let at = if name == "third" { at.left_center() - egui::vec2(20.0, 0.0) } else { at.center() };
        real.click_at(at, PointerButton::Primary);
        real.hears(label, level(&[name]));
    }
    assert!(real.shows("Stopped") && !real.shows("Running") && !real.shows("two"));
    real.click("Stopped");
    real.hears("it runs", level(&["one", "two"]));
    assert!(real.shows("Running") && !real.shows("Stopped"));
    real.click("Running");
    real.hears("it stops", level(&["one"]));
    assert!(real.shows("Alike") && real.shows("Shared"), "each widget of a channel has its own face");
}

#[test]
fn hidden_parts_are_opened_and_closed() {
    if !alone("buttons::hidden_parts_are_opened_and_closed") {
        return;
    }
    let mut real = Real::on(&piece());
    real.until("the panel is there", |real| real.shows("Hidden parts"));
    assert!(!real.shows("Inside") && !real.shows("Deep"));
    real.click("Hidden parts");
    real.click("More");
    real.click("Settings");
    real.click("Hidden parts");
    real.until("both are shown", |real| real.shows("Inside") && real.shows("Deep"));
    real.click("Deep");
    real.click("Inside");
    real.hears("both are pressed", level(&["one", "deep", "inside"]));
    real.click("Close window");
    assert!(!real.shows("Inside") && real.shows("Deep"));
}
