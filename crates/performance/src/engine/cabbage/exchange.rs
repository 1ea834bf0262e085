//! What a piece changes, on its way up: one box that is being filled, and one that is read and given back. The
//! performing thread waits for nobody: while the other box is away it goes on filling its own, in which the newest
//! values of each identifier stand. And what a user draws into tables, on its way down.

use std::sync::OnceLock;

use crossbeam_queue::ArrayQueue;

use csound_cabbage::table::Stroke;
use csound_cabbage::{Change, Store};

/// Bytes of a box, and identifiers in it.
const BYTES: usize = 512 << 10;
const IDENTIFIERS: usize = 8192;

/// Strokes that wait.
const STROKES: usize = 1024;

/// See the module.
pub struct Exchange {
    full: ArrayQueue<Box<Store>>,
    empty: ArrayQueue<Box<Store>>,
    strokes: ArrayQueue<Stroke>,
    /// Called by the performing thread when there is something to take.
    bell: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// An empty box.
pub(super) fn empty_box() -> Box<Store> {
    Box::new(Store::new(BYTES, IDENTIFIERS))
}

impl Exchange {
    pub(super) fn new() -> Self {
        let empty = ArrayQueue::new(1);
        // It has room for one.
        let _ = empty.push(empty_box());
        Self { full: ArrayQueue::new(1), empty, strokes: ArrayQueue::new(STROKES), bell: OnceLock::new() }
    }

    /// Has a stroke drawn into a table with the next turn. False if too many wait, as where nothing performs.
    pub fn draw(&self, stroke: Stroke) -> bool {
        self.strokes.push(stroke).is_ok()
    }

    /// The next stroke that waits. Realtime safe.
    pub(super) fn take_stroke(&self) -> Option<Stroke> {
        self.strokes.pop()
    }

    /// Has `ring` called, on the performing thread, when there is something to take. The first counts.
    pub(crate) fn at_change(&self, ring: impl Fn() + Send + Sync + 'static) {
        let _ = self.bell.set(Box::new(ring));
    }

    /// Sends a box up, if the other one is back, and puts that one in its place.
    ///
    /// # Realtime safety
    /// Safe, as far as what is called then is.
    pub(super) fn send(&self, filled: &mut Box<Store>) {
        if filled.is_empty() {
            return;
        }
        let Some(empty) = self.empty.pop() else { return };
        // The other box was here, so this queue is empty.
        let _ = self.full.push(std::mem::replace(filled, empty));
        if let Some(ring) = self.bell.get() {
            ring();
        }
    }

    /// What was changed since the last call: the newest values of each identifier. Not for an audio thread.
    pub fn take(&self) -> Vec<Change> {
        let Some(mut full) = self.full.pop() else { return Vec::new() };
        let changes = full.changes().collect();
        full.clear();
        let _ = self.empty.push(full);
        changes
    }
}

#[cfg(test)]
mod tests {
    use csound_cabbage::ValueRef;

    use super::*;

    #[test]
    fn the_newest_of_each_identifier_comes_up_once() {
        let exchange = Exchange::new();
        let mut filling = empty_box();
        let put = |filling: &mut Box<Store>, number: f64| {
            filling.put_of("gain", "value", [ValueRef::Number(number)].into_iter()).unwrap();
            exchange.send(filling);
        };
        for number in 0..10_000 {
            put(&mut filling, f64::from(number));
        }
        // The first was on its way when the others came.
        assert_eq!(exchange.take(), [Change::of("gain", "value", [0.0.into()])]);
        exchange.send(&mut filling);
        assert_eq!(exchange.take(), [Change::of("gain", "value", [9999.0.into()])]);
        exchange.send(&mut filling);
        assert_eq!(exchange.take(), []);
    }
}
