//! Whether the host renders offline, where it does not say so (nice-plug's VST3 says it one call too
//! late): its frames then outrun the wall clock.

use std::time::Instant;

use nice_plug::prelude::ProcessMode;

/// How far the frames may run ahead in real time.
const AHEAD_SECONDS: f64 = 0.5;

/// The environment variable that forces waiting, with the value `offline`.
const WAIT_VARIABLE: &str = "CSOUND_PERFORMER_WAIT";

/// How much of a block the host has to be ahead by, before the first engine is there.
const AHEAD_BLOCK: f64 = 0.9;

/// How far the host is ahead of its blocks.
struct Lead {
    began: Instant,
    /// Frames of whole blocks since then.
    before: usize,
    /// Frames of the present block, as far as it has come.
    block: usize,
}

/// Follows the host's pace.
pub struct Clock {
    forced: bool,
    declared: bool,
    sample_rate: f64,
    began: Option<Instant>,
    frames: u64,
    outruns: bool,
    largest: usize,
    lead: Option<Lead>,
    runs_ahead: bool,
}

impl Default for Clock {
    fn default() -> Self {
        let forced = std::env::var_os(WAIT_VARIABLE).is_some_and(|value| value == "offline");
        Self {
            forced,
            declared: false,
            sample_rate: 48_000.0,
            began: None,
            frames: 0,
            outruns: false,
            largest: 0,
            lead: None,
            runs_ahead: false,
        }
    }
}

impl Clock {
    /// Takes what the host declares, and the frames of its largest block. True if it has just gone offline.
    pub fn activate(&mut self, mode: ProcessMode, sample_rate: f64, largest: usize) -> bool {
        let before = std::mem::replace(&mut self.declared, mode == ProcessMode::Offline);
        self.sample_rate = sample_rate;
        self.began = None;
        self.frames = 0;
        self.outruns = false;
        self.largest = largest;
        self.lead = None;
        self.runs_ahead = false;
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
        self.look_at_block(now, frames);
    }

    /// Notes whether the host gives blocks sooner than those before could have been played.
    ///
    /// The shell splits a host's block where a parameter moves, and hosts may give theirs in parts: what fits
    /// into the largest block counts as one. What counts is the lead over all blocks since the host began or
    /// last fell behind, not one pause between two: callbacks of a sound card are not even, and one that
    /// comes late is followed by one in time. A first callback that was late by nearly a whole block would
    /// still be mistaken; that costs a wait at the most, before anything is heard.
    fn look_at_block(&mut self, now: Instant, frames: usize) {
        let Some(lead) = &mut self.lead else {
            self.lead = Some(Lead { began: now, before: 0, block: frames });
            return;
        };
        if lead.block + frames <= self.largest {
            lead.block += frames;
            return;
        }
        lead.before += lead.block;
        let ahead = lead.before as f64 - now.duration_since(lead.began).as_secs_f64() * self.sample_rate;
        self.runs_ahead = ahead > AHEAD_BLOCK * lead.block as f64;
        if ahead < 0.0 {
            (lead.began, lead.before) = (now, 0);
        }
        lead.block = frames;
    }

    /// Whether the present block came sooner than the one before could have been played. For hosts that do
    /// not say that they render, until the first engine is there: silence would be in the file for good.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn runs_ahead(&self) -> bool {
        self.runs_ahead
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
        assert!(clock.activate(ProcessMode::Offline, 48_000.0, 512));
        assert!(clock.is_offline());
        assert!(!clock.activate(ProcessMode::Offline, 48_000.0, 512), "it was already");
        assert!(!clock.activate(ProcessMode::Realtime, 48_000.0, 512));
        assert!(!clock.is_offline());
    }

    #[test]
    fn a_host_that_outruns_the_clock_is_offline() {
        let mut clock = clock();
        clock.activate(ProcessMode::Realtime, 48_000.0, 512);
        // A minute of audio cannot have taken a minute here.
        for _ in 0..60 {
            clock.count(48_000);
        }
        assert!(clock.is_offline());
    }

    #[test]
    fn what_was_played_before_an_activation_does_not_count() {
        let mut clock = clock();
        clock.activate(ProcessMode::Offline, 48_000.0, 512);
        (0..60).for_each(|_| clock.count(48_000));
        clock.activate(ProcessMode::Realtime, 48_000.0, 512);
        clock.count(512);
        clock.count(512);
        assert!(!clock.is_offline());
    }

    #[test]
    fn a_second_block_that_comes_at_once_is_not_played_in_real_time_but_parts_of_one_are() {
        let mut clock = clock();
        clock.activate(ProcessMode::Realtime, 48_000.0, 4800);
        let mut now = Instant::now();
        let mut block = |after: f64, frames| {
            now += std::time::Duration::from_secs_f64(after);
            clock.look_at_block(now, frames);
            clock.runs_ahead()
        };
        assert!(!block(0.0, 4800), "there was none before");
        assert!(block(0.001, 4800));
        // It fell behind: a new beginning, in real time.
        assert!(!block(0.5, 4800));
        // A callback that is late, and one that is in time again.
        assert!(!block(0.17, 4800));
        assert!(!block(0.03, 4800));
        assert!(!block(0.1, 4800));
        // One block in parts, as the shell gives it; then the next one.
        assert!(!block(0.1, 1200));
        assert!(!block(0.0, 3000));
        assert!(!block(0.0, 600));
        assert!(!block(0.1, 4800));
        assert!(!block(0.1, 4800));
        assert!(block(0.0, 1200), "more than a whole block since then");
    }
}
