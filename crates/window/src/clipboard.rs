//! The clipboard: one for the process, opened when text is copied or pasted for the first time.
//!
//! A window does not have its own. On X11 the text that was copied last is kept by the program that it comes from, so
//! it would be gone with the window.

use std::sync::{Mutex, PoisonError};

use arboard::{Clipboard, Error};

static CLIPBOARD: Mutex<Option<Clipboard>> = Mutex::new(None);

/// Copies a text; false: there is no clipboard, or it takes none.
pub(crate) fn copy(text: String) -> bool {
    with(|clipboard| clipboard.set_text(text)).is_some()
}

/// The text on the clipboard, if there is one.
pub(crate) fn paste() -> Option<String> {
    with(Clipboard::get_text)
}

fn with<T>(use_it: impl FnOnce(&mut Clipboard) -> Result<T, Error>) -> Option<T> {
    let mut clipboard = CLIPBOARD.lock().unwrap_or_else(PoisonError::into_inner);
    if clipboard.is_none() {
        *clipboard = Clipboard::new().ok();
    }
    use_it(clipboard.as_mut()?).ok()
}
