//! The times that Csound is handed, so that it starts an event on the frame that was meant. Pure.
//!
//! Csound 6 rounds twice. The k-cycle of an event is the *nearest* to its time; its offset within the
//! k-cycle is the frame of its time, counted modulo ksmps. An event for the second half of a k-cycle
//! therefore starts a k-cycle late, unless it is handed over a whole k-cycle early: the k-cycle
//! still rounds up to the one that was meant and the offset is the same. Csound 7 starts an event on the frame
//! of its time.
//!
//! Nothing here allocates but the making of an [`EventText`]; the rest is for the audio thread.

use std::ffi::{CStr, CString};

/// Slack in frames against the rounding of seconds: 0.1 s at 48 kHz is frame 4800, not 4799.
const SLACK: f64 = 1e-4;

/// The point within a frame at which an event is placed: clear of both of Csound's roundings, for odd ksmps and for
/// ksmps 1 too (half a frame would be a tie there).
const WITHIN: f64 = 0.25;

/// Digits behind the point of a time in an event's text.
const DECIMALS: u32 = 12;

/// Room for a number in an event's text: sign, ten digits, point, twelve decimals.
const ROOM: usize = 24;

/// What Csound makes of the time of an event in a sample-accurate piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// The nearest k-cycle, and the frame within it.
    ToCycle,
    /// Its frame.
    ToFrame,
}

/// The way an engine cuts time, and its exactness in starting score events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Frames in a k-cycle.
    pub ksmps: usize,
    /// Frames per second.
    pub sample_rate: f64,
    /// Score events start on their exact frame (`--sample-accurate`).
    pub sample_accurate: bool,
    /// What Csound makes of the times of such events.
    pub rounding: Rounding,
}

/// Which k-cycle comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coming {
    /// The first of the performance: before it there is none.
    First,
    /// Any other.
    Later,
}

impl Grid {
    /// The p2 (seconds from the coming k-cycle) that makes Csound start an event `seconds` after frame
    /// `frame` of the coming k-cycle.
    pub fn p2_for(&self, coming: Coming, frame: usize, seconds: f64) -> f64 {
        let p2 = frame as f64 / self.sample_rate + seconds;
        if !self.sample_accurate {
            return p2;
        }
        let ksmps = self.ksmps as f64;
        let at = (frame as f64 + seconds * self.sample_rate + SLACK).floor();
        let first_half = at.rem_euclid(ksmps) * 2.0 < ksmps;
        let at = if first_half || self.rounding == Rounding::ToFrame {
            at
        } else if coming == Coming::First && at < ksmps {
            // There is no k-cycle before the first: its second half cannot be met, the next boundary can.
            ksmps
        } else {
            at - ksmps
        };
        (at + WITHIN) / self.sample_rate
    }

    /// The shortest p3 that a sample-accurate performance survives, for a p3 that is shorter.
    ///
    /// Csound 6.18 loses such a note or writes past its heap where the note crosses a k boundary.
    pub fn safe_p3(&self, p3: f64) -> Option<f64> {
        let short = (0.0..self.ksmps as f64 / self.sample_rate).contains(&p3);
        short.then(|| (self.ksmps + 1) as f64 / self.sample_rate)
    }
}

/// An event as text, with room to set p2 and p3 at the last moment without formatting.
#[derive(Debug)]
pub struct EventText {
    /// NUL-terminated.
    bytes: Vec<u8>,
    /// The bytes at which p2 and p3 begin, each [`ROOM`] long.
    p2: usize,
    p3: Option<usize>,
}

impl EventText {
    /// The text `<head> <p2> <p3> <rest>`. `None` if a part holds a NUL, or a time is longer than
    /// the room for it.
    pub fn new(head: &str, p2: &str, p3: Option<&str>, rest: &str) -> Option<Self> {
        if p2.len() > ROOM || p3.is_some_and(|p3| p3.len() > ROOM) {
            return None;
        }
        let text = match p3 {
            Some(p3) => format!("{head} {p2:>ROOM$} {p3:>ROOM$} {rest}"),
            None => format!("{head} {p2:>ROOM$}"),
        };
        let at = head.len() + 1;
        let bytes = CString::new(text).ok()?.into_bytes_with_nul();
        Some(Self { bytes, p2: at, p3: p3.map(|_| at + ROOM + 1) })
    }

    /// The bytes and where p2 and p3 begin, to carry it to another process.
    pub(super) fn parts(&self) -> (&[u8], usize, Option<usize>) {
        (self.bytes.strip_suffix(b"\0").unwrap_or(&self.bytes), self.p2, self.p3)
    }

    /// The text of the [`parts`](Self::parts). `None` if the places are not within the text.
    pub(super) fn from_parts(text: &[u8], p2: usize, p3: Option<usize>) -> Option<Self> {
        let within = |at: usize| at.checked_add(ROOM).is_some_and(|end| end <= text.len());
        if !within(p2) || !p3.is_none_or(within) {
            return None;
        }
        let bytes = CString::new(text).ok()?.into_bytes_with_nul();
        Some(Self { bytes, p2, p3 })
    }

