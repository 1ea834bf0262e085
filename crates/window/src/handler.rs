//! What happens in a window, and its frames.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use baseview::dpi::LogicalSize;
use baseview::{
    DamageArea, DropEffect, Event, EventStatus, HandlerError, MouseCursor, MouseEvent, WindowContext,
    WindowEvent, WindowHandler, WindowSize,
};
use egui::{Context, FullOutput, OutputCommand, ViewportCommand, ViewportId};
use keyboard_types::{KeyState, KeyboardEvent};

use super::app::{App, Press, Whose};
use super::host_side::HostSide;
use super::input::Input;
use super::keys::{self, Clip, Held, Waiting};
use super::painter::{Drawing, PaintError, Painter};
use super::reader::Reader;
use super::repaint::{Due, Repaint};
use super::x11::{Heard, Passing};
use super::{clipboard, clips, cursor};

/// A window's handler, on the window's thread.
pub(crate) struct Handler<A> {
    state: RefCell<State<A>>,
    repaint: Repaint,
    host_side: HostSide,
    opened: Instant,
    /// Last, because it has to outlive the painter.
    window: WindowContext,
}

/// What a frame changes. The window's own functions are called without it: some come back at once.
struct State<A> {
    context: Context,
    input: Input,
    held: Held,
    /// The accent that waits for its letter.
    waiting: Waiting,
    passing: Option<Passing>,
    cursor: MouseCursor,
    app: A,
    /// The way to screen readers, if they are told of this window.
    reader: Option<Reader>,
    painter: Painter,
}

/// What is to be done with the window after a frame.
#[derive(Default)]
struct Wanted {
    size: Option<LogicalSize<f64>>,
    cursor: Option<MouseCursor>,
    focus: bool,
    close: bool,
}

impl<A: App> Handler<A> {
    pub fn new(
        window: WindowContext,
        (repaint, host_side): (Repaint, HostSide),
        (screen_readers, drawing): (bool, Drawing),
        build: impl FnOnce(&Context, &WindowContext) -> Result<A, HandlerError>,
    ) -> Result<Self, HandlerError> {
        let painter = Painter::new(&window, drawing)?;
        let context = Context::default();
        let build = || build(&context, &window);
        let asks = repaint.clone();
        context.set_request_repaint_callback(move |asked| asks.request_after(asked.delay));
        let app = guarded(build).unwrap_or_else(|| Err(PaintError::Panicked.into()))?;
        repaint.of(window.waker());
        let state = State {
            context,
            input: Input::new(painter.longest_side()),
            held: Held::default(),
            waiting: Waiting::default(),
            passing: Passing::from(&window),
            cursor: MouseCursor::Default,
            app,
            reader: screen_readers.then(|| Reader::new(repaint.clone())),
            painter,
        };
        Ok(Self { state: RefCell::new(state), repaint, host_side, opened: Instant::now(), window })
    }

    /// Draws a frame and does what came of it. The host must not go down with a panic.
    fn frame(&self) -> Result<(), PaintError> {
        let frame = || {
            let mut state = self.state.borrow_mut();
            state.take_host_keys(&self.host_side);
            let wanted = state.frame(self.opened.elapsed().as_secs_f64(), self.window.size());
            self.host_side.set_typing(state.app.is_typing());
            wanted
        };
        let wanted = guarded(frame).unwrap_or(Err(PaintError::Panicked))?;
        self.carry_out(wanted)?;
        Ok(())
    }

    fn carry_out(&self, wanted: Wanted) -> Result<(), baseview::Error> {
        if let Some(size) = wanted.size {
            // A window that must not have that size keeps its own.
            let _ = self.window.resize(size);
        }
        if let Some(cursor) = wanted.cursor {
            self.window.set_mouse_cursor(cursor)?;
        }
        if wanted.focus {
            self.focus();
        }
        if wanted.close {
            self.window.request_close();
        }
        Ok(())
    }

    /// Takes the keyboard. A window that is not to be seen does not get it.
    fn focus(&self) {
        if !self.window.has_focus() {
            let _ = self.window.focus();
        }
    }

