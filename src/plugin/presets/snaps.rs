//! Cabbage's files of presets, `.snaps`, of which there are two kinds. Pure.
//!
//! The newer is JSON: an object of presets by their names, each an object of values by the names of channels. What
//! `cabbageChannelStateSave` writes is one such inner object, a preset without a name. The older is XML: an element
//! for each preset, whose attributes are the values, and `PresetName` its name; or one element for one preset.
//!
//! Cabbage writes down every widget, also those without a channel, under a name that it makes up of the widget's
//! kind and a number (`label13`): those are left out where the piece has no such channel ([`is_made_up`]).

use serde_json::{Map, Value};

use super::bounds;
use super::preset::{self, Preset, PresetError, VERSION};

/// The ending of such a file.
pub const ENDING: &str = "snaps";

/// The most presets that are read of a file.
const MOST: usize = 10_000;

/// The most parts of an XML file.
const MOST_NODES: u32 = 200_000;

/// The attribute that names a preset.
const NAME: &str = "PresetName";

/// The kinds of widgets that names are made of.
const KINDS: [&str; 30] = [
    "form",
    "label",
    "image",
    "line",
    "keyboard",
    "groupbox",
    "filebutton",
    "button",
    "checkbox",
    "combobox",
    "rslider",
    "hslider",
    "vslider",
    "nslider",
    "hrange",
    "vrange",
    "xypad",
    "gentable",
    "texteditor",
    "soundfiler",
    "vmeter",
    "hmeter",
    "signaldisplay",
    "csoundoutput",
    "listbox",
    "infobutton",
    "optionbutton",
    "presetbutton",
    "textbox",
    "shape",
];

/// Reads the presets of a file. One without a name is called `name`.
///
/// # Errors
/// It is neither kind.
pub fn read(bytes: &[u8], name: &str) -> Result<Vec<Preset>, PresetError> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let presets = if text.starts_with('<') { of_xml(text, name)? } else { of_json(text, name)? };
    if presets.len() > MOST {
        return Err(PresetError::Snaps(format!("it has more than {MOST} presets")));
    }
    Ok(presets)
}

/// Whether Cabbage has made a name up, for a widget without a channel.
pub fn is_made_up(channel: &str) -> bool {
    let kind = channel.trim_end_matches(|letter: char| letter.is_ascii_digit());
    KINDS.contains(&kind)
}

fn of_json(text: &str, name: &str) -> Result<Vec<Preset>, PresetError> {
    let whole: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| PresetError::Snaps(error.to_string()))?;
    let is_of_presets = !whole.is_empty() && whole.values().all(Value::is_object);
    if !is_of_presets {
        return Ok(vec![made(name, whole.into_iter())?]);
    }
    let presets = whole.into_iter().filter_map(|(name, values)| match values {
        Value::Object(values) => Some(made(&name, values.into_iter())),
        _ => None,
    });
    presets.collect()
}

fn of_xml(text: &str, name: &str) -> Result<Vec<Preset>, PresetError> {
    bounds::check(text).map_err(PresetError::Snaps)?;
    let options = roxmltree::ParsingOptions { nodes_limit: MOST_NODES, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, options)
        .map_err(|error| PresetError::Snaps(error.to_string()))?;
    let root = document.root_element();
    let of_element = |element: roxmltree::Node<'_, '_>, otherwise: &str| {
        let values = element.attributes().filter(|attribute| attribute.name() != NAME);
        let values = values.map(|attribute| (attribute.name().to_owned(), of_text(attribute.value())));
        made(element.attribute(NAME).unwrap_or(otherwise), values)
    };
    let elements: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    if elements.is_empty() {
        return Ok(vec![of_element(root, name)?]);
    }
    let named = |(at, element)| of_element(element, &format!("{name} {}", at + 1));
    elements.into_iter().enumerate().map(named).collect()
}

