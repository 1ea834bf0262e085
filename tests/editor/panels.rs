//! The panel of a piece's `<Cabbage>` section: every kind of widget is drawn, as it looks in a picture that is kept.

use csound_cabbage::{Change, Changes};
use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use csound_performer::plugin::backend::panel_of;
use egui::epaint::{ClippedShape, Shape};
use egui::{Color32, PointerButton, Pos2, Rect, pos2, vec2};

use crate::canvas::{self, Canvas, Textures};
use crate::desk::*;

/// The ground of the panels here, by which they are found: nothing else has this colour.
const GROUND: [u8; 3] = [41, 43, 61];

/// The scale at which a panel is drawn that is small in its window.
pub const SCALE: f32 = 1.5;

/// A window on a panel.
pub struct Panel {
    pub desk: Desk,
    textures: Textures,
}

impl Panel {
    /// Of these lines, on a form of this size.
    pub fn of(size: [u32; 2], lines: &str) -> Self {
        Self::changed(size, lines, Vec::new())
    }

    /// The same with what the piece has changed of it.
    pub fn changed(size: [u32; 2], lines: &str, changes: Vec<Change>) -> Self {
        let [width, height] = size;
        let [red, green, blue] = GROUND;
        let text = format!(
            "<Cabbage>\nform size({width}, {height}), colour({red}, {green}, {blue})\n{lines}\n</Cabbage>\n"
        );
        let (channels, layout) = panel_of(&text, &changes.into());
        let piece = FakePiece { channels, layout, ..FakePiece::csd(PATH, &text) };
        let textures = Textures::default();
        let mut desk = Desk::painted(piece, [1600.0, 1200.0], textures.clone());
        desk.steps(3);
        Self { desk, textures }
    }

    /// The place of the panel in the window.
    pub fn place(&self) -> Rect {
        let ground = Color32::from_rgb(GROUND[0], GROUND[1], GROUND[2]);
        fn found(shape: &Shape, ground: Color32) -> Option<Rect> {
            match shape {
                Shape::Rect(rect) if rect.fill == ground => Some(rect.rect),
                Shape::Vec(shapes) => shapes.iter().find_map(|shape| found(shape, ground)),
                _ => None,
            }
        }
        let shapes: &[ClippedShape] = &self.desk.window.output().shapes;
        shapes.iter().find_map(|shape| found(&shape.shape, ground)).expect("the panel is drawn")
    }

    /// A place of the panel in the window, from one in pixels of the form.
    pub fn at(&self, left: f32, top: f32) -> Pos2 {
        self.place().min + vec2(left, top) * SCALE
    }

    /// What is seen of the panel.
    pub fn picture(&self) -> Canvas {
        let whole = Canvas::of(&self.desk.window.ctx, self.desk.window.output(), &self.textures);
        whole.part(self.place())
    }

    /// The same within these bounds of the form.
    pub fn part(&self, bounds: [f32; 4]) -> Canvas {
        let [left, top, width, height] = bounds;
        self.picture().part(Rect::from_min_size(pos2(left, top) * SCALE, vec2(width, height) * SCALE))
    }
}

