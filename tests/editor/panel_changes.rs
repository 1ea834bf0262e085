//! What a piece changes of its widgets while it performs is seen; and what every widget turns reaches the host.

use csound_cabbage::{Change, Changes, Value};
use csound_performance::engine::piece::{Piece, Source};
use csound_performer::editor::model::*;
use csound_performer::plugin::backend::panel_of;
use csound_performer::plugin::channels::offered::Offered;
use csound_performer::plugin::shared::link::Link;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use crate::panels::Panel;

const SIZE: [u32; 2] = [300, 200];

/// A widget's line, and a change of one of its identifiers which has to be seen.
fn changes() -> Vec<(&'static str, &'static str, &'static str, Vec<Value>)> {
    let numbers = |numbers: &[f64]| numbers.iter().copied().map(Value::Number).collect::<Vec<_>>();
    let text = |text: &str| vec![Value::from(text)];
    let (label, knob) = (
        "label bounds(10, 10, 120, 40), text(\"words\"),",
        "rslider bounds(10, 10, 90, 90), range(0, 1, 0.6),",
    );
    let (image, table) = (
        "image bounds(10, 10, 90, 60), colour(200, 0, 0),",
        "gentable bounds(10, 10, 200, 100), tablenumber(1),",
    );
    vec![
        (label, "label", "visible", numbers(&[0.0])),
        (label, "label", "text", text("others")),
        (label, "label", "bounds", numbers(&[60.0, 50.0, 120.0, 40.0])),
        (label, "label", "alpha", numbers(&[0.2])),
        (label, "label", "colour", numbers(&[0.0, 90.0, 90.0])),
        (label, "label", "fontcolour", numbers(&[255.0, 0.0, 0.0])),
        (label, "label", "fontsize", numbers(&[8.0])),
        (label, "label", "align", text("left")),
        (label, "label", "rotate", numbers(&[0.8, 60.0, 20.0])),
        (knob, "knob", "colour", numbers(&[255.0, 0.0, 0.0])),
        (knob, "knob", "trackercolour", numbers(&[255.0, 0.0, 0.0])),
        (knob, "knob", "textcolour", numbers(&[255.0, 0.0, 0.0])),
        (knob, "knob", "text", text("Another")),
        (knob, "knob", "active", numbers(&[0.0])),
        (knob, "knob", "rotate", numbers(&[1.0])),
        (image, "image", "corners", numbers(&[25.0])),
        (image, "image", "shape", text("ellipse")),
        (image, "image", "outlinethickness", numbers(&[0.0])),
        (image, "image", "outlinecolour", numbers(&[0.0, 255.0, 0.0])),
        (image, "image", "file", text("other.png")),
        (table, "table", "tablenumber", numbers(&[2.0])),
        (table, "table", "tablecolour", text("red")),
        (table, "table", "amprange", numbers(&[-4.0, 4.0, 1.0])),
        (table, "table", "tablebackgroundcolour", numbers(&[90.0, 0.0, 0.0])),
        (
            "combobox bounds(10, 10, 120, 30), items(\"One\", \"Two\"),",
            "choice",
            "items",
            vec!["First".into(), "Second".into()],
        ),
        ("vmeter bounds(10, 10, 40, 90),", "meter", "metercolour:0", numbers(&[255.0, 0.0, 0.0])),
        ("vmeter bounds(10, 10, 40, 90),", "meter", "overlaycolour", numbers(&[90.0, 0.0, 0.0])),
        (
            "button bounds(10, 10, 90, 40), text(\"Off\", \"On\"), value(1),",
            "button",
            "colour:1",
            numbers(&[0.0, 0.0, 255.0]),
        ),
        (
            "button bounds(10, 10, 90, 40), text(\"Off\", \"On\"),",
            "button",
            "fontcolour",
            numbers(&[0.0, 255.0, 255.0]),
        ),
        (
            "listbox bounds(10, 10, 90, 90), items(\"One\", \"Two\"),",
            "list",
            "highlightcolour",
            numbers(&[0.0, 0.0, 255.0]),
        ),
    ]
}

