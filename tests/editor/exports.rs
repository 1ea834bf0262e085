//! The editor of a piece that is a plugin of its own.

use csound_performer::editor::model::*;
use egui::Key;

use crate::desk::{CONTROL, Desk, synth};

fn on(shows_source: bool) -> Desk {
    let mut desk = Desk::on(synth());
    let export = ExportView { name: "Anna's Bells".into(), shows_source };
    desk.backend.change(|view| view.export = Some(export));
    desk.steps(3);
    desk
}

#[test]
fn a_sealed_export_shows_its_panel_and_keyboard_and_nothing_of_the_piece() {
    let mut desk = Desk::on(synth());
    desk.click("Source");
    assert!(desk.shows("Console"));
    // Whatever page the session was on.
    desk.backend.change(|view| {
        view.export = Some(ExportView { name: "Anna's Bells".into(), shows_source: false });
    });
    desk.steps(3);
    for shown in ["Anna's Bells", "cutoff", "decay", "Keyboard"] {
        assert!(desk.shows(shown), "{shown}");
    }
    for hidden in ["Source", "Console", "Events", "Settings", "Reload", "Open", "bells.csd", "oscili"] {
        assert!(!desk.shows(hidden), "{hidden}");
    }
    for key in [Key::Num2, Key::Num3, Key::Num4, Key::Num5] {
        desk.key(CONTROL, key);
        assert!(desk.shows("cutoff"), "{key:?}");
    }
    desk.log();
    desk.window.event(egui::Event::Paste("/music/other.csd".into()));
    desk.steps(2);
    assert!(!desk.log().iter().any(|action| matches!(action, Action::Open(_))));
}

#[test]
fn an_export_that_shows_its_source_opens_no_other_piece() {
    let mut desk = on(true);
    for shown in ["Anna's Bells", "Source", "Console", "cutoff"] {
        assert!(desk.shows(shown), "{shown}");
    }
    assert!(!desk.shows("Reload"));
    desk.click("Source");
    assert!(desk.window.state().view().export.is_some());
    desk.window.event(egui::Event::Paste("/music/other.csd".into()));
    desk.steps(2);
    assert!(!desk.log().iter().any(|action| matches!(action, Action::Open(_))));
}

#[test]
fn a_sealed_export_that_fails_says_why_without_leading_elsewhere() {
    let mut desk = on(false);
    desk.backend.change(|view| view.state = State::Failed("the plugin's piece is missing".into()));
    desk.steps(3);
    assert!(desk.shows("the plugin's piece is missing") && !desk.shows("Show"));
}
