//! Ranges, and lists of items, that a piece changes while it performs. A channel keeps its value, brought into the new
//! range, and its parameter goes to where that value is now; the host is told to look at values and their texts again.
//! What it knows as the parameter's id, its own range from 0 to 1 and its steps stay as they are.
//!
//! A range that the user gives a channel goes the same way, and before those of the piece.

use std::sync::Arc;
use std::time::{Duration, Instant};

use csound_cabbage::{Changes, WidgetName};

use super::link::Link;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::channels::cabbage::{self, CabbageSection};
use crate::range::{EditedRange, Range};

/// Whether an identifier says of a control from where to where it goes.
pub fn is_of_range(identifier: &str) -> bool {
    matches!(identifier, "range" | "rangex" | "rangey" | "min" | "max" | "items" | "text")
}

/// The ranges of the controls of which a piece of this text has changed one.
pub fn changed_ranges(text: &str, changes: &Changes) -> Vec<(String, Range)> {
    ranges_in(&cabbage::parse(text), changes)
}

fn ranges_in(section: &CabbageSection, changes: &Changes) -> Vec<(String, Range)> {
    let is_changed = |channels: &[String]| {
        channels.iter().any(|channel| {
            let name = WidgetName::Channel(channel.clone());
            changes.of(&name).any(|(identifier, _)| is_of_range(identifier))
        })
    };
    let names: Vec<_> = section.widgets.iter().filter(|widget| is_changed(&widget.channels)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let names: Vec<&String> = names.iter().flat_map(|widget| &widget.channels).collect();
    let controls = section.changed(changes).controls().into_iter();
    let changed = controls.filter(|control| names.contains(&&control.channel));
    changed.map(|control| (control.channel, control.range)).collect()
}

/// How often a host is told at most to look at values and their texts again: it does that on its main thread, and for
/// all of them.
const TELL: Duration = Duration::from_millis(500);

/// What is known of a piece that changes its ranges again and again.
#[derive(Default)]
pub struct ChangingRanges {
    /// Its text, which is read once.
    read: Option<(Arc<str>, CabbageSection)>,
    owes_host: bool,
    told: Option<Instant>,
}

impl ChangingRanges {
    /// As [`changed_ranges`].
    pub fn of(&mut self, text: &Arc<str>, changes: &Changes) -> Vec<(String, Range)> {
        let read = self.read.take().filter(|(known, _)| known == text);
        let (_, section) = self.read.insert(read.unwrap_or_else(|| (Arc::clone(text), cabbage::parse(text))));
        ranges_in(section, changes)
    }

    /// The host has to look again.
    pub fn owe(&mut self) {
        self.owes_host = true;
    }

    /// Whether to tell it now. What is not told now is told by a later call.
    pub fn tells(&mut self, now: Instant) -> bool {
        let is_soon = self.told.is_some_and(|told| now.saturating_duration_since(told) < TELL);
        if !self.owes_host || is_soon {
            return false;
        }
        (self.owes_host, self.told) = (false, Some(now));
        true
    }
}

impl Link {
    /// The piece has given these channels other ranges. One that somebody has edited stays. True if the host has to look at
    /// values and their texts again ([`note_texts`](crate::plugin::channels::names::Names::note_texts)).
    pub fn change_ranges(&self, ranges: &[(String, Range)]) -> bool {
        let mut changed = Vec::new();
        for (name, range) in ranges {
            changed.extend(self.bank.change_range(name, range, |place, at| self.param_position(place, at)));
        }
        let has_changed = changed.iter().any(|(place, _)| *place < PARAMETERS);
        self.move_params(changed.into_iter().filter_map(|(place, at)| Some((place, at?))));
        has_changed
    }

    /// The user gives a channel of the piece a range, or without one the piece's own again. It goes before what the piece
    /// says, also while that performs, and is kept with the session. The host is told to look at the value's text again.
    ///
    /// # Errors
    /// The channel's range cannot be edited, in a sentence.
    pub fn edit_range(&self, name: &str, edited: Option<&EditedRange>) -> Result<(), String> {
        let changed = self.bank.edit_range(name, edited, |place, at| self.param_position(place, at));
        let (place, at) = changed.map_err(|why| format!("the range of {name} stays as it is: {why}"))?;
        self.move_params(at.map(|at| (place, at)));
        if place < PARAMETERS {
            self.names.note_texts();
        }
        Ok(())
    }

    /// Another text of the piece has been adopted: what begins beyond a range that the user has edited goes into it.
    pub fn keep_edited_ranges(&self) {
        self.move_params(self.bank.bring_into_edited(|place, at| self.param_position(place, at)));
    }

    /// Where the parameter of a place comes to stand for a position from 0 to 1.
    fn param_position(&self, place: usize, position: f64) -> f32 {
        let params = self.host_params.get();
        params.map_or(position as f32, |params| params.position(place, position))
    }

    /// Moves the parameters of places, and owes the host to tell it so.
    fn move_params(&self, to: impl IntoIterator<Item = (usize, f32)>) {
        let to = to.into_iter().filter(|(place, _)| *place < PARAMETERS);
        let moved: Vec<_> = to
            .filter(|(place, at)| self.host_params.get().is_some_and(|params| params.set_place(*place, *at)))
            .map(|(place, _)| place)
            .collect();
        if !moved.is_empty() {
            self.lock().owed.places.extend(moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use csound_cabbage::{Change, Value};

    use super::*;

    const TEXT: &str = "<Cabbage>\nform size(9, 9)\nrslider channel(\"gain\"), range(0, 1, 0.5)\n\
        rslider channel(\"other\"), range(0, 1, 0.5)\ncombobox channel(\"mode\"), items(\"a\", \"b\")\n</Cabbage>\n";

    fn changes(list: Vec<Change>) -> Changes {
        list.into()
    }

    #[test]
    fn only_controls_that_were_changed_have_other_ranges() {
        let range = Change::of("gain", "range", [0.0, 10.0, 5.0].map(Value::Number));
        let found = changed_ranges(TEXT, &changes(vec![range, Change::of("other", "visible", [0.0.into()])]));
        let [(name, range)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((name.as_str(), range.scale.minimum(), range.scale.maximum()), ("gain", 0.0, 10.0));
        let items = Change::of("mode", "items", ["x", "y", "z"].map(Value::from));
        let found = changed_ranges(TEXT, &changes(vec![items]));
        assert_eq!((found[0].1.scale.maximum(), found[0].1.items.len()), (3.0, 3));
    }

    #[test]
    fn a_value_stays_and_its_parameter_and_text_follow_the_range() {
        let link = Link::default();
        let scale = |maximum: f64| Range {
            scale: crate::range::Scale::new(crate::range::ScaleKind::Linear, 0.0, maximum),
            ..Range::default()
        };
        let named = |maximum: f64| vec![("gain".to_owned(), scale(maximum))];
        link.bank.adopt(&named(1.0));
        link.bank.moved_to(0, 0.5);
        assert!(link.change_ranges(&named(10.0)));
        assert_eq!(link.bank.value(0), Some(0.5));
        assert_eq!(link.bank.text(0, 0.05), "gain 0.5");
        link.bank.moved_to(0, 0.05);
        assert_eq!(link.bank.value(0), Some(0.5), "where its parameter comes to stand");
        link.bank.moved_to(0, 0.5);
        assert_eq!(link.bank.value(0), Some(5.0), "and where automation moves it");
        assert!(link.change_ranges(&named(2.0)));
        assert_eq!(link.bank.value(0), Some(2.0), "brought into the range");
        assert!(!link.change_ranges(&named(2.0)), "the same is no change");
    }

    #[test]
    fn a_host_is_told_twice_a_second_at_most_and_of_the_last_state_at_last() {
        let (mut changing, began) = (ChangingRanges::default(), Instant::now());
        let mut told = Vec::new();
        for look in 0..100_u32 {
            if look < 60 {
                changing.owe();
            }
            if changing.tells(began + look * Duration::from_millis(20)) {
                told.push(look);
            }
        }
        assert_eq!(told, [0, 25, 50, 75]);
    }

    #[test]
    fn another_text_is_read_anew() {
        let mut changing = ChangingRanges::default();
        let changes = changes(vec![Change::of("gain", "range", [0.0, 10.0, 5.0].map(Value::Number))]);
        let text: Arc<str> = TEXT.into();
        for _ in 0..2 {
            assert_eq!(changing.of(&text, &changes), changed_ranges(TEXT, &changes));
        }
        assert_eq!(changing.of(&"<Cabbage>\nform size(9, 9)\n</Cabbage>\n".into(), &changes), []);
    }
}
