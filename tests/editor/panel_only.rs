//! The panel alone: one click fills the window with it, one leads back, and exported pieces show it from the start.

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use csound_performer::plugin::backend::panel_of;
use egui::accesskit::Role;
use egui::{ViewportCommand, vec2};
use egui_kittest::kittest::Queryable;

use crate::desk::*;

const TEXT: &str = "<Cabbage>\nform size(800, 500), colour(9, 9, 60)\n\
    rslider bounds(0, 0, 100, 100), channel(\"cutoff\"), range(0, 1, 0.5), text(\"Cutoff\")\n</Cabbage>\n";

fn piece() -> FakePiece {
    let (channels, layout) = panel_of(TEXT, &Default::default());
    FakePiece { channels, layout, ..FakePiece::csd(PATH, TEXT) }
}

fn slider(desk: &Desk) -> egui::Rect {
    desk.window.get_by_role_and_label(Role::Slider, "Cutoff").rect()
}

/// The sizes that the window is asked for in the next frame.
fn asked(desk: &mut Desk, label: &str) -> Vec<egui::Vec2> {
    desk.window.get_by_label(label).click();
    let mut sizes = Vec::new();
    for _ in 0..3 {
        desk.steps(1);
        sizes.extend(sizes_of(desk));
    }
    sizes
}

fn sizes_of(desk: &Desk) -> Vec<egui::Vec2> {
    let commands = desk.window.output().viewport_output.values().flat_map(|output| &output.commands);
    let sizes = commands.filter_map(|command| match command {
        ViewportCommand::InnerSize(size) => Some(*size),
        _ => None,
    });
    sizes.collect()
}

#[test]
fn what_is_wrong_is_told_over_the_panel_and_leads_to_its_page() {
    let mut desk = Desk::on(piece());
    desk.click("Source");
    desk.click("Channels");
    desk.window.get_by_label("Panel only").click();
    desk.steps(4);
    desk.backend.act(Action::Apply([TEXT.replace("form", "broken")].into()));
    desk.steps(3);
    let told = "This text cannot be performed; what played before plays on";
    assert!(desk.shows(told));
    desk.press("Show");
    desk.steps(3);
    assert!(desk.shows(told) && desk.shows("Console"), "the page of the source is there");
}

#[test]
fn one_click_fills_the_window_with_the_panel_and_one_leads_back() {
    let mut desk = Desk::on(piece());
    let narrow = slider(&desk);
    assert_eq!(asked(&mut desk, "Panel only"), [vec2(800.0, 500.0)], "as large as the panel asks for");
    assert!(!desk.shows("Console") && !desk.shows("Play") && !desk.shows("Panel only"));
    let alone = slider(&desk);
    assert!(alone.left() < 130.0 && alone.width() >= narrow.width(), "{narrow:?} {alone:?}");
    assert_eq!(desk.backend.view().saved.state.panel_only, Some(true), "the session keeps it");
    desk.backend.change(|view| view.refused = Some("The file could not be written".into()));
    desk.steps(3);
    assert!(desk.shows("could not be written"), "what has to be told is told");
    assert_eq!(asked(&mut desk, "All of the editor"), [vec2(960.0, 640.0)], "as large as it was");
    assert!(desk.shows("Console") && desk.shows("Panel only"));
}

#[test]
fn an_exported_piece_shows_its_panel_alone_until_the_user_wants_more() {
    let mut desk = Desk::on(piece());
    desk.backend.change(|view| {
        view.export = Some(ExportView { name: "Anna's Bells".into(), shows_source: false });
    });
    desk.steps(3);
    assert!(!desk.shows("Preset") && desk.shows("Cutoff"));
    desk.click("All of the editor");
    assert!(desk.shows("Preset"));
    let mut without = Desk::on(FakePiece { layout: None, ..piece() });
    without.backend.change(|view| {
        view.export = Some(ExportView { name: "Anna's Bells".into(), shows_source: false });
    });
    without.steps(3);
    assert!(without.shows("Preset"), "where there is no panel there is the rest");
}
