//! egui's input, gathered between two frames.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use baseview::dpi::PhysicalPosition;
use baseview::{DropData, MouseButton, MouseEvent, ScrollDelta, WindowEvent, WindowSize};
use egui::{Event, HoveredFile, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, ViewportId, pos2, vec2};

/// What has happened since the last frame.
pub(crate) struct Input {
    raw: RawInput,
    pointer: Option<Pos2>,
    modifiers: Modifiers,
    /// Pixels of the window system in one of egui's points.
    scale: f64,
    /// Something has happened that may give the focus to something else.
    pub moves_focus: bool,
}

impl Input {
    /// For a window whose textures have sides of at most so many pixels.
    pub fn new(longest_side: usize) -> Self {
        let raw = RawInput { max_texture_side: Some(longest_side), ..RawInput::default() };
        Self { raw, pointer: None, modifiers: Modifiers::NONE, scale: 1.0, moves_focus: false }
    }

    /// The input of a frame that is drawn now: seconds since the window was opened, its size, and what the user has
    /// enlarged it by.
    pub fn take(&mut self, seconds: f64, size: WindowSize, zoom: f32) -> RawInput {
        self.scale = size.scale_factor * f64::from(zoom);
        let points = size.physical.to_logical::<f32>(self.scale);
        let area = Rect::from_min_size(Pos2::ZERO, vec2(points.width, points.height));
        self.raw.time = Some(seconds);
        self.raw.screen_rect = Some(area);
        if let Some(viewport) = self.raw.viewports.get_mut(&ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(size.scale_factor as f32);
            viewport.inner_rect = Some(area);
            viewport.focused = Some(self.raw.focused);
        }
        self.moves_focus = false;
        let longest_side = self.raw.max_texture_side;
        let taken = self.raw.take();
        self.raw.max_texture_side = longest_side;
        taken
    }

    /// What else is held while something happens.
    pub fn modifiers(&mut self, held: keyboard_types::Modifiers) -> Modifiers {
        let is_mac = cfg!(target_os = "macos");
        let now = Modifiers {
            alt: held.alt(),
            ctrl: held.ctrl(),
            shift: held.shift(),
            mac_cmd: is_mac && held.meta(),
            command: if is_mac { held.meta() } else { held.ctrl() },
        };
        if now != self.modifiers {
            self.modifiers = now;
            self.raw.events.push(Event::ModifiersChanged(now));
        }
        now
    }

    /// Something of egui's own.
    pub fn push(&mut self, event: Event) {
        self.raw.events.push(event);
    }

    /// A key of ours.
    pub fn key(&mut self, key: Key, physical_key: Option<Key>, pressed: bool, repeat: bool) {
        self.raw.focused = true;
        self.moves_focus = true;
        self.push(Event::Key { key, physical_key, pressed, repeat, modifiers: self.modifiers });
    }

    /// If the window has the keyboard from now on, or no longer: there is something to draw. Nothing of other events.
    pub fn window(&mut self, event: &WindowEvent) -> Option<bool> {
        let focused = match event {
            WindowEvent::Focused => true,
            WindowEvent::Unfocused => false,
            _ => return None,
        };
        self.raw.focused = focused;
        self.push(Event::WindowFocused(focused));
        Some(focused)
    }

    /// The pointer. True: something to draw.
    pub fn pointer(&mut self, event: MouseEvent) -> bool {
        match event {
            MouseEvent::CursorMoved { position, modifiers } => {
                self.modifiers(modifiers);
                self.point(position);
            }
            MouseEvent::ButtonPressed { button, modifiers } => {
                self.raw.focused = true;
                self.button(button, modifiers, true);
            }
            MouseEvent::ButtonReleased { button, modifiers } => self.button(button, modifiers, false),
            MouseEvent::WheelScrolled { delta, modifiers } => self.wheel(delta, modifiers),
            MouseEvent::CursorLeft => {
                self.pointer = None;
                self.push(Event::PointerGone);
            }
            MouseEvent::DragEntered { position, data, .. } | MouseEvent::DragMoved { position, data, .. } => {
                self.point(position);
                let hovered = files(data).into_iter();
                self.raw.hovered_files =
                    hovered.map(|path| HoveredFile { path: Some(path), ..HoveredFile::default() }).collect();
            }
            MouseEvent::DragLeft => self.raw.hovered_files.clear(),
            MouseEvent::DragDropped { position, data, .. } => {
                self.point(position);
                self.raw.hovered_files.clear();
                let dropped = files(data).into_iter();
                self.raw.dropped_files.extend(dropped.map(|path| Arc::new(File(path)) as _));
            }
            _ => return false,
        }
        true
    }

    fn point(&mut self, position: PhysicalPosition<f64>) {
        let place = position.to_logical::<f32>(self.scale);
        let place = pos2(place.x, place.y);
        self.pointer = Some(place);
        self.push(Event::PointerMoved(place));
    }

    fn button(&mut self, button: MouseButton, held: keyboard_types::Modifiers, pressed: bool) {
        let modifiers = self.modifiers(held);
        self.moves_focus = true;
        let button = match button {
            MouseButton::Left => PointerButton::Primary,
            MouseButton::Right => PointerButton::Secondary,
            MouseButton::Middle => PointerButton::Middle,
            MouseButton::Back => PointerButton::Extra1,
            MouseButton::Forward => PointerButton::Extra2,
            _ => return,
        };
        if let Some(pos) = self.pointer {
            self.push(Event::PointerButton { pos, button, pressed, modifiers });
        }
    }

    fn wheel(&mut self, delta: ScrollDelta, held: keyboard_types::Modifiers) {
        let modifiers = self.modifiers(held);
        let (unit, mut delta) = match delta {
            ScrollDelta::Lines { x, y } => (egui::MouseWheelUnit::Line, vec2(x, y)),
            ScrollDelta::Pixels { x, y } => (egui::MouseWheelUnit::Point, vec2(x, y)),
        };
        if cfg!(target_os = "macos") {
            // It is the other way round there.
            delta.x = -delta.x;
        }
        let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Unknown);
        self.push(Event::MouseWheel { unit, delta, phase, source, modifiers });
    }
}

fn files(data: DropData) -> Vec<PathBuf> {
    match data {
        DropData::Files(paths) => paths,
        _ => Vec::new(),
    }
}

/// A file that was dropped. The app opens it by its path: it may be of any size, or never end.
#[derive(Debug)]
struct File(PathBuf);

impl egui::DroppedFile for File {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err(format!("{} is not read here, whatever its size: open it by its path", self.0.display()))
    }
}

#[cfg(test)]
mod tests;
