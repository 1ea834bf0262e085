//! What of a preset the present piece can take. A piece changes, and so do its channels: what fits is applied, and
//! the rest is named. Pure.

use std::collections::BTreeSet;

use csound_library::ChannelKind;
use csound_performance::engine::piece::channel_names::scan_channel_names;
use serde_json::Value;

use super::preset::Preset;
use super::snaps::is_made_up;
use crate::plugin::channels::cabbage;
use crate::plugin::channels::host::is_reserved;
use crate::range::Range;

/// The most names in one sentence.
const MOST_NAMES: usize = 12;

/// The string channels of a piece, each with the text that it begins with.
pub fn texts_of(text: &str) -> Vec<(String, String)> {
    let section = cabbage::parse(text);
    let starts = section.starting_texts();
    let of_widgets = section.widgets.iter().filter_map(|widget| widget.text_channel()).map(str::to_owned);
    let scanned = scan_channel_names(text).into_iter();
    let read = scanned
        .filter(|found| found.kind == ChannelKind::Text && found.reads && !is_reserved(&found.name))
        .map(|found| found.name);
    let names: BTreeSet<String> = of_widgets.chain(read).collect();
    // Of widgets that share the channel the last one stands.
    let start = |name: &str| {
        let last = starts.iter().rev().find(|(channel, _)| channel == name);
        last.map_or(String::new(), |(_, text)| text.clone())
    };
    names.into_iter().map(|name| (name.clone(), start(&name))).collect()
}

/// What the piece has to be set to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fitted {
    /// Values by place of the bank; none is where the piece begins.
    pub numbers: Vec<(usize, Option<f64>)>,
    /// Texts by channel; none is where the piece begins.
    pub texts: Vec<(String, Option<String>)>,
    /// What does not fit, in a sentence each.
    pub told: Vec<String>,
}

impl Fitted {
    /// Of a preset, for a piece with these channels by place, and these string channels.
    pub fn of(preset: &Preset, numbers: &[(usize, String, Range)], texts: &[(String, String)]) -> Self {
        let mut fitted = Self::default();
        let (mut unknown, mut wrong, mut clipped) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in &preset.channels {
            let number = numbers.iter().find(|(_, known, _)| known == name);
            let is_text = texts.iter().any(|(known, _)| known == name);
            match (number, is_text) {
                (Some((place, _, range)), _) => match as_number(value) {
                    Ok(value) => {
                        let within = value.map(|value| within(value, range));
                        if within != value {
                            clipped.push(name.as_str());
                        }
                        fitted.numbers.push((*place, within));
                    }
                    Err(()) => wrong.push(name.as_str()),
                },
                (None, true) => match value {
                    Value::String(text) => fitted.texts.push((name.clone(), Some(text.clone()))),
                    Value::Null => fitted.texts.push((name.clone(), None)),
                    _ => wrong.push(name.as_str()),
                },
                (None, false) if is_made_up(name) => {}
                (None, false) => unknown.push(name.as_str()),
            }
        }
        let all = numbers.iter().map(|(_, name, _)| name).chain(texts.iter().map(|(name, _)| name));
        let missing: Vec<_> =
            all.filter(|name| !preset.channels.contains_key(*name)).map(String::as_str).collect();
        let name = &preset.name;
        let mut tell = |names: &[&str], sentence: &dyn Fn(String) -> String| {
            if !names.is_empty() {
                fitted.told.push(sentence(listed(names)));
            }
        };
        tell(&unknown, &|names| format!("preset {name}: the piece has no channel {names}"));
        tell(&wrong, &|names| {
            format!("preset {name}: its value is of another kind than the channel: {names}")
        });
        tell(&clipped, &|names| format!("preset {name}: brought into the channel's range: {names}"));
        tell(&missing, &|names| format!("preset {name} says nothing of {names}, which stay as they are"));
        fitted
    }
}

/// The value of a channel that takes numbers. XML has them as texts.
fn as_number(value: &Value) -> Result<Option<f64>, ()> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => number.as_f64().map(Some).ok_or(()),
        Value::String(text) => {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Some).ok_or(())
        }
        _ => Err(()),
    }
}

/// As it is written where the range has it, on a step or not. Where a piece begins outside of its own range, that
/// is its business.
fn within(value: f64, range: &Range) -> f64 {
    if value == range.default { value } else { value.clamp(range.scale.minimum(), range.scale.maximum()) }
}

