//! Whether the host renders offline, where it does not say so (nice-plug's VST3 says it one call too
//! late): its frames then outrun the wall clock.

use std::time::Instant;

use nice_plug::prelude::ProcessMode;

/// How far the frames may run ahead in real time.
const AHEAD_SECONDS: f64 = 0.5;

/// The environment variable that forces waiting, with the value `offline`.
const WAIT_VARIABLE: &str = "CSOUND_PERFORMER_WAIT";

/// Follows the host's pace.
pub struct Clock {
    forced: bool,
    declared: bool,
    sample_rate: f64,
    began: Option<Instant>,
    frames: u64,
    outruns: bool,
}

impl Default for Clock {
    fn default() -> Self {
        let forced = std::env::var_os(WAIT_VARIABLE).is_some_and(|value| value == "offline");
        Self { forced, declared: false, sample_rate: 48_000.0, began: None, frames: 0, outruns: false }
    }
}

impl Clock {
    /// Takes what the host declares. True if it has just gone offline.
    pub fn activate(&mut self, mode: ProcessMode, sample_rate: f64) -> bool {
        let before = std::mem::replace(&mut self.declared, mode == ProcessMode::Offline);
        self.sample_rate = sample_rate;
        self.began = None;
        self.outruns = false;
        self.declared && !before
    }

    /// Counts a block.
    ///
    /// # Realtime safety
    /// Safe: it reads the system's monotonic clock.
    pub fn count(&mut self, frames: usize) {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        let heard = self.frames as f64 / self.sample_rate;
        let ahead = heard - now.duration_since(began).as_secs_f64();
        self.outruns = ahead > AHEAD_SECONDS;
        if ahead < 0.0 {
            // The clock went on without the host: a new beginning.
            self.began = Some(now);
            self.frames = 0;
        }
        self.frames += frames as u64;
    }

    /// Whether waiting harms nobody.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_offline(&self) -> bool {
        self.forced || self.declared || self.outruns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock { forced: false, ..Clock::default() }
    }

    #[test]
    fn a_host_that_says_so_is_offline() {
        let mut clock = clock();
        assert!(clock.activate(ProcessMode::Offline, 48_000.0));
        assert!(clock.is_offline());
        assert!(!clock.activate(ProcessMode::Offline, 48_000.0), "it was already");
        assert!(!clock.activate(ProcessMode::Realtime, 48_000.0));
        assert!(!clock.is_offline());
    }

    #[test]
    fn a_host_that_outruns_the_clock_is_offline() {
        let mut clock = clock();
        clock.activate(ProcessMode::Realtime, 48_000.0);
        // A minute of audio cannot have taken a minute here.
        for _ in 0..60 {
            clock.count(48_000);
        }
        assert!(clock.is_offline());
    }
}
