//! The piece's channels.

use super::range::Range;

/// A channel of the piece, as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    /// The piece's name for it.
    pub name: String,
    /// What is written on it; empty: the name.
    pub label: String,
    /// The slot of the bank that drives it, from 0; none where the bank is full or it needs none.
    pub slot: Option<usize>,
    /// What it is turned with.
    pub widget: Widget,
    /// Its values.
    pub range: Range,
    /// The value it begins with.
    pub default: f64,
    /// Names of its values, for [`Widget::Choice`]; for a toggle: off, on.
    pub items: Vec<String>,
    /// Behind its value.
    pub unit: String,
    /// The group that it belongs to; empty: none.
    pub group: String,
    /// The piece writes it, and it cannot be set.
    pub is_output: bool,
    /// The text of a string channel.
    pub text: Option<String>,
    /// A hint for the pointer.
    pub help: String,
}

impl Channel {
    /// What is written on it.
    pub fn title(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// A value as text, with its unit.
    pub fn show(&self, value: f64) -> String {
        if let Some(item) = self.item(value) {
            return item.to_owned();
        }
        let number = self.range.show(value);
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }

    /// The value that a text means.
    pub fn parse(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        if let Some(item) = self.items.iter().position(|item| item == text) {
            return Some(self.first_item() + item as f64);
        }
        let number = text.strip_suffix(self.unit.as_str()).unwrap_or(text).trim().replace(',', ".");
        number.parse().ok().filter(|value: &f64| value.is_finite()).map(|value| self.range.clamp(value))
    }

    /// The name of a value, where values have names.
    pub fn item(&self, value: f64) -> Option<&str> {
        let index = (value - self.first_item()).round();
        (index >= 0.0).then(|| self.items.get(index as usize)).flatten().map(String::as_str)
    }

    /// The value of the first item: choices count from the range's lower end.
    pub fn first_item(&self) -> f64 {
        self.range.min.min(self.range.max)
    }
}

/// What a channel is turned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Widget {
    /// A rotary.
    #[default]
    Knob,
    /// A slider from left to right.
    Horizontal,
    /// A slider from below to above.
    Vertical,
    /// A number to drag or type.
    Number,
    /// On or off.
    Toggle,
    /// On while it is pressed.
    Trigger,
    /// One of some names.
    Choice,
    /// A text.
    Text,
    /// A file's path.
    File,
}

#[cfg(test)]
mod tests {
    use super::super::range::Curve;
    use super::*;

    fn range(min: f64, max: f64, curve: Curve, step: f64) -> Range {
        Range { min, max, curve, step }
    }

    #[test]
    fn a_channels_text_is_read_back() {
        let cutoff = Channel {
            range: range(20.0, 20_000.0, Curve::Skew(0.5), 1.0),
            unit: "Hz".into(),
            ..Channel::default()
        };
        assert_eq!(cutoff.show(440.0), "440 Hz");
        assert_eq!(cutoff.parse("440 Hz"), Some(440.0));
        assert_eq!(cutoff.parse("1e9"), Some(20_000.0));
        assert_eq!(cutoff.parse("loud"), None);
        let wave = Channel {
            widget: Widget::Choice,
            range: range(1.0, 2.0, Curve::Linear, 1.0),
            items: vec!["sine".into(), "saw".into()],
            ..Channel::default()
        };
        assert_eq!((wave.show(2.0).as_str(), wave.parse("sine")), ("saw", Some(1.0)));
    }
}
