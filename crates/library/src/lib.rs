//! The FFI fence: everything that touches libcsound, and all of this crate's unsafe code for it.
//!
//! Reading order: `version` and `library` (finding and loading it, and the two generations behind one set of
//! operations), `csound` (one Csound), `channels`, `midi`, `messages`, `opcodes`, `fpu`.
//!
//! Csound 6 and Csound 7 are used alike: nothing above this crate asks which one it is, but to show it.
//! A process loads one of them.
//!
//! Threads: a [`Csound`] is owned by one thread at a time, which compiles, starts, performs and
//! hands over events. What other threads may do goes through a [`CsoundHandle`]: named channels,
//! messages and a few readings. The callbacks that Csound calls meanwhile (`midi`, `messages`)
//! work on lock-free queues of a fixed size and never allocate.

#![warn(unreachable_pub)]

mod callbacks;
mod channels;
mod csound;
mod displays;
mod error;
mod fpu;
mod handle;
mod instance;
mod library;
mod messages;
mod midi;
mod opcodes;
mod options;
mod own_opcodes;
mod pending;
#[cfg(target_os = "linux")]
pub mod scratch;
mod stopwatch;
#[cfg(test)]
mod testing;
mod version;

pub use channels::{
    Behaviour, ChannelHints, ChannelInfo, ChannelKind, ControlChannel, LONGEST_TEXT, MadeChannel,
};
pub use csound::{Csound, Io, MAX_P_FIELDS};
pub use displays::Graph;
pub use error::CsoundError;
pub use fpu::FlushDenormals;
pub use handle::CsoundHandle;
pub use library::companions::{COMPANIONS, folder_beside, library_name, opcodes_in, opcodes_of};
pub use library::installed::{Found, installed, version_of};
pub use library::places::{names_beside, own_file, own_folder};
pub use library::{Attempt, Library, LoadError, VARIABLE, how_to_install};
pub use messages::{Level, Lines, Message, MessageTap, tap_all};
pub use midi::MidiMessage;
pub use opcodes::Opcode;
pub use own_opcodes::{Call, KEPT, OwnOpcode, OwnOpcodeError};
pub use stopwatch::Times;
pub use version::Generation;
