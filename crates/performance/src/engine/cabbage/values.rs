//! `cabbageGetValue`, `cabbageSetValue`, and `cabbageGet` of a reserved channel: values of channels.

use std::ffi::CStr;
use std::hash::{DefaultHasher, Hash, Hasher};

use csound_cabbage::ValueRef;
use csound_cabbage::tree::Small;
use csound_library::Call;

use super::context::{self, Work, said};

/// The number of a channel; 0 if it is no channel of numbers.
pub(super) fn number_at(call: &Call<'_>, name: &CStr) -> f64 {
    call.channel(name).map_or(0.0, |channel| channel.get())
}

/// Reads the text of a channel into the scratch; nothing if it is no channel of texts.
pub(super) fn read_text(call: &Call<'_>, name: &CStr, work: &mut Work) {
    work.scratch.clear();
    if let Some(channel) = call.text_channel(name) {
        channel.read(&mut |held| work.scratch.extend_from_slice(held));
    }
}

/// A number by which a text is known again.
pub(super) fn mark(text: &[u8]) -> f64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    (hasher.finish() >> 12) as f64
}

/// A number of a channel.
pub(super) fn number(call: &mut Call<'_>) {
    let number = number_at(call, call.text(0));
    call.set_number(0, number);
}

/// True if what is now differs from what was at the last call. `kept`: what was; 1 before the first k-cycle of an
/// opcode that says so.
fn is_news(kept: &mut [f64; csound_library::KEPT], now: f64) -> bool {
    let is_first = std::mem::replace(&mut kept[1], 0.0) != 0.0;
    std::mem::replace(&mut kept[0], now).to_bits() != now.to_bits() || is_first
}

/// Keeps what is now; `says_so`: the first k-cycle counts as a change.
fn begin(call: &mut Call<'_>, now: f64, says_so: bool) {
    let kept = call.kept();
    (kept[0], kept[1]) = (now, f64::from(u8::from(says_so)));
}

/// The number of a channel, and whether it has changed: when a note begins.
pub(super) fn number_with_trigger_at_init(call: &mut Call<'_>) {
    let (number, says_so) = (number_at(call, call.text(0)), call.number(1) > 0.0);
    begin(call, number, says_so);
    call.set_number(0, number);
    call.set_number(1, f64::from(u8::from(says_so)));
}

/// The same in a k-cycle.
pub(super) fn number_with_trigger(call: &mut Call<'_>) {
    let number = number_at(call, call.text(0));
    let news = is_news(call.kept(), number);
    call.set_number(0, number);
    call.set_number(1, f64::from(u8::from(news)));
}

/// A text of a channel.
pub(super) fn text(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        read_text(call, call.text(0), work);
        call.set_text(0, &work.scratch);
    });
}

/// The text of a channel, and whether it has changed: when a note begins.
pub(super) fn text_with_trigger_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let says_so = call.number(1) > 0.0;
    context.with(|work| {
        read_text(call, call.text(0), work);
        begin(call, mark(&work.scratch), says_so);
        call.set_text(0, &work.scratch);
        call.set_number(1, f64::from(u8::from(says_so)));
    });
}

/// The same in a k-cycle.
pub(super) fn text_with_trigger(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        read_text(call, call.text(0), work);
        let news = is_news(call.kept(), mark(&work.scratch));
        if news {
            call.set_text(0, &work.scratch);
        }
        call.set_number(1, f64::from(u8::from(news)));
    });
}

/// The numbers of several channels.
pub(super) fn numbers(call: &mut Call<'_>) {
    let length = call.length(0);
    call.set_length(0, length);
    for index in 0..length {
        let number = number_at(call, call.text_in(0, index));
        call.set_number_in(0, index, number);
    }
}

/// The texts of several channels.
pub(super) fn texts(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let length = call.length(0);
    call.set_text_length(0, length);
    context.with(|work| {
        for index in 0..length {
            read_text(call, call.text_in(0, index), work);
            call.set_text_in(0, index, &work.scratch);
        }
    });
}

/// What an opcode over several channels gives of each.
#[derive(Clone, Copy)]
enum Each {
    Number,
    Text,
}

