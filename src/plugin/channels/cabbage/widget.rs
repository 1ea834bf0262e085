//! A widget, and what it means for the channels that it drives.

use crate::range::{Range, Scale, ScaleKind};
use csound_cabbage::colour::Colour;
use csound_cabbage::text::{Argument, Identifier};

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

/// The kinds of widgets.
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
    /// The same, all items in sight.
    Listbox,
    /// A button that goes through its items, counted from 0.
    Optionbutton,
    /// A meter from left to right.
    Hmeter,
    /// A meter from bottom to top.
    Vmeter,
    /// A line of text.
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
            "listbox" => Self::Listbox,
            "optionbutton" => Self::Optionbutton,
            "hmeter" => Self::Hmeter,
            "vmeter" => Self::Vmeter,
            "label" => Self::Label,
            "groupbox" => Self::Groupbox,
            "keyboard" => Self::Keyboard,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl WidgetKind {
    /// Whether it has items to choose from.
    pub fn is_choice(&self) -> bool {
        matches!(self, Self::Combobox | Self::Listbox)
    }

    /// Whether its texts are the items that it goes through, where it names no items.
    pub(super) fn has_items(&self) -> bool {
        self.is_choice() || *self == Self::Optionbutton
    }

    /// Whether widgets of this kind turn a channel, so that one without a channel does nothing.
    pub fn is_control(&self) -> bool {
        match self {
            Self::Label | Self::Groupbox | Self::Keyboard => false,
            Self::Other(name) => name == "filebutton",
            _ => true,
        }
    }

    /// The name of the kind, where it is not drawn.
    pub fn unknown(&self) -> Option<&str> {
        let Self::Other(name) = self else { return None };
        let is_drawn = DRAWN.contains(&name.as_str());
        (!is_drawn).then_some(name)
    }
}

/// The most tables that a widget shows.
const MOST_TABLES: usize = 32;

/// The kinds without channels of numbers that are drawn.
const DRAWN: [&str; 12] = [
    "csoundoutput",
    "filebutton",
    "gentable",
    "image",
    "infobutton",
    "line",
    "presetbutton",
    "shape",
    "signaldisplay",
    "soundfiler",
    "textbox",
    "texteditor",
];

/// The values of a slider, as `range(minimum, maximum, value, skew, increment)` says.
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
pub struct CabbageWidget {
    /// Its kind.
    pub kind: WidgetKind,
    /// The line in the user's file, from 1.
    pub line: usize,
    /// The widget that it lies in, by its place in [`CabbageSection::widgets`](super::CabbageSection::widgets), always before this
    /// one's.
    pub parent: Option<usize>,
    /// Its place; `None` if the line does not say.
    pub bounds: Option<Bounds>,
    /// The channels that it drives: none, one, or two of a pad and of a slider with two thumbs.
    pub channels: Vec<String>,
    /// The words written on it; on a button the texts for off and on.
    pub texts: Vec<String>,
    /// A title.
    pub caption: String,
    /// The items of a combobox or a list, also where the line calls them `text`.
    pub items: Vec<String>,
    /// The values that it goes through: of a pad two, to the right and up.
    pub spans: Vec<Span>,
    /// Whether it is shown at first.
    pub visible: bool,
    /// True if the piece has hidden it: it is not the user's to show.
    pub is_hidden: bool,
    /// Whether it can be moved at first.
    pub active: bool,
    /// Whether the host may automate it.
    pub automatable: bool,
    /// Every identifier of the line, the last of a name last.
    pub(super) identifiers: Vec<Identifier>,
}

/// A channel that a widget drives by a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The channel's name.
    pub channel: String,
    /// The name that people know it by.
    pub label: String,
    /// Its values.
    pub range: Range,
}

impl CabbageWidget {
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

    /// The channel that it drives by a text: of a file chooser, a text field, or a combobox or list that
    /// sends what is chosen.
    pub fn text_channel(&self) -> Option<&str> {
        let sends_text = match &self.kind {
            kind if kind.is_choice() => self.chooses_text(),
            WidgetKind::Other(name) => matches!(name.as_str(), "filebutton" | "texteditor" | "textbox"),
            _ => false,
        };
        self.channels.first().map(String::as_str).filter(|channel| sends_text && !channel.is_empty())
    }

