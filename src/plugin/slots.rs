//! The sixteen event slots: their lines, and the MIDI messages that trigger them.

pub mod event_slots;
pub mod learning;
