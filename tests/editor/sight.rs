//! What is laid out, where, and how it is reached.

use std::sync::Arc;

use csound_performer::editor::Editor;
use csound_performer::editor::dialog::NativeDialogs;
use csound_performer::editor::fake::{FakeBackend, FakePiece};
use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::Queryable;

use crate::desk::*;

fn placed(kind: PlacedKind, bounds: [f32; 4], text: &str) -> Placed {
    Placed { kind, bounds, text: text.into(), ..Placed::default() }
}

#[test]
fn a_piece_with_a_layout_is_laid_out_by_its_bounds() {
    let layout = Layout {
        size: [400.0, 200.0],
        widgets: vec![
            placed(PlacedKind::Group, [0.0, 0.0, 400.0, 120.0], "Filter"),
            placed(PlacedKind::Control(0), [10.0, 20.0, 80.0, 90.0], ""),
            placed(PlacedKind::Control(1), [210.0, 20.0, 80.0, 90.0], ""),
            placed(PlacedKind::Keyboard, [0.0, 130.0, 400.0, 60.0], ""),
        ],
        ..Layout::default()
    };
    let mut desk = Desk::on(FakePiece { layout: Some(layout), ..synth() });
    let place = |desk: &Desk, name: &str| desk.window.get_by_role_and_label(Role::Slider, name).rect();
    let (cutoff, decay) = (place(&desk, "cutoff"), place(&desk, "decay"));
    let scale = cutoff.width() / 80.0;
    assert!((decay.left() - cutoff.left() - 200.0 * scale).abs() < 1.0, "{cutoff:?} {decay:?}");
    assert!((decay.top() - cutoff.top()).abs() < 1.0);
    let keys = desk.rect("Keyboard, as the piece places it");
    assert!((keys.left() - (cutoff.left() - 10.0 * scale)).abs() < 1.0);
    assert!((keys.width() - 400.0 * scale).abs() < 1.0);
    desk.click("All in a grid");
    let (cutoff, decay) = (place(&desk, "cutoff"), place(&desk, "decay"));
    assert!(decay.left() - cutoff.right() < 30.0 && decay.top() == cutoff.top(), "{cutoff:?} {decay:?}");
}

#[test]
fn only_what_is_in_sight_is_laid_out() {
    let channels = (0..300).map(|index| knob(&format!("channel {index}"), index % 128)).collect();
    let text = "k1 init 1\n".repeat(3000);
    let mut desk = Desk::on(FakePiece { channels, ..FakePiece::csd(PATH, &text) });
    desk.steps(2);
    let seen = desk.laid().channels;
    assert!((8..=60).contains(&seen), "{seen} of 300 channels");

    desk.backend.change(|view| {
        for number in 0..100_000 {
            view.console.push(Line { text: format!("line {number}").into(), ..Line::default() });
        }
    });
    desk.click("Console");
    let seen = desk.laid().console_lines;
    assert!((10..=60).contains(&seen), "{seen} of 100000 lines");
    assert!(desk.shows("line 99999"), "the newest is in sight");

    desk.click("Source");
    let seen = desk.laid().source_lines;
    assert!((10..=60).contains(&seen), "{seen} of 3000 lines");
}

/// What must be within reach in every window.
const ESSENTIAL: [&str; 9] = [
    "Reload",
    "Pause",
    "Stop",
    "From the beginning",
    "Record",
    "Follow host",
    "Channels",
    "Source",
    "Console",
];

#[test]
fn at_800_by_500_nothing_essential_is_cut() {
    let layouts = [[800.0, 500.0], csound_performer::editor::SMALLEST];
    for size in layouts {
        let long = "/music/a piece with quite a long name, as they are, in this or that version.csd";
        let piece = FakePiece { path: long.into(), ..synth() };
        let mut desk = Desk::new(vec![piece], size);
        desk.backend.act(Action::Open(long.into()));
        desk.press("Keyboard");
        let window = Rect::from_min_size(Pos2::ZERO, size.into());
        for label in ESSENTIAL {
            let rect = desk.rect(label);
            assert!(window.contains_rect(rect), "{label} at {rect:?} of {size:?}");
        }
        let cutoff = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect();
        assert!(window.contains_rect(cutoff), "{cutoff:?} of {size:?}");
        for (one, other) in ESSENTIAL.iter().zip(&ESSENTIAL[1..]) {
            assert!(!desk.rect(one).shrink(1.0).intersects(desk.rect(other).shrink(1.0)), "{one} on {other}");
        }
    }
}

#[test]
fn everything_is_reached_by_the_keyboard() {
    let mut desk = Desk::on(synth());
    let mut reached = std::collections::HashSet::new();
    for _ in 0..40 {
        desk.key(Modifiers::NONE, Key::Tab);
        let focused = desk.window.ctx.memory(|memory| memory.focused());
        reached.extend(focused);
    }
    assert!(reached.len() > 15, "{} places", reached.len());
    for (key, text) in [(Key::Num2, "Slots"), (Key::Num4, "1 line"), (Key::Num1, "cutoff")] {
        desk.key(CONTROL, key);
        assert!(desk.shows(text), "{text}");
    }
}

#[test]
fn what_is_open_and_how_large_it_is_comes_with_the_session() {
    let mut desk = Desk::on(synth());
    desk.press("Meters and pictures of the sound");
    desk.press("Light colours");
    desk.click("Events");
    desk.window.set_size(vec2(900.0, 600.0));
    desk.steps(2);
    let kept = desk.backend.remembered();
    assert_eq!((kept.picture, kept.brightness, kept.tab), (false, Brightness::Light, Tab::Events));
    assert_eq!(kept.size, [900.0, 600.0]);
    let text = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<EditorState>(&text).unwrap(), kept);
}

#[test]
fn the_editor_can_be_made_without_a_window() {
    assert!(csound_performer::editor::create(Arc::new(FakeBackend::default()), false).is_some());
    drop(Editor::new(Box::<NativeDialogs>::default()));
}

#[test]
fn a_file_button_has_the_words_that_the_piece_gives_it() {
    let channel = Channel { widget: Widget::File, label: "Sample…".into(), ..knob("sample", 0) };
    let layout = Layout {
        size: [400.0, 100.0],
        widgets: vec![placed(PlacedKind::Control(0), [10.0, 20.0, 120.0, 30.0], "Sample…")],
        ..Layout::default()
    };
    let mut desk = Desk::on(FakePiece { layout: Some(layout), channels: vec![channel], ..bells() });
    desk.steps(2);
    assert!(!desk.shows("Choose…"), "it lies over the piece's words");
    desk.press("Sample…");
    assert_eq!(desk.log(), [Action::SetText("sample".into(), PATH.into())]);
}
