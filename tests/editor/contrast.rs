//! Every text that is drawn, on whatever it is drawn: it has the contrast that WCAG 2 calls AA.

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use csound_performer::range::Range;
use egui::epaint::{ClippedShape, Shape, TextShape};
use egui::{Color32, Event, Pos2, Rgba};
use egui_kittest::kittest::Queryable;

use crate::desk::*;

const LEAST: f32 = 4.5;

fn contrast(one: Color32, other: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let linear = Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The shapes of a frame, in the order in which they are painted.
fn flat(shapes: &[ClippedShape]) -> Vec<(egui::Rect, &Shape)> {
    fn add<'a>(into: &mut Vec<(egui::Rect, &'a Shape)>, clip: egui::Rect, shape: &'a Shape) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| add(into, clip, shape)),
            shape => into.push((clip, shape)),
        }
    }
    let mut all = Vec::new();
    shapes.iter().for_each(|shape| add(&mut all, shape.clip_rect, &shape.shape));
    all
}

fn ground(before: &[(egui::Rect, &Shape)], at: Pos2) -> Color32 {
    before.iter().filter(|(clip, _)| clip.contains(at)).fold(Color32::BLACK, |ground, (_, shape)| match shape
    {
        Shape::Rect(rect) if rect.rect.contains(at) => ground.blend(rect.fill),
        Shape::Circle(circle) if circle.center.distance(at) < circle.radius => ground.blend(circle.fill),
        _ => ground,
    })
}

/// The colours of a text, with the words that have them. What is switched off is transparent, and left out.
fn colours(text: &TextShape) -> Vec<(Color32, String)> {
    let sections = text.galley.job.sections.iter().map(|section| {
        let own = text.override_text_color.unwrap_or(section.format.color);
        let colour = if own == Color32::PLACEHOLDER { text.fallback_color } else { own };
        let words = text.galley.job.text.get(section.byte_range.start.0..section.byte_range.end.0);
        (colour, words.unwrap_or_default().trim().to_owned())
    });
    sections.filter(|(colour, words)| !words.is_empty() && colour.a() == 255).collect()
}

impl Desk {
    fn must_be_readable(&mut self, what: &str) -> usize {
        let shapes = flat(&self.window.output().shapes);
        let mut texts = 0;
        for (index, (clip, shape)) in shapes.iter().enumerate() {
            let Shape::Text(text) = shape else { continue };
            let rows = text.galley.rows.iter().map(|row| text.pos + (row.pos + row.size / 2.0).to_vec2());
            for at in rows.filter(|at| clip.contains(*at)) {
                let ground = ground(&shapes[..index], at);
                for (colour, words) in colours(text) {
                    let found = contrast(colour, ground);
                    assert!(found >= LEAST, "{what}: {words:?}, {colour:?} on {ground:?}: {found:.2}");
                    texts += 1;
                }
            }
        }
        texts
    }
}

/// All that can be told at once.
fn troubles(view: &mut View) {
    view.refused = Some("The file could not be written: no space is left on the device".into());
    view.state = State::Failed("Line 3: the opcode oscilx is not known".into());
    view.piece.changed_on_disk = true;
    view.isolation.asks_to_read = Some("/music".into());
    view.recording = RecordingView {
        active: true,
        waits: false,
        seconds: 2.0,
        format: "24 bit".into(),
        lost: 3,
        path: Some("/music/bells.wav".into()),
        folder: Some("/music".into()),
        error: Some("The disk is full".into()),
    };
    view.transport.host = Some(HostPosition { seconds: 3.0, bar: Some((2, 1.5)), playing: true });
    (view.picture.worst, view.picture.late_turns) = (1.2, 2);
    view.source.errors =
        [SourceError { line: Some(3), text: "an opcode that is not known".into(), ..SourceError::default() }]
            .into();
    view.slots[0] = Slot { text: "i x".into(), error: Some("no".into()), learning: true, learned: None };
    view.held = 1 << 60 | 1 << 61;
    for importance in
        [Importance::Info, Importance::Print, Importance::Note, Importance::Warning, Importance::Error]
    {
        view.console.push(Line {
            importance,
            source_line: Some(2),
            text: "a word".into(),
            ..Line::default()
        });
    }
}

fn all_kinds() -> Vec<Channel> {
    let kinds = [
        Widget::Knob,
        Widget::Horizontal,
        Widget::Vertical,
        Widget::Number,
        Widget::Toggle,
        Widget::Trigger,
        Widget::Choice,
        Widget::Text,
        Widget::File,
    ];
    let channel =
        |(index, widget): (usize, Widget)| Channel { widget, ..knob(&format!("channel {index}"), index) };
    let mut channels: Vec<_> = kinds.into_iter().enumerate().map(channel).collect();
    channels.push(Channel { is_output: true, group: "Written".into(), parameter: None, ..knob("level", 20) });
    channels
}