/// Tables, a meter's value, and a picture, as a running piece has them.
fn fill(view: &mut View) {
    let table = |points: &[f32]| Table { length: points.len(), points: points.into() };
    view.tables = [(1, table(&[0.0, 1.0, 0.5, -1.0])), (2, table(&[1.0, -1.0, 1.0, 0.25]))]
        .into_iter()
        .collect::<Tables>()
        .into();
    let blue = Image { size: [2, 2], rgba: [20, 40, 220, 255].repeat(4) };
    view.images = [("other.png".to_owned(), Some(blue.into()))].into_iter().collect::<Images>().into();
    if let Some(index) = view.channels.iter().position(|channel| channel.name == "meter") {
        view.values[index] = 0.6;
    }
}

fn seen(line: &str, changes: Vec<Change>) -> crate::canvas::Canvas {
    let mut panel = Panel::changed(SIZE, line, changes);
    panel.desk.backend.change(fill);
    panel.desk.steps(20);
    panel.picture()
}

#[test]
fn each_identifier_that_a_piece_changes_is_seen() {
    for (line, channel, identifier, values) in changes() {
        let line =
            format!("{line} channel(\"{channel}\"), outlinecolour(255, 255, 255), outlinethickness(4)");
        let before = seen(&line, Vec::new());
        let after = seen(&line, vec![Change::of(channel, identifier, values.clone())]);
        let (mean, share) = after.distance(&before);
        assert!(share > 0.0005, "{identifier} {values:?} of {line}: {mean} {share}");
        let again = seen(&line, Vec::new());
        assert!(again == before, "{identifier} of {line}: the same is drawn the same");
    }
}

#[test]
fn every_widget_with_a_channel_turns_it_in_a_gesture_that_the_host_can_record() {
    let range = "range(0, 10, 2, 0.5, 0.25)";
    let kinds = [
        ("rslider", range),
        ("hslider", range),
        ("vslider", range),
        ("nslider", range),
        ("numberbox", range),
        ("encoder", range),
        ("hrange", "range(0, 10, 2:8)"),
        ("vrange", "range(0, 10, 2:8)"),
        ("xypad", "rangex(0, 10, 2), rangey(0, 10, 2)"),
        ("button", ""),
        ("button", "latched(0)"),
        ("checkbox", ""),
        ("optionbutton", "items(\"One\", \"Two\", \"Three\")"),
        ("listbox", "items(\"One\", \"Two\", \"Three\")"),
        ("combobox", "items(\"One\", \"Two\", \"Three\")"),
    ];
    for (kind, says) in kinds {
        let channels = if ["hrange", "vrange", "xypad"].contains(&kind) { "\"a\", \"b\"" } else { "\"a\"" };
        let line = format!("{kind} bounds(20, 20, 120, 120), channel({channels}), {says}");
        let mut panel = Panel::of(SIZE, &line);
        let (middle, beside) = (panel.at(80.0, 80.0), panel.at(95.0, 70.0));
        match kind {
            "hrange" => panel.desk.drag(panel.at(44.0, 80.0), panel.at(70.0, 80.0)),
            "vrange" => panel.desk.drag(panel.at(80.0, 116.0), panel.at(80.0, 90.0)),
            "listbox" => panel.desk.click("Two"),
            "combobox" => {
                panel.desk.window.get_by_role_and_label(Role::ComboBox, "a").click();
                panel.desk.steps(3);
                panel.desk.click("Two");
            }
            "button" | "checkbox" | "optionbutton" => {
                panel.desk.pointer(middle, true);
                panel.desk.pointer(middle, false);
            }
            _ => panel.desk.drag(middle, beside),
        }
        panel.desk.steps(20);
        let log = panel.desk.log();
        let gesture = log.iter().filter(|action| {
            matches!(action, Action::BeginGesture(_) | Action::SetParam(..) | Action::EndGesture(_))
        });
        let gesture: Vec<_> = gesture.collect();
        assert!(matches!(gesture.first(), Some(Action::BeginGesture(ParamRef::Bank(0)))), "{line}: {log:?}");
        assert!(matches!(gesture.last(), Some(Action::EndGesture(_))), "{line}: {log:?}");
        let sets = gesture.iter().filter(|action| matches!(action, Action::SetParam(ParamRef::Bank(0), _)));
        assert!(sets.count() > 0, "{line}: {log:?}");
        let view = panel.desk.backend.view();
        let (value, channel) = (view.value(0), &view.channels[0]);
        let position = channel.range.to_normalized(value);
        let away = (channel.range.to_value(position) - value).abs();
        assert!(away < 1e-9, "{line}: it stands where its parameter can stand");
        assert_eq!(channel.parameter, Some(0), "{line}");
    }
}

