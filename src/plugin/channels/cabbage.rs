//! The `<Cabbage>` section of a CSD: the controls that thousands of published instruments describe
//! for Cabbage. Pure.
//!
//! One widget a line, such as
//!
//! ```text
//! rslider bounds(10, 10, 70, 70), channel("cutoff"), range(20, 20000, 1000, 0.5, 1), text("Cutoff")
//! ```
//!
//! A widget with a `{` behind it holds those up to its `}`; their positions are relative to it. A
//! line ends at `;` or `//`, is continued by a `\`, and may use what `#define` has defined before.
//! Case does not matter in the names of widgets and identifiers.
//!
//! The reader is tolerant: what it cannot read is told with its line ([`Warning`]), and the rest
//! stands. Identifiers that it does not know are kept for whoever draws the widget
//! ([`Widget::number`], [`Widget::words`], [`Widget::colour`]). Files that a section imports, and
//! sections in Cabbage 3's JSON, are not read.
//!
//! Reading order: this file (widgets and what they mean), `cabbage/reader.rs` (from words to
//! widgets), `cabbage/text.rs` (from text to words), [`colour`].

pub mod colour;
mod reader;
mod text;

use std::fmt;

use colour::Colour;
use reader::Reader;
use text::{Argument, Identifier};

use crate::plugin::channels::range::{Range, Scale, ScaleKind};

/// A section, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CabbageSection {
    /// The window.
    pub form: Option<Form>,
    /// Everything in it, in the order of the text: a parent stands before its children.
    pub widgets: Vec<Widget>,
    /// What could not be read, in the order of the text.
    pub warnings: Vec<Warning>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line in the user's file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub text: String,
}

impl Warning {
    fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<Cabbage>, line {}: {}", self.line, self.text)
    }
}

/// The window that the widgets are in.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// The line in the user's file, from 1.
    pub line: usize,
    /// The instrument's name; may be empty.
    pub caption: String,
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// The background.
    pub colour: Option<Colour>,
}

/// A widget's place, in pixels, from the top left corner of its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
    /// Zero or more.
    pub width: f64,
    /// Zero or more.
    pub height: f64,
}

/// What a widget is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WidgetKind {
    /// A knob.
    Rslider,
    /// A slider from left to right.
    Hslider,
    /// A slider from bottom to top.
    Vslider,
    /// A number.
    Nslider,
    /// A knob without ends.
    Encoder,
    /// A slider with two thumbs, from left to right.
    Hrange,
    /// A slider with two thumbs, from bottom to top.
    Vrange,
    /// A field for two values at once.
    Xypad,
    /// A button that shows one of two texts.
    Button,
    /// A box to check.
    Checkbox,
    /// A choice, counted from 1.
    Combobox,
    /// A text.
    Label,
    /// A frame, often with widgets in it.
    Groupbox,
    /// Piano keys.
    Keyboard,
    /// Anything else, such as `image`, by its name in small letters.
    Other(String),
}

