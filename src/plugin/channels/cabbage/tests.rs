//! Sections, good and bad, and what is read of them.

use test_host::testing::Random;

use super::reader::{FORM_SIZE, MOST_WARNINGS, MOST_WIDGETS};
use super::*;
use crate::range::Range;
use csound_cabbage::colour::Colour;

fn section(inside: &str) -> CabbageSection {
    parse(&format!("<Cabbage>\n{inside}\n</Cabbage>\n<CsoundSynthesizer>\n</CsoundSynthesizer>\n"))
}

fn one(line: &str) -> CabbageWidget {
    let section = section(line);
    assert_eq!(section.warnings, [], "{line}");
    assert_eq!(section.widgets.len(), 1, "{line}");
    section.widgets.into_iter().next().unwrap()
}

/// The range of the first channel that a widget drives by a number.
fn control_range(widget: &CabbageWidget) -> Option<Range> {
    widget.controls().into_iter().next().map(|control| control.range)
}

fn range(line: &str) -> Range {
    control_range(&one(line)).unwrap()
}

#[test]
fn a_slider_has_its_place_channel_range_and_text() {
    let widget = one(
        r#"rslider bounds(10, 20, 70, 80), channel("cutoff"), range(20, 20000, 1000, 0.5, 1), text("Cutoff"), valuePostfix(" Hz")"#,
    );
    assert_eq!(widget.kind, WidgetKind::Rslider);
    assert_eq!(widget.line, 2);
    assert_eq!(widget.bounds, Some(Bounds { x: 10.0, y: 20.0, width: 70.0, height: 80.0 }));
    let [control] = widget.controls().try_into().unwrap();
    assert_eq!((control.channel.as_str(), control.label.as_str()), ("cutoff", "Cutoff"));
    let scale = control.range.scale;
    assert_eq!((scale.minimum(), scale.maximum(), scale.skew(), scale.step()), (20.0, 20_000.0, 0.5, 1.0));
    assert_eq!(control.range.default, 1000.0);
    assert_eq!(control.range.text(440.0), "440 Hz");
}

#[test]
fn the_form_is_no_widget() {
    let found =
        section("form caption(\"My (best) synth\") size(380, 300), colour(2, 145, 209), pluginId(\"def1\")");
    let form = found.form.unwrap();
    assert_eq!((form.caption.as_str(), form.width, form.height), ("My (best) synth", 380.0, 300.0));
    assert_eq!(form.colour, Colour::from_numbers(&[2.0, 145.0, 209.0]));
    assert_eq!(found.widgets, []);
    let plain = section("form").form.unwrap();
    assert_eq!((plain.width, plain.height), FORM_SIZE);
}

