//! Systems that need nothing of what X11 needs.

use baseview::WindowContext;
use keyboard_types::KeyboardEvent;

use super::keys::Accent;

/// Other systems draw no hidden windows by themselves.
pub struct Visibility;

impl Visibility {
    /// None: nothing is known.
    pub fn of(_: &WindowContext) -> Option<Self> {
        None
    }

    /// Always.
    pub fn is_visible(&self) -> bool {
        true
    }
}

/// None: the window says it once it is there.
pub fn system_scale() -> Option<f64> {
    None
}

/// What other systems say of a key themselves.
#[derive(Clone, Copy)]
pub(crate) struct Heard {
    /// See the same for X11.
    pub repeats: bool,
}

/// Other systems pass on the keys that are not ours by themselves.
pub(crate) struct Passing;

impl Passing {
    pub fn from(_: &WindowContext) -> Option<Self> {
        None
    }

    pub fn hear(&mut self, _: &KeyboardEvent) -> Option<Heard> {
        None
    }

    pub fn pass_on(&self, _: &Heard) {}

    /// Other systems put accents and letters together by themselves.
    pub fn accent(&self, _: &Heard) -> Option<Accent> {
        None
    }
}
