//! Performs Csound pieces: the engines, and the performance API over them.

pub mod engine;
mod performance;
mod thread;

pub use engine::{MidiMessage, PField, TimeBase};
pub use performance::thread::PerformanceThread;
pub use performance::{
    BitDepth, Change, Command, Cycle, MAX_PFIELDS, Performance, PerformanceError, Phase, ProcessCallback,
    RecordError, RecordOptions, RecordState, Recording, Shared, Troubles, event_of_text,
};
pub use performance::{blocks, command, fade, performer, recorder, seat, shared, state};
