//! Following the host's transport: what a block's transport asks of the performance. A pure state
//! machine, one call a block.
//!
//! While it follows, the piece is where the host is, less the configured offset: the offset is the
//! host's time at which the piece begins. Before that time (and before the host's zero, in a
//! preroll) the piece waits, and begins on its exact frame.
//!
//! | the host | the piece |
//! |---|---|
//! | starts | seeks and plays, or waits for its beginning |
//! | stops | pauses |
//! | is elsewhere than it should be by now | seeks |
//! | reaches the end of its loop | seeks to the loop's beginning, on that frame |
//! | is not followed | does what it does |
//!
//! A seek costs the piece its notes, so there must be one for every jump and none for a host that
//! merely reports its place roughly. The place is reckoned from the last seek, not from the last
//! report. A report up to [`JITTER_SECONDS`] off is the same place. One up to [`JUMP_SECONDS`] off
//! is a jump if [`CERTAIN`] in a row are off by as much, and else it was jitter. What is further off
//! is a jump at once.

use nice_plug::prelude::Enum;

/// A report this far off means nothing, in seconds. (In frames it is 2 at least.)
pub const JITTER_SECONDS: f64 = 0.001;

/// A report further off than this is a jump at once, in seconds.
pub const JUMP_SECONDS: f64 = 0.020;

/// Reports that have to be off by as much, for a small jump to be one.
pub const CERTAIN: u32 = 8;

/// Frames that two reports may differ and still say the same.
const SAME_FRAMES: f64 = 2.0;

/// What 64 bits of seconds are off at most, as a part of them.
const ROUNDING: f64 = 1e-9;

/// Slack in frames against the rounding of seconds: what is due this much after a frame is due at
/// the frame.
const SLACK: f64 = 1e-3;

/// The transport of one block, as the host says it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HostBlock {
    /// Whether it plays.
    pub playing: bool,
    /// Whether it records.
    pub recording: bool,
    /// Its place at the block's first frame, in seconds; negative in a preroll.
    pub seconds: Option<f64>,
    /// The same in quarter notes.
    pub beats: Option<f64>,
    /// The same in frames.
    pub samples: Option<i64>,
    /// Quarter notes a minute.
    pub tempo: Option<f64>,
    /// The bar that the place is in, from 0, and where that begins, in quarter notes.
    pub bar: Option<(i32, f64)>,
    /// The time signature: beats in a bar, and which note is a beat.
    pub signature: Option<(i32, i32)>,
    /// Where an active loop begins and ends, in seconds. Only as the host itself has it in seconds
    /// or frames: what is reckoned from beats by the present tempo is wrong wherever the tempo
    /// changes. Without it a loop is a jump like any other, seen in the block after it.
    pub loop_seconds: Option<(f64, f64)>,
    /// Frames a second.
    pub sample_rate: f64,
    /// Frames in the block.
    pub frames: usize,
    /// Whether the host bypasses the plugin.
    pub bypassed: bool,
}

impl HostBlock {
    /// The place at the block's first frame, in seconds, where the host says it in any way.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn place(&self) -> Option<f64> {
        let from_samples = || Some(self.samples? as f64 / self.rate());
        let from_beats = || Some(self.beats? * 60.0 / self.tempo.filter(|tempo| *tempo > 0.0)?);
        self.seconds.or_else(from_samples).or_else(from_beats).filter(|place| place.is_finite())
    }

    /// The bar and the beat in it at the block's first frame, both from 1, where the host says them.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn bar_and_beat(&self) -> Option<(i32, f64)> {
        let ((bar, begin), beats) = self.bar.zip(self.beats)?;
        let (_, denominator) = self.signature?;
        let beat = (beats - begin) * f64::from(denominator) / 4.0 + 1.0;
        beat.is_finite().then_some((bar.saturating_add(1), beat))
    }

    /// The block's length in seconds.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn length(&self) -> f64 {
        self.frames as f64 / self.rate()
    }

    /// Frames a second; 1 where the host says nonsense.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn rate(&self) -> f64 {
        if self.sample_rate.is_finite() && self.sample_rate >= 1.0 { self.sample_rate } else { 1.0 }
    }

    /// The frame at which the loop ends inside this block, if it begins at `place`, with the place
    /// that the host is at then. A loop shorter than the block is left alone.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn wrap(&self, place: f64) -> Option<(usize, f64)> {
        let (start, end) = self.loop_seconds?;
        let until = (end - place) * self.rate();
        // Comparisons with a NaN are false.
        if !(end - start >= self.length() && until > SLACK) {
            return None;
        }
        let frame = (until - SLACK).ceil();
        (frame < self.frames as f64).then(|| (frame as usize, place + frame / self.rate() - (end - start)))
    }
}

/// What moves the performance.
#[derive(Clone, Copy, Debug, Default, Enum, PartialEq, Eq)]
pub enum Sync {
    /// Its own commands only.
    #[default]
    #[id = "free"]
    Free,
    /// The host's transport too.
    #[id = "host"]
    Host,
}

/// What is asked of the performance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// To go to this score time, in seconds, 0 or more. Asked for a frame: whoever can only seek at
    /// a k boundary seeks as many seconds further as the boundary is later.
    Seek(f64),
    /// To play.
    Play,
    /// To pause.
    Pause,
}

/// An action and its frame in the block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The frame, below the block's length (0 in an empty block).
    pub frame: usize,
    /// What is asked.
    pub action: Move,
}

/// Most steps of a block: of its beginning and of the end of a loop, three each.
const MOST_STEPS: usize = 6;

/// The steps of a block, in their order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    steps: [Option<Step>; MOST_STEPS],
    count: usize,
}

