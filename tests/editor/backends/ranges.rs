//! Ranges that the user gives channels.

use csound_performer::editor::model::*;
use csound_performer::range::{EditedRange, Range};

use super::held::{Held, value};
use super::piece::piece;

fn range(view: &View, name: &str) -> (Range, Option<Range>) {
    let channel = view.channels.iter().find(|channel| channel.name == name).unwrap();
    (channel.range.clone(), channel.own_range.clone())
}

fn set(held: &mut Held, position: f64) {
    let cutoff = ParamRef::Bank(0);
    for action in
        [Action::BeginGesture(cutoff), Action::SetParam(cutoff, position), Action::EndGesture(cutoff)]
    {
        held.act(action);
    }
}

pub fn are_edited(held: &mut Held) {
    let (own, none) = range(held.view(), "cutoff");
    assert_eq!(none, None);
    set(held, 0.5);
    held.until("it stands in the middle", |view| value(view, "cutoff") == own.to_value(0.5));
    let before = held.value("cutoff");
    let edited = EditedRange::new(100.0, 5000.0, 0.0, "Hz").unwrap();
    held.act(Action::EditRange("cutoff".into(), Some(edited.clone())));
    let is_edited = |view: &View| range(view, "cutoff") == (edited.over(&own), Some(own.clone()));
    held.until("it has the user's range", is_edited);
    held.until("its value stays", |view| (value(view, "cutoff") / before - 1.0).abs() < 1e-5);
    set(held, 1.0);
    held.until("it goes from end to end", |view| value(view, "cutoff") == 5000.0);
    assert_eq!(held.apply(&piece("0.25")), []);
    held.until("an applied text changes nothing of it", |view| {
        is_edited(view) && value(view, "cutoff") == 5000.0
    });
    let narrow = EditedRange::new(1000.0, 2000.0, 250.0, "").unwrap();
    held.act(Action::EditRange("cutoff".into(), Some(narrow.clone())));
    held.until("a value beyond it goes to its end", |view| {
        range(view, "cutoff").0 == narrow.over(&own) && value(view, "cutoff") == 2000.0
    });
    held.act(Action::EditRange("cutoff".into(), None));
    held.until("the piece's own is back", |view| range(view, "cutoff") == (own.clone(), None));

    held.act(Action::EditRange("c129".into(), Some(EditedRange::new(0.0, 10.0, 0.0, "").unwrap())));
    held.act(Action::SetChannel("c129".into(), 7.5));
    held.until("a channel without a parameter has one, too", |view| {
        value(view, "c129") == 7.5 && range(view, "c129").0.scale.maximum() == 10.0
    });
    held.act(Action::EditRange("c129".into(), None));
    held.until("and gives it back with its value", |view| value(view, "c129") == 1.0);
    for (name, why) in [
        ("no such channel", "the piece has no such channel to be set"),
        ("seen", "the piece has no such channel to be set"),
        ("words", "the piece has no such channel to be set"),
        ("bang", "it is a choice: its values are its items"),
    ] {
        let told = format!("the range of {name} stays as it is: {why}");
        held.act(Action::EditRange(name.into(), Some(edited.clone())));
        held.until("it is refused", |view| view.refused.as_ref() == Some(&told));
    }
}
