//! What the integration tests share.
#![allow(dead_code, reason = "each test program uses its part")]

pub mod remote;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use csound_library::Library;
use xtask::host::{Block, Event, Host, Instance, Processed};

/// The bundled CLAP, built once.
pub fn plugin() -> PathBuf {
    xtask::bundle::dev_bundle().unwrap().clap
}

/// The folder of the pieces.
pub fn pieces() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pieces")
}

/// Whether a test has to be skipped for want of a tool; where everything is required, that fails.
pub fn is_missing(what: &str, found: bool) -> bool {
    if !found {
        assert!(std::env::var_os("CSOUND_PERFORMER_REQUIRE").is_none(), "{what} is not installed");
        println!("skipped: {what} is not installed (cargo xtask setup --test)");
    }
    !found
}

/// Whether libcsound is missing.
pub fn libcsound_is_missing() -> bool {
    is_missing("libcsound", Library::get().is_ok())
}

/// Whether the csound command is missing.
pub fn csound_is_missing() -> bool {
    let found = Command::new("csound").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    is_missing("the csound command", found.is_ok())
}

/// A one-instrument CSD.
pub fn csd(options: &str, header: &str, body: &str, score: &str) -> String {
    format!(
        "<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\n{header}\n0dbfs = 1\n{body}\n</CsInstruments>\n<CsScore>\n{score}\n</CsScore>\n</CsoundSynthesizer>\n"
    )
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

/// The first frame that is not silent.
pub fn onset(samples: &[f32]) -> Option<usize> {
    samples.iter().position(|sample| sample.abs() > 1e-6)
}

/// Runs this test again in a process of its own with something in its environment.
pub fn alone(test: &str, variable: &str, value: &str) -> bool {
    if std::env::var_os("CSOUND_PERFORMER_TEST_ALONE").is_some() {
        return true;
    }
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("CSOUND_PERFORMER_TEST_ALONE", "1")
        .env(variable, value)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "{out}");
    false
}

/// Seeded numbers.
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}
