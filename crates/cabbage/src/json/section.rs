//! From a section in JSON to its widgets, as if they stood in lines.

use serde_json::{Map, Value as Json};

use super::paths::Place;
use crate::text::{Argument, Identifier, section_of};
use crate::warning::Warning;

/// The longest section, in bytes.
const LONGEST: usize = 4 << 20;

/// Objects of the list that are read: more than there are widgets at most.
const MOST: usize = 20_000;

/// Widgets in widgets, and objects in their properties.
const DEEPEST: usize = 16;

/// A widget.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonWidget {
    /// The line on which it begins in the user's file, from 1; that of the widget that it lies in, where it lies in one.
    pub line: usize,
    /// Its kind as a line would have it, in small letters.
    pub kind: String,
    /// Its properties as identifiers.
    pub identifiers: Vec<Identifier>,
    /// Those that lie in it.
    pub children: Vec<JsonWidget>,
}

/// Whether a piece's section is in JSON.
pub fn is_json(text: &str) -> bool {
    section_of(text).is_some_and(|(_, section)| section.trim_start().starts_with(['[', '{']))
}

/// The widgets of a section in JSON; `None` if it is not.
pub fn widgets(text: &str, warnings: &mut Vec<Warning>) -> Option<Vec<JsonWidget>> {
    let (first, section) = section_of(text)?;
    if !section.trim_start().starts_with(['[', '{']) {
        return None;
    }
    if section.len() > LONGEST {
        warnings.push(Warning::new(first, "this section is larger than 4 MB, which is not read"));
        return Some(Vec::new());
    }
    let line_at = |offset: usize| first + section[..offset].matches('\n').count();
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(section) {
        let line = first + error.line().saturating_sub(1);
        warnings.push(Warning::new(line, format!("this is no JSON: {error}")));
    }
    let mut found = Vec::new();
    // Lines are counted from one to the next.
    let (mut line, mut before) = (first, 0);
    for offset in elements(section).into_iter().take(MOST) {
        line += section[before..offset].matches('\n').count();
        before = offset;
        let mut objects = serde_json::Deserializer::from_str(&section[offset..]).into_iter::<Json>();
        // What cannot be read was told above.
        let Some(Ok(Json::Object(object))) = objects.next() else { continue };
        found.extend(widget(&object, line, 0, warnings));
    }
    if found.is_empty() && warnings.is_empty() {
        warnings.push(Warning::new(line_at(0), "this section has no widgets: they are objects in a list"));
    }
    Some(found)
}

/// The widget of a text with one object, as a piece makes one while it performs.
///
/// # Errors
/// It is none, in a sentence.
pub fn one(text: &str) -> Result<JsonWidget, String> {
    let object = serde_json::from_str(text).map_err(|error| format!("this is no object of JSON: {error}"))?;
    let mut warnings = Vec::new();
    let made = widget(&object, 1, DEEPEST, &mut warnings);
    made.ok_or_else(|| warnings.pop().map_or_else(String::new, |warning| warning.text))
}

impl JsonWidget {
    /// Its identifiers as a line would have them. A line has no quotes within texts, so those become single ones.
    pub fn line_of_identifiers(&self) -> String {
        let argument = |argument: &Argument| match argument.quoted {
            true => format!("\"{}\"", argument.text.replace('"', "'")),
            false => argument.text.clone(),
        };
        let identifier = |identifier: &Identifier| {
            let arguments: Vec<_> = identifier.arguments.iter().map(argument).collect();
            format!("{}({})", identifier.name, arguments.join(", "))
        };
        self.identifiers.iter().map(identifier).collect::<Vec<_>>().join(", ")
    }
}

/// Where the objects of the list begin: of the section itself, or of what it has as `widgets`.
fn elements(section: &str) -> Vec<usize> {
    let is_list = section.trim_start().starts_with('[');
    let (mut found, mut depth, mut key) = (Vec::new(), 0_usize, "");
    let mut at = 0;
    while let Some(next) = section[at..].chars().next() {
        match next {
            '"' => {
                let end = end_of_string(section, at + 1);
                let behind = section[end..].strip_prefix('"').unwrap_or_default();
                if !is_list && depth == 1 && behind.trim_start().starts_with(':') {
                    key = &section[at + 1..end];
                }
                at = end;
            }
            '{' | '[' => {
                if next == '{' && (is_list && depth == 1 || depth == 2 && key == "widgets") {
                    found.push(at);
                }
                depth += 1;
            }
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = (at + next.len_utf8()).min(section.len());
    }
    found
}

/// Where a string ends that begins there: at its second quote, or at the end of all.
fn end_of_string(text: &str, begin: usize) -> usize {
    let mut escaped = false;
    for (at, next) in text[begin..].char_indices() {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return begin + at,
            _ => {}
        }
    }
    text.len()
}

