//! Keys: which of them the editor uses, and which the host gets.
//!
//! One list says it all. It is what decides, before egui sees a key; what the page of keys shows; and what
//! docs/keys.md is checked against. A new key of the editor has to be put into it: what is not in it goes to the host.

mod focus;
mod list;
mod page;
mod played;
#[cfg(test)]
mod tests;

use csound_window::{Press, Whose};

pub(super) use focus::Focus;
use list::{Entry, KEYS};
pub(super) use page::show;
pub(super) use played::{COMPUTER, play_on};

/// Who gets a key that is pressed.
pub(super) fn whose(press: &Press, focus: Focus) -> Whose {
    let is_text = focus.is_text();
    // A modifier by itself belongs to what is typed, and is nothing of ours otherwise.
    let writes = is_text && (press.writes || press.is_modifier);
    let uses = |entry: &Entry| entry.place.holds(focus) && entry.chords.iter().any(|chord| chord.is(press));
    if writes || KEYS.iter().any(uses) { Whose::Ours } else { Whose::Host }
}