impl From<&str> for WidgetKind {
    fn from(name: &str) -> Self {
        match name {
            "rslider" => Self::Rslider,
            "hslider" => Self::Hslider,
            "vslider" => Self::Vslider,
            "nslider" | "numberbox" => Self::Nslider,
            "encoder" => Self::Encoder,
            "hrange" | "hslider2" => Self::Hrange,
            "vrange" | "vslider2" => Self::Vrange,
            "xypad" => Self::Xypad,
            "button" => Self::Button,
            "checkbox" => Self::Checkbox,
            "combobox" => Self::Combobox,
            "label" => Self::Label,
            "groupbox" => Self::Groupbox,
            "keyboard" => Self::Keyboard,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// What a slider goes through, as `range(minimum, maximum, value, skew, increment)` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The least value.
    pub minimum: f64,
    /// The greatest.
    pub maximum: f64,
    /// The values at the start: of a slider with two thumbs the lower and the upper, else the same
    /// twice.
    pub values: (f64, f64),
    /// Below 1 the low values get more of the way.
    pub skew: f64,
    /// The distance of two neighbours; 0 where none is said.
    pub increment: f64,
}

/// A widget.
#[derive(Clone, Debug, PartialEq)]
pub struct Widget {
    /// What it is.
    pub kind: WidgetKind,
    /// The line in the user's file, from 1.
    pub line: usize,
    /// The widget that it lies in, by its place in [`CabbageSection::widgets`], always before this
    /// one's.
    pub parent: Option<usize>,
    /// Where it lies; `None` where the line does not say.
    pub bounds: Option<Bounds>,
    /// The channels that it drives: none, one, or two of a pad and of a slider with two thumbs.
    pub channels: Vec<String>,
    /// What is written on it; on a button the texts for off and on.
    pub texts: Vec<String>,
    /// A title.
    pub caption: String,
    /// The items of a combobox, also where the line calls them `text`.
    pub items: Vec<String>,
    /// What it goes through: of a pad two, to the right and up.
    pub spans: Vec<Span>,
    /// Whether it is shown at first.
    pub visible: bool,
    /// Whether it can be moved at first.
    pub active: bool,
    /// Whether the host may automate it.
    pub automatable: bool,
    /// Every identifier of the line, the last of a name last.
    identifiers: Vec<Identifier>,
}

/// A channel that a widget drives by a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The channel's name.
    pub channel: String,
    /// What people call it.
    pub label: String,
    /// Its values.
    pub range: Range,
}

/// Reads the `<Cabbage>` section of a CSD; one that is not there is empty.
pub fn parse(text: &str) -> CabbageSection {
    let mut reader = Reader::default();
    let lines = text::lines(text, &mut reader.section.warnings);
    if let Some(first) = lines.first().filter(|line| line.text.starts_with(['[', '{'])) {
        let json = "this section is in Cabbage 3's JSON, which is not read: its controls are not shown";
        reader.warn_at(first.number, json);
        return reader.section;
    }
    for line in &lines {
        reader.line(line.number, &line.text);
    }
    reader.finish()
}

/// The range of the first channel that a widget drives by a number. See [`Widget::controls`].
pub fn control_range(widget: &Widget) -> Option<Range> {
    widget.controls().into_iter().next().map(|control| control.range)
}

impl CabbageSection {
    /// Where a widget lies in the form, in pixels: its bounds with those of everything around it.
    pub fn place(&self, index: usize) -> Option<Bounds> {
        let widget = self.widgets.get(index)?;
        let mut bounds = widget.bounds?;
        let mut parent = widget.parent;
        while let Some(around) = parent.and_then(|index| self.widgets.get(index)) {
            let Bounds { x, y, .. } = around.bounds.unwrap_or_default();
            bounds.x += x;
            bounds.y += y;
            parent = around.parent;
        }
        Some(bounds)
    }

    /// Whether a widget and everything around it is shown at first.
    pub fn is_visible(&self, index: usize) -> bool {
        let mut next = self.widgets.get(index);
        while let Some(widget) = next.filter(|widget| widget.visible) {
            match widget.parent {
                Some(parent) => next = self.widgets.get(parent),
                None => return true,
            }
        }
        false
    }

    /// The channels that are driven by a number, in the order of the text. One that several widgets
    /// drive is there once, as the first of them has it.
    pub fn controls(&self) -> Vec<Control> {
        let mut controls: Vec<Control> = Vec::new();
        for control in self.widgets.iter().flat_map(Widget::controls) {
            if controls.iter().all(|known| known.channel != control.channel) {
                controls.push(control);
            }
        }
        controls
    }
}

impl Widget {
    /// The channels that it drives by a number, with their ranges. A combobox's values count from 1,
    /// those of buttons and checkboxes are 0 and 1. A slider without a range goes from 0 to 1; ends
    /// in the wrong order are put in order.
    pub fn controls(&self) -> Vec<Control> {
        let ranges = self.ranges();
        let channels = self.channels.iter().filter(|channel| !channel.is_empty());
        channels
            .zip(ranges)
            .map(|(channel, range)| Control { channel: channel.clone(), label: self.label(channel), range })
            .collect()
    }

