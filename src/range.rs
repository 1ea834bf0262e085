//! The values of a channel: from where to where, how they lie between a parameter's 0 and 1, in which
//! steps, and how they are written and read. Pure.
//!
//! It is all the arithmetic there is for them: the host's parameters, the editor's controls and what is
//! typed in either go through here, so a value has one text everywhere. It stands beside the plugin and
//! the editor because neither may know the other.
//!
//! A [`Scale`] is the arithmetic, small enough to copy to the audio thread. A [`Range`] adds what
//! only people need: the default, the unit, the names of a choice. It comes from a piece's `chn_k`
//! hints or from a widget of its `<Cabbage>` section.

mod edited;
pub mod number;
mod pitch;
mod scale;
#[cfg(test)]
pub(crate) mod tests;

use csound_library::{Behaviour, ChannelHints};

pub use edited::{EditedRange, RangeError, RangeField};
pub use scale::{Scale, ScaleKind};

/// Most decimals that are shown.
const MOST_DECIMALS: usize = 6;

/// Significant digits of a value that has no steps.
const DIGITS: i32 = 4;

/// A value this much of its span is shown as if it were zero: the rest is rounding.
const NOTHING: f64 = 1e-4;

/// A channel's values, with what people need to read and write them.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Between 0 to 1 and the values.
    pub scale: Scale,
    /// The value at the start, one that the scale has.
    pub default: f64,
    /// The words before a value, such as `$`; often empty.
    pub prefix: String,
    /// The unit after a value, such as `Hz`; often empty.
    pub unit: String,
    /// The names of a choice, from the minimum on; empty where it is not one.
    pub items: Vec<String>,
}

impl Default for Range {
    fn default() -> Self {
        Self::new(Scale::default(), 0.0)
    }
}

impl From<&ChannelHints> for Range {
    /// The range that a piece's `chn_k` gives. Without ends (Csound itself refuses those that are
    /// equal or swapped, but not 0 and 0) it is 0 to 1.
    fn from(hints: &ChannelHints) -> Self {
        let kind = match hints.behaviour {
            Behaviour::Integer => ScaleKind::Integer,
            Behaviour::Linear => ScaleKind::Linear,
            Behaviour::Exponential => ScaleKind::Exponential,
        };
        Self::new(Scale::new(kind, hints.minimum, hints.maximum), hints.default)
    }
}

impl Range {
    /// A range without a unit. The default is kept as it is written, on a step or not, between the ends.
    pub fn new(scale: Scale, default: f64) -> Self {
        let default = if default.is_finite() {
            default.clamp(scale.minimum(), scale.maximum())
        } else {
            scale.minimum()
        };
        Self { scale, default, prefix: String::new(), unit: String::new(), items: Vec::new() }
    }

    /// A choice whose first item has the value `first`. `None` without items.
    pub fn choice(items: Vec<String>, first: f64, default: f64) -> Option<Self> {
        let last = first + items.len().checked_sub(1)? as f64;
        let scale = Scale::new(ScaleKind::Items, first, last);
        Some(Self { items, ..Self::new(scale, scale.nearest(default)) })
    }

    /// The value at a parameter's 0 to 1. See [`Scale::to_value`].
    pub fn to_value(&self, normalized: f64) -> f64 {
        self.scale.to_value(normalized)
    }

    /// A parameter's 0 to 1 at a value. See [`Scale::to_normalized`].
    pub fn to_normalized(&self, value: f64) -> f64 {
        self.scale.to_normalized(value)
    }

    /// The value as people read it: an item's name, or a number with its unit. Numbers have the
    /// decimals of the step, or else four significant digits.
    pub fn text(&self, value: f64) -> String {
        if let Some(item) = self.item(value) {
            return item.to_owned();
        }
        let number = self.number(value);
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{}{number}{space}{}", self.prefix, self.unit)
    }

    /// The value that a text means: an item by its name or its number, a number with or without its unit and a
    /// prefix (see [`number()`](number::number)), `on` and `off` of what goes from 0 to 1, a note such as `A4` where
    /// values are in hertz or MIDI keys, or decibels where they are amplitudes. It is brought to the
    /// nearest value that the scale has. `None` for all else: [`takes`](Self::takes) says what there is.
    pub fn parse(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        if let Some(index) = self.items.iter().position(|item| same(item, text)) {
            return Some(self.scale.minimum() + index as f64);
        }
        let text = text.strip_prefix(self.prefix.trim()).unwrap_or(text);
        let (minimum, maximum) = (self.scale.minimum(), self.scale.maximum());
        if let Some(on) = number::switch(text).filter(|_| self.is_switch()) {
            return Some(if on { maximum } else { minimum });
        }
        let amplitude = pitch::amplitude(text, &self.scale, &self.unit).filter(|_| self.items.is_empty());
        let value = match amplitude {
            Some(amplitude) => amplitude,
            None => match number::number(text, &self.unit) {
                Some(typed) => typed.between(minimum, maximum)?,
                None if self.items.is_empty() => pitch::note(text, &self.scale, &self.unit)?,
                None => return None,
            },
        };
        let is_item = value.fract() == 0.0 && (minimum..=maximum).contains(&value);
        (self.items.is_empty() || is_item).then(|| self.scale.nearest(value))
    }

    /// What [`parse`](Self::parse) reads, for who typed something else.
    pub fn takes(&self) -> String {
        if !self.items.is_empty() {
            return format!("one of {}", self.items.join(", "));
        }
        let (least, most) = (self.text(self.scale.minimum()), self.text(self.scale.maximum()));
        let words = if self.is_switch() { ", or on and off" } else { "" };
        let notes = pitch::takes_notes(&self.scale, &self.unit);
        let notes = if notes { ", or a note such as A4" } else { "" };
        format!("a number from {least} to {most}{words}{notes}")
    }

    fn is_switch(&self) -> bool {
        self.scale.minimum() == 0.0 && self.scale.maximum() == 1.0
    }

    /// The name of the nearest value, where values have names.
    pub fn item(&self, value: f64) -> Option<&str> {
        let index = self.scale.nearest(value) - self.scale.minimum();
        self.items.get(index as usize).map(String::as_str)
    }

    fn number(&self, value: f64) -> String {
        let value = self.scale.nearest(value);
        if self.scale.step() > 0.0 {
            return without_sign_of_zero(format!("{value:.*}", decimals_of_step(self.scale.step())));
        }
        let span = self.scale.maximum() - self.scale.minimum();
        let nothing = self.scale.kind() != ScaleKind::Exponential && value.abs() < span * NOTHING;
        let size = if nothing { return "0".into() } else { value.abs().log10().floor() as i32 };
        let decimals = (DIGITS - 1 - size).clamp(0, MOST_DECIMALS as i32) as usize;
        let text = format!("{value:.decimals$}");
        let is_whole = !text.contains('.');
        let short = if is_whole { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
        without_sign_of_zero(short.to_owned())
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn decimals_of_step(step: f64) -> usize {
    let is_enough = |decimals: &usize| {
        let scaled = step * 10_f64.powi(*decimals as i32);
        (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0)
    };
    (0..MOST_DECIMALS).find(is_enough).unwrap_or(MOST_DECIMALS)
}

fn without_sign_of_zero(text: String) -> String {
    let zero = !text.contains(|digit: char| ('1'..='9').contains(&digit));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}
