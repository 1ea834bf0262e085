//! `cabbageChanged`: which of several channels has changed.

use csound_library::Call;

use crate::engine::cabbage::context::{self, Work};
use crate::engine::cabbage::values::{mark, read_text};

/// What is given of the channel that has changed.
#[derive(Clone, Copy)]
enum Given {
    Name,
    Index,
}

/// When a channel counts as changed.
#[derive(Clone, Copy)]
enum Mode {
    /// It has another value than before.
    Any,
    /// Its value has gone above a threshold, below it, or either.
    Above(f64),
    Below(f64),
    Across(f64),
}

/// As [`Mode::Any`], and the first k-cycle counts too.
const FROM_THE_BEGINNING: i64 = 3;

impl Mode {
    fn of(call: &Call<'_>) -> Self {
        let threshold = call.number(1);
        match (call.count(), call.number(2) as i64) {
            (0 | 1, _) | (3.., FROM_THE_BEGINNING) => Self::Any,
            (3.., 0) => Self::Above(threshold),
            (3.., 1) => Self::Below(threshold),
            _ => Self::Across(threshold),
        }
    }

    fn counts(self, before: f64, now: f64) -> bool {
        match self {
            Self::Any => before.to_bits() != now.to_bits(),
            Self::Above(threshold) => before <= threshold && now > threshold,
            Self::Below(threshold) => before >= threshold && now < threshold,
            Self::Across(threshold) => {
                Self::Above(threshold).counts(before, now) || Self::Below(threshold).counts(before, now)
            }
        }
    }
}

/// The value of a channel, or the mark of its text, and whether it is a text.
fn look(call: &Call<'_>, work: &mut Work, index: usize) -> (f64, bool) {
    let name = call.text_in(0, index);
    match call.channel(name) {
        Some(channel) => (channel.get(), false),
        None => {
            read_text(call, name, work);
            (mark(&work.scratch), true)
        }
    }
}

/// Keeps what there is when a note begins.
pub(in crate::engine::cabbage) fn begin(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let length = call.length(0);
    context.with(|work| {
        let at = work.kept_at(call.kept(), length);
        for index in 0..length {
            let now = look(call, work, index).0;
            if let Some(kept) = at.and_then(|at| work.kept(at, length).get_mut(index)) {
                *kept = now;
            }
        }
    });
    let is_said = call.count() > 2 && call.number(2) as i64 == FROM_THE_BEGINNING;
    call.kept()[2] = f64::from(u8::from(is_said));
    call.set_number(1, 0.0);
}

fn changed(call: &mut Call<'_>, given: Given) {
    let Some(context) = context::of(call) else { return };
    let length = call.length(0);
    let mode = Mode::of(call);
    context.with(|work| {
        let mut found = None;
        let at = work.kept_at(call.kept(), length);
        for index in 0..length {
            let (now, is_text) = look(call, work, index);
            let Some(kept) = at.and_then(|at| work.kept(at, length).get_mut(index)) else { continue };
            let before = std::mem::replace(kept, now);
            let mode = if is_text { Mode::Any } else { mode };
            if mode.counts(before, now) {
                found = Some(index);
            }
        }
        if std::mem::replace(&mut call.kept()[2], 0.0) != 0.0 && length > 0 {
            found = found.or(Some(0));
        }
        if let Some(index) = found {
            match given {
                Given::Index => call.set_number(0, index as f64),
                Given::Name => {
                    work.scratch.clear();
                    work.scratch.extend_from_slice(call.text_in(0, index).to_bytes());
                    call.set_text(0, &work.scratch);
                }
            }
        }
        call.set_number(1, f64::from(u8::from(found.is_some())));
    });
}

/// The name of the channel that has changed.
pub(in crate::engine::cabbage) fn name(call: &mut Call<'_>) {
    changed(call, Given::Name);
}

/// Its place in the list.
pub(in crate::engine::cabbage) fn index(call: &mut Call<'_>) {
    changed(call, Given::Index);
}
