//! The FFI fence: everything that touches libcsound, and all of this crate's unsafe code for it.
//!
//! Reading order: [`library`] (finding and loading it, `opcodes` for what it loads itself), [`instance`] (one Csound), [`channels`],
//! [`midi`], [`messages`], [`fpu`].
//!
//! Threads: a [`Csound`] is owned by one thread at a time, which compiles, starts, performs and
//! hands over events. What other threads may do goes through a [`CsoundHandle`]: named channels,
//! messages and a few readings. The callbacks that Csound calls meanwhile ([`midi`], [`messages`])
//! work on lock-free queues of a fixed size and never allocate.

pub mod channels;
pub mod fpu;
pub mod instance;
pub mod library;
pub mod messages;
pub mod midi;
#[cfg(target_os = "linux")]
mod opcodes;
#[cfg(target_os = "linux")]
pub mod scratch;

pub use channels::{Behaviour, ChannelHints, ChannelInfo, ChannelKind, ControlChannel};
pub use fpu::FlushDenormals;
pub use instance::{Csound, CsoundError, CsoundHandle, Io};
pub use library::{Library, LoadError};
pub use messages::{Level, Lines, Message};
pub use midi::MidiMessage;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The library, for tests that need it; without it they are skipped, and say so.
    pub(crate) fn library() -> Option<&'static Library> {
        let library = Library::get().ok();
        if library.is_none() {
            println!("skipped: libcsound is not installed");
        }
        library
    }
}
