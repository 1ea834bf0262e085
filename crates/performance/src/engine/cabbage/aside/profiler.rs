//! `cabbageProfilerStart`, `cabbageProfilerStop`, `cabbageProfilerPrint`: the time between two places of a note, on
//! average, in milliseconds.

use std::time::{Duration, Instant};

use csound_library::{Call, Level};

use crate::engine::cabbage::context::{self, said};

/// Spans of time that are kept at most.
const MOST: usize = 256;

/// Bytes of a name that are kept.
const LONGEST: usize = 48;

/// A name, cut.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name([u8; LONGEST], usize);

impl Name {
    fn of(text: &str) -> Self {
        let length = text.floor_char_boundary(LONGEST);
        let mut bytes = [0; LONGEST];
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        Self(bytes, length)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.1]).unwrap_or_default()
    }
}

struct Profile {
    group: Name,
    block: Name,
    began: Option<Instant>,
    sum: Duration,
    count: u32,
}

impl Profile {
    fn average(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum.as_secs_f64() * 1000.0 / f64::from(self.count) }
    }
}

/// The spans that a piece measures.
pub(in crate::engine::cabbage) struct Profiles(Vec<Profile>);

impl Default for Profiles {
    fn default() -> Self {
        Self(Vec::with_capacity(MOST))
    }
}

impl Profiles {
    fn find(&mut self, group: &str, block: &str) -> Option<&mut Profile> {
        let (group, block) = (Name::of(group), Name::of(block));
        let found = self.0.iter().position(|profile| profile.group == group && profile.block == block);
        let at = found.unwrap_or(self.0.len());
        if found.is_none() && self.0.len() < MOST {
            self.0.push(Profile { group, block, began: None, sum: Duration::ZERO, count: 0 });
        }
        self.0.get_mut(at)
    }
}

/// Begins a span anew.
pub(in crate::engine::cabbage) fn start_at_init(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        if let Some(profile) = work.profiles.find(said(call.text(0)), said(call.text(1))) {
            (profile.sum, profile.count, profile.began) = (Duration::ZERO, 0, Some(Instant::now()));
        }
    });
}

/// Begins a span.
pub(in crate::engine::cabbage) fn start(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        if let Some(profile) = work.profiles.find(said(call.text(0)), said(call.text(1))) {
            profile.began = Some(Instant::now());
        }
    });
}

/// Ends a span, and gives the average of all.
pub(in crate::engine::cabbage) fn stop(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let average = context.with(|work| {
        let Some(profile) = work.profiles.find(said(call.text(0)), said(call.text(1))) else { return 0.0 };
        if let Some(began) = profile.began.take() {
            profile.sum += began.elapsed();
            profile.count = profile.count.saturating_add(1);
        }
        profile.average()
    });
    call.set_number(0, average.unwrap_or(0.0));
}

/// Says the averages of a group while its trigger is on.
pub(in crate::engine::cabbage) fn print(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    if !crate::engine::cabbage::values::is_on(call.number(1)) {
        return;
    }
    context.with(|work| {
        let group = Name::of(said(call.text(0)));
        work.scratch.clear();
        for profile in work.profiles.0.iter().filter(|profile| profile.group == group) {
            // A Vec takes what is written.
            let _ = std::io::Write::write_fmt(
                &mut work.scratch,
                format_args!("{}: {:.4} ms  ", profile.block.as_str(), profile.average()),
            );
        }
        call.tell(Level::Orchestra, group.as_str());
        call.tell(Level::Orchestra, context::utf8(&work.scratch));
    });
}