    /// The channel that it drives by a text: of a file chooser, a text field, or a combobox that
    /// sends what is chosen.
    pub fn text_channel(&self) -> Option<&str> {
        let sends_text = match &self.kind {
            WidgetKind::Combobox => self.chooses_text(),
            WidgetKind::Other(name) => {
                matches!(name.as_str(), "filebutton" | "texteditor" | "textbox" | "listbox")
            }
            _ => false,
        };
        self.channels.first().map(String::as_str).filter(|channel| sends_text && !channel.is_empty())
    }

    /// What people call it: its text, its caption, or else the channel.
    fn label(&self, channel: &str) -> String {
        let own = match (&self.kind, self.texts.as_slice()) {
            // The texts for off and on say nothing about what is off or on; items neither.
            (WidgetKind::Combobox, _) | (WidgetKind::Button, [_, _, ..]) => None,
            (_, texts) => texts.first(),
        };
        let names = [own.map_or("", String::as_str), &self.caption];
        let name = match (names.into_iter().find(|name| !name.trim().is_empty()), self.channels.len()) {
            (Some(name), 0..=1) => name.trim(),
            // Two channels under one text would have the same name.
            _ => channel,
        };
        name.to_owned()
    }

    /// The colour under an identifier, in small letters: `colour`, `colour:1`, `fontcolour`.
    pub fn colour(&self, identifier: &str) -> Option<Colour> {
        self.find(identifier).and_then(colour_of)
    }

    /// The first number under an identifier, in small letters, such as `alpha` or `corners`.
    pub fn number(&self, identifier: &str) -> Option<f64> {
        self.find(identifier)?.arguments.first().and_then(number)
    }

    /// The words under an identifier, in small letters, such as `align`, `populate` or `popuptext`.
    pub fn words(&self, identifier: &str) -> Vec<&str> {
        let arguments = self.find(identifier).map_or(&[][..], |found| &found.arguments);
        arguments.iter().map(|argument| argument.text.as_str()).collect()
    }

    fn find(&self, name: &str) -> Option<&Identifier> {
        self.identifiers.iter().rev().find(|identifier| identifier.name == name)
    }

    fn chooses_text(&self) -> bool {
        let channel_type = self.words("channeltype");
        channel_type.iter().any(|kind| kind.eq_ignore_ascii_case("string")) || self.find("populate").is_some()
    }

    fn ranges(&self) -> Vec<Range> {
        use WidgetKind as Kind;
        match self.kind {
            Kind::Button => self.switch().into_iter().collect(),
            Kind::Checkbox => switch("Off", "On", self.value()).into_iter().collect(),
            Kind::Combobox if self.chooses_text() => Vec::new(),
            Kind::Combobox => {
                Range::choice(self.items.clone(), 1.0, self.value().unwrap_or(1.0)).into_iter().collect()
            }
            Kind::Hrange | Kind::Vrange => {
                let span = self.span(0);
                vec![self.range(span, span.values.0, 0), self.range(span, span.values.1, 0)]
            }
            Kind::Xypad => {
                (0..2).map(|axis| self.range(self.span(axis), self.span(axis).values.0, axis)).collect()
            }
            Kind::Rslider | Kind::Hslider | Kind::Vslider | Kind::Nslider | Kind::Encoder => {
                let span = self.span(0);
                vec![self.range(span, self.value().unwrap_or(span.values.0), 0)]
            }
            Kind::Label | Kind::Groupbox | Kind::Keyboard | Kind::Other(_) => Vec::new(),
        }
    }

    fn switch(&self) -> Option<Range> {
        match self.texts.as_slice() {
            [off, on, ..] => switch(off, on, self.value()),
            _ => switch("Off", "On", self.value()),
        }
    }

    fn value(&self) -> Option<f64> {
        self.number("value")
    }

    /// What it goes through; of a slider without a range its `min` and `max`, or 0 to 1.
    fn span(&self, index: usize) -> Span {
        let ends = || (self.number("min").unwrap_or(0.0), self.number("max").unwrap_or(1.0));
        self.spans.get(index).copied().unwrap_or_else(|| {
            let (minimum, maximum) = ends();
            let increment = self.number("increment").unwrap_or(0.0);
            Span { minimum, maximum, values: (minimum, minimum), skew: 1.0, increment }
        })
    }

