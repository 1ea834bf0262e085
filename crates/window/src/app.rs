//! What is in a window.

use baseview::WindowSize;
use egui::{Context, Key, Modifiers, Ui};

/// Who gets a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// egui gets it, and the host does not.
    Ours,
    /// The host gets it, and egui does not.
    Host,
}

/// A key that is pressed, as one decides whose it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Press {
    /// The key by what it means on the user's keyboard, if egui has a name for it.
    pub key: Option<Key>,
    /// What else is held.
    pub modifiers: Modifiers,
    /// It would write a character into a text.
    pub writes: bool,
    /// It is Shift, Control, Alt or the like by itself.
    pub is_modifier: bool,
}

/// What is in a window. It is made for each window, lives on the window's thread and is dropped there when the
/// window is gone, however that closed.
pub trait App: 'static {
    /// Draws a frame.
    fn ui(&mut self, ui: &mut Ui);

    /// Who gets a key that is pressed now, by where the focus was at the end of the last frame. Its release goes
    /// to the same. It is asked only inside a host's window: alone, there is nobody else.
    fn whose(&self, context: &Context, press: &Press) -> Whose;

    /// Whether text is typed into what has the focus.
    fn is_typing(&self) -> bool;

    /// The window has another size.
    fn resized(&mut self, size: WindowSize) {
        let _ = size;
    }
}
