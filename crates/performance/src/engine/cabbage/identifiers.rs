//! `cabbageSet`, `cabbageGet`, `cabbageCreate`, `cabbageGetWidgetChannels`: identifiers of widgets.

use std::io::Write;

use csound_cabbage::ValueRef;
use csound_library::Call;

use super::context::{self, Work, said};
use super::values::{is_on, mark, number_at, set_number_of, set_text_of};

/// An argument, whatever it is.
pub(super) fn value<'c>(call: &'c Call<'_>, at: usize) -> ValueRef<'c> {
    if call.is_text(at) { ValueRef::Text(said(call.text(at))) } else { ValueRef::Number(call.number(at)) }
}

/// Sets identifiers of the widget that the argument `at` names: those of a text, or one with its values.
fn set_from(call: &Call<'_>, at: usize) {
    let Some(context) = context::of(call) else { return };
    let channel = call.text(at);
    context.with(|work| {
        if call.count() <= at + 1 || channel.is_empty() {
            return;
        }
        if call.count() == at + 2 {
            set_text(call, work, at);
            return;
        }
        let values = (at + 2..call.count()).map(|at| value(call, at));
        set_one(call, work, at, values);
    });
}

/// Sets the identifiers of a text; a value in it goes to the channel as well.
fn set_text(call: &Call<'_>, work: &mut Work, at: usize) {
    let channel = call.text(at);
    let text = said(call.text(at + 1));
    work.set_identifiers(said(channel), text);
    for (identifier, inside) in csound_cabbage::scan::identifiers(text) {
        let first = csound_cabbage::scan::arguments(inside).next();
        if let Some(number) = first.filter(|_| is_value(identifier)).and_then(|first| first.number()) {
            set_number_of(call, work, channel, number);
        }
    }
    work.tell_of_losses(call);
}

fn is_value(identifier: &str) -> bool {
    identifier.trim().eq_ignore_ascii_case("value")
}

/// Sets one identifier; a value goes to the channel as well.
fn set_one<'v>(
    call: &Call<'_>,
    work: &mut Work,
    at: usize,
    values: impl Iterator<Item = ValueRef<'v>> + Clone,
) {
    let (channel, identifier) = (call.text(at), said(call.text(at + 1)));
    match values.clone().next() {
        Some(ValueRef::Number(number)) if is_value(identifier) => set_number_of(call, work, channel, number),
        Some(ValueRef::Text(_)) if is_value(identifier) && call.is_text(at + 2) => {
            set_text_of(call, work, channel, call.text(at + 2));
        }
        _ => work.set(said(channel), identifier, values),
    }
    work.tell_of_losses(call);
}

/// `cabbageSet` when a note begins.
pub(super) fn set_at_init(call: &mut Call<'_>) {
    set_from(call, 0);
}

/// `cabbageSet` while its trigger is on.
pub(super) fn set(call: &mut Call<'_>) {
    if is_on(call.number(0)) {
        set_from(call, 1);
    }
}

/// `cabbageSet` of an array of numbers, while its trigger is on.
pub(super) fn set_array(call: &mut Call<'_>) {
    if !is_on(call.number(0)) || call.text(1).is_empty() {
        return;
    }
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let numbers = (0..call.length(3)).map(|index| ValueRef::Number(call.number_in(3, index)));
        set_one(call, work, 1, numbers);
    });
}

/// The first number of an identifier. The value is that of the channel: a user may have turned it.
fn number_of(call: &Call<'_>, work: &mut Work) -> f64 {
    let identifier = said(call.text(1));
    if is_value(identifier) {
        return number_at(call, call.text(0));
    }
    work.tree.number(said(call.text(0)), identifier)
}

/// `cabbageGet` of a number.
pub(super) fn number(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    if let Some(number) = context.with(|work| number_of(call, work)) {
        call.set_number(0, number);
    }
}

/// `cabbageGet` of a number with its trigger, when a note begins.
pub(super) fn number_with_trigger_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let Some(number) = context.with(|work| number_of(call, work)) else { return };
    call.kept()[0] = number;
    call.set_number(0, number);
    call.set_number(1, 0.0);
}