/// The kinds, each with what its line says besides its place.
const KINDS: [(&str, &str); 36] = [
    ("rslider", "channel(\"r\"), range(0, 10, 7), text(\"Cutoff\"), trackercolour(250, 180, 60)"),
    ("hslider", "channel(\"h\"), range(0, 1, 0.25), text(\"Mix\")"),
    ("vslider", "channel(\"v\"), range(0, 1, 0.5), text(\"Gain\"), textcolour(120, 220, 120)"),
    ("nslider", "channel(\"n\"), range(0, 100, 42, 1, 1), text(\"Steps\")"),
    ("numberbox", "channel(\"nb\"), range(0, 100, 7, 1, 1)"),
    ("encoder", "channel(\"e\"), range(0, 1, 0.1), text(\"Encoder\")"),
    ("hrange", "channel(\"low\", \"high\"), range(0, 1, 0.2:0.8), trackercolour(90, 200, 255)"),
    ("vrange", "channel(\"below\", \"above\"), range(0, 1, 0.4:0.6)"),
    ("xypad", "channel(\"x\", \"y\"), rangex(0, 1, 0.25), rangey(0, 1, 0.75), colour(20, 60, 60)"),
    ("button", "channel(\"b\"), text(\"Off\", \"On\"), value(1), colour:1(200, 60, 60)"),
    ("checkbox", "channel(\"c\"), text(\"Check\"), value(1)"),
    ("optionbutton", "channel(\"o\"), items(\"One\", \"Two\"), value(1)"),
    ("combobox", "channel(\"cb\"), items(\"Saw\", \"Square\"), value(2)"),
    (
        "listbox",
        "channel(\"l\"), items(\"First\", \"Second\", \"Third\"), value(2), highlightcolour(255, 200, 0)",
    ),
    ("vmeter", "channel(\"vm\"), overlaycolour(10, 10, 10), metercolour:0(255, 90, 0)"),
    ("hmeter", "channel(\"hm\"), outlinecolour(255, 255, 255), outlinethickness(2)"),
    ("label", "text(\"A label\"), fontcolour(255, 230, 120), align(\"left\")"),
    ("groupbox", "text(\"A group\"), outlinecolour(0, 200, 200), outlinethickness(2), corners(10)"),
    ("keyboard", "middlec(4)"),
    ("image", "colour(180, 90, 200), corners(12), outlinecolour(255, 255, 255), outlinethickness(3)"),
    ("image", "colour(90, 180, 200), shape(\"ellipse\")"),
    ("shape", "colour(200, 180, 90), shape(\"triangle\")"),
    ("line", "colour(255, 120, 120)"),
    ("csoundoutput", "text(\"Output\"), colour(10, 30, 10), fontcolour(140, 255, 140)"),
    ("texteditor", "channel(\"te\"), text(\"some words\"), colour(250, 250, 240), fontcolour(20, 20, 20)"),
    ("texteditor", "text(\"first line\", \"second line\")"),
    ("textbox", "text(\"only to read\"), colour(0, 0, 0)"),
    ("filebutton", "channel(\"f\"), text(\"Sample\")"),
    ("infobutton", "file(\"help.txt\"), text(\"Help\"), colour(60, 60, 160)"),
    ("presetbutton", "channel(\"p\"), text(\"Presets\")"),
    ("webview", "channel(\"w\")"),
    ("gizmo", ""),
    ("rslider", "range(0, 1, 0.5), text(\"no channel\")"),
    ("label", "text(\"faint\"), alpha(0.3)"),
    ("label", "text(\"turned\"), rotate(1.5708, 40, 30)"),
    ("rslider", "channel(\"off\"), range(0, 1, 0.5), active(0), text(\"Not active\")"),
];

/// The side of a place in the grid, and of a widget in it.
const STEP: [f32; 2] = [100.0, 80.0];
const SIZE: [f32; 2] = [80.0, 60.0];
const COLUMNS: usize = 6;

fn bounds(index: usize) -> [f32; 4] {
    let [left, top] = [(index % COLUMNS) as f32 * STEP[0] + 10.0, (index / COLUMNS) as f32 * STEP[1] + 10.0];
    [left, top, SIZE[0], SIZE[1]]
}

fn lines(kinds: &[(&str, &str)]) -> String {
    let line = |(index, (kind, says)): (usize, &(&str, &str))| {
        let [left, top, width, height] = bounds(index);
        let height = if *kind == "line" { 3.0 } else { height };
        format!("{kind} bounds({left}, {top}, {width}, {height}), {says}\n")
    };
    kinds.iter().enumerate().map(line).collect()
}

