//! The FFI fence: everything that touches libcsound, and all of this crate's unsafe code for it.
//!
//! Reading order: [`library`] (finding and loading it), [`instance`] (one Csound), [`channels`],
//! [`midi`], [`messages`], [`fpu`].

pub mod channels;
pub mod fpu;
pub mod instance;
pub mod library;
pub mod messages;
pub mod midi;

pub use channels::{ChannelInfo, ChannelKind, ControlChannel};
pub use fpu::FlushDenormals;
pub use instance::{Csound, CsoundError, CsoundHandle, Io};
pub use library::{Library, LoadError};
pub use messages::{Level, Message};
