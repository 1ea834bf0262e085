//! In which process a piece performs.

/// How a piece is to be performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// In this process.
    InProcess,
    /// In a process of its own, confined unless it is trusted.
    Isolated {
        /// Whether the user trusts it.
        trusted: bool,
    },
}