    /// The files that it lets choose from: of a kind such as `*.wav`, in a folder; empty: the piece's.
    pub fn listed(&self) -> Option<(&str, &str)> {
        let (kind, folder) = self.populate()?;
        (!is_of_presets(kind)).then_some((kind, folder))
    }

    /// Whether it lets choose from the piece's presets.
    pub fn lists_presets(&self) -> bool {
        self.populate().is_some_and(|(kind, _)| is_of_presets(kind))
    }

    fn populate(&self) -> Option<(&str, &str)> {
        let words = self.words("populate");
        let kind = words.first().copied().filter(|kind| self.kind.is_choice() && !kind.trim().is_empty())?;
        let own = ["currentdir", "workingdir"].into_iter().find_map(|name| self.words(name).first().copied());
        Some((kind, words.get(1).copied().or(own).unwrap_or_default()))
    }

    /// The text that its [`text_channel`](Self::text_channel) begins with: the chosen item of a combobox or a list,
    /// by its number or its name, the first where none is said; else what `value`, `file` or, in a text field,
    /// `text` says. `None` where nothing is said: then the channel is not written.
    pub fn starting_text(&self) -> Option<String> {
        self.text_channel()?;
        let said = self.find("value").and_then(|value| value.arguments.first());
        let is_field = matches!(&self.kind, WidgetKind::Other(name) if name != "filebutton");
        let text = match said {
            _ if self.kind.is_choice() && !self.items.is_empty() => self.chosen().cloned(),
            Some(said) if said.quoted || number(said).is_none() => Some(said.text.clone()),
            _ if is_field => Some(self.texts.join("\n")),
            _ => self.words("file").first().map(|file| (*file).to_owned()),
        };
        text.filter(|text| !text.is_empty())
    }

    /// The item of a choice that `value` names, or counts from 1; the first where it says nothing.
    fn chosen(&self) -> Option<&String> {
        let Some(said) = self.find("value").and_then(|value| value.arguments.first()) else {
            return self.items.first();
        };
        let named = || self.items.iter().find(|item| **item == said.text);
        match number(said).filter(|_| !said.quoted) {
            // Below 1 and beyond the last nothing is chosen.
            Some(count) => self.items.get((count as usize).checked_sub(1)?),
            None => named(),
        }
    }

