//! The editor's window, as the plugin shell wants it: one at a time for an instance, which lets go of what is held
//! when it closes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::{Ui, ViewportCommand};
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::LogicalSize;
use nice_plug::editor::{ResizeHint, SizeConstraints};
use nice_plug_egui::baseview::HandlerError;
use nice_plug_egui::{
    EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier, create_egui_editor,
};

use super::dialog::NativeDialogs;
use super::model::{Backend, EditorState};
use super::pulse::{CLOSES, Pulse};
use super::visibility::Visibility;
use super::{Editor, SMALLEST};

/// Closes every editor of this process at its next frame: how a program of its own ends in good order
/// when it is asked to.
pub fn close_all() {
    CLOSES.store(true, Ordering::Relaxed);
}

/// The editor of one plugin instance, as the plugin shell wants it.
pub type PluginEditor = EguiEditor<Window>;

/// Makes the editor of an instance. It opens a window whenever the host wants one; what is in it
/// outlives its windows.
pub fn create(backend: Arc<dyn Backend>) -> Option<PluginEditor> {
    let state = EditorState::default();
    let size = LogicalSize::new(f64::from(state.size[0]), f64::from(state.size[1]));
    let shell = EguiEditorState::from_size(size, 1.0);
    let repaint = RepaintNotifier::new();
    let mut dialogs = NativeDialogs::default();
    let answered = repaint.clone();
    dialogs.at_answer(move || answered.request_repaint());
    let window = Window {
        editor: Arc::new(Mutex::new(Editor::new(Box::new(dialogs)))),
        backend,
        repaint: repaint.clone(),
        shell: Arc::clone(&shell),
        offered: egui::Vec2::ZERO,
        opened: Arc::default(),
        begun: false,
        broken: false,
    };
    create_egui_editor(
        shell,
        repaint,
        EguiNiceSettings::new().with_tile("Csound Performer").with_resize_hint(resize_hint()),
        window,
    )
}

fn resize_hint() -> ResizeHint {
    let [width, height] = SMALLEST;
    ResizeHint {
        can_resize: true,
        can_resize_horizontally: true,
        can_resize_vertically: true,
        size_constraints: SizeConstraints::Logical {
            min_size: Some(LogicalSize::new(width, height)),
            max_size: None,
        },
        ..Default::default()
    }
}

/// The editor in a window of the host.
pub struct Window {
    /// Locked by the window's thread alone, in a frame and at the window's end.
    editor: Arc<Mutex<Editor>>,
    backend: Arc<dyn Backend>,
    /// Asks the plugin shell for a frame, from any thread.
    repaint: RepaintNotifier,
    /// The plugin shell's state of the window.
    shell: Arc<EguiEditorState>,
    /// The size that the host was told before it made the window, in points.
    offered: egui::Vec2,
    /// How many windows were opened.
    opened: Arc<AtomicU64>,
    /// Whether this window has drawn a frame.
    begun: bool,
    /// Whether drawing has panicked. The host must not go down with it.
    broken: bool,
}

/// Goes with a window, however that closes: the plugin shell does not tell.
struct OpenWindow {
    number: u64,
    opened: Arc<AtomicU64>,
    pulse: Option<Pulse>,
    editor: Arc<Mutex<Editor>>,
    backend: Arc<dyn Backend>,
}

impl OpenWindow {
    /// The context goes with its window, and this with the context.
    fn go_with(self, context: &egui::Context) {
        context.data_mut(|data| data.insert_temp(egui::Id::unique("the open window"), Arc::new(self)));
    }
}

impl Drop for OpenWindow {
    fn drop(&mut self) {
        self.pulse = None;
        // What another window has opened meanwhile stays.
        if self.opened.load(Ordering::Relaxed) == self.number {
            // The host must not go down with a panic here either.
            let _ = catch_unwind(AssertUnwindSafe(|| locked(&self.editor).close(&*self.backend)));
            self.backend.closed();
        }
    }
}

fn locked(editor: &Mutex<Editor>) -> MutexGuard<'_, Editor> {
    editor.lock().unwrap_or_else(PoisonError::into_inner)
}

impl NiceEguiApp for Window {
    fn build(
        &mut self,
        context: egui::Context,
        host: GuiContext,
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        Editor::install(&context);
        self.begun = false;
        let size = self.shell.logical_size();
        self.offered = egui::vec2(size.width, size.height);
        self.backend.opened(host);
        let (sight, backend) = (Arc::clone(&locked(&self.editor).sight), Arc::clone(&self.backend));
        let visibility = Visibility::of(frame.baseview_window());
        let open = OpenWindow {
            number: self.opened.fetch_add(1, Ordering::Relaxed) + 1,
            opened: Arc::clone(&self.opened),
            pulse: Some(Pulse::start(sight, backend, self.repaint.clone(), visibility)),
            editor: Arc::clone(&self.editor),
            backend: Arc::clone(&self.backend),
        };
        open.go_with(&context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        if CLOSES.load(Ordering::Relaxed) {
            ui.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        if self.broken {
            ui.label("The editor had an error and rests. The piece plays on; a new instance shows it again.");
            return;
        }
        let mut editor = locked(&self.editor);
        self.broken = catch_unwind(AssertUnwindSafe(|| editor.show(ui, &*self.backend))).is_err();
        if !std::mem::replace(&mut self.begun, true) {
            editor.take_size(ui, self.offered);
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::Key;

    use super::*;
    use crate::editor::fake;
    use crate::editor::model::{Action, ParamRef};

    #[test]
    fn a_window_that_closes_lets_go_of_what_is_held_once() {
        let desk = Arc::new(fake::FakeBackend::new(Vec::new()));
        let backend: Arc<dyn Backend> = desk.clone();
        let editor = Arc::new(Mutex::new(Editor::new(Box::new(fake::FakeDialogs::default()))));
        let opened = Arc::new(AtomicU64::new(0));
        let open = || {
            let number = opened.fetch_add(1, Ordering::Relaxed) + 1;
            let (opened, editor, backend) = (Arc::clone(&opened), Arc::clone(&editor), Arc::clone(&backend));
            let context = egui::Context::default();
            OpenWindow { number, opened, pulse: None, editor, backend }.go_with(&context);
            context
        };
        let param = ParamRef::Bank(3);
        let release = || vec![Action::EndGesture(param)];
        {
            let mut editor = locked(&editor);
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
