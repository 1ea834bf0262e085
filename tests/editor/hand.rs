//! Knobs and sliders under the hand: wheel, double-click, typing, the menu, undo; on the real backend.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, TouchPhase, vec2};
use egui_kittest::kittest::Queryable;

use crate::backend_bench::{HEADER, alone};
use crate::common::csd;
use crate::desk::CONTROL;
use crate::real::Real;

const REDO: Modifiers = Modifiers { shift: true, ..CONTROL };

fn piece() -> String {
    let header = format!("{HEADER}chn_k \"level\", 3, 2, 0.25, 0, 1\n");
    csd("", &header, "instr 1\nouts a(chnget:k(\"level\")), a(0)\nendin\n", "i 1 0 1000")
}

fn knob(real: &Real) -> egui::Rect {
    real.window.get_by_role_and_label(Role::Slider, "level").rect()
}

fn wheel(real: &mut Real, by: f32, modifiers: Modifiers) {
    real.window.event(Event::PointerMoved(knob(real).center()));
    real.step();
    let (unit, delta, phase) = (MouseWheelUnit::Line, vec2(0.0, by), TouchPhase::Move);
    let source = egui::MouseWheelSource::Unknown;
    real.event(Event::MouseWheel { unit, delta, modifiers, phase, source });
}

fn open() -> Real {
    let mut real = Real::on(&piece());
    real.until("the knob is there", |real| real.shows("level"));
    real.hears("it stands where the piece begins", 0.25);
    real
}

#[test]
fn the_wheel_turns_and_a_run_of_it_is_one_step_to_take_back() {
    if !alone("hand::the_wheel_turns_and_a_run_of_it_is_one_step_to_take_back") {
        return;
    }
    let mut real = open();
    for _ in 0..3 {
        wheel(&mut real, 1.0, Modifiers::NONE);
    }
    real.hears("three notches", 0.31);
    wheel(&mut real, -1.0, Modifiers::SHIFT);
    real.hears("and a fine one back", 0.308);
    real.steps(60);
    real.click_at(knob(&real).center(), PointerButton::Secondary);
    real.click("Reset to 0.25");
    real.hears("the menu resets", 0.25);
    real.key(CONTROL, Key::Z);
    real.hears("taken back", 0.308);
    real.key(CONTROL, Key::Z);
    real.hears("the wheel's run as one", 0.25);
    real.key(REDO, Key::Z);
    real.hears("done again", 0.308);
}

#[test]
fn a_value_is_typed_copied_pasted_and_reset_by_a_double_click() {
    if !alone("hand::a_value_is_typed_copied_pasted_and_reset_by_a_double_click") {
        return;
    }
    let mut real = open();
    let at = knob(&real).center();
    real.click_at(at, PointerButton::Secondary);
    real.click("Type a value…");
    real.until("the field is there", |real| real.shows("Value of level"));
    let field = real.window.get_by_label("Value of level");
    let (place, focused) = (field.rect(), field.is_focused());
    assert!(focused && place.height() > 15.0 && place.width() > 80.0, "{focused} {place}");
    real.write("0.5");
    real.key(Modifiers::NONE, Key::Enter);
    real.hears("typed", 0.5);
    real.click_at(at, PointerButton::Secondary);
    real.click("Copy value");
    real.steps(40);
    for _ in 0..2 {
        real.button(at, PointerButton::Primary, true);
        real.button(at, PointerButton::Primary, false);
    }
    real.hears("a double-click resets", 0.25);
    real.click_at(at, PointerButton::Secondary);
    real.click("Paste value");
    real.hears("pasted", 0.5);
    real.key(CONTROL, Key::Z);
    real.hears("taken back", 0.25);
}