    fn pointer(&self, event: MouseEvent) -> EventStatus {
        let is_drop = matches!(
            event,
            MouseEvent::DragEntered { .. } | MouseEvent::DragMoved { .. } | MouseEvent::DragDropped { .. }
        );
        if matches!(event, MouseEvent::ButtonPressed { .. }) {
            // A window in another one does not always get it by a click.
            self.focus();
        }
        let is_dropped = matches!(event, MouseEvent::DragDropped { .. });
        if self.state.borrow_mut().input.pointer(event) {
            self.repaint.request();
        }
        if is_dropped {
            // What lies under the files now takes them, not what the pointer is over by the next frame. An error
            // comes again there.
            let _ = self.frame();
        }
        if is_drop { EventStatus::AcceptDrop(DropEffect::Copy) } else { EventStatus::Captured }
    }

    fn key(&self, event: &KeyboardEvent) -> EventStatus {
        let is_embedded = self.host_side.is_embedded();
        if is_embedded && self.state.borrow().input.moves_focus {
            // What was clicked or pressed before decides, so egui has to know it first. What does not draw now
            // does not with the next frame either, which says so.
            let _ = self.frame();
        }
        let mut state = self.state.borrow_mut();
        let heard = state.passing.as_mut().and_then(|passing| passing.hear(event));
        match state.key(event, is_embedded, heard) {
            Whose::Ours => {
                self.repaint.request();
                EventStatus::Captured
            }
            Whose::Host => {
                if let Some((passing, heard)) = state.passing.as_ref().zip(heard).filter(|_| is_embedded) {
                    passing.pass_on(&heard);
                }
                EventStatus::Ignored
            }
        }
    }

    fn window_event(&self, event: &WindowEvent) {
        let mut state = self.state.borrow_mut();
        if matches!(event, WindowEvent::Unfocused) {
            state.waiting.forget();
            for key in state.held.let_go() {
                state.input.key(key, None, false, false);
            }
        }
        if let Some(is_focused) = state.input.window(event) {
            if let Some(reader) = &mut state.reader {
                reader.focus(is_focused);
            }
            self.repaint.request();
        }
    }
}

/// What `act` gives, or nothing where it has panicked: the host must not go down with it.
fn guarded<T>(act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}

impl<A: App> State<A> {
    fn take_host_keys(&mut self, host_side: &HostSide) {
        for given in host_side.take_keys() {
            let egui::Modifiers { alt, ctrl, shift, .. } = given.modifiers;
            let mut held = keyboard_types::Modifiers::empty();
            held.set(keyboard_types::Modifiers::ALT, alt);
            held.set(keyboard_types::Modifiers::CONTROL, ctrl);
            held.set(keyboard_types::Modifiers::SHIFT, shift);
            held.set(keyboard_types::Modifiers::META, given.modifiers.mac_cmd);
            self.input.modifiers(held);
            self.input.key(given.key, None, given.pressed, false);
            if given.pressed && given.key == egui::Key::Space && !(ctrl || alt || given.modifiers.mac_cmd) {
                self.input.push(egui::Event::Text(" ".to_owned()));
            }
        }
    }

    /// Gives egui a key that is ours. Says whose it is.
    fn key(&mut self, event: &KeyboardEvent, is_embedded: bool, heard: Option<Heard>) -> Whose {
        let modifiers = self.input.modifiers(event.modifiers);
        let pressed = event.state == KeyState::Down;
        let is_dead = pressed && keys::is_silent(event, modifiers);
        let asked = self.passing.as_ref().zip(heard).filter(|_| is_dead);
        let accent = asked.and_then(|(passing, heard)| passing.accent(&heard));
        let press = keys::press(event, modifiers, accent);
        // A release that repeats is none.
        let repeats = heard.is_some_and(|heard| heard.repeats);
        let before = self.held.owner(event.code);
        let whose = match (pressed, repeats) {
            // What repeats itself stays where it is, whatever has the focus by now.
            (true, _) => before.unwrap_or_else(|| self.whose(&press, is_embedded)),
            (false, true) => return before.unwrap_or(Whose::Host),
            (false, false) => self.held.release(event.code),
        };
        if pressed {
            self.held.press(event.code, whose, press.key);
        }
        if whose == Whose::Host && is_embedded {
            return whose;
        }
        let repeat = pressed && (event.repeat || before.is_some());
        match keys::clip(&press).filter(|_| pressed) {
            Some(Clip::Copy) => self.input.push(egui::Event::Copy),
            Some(Clip::Cut) => self.input.push(egui::Event::Cut),
            Some(Clip::Paste) => {
                if let Some(text) = clipboard::paste() {
                    self.input.push(egui::Event::Paste(text));
                }
            }
            None => {}
        }
        if let Some(key) = press.key {
            self.input.key(key, keys::lying_at(event.code), pressed, repeat);
        }
        let written = match (accent, keys::written(event, modifiers)) {
            _ if !pressed => String::new(),
            (Some(accent), _) => self.waiting.accent(accent),
            (None, Some(text)) => self.waiting.write(text),
            (None, None) => {
                if !press.is_modifier {
                    self.waiting.forget();
                }
                String::new()
            }
        };
        if !written.is_empty() {
            self.input.push(egui::Event::Text(written));
        }
        Whose::Ours
    }

