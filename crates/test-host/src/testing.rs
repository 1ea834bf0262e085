//! What tests of every wing share.

use std::path::PathBuf;
use std::process::Command;

use crate::project::root;

/// The folder of the pieces.
pub fn pieces() -> PathBuf {
    root().join("pieces")
}

/// A one-instrument CSD.
pub fn csd(options: &str, header: &str, body: &str, score: &str) -> String {
    format!(
        "<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\n{header}\n0dbfs = 1\n{body}\n</CsInstruments>\n<CsScore>\n{score}\n</CsScore>\n</CsoundSynthesizer>\n"
    )
}

/// The first frame that is not silent.
pub fn onset(samples: &[f32]) -> Option<usize> {
    samples.iter().position(|sample| sample.abs() > 1e-6)
}

/// Runs this test (its whole path) again in a process of its own, with something in its environment.
/// True in that process.
///
/// # Panics
/// The test fails there, or there is none of that name.
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
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// A number from 0 to 1, or bytes.
    pub fn unit(&mut self) -> f64 {
        self.below(1 << 20) as f64 / (1 << 20) as f64
    }

    /// A number from 0 to 1, or bytes.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.below(256) as u8).collect()
    }
}
