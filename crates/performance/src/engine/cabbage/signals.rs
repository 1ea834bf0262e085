//! The signals that a piece displays, on their way up to the host: those that a widget shows, some times a second.

use csound_cabbage::signal::{SAMPLES, WAVEFORM, of_caption};
use csound_cabbage::table::{MOST_SHOWN, sketch};
use csound_cabbage::{Store, Tree, ValueRef};
use csound_library::Graph;

use super::looks::Looks;

/// Signals that are shown at most; the waveform and the spectrum of one are two.
const MOST: usize = 16;

/// Bytes of a signal's name: of a caption of Csound's.
const LONGEST_NAME: usize = 60;

/// See the module. After it is made, nothing is allocated.
pub(super) struct Signals {
    looks: Looks,
    shown: Vec<Shown>,
    /// How many of them are in use.
    used: usize,
    /// The first to go up at the next look: where there is no room for all, each has its turn.
    first: usize,
}

/// What is shown of a signal.
struct Shown {
    name: String,
    identifier: &'static str,
    /// How many values it has, and how many of them, or of their bounds, are kept.
    length: usize,
    count: usize,
    values: Box<[f64; MOST_SHOWN]>,
    /// The first values of a waveform that is longer, as they are.
    samples: Box<[f64; MOST_SHOWN]>,
    /// It has not gone up yet.
    is_new: bool,
}

impl Signals {
    pub(super) fn new() -> Self {
        let shown = || Shown {
            name: String::with_capacity(LONGEST_NAME),
            identifier: WAVEFORM,
            length: 0,
            count: 0,
            values: Box::new([0.0; MOST_SHOWN]),
            samples: Box::new([0.0; MOST_SHOWN]),
            is_new: false,
        };
        Self { looks: Looks::default(), shown: (0..MOST).map(|_| shown()).collect(), used: 0, first: 0 }
    }

    /// Takes what the piece draws of a signal, if a widget shows it. Between two looks the first counts: a piece may
    /// draw in every k-cycle.
    pub(super) fn take(&mut self, tree: &Tree, graph: Graph<'_>) {
        let Some((name, identifier)) = std::str::from_utf8(graph.caption).ok().and_then(of_caption) else {
            return;
        };
        let known = self.shown[..self.used].iter();
        let place =
            known.into_iter().position(|shown| (shown.name.as_str(), shown.identifier) == (name, identifier));
        let place = match place {
            Some(place) if self.shown[place].is_new => return,
            _ if !tree.shows_signal(name) => return,
            Some(place) => place,
            None if name.len() > LONGEST_NAME => return,
            None => {
                // The place of one that no widget shows any more, else a new one.
                let left = self.shown[..self.used].iter().position(|shown| !tree.shows_signal(&shown.name));
                let Some(place) = left.or_else(|| (self.used < MOST).then_some(self.used)) else { return };
                let shown = &mut self.shown[place];
                shown.name.clear();
                shown.name.push_str(name);
                (shown.identifier, shown.is_new) = (identifier, false);
                self.used = self.used.max(place + 1);
                place
            }
        };
        let shown = &mut self.shown[place];
        shown.length = graph.values.len();
        shown.count = sketch(graph.values, &mut shown.values);
        shown.samples.iter_mut().zip(graph.values).for_each(|(kept, value)| *kept = finite(*value));
        shown.is_new = true;
    }

    /// Sends up what is new, if it is time.
    pub(super) fn look(&mut self, filling: &mut Store, frames: usize, rate: f64) {
        if !self.looks.is_due(frames, rate) {
            return;
        }
        let first = self.first.min(self.used);
        for place in (first..self.used).chain(0..first) {
            let shown = &mut self.shown[place];
            if !shown.is_new {
                continue;
            }
            let Shown { name, identifier, length, count, values, samples, .. } = &*shown;
            let all = std::iter::once(*length as f64).chain(values[..*count].iter().copied());
            let put = filling.put_signal(name, identifier, all.map(ValueRef::Number));
            let put = put.and_then(|()| match *identifier == WAVEFORM && *length > MOST_SHOWN {
                true => filling.put_signal(name, SAMPLES, samples.iter().copied().map(ValueRef::Number)),
                false => Ok(()),
            });
            // What has no room now comes first at the next look.
            if put.is_err() {
                self.first = place;
                return;
            }
            shown.is_new = false;
        }
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}
