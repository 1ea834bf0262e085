//! What a piece has changed of its widgets, as a host keeps it: the newest of each identifier, within bounds. An
//! engine may say anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::store::MOST_VALUES;
use crate::value::{Change, Value, WidgetName};

/// Identifiers that are kept at most.
pub const MOST: usize = 16_384;

/// Bytes of names and values that are kept at most.
pub const MOST_BYTES: usize = 4 << 20;

/// Widgets that a piece may have made.
pub const MOST_MADE: u32 = 1000;

/// Bytes of a name.
const LONGEST_NAME: usize = 1024;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Change>", into = "Vec<Change>")]
pub struct Changes {
    kept: BTreeMap<(WidgetName, String), (bool, Vec<Value>)>,
    bytes: usize,
}

impl Changes {
    /// Takes a change; false if it cannot be, or there is no room for it.
    pub fn add(&mut self, change: Change) -> bool {
        if !is_possible(&change) {
            return false;
        }
        let size = size(&change.widget, &change.identifier, &change.values);
        let key = (change.widget, change.identifier);
        let before = self.kept.get(&key).map(|(_, values)| size_of(&key, values));
        let bytes = self.bytes - before.unwrap_or(0) + size;
        if bytes > MOST_BYTES || before.is_none() && self.kept.len() >= MOST {
            return false;
        }
        self.bytes = bytes;
        self.kept.insert(key, (change.is_list, change.values));
        true
    }

    /// Forgets what was changed of widgets, and keeps data of the piece's own: a performance begins anew.
    pub fn forget_widgets(&mut self) {
        let of_piece = std::mem::take(self);
        *self =
            of_piece.iter().filter(|change| change.widget == WidgetName::State).collect::<Vec<_>>().into();
    }

    /// True if nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The changes, by widget and identifier.
    pub fn iter(&self) -> impl Iterator<Item = Change> + '_ {
        self.kept.iter().map(|((widget, identifier), (is_list, values))| Change {
            widget: widget.clone(),
            identifier: identifier.clone(),
            is_list: *is_list,
            values: values.clone(),
        })
    }

    /// Those of some widgets. The rest is not copied.
    pub fn only(&self, is_wanted: impl Fn(&WidgetName) -> bool) -> Self {
        let kept = self.kept.iter().filter(|((widget, _), _)| is_wanted(widget));
        let kept: BTreeMap<_, _> = kept.map(|(key, values)| (key.clone(), values.clone())).collect();
        let bytes = kept.iter().map(|(key, (_, values))| size_of(key, values)).sum();
        Self { kept, bytes }
    }

    /// The changed identifiers of a widget, with their values.
    pub fn of<'a>(&'a self, widget: &'a WidgetName) -> impl Iterator<Item = (&'a str, &'a [Value])> {
        let all = self.kept.range((widget.clone(), String::new())..);
        all.take_while(move |((name, _), _)| name == widget)
            .map(|((_, identifier), (_, values))| (identifier.as_str(), values.as_slice()))
    }
}

impl From<Vec<Change>> for Changes {
    fn from(changes: Vec<Change>) -> Self {
        let mut kept = Self::default();
        for change in changes {
            // What has no room is left out, as it was when it came.
            let _ = kept.add(change);
        }
        kept
    }
}

impl From<Changes> for Vec<Change> {
    fn from(changes: Changes) -> Self {
        changes.iter().collect()
    }
}

fn is_possible(change: &Change) -> bool {
    let (_, name, _) = change.widget.parts();
    let is_finite = |value: &Value| !matches!(value, Value::Number(number) if !number.is_finite());
    name.len() <= LONGEST_NAME
        && change.identifier.len() <= LONGEST_NAME
        && change.values.len() <= MOST_VALUES
        && change.values.iter().all(is_finite)
        && !matches!(change.widget, WidgetName::New(number) if number >= MOST_MADE)
}

fn size_of((widget, identifier): &(WidgetName, String), values: &[Value]) -> usize {
    size(widget, identifier, values)
}

fn size(widget: &WidgetName, identifier: &str, values: &[Value]) -> usize {
    let of_values = values.iter().map(|value| match value {
        Value::Number(_) => 8,
        Value::Text(text) => text.len() + 8,
    });
    widget.parts().1.len() + identifier.len() + of_values.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_session_can_keep_and_widgets_without_end_are_left_out() {
        let mut changes = Changes::default();
        for number in [f64::NAN, f64::INFINITY] {
            for widget in [WidgetName::State, WidgetName::Channel("a".into())] {
                let change = Change { widget, ..Change::of("a", "x", [number.into()]) };
                assert!(!changes.add(change));
            }
        }
        let made =
            |number| Change { widget: WidgetName::New(number), ..Change::of("", "label", ["".into()]) };
        assert!(changes.add(made(MOST_MADE - 1)) && !changes.add(made(MOST_MADE)));
    }

    #[test]
    fn the_newest_of_each_identifier_is_kept() {
        let mut changes = Changes::default();
        assert!(changes.add(Change::of("a", "visible", [0.0.into()])));
        assert!(changes.add(Change::of("a", "text", ["on".into()])));
        assert!(changes.add(Change::of("b", "visible", [0.0.into()])));
        assert!(changes.add(Change::of("a", "visible", [1.0.into()])));
        let name = WidgetName::Channel("a".into());
        let of_a: Vec<_> = changes.of(&name).collect();
        assert_eq!(of_a, [("text", &["on".into()][..]), ("visible", &[1.0.into()][..])]);
        let all: Vec<Change> = changes.clone().into();
        assert_eq!(Changes::from(all), changes);
    }

    #[test]
    fn some_are_taken_out_as_if_there_were_no_others() {
        let [a, b] = ["a", "b"].map(|name| Change::of(name, "text", ["on".into()]));
        let changes = Changes::from(vec![a.clone(), b]);
        assert_eq!(changes.only(|widget| *widget == a.widget), Changes::from(vec![a.clone()]));
    }

    #[test]
    fn what_a_piece_keeps_stays_when_its_widgets_begin_anew() {
        let mut changes = Changes::default();
        let state = Change { widget: WidgetName::State, ..Change::of("", "key", ["kept".into()]) };
        assert!(changes.add(Change::of("a", "visible", [0.0.into()])) && changes.add(state.clone()));
        changes.forget_widgets();
        assert_eq!(changes.iter().collect::<Vec<_>>(), [state]);
    }

    #[test]
    fn what_cannot_be_or_has_no_room_is_refused() {
        let mut changes = Changes::default();
        assert!(!changes.add(Change::of("a", "visible", [f64::NAN.into()])));
        assert!(!changes.add(Change::of(&"a".repeat(2000), "visible", [])));
        assert!(!changes.add(Change::of("a", "values", vec![Value::Number(0.0); MOST_VALUES + 1])));
        let long = "x".repeat(1 << 20);
        for name in ["a", "b", "c"] {
            assert!(changes.add(Change::of(name, "text", [long.as_str().into()])));
        }
        assert!(!changes.add(Change::of("d", "text", [long.as_str().into()])));
        assert!(changes.add(Change::of("a", "text", ["short".into()])));
        assert!(changes.add(Change::of("d", "text", [long.as_str().into()])));
        for number in 0..2 * MOST {
            let _ = changes.add(Change::of(&number.to_string(), "visible", []));
        }
        assert_eq!(changes.iter().count(), MOST);
    }
}
