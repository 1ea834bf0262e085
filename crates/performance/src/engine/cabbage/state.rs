//! A piece's own data, which the session keeps: `cabbageSetStateValue`, `cabbageGetStateValue`,
//! `cabbageHasStateData`, `cabbageReadStateData`, `cabbageWriteStateData`.

use csound_cabbage::{Change, Value, ValueRef};
use csound_library::{Call, Level};
use serde_json::{Map, Value as Json};

use super::context::{self, Work, said};

/// Sets a number.
pub(super) fn set_number(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let values = [ValueRef::Number(finite(call.number(1)))];
    context.with(|work| set(call, work, false, values.into_iter()));
}

/// Sets a text.
pub(super) fn set_text(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let values = [ValueRef::Text(said(call.text(1)))];
    context.with(|work| set(call, work, false, values.into_iter()));
}

/// Sets a list of numbers.
pub(super) fn set_numbers(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let values = (0..call.length(1)).map(|index| ValueRef::Number(finite(call.number_in(1, index))));
    context.with(|work| set(call, work, true, values));
}

/// Sets a list of texts.
pub(super) fn set_texts(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let values = (0..call.length(1)).map(|index| ValueRef::Text(said(call.text_in(1, index))));
    context.with(|work| set(call, work, true, values));
}

/// A number that a session can keep: 0 for what is none.
fn finite(number: f64) -> f64 {
    if number.is_finite() { number } else { 0.0 }
}

/// Sets what is not the same already.
fn set<'v>(
    call: &Call<'_>,
    work: &mut Work,
    is_list: bool,
    values: impl Iterator<Item = ValueRef<'v>> + Clone,
) {
    let key = said(call.text(0));
    let before = work.tree.state(key);
    if before.is_some_and(|before| before.is_list == is_list && before.says(values.clone())) {
        return;
    }
    work.set_state(key, is_list, values);
    work.tell_of_losses(call);
}

/// Gives a number; 0 where there is none.
pub(super) fn number(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let number = context.with(|work| {
        let mut values = work.tree.state(said(call.text(0)));
        values.as_mut().and_then(Iterator::next).map_or(0.0, ValueRef::number)
    });
    call.set_number(0, number.unwrap_or(0.0));
}

/// Gives a text; an empty one where there is none.
pub(super) fn text(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let mut values = work.tree.state(said(call.text(0)));
        let first = values.as_mut().and_then(Iterator::next);
        call.set_text(0, first.map_or(&[], |value| bytes(value)));
    });
}

fn bytes(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(text) => text.as_bytes(),
        ValueRef::Number(_) => b"",
    }
}

/// Gives a list of numbers.
pub(super) fn numbers(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let values = work.tree.state(said(call.text(0)));
        call.set_length(0, values.map_or(0, |values| values.count()));
        for (index, value) in values.into_iter().flatten().enumerate() {
            call.set_number_in(0, index, value.number());
        }
    });
}

/// Gives a list of texts.
pub(super) fn texts(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let values = work.tree.state(said(call.text(0)));
        call.set_text_length(0, values.map_or(0, |values| values.count()));
        for (index, value) in values.into_iter().flatten().enumerate() {
            call.set_text_in(0, index, bytes(value));
        }
    });
}

/// 1 if there is any.
pub(super) fn is_there(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let is_there = context.with(|work| work.tree.has_states()).unwrap_or(false);
    call.set_number(0, f64::from(u8::from(is_there)));
}

/// Gives everything as JSON. Allocates after a change.
pub(super) fn read(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        if !std::mem::replace(&mut work.is_json_new, true) {
            work.json = Json::Object(work.tree.states().map(to_json).collect()).to_string();
        }
        call.set_text(0, work.json.as_bytes());
    });
}

fn to_json(change: Change) -> (String, Json) {
    let mut values: Vec<_> = change.values.iter().map(value_to_json).collect();
    let value = if change.is_list || values.len() != 1 { Json::Array(values) } else { values.remove(0) };
    (change.identifier, value)
}

/// A number that JSON does not have is null.
fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Number(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
    }
}

fn value_of_json(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Bool(is_on) => Value::Number(f64::from(u8::from(*is_on))),
        other => Value::Number(other.as_f64().unwrap_or(0.0)),
    }
}

/// Takes JSON, when a note begins: each key of an object.
pub(super) fn write(call: &mut Call<'_>) {
    write_from(call, 0);
}

/// The same behind Cabbage's mode.
pub(super) fn write_by_mode(call: &mut Call<'_>) {
    write_from(call, 1);
}

fn write_from(call: &Call<'_>, at: usize) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let text = said(call.text(at));
        let all: Map<String, Json> = match serde_json::from_str(text) {
            Ok(all) => all,
            Err(error) => {
                let told = format!("cabbageWriteStateData: this is no object of JSON: {error}");
                return call.tell(Level::Warning, &told);
            }
        };
        for (key, value) in &all {
            let (is_list, values) = match value {
                Json::Array(list) => (true, list.iter().map(value_of_json).collect()),
                other => (false, vec![value_of_json(other)]),
            };
            work.set_state(key, is_list, values.iter().map(Value::as_ref));
        }
        work.tell_of_losses(call);
    });
}
