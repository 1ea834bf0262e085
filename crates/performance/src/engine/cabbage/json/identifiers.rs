//! `cabbageSet`, `cabbageGet`, `cabbageHasKey`, `cabbageCreate`, `cabbageDump`, `cabbageGetWidgets`.

use std::ffi::CStr;
use std::io::Write;

use csound_cabbage::ValueRef;
use csound_cabbage::json::{scan, section};
use csound_library::{Call, Level};

use crate::engine::cabbage::context::{self, Work, said, utf8};
use crate::engine::cabbage::identifiers::{value, write_value};
use crate::engine::cabbage::values::{mark, number_at, set_number_of, set_text_of};

/// The place among what is told once: that a text is no JSON.
const NO_JSON: usize = 2;

fn is_value(path: &str) -> bool {
    path.trim().eq_ignore_ascii_case("value")
}

/// Sets properties of the widget that the argument `at` names: those of a text in JSON, or one with its values.
fn set_from(call: &Call<'_>, at: usize) {
    let Some(context) = context::of(call) else { return };
    let channel = call.text(at);
    context.with(|work| {
        if call.count() <= at + 1 || channel.is_empty() {
            return;
        }
        let second = call.text(at + 1);
        if call.count() > at + 2 {
            let values = (at + 2..call.count()).map(|at| value(call, at));
            let text = Some(at + 2).filter(|at| call.is_text(*at)).map(|at| call.text(at));
            set_one(call, work, channel, said(second), values, text);
        } else {
            let is_whole = scan::properties(said(second), |path, values| {
                set_one(call, work, channel, path, values.iter().copied(), None);
            });
            if !is_whole && !std::mem::replace(&mut work.told[NO_JSON], true) {
                let told =
                    "cabbageSet: a text of properties has to be an object in JSON, such as {\"visible\": 0}";
                call.tell(Level::Warning, told);
            }
        }
        work.tell_of_losses(call);
    });
}

/// Sets one; a value goes to the channel as well. `text`: the first value, where it is one of Csound's texts.
fn set_one<'v>(
    call: &Call<'_>,
    work: &mut Work,
    channel: &CStr,
    path: &str,
    values: impl Iterator<Item = ValueRef<'v>> + Clone,
    text: Option<&CStr>,
) {
    match (values.clone().next(), text) {
        (Some(ValueRef::Number(number)), _) if is_value(path) => set_number_of(call, work, channel, number),
        (Some(ValueRef::Text(_)), Some(text)) if is_value(path) => set_text_of(call, work, channel, text),
        _ => work.set_property(said(channel), path, values),
    }
}

/// `cabbageSet` when a note begins.
pub(super) fn set_at_init(call: &mut Call<'_>) {
    set_from(call, 0);
}

/// `cabbageSet` while its trigger is not 0.
pub(super) fn set(call: &mut Call<'_>) {
    if call.number(0) != 0.0 {
        set_from(call, 1);
    }
}

/// Sets a property to the numbers of a list.
fn set_numbers_from(call: &Call<'_>, at: usize) {
    let Some(context) = context::of(call) else { return };
    let numbers = (0..call.length(at + 2)).map(|index| ValueRef::Number(call.number_in(at + 2, index)));
    context.with(|work| {
        set_one(call, work, call.text(at), said(call.text(at + 1)), numbers, None);
        work.tell_of_losses(call);
    });
}

/// The same when a note begins.
pub(super) fn set_numbers_at_init(call: &mut Call<'_>) {
    set_numbers_from(call, 0);
}

/// The same while the trigger is not 0.
pub(super) fn set_numbers(call: &mut Call<'_>) {
    if call.number(0) != 0.0 {
        set_numbers_from(call, 1);
    }
}

/// Sets a property to the texts of a list, when a note begins.
pub(super) fn set_texts_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let texts = (0..call.length(2)).map(|index| ValueRef::Text(said(call.text_in(2, index))));
    context.with(|work| {
        work.set_property(said(call.text(0)), said(call.text(1)), texts);
        work.tell_of_losses(call);
    });
}

