//! MIDI: the notes that are held, and files.

mod file;
pub(super) mod notes;
pub(super) mod reader;
