//! Each kind of widget with each identifier that pieces change of it while they perform: every one is seen.

use std::sync::Arc;

use csound_cabbage::{Change, Value};
use csound_performer::editor::model::*;

use crate::canvas::Canvas;
use crate::panels::Panel;

const SIZE: [u32; 2] = [300, 200];

/// Identifiers that all kinds have.
const ALL: &str = "visible bounds alpha rotate";

/// The kinds: how a line begins, and the identifiers that this kind has besides.
const KINDS: [(&str, &str); 34] = [
    (
        "rslider range(0, 1, 0.6), text(\"Words\")",
        "text colour textcolour trackercolour filmstrip imgfile active",
    ),
    ("hslider range(0, 1, 0.6), text(\"Words\")", "text colour textcolour trackercolour imgfile active"),
    ("vslider range(0, 1, 0.6), text(\"Words\")", "text colour textcolour trackercolour imgfile active"),
    ("nslider range(0, 1, 0.6), text(\"Words\")", "text colour textcolour active"),
    ("numberbox range(0, 1, 0.6), text(\"Words\")", "text colour textcolour active"),
    ("encoder range(0, 1, 0.6), text(\"Words\")", "text colour textcolour active"),
    ("hrange range(0, 1, 0.2:0.8)", "colour trackercolour active"),
    ("vrange range(0, 1, 0.2:0.8)", "colour trackercolour active"),
    ("xypad rangex(0, 1, 0.3), rangey(0, 1, 0.3)", "colour fontcolour active"),
    ("button text(\"Off\", \"On\")", "text colour fontcolour corners imgfile active"),
    ("button value(1), text(\"Off\", \"On\")", "text colour:1"),
    ("checkbox value(1), text(\"Words\")", "text colour:1 fontcolour active"),
    ("optionbutton items(\"One\", \"Two\")", "items colour fontcolour corners active"),
    ("combobox items(\"One\", \"Two\")", "items colour fontcolour active"),
    ("listbox items(\"One\", \"Two\")", "items colour fontcolour highlightcolour active"),
    ("vmeter text(\"x\")", "metercolour overlaycolour outlinecolour outlinethickness"),
    ("hmeter text(\"x\")", "metercolour overlaycolour outlinecolour outlinethickness"),
    ("label text(\"Words\"), colour(200, 60, 60)", "text colour fontcolour fontsize align corners"),
    ("groupbox text(\"Words\")", "text colour fontcolour outlinecolour outlinethickness corners"),
    ("keyboard middlec(4)", ""),
    ("image colour(200, 0, 0)", "colour corners shape file outlinecolour outlinethickness"),
    ("shape colour(200, 0, 0)", "colour corners shape"),
    ("line colour(200, 0, 0)", "colour"),
    ("csoundoutput text(\"Words\")", "text colour fontcolour"),
    ("texteditor text(\"Words\")", "text colour fontcolour"),
    ("texteditor readonly(1), text(\"Words\")", "text colour fontcolour fontsize"),
    ("textbox text(\"Words\")", "text colour fontcolour"),
    ("filebutton text(\"Words\")", "text colour fontcolour active"),
    ("infobutton text(\"Words\"), file(\"a.txt\")", "text colour fontcolour"),
    ("presetbutton text(\"Words\")", "text colour fontcolour"),
    (
        "gentable tablenumber(1)",
        "tablenumber tablecolour tablebackgroundcolour tablegridcolour amprange fill outlinethickness samplerange \
         scrubberposition",
    ),
    (
        "soundfiler file(\"s.wav\"), colour(0, 200, 0)",
        "file colour tablebackgroundcolour scrubberposition samplerange zoom regionstart",
    ),
    (
        "signaldisplay signalvariable(\"a1\"), displaytype(\"spectroscope\")",
        "signalvariable displaytype colour backgroundcolour outlinethickness skew zoom",
    ),
    ("gizmo text(\"x\")", ""),
];

/// What an identifier is changed to; `value` is none of these: it is the channel's.
fn values(identifier: &str, kind: &str) -> Vec<Value> {
    let numbers = |numbers: &[f64]| numbers.iter().copied().map(Value::Number).collect::<Vec<_>>();
    let texts = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
    match identifier {
        "visible" | "active" | "fill" => numbers(&[0.0]),
        "bounds" => numbers(&[90.0, 60.0, 110.0, 100.0]),
        "alpha" => numbers(&[0.2]),
        "rotate" => numbers(&[0.5, 10.0, 10.0]),
        "text" => texts(&["Others", "Others"]),
        "items" => texts(&["First", "Second"]),
        "align" => texts(&["right"]),
        "shape" => texts(&["ellipse"]),
        "file" if kind == "soundfiler" => texts(&["t.wav"]),
        "file" => texts(&["blue.png"]),
        "filmstrip" => vec!["blue.png".into(), 2.0.into()],
        "imgfile" if kind == "button" => texts(&["Off", "blue.png"]),
        "imgfile" => texts(&["Slider", "blue.png"]),
        "fontsize" => numbers(&[9.0]),
        "corners" => numbers(&[25.0]),
        "outlinethickness" => numbers(&[9.0]),
        "tablenumber" => numbers(&[2.0]),
        "amprange" => numbers(&[-4.0, 4.0, -1.0]),
        "samplerange" if kind == "soundfiler" => numbers(&[0.0, 4000.0]),
        "samplerange" => numbers(&[0.0, 100.0]),
        "scrubberposition" | "regionstart" => numbers(&[200.0]),
        "zoom" if kind == "soundfiler" => numbers(&[0.9]),
        "zoom" => numbers(&[4.0]),
        "skew" => numbers(&[0.3]),
        "signalvariable" => texts(&["a2"]),
        "displaytype" => texts(&["waveform"]),
        "outlinecolour" => numbers(&[0.0, 255.0, 0.0]),
        colour if colour.contains("colour") => numbers(&[250.0, 20.0, 160.0]),
        other => panic!("{other} is not in the table"),
    }
}

