//! Host blocks and k-cycles: which k-cycles a block performs, where its events fall, where its
//! output comes from. Pure arithmetic, all of it realtime safe.
//!
//! The host's time is cut into *k-cycles* of ksmps frames. While the piece plays, it performs them; while
//! it does not, they pass in silence. A [`Place`] is one of them and a frame in it.
//!
//! - *Exact*: a k-cycle is performed in the block that brings its last frame, so that every input
//!   frame and event of its span is known. Output is late by ksmps - 1 frames, always.
//! - *Immediate*: k-cycles are performed as soon as their first frame is asked for. Output is not
//!   late; an event waits for the next k-cycle that begins at or after it.
//! - *Pipelined*: as exact, and the output is later by as many frames as the host's largest block has. So what a
//!   block performs is not needed before the next one, whatever the sizes of the two.

/// When k-cycles are performed, seen from the host's frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// Latency ksmps - 1 frames; events on their own frame.
    #[default]
    Exact,
    /// Latency 0; events wait for the next k-cycle, at most ksmps - 1 frames.
    Immediate,
    /// As exact, later by the host's largest block: the engine performs while the host's thread goes on.
    Pipelined,
}

/// The place of something that happens: a k-cycle, counted from the next one to be performed, and a frame in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// K-cycles from the next one that is performed, from 0.
    pub cycle: usize,
    /// The frame within the k-cycle, 0 to ksmps - 1.
    pub frame: usize,
}

/// The state of the cut between host blocks and k-cycles.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    ksmps: usize,
    timing: Timing,
    /// Pipelined: the frames by which the output is later than an exact one. Otherwise 0.
    depth: usize,
    /// Input frames of the k-cycle that is still incomplete. Immediate: always 0.
    gathered: usize,
    /// Output frames that are performed and not yet given to the host.
    queued: usize,
}

impl Framing {
    /// Framing for k-cycles of `ksmps` frames, at least 1, in blocks of at most `largest` frames.
    pub fn new(ksmps: usize, timing: Timing, largest: usize) -> Self {
        let ksmps = ksmps.max(1);
        let depth = if timing == Timing::Pipelined { largest } else { 0 };
        let mut framing = Self { ksmps, timing, depth, gathered: 0, queued: 0 };
        framing.reset();
        framing
    }

    /// Forgets what was gathered and queued, as after a host's reset.
    pub fn reset(&mut self) {
        self.gathered = 0;
        self.queued = self.latency();
    }

    /// Frames from a host frame to its sound: ksmps - 1, 0, or ksmps - 1 and the largest block.
    pub fn latency(&self) -> usize {
        match self.timing {
            Timing::Exact | Timing::Pipelined => self.ksmps - 1 + self.depth,
            Timing::Immediate => 0,
        }
    }

    /// The frames by which a pipelined output is later than an exact one; otherwise 0.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Frames in a k-cycle.
    pub fn ksmps(&self) -> usize {
        self.ksmps
    }

    /// The timing.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Input frames already gathered for the next k-cycle.
    pub fn gathered(&self) -> usize {
        self.gathered
    }

    /// Output frames that wait: the output of the next k-cycle goes behind them.
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// The number of k-cycles that a block of `frames` performs.
    pub fn cycles(&self, frames: usize) -> usize {
        match self.timing {
            Timing::Exact | Timing::Pipelined => (self.gathered + frames) / self.ksmps,
            Timing::Immediate => frames.saturating_sub(self.queued).div_ceil(self.ksmps),
        }
    }

    /// The place of an event at `frame` of the coming block. The k-cycle may lie beyond this block's.
    pub fn place(&self, frame: usize) -> Place {
        match self.timing {
            Timing::Exact | Timing::Pipelined => {
                let at = self.gathered + frame;
                Place { cycle: at / self.ksmps, frame: at % self.ksmps }
            }
            Timing::Immediate => {
                Place { cycle: frame.saturating_sub(self.queued).div_ceil(self.ksmps), frame: 0 }
            }
        }
    }

    /// The frame of the coming block at which the first frame of `cycle` is heard. If the timing is pipelined that
    /// is in a later block, the frames counted on.
    pub fn heard(&self, cycle: usize) -> usize {
        self.queued + cycle * self.ksmps
    }

    /// Closes a block of `frames`: its k-cycles are performed, its output given to the host.
    pub fn advance(&mut self, frames: usize) {
        let performed = self.cycles(frames) * self.ksmps;
        if self.timing != Timing::Immediate {
            self.gathered = self.gathered + frames - performed;
        }
        self.queued = self.queued + performed - frames;
    }
}

/// The k boundary nearest to a place, for everything that cannot happen inside a k-cycle.
pub fn nearest_boundary(place: Place, ksmps: usize) -> Place {
    let later = usize::from(place.frame * 2 >= ksmps && place.frame > 0);
    Place { cycle: place.cycle + later, frame: 0 }
}

#[cfg(test)]
mod tests {
    use test_host::testing::Random;

    use super::*;