/// XML does not say if a value is a number; whoever applies it knows the channel.
fn of_text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn made(name: &str, values: impl Iterator<Item = (String, Value)>) -> Result<Preset, PresetError> {
    let name = preset::name(name).or_else(|_| preset::name("Preset"))?;
    Ok(Preset { version: VERSION, name, channels: values.collect(), ..Preset::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_with_numbers_and_texts() {
        let json = br#"{ "Soft": { "form": 0.0, "cutoff": 440.5, "words": "dark", "label3": 0.0 }, "Hard": { "cutoff": 2e3 } }"#;
        let presets = read(json, "file").unwrap();
        assert_eq!(presets.iter().map(|preset| preset.name.as_str()).collect::<Vec<_>>(), ["Hard", "Soft"]);
        assert_eq!(presets[1].channels["cutoff"], 440.5);
        assert_eq!(presets[1].channels["words"], "dark");
        let xml = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CABBAGE_PRESETS>\n  <PRESET0 PresetName=\"One\" cutoff=\"1.5\" words=\"&amp;\"/>\n  <PRESET1 cutoff=\"2\"/>\n</CABBAGE_PRESETS>";
        let presets = read(xml, "file").unwrap();
        assert_eq!((presets[0].name.as_str(), presets[1].name.as_str()), ("One", "file 2"));
        assert_eq!(
            (&presets[0].channels["cutoff"], &presets[0].channels["words"]),
            (&"1.5".into(), &"&".into())
        );
        assert!(!presets[0].channels.contains_key(NAME));
        let one = read(b"<Presets form=\"0\" att=\"1\"/>", "file").unwrap();
        assert_eq!((one.len(), one[0].name.as_str(), &one[0].channels["att"]), (1, "file", &"1".into()));
        let state = read(br#"{ "cutoff": 3.0, "words": "x" }"#, "state").unwrap();
        assert_eq!((state.len(), state[0].name.as_str()), (1, "state"));
    }

    #[test]
    fn damaged_files_are_refused() {
        for text in ["", "{", "[]", "7", "<", "<a", "<a></b>", "{\"a\": {\"x\": NaN}}"] {
            assert!(read(text.as_bytes(), "a").is_err(), "{text}");
        }
        let many = format!("<a>{}</a>", "<b/>".repeat(300_000));
        assert!(read(many.as_bytes(), "a").is_err());
        // What is no text is read as far as it is one.
        assert_eq!(read(b"{\"a\": {\"x\": \"\xff\"}}", "a").unwrap()[0].channels["x"], "\u{fffd}");
        let bomb = "<!DOCTYPE a [<!ENTITY b \"xxxxxxxxxx\"><!ENTITY c \"&b;&b;&b;&b;&b;\">]><a x=\"&c;\"/>";
        assert!(read(bomb.as_bytes(), "a").is_err());
    }

    /// A file as long as may be read, in a thread with as little room as hosts give.
    #[test]
    fn files_that_would_crash_or_hang_the_parser_are_refused() {
        let deep = "<a>".repeat(200_000);
        let closed = format!("{deep}{}", "</a>".repeat(200_000));
        let many: String = (0..1_000_000).map(|number| format!(" a{number}=''")).collect();
        let many = format!("<a{many}/>");
        let spread =
            format!("<a>{}</a>", format!("<b{}/>", many[2..65_000].rsplit_once(' ').unwrap().0).repeat(256));
        let read_all = move || {
            for (text, why) in [(deep, "deep"), (closed, "deep"), (many, "tag"), (spread, "too many values")]
            {
                let told = read(text.as_bytes(), "a").unwrap_err().to_string();
                assert!(told.contains(why), "{told}");
            }
        };
        std::thread::Builder::new().stack_size(256 << 10).spawn(read_all).unwrap().join().unwrap();
    }

    #[test]
    fn names_that_cabbage_makes_up_are_known() {
        for name in ["form", "label13", "filebutton158", "image0"] {
            assert!(is_made_up(name), "{name}");
        }
        for name in ["cutoff", "lab13", "label13b", "", "13"] {
            assert!(!is_made_up(name), "{name}");
        }
    }
}
