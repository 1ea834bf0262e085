//! The names under which a host shows the parameters of the channel bank: those of the channels that they drive.
//!
//! Whoever listens is told of values, too, that a preset has changed.
//!
//! The control thread and loaded sessions change them; the host's main thread reads them, each time a whole list
//! ([`Names::shown`]), and is told of changes by whoever listens ([`Names::listen`]). The audio thread has no part
//! in it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a host shows of a parameter besides its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The channel's name.
    pub name: String,
    /// Its group in the piece, of which the parts have `/` between them; often empty.
    pub group: String,
}

/// The list of a moment, by place of the bank. A place without a channel has its parameter's own name.
pub type ShownNames = Arc<[Option<Shown>]>;

/// The names of keys, 0 to 127, by key.
pub type NoteNames = Arc<[(u8, String)]>;

/// Called after each change, on the thread that changed something. It may do what is safe on any thread, and must
/// not come back to the [`Names`].
pub type Listener = Box<dyn Fn() + Send>;

/// The names, and who is told when they change.
#[derive(Default)]
pub struct Names {
    shown: Mutex<ShownNames>,
    notes: Mutex<NoteNames>,
    changes: AtomicU64,
    values: AtomicU64,
    listener: Mutex<Option<Listener>>,
}

impl Names {
    /// Names that are there from the beginning.
    pub fn of(shown: Vec<Option<Shown>>) -> Self {
        Self { shown: Mutex::new(shown.into()), ..Self::default() }
    }

    /// The names as they are.
    pub fn shown(&self) -> ShownNames {
        Arc::clone(&lock(&self.shown))
    }

    /// Counts the changes so far.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Shows the channels of these names, by place, with the groups that they are in; tells of it where that is
    /// a change.
    pub fn show(&self, channels: Vec<Option<String>>, groups: &BTreeMap<String, String>) {
        let group = |name: &String| groups.get(name).cloned().unwrap_or_default();
        let shown = |name: String| Shown { group: group(&name), name };
        let mut list: Vec<_> = channels.into_iter().map(|name| name.map(shown)).collect();
        let used = list.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        list.truncate(used);
        {
            let mut now = lock(&self.shown);
            if **now == *list {
                return;
            }
            *now = list.into();
            self.changes.fetch_add(1, Ordering::Release);
        }
        self.tell();
    }

    /// The names of the piece's keys.
    pub fn of_notes(&self) -> NoteNames {
        Arc::clone(&lock(&self.notes))
    }

    /// The piece gives its keys these names; tells of it where that is a change.
    pub fn show_notes(&self, names: Vec<(u8, String)>) {
        {
            let mut now = lock(&self.notes);
            if **now == *names {
                return;
            }
            *now = names.into();
        }
        self.tell();
    }

    /// Tells whoever listens: of something else that a host is told of in the same way.
    pub fn tell(&self) {
        if let Some(listener) = &*lock(&self.listener) {
            listener();
        }
    }

    /// Counts how often the parameters' values were changed without the host.
    pub fn value_changes(&self) -> u64 {
        self.values.load(Ordering::Acquire)
    }

    /// The parameters' values have changed, and it was not the host that changed them: tells of it.
    pub fn note_values(&self) {
        self.values.fetch_add(1, Ordering::Release);
        if let Some(listener) = &*lock(&self.listener) {
            listener();
        }
    }

    /// The parameters' values have other texts than before, and may stand elsewhere: tells of it.
    pub fn note_texts(&self) {
        self.changes.fetch_add(1, Ordering::Release);
        self.note_values();
    }

    /// Tells this one of changes from now on, in place of whoever was told before.
    pub fn listen(&self, listener: Listener) {
        *lock(&self.listener) = Some(listener);
    }

    /// Tells nobody any more. A call that is under way has returned when this does.
    pub fn leave(&self) {
        *lock(&self.listener) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| (!name.is_empty()).then(|| (*name).to_owned())).collect()
    }

    #[test]
    fn a_change_is_told_once_and_what_is_no_change_is_not() {
        let names = Names::default();
        let told = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&told);
        names.listen(Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        let groups = BTreeMap::from([("cutoff".to_owned(), "Filter".to_owned())]);
        names.show(named(&["", "cutoff", "", ""]), &groups);
        names.show(named(&["", "cutoff"]), &groups);
        assert_eq!((told.load(Ordering::Relaxed), names.changes()), (1, 1));
        let cutoff = Shown { name: "cutoff".into(), group: "Filter".into() };
        assert_eq!(*names.shown(), [None, Some(cutoff)]);
        names.show(named(&["", "cutoff"]), &BTreeMap::new());
        assert_eq!(told.load(Ordering::Relaxed), 2, "the group has changed");
        names.leave();
        names.show(Vec::new(), &groups);
        assert_eq!((told.load(Ordering::Relaxed), names.changes()), (2, 3));
    }
}
