//! Limits on the text that is taken at once.

/// The longest score or orchestra, in bytes.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// Most p-fields of an event. Csound 6.18 crashes on very many.
pub(super) const MOST_FIELDS: usize = 1000;

/// Most bytes of all strings of an event: Csound 6.18 garbles longer ones.
pub(super) const MOST_STRING: usize = 1000;

/// Most events that the loops of a live score may make, so that a turn stays short.
pub(super) const MOST_EVENTS: u64 = 10_000;
