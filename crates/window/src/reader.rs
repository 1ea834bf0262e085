//! What screen readers are told of a window, and what they ask of it: AT-SPI, on a thread of AccessKit's own.
//!
//! egui describes each frame as a tree of named nodes, but only while somebody listens: until then this costs nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use accesskit_unix::Adapter;
use egui::accesskit::{ActionHandler, ActionRequest, ActivationHandler, DeactivationHandler, TreeUpdate};
use egui::{Context, Event};

use super::input::Input;
use super::repaint::Repaint;

/// Wishes that wait for the next frame, at most: a screen reader may be anything on the user's bus.
const MOST_WISHES: usize = 256;

/// A window's side of the way to screen readers.
pub(crate) struct Reader {
    adapter: Adapter,
    line: Line,
    /// If egui describes its frames.
    is_on: bool,
}

/// What AccessKit's thread tells the window's.
#[derive(Clone)]
struct Line {
    /// Somebody listens.
    is_wanted: Arc<AtomicBool>,
    wishes: Arc<Mutex<Vec<ActionRequest>>>,
    repaint: Repaint,
}

impl Reader {
    /// For a window that asks for its frames by `repaint`.
    pub fn new(repaint: Repaint) -> Self {
        let line = Line { is_wanted: Arc::default(), wishes: Arc::default(), repaint };
        Self { adapter: Adapter::new(line.clone(), line.clone(), line.clone()), line, is_on: false }
    }

    /// Before a frame: it is described if somebody listens, and what they have asked for is egui's input.
    pub fn prepare(&mut self, context: &Context, input: &mut Input) {
        let is_wanted = self.line.is_wanted.load(Ordering::Acquire);
        if is_wanted != std::mem::replace(&mut self.is_on, is_wanted) {
            match is_wanted {
                true => context.enable_accesskit(),
                false => context.disable_accesskit(),
            }
        }
        let wishes = std::mem::take(&mut *self.line.lock());
        wishes.into_iter().for_each(|wish| input.push(Event::AccessKitActionRequest(wish)));
    }

    /// After a frame: what is in it, if it was described.
    pub fn tell(&mut self, described: Option<TreeUpdate>) {
        if let Some(described) = described {
            self.adapter.update_if_active(|| described);
        }
    }

    /// The window has the keyboard, or has lost it.
    pub fn focus(&mut self, is_focused: bool) {
        self.adapter.update_window_focus_state(is_focused);
    }
}

impl Line {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<ActionRequest>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActivationHandler for Line {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        self.is_wanted.store(true, Ordering::Release);
        self.repaint.request();
        // It comes with the next frame.
        None
    }
}

impl ActionHandler for Line {
    fn do_action(&mut self, wish: ActionRequest) {
        let mut wishes = self.lock();
        if wishes.len() < MOST_WISHES {
            wishes.push(wish);
        }
        drop(wishes);
        self.repaint.request();
    }
}

impl DeactivationHandler for Line {
    fn deactivate_accessibility(&mut self) {
        self.is_wanted.store(false, Ordering::Release);
        self.repaint.request();
    }
}