/// The widget of an object.
fn widget(
    object: &Map<String, Json>,
    line: usize,
    depth: usize,
    warnings: &mut Vec<Warning>,
) -> Option<JsonWidget> {
    let Some(Json::String(kind)) = object.get("type") else {
        warnings.push(Warning::new(line, "this widget has no \"type\""));
        return None;
    };
    let kind = kind_of(kind);
    let mut made = Made::default();
    made.channels(object);
    for (key, value) in object {
        if !matches!(key.as_str(), "type" | "id" | "channel" | "channels" | "children") {
            made.property(&key.to_lowercase(), value, 0);
        }
    }
    if matches!(kind.as_str(), "combobox" | "listbox")
        && object.get("indexOffset").is_none_or(|offset| *offset != Json::Bool(true))
    {
        made.whole("indexoffset", vec![number(0.0)]);
    }
    let mut children = Vec::new();
    if let Some(Json::Array(list)) = object.get("children") {
        if depth >= DEEPEST {
            warnings.push(Warning::new(line, "widgets lie too deep in each other"));
        } else {
            let objects = list.iter().filter_map(Json::as_object);
            children.extend(objects.filter_map(|object| widget(object, line, depth + 1, warnings)));
        }
    }
    Some(JsonWidget { line, identifiers: made.identifiers(&kind), kind, children })
}

/// The kind of a widget by Cabbage 3's name.
fn kind_of(name: &str) -> String {
    let short = match name {
        "rotarySlider" => "rslider",
        "horizontalSlider" => "hslider",
        "verticalSlider" => "vslider",
        "numberSlider" => "nslider",
        "horizontalRangeSlider" => "hrange",
        "verticalRangeSlider" => "vrange",
        "horizontalMeter" => "hmeter",
        "verticalMeter" => "vmeter",
        "midiKeyboard" => "keyboard",
        other => return other.to_lowercase(),
    };
    short.to_owned()
}

fn number(number: f64) -> Argument {
    Argument { text: number.to_string(), quoted: false }
}

fn text(text: &str) -> Argument {
    Argument { text: text.to_owned(), quoted: true }
}

/// A value that an identifier can have; colours as CSS writes them become numbers.
fn arguments(value: &Json) -> Option<Vec<Argument>> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(is) => vec![number(f64::from(u8::from(*is)))],
        Json::Number(found) => vec![number(found.as_f64()?)],
        Json::String(said) => css_numbers(said).unwrap_or_else(|| vec![text(said)]),
        Json::Array(list) => list.iter().map(scalar).collect::<Option<_>>()?,
        Json::Object(_) => return None,
    })
}

fn scalar(value: &Json) -> Option<Argument> {
    match value {
        Json::Array(_) | Json::Object(_) | Json::Null => None,
        other => arguments(other)?.into_iter().next(),
    }
}

/// The numbers of `rgb(1, 2, 3)` and `rgba(1, 2, 3, 0.5)`, the last one from 0 to 255.
fn css_numbers(said: &str) -> Option<Vec<Argument>> {
    let inside = said.trim().strip_prefix("rgba(").or(said.trim().strip_prefix("rgb("))?.strip_suffix(')')?;
    let numbers: Option<Vec<f64>> = inside.split(',').map(|part| part.trim().parse().ok()).collect();
    match numbers?.as_slice() {
        [red, green, blue] => Some([*red, *green, *blue].map(number).to_vec()),
        [red, green, blue, alpha] => {
            Some([*red, *green, *blue, (alpha * 255.0).round()].map(number).to_vec())
        }
        _ => None,
    }
}

/// The identifiers of a widget while they are gathered.
#[derive(Default)]
struct Made {
    whole: Vec<Identifier>,
    /// Those of which single values were said.
    parts: Vec<(String, Vec<Option<Argument>>)>,
}

impl Made {
    fn whole(&mut self, name: &str, arguments: Vec<Argument>) {
        self.whole.push(Identifier { name: name.to_owned(), arguments });
    }

    fn part(&mut self, name: &str, part: usize, argument: Argument) {
        let known = self.parts.iter().position(|(known, _)| known == name);
        let at = known.unwrap_or_else(|| {
            self.parts.push((name.to_owned(), Vec::new()));
            self.parts.len() - 1
        });
        let values = &mut self.parts[at].1;
        values.resize(values.len().max(part + 1), None);
        values[part] = Some(argument);
    }