#[test]
fn each_kind_of_widget_looks_as_in_its_picture() {
    let rows = KINDS.len().div_ceil(COLUMNS) as u32;
    let mut panel = Panel::of([COLUMNS as u32 * STEP[0] as u32, rows * STEP[1] as u32], &lines(&KINDS));
    panel.desk.backend.change(|view| {
        for (name, value) in [("vm", 0.7), ("hm", 0.4)] {
            let index = view.channels.iter().position(|channel| channel.name == name).unwrap();
            view.values.resize(view.channels.len(), 0.0);
            view.values[index] = value;
        }
        view.console.push(Line { importance: Importance::Print, text: "a line".into(), ..Line::default() });
    });
    panel.desk.steps(20);
    let present = panel.picture();
    let kept = canvas::kept("kinds", &present);
    let empty =
        Panel::of([COLUMNS as u32 * STEP[0] as u32, rows * STEP[1] as u32], "label bounds(0, 0, 0, 0)");
    let empty = empty.picture();
    for (index, (kind, says)) in KINDS.iter().enumerate() {
        let [left, top, width, height] = bounds(index).map(|side| side * SCALE);
        let place = Rect::from_min_size(pos2(left, top), vec2(width, height));
        let (now, then) = (present.part(place), kept.part(place));
        assert!(now.looks_like(&then), "{kind} {says}: {:?} from its picture", now.distance(&then));
        let (drawn, _) = now.distance(&empty.part(place));
        assert!(drawn > 0.5, "{kind} {says} is not seen: {drawn}");
    }
}

#[test]
fn what_is_not_known_is_a_frame_with_its_name_and_told_once_a_kind() {
    let text = "<Cabbage>\nform size(400, 300)\ngizmo bounds(0, 0, 100, 50)\nGizmo bounds(0, 60, 100, 50)\n\
                rslider bounds(0, 120, 100, 50), text(\"idle\")\nimage bounds(0, 0, 9, 9)\nbutton channel(\"b\")\n</Cabbage>\n";
    let (channels, layout) = panel_of(text, &Changes::default());
    let layout = layout.unwrap();
    let drawn: Vec<_> = layout.widgets.iter().map(|placed| (placed.kind, placed.text.as_str())).collect();
    let button = channels.iter().position(|channel| channel.name == "b").unwrap();
    assert_eq!(
        drawn,
        [
            (PlacedKind::Unknown, "gizmo"),
            (PlacedKind::Unknown, "gizmo"),
            (PlacedKind::Idle, "idle"),
            (PlacedKind::Image(csound_performer::editor::model::Shape::Rectangle), ""),
            (PlacedKind::Control(button), ""),
        ]
    );
    assert!(layout.widgets[4].bounds[2] > 0.0, "a widget without bounds has a place");
    let remarks = csound_performer::plugin::channels::cabbage::parse(text).remarks();
    let told: Vec<_> = remarks.iter().map(|remark| (remark.line, remark.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "gizmo is not known here: a frame stands in its place"),
            (5, "this widget has no channel( ), so it does nothing: a frame stands in its place"),
        ]
    );
}

#[test]
fn a_slider_with_two_thumbs_turns_both_of_its_channels_and_neither_passes_the_other() {
    let mut panel =
        Panel::of([300, 200], "hrange bounds(0, 0, 214, 40), channel(\"a\", \"b\"), range(0, 1, 0.2:0.8)");
    let thumb = |share: f32| 14.0 / SCALE / 2.0 + (214.0 - 14.0 / SCALE) * share;
    panel.desk.drag(panel.at(thumb(0.2), 20.0), panel.at(thumb(0.5), 20.0));
    let log = panel.desk.log();
    assert_eq!(log.first(), Some(&Action::BeginGesture(ParamRef::Bank(0))));
    assert_eq!(log.last(), Some(&Action::EndGesture(ParamRef::Bank(0))));
    let value = |panel: &Panel, index: usize| panel.desk.backend.view().value(index);
    assert!((value(&panel, 0) - 0.5).abs() < 0.02, "{}", value(&panel, 0));
    panel.desk.drag(panel.at(thumb(0.8), 20.0), panel.at(thumb(0.1), 20.0));
    assert_eq!(panel.desk.log().first(), Some(&Action::BeginGesture(ParamRef::Bank(1))));
    assert!((value(&panel, 1) - value(&panel, 0)).abs() < 0.001, "it stops at the other thumb");
}

