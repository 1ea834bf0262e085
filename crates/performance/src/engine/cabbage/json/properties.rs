//! Properties of widgets by their paths.

use csound_cabbage::ValueRef;
use csound_cabbage::json::paths::place;

use crate::engine::cabbage::context::Work;

/// Values of an identifier of which one can be set alone.
const MOST: usize = 16;

/// A value that is kept while its identifier is written.
#[derive(Clone, Copy)]
enum Kept {
    Number(f64),
    /// Where it lies in the scratch.
    Text(usize, usize),
}

impl Work {
    /// Sets a property of a widget, or one value of it.
    ///
    /// # Realtime safety
    /// As [`set`](Work::set): safe.
    pub(super) fn set_property<'v>(
        &mut self,
        channel: &str,
        path: &str,
        mut values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) {
        let place = place(path);
        let Some(part) = place.part.filter(|part| *part < MOST) else {
            return self.set(channel, place.identifier, values);
        };
        let Some(new) = values.next() else { return };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let (mut kept, mut count) = ([Kept::Number(0.0); MOST], part + 1);
        let numbers = self.numbers_of(channel, place.identifier);
        if let Some((numbers, length)) = numbers {
            for (kept, number) in kept.iter_mut().zip(&numbers[..length]) {
                *kept = Kept::Number(*number);
            }
            count = count.max(length);
        }
        if numbers.is_none() {
            for (at, value) in
                self.tree.get(channel, place.identifier).into_iter().flatten().take(MOST).enumerate()
            {
                kept[at] = keep(value, &mut scratch);
                count = count.max(at + 1);
            }
        }
        kept[part] = keep(new, &mut scratch);
        let value = |kept: &Kept| match *kept {
            Kept::Number(number) => ValueRef::Number(number),
            Kept::Text(begin, end) => {
                ValueRef::Text(std::str::from_utf8(&scratch[begin..end]).unwrap_or_default())
            }
        };
        self.set(channel, place.identifier, kept[..count].iter().map(value));
        self.scratch = scratch;
    }

    /// The numbers of an identifier that a widget has also where it says nothing, and how many there are.
    fn numbers_of(&self, channel: &str, identifier: &str) -> Option<([f64; 5], usize)> {
        let [x, y, width, height] = self.tree.bounds(channel);
        match identifier {
            "bounds" => Some(([x, y, width, height, 0.0], 4)),
            "range" => Some((self.tree.range(channel), 5)),
            _ => None,
        }
    }

    /// The first value of a property.
    pub(super) fn property(&self, channel: &str, path: &str) -> Option<ValueRef<'_>> {
        let place = place(path);
        let part = place.part.unwrap_or(0);
        self.tree.get(channel, place.identifier)?.nth(part)
    }

    /// The first number of a property; what a widget has that says nothing.
    pub(super) fn property_number(&self, channel: &str, path: &str) -> f64 {
        let place = place(path);
        match (place.part, self.numbers_of(channel, place.identifier)) {
            (Some(part), Some((numbers, length))) => numbers[..length].get(part).copied().unwrap_or(0.0),
            (Some(_), None) => self.property(channel, path).map_or(0.0, ValueRef::number),
            (None, _) => self.tree.number(channel, place.identifier),
        }
    }
}

fn keep(value: ValueRef<'_>, scratch: &mut Vec<u8>) -> Kept {
    match value {
        ValueRef::Number(number) => Kept::Number(number),
        ValueRef::Text(text) => {
            let begin = scratch.len();
            scratch.extend_from_slice(text.as_bytes());
            Kept::Text(begin, scratch.len())
        }
    }
}
