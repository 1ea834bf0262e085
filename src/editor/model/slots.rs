//! The event slots, and what came of lines that were sent.

/// Slots for events that can be triggered.
pub const SLOTS: usize = 16;

/// An event to trigger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slot {
    /// The score line, as it was typed last.
    pub text: String,
    /// The message that triggers it besides the button, such as `CC 20 ch 1`.
    pub learned: Option<String>,
    /// Whether it waits for a message to learn.
    pub learning: bool,
    /// Why that line cannot be sent. Until it is mended, parameters and messages send the line before.
    pub error: Option<String>,
}

/// The outcome of a line, of orchestra code or of a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Counts up with each reply.
    pub number: u64,
    /// Why it was refused; none: it was sent.
    pub error: Option<String>,
    /// The number that evaluated code gave.
    pub value: Option<f64>,
}