/// The values of several channels, and which of them have changed. `at_init`: none has.
fn each_with_trigger(call: &mut Call<'_>, each: Each, at_init: bool) {
    let Some(context) = context::of(call) else { return };
    let length = call.length(0);
    match each {
        Each::Number => call.set_length(0, length),
        Each::Text => call.set_text_length(0, length),
    }
    call.set_length(1, length);
    context.with(|work| {
        let at = work.kept_at(call.kept(), length);
        for index in 0..length {
            let now = match each {
                Each::Number => {
                    let number = number_at(call, call.text_in(0, index));
                    call.set_number_in(0, index, number);
                    number
                }
                Each::Text => {
                    read_text(call, call.text_in(0, index), work);
                    call.set_text_in(0, index, &work.scratch);
                    mark(&work.scratch)
                }
            };
            let before = at.and_then(|at| work.kept(at, length).get_mut(index));
            let before = before.map(|kept| std::mem::replace(kept, now));
            let news = !at_init && before.is_some_and(|before| before.to_bits() != now.to_bits());
            call.set_number_in(1, index, f64::from(u8::from(news)));
        }
    });
}

/// Numbers of channels with triggers, when a note begins.
pub(super) fn numbers_with_triggers_at_init(call: &mut Call<'_>) {
    each_with_trigger(call, Each::Number, true);
}

/// Numbers of channels with triggers.
pub(super) fn numbers_with_triggers(call: &mut Call<'_>) {
    each_with_trigger(call, Each::Number, false);
}

/// Texts of channels with triggers, when a note begins.
pub(super) fn texts_with_triggers_at_init(call: &mut Call<'_>) {
    each_with_trigger(call, Each::Text, true);
}

/// Texts of channels with triggers.
pub(super) fn texts_with_triggers(call: &mut Call<'_>) {
    each_with_trigger(call, Each::Text, false);
}

/// Sets a channel, its widget, and so the host's parameter. What stands there already is not said again.
pub(super) fn set_number_of(call: &Call<'_>, work: &mut Work, name: &CStr, number: f64) {
    if name.is_empty() {
        return;
    }
    let channel = call.channel(name);
    let stands = channel.as_ref().is_some_and(|channel| channel.get().to_bits() == number.to_bits());
    if let Some(channel) = channel {
        channel.set(number);
    }
    let said_before = work.tree.get(said(name), "value").and_then(|mut values| values.next());
    if number.is_finite() && !(stands && said_before == Some(ValueRef::Number(number))) {
        say_value(work, name, ValueRef::Number(number));
        work.tell_of_losses(call);
    }
}

/// The same of a text.
pub(super) fn set_text_of(call: &Call<'_>, work: &mut Work, name: &CStr, text: &CStr) {
    if name.is_empty() {
        return;
    }
    read_text(call, name, work);
    let stands = work.scratch == text.to_bytes();
    if let Some(channel) = call.text_channel(name).filter(|_| !stands) {
        channel.write(text);
    }
    let said_before = work.tree.get(said(name), "value").and_then(|mut values| values.next());
    if !(stands && said_before == Some(ValueRef::Text(said(text)))) {
        say_value(work, name, ValueRef::Text(said(text)));
        work.tell_of_losses(call);
    }
}

/// Says a value to widget and host, who may have it otherwise since: the user has turned it.
fn say_value(work: &mut Work, name: &CStr, value: ValueRef<'_>) {
    if let Some(small) = Small::of("value") {
        work.say(said(name), small, [value].into_iter());
    }
}

/// True while a trigger is on.
pub(super) fn is_on(trigger: f64) -> bool {
    trigger as i64 == 1
}

/// `cabbageSetValue` of a number, when a note begins.
pub(super) fn set_number_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| set_number_of(call, work, call.text(0), call.number(1)));
}

/// `cabbageSetValue` of a number, in a k-cycle.
pub(super) fn set_number(call: &mut Call<'_>) {
    if is_on(call.number(2)) {
        set_number_at_init(call);
    }
}

/// `cabbageSetValue` of a text, when a note begins.
pub(super) fn set_text_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| set_text_of(call, work, call.text(0), call.text(1)));
}

/// `cabbageSetValue` of a text, in a k-cycle.
pub(super) fn set_text(call: &mut Call<'_>) {
    if is_on(call.number(2)) {
        set_text_at_init(call);
    }
}