    fn range(&self, span: Span, default: f64, axis: usize) -> Range {
        let scale =
            Scale::new(ScaleKind::Linear, span.minimum.min(span.maximum), span.maximum.max(span.minimum))
                .with_skew(span.skew)
                .with_step(span.increment);
        let word = |identifier: &str| {
            let words = self.words(identifier);
            words.get(axis).or(words.first()).map_or(String::new(), |word| word.trim().to_owned())
        };
        Range { prefix: word("valueprefix"), unit: word("valuepostfix"), ..Range::new(scale, default) }
    }
}

fn switch(off: &str, on: &str, value: Option<f64>) -> Option<Range> {
    Range::choice(vec![off.to_owned(), on.to_owned()], 0.0, value.unwrap_or(0.0))
}

fn number(argument: &Argument) -> Option<f64> {
    argument.text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn colour_of(identifier: &Identifier) -> Option<Colour> {
    let numbers: Option<Vec<f64>> = identifier.arguments.iter().map(number).collect();
    match (numbers, identifier.arguments.as_slice()) {
        (Some(numbers), _) => Colour::from_numbers(&numbers),
        (None, [name]) => Colour::from_text(&name.text),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::reader::{FORM_SIZE, MOST_WARNINGS, MOST_WIDGETS};
    use super::*;

    fn section(inside: &str) -> CabbageSection {
        parse(&format!("<Cabbage>\n{inside}\n</Cabbage>\n<CsoundSynthesizer>\n</CsoundSynthesizer>\n"))
    }

    fn one(line: &str) -> Widget {
        let section = section(line);
        assert_eq!(section.warnings, [], "{line}");
        assert_eq!(section.widgets.len(), 1, "{line}");
        section.widgets.into_iter().next().unwrap()
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
        assert_eq!(
            (scale.minimum(), scale.maximum(), scale.skew(), scale.step()),
            (20.0, 20_000.0, 0.5, 1.0)
        );
        assert_eq!(control.range.default, 1000.0);
        assert_eq!(control.range.text(440.0), "440 Hz");
    }

    #[test]
    fn the_form_is_no_widget() {
        let found = section(
            "form caption(\"My (best) synth\") size(380, 300), colour(2, 145, 209), pluginId(\"def1\")",
        );
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
    fn buttons_and_checkboxes_are_switches() {
        let button = one(r#"button channel("go"), text("Stopped", "Running"), value(1)"#);
        let range = control_range(&button).unwrap();
        assert_eq!(
            (range.text(0.0), range.text(1.0), range.default),
            ("Stopped".into(), "Running".into(), 1.0)
        );
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
        assert_eq!((found.is_visible(3), found.is_visible(5)), (false, true));
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
        let found =
            section("rslider channel(\"x\"), range(0, 5)\nnslider channel(\"x\")\nrslider channel(\"\")");
        assert_eq!(found.controls().len(), 1);
        assert_eq!(found.controls()[0].range.scale.maximum(), 5.0);
    }

    #[test]
    fn a_piece_without_a_section_has_an_empty_one_and_json_is_told() {
        assert_eq!(parse(""), CabbageSection::default());
        assert_eq!(parse("<CsoundSynthesizer>\nform\n"), CabbageSection::default());
        let json = section("[\n{\"type\":\"form\"}\n]");
        assert_eq!((json.widgets.len(), json.warnings.len()), (0, 1));
        assert!(json.warnings[0].text.contains("JSON"));
    }

    #[test]
    fn floods_are_bounded() {
        let many = section(&"} label\n".repeat(MOST_WIDGETS + 50));
        assert_eq!(many.widgets.len(), MOST_WIDGETS);
        assert_eq!(many.warnings.len(), MOST_WARNINGS + 1);
        let deep = section(&"image bounds(1, 1, 9, 9) {\n".repeat(5000));
        assert_eq!(deep.place(4999).unwrap().x, 5000.0);
        assert!(deep.is_visible(4999));
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
        let mut state = 1_u64;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % limit.max(1)
        };
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
}
