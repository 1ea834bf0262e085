//! The event slots, and what came of lines that were sent.

/// Slots for events that can be triggered.
pub const SLOTS: usize = 16;

/// An event to trigger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slot {
    /// The score line.
    pub text: String,
    /// What triggers it besides the button, such as `CC 20 ch 1`.
    pub learned: Option<String>,
    /// Whether it waits for a message to learn.
    pub learning: bool,
    /// Why the line cannot be sent.
    pub error: Option<String>,
}

/// What came of a line that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Counts up with each reply.
    pub number: u64,
    /// Why it was refused; none: it was sent.
    pub error: Option<String>,
}
