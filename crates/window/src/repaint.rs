//! Asks a window for a frame, from any thread but the audio thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use baseview::WindowWaker;

/// The time by which a wait may be too short: a timer that rings a little early rang in time.
const EARLY: Duration = Duration::from_millis(2);

/// Asks for frames of the window that is open, if one is; one for all windows that an editor has one after another.
#[derive(Clone, Default)]
pub struct Repaint(Arc<Mutex<Asked>>);

#[derive(Default)]
struct Asked {
    /// When the next frame is due, if one was asked for.
    due: Option<Instant>,
    /// Wakes the window. Without effect once that is gone.
    waker: Option<WindowWaker>,
}

/// Whether a frame is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Now,
    In(Duration),
    Never,
}

impl Repaint {
    /// Asks for a frame as soon as the screen takes one. It takes a lock and wakes a thread.
    pub fn request(&self) {
        self.request_after(Duration::ZERO);
    }

    /// Asks for a frame after a while, if none comes before.
    pub fn request_after(&self, wait: Duration) {
        let now = Instant::now();
        // So long a wait is none.
        let Some(at) = now.checked_add(wait) else { return };
        let mut asked = self.lock();
        let due = asked.due.map_or(at, |due| due.min(at));
        asked.due = Some(due);
        if let Some(waker) = &asked.waker {
            // Only the last wait counts there, so it is always the shortest.
            waker.request_redraw_after(due.saturating_duration_since(now));
        }
    }

    /// From now on it asks this window.
    pub(crate) fn of(&self, waker: WindowWaker) {
        self.lock().waker = Some(waker);
        self.request();
    }

    /// Takes what was asked for, if it is due.
    pub(crate) fn take(&self, now: Instant) -> Due {
        let mut asked = self.lock();
        match asked.due {
            None => Due::Never,
            Some(due) if due <= now + EARLY => {
                asked.due = None;
                Due::Now
            }
            Some(due) => Due::In(due - now),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_frame_that_was_asked_for_is_due_once() {
        let repaint = Repaint::default();
        let now = Instant::now();
        assert_eq!(repaint.take(now), Due::Never, "nobody has asked");
        repaint.request_after(Duration::from_secs(60));
        repaint.request_after(Duration::from_secs(3600));
        assert!(matches!(repaint.take(now), Due::In(wait) if wait > Duration::from_secs(50)
                && wait < Duration::from_secs(70)));
        repaint.request();
        repaint.request_after(Duration::from_secs(60));
        assert_eq!(repaint.take(Instant::now()), Due::Now, "a later one does not put it off");
        assert_eq!(repaint.take(Instant::now()), Due::Never, "it was drawn");
        repaint.request_after(Duration::MAX);
        assert_eq!(repaint.take(Instant::now()), Due::Never, "that is as good as never");
    }
}