/// `cabbageGet` of a number; of a channel where no property is named.
pub(super) fn number(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let path = said(call.text(1));
    let number = match call.count() < 2 || is_value(path) {
        true => Some(number_at(call, call.text(0))),
        false => context.with(|work| work.property_number(said(call.text(0)), path)),
    };
    call.set_number(0, number.unwrap_or(0.0));
}

/// Reads a property as a text into the scratch.
fn read_property(call: &Call<'_>, work: &mut Work) {
    let mut scratch = std::mem::take(&mut work.scratch);
    scratch.clear();
    if let Some(value) = work.property(said(call.text(0)), said(call.text(1))) {
        write_value(&mut scratch, value);
    }
    work.scratch = scratch;
}

/// `cabbageGet` of a text.
pub(super) fn text(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        read_property(call, work);
        call.set_text(0, &work.scratch);
    });
}

/// `cabbageGet` of a text with its trigger, when a note begins.
pub(super) fn text_with_trigger_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        read_property(call, work);
        call.kept()[0] = mark(&work.scratch);
        call.set_text(0, &work.scratch);
        call.set_number(1, 0.0);
    });
}

/// The same in a k-cycle.
pub(super) fn text_with_trigger(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        read_property(call, work);
        let now = mark(&work.scratch);
        let is_news = std::mem::replace(&mut call.kept()[0], now) != now;
        if is_news {
            call.set_text(0, &work.scratch);
        }
        call.set_number(1, f64::from(u8::from(is_news)));
    });
}

/// `cabbageHasKey`.
pub(super) fn has(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let has = context.with(|work| work.property(said(call.text(0)), said(call.text(1))).is_some());
    call.set_number(0, f64::from(u8::from(has.unwrap_or(false))));
}

/// `cabbageCreate`: makes a widget of an object in JSON, when a note begins. Its channel begins with its value.
pub(super) fn create(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let widget = match section::one(said(call.text(0))) {
        Ok(widget) => widget,
        Err(error) => return call.tell(Level::Warning, &format!("cabbageCreate: {error}")),
    };
    context.with(|work| {
        if work.create(&widget.kind, &widget.line_of_identifiers()) {
            crate::engine::cabbage::identifiers::begin_with_value(call, work);
        }
        work.tell_of_losses(call);
    });
}

/// `cabbageGetWidgets`: the channel of each widget, when a note begins.
pub(super) fn widgets(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let widgets = work.tree.widgets();
        call.set_text_length(0, widgets.len());
        for (index, widget) in widgets.iter().enumerate() {
            call.set_text_in(0, index, widget.channels.first().map_or(&b""[..], |name| name.as_bytes()));
        }
    });
}

/// Says what a widget says of itself. It is for the one who writes the piece, and allocates.
fn dump_of(call: &Call<'_>, at: usize) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let name = said(call.text(at));
        let mut line = format!("{name}:").into_bytes();
        for change in work.tree.store().changes() {
            let (csound_cabbage::WidgetName::Channel(widget) | csound_cabbage::WidgetName::Ident(widget)) =
                &change.widget
            else {
                continue;
            };
            if widget != name {
                continue;
            }
            // A Vec takes what is written.
            let _ = write!(line, " {}", change.identifier);
            for (number, value) in change.values.iter().enumerate() {
                let _ = write!(line, "{}", if number == 0 { "(" } else { ", " });
                write_value(&mut line, value.as_ref());
            }
            let _ = write!(line, "{}", if change.values.is_empty() { "()" } else { ")" });
        }
        call.tell(Level::Default, utf8(&line));
    });
}

/// `cabbageDump` when a note begins.
pub(super) fn dump_at_init(call: &mut Call<'_>) {
    dump_of(call, 0);
}

/// `cabbageDump` while its trigger is 1.
pub(super) fn dump(call: &mut Call<'_>) {
    if call.number(0) == 1.0 {
        dump_of(call, 1);
    }
}
