//! Other hosts than the tests' own: Ardour and a JUCE host.

mod ardour;
#[path = "../common/mod.rs"]
mod common;
mod vst3;