    /// The name that people know it by: its text, its caption, or else the channel.
    pub fn label(&self, channel: &str) -> String {
        let own = match (&self.kind, self.texts.as_slice()) {
            // The texts for off and on say nothing about what is off or on; items neither.
            (WidgetKind::Combobox | WidgetKind::Listbox | WidgetKind::Optionbutton, _)
            | (WidgetKind::Button, [_, _, ..]) => None,
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

    /// The buttons of which one at a time is on, by their name: what `radiogroup` says, if not 0.
    pub fn radio(&self) -> Option<&str> {
        let name = self.words("radiogroup").first().copied().map(str::trim)?;
        let is_switch = matches!(self.kind, WidgetKind::Button | WidgetKind::Checkbox);
        Some(name).filter(|name| is_switch && !name.is_empty() && *name != "0")
    }

    /// Whether it opens in a window of its own, and is closed at first.
    pub fn is_popup(&self) -> bool {
        self.number("popup").is_some_and(|popup| popup != 0.0)
    }

    /// The words by which people know it, with a channel or without one.
    pub fn known_as(&self) -> String {
        let plant = self.words("plant").first().copied().unwrap_or_default();
        let channel = self.channels.first().map_or("", String::as_str);
        let text = self.texts.first().map_or("", String::as_str);
        let names = [text, self.caption.as_str(), plant, channel].into_iter().map(str::trim);
        let named = names.into_iter().find(|name| !name.is_empty()).map(str::to_owned);
        named.unwrap_or_else(|| format!("line {}", self.line))
    }

    /// The channels by which a `soundfiler` tells where a selection begins and how long it is, in samples.
    pub fn selection_channels(&self) -> impl Iterator<Item = &str> {
        let selects = self.kind == WidgetKind::Other("soundfiler".to_owned());
        let channels = self.channels.iter().take(2).map(String::as_str);
        channels.filter(move |name| selects && !name.is_empty())
    }

    /// The channel that the piece writes and a meter shows.
    pub fn meter_channel(&self) -> Option<&str> {
        let is_meter = matches!(self.kind, WidgetKind::Hmeter | WidgetKind::Vmeter);
        self.channels.first().map(String::as_str).filter(|name| is_meter && !name.is_empty())
    }

    /// The colour under an identifier, in small letters: `colour`, `colour:1`, `fontcolour`.
    pub fn colour(&self, identifier: &str) -> Option<Colour> {
        self.find(identifier).and_then(colour_of)
    }

    /// The first number under an identifier, in small letters, such as `alpha` or `corners`.
    pub fn number(&self, identifier: &str) -> Option<f64> {
        self.find(identifier)?.arguments.first().and_then(number)
    }

    /// The numbers under an identifier, in small letters, up to what is none.
    pub fn numbers(&self, identifier: &str) -> Vec<f64> {
        let arguments = self.find(identifier).map_or(&[][..], |found| &found.arguments);
        arguments.iter().map_while(number).collect()
    }

    /// The words under an identifier, in small letters, such as `align`, `populate` or `popuptext`.
    pub fn words(&self, identifier: &str) -> Vec<&str> {
        let arguments = self.find(identifier).map_or(&[][..], |found| &found.arguments);
        arguments.iter().map(|argument| argument.text.as_str()).collect()
    }

    /// The numbers of the tables that it shows; a list in one text counts too.
    pub fn tables(&self) -> Vec<u32> {
        let name = ["tablenumber", "tablenumbers"].into_iter().find(|name| self.find(name).is_some());
        let words = name.map(|name| self.words(name)).unwrap_or_default();
        let numbers =
            words.iter().flat_map(|word| word.split([',', ':'])).filter_map(|word| word.trim().parse().ok());
        numbers.filter(|number: &f64| *number >= 1.0).map(|number| number as u32).take(MOST_TABLES).collect()
    }

    /// Whether it names tables to show.
    pub fn names_tables(&self) -> bool {
        !self.tables().is_empty()
    }

    /// The words of every identifier of this name, in the order of the line: of some a line has several.
    pub fn each(&self, identifier: &str) -> impl Iterator<Item = Vec<&str>> {
        let found = self.identifiers.iter().filter(move |found| found.name == identifier);
        found.map(|found| found.arguments.iter().map(|argument| argument.text.as_str()).collect())
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
            Kind::Combobox | Kind::Listbox if self.chooses_text() => Vec::new(),
            Kind::Combobox | Kind::Listbox => {
                // Those of Cabbage 3 count from 0.
                let first = if self.number("indexoffset") == Some(0.0) { 0.0 } else { 1.0 };
                let named = || self.items.iter().position(|item| Some(item) == self.chosen());
                let value = self.value().or_else(|| Some(named()? as f64 + first));
                Range::choice(self.items.clone(), first, value.unwrap_or(first)).into_iter().collect()
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
            Kind::Optionbutton => {
                Range::choice(self.items.clone(), 0.0, self.value().unwrap_or(0.0)).into_iter().collect()
            }
            // The piece writes to a meter.
            Kind::Hmeter | Kind::Vmeter => Vec::new(),
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

    /// The values that it goes through; of a slider without a range its `min` and `max`, or 0 to 1.
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

/// Whether `populate` names presets, and not files.
fn is_of_presets(kind: &str) -> bool {
    let kind = kind.trim().to_lowercase();
    kind.ends_with("snaps") || kind == "preset"
}

fn switch(off: &str, on: &str, value: Option<f64>) -> Option<Range> {
    Range::choice(vec![off.to_owned(), on.to_owned()], 0.0, value.unwrap_or(0.0))
}

pub(super) fn number(argument: &Argument) -> Option<f64> {
    argument.text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

pub(super) fn colour_of(identifier: &Identifier) -> Option<Colour> {
    let numbers: Option<Vec<f64>> = identifier.arguments.iter().map(number).collect();
    match (numbers, identifier.arguments.as_slice()) {
        (Some(numbers), _) => Colour::from_numbers(&numbers),
        (None, [name]) => Colour::from_text(&name.text),
        (None, _) => None,
    }
}
