//! The instance that was made last on a thread. The shell makes a plugin by `Default` and shows nobody what it has
//! made; whoever had it made asks here.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use crate::plugin::shared::link::Link;

thread_local! {
    static NEWEST: RefCell<Weak<Link>> = const { RefCell::new(Weak::new()) };
}

/// An instance was made on this thread.
pub(super) fn note(link: &Arc<Link>) {
    NEWEST.set(Arc::downgrade(link));
}

/// What the threads share of the instance that was made last on this thread; once.
pub fn take() -> Option<Arc<Link>> {
    NEWEST.take().upgrade()
}