    /// Room for texts of `capacity` bytes, for [`copy_from`](Self::copy_from).
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), p2: 0, p3: None }
    }

    /// Becomes a copy of another text.
    ///
    /// # Realtime safety
    /// Safe for texts within the capacity.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.bytes.clear();
        self.bytes.extend_from_slice(&other.bytes);
        (self.p2, self.p3) = (other.p2, other.p3);
    }

    /// The text, with p2 and p3 replaced where they are given.
    pub fn with_times(&mut self, p2: Option<f64>, p3: Option<f64>) -> &CStr {
        if let Some(p2) = p2 {
            write_decimal(&mut self.bytes[self.p2..][..ROOM], p2);
        }
        if let (Some(at), Some(p3)) = (self.p3, p3) {
            write_decimal(&mut self.bytes[at..][..ROOM], p3);
        }
        // The constructor checked that there is one NUL, at the end; digits add none.
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

/// Writes `value` right-aligned with [`DECIMALS`] decimals. Values too large for the room are held
/// to it (ten digits of seconds are three centuries).
fn write_decimal(room: &mut [u8], value: f64) {
    let scale = 10_u64.pow(DECIMALS);
    let magnitude = value.abs().min(1e7 - 1.0);
    let whole = magnitude.trunc();
    let mut whole_digits = whole as u64;
    let mut decimals = ((magnitude - whole) * scale as f64) as u64;
    room.fill(b' ');
    let mut at = room.len();
    for _ in 0..DECIMALS {
        at -= 1;
        room[at] = b'0' + (decimals % 10) as u8;
        decimals /= 10;
    }
    at -= 1;
    room[at] = b'.';
    loop {
        at -= 1;
        room[at] = b'0' + (whole_digits % 10) as u8;
        whole_digits /= 10;
        if whole_digits == 0 {
            break;
        }
    }
    if value < 0.0 {
        room[at - 1] = b'-';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame at which Csound 6.18 starts an event, as its rounding was measured: k-cycle and offset.
    fn csound_starts(p2: f64, cycle: f64, ksmps: f64, sample_rate: f64) -> f64 {
        let time = cycle * ksmps / sample_rate + p2;
        let starts_in = (time * sample_rate / ksmps + 0.5).floor().max(cycle);
        let offset = (time * sample_rate).floor().rem_euclid(ksmps);
        starts_in * ksmps + offset
    }

    fn grid(ksmps: usize, sample_rate: f64, sample_accurate: bool) -> Grid {
        Grid { ksmps, sample_rate, sample_accurate, rounding: Rounding::ToCycle }
    }

    #[test]
    fn every_frame_of_a_k_cycle_is_met() {
        for ksmps in [1, 2, 3, 10, 63, 64, 441, 1024] {
            for sample_rate in [44_100.0, 48_000.0, 96_000.0] {
                for frame in 0..ksmps {
                    let p2 = grid(ksmps, sample_rate, true).p2_for(Coming::Later, frame, 0.0);
                    let start = csound_starts(p2, 7.0, ksmps as f64, sample_rate);
                    assert_eq!(start, (7 * ksmps + frame) as f64, "ksmps {ksmps} frame {frame}");
                }
            }
        }
    }

    #[test]
    fn in_the_first_k_cycle_the_second_half_starts_with_the_next() {
        let grid = grid(64, 48_000.0, true);
        for (frame, starts) in [(0, 0.0), (31, 31.0), (32, 64.0), (63, 64.0)] {
            let p2 = grid.p2_for(Coming::First, frame, 0.0);
            assert_eq!(csound_starts(p2, 0.0, 64.0, 48_000.0), starts, "frame {frame}");
        }
    }

    #[test]
    fn seconds_from_now_are_met_on_their_frame() {
        for frame in [0, 5, 31, 32, 63] {
            let p2 = grid(64, 48_000.0, true).p2_for(Coming::Later, frame, 0.1);
            assert_eq!(csound_starts(p2, 3.0, 64.0, 48_000.0), 3.0 * 64.0 + frame as f64 + 4800.0);
        }
    }

    #[test]
    fn a_csound_that_does_not_round_to_cycles_gets_the_frame_as_it_is() {
        let grid = Grid { rounding: Rounding::ToFrame, ..grid(64, 48_000.0, true) };
        for coming in [Coming::First, Coming::Later] {
            for (frame, seconds) in [(0, 0.0), (31, 0.0), (63, 0.0), (48, 0.01)] {
                let p2 = grid.p2_for(coming, frame, seconds);
                assert_eq!((p2 * 48_000.0).floor(), frame as f64 + seconds * 48_000.0);
            }
        }
    }

    #[test]
    fn without_sample_accuracy_p2_is_left_alone() {
        let grid = grid(64, 48_000.0, false);
        assert_eq!(grid.p2_for(Coming::Later, 0, 0.25), 0.25);
        assert_eq!(grid.p2_for(Coming::Later, 48, 0.25), 0.251);
    }

    #[test]
    fn only_short_notes_are_lengthened() {
        let grid = grid(64, 48_000.0, true);
        assert_eq!(grid.safe_p3(0.0), Some(65.0 / 48_000.0));
        assert_eq!(grid.safe_p3(63.0 / 48_000.0), Some(65.0 / 48_000.0));
        assert_eq!(grid.safe_p3(64.0 / 48_000.0), None);
        assert_eq!(grid.safe_p3(-1.0), None);
    }

    #[test]
    fn times_are_written_into_the_text_only_where_they_change() {
        let words = |text: &CStr| -> Vec<String> {
            text.to_str().unwrap().split_whitespace().map(str::to_owned).collect()
        };
        let mut text = EventText::new("i \"bell\"", "0.1", Some("1e-3"), "440 \"soft\"").unwrap();
        assert_eq!(words(text.with_times(None, None)), ["i", "\"bell\"", "0.1", "1e-3", "440", "\"soft\""]);
        let changed = words(text.with_times(Some(0.5), Some(-1.25)));
        assert_eq!(changed, ["i", "\"bell\"", "0.500000000000", "-1.250000000000", "440", "\"soft\""]);
        assert_eq!(
            words(text.with_times(Some(12345.0), Some(1e300)))[2..4],
            ["12345.000000000000", "9999999.000000000000"]
        );
        assert!(EventText::new("i 1", "0", Some(&"9".repeat(25)), "").is_none());
    }
}
