//! Looks which Csounds this machine has. Nothing is loaded here: a child process reads a version. A thread waits for
//! it, as a library may hang while it is loaded, and the control thread has engines to look after.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use csound_library::installed;
use csound_performance::engine::Abandoned;
#[cfg(target_os = "linux")]
use csound_performance::engine::remote;

use super::aside::Aside;
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
    asked: Told,
    has_looked: bool,
    /// Versions that are being asked for.
    asking: Option<Asking>,
}

/// What libraries said of their versions; none where one did not say.
type Told = Vec<(PathBuf, Option<Version>)>;

/// Libraries that are being asked for their versions.
struct Asking {
    asked_for: Vec<PathBuf>,
    /// What they said, once all have.
    aside: Aside<Told>,
}

impl Asking {
    /// Asks these by `ask`, one after the other.
    fn begin(
        libraries: Vec<PathBuf>,
        ask: impl Fn(&Path, &Abandoned) -> Option<Version> + Send + 'static,
    ) -> std::io::Result<Self> {
        let asked_for = libraries.clone();
        let work = move |given_up: &Abandoned| {
            let told = |library: PathBuf| {
                let version = ask(&library, given_up);
                (library, version)
            };
            libraries.into_iter().map(told).collect()
        };
        // After a panic nothing is known.
        Ok(Self { asked_for, aside: Aside::begin("csound versions", Abandoned::default(), work, Told::new)? })
    }
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

    /// Looks unless that was done before.
    pub fn look_once(&mut self) {
        if !self.has_looked {
            self.look();
        }
    }

    /// Those of the last look.
    pub fn found(&self) -> &[InstalledCsound] {
        &self.found
    }

    /// Those of the last look with their versions, once these are known as far as they can be: each library is asked
    /// once, until `forget`. Waits for nothing.
    pub fn with_versions(&mut self) -> Option<&[InstalledCsound]> {
        if let Some(asking) = &mut self.asking {
            let asked = asking.asked_for.clone();
            let told = asking.aside.look()?;
            self.asking = None;
            // What it has left out is not asked again and again.
            let version = |library: &PathBuf| told.iter().find(|(of, _)| of == library)?.1;
            self.asked.extend(asked.into_iter().map(|library| (library.clone(), version(&library))));
            self.look();
        }
        self.look_once();
        let is_unknown = |found: &&InstalledCsound| !self.asked.iter().any(|(asked, _)| *asked == found.path);
        let unknown: Vec<_> = self.found.iter().filter(is_unknown).map(|found| found.path.clone()).collect();
        if unknown.is_empty() {
            return Some(&self.found);
        }
        match Asking::begin(unknown.clone(), ask) {
            Ok(asking) => self.asking = Some(asking),
            // Their names are told without it.
            Err(_) => self.asked.extend(unknown.into_iter().map(|library| (library, None))),
        }
        None
    }

    /// Another version may lie at the same place by now.
    pub fn forget(&mut self) {
        self.asked.clear();
        self.asking = None;
    }
}

/// Has a child process say which version a library is, until that is given up.
#[cfg(target_os = "linux")]
fn ask(library: &Path, given_up: &Abandoned) -> Option<Version> {
    let mut command = Command::new(remote::program()?);
    command.arg(csound_performance::engine::VERSION_OPTION).arg(library);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let began = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(ended)) => break ended.success(),
            Ok(None) if began.elapsed() < LONGEST_ASKED && !given_up.is_abandoned() => {
                std::thread::sleep(LOOK);
            }
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
fn ask(_library: &Path, _given_up: &Abandoned) -> Option<Version> {
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

    fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = there() {
                return found;
            }
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(LOOK);
        }
    }

    #[test]
    fn nobody_waits_for_a_library_that_does_not_say_its_version() {
        // It never says it, and goes on until it is given up.
        let hangs = |library: &Path, given_up: &Abandoned| match library.ends_with("hangs") {
            true => {
                until(|| given_up.is_abandoned().then_some(()));
                None
            }
            false => Some((6, 18, 1)),
        };
        let mut asking = Asking::begin(vec!["/a".into(), "/hangs".into()], hangs).unwrap();
        assert_eq!(asking.aside.look(), None);
        drop(asking);
        let mut asking = Asking::begin(vec!["/a".into()], hangs).unwrap();
        assert_eq!(until(|| asking.aside.look()), [("/a".into(), Some((6, 18, 1)))]);
        let panics = |_: &Path, _: &Abandoned| panic!("on purpose");
        let mut asking = Asking::begin(vec!["/a".into()], panics).unwrap();
        assert_eq!(until(|| asking.aside.look()), []);
    }

    #[test]
    fn where_there_is_none_that_is_known_at_once_also_after_a_look() {
        let mut csounds = Csounds { has_looked: true, ..Csounds::default() };
        assert_eq!(csounds.with_versions(), Some(&[][..]));
    }

    #[test]
    fn a_version_is_three_numbers_and_nothing_else() {
        assert_eq!(version_in("6.18.1\n"), Some((6, 18, 1)));
        for said in ["", "6", "6.18", "6.18.1.2", "six", "6.18.x", "Csound 6.18.1"] {
            assert_eq!(version_in(said), None, "{said}");
        }
    }
}
