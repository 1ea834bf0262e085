//! Other hosts than the tests' own: Ardour, a JUCE host, and the least there can be of a VST3 host.

mod ardour;
#[path = "../common/mod.rs"]
mod common;
mod vst3;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod vst3_export;
