//! A block on the host's audio thread: what steers the piece, what reaches it and what comes of it.
//!
//! Nothing here allocates, locks, frees, opens or prints.

pub mod clock;
pub mod host_values;
pub mod midi;
pub mod outgoing;
pub mod output;
pub mod played;
pub mod preview;
pub mod remote_control;
pub mod steering;
pub mod sysex;
pub mod transport;