#[test]
fn names_are_read_in_any_case_and_commas_may_be_missing() {
    let widget = one(r#"RSlider Bounds(1,2,3,4) CHANNEL("x") Range(0,2,1) TrackerColour("red")"#);
    assert_eq!(widget.kind, WidgetKind::Rslider);
    assert_eq!(widget.channels, ["x"]);
    assert_eq!(widget.colour("trackercolour"), Colour::from_text("red"));
}

#[test]
fn a_comboboxs_values_count_from_one() {
    for line in [
        r#"combobox channel("w"), items("Sine", "Saw", "Square"), value(2)"#,
        r#"combobox channel("w"), text("Sine", "Saw", "Square"), value(2)"#,
        r#"combobox channel("w"), items:1("Round", "Sine"), items:2("Sharp", "Saw", "Square"), value(2)"#,
    ] {
        let range = range(line);
        assert_eq!(range.items, ["Sine", "Saw", "Square"], "{line}");
        assert_eq!((range.default, range.to_value(0.0), range.to_value(1.0)), (2.0, 1.0, 3.0), "{line}");
    }
    assert_eq!(range(r#"combobox channel("w"), text(1, 2, 4)"#).items, ["1", "2", "4"]);
}

#[test]
fn a_combobox_that_sends_text_is_no_number() {
    let widget = one(r#"combobox channel("file"), populate("*.wav", "."), channelType("string")"#);
    assert_eq!(control_range(&widget), None);
    assert_eq!(widget.text_channel(), Some("file"));
    assert_eq!(one(r#"filebutton channel("f"), text("Open")"#).text_channel(), Some("f"));
    assert_eq!(one(r#"button channel("f")"#).text_channel(), None);
}

#[test]
fn a_string_channel_begins_with_what_its_widget_shows() {
    let start = |line: &str| one(line).starting_text();
    let sends = r#"channel("w"), channelType("string"), items("Sine", "Saw", "12")"#;
    for kind in ["combobox", "listbox"] {
        assert_eq!(start(&format!("{kind} {sends}")).as_deref(), Some("Sine"));
        assert_eq!(start(&format!("{kind} {sends}, value(2)")).as_deref(), Some("Saw"));
        assert_eq!(start(&format!("{kind} {sends}, value(\"12\")")).as_deref(), Some("12"));
        assert_eq!(start(&format!("{kind} {sends}, value(0)")), None);
        assert_eq!(start(&format!("{kind} {sends}, value(9)")), None);
        assert_eq!(start(&format!("{kind} {sends}, value(\"none\")")), None);
    }
    let text = r#"combobox channel("w"), channeltype("String"), text("a", "b"), value("b")"#;
    assert_eq!(start(text).as_deref(), Some("b"));
    assert_eq!(start(r#"texteditor channel("t"), text("hello")"#).as_deref(), Some("hello"));
    assert_eq!(start(r#"texteditor channel("t"), text("hello"), value("you")"#).as_deref(), Some("you"));
    assert_eq!(start(r#"filebutton channel("f"), text("Open")"#), None, "that is written on the button");
    assert_eq!(start(r#"filebutton channel("f"), text("Open"), file("a.wav")"#).as_deref(), Some("a.wav"));
    assert_eq!(start(r#"filebutton channel("f"), value("b.wav")"#).as_deref(), Some("b.wav"));
    assert_eq!(start(r#"combobox channel("w"), items("a", "b")"#), None, "it drives a number");
    let found = section("texteditor channel(\"t\"), text(\"a\")\ntexteditor channel(\"t\"), text(\"b\")");
    assert_eq!(found.starting_texts().last().unwrap(), &("t".to_owned(), "b".to_owned()));
}

#[test]
fn a_choice_of_numbers_begins_with_the_item_that_it_names() {
    assert_eq!(range(r#"combobox channel("w"), items("Sine", "Saw"), value("Saw")"#).default, 2.0);
    let list = one(r#"listbox channel("w"), items("Sine", "Saw"), value(2)"#);
    assert_eq!(control_range(&list).unwrap().default, 2.0);
    assert_eq!(list.text_channel(), None);
}

#[test]
fn buttons_and_checkboxes_are_switches() {
    let button = one(r#"button channel("go"), text("Stopped", "Running"), value(1)"#);
    let range = control_range(&button).unwrap();
    assert_eq!((range.text(0.0), range.text(1.0), range.default), ("Stopped".into(), "Running".into(), 1.0));
    assert_eq!(button.controls()[0].label, "go");
    let check = one(r#"checkbox channel("hold"), text("Hold")"#);
    assert_eq!(check.controls()[0].label, "Hold");
    assert_eq!(control_range(&check).unwrap().text(1.0), "On");
}

#[test]
fn a_slider_without_a_range_goes_from_min_to_max_or_from_0_to_1() {
    let ends = |range: Range| (range.scale.minimum(), range.scale.maximum(), range.default);
    assert_eq!(ends(range(r#"hslider channel("x")"#)), (0.0, 1.0, 0.0));
    assert_eq!(ends(range(r#"vslider channel("x"), min(-1), max(3), value(2)"#)), (-1.0, 3.0, 2.0));
    assert_eq!(ends(range(r#"nslider channel("x"), range(0, 10, 5), value(7)"#)), (0.0, 10.0, 7.0));
    assert_eq!(ends(range(r#"rslider channel("x"), range(1, 4, , 0.5)"#)), (1.0, 4.0, 1.0));
}

#[test]
fn two_thumbs_and_pads_drive_two_channels() {
    let thumbs = one(r#"hrange channel("low", "high"), range(0, 1000, 400:500, 1, 0.001), text("Band")"#);
    let controls = thumbs.controls();
    assert_eq!(controls.iter().map(|control| control.range.default).collect::<Vec<_>>(), [400.0, 500.0]);
    assert_eq!(controls[1].label, "high");
    let pad =
        one(r#"xypad channel("x", "y"), rangeX(0, 10, 2), rangeY(-1, 1, 0.5), valuePostfix("Hz", "dB")"#);
    let controls = pad.controls();
    assert_eq!((controls[0].range.default, controls[0].range.unit.as_str()), (2.0, "Hz"));
    assert_eq!((controls[1].range.scale.minimum(), controls[1].range.unit.as_str()), (-1.0, "dB"));
}

#[test]
fn children_lie_in_their_parents() {
    let found = section(
        "groupbox bounds(100, 50, 200, 200), plant(\"p\"), visible(0) {\n\
         rslider bounds(5, 6, 50, 50), channel(\"a\")\n\
         image bounds(10, 20, 50, 50)\n{\nlabel bounds(1, 2, 30, 10), text(\"x\")\n}\n\
         label bounds(7, 7, 9, 9)\n}\nrslider bounds(0, 0, 9, 9), channel(\"b\")",
    );
    assert_eq!(found.warnings, []);
    let parents: Vec<_> = found.widgets.iter().map(|widget| widget.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(0), Some(2), Some(0), None]);
    assert_eq!(found.place(3), Some(Bounds { x: 111.0, y: 72.0, width: 30.0, height: 10.0 }));
    let shown: Vec<_> = found.widgets.iter().map(|widget| widget.visible).collect();
    assert_eq!(shown, [false, true, true, true, true, true]);
    assert_eq!(found.place(99), None);
}

#[test]
fn children_may_share_the_line_of_their_parent() {
    let found = section("image bounds(5, 5, 9, 9), { corners(3) label bounds(1, 1, 2, 2) { } } label");
    assert_eq!(found.warnings, []);
    let parents: Vec<_> = found.widgets.iter().map(|widget| widget.parent).collect();
    assert_eq!(parents, [None, Some(0), None]);
    assert_eq!(found.widgets[0].number("corners"), Some(3.0));
}

#[test]
fn what_is_drawn_only_is_kept_for_who_draws() {
    let widget = one(
        r##"image bounds(0, 0, 9, 9), colour("#102030"), colour:1(1, 2, 3, 4), corners(5), align("left"), alpha(.5)"##,
    );
    assert_eq!(widget.kind, WidgetKind::Other("image".into()));
    assert_eq!(widget.colour("colour"), Colour::from_numbers(&[16.0, 32.0, 48.0]));
    assert_eq!(widget.colour("colour:1").unwrap().alpha, 4);
    assert_eq!((widget.number("corners"), widget.number("alpha")), (Some(5.0), Some(0.5)));
    assert_eq!(widget.words("align"), ["left"]);
    assert_eq!(one("gentable tablecolour(\"red\", \"lime\")").words("tablecolour"), ["red", "lime"]);
    assert_eq!(widget.controls(), []);
}

#[test]
fn a_malformed_line_is_told_by_its_number_and_the_rest_stands() {
    let found = section(
        "form size(300, 200)\n\
         rslider bounds(1, x, 3, 4), channel(\"a\"), range(0, 10, 5)\n\
         bounds(1, 2, 3, 4)\n\
         rslider bounds(1, 2, 3, 4, channel(\"b\"), range(5, 1, 2), nonsense\n\
         hslider channel(\"c\"), range(low, high), colour(\"nocolour\")\n\
         }\n\
         label text(\"open), value(1)\n\
         vslider channel(\"d\"), range(0, 1) {",
    );
    let lines: Vec<_> = found.warnings.iter().map(|warning| warning.line).collect();
    assert_eq!(lines, [3, 3, 4, 5, 5, 5, 6, 6, 7, 8, 9], "{:#?}", found.warnings);
    let channels: Vec<_> = found.controls().into_iter().map(|control| control.channel).collect();
    assert_eq!(channels, ["a", "b", "c", "d"]);
    let swapped = &found.controls()[1].range;
    assert_eq!((swapped.scale.minimum(), swapped.scale.maximum(), swapped.default), (1.0, 5.0, 2.0));
    assert_eq!(
        found.warnings[0].to_string(),
        "<Cabbage>, line 3: bounds( ) has \"x\" where a number belongs"
    );
}

#[test]
fn warnings_count_lines_of_the_users_file() {
    let text = "; first\n\n<CsoundSynthesizer>\n<Cabbage>\nform\nrslider bounds(1)\n</Cabbage>";
    assert_eq!(parse(text).warnings[0].line, 6);
}

#[test]
fn a_channel_of_several_widgets_counts_once() {
    let found = section("rslider channel(\"x\"), range(0, 5)\nnslider channel(\"x\")\nrslider channel(\"\")");
    assert_eq!(found.controls().len(), 1);
    assert_eq!(found.controls()[0].range.scale.maximum(), 1.0, "as the last has it");
}

#[test]
fn a_piece_without_a_section_has_an_empty_one() {
    assert_eq!(parse(""), CabbageSection::default());
    assert_eq!(parse("<CsoundSynthesizer>\nform\n"), CabbageSection::default());
}

#[test]
fn a_section_in_json_has_the_same_widgets_by_other_names() {
    let found = section(
        "[{\"type\": \"form\", \"caption\": \"A\", \"size\": {\"width\": 400, \"height\": 200}},\n\
         {\"type\": \"image\", \"bounds\": {\"left\": 10, \"top\": 20, \"width\": 90, \"height\": 80}, \"children\": [\n\
         {\"type\": \"rotarySlider\", \"channels\": [{\"id\": \"gain\", \"range\": {\"min\": 1, \"max\": 9}}],\n\
         \"bounds\": {\"left\": 1, \"top\": 2, \"width\": 30, \"height\": 30}, \"label\": {\"text\": \"Gain\"}},\n\
         {\"type\": \"comboBox\", \"channel\": \"mode\", \"items\": [\"a\", \"b\"]}]}]",
    );
    assert_eq!(found.warnings, []);
    let form = found.form.as_ref().unwrap();
    assert_eq!((form.caption.as_str(), form.width, form.height), ("A", 400.0, 200.0));
    assert_eq!(found.place(1).map(|place| (place.x, place.y)), Some((11.0, 22.0)), "it lies in the image");
    let controls = found.controls();
    let ends = |index: usize| {
        let range: &crate::range::Range = &controls[index].range;
        (range.scale.minimum(), range.scale.maximum())
    };
    assert_eq!((controls[0].label.as_str(), ends(0)), ("Gain", (1.0, 9.0)));
    assert_eq!((controls[1].channel.as_str(), ends(1)), ("mode", (0.0, 1.0)), "it counts from 0");
    let broken = section("[\n{\"type\": \"label\"},\n{\"type\": }\n]");
    assert_eq!((broken.widgets.len(), broken.warnings.len()), (1, 1));
    assert!(broken.warnings[0].text.contains("no JSON"), "{:?}", broken.warnings);
}

#[test]
fn floods_are_bounded() {
    let many = section(&"} label\n".repeat(MOST_WIDGETS + 50));
    assert_eq!(many.widgets.len(), MOST_WIDGETS);
    assert_eq!(many.warnings.len(), MOST_WARNINGS + 1);
    let deep = section(&"image bounds(1, 1, 9, 9) {\n".repeat(5000));
    assert_eq!(deep.place(4999).unwrap().x, 5000.0);
}

const EVERYTHING: &str = r##"<Cabbage>
form caption("Synth") size(400, 300), colour("#203040"), pluginId("abcd")
#define LOOK # colour(10, 20, 30), trackerColour("white") #
/* sliders */
rslider bounds(10, 10, 70, 70), channel("cutoff"), range(20, 20000, 1000, 0.5, 1), text("Cutoff"), $LOOK
hrange bounds(22, 100, 336, 40) channel("low", "high") range(0, 1000, 400:500, 1, 0.001) ; two
xypad channel("x", "y"), rangeX(0, 10, 2), rangeY(-1, 1, 0.5), valuePostfix("Hz", "dB")
groupbox bounds(0, 125, 420, 170), text("Box"), plant("p") {
combobox bounds(1, 1, 9, 9), channel("w"), \
  items("Sine", "Säge", "Square"), value(2) // choice
button channel("go"), text("Stopped", "Running"), colour:1(1, 2, 3, 4)
}
keyboard bounds(0, 200, 400, 80)
</Cabbage>
<CsoundSynthesizer>
"##;

#[test]
fn no_text_makes_the_reader_panic() {
    let mut random = Random::new(1);
    let mut below = |limit: usize| random.below(limit);
    assert_eq!(parse(EVERYTHING).warnings, []);
    let pieces = b"()\"{},;:\\/*#$\n<>-.0 9e\xc3\xa4";
    for _ in 0..20_000 {
        let mut text = EVERYTHING.as_bytes().to_vec();
        for _ in 0..=below(6) {
            let at = below(text.len());
            let end = (at + below(30)).min(text.len());
            match below(4) {
                0 => drop(text.drain(at..end)),
                1 => text.insert(at, pieces[below(pieces.len())]),
                2 => text[at] = below(256) as u8,
                _ => {
                    let copy = text[at..end].to_vec();
                    let to = below(text.len());
                    text.splice(to..to, copy);
                }
            }
        }
        let found = parse(&String::from_utf8_lossy(&text));
        for (index, widget) in found.widgets.iter().enumerate() {
            assert!(widget.parent.is_none_or(|parent| parent < index));
            found.place(index);
            for Control { range, .. } in widget.controls() {
                assert!(range.to_value(0.5).is_finite());
                range.parse(&range.text(range.default)).unwrap_or_default();
            }
        }
    }
}

#[test]
fn a_value_at_the_start_is_set_as_it_is_written() {
    let control = |line: &str| one(line).controls().remove(0);
    let between = control(r#"rslider channel("c"), range(0, 2, 0.645, 0.5, 0.01)"#);
    assert_eq!(between.range.default, 0.645, "between two steps");
    let beyond = control(r#"rslider channel("c"), range(0, 2, 7)"#);
    assert_eq!(beyond.range.default, 2.0, "but between the ends");
}

#[test]
fn of_widgets_that_share_a_channel_the_last_stands() {
    let text = "<Cabbage>\nrslider channel(\"a\"), range(0, 1, 0.25)\nhslider channel(\"b\"), range(0, 1, 1)\n\
                nslider channel(\"a\"), range(0, 10, 5)\nxypad channel(\"x\", \"b\"), rangex(0, 1, 0), \
                rangey(0, 4, 2)\n</Cabbage>\n";
    let found: Vec<_> = parse(text)
        .controls()
        .into_iter()
        .map(|control| (control.channel, control.range.scale.maximum(), control.range.default))
        .collect();
    assert_eq!(found, [("a".to_owned(), 10.0, 5.0), ("b".to_owned(), 4.0, 2.0), ("x".to_owned(), 1.0, 0.0)]);
}