impl Steps {
    /// The steps.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn iter(&self) -> impl Iterator<Item = Step> {
        self.steps.iter().copied().flatten()
    }

    fn push(&mut self, frame: usize, action: Move) {
        if let Some(step) = self.steps.get_mut(self.count) {
            *step = Some(Step { frame, action });
            self.count += 1;
        }
    }
}

/// What the piece is thought to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Piece {
    /// Nobody knows.
    #[default]
    Unknown,
    /// Paused, because the host is.
    Stopped,
    /// Paused, because its time has not come.
    Waiting,
    /// Playing.
    Playing,
}

/// Follows the host's transport.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transport {
    sync: Option<Sync>,
    piece: Piece,
    offset: f64,
    /// Where the host should be when the next block begins, in seconds.
    expected: Option<f64>,
    /// How far off reports are that may be jitter, in seconds, and how many in a row.
    suspect: Option<(f64, u32)>,
}

impl Transport {
    /// Takes a block: what it asks of the performance. `offset` is the host's time at which the
    /// piece begins, in seconds.
    ///
    /// The first block that is followed brings the piece to where the host is. A change from
    /// [`Sync::Free`] to [`Sync::Host`] does not: the piece goes on as it is until the host starts,
    /// stops or jumps.
    ///
    /// A seek to where the piece is already (the caller knows the score time) may be left out, so
    /// that a pause of the host keeps the notes that sound.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn block(&mut self, sync: Sync, offset: f64, host: &HostBlock) -> Steps {
        let mut steps = Steps::default();
        let offset = if offset.is_finite() { offset } else { 0.0 };
        match (self.sync.replace(sync), sync) {
            (_, Sync::Free) => {}
            (Some(Sync::Free), Sync::Host) => self.adopt(offset, host),
            (_, Sync::Host) if host.playing => self.follow(offset, host, &mut steps),
            (_, Sync::Host) => self.stop(&mut steps),
        }
        steps
    }

    /// Forgets what the piece does, because something else has moved it or it is another one: the
    /// next block that is followed brings it to where the host is.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn adopt(&mut self, offset: f64, host: &HostBlock) {
        let place = host.place().filter(|_| host.playing);
        self.offset = offset;
        self.suspect = None;
        self.expected = place.map(|place| place + host.length());
        self.piece = match place {
            _ if !host.playing => Piece::Stopped,
            Some(place) if place < offset => Piece::Waiting,
            _ => Piece::Playing,
        };
    }

    fn stop(&mut self, steps: &mut Steps) {
        if matches!(self.piece, Piece::Playing | Piece::Unknown) {
            steps.push(0, Move::Pause);
        }
        self.piece = Piece::Stopped;
        self.expected = None;
        self.suspect = None;
    }

    fn follow(&mut self, offset: f64, host: &HostBlock, steps: &mut Steps) {
        let starts = matches!(self.piece, Piece::Unknown | Piece::Stopped);
        let moved = self.has_jumped(host) || starts || offset != self.offset;
        self.offset = offset;
        let reported = host.place();
        let Some(place) = (if moved { reported.or(self.expected) } else { self.expected }) else {
            // A host that never says where it is can still be played along with.
            if starts {
                steps.push(0, Move::Play);
                self.piece = Piece::Playing;
            }
            return;
        };
        let wrap = host.wrap(place);
        if moved || self.piece == Piece::Waiting {
            self.go(place, 0, wrap.map_or(host.frames, |(frame, _)| frame), host.rate(), steps);
        }
        let mut next = place + host.length();
        if let Some((frame, begin)) = wrap {
            self.go(begin, frame, host.frames, host.rate(), steps);
            next = begin + (host.frames - frame) as f64 / host.rate();
        }
        self.expected = Some(next);
    }

    /// Whether the host is elsewhere than it should be.
    fn has_jumped(&mut self, host: &HostBlock) -> bool {
        let (Some(place), Some(expected)) = (host.place(), self.expected) else {
            self.suspect = None;
            // It may only now have begun to say where it is.
            return host.place().is_some();
        };
        let same = SAME_FRAMES / host.rate() + place.abs() * ROUNDING;
        let off = place - expected;
        let suspect = self.suspect.take();
        if off.abs() <= same.max(JITTER_SECONDS) {
            return false;
        }
        // Measured against the first of them: a slow clock's reports differ little from one another.
        let again = suspect.filter(|(first, _)| (off - first).abs() <= same);
        let (first, count) = again.map_or((off, 1), |(first, count)| (first, count + 1));
        if off.abs() > JUMP_SECONDS || count >= CERTAIN {
            return true;
        }
        self.suspect = Some((first, count));
        false
    }

    /// Brings the piece to the host's `place` at frame `from`, or to its beginning where that comes
    /// before frame `until`.
    fn go(&mut self, place: f64, from: usize, until: usize, rate: f64, steps: &mut Steps) {
        let target = place - self.offset;
        let wait = (-target * rate - SLACK).ceil().max(0.0);
        if wait > 0.0 {
            if matches!(self.piece, Piece::Playing | Piece::Unknown) {
                steps.push(from, Move::Pause);
            }
            self.piece = Piece::Waiting;
        }
        let begin = from as f64 + wait;
        // An empty block is no reason to wait for the next.
        if wait > 0.0 && begin >= until as f64 {
            return;
        }
        steps.push(begin as usize, Move::Seek((target + wait / rate).max(0.0)));
        if self.piece != Piece::Playing {
            steps.push(begin as usize, Move::Play);
        }
        self.piece = Piece::Playing;
    }
}

#[cfg(test)]
mod tests;