/// `cabbageGet` of a number with its trigger.
pub(super) fn number_with_trigger(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let Some(number) = context.with(|work| number_of(call, work)) else { return };
    let before = std::mem::replace(&mut call.kept()[0], number);
    call.set_number(0, number);
    call.set_number(1, f64::from(u8::from(before.to_bits() != number.to_bits())));
}

/// Writes a value as a text.
pub(super) fn write_value(into: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Text(text) => into.extend_from_slice(text.as_bytes()),
        // A Vec takes what is written.
        ValueRef::Number(number) => drop(write!(into, "{number}")),
    }
}

/// `cabbageGet` of a text.
pub(super) fn text(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let Work { tree, scratch, .. } = work;
        scratch.clear();
        let mut values = tree.get(said(call.text(0)), said(call.text(1)));
        if let Some(value) = values.as_mut().and_then(Iterator::next) {
            write_value(scratch, value);
        }
        // What is there need not be written again and again.
        let now = mark(scratch) + 1.0;
        if std::mem::replace(&mut call.kept()[0], now) != now {
            call.set_text(0, scratch);
        }
    });
}

/// The same when a note begins.
pub(super) fn text_at_init(call: &mut Call<'_>) {
    call.kept()[0] = 0.0;
    text(call);
}

/// `cabbageGet` of all numbers of an identifier: of bounds 4, of a range 5, of a colour 4.
pub(super) fn numbers(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let tree = &work.tree;
        let (mut numbers, mut count) = ([0.0; 5], 0);
        let (name, identifier) = (said(call.text(0)), said(call.text(1)));
        let mut take = |given: &[f64]| {
            numbers[..given.len()].copy_from_slice(given);
            count = given.len();
        };
        let is = |other: &str| identifier.trim().eq_ignore_ascii_case(other);
        if is("bounds") {
            take(&tree.bounds(name));
        } else if is("range") {
            take(&tree.range(name));
        } else if let Some(colour) =
            contains_colour(identifier).then(|| tree.colour(name, identifier)).flatten()
        {
            take(&[colour.red, colour.green, colour.blue, colour.alpha].map(f64::from));
        }
        let values = tree.get(name, identifier).filter(|_| count == 0);
        call.set_length(0, values.map_or(count, |values| values.count()));
        for (index, number) in numbers[..count].iter().enumerate() {
            call.set_number_in(0, index, *number);
        }
        for (index, value) in values.into_iter().flatten().enumerate() {
            call.set_number_in(0, index, value.number());
        }
    });
}

fn contains_colour(identifier: &str) -> bool {
    identifier.as_bytes().windows(6).any(|part| part.eq_ignore_ascii_case(b"colour"))
}

/// `cabbageGet` of all texts of an identifier.
pub(super) fn texts(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let Work { tree, scratch, .. } = work;
        let values = tree.get(said(call.text(0)), said(call.text(1)));
        call.set_text_length(0, values.map_or(0, |values| values.count()));
        for (index, value) in values.into_iter().flatten().enumerate() {
            scratch.clear();
            write_value(scratch, value);
            call.set_text_in(0, index, scratch);
        }
    });
}

/// `cabbageGetWidgetChannels`, when a note begins.
pub(super) fn widget_channels(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let channels: Vec<String> = work.tree.channels(said(call.text(0))).map(str::to_owned).collect();
        call.set_text_length(0, channels.len());
        for (index, channel) in channels.iter().enumerate() {
            call.set_text_in(0, index, channel.as_bytes());
        }
    });
}

/// `cabbageCreate`, when a note begins. Its channel begins with the widget's value.
pub(super) fn create(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let (kind, identifiers) = (said(call.text(0)), said(call.text(1)));
        if work.create(kind, identifiers) {
            begin_with_value(call, work);
        }
        work.tell_of_losses(call);
    });
}

/// The channel of the widget that was made last begins with its value.
pub(super) fn begin_with_value(call: &Call<'_>, work: &Work) {
    let Some(widget) = work.tree.widgets().last() else { return };
    let Some(name) = widget.channels.first() else { return };
    let value = work.tree.get(name, "value").and_then(|mut values| values.next());
    let number = match value {
        Some(ValueRef::Text(_)) => return,
        Some(ValueRef::Number(number)) => number,
        None => work.tree.range(name)[2],
    };
    if let Ok(name) = std::ffi::CString::new(name.as_str())
        && let Some(channel) = call.channel(&name)
    {
        channel.set(number);
    }
}