/// Tables, signals, sounds, pictures and the value of a meter, as a running piece has them.
fn fill(view: &mut View) {
    let table = |points: Vec<f32>| Table { length: points.len(), points: points.into() };
    let wave = |turns: f32| {
        (0..500)
            .map(|at| (at as f32 / 500.0 * turns * std::f32::consts::TAU).sin() * 0.8)
            .collect::<Vec<f32>>()
    };
    view.tables = Arc::new(Tables::from([(1, table(wave(2.0))), (2, table(wave(5.0)))]));
    let signal = |turns: f32| Signal {
        waveform: table(wave(turns)),
        spectrum: table((0..256).map(|bin| 0.15 / (1.0 + (bin as f32 / turns / 9.0))).collect()),
        spectra: 1,
        ..Signal::default()
    };
    view.signals = Arc::new(Signals::from([("a1".to_owned(), signal(2.0)), ("a2".to_owned(), signal(9.0))]));
    let sound = |level: f32| {
        let bound =
            |at: usize| level * if at.is_multiple_of(2) { -1.0 } else { 1.0 } * (1.0 - at as f32 / 4000.0);
        Some(Arc::new(Sound { frames: 10_000, bounds: vec![(0..4000).map(bound).collect()] }))
    };
    view.sounds =
        Arc::new(Sounds::from([("s.wav".to_owned(), sound(0.9)), ("t.wav".to_owned(), sound(0.3))]));
    let blue = Image { size: [4, 4], rgba: [20, 40, 220, 255].repeat(16) };
    view.images = Arc::new(Images::from([("blue.png".to_owned(), Some(Arc::new(blue)))]));
    if let Some(index) = view.channels.iter().position(|channel| channel.is_output) {
        view.values.resize(view.channels.len(), 0.0);
        view.values[index] = 0.6;
    }
    view.console.push(Line { text: "a line".into(), ..Line::default() });
}

fn seen(line: &str, changes: Vec<Change>) -> Canvas {
    let mut panel = Panel::changed(SIZE, line, changes);
    panel.desk.backend.change(fill);
    panel.desk.steps(6);
    panel.picture()
}

#[test]
fn every_kind_follows_every_identifier_that_it_has() {
    let mut unseen = Vec::new();
    for (begins, own) in KINDS {
        let (kind, says) = begins.split_once(' ').unwrap();
        let channel = if matches!(kind, "hrange" | "vrange" | "xypad") { "\"w\", \"v\"" } else { "\"w\"" };
        let height = if kind == "line" { 4 } else { 80 };
        let line = format!("{kind} bounds(60, 40, 130, {height}), channel({channel}), {says}");
        let before = seen(&line, Vec::new());
        for identifier in ALL.split(' ').chain(own.split_whitespace()) {
            let change = Change::of("w", identifier, values(identifier, kind));
            let (mean, share) = seen(&line, vec![change]).distance(&before);
            if share < 0.0002 {
                unseen.push(format!("{identifier} of {begins}: {mean} {share}"));
            }
        }
        assert!(seen(&line, Vec::new()) == before, "{begins}: the same is drawn the same");
    }
    assert!(unseen.is_empty(), "not seen:\n{}", unseen.join("\n"));
}

#[test]
fn what_has_no_effect_is_told_once_with_all_its_names() {
    let text = "<Cabbage>\nform size(400, 300)\nrslider bounds(0, 0, 9, 9), channel(\"a\"), trackerthickness(2), wobble(1)\n\
                rslider bounds(0, 0, 9, 9), channel(\"b\"), wobble(2), colour:3(1, 2, 3)\n</Cabbage>\n";
    let remarks = csound_performer::plugin::channels::cabbage::parse(text).remarks();
    let told: Vec<_> = remarks.iter().map(|remark| (remark.line, remark.text.as_str())).collect();
    assert_eq!(told, [(3, "what these say has no effect here: trackerthickness, wobble")]);
    let hostile: String = (0..5000).map(|number| format!("label x{number}(1)\n")).collect();
    let remarks =
        csound_performer::plugin::channels::cabbage::parse(&format!("<Cabbage>\n{hostile}</Cabbage>\n"))
            .remarks();
    assert!(remarks.iter().all(|remark| remark.text.len() < 2000), "bounded");
}

#[test]
fn an_array_of_widgets_is_drawn_with_a_channel_for_each_and_is_bounded() {
    let text = |count: &str| {
        format!(
            "<Cabbage>\nform size(9, 9)\nrslider bounds(0, 0, 9, 9), range(0, 5, 2), widgetarray(\"k\", {count})\n</Cabbage>\n"
        )
    };
    let of = |count: &str| csound_performer::plugin::backend::panel_of(&text(count), &Default::default());
    let (channels, layout) = of("3");
    let names: Vec<_> =
        channels.iter().map(|channel| (channel.name.as_str(), channel.range.default)).collect();
    assert_eq!(names, [("k1", 2.0), ("k2", 2.0), ("k3", 2.0)]);
    assert_eq!(layout.unwrap().widgets.len(), 3);
    let hostile = csound_performer::plugin::channels::cabbage::parse(&text("1e12"));
    assert_eq!(hostile.widgets.len(), 10_000);
}
