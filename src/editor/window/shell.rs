//! The editor of a plugin instance, as the plugin shell wants it.

use std::error::Error;
use std::sync::Arc;

use csound_window::baseview::{self, ParentWindowHandle as Parent, dpi};
use csound_window::{Drawing, HostSide, Press, Repaint, Settings, Whose};
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{
    Editor as ShellEditor, EditorHandle, HostMethods, Modifiers, ParentWindowHandle, ResizeHint,
    SpawnedEditor, VirtualKeyCode,
};
use nice_plug::plugin::TrackInfo;

use super::app::Opening;
use super::host::host;
use super::host_keys::{self, Told};
use super::size::Size;
use crate::editor::dialog::NativeDialogs;
use crate::editor::model::{Backend, EditorState};
use crate::editor::{Editor, SMALLEST};

const TITLE: &str = "Csound Performer";

/// The editor of one plugin instance, as the plugin shell wants it. What is in it outlives its windows.
pub struct PluginEditor {
    opening: Opening,
    host_side: HostSide,
    screen_readers: bool,
}

/// Makes the editor of an instance. It opens a window whenever the host wants one; screen readers are told what it
/// shows if `screen_readers` says so.
pub fn create(backend: Arc<dyn Backend>, screen_readers: bool) -> Option<PluginEditor> {
    let repaint = Repaint::default();
    let mut dialogs = NativeDialogs::default();
    let answered = repaint.clone();
    dialogs.at_answer(move || answered.request());
    let size = Size::new(EditorState::default().size);
    let opening = Opening::new(Editor::new(Box::new(dialogs)), backend, repaint, size);
    Some(PluginEditor { opening, host_side: HostSide::default(), screen_readers })
}

const fn resize_hint() -> ResizeHint {
    let [width, height] = SMALLEST;
    ResizeHint::RESIZABLE.with_min_logical_size(LogicalSize::new(width, height))
}

impl ShellEditor for PluginEditor {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale: Option<f64>,
        context: GuiContext,
        methods: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let Opening { repaint, size, .. } = &self.opening;
        let [width, height] = SMALLEST;
        let settings = Settings {
            title: TITLE.to_owned(),
            size: size.points(),
            smallest: dpi::LogicalSize::new(f64::from(width), f64::from(height)),
            parent: parent.as_ref().map(Parent::from_window),
            wait_for_parent,
            screen_readers: self.screen_readers,
            fallback_scale,
            drawing: Drawing::Best,
        };
        let opening = self.opening.clone();
        let build = move |egui: &egui::Context, window: &baseview::WindowContext| {
            Ok(opening.open(egui, window, context))
        };
        let ties = (repaint.clone(), self.host_side.clone());
        let window = csound_window::open(settings, ties, methods.map(host), build)?;
        size.take(window.size());
        let (repaint, host_side, told) = (repaint.clone(), self.host_side.clone(), self.opening.told.clone());
        let handle = Handle { repaint, host_side, told };
        Ok(SpawnedEditor { handle, window })
    }

    fn size(&self) -> NativeSize<u32> {
        self.opening.size.native()
    }

    fn resize_hint(&self) -> ResizeHint {
        resize_hint()
    }

    fn track_info_updated(&self, _: TrackInfo) {
        self.opening.repaint.request();
    }
}

/// A window that is open. It is dropped when the host closes it.
pub struct Handle {
    repaint: Repaint,
    host_side: HostSide,
    told: Told,
}

impl EditorHandle for Handle {
    type Window = baseview::Window;
    type Error = baseview::Error;

    fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
        window.run_until_closed()
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        self.host_side.embed();
        window.set_parent(&parent)
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        let shown = window.show();
        // Not every system asks a window that is shown to draw itself.
        self.repaint.request();
        shown
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        window.hide()
    }

    fn set_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        window.resize(dpi::Size::from(size))
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        window.host_main_thread_callback();
    }

    fn adjust_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        let now = window.size();
        let native = NativeSize::from_logical_or_physical(now.logical, now.physical);
        Some(resize_hint().adjust_size(size, native, now.scale_factor))
    }

    fn set_fallback_scale_factor(&self, scale: f64, window: &Self::Window) -> Result<(), Self::Error> {
        window.suggest_fallback_scale_factor(scale)
    }

    /// A key that the host has taken is ours only while text is typed or a key is asked for: everything else is what it took it for.
    fn on_virtual_key_from_host(&self, code: VirtualKeyCode, is_down: bool, held: Modifiers) -> bool {
        let Some(given) = host_keys::key(code, is_down, held) else { return false };
        let writes = given.key == egui::Key::Space
            && !(given.modifiers.ctrl || given.modifiers.alt || given.modifiers.command);
        let press = Press { key: Some(given.key), modifiers: given.modifiers, writes, is_modifier: false };
        let is_ours = self.host_side.is_typing() && self.told.whose(&press) == Whose::Ours;
        if is_ours {
            self.host_side.give(given, &self.repaint);
        }
        is_ours
    }

    fn state_changed(&self) {
        self.repaint.request();
    }

    fn param_value_changed(&self, _: &str, _: f32) {
        self.repaint.request();
    }

    fn param_modulation_changed(&self, _: &str, _: f32) {
        self.repaint.request();
    }
}
