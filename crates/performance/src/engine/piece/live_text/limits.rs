//! Limits on the text that is taken at once.

/// The longest score or orchestra, in bytes.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// Most p-fields of an event. Csound 6.18 crashes on very many.
pub(super) const MOST_FIELDS: usize = 1000;

/// Most bytes of all strings of an event: Csound 6.18 garbles longer ones.
pub(super) const MOST_STRING: usize = 1000;

/// Most points of a table that an event makes: Csound 7 has no limit, and is busy with a billion for minutes.
pub(super) const MOST_POINTS: f64 = (1 << 24) as f64;

/// The longest word and the longest number of an orchestra, in bytes: Csound 7.00 ends on very long ones.
pub(super) const LONGEST_WORD: usize = 1000;

/// Most operators and commas of a statement: Csound 7.00 is busy with ten thousands for seconds, and ends on a
/// hundred thousand.
pub(super) const MOST_OPERATORS: usize = 10_000;

/// The highest number of an instrument: Csound makes a list of all numbers below it.
pub(super) const MOST_INSTRUMENTS: usize = 1_000_000;

/// Most events that the loops of a live score may make, so that a turn stays short.
pub(super) const MOST_EVENTS: u64 = 10_000;