    /// The channels: a name, names, or objects with a name and a range each.
    fn channels(&mut self, object: &Map<String, Json>) {
        let mut names = Vec::new();
        let single = object.get("channel").into_iter().flat_map(|channel| match channel {
            Json::Object(several) => several.values().collect(),
            one => vec![one],
        });
        let listed = object.get("channels").and_then(Json::as_array).into_iter().flatten();
        for (number, channel) in single.chain(listed).enumerate() {
            let id = channel.as_str().or_else(|| channel.get("id")?.as_str());
            names.extend(id.map(text));
            let name = ["range", "rangey"].get(number);
            if let (Some(name), Some(Json::Object(range))) = (name, channel.get("range")) {
                for (key, value) in range {
                    let place = place_of(&format!("range.{}", key.to_lowercase()));
                    if let (Some((_, Some(part))), Some(value)) = (place, scalar(value)) {
                        self.part(name, part, value);
                    }
                }
            }
        }
        if names.is_empty() {
            names.extend(object.get("id").and_then(Json::as_str).map(text));
        }
        if !names.is_empty() {
            self.whole("channel", names);
        }
    }

    fn property(&mut self, path: &str, value: &Json, depth: usize) {
        if let Json::Object(inner) = value {
            if depth < DEEPEST {
                for (key, value) in inner {
                    self.property(&format!("{path}.{}", key.to_lowercase()), value, depth + 1);
                }
            }
            return;
        }
        let Some(arguments) = arguments(value) else { return };
        match place_of(path) {
            Some((name, Some(part))) => {
                if let Some(first) = arguments.into_iter().next() {
                    self.part(name, part, first);
                }
            }
            Some((name, None)) => self.whole(name, arguments),
            // One text with commas between its items.
            None if path == "items" && matches!(arguments.as_slice(), [one] if one.text.contains(',')) => {
                let items = arguments[0].text.split(',').map(|item| text(item.trim())).collect();
                self.whole(path, items);
            }
            None => self.whole(path, arguments),
        }
    }

    /// All of them; what of a list was not said is as Cabbage has it.
    fn identifiers(self, kind: &str) -> Vec<Identifier> {
        let Self { mut whole, parts } = self;
        for (name, values) in parts {
            let usual = usual(&name, kind);
            let count = values.len().max(usual.len());
            let filled = (0..count).map(|at| {
                let said = values.get(at).cloned().flatten();
                said.or_else(|| usual.get(at).cloned()).unwrap_or_else(|| number(0.0))
            });
            whole.push(Identifier { arguments: filled.collect(), name });
        }
        whole
    }
}

/// The place of a path that has another name here.
fn place_of(path: &str) -> Option<(&'static str, Option<usize>)> {
    super::paths::known(path).map(|Place { identifier, part }| (identifier, part))
}

