//! Reads the values of a command line. Numbers and switches are read as the plugin reads them, by the same file; what
//! a parameter of the plugin takes is asked of the plugin.

use anyhow::{Result, bail};

use crate::host::{Instance, Param};

// The plugin is not linked here, and this is no reason to: the file stands by itself.
#[path = "../../../../src/range/number.rs"]
mod number;

/// Most values of a parameter that are listed.
const MOST_LISTED: f64 = 32.0;

/// A channel's value: a number with or without a prefix and a unit, or the word of a switch. Where a comma may be
/// for decimals or for thousands, nothing says which.
pub(super) fn channel_value(text: &str) -> Option<f64> {
    let word = || number::switch(text).map(f64::from);
    let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
    number::number(text, "").and_then(|typed| typed.between(least, most)).or_else(word)
}

/// A parameter's plain value: what the plugin makes of the text, else the choice whose name or part of it that is.
///
/// # Errors
/// It is neither; the error says what there is.
pub(super) fn parameter_value(instance: &mut Instance, name: &str, id: u32, text: &str) -> Result<f64> {
    if let Some(value) = instance.text_to_value(id, text) {
        return Ok(value);
    }
    let Some(param) = instance.params().into_iter().find(|param| param.id == id) else {
        bail!("there is no parameter {name:?}");
    };
    let choices = choices(instance, &param);
    match chosen(&choices, text) {
        Some(choice) => Ok(param.min + choice as f64),
        None => bail!("{name} does not take {text:?}: it takes {}", takes(instance, &param, &choices)),
    }
}

/// The names of a parameter's values, if it has few; none if they are numbers.
fn choices(instance: &mut Instance, param: &Param) -> Vec<String> {
    let count = param.max - param.min + 1.0;
    if !param.stepped || count > MOST_LISTED {
        return Vec::new();
    }
    let texts = (0..count as usize).map(|step| instance.value_to_text(param.id, param.min + step as f64));
    texts.collect::<Option<_>>().unwrap_or_default()
}

/// The only choice that has this name, begins with it, or has it within.
fn chosen(choices: &[String], text: &str) -> Option<usize> {
    let text = text.trim().to_lowercase();
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut found = (0..choices.len()).filter(|choice| fits(&choices[*choice].to_lowercase()));
        found.next().filter(|_| found.next().is_none())
    };
    if text.is_empty() {
        return None;
    }
    only(&|choice| choice == text)
        .or_else(|| only(&|choice| choice.starts_with(&text)))
        .or_else(|| only(&|choice| choice.contains(&text)))
}

fn takes(instance: &mut Instance, param: &Param, choices: &[String]) -> String {
    if !choices.is_empty() {
        return choices.join(", ");
    }
    let mut text = |value| instance.value_to_text(param.id, value).unwrap_or_else(|| format!("{value}"));
    format!("a number from {} to {}", text(param.min), text(param.max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_found_by_its_name_or_a_part_that_no_other_has() {
        let choices = ["16 bit", "24 bit", "32 bit float"].map(str::to_owned);
        for (text, choice) in
            [("24", Some(1)), ("16 BIT", Some(0)), ("float", Some(2)), ("bit", None), ("", None)]
        {
            assert_eq!(chosen(&choices, text), choice, "{text:?}");
        }
    }

    #[test]
    fn a_channels_value_has_prefixes_units_and_words() {
        for (text, value) in
            [("2.5k", 2500.0), ("440 Hz", 440.0), ("1,5", 1.5), ("on", 1.0), ("-1e3", -1000.0)]
        {
            assert_eq!(channel_value(text), Some(value), "{text}");
        }
        for wrong in ["", "loud", "nan", "1,234"] {
            assert_eq!(channel_value(wrong), None, "{wrong:?}");
        }
    }
}
