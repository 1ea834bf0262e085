//! The function tables that widgets show, on their way up to the host: those that have changed, some times a second.

use std::hash::{DefaultHasher, Hash, Hasher};

use csound_cabbage::ValueRef;
use csound_cabbage::table::{MOST_SHOWN, sketch};
use csound_library::Csound;

use super::context::Context;
use super::looks::Looks;

/// Tables that are shown at most.
const MOST: usize = 32;

/// See the module. After it is made, nothing is allocated.
pub(super) struct Tables {
    looks: Looks,
    /// The numbers of the tables, and what tells the contents apart that went up last.
    known: Vec<(u32, u64)>,
    shown: Box<[f64; MOST_SHOWN]>,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self { looks: Looks::default(), known: Vec::with_capacity(MOST), shown: Box::new([0.0; MOST_SHOWN]) }
    }

    /// Looks at the tables if it is time, and sends up what has changed.
    pub(super) fn look(&mut self, context: &Context, csound: &Csound, frames: usize) {
        if !self.looks.is_due(frames, csound.sample_rate()) {
            return;
        }
        context.with(|work| {
            let Self { known, shown, .. } = self;
            let (mut numbers, mut count) = ([0; MOST], 0);
            for number in work.tree.tables().take(MOST) {
                numbers[count] = number;
                count += 1;
            }
            for number in numbers[..count].iter().copied() {
                let Some(table) = csound.table(number) else { continue };
                let count = sketch(table, shown);
                let print = print_of(table.len(), &shown[..count]);
                match known.iter().position(|(known, _)| *known == number) {
                    Some(place) if known[place].1 == print => continue,
                    Some(place) => known[place].1 = print,
                    None if known.len() < MOST => known.push((number, print)),
                    None => continue,
                }
                let values = std::iter::once(table.len() as f64).chain(shown[..count].iter().copied());
                if !work.show_table(number, values.map(ValueRef::Number)) {
                    // It has no room now, and comes with the next look.
                    known.retain(|(known, _)| *known != number);
                }
            }
        });
    }
}

fn print_of(length: usize, shown: &[f64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    length.hash(&mut hasher);
    shown.iter().for_each(|value| value.to_bits().hash(&mut hasher));
    hasher.finish()
}
