//! What tests of every wing share.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use csound_library::{Generation, VARIABLE};

use crate::project::root;
use crate::tools::{csound_7, is_missing};

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

/// Tells a test that it runs alone.
const ALONE_VARIABLE: &str = "CSOUND_PERFORMER_TEST_ALONE";

/// Runs this test (its whole path) again in a process of its own, with something in its environment.
/// True in that process.
///
/// # Panics
/// The test fails there, or there is none of that name.
pub fn alone(test: &str, variable: &str, value: &str) -> bool {
    alone_with(test, &[(variable, value.as_ref())])
}

/// The same with several things in its environment.
///
/// # Panics
/// As [`alone`].
pub fn alone_with(test: &str, environment: &[(&str, &OsStr)]) -> bool {
    if std::env::var_os(ALONE_VARIABLE).is_some() {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.envs(environment.iter().copied());
    must_pass(command, test);
    false
}

/// Somebody else than root: root may do everything, and the kernel does not count its threads.
#[cfg(unix)]
const NOBODY: u32 = 65_534;

/// Runs this test (its whole path) again in a process of its own, as an ordinary user where this one is root. True in
/// that process.
///
/// # Panics
/// As [`alone`].
#[cfg(unix)]
pub fn alone_as_ordinary_user(test: &str) -> bool {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    if std::env::var_os(ALONE_VARIABLE).is_some() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    // Another user cannot look into the folder that this was built in.
    let program = folder.path().join("test");
    crate::project::copy_program(&std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    command.env("HOME", folder.path()).env("TMPDIR", folder.path()).current_dir(folder.path());
    // What is made anew is the user's own.
    if std::fs::metadata(folder.path()).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    must_pass(command, test);
    false
}

/// Tells a test program that its tests run once more.
const AGAIN_VARIABLE: &str = "CSOUND_PERFORMER_TEST_AGAIN";

/// Tells it that they run over Csound 7 then.
const OVER_SEVEN_VARIABLE: &str = "CSOUND_PERFORMER_TEST_OVER_SEVEN";

/// The generation that this test program's pieces are performed by: 7 where it runs again over it, otherwise 6.
pub fn generation() -> Generation {
    match std::env::var_os(OVER_SEVEN_VARIABLE) {
        Some(_) => Generation::Seven,
        None => Generation::Six,
    }
}

/// Runs all tests of this program again, in a process that has Csound 7 and no other, but for those whose names
/// hold one of these words. True in that process, where there is nothing to be done. A process loads one Csound.
///
/// # Panics
/// A test fails there. Csound 7 is missing where everything is required.
pub fn again_over_csound_7(but: &[&str]) -> bool {
    if std::env::var_os(AGAIN_VARIABLE).is_some() {
        return true;
    }
    let seven = csound_7();
    if is_missing("Csound 7", seven.is_some()) {
        return false;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(OVER_SEVEN_VARIABLE, "1").env(VARIABLE, seven.unwrap_or_default());
    command.args(but.iter().flat_map(|word| ["--skip", *word]));
    all_must_pass(command, "over Csound 7");
    false
}

/// Runs the tests of this program whose names hold one of these words again, in a process with something in its
/// environment. Does nothing in a process that was started to run tests again.
///
/// # Panics
/// A test fails there.
pub fn again_with(variable: &str, value: &str, only: &[&str]) {
    if std::env::var_os(AGAIN_VARIABLE).is_some() {
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(variable, value).args(only);
    all_must_pass(command, &format!("with {variable}={value}"));
}

fn all_must_pass(mut command: Command, how: &str) {
    let said = command.env(AGAIN_VARIABLE, "1").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{how}, {}:\n{out}\n{err}", said.status);
    assert!(!out.contains(" 0 passed"), "{how}: {out}");
}

/// The Csound 6 of this machine by its name, as [`VARIABLE`] takes it.
pub const CSOUND_6: &str = "libcsound64.so.6.0";

/// What [`VARIABLE`] says of a machine with both Csounds; none where Csound 7 is missing, which is said.
///
/// # Panics
/// As [`is_missing`].
pub fn both_csounds() -> Option<OsString> {
    let seven = csound_7();
    if is_missing("Csound 7", seven.is_some()) {
        return None;
    }
    std::env::join_paths([PathBuf::from(CSOUND_6), seven?]).ok()
}

/// Runs one test of a test program, which must pass.
fn must_pass(mut command: Command, test: &str) {
    let said = command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ALONE_VARIABLE, "1")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "{out}");
}

/// The seed of every random test, where it is set.
pub const SEED_VARIABLE: &str = "CSOUND_PERFORMER_SEED";

/// Random numbers of a test. If the test fails, they say which seed they came from.
#[derive(Debug)]
pub struct Random {
    numbers: fastrand::Rng,
    seed: u64,
}

/// The seed in `CSOUND_PERFORMER_SEED`, or else this one.
///
/// # Panics
/// The variable holds no whole number.
pub fn seed(usual: u64) -> u64 {
    std::env::var(SEED_VARIABLE).map_or(usual, |named| named.parse().unwrap())
}

impl Random {
    /// Numbers from the seed in `CSOUND_PERFORMER_SEED`, or else from this one.
    ///
    /// # Panics
    /// As [`seed`].
    pub fn new(usual: u64) -> Self {
        let seed = seed(usual);
        Self { numbers: fastrand::Rng::with_seed(seed), seed }
    }

    /// A number below `limit`, or 0 below 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.numbers.usize(..limit.max(1))
    }

    /// A number from 0 to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        self.numbers.f64()
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        self.numbers.u8(..)
    }

    /// Fewer than `most` bytes.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.byte()).collect()
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the random numbers came from {SEED_VARIABLE}={}", self.seed);
        }
    }
}