#[test]
fn every_text_on_every_page_has_the_contrast_of_wcag_aa() {
    for other_colours in [false, true] {
        for in_trouble in [false, true] {
            let mut desk = Desk::on(FakePiece { channels: all_kinds(), ..bells() });
            if other_colours {
                desk.press("Light colours");
            }
            desk.press("Keyboard");
            if in_trouble {
                desk.backend.change(troubles);
            }
            for tab in ["Channels", "Events", "Source", "Console"] {
                let what = format!("{tab}, light: {other_colours}, in trouble: {in_trouble}");
                desk.click(tab);
                assert!(desk.must_be_readable(&what) > 20, "{what}");
                desk.window.event(Event::PointerGone);
                desk.steps(20);
                desk.must_be_readable(&what);
            }
            for popup in ["bells.csd      ", "Confined: this piece can harm nothing"] {
                let found = desk.window.query_all_by_label_contains(popup.trim()).next();
                found.unwrap_or_else(|| panic!("{popup}")).click();
                desk.steps(5);
                desk.must_be_readable(popup);
                desk.key(egui::Modifiers::NONE, egui::Key::Escape);
            }
        }
    }
}

/// Buttons on a panel, off and on, in the editor's colours and in those of the piece.
#[test]
fn a_button_is_read_in_any_colour_off_and_on() {
    let colours = [None, Some([20, 20, 60, 255]), Some([250, 250, 210, 255]), Some([110, 118, 128, 255])];
    let button = |index: usize| {
        let on = if index.is_multiple_of(2) { 0.0 } else { 1.0 };
        let range = Range { default: on, ..Range::default() };
        Channel { widget: Widget::Button, range, ..knob(&format!("button {index}"), index) }
    };
    let placed = |index: usize| Placed {
        kind: PlacedKind::Control(index),
        bounds: [10.0 + 110.0 * (index / 2) as f32, 10.0 + 50.0 * (index % 2) as f32, 100.0, 40.0],
        colour: colours[index / 2],
        lit_colour: colours[index / 2],
        ..Placed::default()
    };
    let places = 0..2 * colours.len();
    let layout =
        Layout { size: [460.0, 110.0], widgets: places.clone().map(placed).collect(), ..Layout::default() };
    let channels = places.map(button).collect();
    let mut desk = Desk::on(FakePiece { layout: Some(layout), channels, ..bells() });
    for colours in ["in dark colours", "in light colours"] {
        desk.window.event(Event::PointerGone);
        desk.steps(20);
        assert!(desk.must_be_readable(colours) > 20, "{colours}");
        desk.press(if colours.contains("dark") { "Light colours" } else { "Dark colours" });
    }
}

#[test]
fn the_browser_is_readable_in_both_colours() {
    for other_colours in [false, true] {
        let mut desk = Desk::on(bells());
        if other_colours {
            desk.press("Light colours");
        }
        desk.press("Browse");
        desk.backend.change(|view| {
            let mut entries = view.catalogue.entries.to_vec();
            entries[0].trouble = Some("it cannot be read".into());
            view.catalogue.entries = entries.into();
            view.catalogue.notes = ["/far cannot be looked through".to_owned()].into();
        });
        desk.steps(20);
        assert!(desk.must_be_readable("the browser, what is at hand in trouble") > 20);
        desk.press("bells.csd");
        desk.steps(20);
        assert!(desk.must_be_readable("the browser, what is not at hand in trouble") > 20);
    }
}

#[test]
fn the_buttons_of_the_trust_sheet_have_an_edge() {
    let mut desk = Desk::on(bells());
    desk.press("Confined: this piece can harm nothing");
    desk.window.event(Event::PointerGone);
    desk.steps(20);
    for label in ["Trust this piece", "Allow folder…", "Choose folder to write…", "Add opcode library…"]
    {
        let button = desk.window.get_by_label(label).rect();
        let shapes = flat(&desk.window.output().shapes);
        let has_edge = shapes.iter().any(|(_, shape)| match shape {
            Shape::Rect(rect) => {
                let lies_there = (rect.rect.center() - button.center()).length() < 2.0;
                lies_there
                    && rect.rect.height() < 40.0
                    && rect.stroke.width > 0.0
                    && rect.stroke.color.a() == 255
            }
            _ => false,
        });
        assert!(has_edge, "{label}");
    }
}
