//! What the integration tests share.
#![allow(dead_code, unused_imports, reason = "each test program uses its part")]

#[cfg(target_os = "linux")]
pub mod bare;
pub mod bench;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod vst3;

use std::path::PathBuf;

use csound_library::{Generation, Library};
use test_host::host::{Block, Event, Host, Instance, Processed};
pub use test_host::testing::{Random, alone, csd, generation, onset, pieces};
pub use test_host::tools::{csound_7, csound_is_missing, is_missing};

/// The bundled CLAP, built once.
pub fn plugin() -> PathBuf {
    test_host::bundle::dev_bundle().unwrap().clap
}

/// If libcsound is missing.
pub fn libcsound_is_missing() -> bool {
    is_missing("libcsound", Library::get().is_ok())
}

/// If there is nothing to compare with.
pub fn oracle_is_missing() -> bool {
    match generation() {
        Generation::Six => csound_is_missing(),
        Generation::Seven => is_missing("Csound 7", csound_7().is_some()),
    }
}

/// Sends a process a signal.
#[cfg(unix)]
pub fn signal(process: u32, signal: rustix::process::Signal) {
    let process = rustix::process::Pid::from_raw(process.cast_signed()).unwrap();
    rustix::process::kill_process(process, signal).unwrap();
}

/// An instance that performs `text` at 48 kHz, offline, in blocks of up to `largest` frames.
pub fn playing(host: &Host, id: &str, state: &[u8], largest: u32) -> Instance {
    let mut instance = Instance::new(host, id).unwrap();
    instance.set_offline(true).unwrap();
    instance.load_state(state).unwrap();
    instance.activate(48_000.0, 1, largest).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    instance
}

/// One block of an instrument.
pub fn block(instance: &mut Instance, frames: usize, events: &[Event]) -> Processed {
    instance.process(Block { frames, events, ..Block::default() }).unwrap()
}

/// Performs `frames` frames in blocks of `size` and gives the first channel.
pub fn perform(instance: &mut Instance, frames: usize, size: usize) -> Vec<f32> {
    let mut heard = Vec::new();
    while heard.len() < frames {
        let now = size.min(frames - heard.len());
        heard.extend_from_slice(&block(instance, now, &[]).output[0]);
    }
    heard
}

/// Tells a test in a process of its own, where another Csound or none is found, where Csound 6 lies.
#[allow(dead_code)]
pub const SIX_VARIABLE: &str = "CSOUND_PERFORMER_TEST_SIX";

/// The library of Csound 6, if there is one.
#[allow(dead_code)]
pub fn csound_6() -> Option<std::path::PathBuf> {
    let told = std::env::var_os(SIX_VARIABLE).map(Into::into);
    let is_six = |found: &csound_library::Found| found.generation == csound_library::Generation::Six;
    told.or_else(|| csound_library::installed().into_iter().find(is_six).map(|found| found.path))
}