#[test]
fn a_pad_turns_both_of_its_channels_in_one_gesture() {
    let mut panel = Panel::of(
        [300, 200],
        "xypad bounds(0, 0, 100, 110), channel(\"x\", \"y\"), rangex(0, 10, 0), rangey(0, 1, 0)",
    );
    panel.desk.drag(panel.at(20.0, 80.0), panel.at(50.0, 20.0));
    let log = panel.desk.log();
    let gesture = |action: fn(ParamRef) -> Action| [0, 1].map(|index| action(ParamRef::Bank(index)));
    assert_eq!(log[..2], gesture(Action::BeginGesture));
    assert_eq!(log[log.len() - 2..], gesture(Action::EndGesture));
    let view = panel.desk.backend.view();
    assert!((view.value(0) - 5.0).abs() < 0.2 && (view.value(1) - 0.8).abs() < 0.03, "{:?}", view.values);
}

#[test]
fn a_pad_that_is_thrown_moves_by_itself_in_one_gesture_until_it_is_pressed() {
    let mut panel = Panel::of(
        [300, 200],
        "xypad bounds(0, 0, 100, 110), channel(\"x\", \"y\"), rangex(0, 10, 0), rangey(0, 1, 0)",
    );
    let at = |panel: &Panel| [0, 1].map(|index| panel.desk.backend.view().value(index));
    let throw = |panel: &mut Panel| {
        panel.desk.drag_with(PointerButton::Secondary, panel.at(20.0, 50.0), panel.at(60.0, 45.0));
        panel.desk.steps(1);
    };
    let gesture = |action: fn(ParamRef) -> Action| [0, 1].map(|index| action(ParamRef::Bank(index)));
    throw(&mut panel);
    assert_eq!(panel.desk.log()[..2], gesture(Action::BeginGesture));
    let [x, y] = at(&panel);
    assert!((6.0..8.0).contains(&x) && (0.5..0.6).contains(&y), "where it was let go, and on: {x} {y}");
    panel.desk.steps(5);
    let [further, higher] = at(&panel);
    assert!(further > x && higher > y, "{further} {higher}");
    // Far enough that it has met an edge, and come back.
    let mut seen = Vec::new();
    for _ in 0..400 {
        panel.desk.steps(1);
        seen.push(at(&panel)[0]);
    }
    assert!(seen.iter().any(|x| *x > 9.8) && seen.iter().all(|x| (0.0..=10.0).contains(x)));
    assert!(seen.windows(2).any(|pair| pair[1] < pair[0]), "it bounces");
    assert!(panel.desk.log().iter().all(|action| matches!(action, Action::SetParam(..))), "one gesture");
    // A press stops it, and what held it is let go.
    panel.desk.pointer(panel.at(50.0, 50.0), true);
    panel.desk.steps(2);
    assert!(panel.desk.log().ends_with(&gesture(Action::EndGesture)));
    panel.desk.pointer(panel.at(50.0, 50.0), false);
    panel.desk.steps(2);
    let still = at(&panel);
    panel.desk.steps(20);
    assert_eq!(at(&panel), still);
    // Another throw, and out of sight: the host's gesture ends.
    throw(&mut panel);
    panel.desk.log();
    panel.desk.click("Source");
    panel.desk.steps(2);
    let log = panel.desk.log();
    assert!(gesture(Action::EndGesture).iter().all(|end| log.contains(end)), "{log:?}");
}