#[test]
fn what_every_widget_shows_is_what_its_parameter_has_in_the_host_in_automation_and_in_presets() {
    let kinds = [
        "rslider range(20, 20000, 1000, 0.5, 1)",
        "hslider range(-1, 1, 0, 2, 0.01)",
        "vslider range(0, 10, 2, 1, 0.25)",
        "nslider range(-100, 100, 7, 1, 5)",
        "numberbox range(0, 127, 64, 1, 1)",
        "encoder min(0), max(50), increment(0.5), value(3)",
        "rslider min(2), max(8), value(4)",
        "hrange range(0, 10, 2:8, 1, 0.5)",
        "vrange range(0, 10, 2:8, 0.5, 0.1)",
        "xypad rangex(0, 10, 2), rangey(-5, 5, 0)",
        "button text(\"Off\", \"On\")",
        "button latched(0)",
        "checkbox value(1)",
        "optionbutton items(\"One\", \"Two\", \"Three\"), value(1)",
        "listbox items(\"One\", \"Two\", \"Three\"), value(2)",
        "combobox items(\"One\", \"Two\", \"Three\"), value(3)",
    ];
    for kind in kinds {
        let (name, says) = kind.split_once(' ').unwrap();
        let channel = if matches!(name, "hrange" | "vrange" | "xypad") { "\"a\", \"b\"" } else { "\"a\"" };
        let text = format!(
            "<Cabbage>\nform size(9, 9)\n{name} bounds(0, 0, 9, 9), channel({channel}), {says}\n</Cabbage>\n"
        );
        let (channels, _) = panel_of(&text, &Changes::default());
        let piece = Piece { name: "a.csd".into(), source: Source::Csd(text.clone()), folder: None };
        let link = Link::default();
        link.bank.adopt(&Offered::find(&piece, &[]).inputs);
        for (channel, expected) in channels.iter().zip(["a", "b"]) {
            let place = channel.parameter.unwrap_or_else(|| panic!("{kind}: no parameter"));
            assert_eq!((channel.name.as_str(), channel.is_output), (expected, false), "{kind}");
            let span = channel.range.scale.maximum() - channel.range.scale.minimum();
            for step in 0..=40_u8 {
                let position = f32::from(step) / 40.0;
                link.bank.moved_to(place, position);
                let host = link.bank.value(place).unwrap();
                let shown = channel.range.to_value(f64::from(position));
                assert_eq!(host, shown, "{kind} at {position}");
                let words = link.bank.text(place, position);
                assert_eq!(words, format!("{expected} {}", channel.range.text(shown)), "{kind}");
                // A preset that holds this value puts the parameter where it stands for it.
                let put = link.bank.set_as_preset(&[(place, Some(host))], |_, position| position as f32);
                let [(_, put)] = put[..] else { panic!("{kind}: {put:?}") };
                assert!(
                    (channel.range.to_value(f64::from(put)) - host).abs() <= span * 1e-6,
                    "{kind} {host} {put}"
                );
            }
        }
    }
}
