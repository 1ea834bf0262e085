//! What is in a window: the editor of its instance, while the window is there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use csound_window::baseview::{WindowContext, WindowSize};
use csound_window::{App, Press, Repaint, Visibility, Whose};
use egui::{Context, Ui, ViewportCommand};
use nice_plug::context::gui::GuiContext;

use super::host_keys::Told;
use super::pulse::{CLOSES, Pulse};
use super::size::Size;
use crate::editor::Editor;
use crate::editor::keys::{self, Focus};
use crate::editor::model::Backend;

/// What outlives the windows of an instance, one of which is open at a time. Clones are the same.
#[derive(Clone)]
pub struct Opening {
    /// Locked by the window's thread alone, in a frame and at the window's end.
    editor: Arc<Mutex<Editor>>,
    backend: Arc<dyn Backend>,
    /// Asks the window for a frame.
    pub repaint: Repaint,
    /// The window's.
    pub size: Size,
    /// By what its keys are told from the host's.
    pub told: Told,
    /// How many windows were opened.
    opened: Arc<AtomicU64>,
}

impl Opening {
    /// Of an instance that has had no window.
    pub fn new(editor: Editor, backend: Arc<dyn Backend>, repaint: Repaint, size: Size) -> Self {
        Self {
            editor: Arc::new(Mutex::new(editor)),
            backend,
            repaint,
            size,
            told: Told::default(),
            opened: Arc::default(),
        }
    }

    /// A window opens; gestures go to the host over `host`.
    pub fn open(self, context: &Context, window: &WindowContext, host: GuiContext) -> Window {
        Editor::install(context);
        // The size that the user gives a window is what stays.
        context.options_mut(|options| options.zoom_with_keyboard = false);
        self.backend.opened(host);
        let (sight, backend) = (Arc::clone(&locked(&self.editor).sight), Arc::clone(&self.backend));
        let pulse = Pulse::start(sight, backend, self.repaint.clone(), Visibility::of(window));
        let points = self.size.points();
        let offered = egui::vec2(points.width as f32, points.height as f32);
        let open = Open::new(self, Some(pulse));
        Window { open, offered, begun: false, broken: false, focus: Focus::NOTHING }
    }
}

fn locked(editor: &Mutex<Editor>) -> MutexGuard<'_, Editor> {
    editor.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Goes with a window, however that closes: the plugin shell does not tell.
struct Open {
    of: Opening,
    number: u64,
    pulse: Option<Pulse>,
}

impl Open {
    fn new(of: Opening, pulse: Option<Pulse>) -> Self {
        let number = of.opened.fetch_add(1, Ordering::Relaxed) + 1;
        Self { of, number, pulse }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.pulse = None;
        let Opening { editor, backend, opened, .. } = &self.of;
        // What another window has opened meanwhile stays.
        if opened.load(Ordering::Relaxed) == self.number {
            // The host must not go down with a panic here either.
            let _ = catch_unwind(AssertUnwindSafe(|| locked(editor).close(&**backend)));
            backend.closed();
        }
    }
}

/// The editor in a window.
pub struct Window {
    open: Open,
    /// The size that the host was told before it made the window, in points.
    offered: egui::Vec2,
    /// Whether this window has drawn a frame.
    begun: bool,
    /// Whether drawing has panicked. The host must not go down with it.
    broken: bool,
    /// Where the focus was at the end of the last frame.
    focus: Focus,
}

impl App for Window {
    fn ui(&mut self, ui: &mut Ui) {
        if CLOSES.load(Ordering::Relaxed) {
            ui.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        if self.broken {
            ui.label("The editor had an error and rests. The piece plays on; a new instance shows it again.");
            return;
        }
        let Opening { editor, backend, .. } = &self.open.of;
        let mut editor = locked(editor);
        self.broken = catch_unwind(AssertUnwindSafe(|| editor.show(ui, &**backend))).is_err();
        if !std::mem::replace(&mut self.begun, true) {
            editor.take_size(ui, self.offered);
        }
        self.focus = Focus::of(ui.ctx());
        self.open.of.told.set(self.focus, keys::map(ui.ctx()));
    }

    fn whose(&self, context: &Context, press: &Press) -> Whose {
        keys::whose(press, self.focus, &keys::map(context))
    }

    fn is_typing(&self) -> bool {
        self.focus.is_text() || self.focus.is_asked
    }

    fn resized(&mut self, size: WindowSize) {
        self.open.of.size.take(size);
    }
}

#[cfg(test)]
mod tests {
    use egui::Key;

    use super::*;
    use crate::editor::fake;
    use crate::editor::model::{Action, EditorState, ParamRef};

    #[test]
    fn a_window_that_closes_lets_go_of_what_is_held_once() {
        let desk = Arc::new(fake::FakeBackend::new(Vec::new()));
        let backend: Arc<dyn Backend> = desk.clone();
        let editor = Editor::new(Box::new(fake::FakeDialogs::default()));
        let size = Size::new(EditorState::default().size);
        let opening = Opening::new(editor, backend, Repaint::default(), size);
        let open = || Open::new(opening.clone(), None);
        let param = ParamRef::Bank(3);
        let release = || vec![Action::EndGesture(param)];
        {
            let mut editor = locked(&opening.editor);
            editor.held.keep(egui::Id::unique("wheel"), f64::INFINITY, release);
            editor.touched.push(param);
            editor.panels.keyboard.press(Key::Z, 60);
        }
        let (first, second) = (open(), open());
        drop(first);
        assert_eq!(desk.take_log(), [], "another one is open");
        drop(second);
        assert_eq!(desk.take_log(), [Action::NoteOff { key: 60 }, Action::EndGesture(param)]);
        drop(open());
        assert_eq!(desk.take_log(), []);
    }
}