    fn whose(&self, press: &Press, is_embedded: bool) -> Whose {
        if is_embedded { self.app.whose(&self.context, press) } else { Whose::Ours }
    }

    fn frame(&mut self, seconds: f64, size: WindowSize) -> Result<Wanted, PaintError> {
        if let Some(reader) = &mut self.reader {
            reader.prepare(&self.context, &mut self.input);
        }
        let input = self.input.take(seconds, size, self.context.zoom_factor());
        let app = &mut self.app;
        let mut output = self.context.run_ui(input, |ui| app.ui(ui));
        let mut wanted = self.wanted(&mut output);
        if let Some(reader) = &mut self.reader {
            reader.tell(output.platform_output.accesskit_update.take());
        }
        clips::widen(&mut output.shapes);
        let primitives = self.context.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        let pixels = [size.physical.width, size.physical.height];
        self.painter.paint(pixels, output.pixels_per_point, &primitives, &mut output.textures_delta)?;
        let cursor = cursor::shape(output.platform_output.cursor_icon);
        wanted.cursor = (std::mem::replace(&mut self.cursor, cursor) != cursor).then_some(cursor);
        Ok(wanted)
    }

    /// What egui wants of the window and of the system.
    fn wanted(&self, output: &mut FullOutput) -> Wanted {
        let mut wanted = Wanted::default();
        let zoom = f64::from(self.context.zoom_factor());
        match output.viewport_output.get(&ViewportId::ROOT) {
            None => wanted.close = true,
            Some(viewport) => viewport.commands.iter().for_each(|command| match command {
                ViewportCommand::Close => wanted.close = true,
                ViewportCommand::Focus => wanted.focus = true,
                ViewportCommand::InnerSize(size) => {
                    wanted.size = Some(LogicalSize::new(f64::from(size.x) * zoom, f64::from(size.y) * zoom));
                }
                _ => {}
            }),
        }
        for command in output.platform_output.commands.drain(..) {
            match command {
                // Without a clipboard there is nobody to tell it to.
                OutputCommand::CopyText(text) => drop(clipboard::copy(text)),
                // Without a browser likewise.
                OutputCommand::OpenUrl(page) => drop(open::that_detached(&page.url)),
                OutputCommand::CopyImage(_) | OutputCommand::TextSelectionSettled(_) => {}
            }
        }
        wanted
    }
}

impl<A: App> WindowHandler for Handler<A> {
    fn draw(&self) -> Result<(), HandlerError> {
        match self.repaint.take(Instant::now()) {
            Due::Now => Ok(self.frame()?),
            Due::In(wait) => {
                self.window.request_redraw_after(wait);
                Ok(())
            }
            Due::Never => Ok(()),
        }
    }

    fn damage(&self, _: DamageArea) {
        self.repaint.request();
    }

    fn resized(&self, size: WindowSize) -> Result<(), HandlerError> {
        // While a frame is drawn it is too early, and the next one asks the window itself.
        let told = guarded(|| {
            if let Ok(mut state) = self.state.try_borrow_mut() {
                state.app.resized(size);
            }
        });
        self.repaint.request();
        told.ok_or_else(|| PaintError::Panicked.into())
    }

    fn on_event(&self, event: Event) -> EventStatus {
        let heard = guarded(|| match event {
            Event::Mouse(event) => self.pointer(event),
            Event::Keyboard(event) => self.key(&event),
            Event::Window(event) => {
                self.window_event(&event);
                EventStatus::Captured
            }
            _ => EventStatus::Ignored,
        });
        heard.unwrap_or_else(|| {
            // As after a frame that has panicked: it goes, the host stays.
            let _ = guarded(|| self.window.request_close());
            EventStatus::Ignored
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_goes_no_further() {
        assert_eq!(guarded(|| 2), Some(2));
        assert_eq!(guarded(|| -> u8 { panic!("of an app") }), None);
    }
}
