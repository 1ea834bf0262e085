//! Looks which Csounds this machine has. Nothing is loaded here: a child process reads a version.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use csound_library::installed;
#[cfg(target_os = "linux")]
use csound_performance::engine::remote;

use crate::plugin::shared::csounds::{InstalledCsound, Version};

/// The longest that a child process may take to say a version.
const LONGEST_ASKED: Duration = Duration::from_secs(5);

/// The pause between two looks whether it has.
const LOOK: Duration = Duration::from_millis(5);

/// The longest answer, in bytes.
const LONGEST_ANSWER: u64 = 64;

/// The Csounds that were found at the last look, in the order in which they would be tried.
#[derive(Default)]
pub(super) struct Csounds {
    found: Vec<InstalledCsound>,
    /// The versions that were asked for, by library; none where it did not say.
    asked: Vec<(PathBuf, Option<Version>)>,
    has_looked: bool,
}

impl Csounds {
    /// Looks again, without their versions. This reads the disk.
    pub fn look(&mut self) -> &[InstalledCsound] {
        let known =
            |path: &Path| self.asked.iter().find(|(asked, _)| asked == path).and_then(|(_, told)| *told);
        let found = installed().into_iter().map(|found| InstalledCsound {
            version: known(&found.path),
            path: found.path,
            generation: found.generation,
        });
        self.found = found.collect();
        self.has_looked = true;
        &self.found
    }

    /// Those of the last look.
    pub fn found(&self) -> &[InstalledCsound] {
        &self.found
    }

    /// The same with their versions, which child processes read: each is asked once, until `forget`.
    pub fn look_with_versions(&mut self) -> &[InstalledCsound] {
        self.look();
        for csound in &mut self.found {
            if !self.asked.iter().any(|(asked, _)| *asked == csound.path) {
                csound.version = ask(&csound.path);
                self.asked.push((csound.path.clone(), csound.version));
            }
        }
        &self.found
    }

    /// True if all versions are known that can be.
    pub fn is_complete(&self) -> bool {
        let is_known = |found: &InstalledCsound| self.asked.iter().any(|(asked, _)| *asked == found.path);
        self.has_looked && self.found.iter().all(is_known)
    }

    /// Another version may lie at the same place by now.
    pub fn forget(&mut self) {
        self.asked.clear();
    }
}

/// Has a child process say which version a library is.
#[cfg(target_os = "linux")]
fn ask(library: &Path) -> Option<Version> {
    let mut command = Command::new(remote::program()?);
    command.arg(csound_performance::engine::VERSION_OPTION).arg(library);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let began = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(ended)) => break ended.success(),
            Ok(None) if began.elapsed() < LONGEST_ASKED => std::thread::sleep(LOOK),
            _ => {
                // It is collected either way.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let mut said = String::new();
    child.stdout.take()?.take(LONGEST_ANSWER).read_to_string(&mut said).ok()?;
    version_in(&said).filter(|_| ended)
}

/// Elsewhere there is no engine program to ask yet.
#[cfg(not(target_os = "linux"))]
fn ask(_library: &Path) -> Option<Version> {
    None
}

/// The version in an answer.
fn version_in(said: &str) -> Option<Version> {
    let mut numbers = said.trim().split('.').map(str::parse);
    let version = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers_and_nothing_else() {
        assert_eq!(version_in("6.18.1\n"), Some((6, 18, 1)));
        for said in ["", "6", "6.18", "6.18.1.2", "six", "6.18.x", "Csound 6.18.1"] {
            assert_eq!(version_in(said), None, "{said}");
        }
    }
}
