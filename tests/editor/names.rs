//! What a screen reader is told: every control has a name, on each page.

use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::desk::*;

/// What is used by hand, and so has to say what it is.
fn is_control(role: Role) -> bool {
    matches!(
        role,
        Role::Button
            | Role::CheckBox
            | Role::RadioButton
            | Role::Switch
            | Role::ComboBox
            | Role::Slider
            | Role::SpinButton
            | Role::TextInput
            | Role::MultilineTextInput
            | Role::Link
            | Role::MenuItem
            | Role::Tab
            | Role::ColorWell
    )
}

/// The controls without a name, as role and place.
fn nameless(desk: &Desk) -> Vec<String> {
    let nodes = desk.window.root().children_recursive();
    let controls = nodes.filter(|node| is_control(node.accesskit_node().role()));
    let is_nameless = |label: Option<String>| label.is_none_or(|label| label.trim().is_empty());
    let found = controls.filter(|node| is_nameless(node.accesskit_node().label()));
    found.map(|node| format!("{:?} at {:?}", node.accesskit_node().role(), node.rect())).collect()
}

fn controls(desk: &Desk) -> usize {
    let nodes = desk.window.root().children_recursive();
    nodes.filter(|node| is_control(node.accesskit_node().role())).count()
}

#[test]
fn every_control_of_every_page_has_a_name() {
    let mut desk = Desk::on(synth());
    for page in ["Channels", "Events", "Source", "Console", "Settings"] {
        desk.click(page);
        assert!(controls(&desk) > 10, "{page}: the tree is read no more");
        assert_eq!(nameless(&desk), [""; 0], "{page}");
    }
}

#[test]
fn only_what_is_on_or_off_is_a_switch() {
    let mut desk = Desk::on(synth());
    let toggled = |desk: &Desk, label: &str| {
        desk.window.get_by_role_and_label(Role::Button, label).accesskit_node().toggled()
    };
    let pause = if desk.has_button("Pause") { "Pause" } else { "Play" };
    for label in [pause, "Stop", "From the beginning", "Record"] {
        assert_eq!(toggled(&desk, label), None, "{label}");
    }
    assert!(toggled(&desk, "Keyboard").is_some());
    let before = toggled(&desk, "Keyboard");
    desk.press("Keyboard");
    assert_ne!(toggled(&desk, "Keyboard"), before);
    desk.enter_source();
    desk.write("; changed");
    assert_eq!(toggled(&desk, "Apply"), None, "while there is something to apply");
}

#[test]
fn so_has_every_control_of_what_opens() {
    let mut desk = Desk::on(synth());
    desk.backend.act(Action::LookUp("oscili".into()));
    desk.click("Source");
    assert_eq!(nameless(&desk), [""; 0], "the manual");
    for (open, key) in [("find", egui::Key::F), ("replace", egui::Key::H), ("a line", egui::Key::G)] {
        desk.enter_source();
        desk.key(CONTROL, key);
        assert_eq!(nameless(&desk), [""; 0], "{open}");
    }
    let mut desk = Desk::on(synth());
    desk.press("Browse");
    assert_eq!(nameless(&desk), [""; 0], "the browser");
}