fn listed(names: &[&str]) -> String {
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A preset between two: numbers on their way along their channel's scale, everything else from the nearer one.
pub fn between(from: &Preset, to: &Preset, share: f64, numbers: &[(usize, String, Range)]) -> Preset {
    let nearer = if share < 0.5 { from } else { to };
    let mut preset = nearer.clone();
    for (_, name, range) in numbers {
        let of = |preset: &Preset| {
            let value = as_number(preset.channels.get(name)?).ok()?;
            Some(value.unwrap_or(range.default))
        };
        let (Some(first), Some(second)) = (of(from), of(to)) else { continue };
        if first == second || !range.items.is_empty() || share <= 0.0 || share >= 1.0 {
            continue;
        }
        let (begin, end) = (range.to_normalized(first), range.to_normalized(second));
        let value = range.to_value(begin + (end - begin) * share);
        preset.channels.insert(name.clone(), value.into());
    }
    preset
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::range::{Scale, ScaleKind};

    fn numbers() -> Vec<(usize, String, Range)> {
        let range = |most| Range::new(Scale::new(ScaleKind::Linear, 0.0, most), 1.0);
        vec![
            (0, "cutoff".into(), range(1000.0)),
            (130, "far".into(), range(2.0)),
            (2, "new".into(), range(1.0)),
        ]
    }

    fn preset(channels: Value) -> Preset {
        Preset { name: "P".into(), channels: serde_json::from_value(channels).unwrap(), ..Preset::default() }
    }

    #[test]
    fn what_fits_is_taken_and_the_rest_is_named() {
        let texts = [("words".to_owned(), "begin".to_owned()), ("file".to_owned(), String::new())];
        let old = preset(json!({
            "cutoff": 0.1, "far": 7.5, "gone": 1, "words": "dark", "file": null, "label13": 0.0
        }));
        let fitted = Fitted::of(&old, &numbers(), &texts);
        assert_eq!(fitted.numbers, [(0, Some(0.1)), (130, Some(2.0))]);
        assert_eq!(fitted.texts, [("file".to_owned(), None), ("words".to_owned(), Some("dark".to_owned()))]);
        let told = fitted.told.join("\n");
        for name in ["no channel gone", "range: far", "nothing of new"] {
            assert!(told.contains(name), "{name}: {told}");
        }
        assert!(!told.contains("label13"), "{told}");
    }

    #[test]
    fn values_of_another_kind_are_named_and_change_nothing() {
        for value in [json!("loud"), json!([1]), json!({}), json!(true), json!("NaN"), json!("inf")] {
            let fitted = Fitted::of(&preset(json!({ "cutoff": value })), &numbers(), &[]);
            assert!(fitted.numbers.is_empty() && fitted.told[0].contains("cutoff"), "{fitted:?}");
        }
        let fitted = Fitted::of(&preset(json!({ "words": 7 })), &[], &[("words".into(), String::new())]);
        assert!(fitted.texts.is_empty() && fitted.told[0].contains("words"));
        let fitted =
            Fitted::of(&preset(json!({ "cutoff": " 12.5 ", "far": null, "new": 1 })), &numbers(), &[]);
        assert_eq!(fitted.numbers, [(0, Some(12.5)), (130, None), (2, Some(1.0))]);
        assert_eq!(fitted.told, [""; 0]);
    }

    #[test]
    fn a_preset_between_two_is_on_the_way_and_is_one_of_them_at_its_ends() {
        let (from, to) = (
            preset(json!({ "cutoff": 100.5, "words": "a" })),
            preset(json!({ "cutoff": 900.25, "words": "b" })),
        );
        assert_eq!(between(&from, &to, 0.0, &numbers()), from);
        assert_eq!(between(&from, &to, 1.0, &numbers()), to);
        let middle = between(&from, &to, 0.25, &numbers());
        let value = middle.channels["cutoff"].as_f64().unwrap();
        assert!((value - 300.4375).abs() < 1e-9, "{value}");
        assert_eq!(middle.channels["words"], "a");
        assert_eq!(between(&from, &to, 0.75, &numbers()).channels["words"], "b");
    }

    #[test]
    fn the_string_channels_of_a_piece_are_found_with_their_beginnings() {
        let text = "<Cabbage>\nform size(10, 10)\nfilebutton channel(\"sample\"), file(\"a.wav\")\n</Cabbage>\n\
                    <CsInstruments>\ninstr 1\nSa chnget \"words\"\nk1 chnget \"level\"\nendin\n</CsInstruments>\n";
        let found = texts_of(text);
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["sample", "words"]);
        assert_eq!(found[0].1, "a.wav");
    }
}