/// The values of a list of which some were said.
fn usual(name: &str, kind: &str) -> Vec<Argument> {
    let numbers: &[f64] = match name {
        "bounds" if kind == "rslider" => &[0.0, 0.0, 60.0, 60.0],
        "bounds" => &[0.0, 0.0, 100.0, 30.0],
        "size" => &[600.0, 300.0],
        "range" | "rangey" => &[0.0, 1.0, 0.0, 1.0, 0.001],
        "text" => return vec![text(""), text("")],
        "filmstrip" => return vec![text(""), number(1.0), text("vertical")],
        _ => &[],
    };
    numbers.iter().copied().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "<!-- <Cabbage> -->\n<Cabbage>[\n\
        {\"type\": \"form\", \"caption\": \"A \\\"b\\\"\", \"size\": {\"width\": 400, \"height\": 200}},\n\
        {\"type\": \"rotarySlider\", \"channel\": \"gain\", \"bounds\": {\"left\": 5, \"top\": 6},\n  \
           \"range\": {\"min\": 1, \"max\": 9, \"defaultValue\": 3}, \"colour\": \"rgba(1, 2, 3, 0.5)\"},\n\
        {\"type\": \"button\", \"channels\": [{\"id\": \"go\"}], \"label\": {\"text\": {\"on\": \"yes\", \"off\": \"no\"}},\n  \
           \"visible\": false, \"style\": {\"on\": {\"backgroundColor\": \"red\"}},\n  \
           \"children\": [{\"type\": \"comboBox\", \"id\": \"inner\", \"items\": \"a, b\"}]}\n\
        ]</Cabbage>\n<CsoundSynthesizer>\n</CsoundSynthesizer>\n";

    fn line_of(widget: &JsonWidget) -> String {
        let mut sorted = widget.clone();
        sorted.identifiers.sort_by(|one, other| one.name.cmp(&other.name));
        format!("{} {} {}", widget.line, widget.kind, sorted.line_of_identifiers())
    }

    fn read(text: &str) -> (Vec<JsonWidget>, Vec<Warning>) {
        let mut warnings = Vec::new();
        (widgets(text, &mut warnings).unwrap_or_default(), warnings)
    }

    #[test]
    fn widgets_are_those_of_lines_by_other_names() {
        assert!(is_json(SECTION) && !is_json("<Cabbage>\nform size(1, 2)\n</Cabbage>\n"));
        let (found, warnings) = read(SECTION);
        assert_eq!(warnings, []);
        let lines: Vec<_> = found.iter().map(line_of).collect();
        assert_eq!(
            lines,
            [
                "3 form caption(\"A 'b'\"), size(400, 200)",
                "4 rslider bounds(5, 6, 60, 60), channel(\"gain\"), colour(1, 2, 3, 128), range(1, 9, 3, 1, 0.001)",
                "6 button channel(\"go\"), colour:1(\"red\"), text(\"no\", \"yes\"), visible(0)",
            ]
        );
        let inner: Vec<_> = found[2].children.iter().map(line_of).collect();
        assert_eq!(inner, ["6 combobox channel(\"inner\"), indexoffset(0), items(\"a\", \"b\")"]);
    }

    #[test]
    fn the_list_may_be_the_widgets_of_an_object() {
        let text = "<Cabbage>\n{\"pluginId\": \"a\", \"channelConfig\": [{\"ins\": \"2\"}],\n\"widgets\": [\n\
            {\"type\": \"xyPad\", \"channels\": [{\"id\": \"x\", \"range\": {\"max\": 5}}, {\"id\": \"y\", \"range\": {\"min\": -1}}]}\n]}\n</Cabbage>\n";
        let (found, warnings) = read(text);
        assert_eq!(warnings, []);
        let lines: Vec<_> = found.iter().map(line_of).collect();
        let expected = "4 xypad channel(\"x\", \"y\"), range(0, 5, 0, 1, 0.001), rangey(-1, 1, 0, 1, 0.001)";
        assert_eq!(lines, [expected]);
    }

    #[test]
    fn what_is_damaged_is_told_with_its_line_and_the_rest_stands() {
        let (found, warnings) = read(&SECTION.replace("\"top\": 6}", "\"top\": }"));
        let kinds: Vec<_> = found.iter().map(|widget| widget.kind.as_str()).collect();
        assert_eq!(kinds, ["form", "button"]);
        assert!(warnings.len() == 1 && warnings[0].line == 4, "{warnings:?}");
        let (found, warnings) = read("<Cabbage>[{\"channel\": \"a\"}]</Cabbage>");
        assert!(found.is_empty() && warnings[0].text.contains("no \"type\""), "{warnings:?}");
        assert!(read("<Cabbage>[]</Cabbage>").1[0].text.contains("no widgets"));
    }

    #[test]
    fn hostile_sections_are_bounded() {
        let inside = "{\"type\": \"image\", \"children\": [".repeat(3000) + &"]}".repeat(3000);
        let deep = format!("<Cabbage>[{inside}]</Cabbage>");
        assert!(!read(&deep).1.is_empty());
        let nested = "{\"type\": \"image\", \"children\": [".repeat(40) + &"]}".repeat(40);
        assert!(read(&format!("<Cabbage>[{nested}]</Cabbage>")).1[0].text.contains("too deep"));
        let long = format!("<Cabbage>[\"{}\"]</Cabbage>", "x".repeat(5 << 20));
        assert!(read(&long).1[0].text.contains("4 MB"));
        for cut in 0..SECTION.len() {
            if SECTION.is_char_boundary(cut) {
                drop(read(&SECTION[..cut]));
            }
        }
        let many = format!("<Cabbage>[{}{{}}]</Cabbage>", "{\"type\": \"label\"},".repeat(50_000));
        assert_eq!(read(&many).0.len(), MOST);
        // Neither takes long.
        for flood in ["\"".repeat(4_000_000), "\"a\" ".repeat(800_000), "{]".repeat(1_900_000)] {
            drop(read(&format!("<Cabbage>[{flood}</Cabbage>")));
            drop(read(&format!("<Cabbage>{{\"widgets\": [{flood}</Cabbage>")));
        }
    }
}
