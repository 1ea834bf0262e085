//! The least of a VST3 host on Linux: instances of any library's classes, what the host is told, a run loop.

pub mod buses;
pub mod events;
mod instance;
mod module;
pub mod moves;
mod run_loop;
mod stream;
pub mod track;

pub use instance::{Gives, Instance, LARGEST, Mode, Param};
pub use module::{ClassOf, INSTRUMENT, Module, plugin, program};
pub use run_loop::Loop;
pub use stream::Stream;
