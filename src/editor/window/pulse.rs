//! A thread that looks whether an open window has something new to show, and only then asks for a frame.
//!
//! The window itself could only look by drawing, and drawing costs the same whether anything has changed or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use csound_window::{Repaint, Visibility};

use crate::editor::model::Backend;
use crate::editor::sight::Sight;

/// Whether every window of this process is to close.
pub(super) static CLOSES: AtomicBool = AtomicBool::new(false);

/// Between looks while something moves: as often as the eye needs for a meter or an oscilloscope.
const MOVING: Duration = Duration::from_millis(40);

/// Between looks while nothing does.
const RESTING: Duration = Duration::from_millis(100);

/// The thread, for as long as this lives.
pub(super) struct Pulse {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Looks at a window until this is dropped.
    pub fn start(
        sight: Arc<Sight>,
        backend: Arc<dyn Backend>,
        repaint: Repaint,
        visibility: Option<Visibility>,
    ) -> Self {
        let (stop, stopped) = channel();
        // A first frame may be drawn before the window is on the screen, and is lost then.
        let mut first = true;
        let mut look = move || {
            let look = sight.look(&*backend);
            // A window that is to close does so in its next frame.
            let closes = CLOSES.load(Ordering::Relaxed);
            let shows = look.differs || first;
            if closes || (shows && visibility.as_ref().is_none_or(Visibility::is_visible)) {
                first = false;
                repaint.request();
            }
            if look.moves { MOVING } else { RESTING }
        };
        let run = move || {
            let mut wait = MOVING;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = look();
            }
        };
        // Without a thread the editor still follows the mouse and the keys.
        let thread = std::thread::Builder::new().name("csound editor".into()).spawn(run).ok();
        Self { stop: Some(stop), thread }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.stop = None;
        // A panic of its own has been reported.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