    /// A small generator of repeatable block sizes.
    fn sizes(seed: u64) -> impl FnMut(usize) -> usize {
        let mut random = Random::new(seed);
        move |below| random.below(below)
    }

    const KSMPS: [usize; 10] = [1, 2, 3, 10, 32, 64, 441, 1024, 4096, 16384];

    #[test]
    fn exact_output_is_late_by_ksmps_less_one_at_every_mix_of_blocks() {
        for ksmps in KSMPS {
            let mut framing = Framing::new(ksmps, Timing::Exact, 4 * ksmps + 600);
            let mut size = sizes(ksmps as u64);
            let (mut host, mut performed) = (0, 0);
            for _ in 0..2000 {
                let frames = size(4 * ksmps + 600);
                assert_eq!(framing.queued(), performed * ksmps + framing.latency() - host);
                performed += framing.cycles(frames);
                host += frames;
                framing.advance(frames);
                assert_eq!(performed, host / ksmps, "a k-cycle is performed with its last frame");
                assert!(framing.queued() < ksmps);
            }
        }
    }

    #[test]
    fn pipelined_output_is_the_exact_one_later_and_is_never_of_the_block_at_hand() {
        for ksmps in KSMPS {
            for largest in [1, 64, 600, 4096] {
                let mut exact = Framing::new(ksmps, Timing::Exact, largest);
                let mut pipelined = Framing::new(ksmps, Timing::Pipelined, largest);
                let mut size = sizes((ksmps + largest) as u64);
                assert_eq!(pipelined.latency(), exact.latency() + largest);
                for _ in 0..1000 {
                    let frames = size(largest + 1);
                    let at = size(frames.max(1));
                    assert_eq!(pipelined.cycles(frames), exact.cycles(frames));
                    assert_eq!(pipelined.place(at), exact.place(at));
                    assert_eq!(pipelined.gathered(), exact.gathered());
                    assert_eq!(pipelined.heard(3), exact.heard(3) + largest);
                    assert!(pipelined.heard(0) >= frames, "what a block performs is not heard within it");
                    exact.advance(frames);
                    pipelined.advance(frames);
                }
            }
        }
    }

    #[test]
    fn immediate_output_is_never_late_and_never_a_k_cycle_too_far_ahead() {
        for ksmps in KSMPS {
            let mut framing = Framing::new(ksmps, Timing::Immediate, 4 * ksmps + 600);
            let mut size = sizes(ksmps as u64 + 7);
            let (mut host, mut performed) = (0_usize, 0);
            for _ in 0..2000 {
                let frames = size(4 * ksmps + 600);
                performed += framing.cycles(frames);
                host += frames;
                framing.advance(frames);
                assert_eq!(performed, host.div_ceil(ksmps));
            }
        }
    }

    #[test]
    fn exact_events_keep_their_frame_whatever_the_blocks() {
        for ksmps in KSMPS {
            let mut framing = Framing::new(ksmps, Timing::Exact, 4 * ksmps + 600);
            let mut size = sizes(3);
            let (mut host, mut performed) = (0, 0);
            for _ in 0..500 {
                let frames = size(600) + 1;
                let at = size(frames);
                let place = framing.place(at);
                assert_eq!((performed + place.cycle) * ksmps + place.frame, host + at);
                performed += framing.cycles(frames);
                host += frames;
                framing.advance(frames);
            }
        }
    }

    #[test]
    fn immediate_events_wait_less_than_a_k_cycle_whatever_the_blocks() {
        for ksmps in KSMPS {
            let mut framing = Framing::new(ksmps, Timing::Immediate, 4 * ksmps + 600);
            let mut size = sizes(5);
            let (mut host, mut performed) = (0, 0);
            for _ in 0..500 {
                let frames = size(600) + 1;
                let at = size(frames);
                let place = framing.place(at);
                let begins = (performed + place.cycle) * ksmps;
                assert!(begins >= host + at && begins < host + at + ksmps);
                performed += framing.cycles(frames);
                host += frames;
                framing.advance(frames);
            }
        }
    }

    #[test]
    fn what_a_block_performs_is_heard_within_it() {
        for timing in [Timing::Exact, Timing::Immediate] {
            for ksmps in KSMPS {
                let mut framing = Framing::new(ksmps, timing, 900);
                let mut size = sizes(11);
                for _ in 0..500 {
                    let frames = size(900) + 1;
                    for cycle in 0..framing.cycles(frames) {
                        assert!(framing.heard(cycle) < frames);
                    }
                    framing.advance(frames);
                }
            }
        }
    }

    #[test]
    fn the_nearest_boundary_is_at_most_half_a_k_cycle_away() {
        for ksmps in KSMPS {
            for frame in 0..ksmps {
                let boundary = nearest_boundary(Place { cycle: 4, frame }, ksmps);
                let distance = (boundary.cycle * ksmps).abs_diff(4 * ksmps + frame);
                assert!(distance * 2 <= ksmps, "ksmps {ksmps} frame {frame}");
                assert_eq!(boundary.frame, 0);
            }
        }
    }
}
